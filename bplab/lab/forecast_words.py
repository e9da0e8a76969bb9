"""The forecast in one sentence: what becomes of the error on its way back, and what else will hold learning up.

What is told is the middle of the networks drawn, or what theory expects as long as none is. An error that stays
within a factor of ten of the last layer's is healthy, as everywhere in the lab.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Protocol

from bplab.engine import SGD, Chance, Momentum, response
from bplab.engine.sizes import HEALTHY_SHORTFALL

from .experiment import Experiment
from .layer_words import has_weights
from .problem import layer_names
from .report.words import listed, percent

UNCHANGED = math.log10(2.0)
"""Decades up to which an error counts as of the same size."""
OFTEN_DEAD = 0.05
FADED, LOUD = 0.1, 1e3
"""Outputs of hidden layers below and above these (RMS) are told."""
BEYOND = 1e6
"""Factors from here on are told as powers of ten."""


class Number(Protocol):
    """A number of the forecast."""

    @property
    def typical(self) -> float | None:
        """Of the network in the middle; None where nothing is known."""

    @property
    def high(self) -> float | None:
        """5 % of networks lie above; None where none is drawn."""


class LayerNumbers(Protocol):
    """What the sentence stands on, of one layer."""

    @property
    def rms(self) -> Number: ...
    @property
    def delta(self) -> Number: ...
    @property
    def saturation(self) -> Number | None: ...


def sentence_of(experiment: Experiment, layers: Sequence[LayerNumbers], born_dead: Chance | None) -> str:
    """One sentence, of parts divided by semicolons, without a full stop."""
    parts = [_error(experiment, layers), _elsewhere(experiment, layers), _signals(experiment, layers)]
    said = "; ".join(part for part in [*parts, _saturation(experiment, layers), _born_dead(born_dead)] if part)
    return said.replace("\N{NO-BREAK SPACE}", " ")


def is_healthy(experiment: Experiment, layers: Sequence[LayerNumbers], born_dead: Chance | None) -> bool:
    """True if the sentence warns of nothing."""
    learning = _learning(experiment)
    size = _typical(layers[learning[0]].delta) if learning else 0.0
    steady = size is None or (size > 0.0 and abs(math.log10(size)) <= HEALTHY_SHORTFALL)
    warnings = (part(experiment, layers) for part in (_elsewhere, _signals, _saturation))
    return steady and not any(warnings) and not _born_dead(born_dead)


def times(factor: float) -> str:
    """``1.9×``, ``620×``, ``12,000×``, ``1e9×``: two digits, none where that is plenty."""
    if factor >= BEYOND:
        return f"1e{math.log10(factor):.0f}×"
    return f"{float(f'{factor:.1e}'):,.1f}×".replace(".0×", "×")


def _learning(experiment: Experiment) -> list[int]:
    """Layers with weights that training moves, from 0."""
    found = experiment.network.layers
    return [number for number, layer in enumerate(found) if has_weights(layer) and not layer.frozen]


def _typical(number: Number | None) -> float | None:
    value = None if number is None else number.typical
    return None if value is None or math.isnan(value) else value


def _error(experiment: Experiment, layers: Sequence[LayerNumbers]) -> str:
    learning, last = _learning(experiment), len(layers) - 1
    if not learning:
        return "nothing will learn: every layer is frozen"
    first = learning[0]
    if first == last:
        return "the error goes straight from the loss to the only layer that learns: nothing can shrink it on the way"
    size = _typical(layers[first].delta)
    if size is None:
        return "theory does not say what becomes of the error here"
    if size == 0.0:
        return _lost(experiment, layers, first)
    if math.isinf(size):
        return "signals or errors will leave the range of numbers"
    weighing = [number for number in range(first, last + 1) if has_weights(experiment.network.layers[number])]
    return _flow(math.log10(size), len(weighing) - 1, _speed(experiment, first, size))


def _flow(decades: float, steps: int, effect: str) -> str:
    """What an error does that changes by so many decades over so many layers."""
    way, factor = ("shrink", 10.0**-decades) if decades < 0.0 else ("grow", 10.0**decades)
    if abs(decades) <= UNCHANGED:
        return f"error will keep about its size on its way back: {effect}"
    if abs(decades) <= HEALTHY_SHORTFALL:
        return f"error will {way} only {times(factor)} in all: {effect}"
    if steps == 1:
        return f"error will {way} about {times(factor)} on its way back: {effect}"
    return f"error will {way} about {times(factor ** (1.0 / steps))} per layer: {effect}"


def _speed(experiment: Experiment, first: int, size: float) -> str:
    """What that means for the first layer that learns, against the last one."""
    layers: Any = experiment.network.layers
    whole = first == 0
    name = "the first layer" if whole else layer_names(layers)[first]
    factor = max(size, 1.0 / size)
    # Elsewhere speed is not in proportion to δ: steps are scaled, or a gradient sums over places.
    plain = isinstance(experiment.training.optimizer, SGD | Momentum) and all(_is_dense(layer) for layer in layers)
    if plain and factor <= 2.0:
        return f"{name} will learn about as fast as the last"
    if plain:
        return f"{name} will learn {times(factor)} {'slower' if size < 1.0 else 'faster'} than the last"
    if factor <= 2.0:
        return f"at {name} it will be about as large as at the last"
    return f"at {name} it will be {times(factor)} {'smaller' if size < 1.0 else 'larger'} than at the last"


def _is_dense(layer: Any) -> bool:
    return has_weights(layer) and hasattr(layer, "units")


def _lost(experiment: Experiment, layers: Sequence[LayerNumbers], first: int) -> str:
    """Which layers no error reaches."""
    names, reached = layer_names(experiment.network.layers), first
    while reached + 1 < len(layers) and _typical(layers[reached + 1].delta) == 0.0:
        reached += 1
    where = "in most such networks " if layers[first].delta.high else ""
    if reached == len(layers) - 1:
        return f"{where}no error will reach any layer: nothing will learn"
    through = f"{names[first]} to {names[reached]}" if reached > first else names[first]
    return f"{where}no error will reach {through}: {'they' if reached > first else 'it'} will stand still"


def _elsewhere(experiment: Experiment, layers: Sequence[LayerNumbers]) -> str:
    """A layer between whose error is out of bounds although the first one's is not."""
    learning = _learning(experiment)
    sizes = {number: _typical(layers[number].delta) for number in learning}
    known = {number: size for number, size in sizes.items() if size is not None and 0.0 < size < math.inf}
    if len(known) < 2 or len(known) < len(learning) or abs(math.log10(known[learning[0]])) > HEALTHY_SHORTFALL:
        return ""
    worst = max(known, key=lambda number: abs(math.log10(known[number])))
    size = known[worst]
    if abs(math.log10(size)) <= HEALTHY_SHORTFALL:
        return ""
    name = layer_names(experiment.network.layers)[worst]
    return f"but at {name} it will be {times(max(size, 1.0 / size))} {'smaller' if size < 1.0 else 'larger'}"


def _signals(experiment: Experiment, layers: Sequence[LayerNumbers]) -> str:
    """Outputs that fade or grow on their way to the last layer."""
    names = layer_names(experiment.network.layers)
    sizes = {name: _typical(layer.rms) for name, layer in zip(names[:-1], layers[:-1], strict=True)}
    known = {name: size for name, size in sizes.items() if size is not None}
    if not known:
        return ""
    least, most = min(known, key=lambda name: known[name]), max(known, key=lambda name: known[name])
    if math.isinf(known[most]):
        return f"signals will grow beyond all numbers by {most}"
    if known[most] >= LOUD:
        return f"signals will grow to {times(known[most])} a healthy size at {most}"
    if known[least] == 0.0:
        return f"{least} will say nothing at all"
    if known[least] < FADED:
        return f"signals will fade to {times(1.0 / known[least])} less than a healthy size at {least}"
    return ""


def _saturation(experiment: Experiment, layers: Sequence[LayerNumbers]) -> str:
    """Layers most of whose neurons are where f is flat: more than half of those that need not be."""
    shares = {}
    for name, layer, numbers in zip(
        layer_names(experiment.network.layers), experiment.network.layers, layers, strict=True
    ):
        share = _typical(numbers.saturation)
        if share is not None and layer.activation.elementwise and share >= 0.5 * (1.0 + _usual(layer.activation)):
            shares[name] = share
    if not shares:
        return ""
    names, low, high = list(shares), percent(min(shares.values())), percent(max(shares.values()))
    span = low if low == high else f"{low.removesuffix('%').rstrip()} to {high}"
    some = listed(names) if len(names) <= 3 else f"{len(names)} of {len(layers)} layers"
    return f"{span} of {some} will be saturated from the start"


def _usual(activation: Any) -> float:
    """The share that is saturated where z has mean 0 and variance 1: one half for ReLU."""
    return float(response(activation, 0.0, 1.0).saturated[0])


def _born_dead(chance: Chance | None) -> str:
    if chance is None or chance.share < OFTEN_DEAD:
        return ""
    return f"in {percent(chance.share)} of such networks a whole ReLU layer is dead from the start"
