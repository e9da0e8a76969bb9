"""The forecast of an experiment: step 0 of its network on its own data, as one object and as two tables."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable

import msgspec

from bplab.engine import Band, Chance, FixedPoint, Forecast, Forecaster, depth_scale
from bplab.engine.choices import type_name

from .blas import blas_if_free
from .experiment import Experiment
from .forecast_words import sentence_of
from .layer_words import has_activation, in_a_table
from .outcome import table
from .problem import Problem, layer_names, make_problem
from .report.words import counted, percent, three


class Range(msgspec.Struct, frozen=True):
    """One number at step 0. Without ``low`` and ``high`` as long as no networks are drawn.

    ``value in range`` tells whether a measured value lies inside.
    """

    low: float | None
    """5 % of networks lie below."""
    mean: float | None
    """Of the networks drawn; what theory expects as long as none is."""
    high: float | None
    """5 % of networks lie above."""
    expected: float | None
    """By mean-field theory; None where the theory does not reach."""
    median: float | None

    @classmethod
    def of(cls, band: Band) -> Range:
        """The engine's band."""
        if math.isnan(band.low):
            return cls(None, band.expected, None, band.expected, None)
        return cls(band.low, band.mean, band.high, band.expected, band.median)

    def __contains__(self, measured: float) -> bool:
        return self.low is not None and self.high is not None and self.low <= measured <= self.high

    @property
    def typical(self) -> float | None:
        """Of the network in the middle, or what theory expects."""
        return self.expected if self.median is None else self.median


class LayerOutlook(msgspec.Struct, frozen=True):
    """What a layer will measure at step 0 on the probe samples; the fields are those of the engine's forecast.

    What is infinite is ``null`` in JSON, as is what the theory does not say.
    """

    layer: int
    """1 is the first hidden layer."""
    units: int
    activation: str | None
    """None where the layer has none, as pooling; then nothing can saturate either."""
    rms: Range
    activation_std: Range
    saturation: Range | None
    delta: Range
    delta_ratio: Range | None
    chi1: Range | None
    depth_scale: Range | None
    weight_spread: float | None
    """σw = √(fan-in · Var(w)): where the layer stands in its activation's phase chart, with ``bias_spread``.

    None for the last layer, where more than f stands behind z, and where weights or biases have another mean than 0.
    """
    bias_spread: float | None
    """σb."""
    fixed_point: FixedPoint | None
    born_dead: Chance | None
    note: str


class Outlook(msgspec.Struct, frozen=True):
    """What ``bplab forecast --json`` prints."""

    name: str
    samples: int
    """Training samples on which the numbers are forecast."""
    draws: int
    """Networks drawn for the bands; 0 for what theory says alone."""
    born_dead: Chance | None
    """That some ReLU layer is dead as a whole; None without ReLU."""
    layers: list[LayerOutlook]
    chi: float | None
    """By what the square of an error changes from layer to layer, in the geometric mean over the hidden layers.

    χ₁ by theory where each of them has one, else the square of ``delta_ratio``; None for a single layer.
    """
    depth_scale: float | None
    """ξ = 1/|ln χ| in layers; infinite where χ is 1."""
    sentence: str


def forecaster_of(experiment: Experiment, problem: Problem | None = None) -> Forecaster:
    """A forecast for an experiment, to be drawn as far as wanted; ``InputError`` if it cannot be run."""
    found = problem or make_problem(experiment)
    network = experiment.build_network(found.train_inputs[:0])  # only its design counts
    return Forecaster(network, found.probe_inputs, found.probe_targets, fitted_to=found.train_inputs)


def outlook_of(experiment: Experiment, problem: Problem | None = None) -> Outlook:
    """The whole forecast for an experiment; ``InputError`` if it cannot be run.

    One BLAS thread is the quickest for so small products, and the same bits everywhere.
    """
    with blas_if_free(1):
        forecaster = forecaster_of(experiment, problem)
        forecaster.draw(forecaster.draws)
        return outlook_from(experiment, forecaster)


def outlook_from(experiment: Experiment, forecaster: Forecaster) -> Outlook:
    """What a forecast in the making says by now."""
    found = forecaster.forecast()
    layers = _layers(experiment, found)
    chi = _chi(layers)
    return Outlook(
        name=experiment.name,
        samples=forecaster.samples,
        draws=found.draws,
        born_dead=found.born_dead,
        layers=layers,
        chi=chi,
        depth_scale=None if chi is None else depth_scale(chi),
        sentence=sentence_of(experiment, layers, found.born_dead),
    )


def _layers(experiment: Experiment, found: Forecast) -> list[LayerOutlook]:
    return [
        LayerOutlook(
            layer=number,
            units=units,
            activation=type_name(layer.activation) if has_activation(layer) else None,
            rms=Range.of(seen.rms),
            activation_std=Range.of(seen.std),
            saturation=Range.of(seen.saturated) if has_activation(layer) else None,
            delta=Range.of(seen.delta),
            delta_ratio=None if seen.delta_ratio is None else Range.of(seen.delta_ratio),
            chi1=None if seen.chi1 is None else Range.of(seen.chi1),
            depth_scale=None if seen.depth_scale is None else Range.of(seen.depth_scale),
            weight_spread=None if seen.spreads is None else seen.spreads[0],
            bias_spread=None if seen.spreads is None else seen.spreads[1],
            fixed_point=seen.fixed_point(),
            born_dead=seen.born_dead,
            note=seen.note,
        )
        for number, (layer, units, seen) in enumerate(
            zip(experiment.network.layers, experiment.units, found.layers, strict=True), start=1
        )
    ]


def _chi(layers: list[LayerOutlook]) -> float | None:
    hidden = layers[:-1]
    growth = [layer.chi1.expected if layer.chi1 else None for layer in hidden]
    if None in growth:
        ratios = [layer.delta_ratio.typical if layer.delta_ratio else None for layer in hidden]
        growth = [None if ratio is None else ratio**2 for ratio in ratios]
    known = [factor for factor in growth if factor is not None]
    if not known or len(known) < len(hidden):
        return None
    return math.exp(math.fsum(map(math.log, known)) / len(known)) if min(known) > 0.0 else 0.0


def outlook_text(experiment: Experiment, outlook: Outlook) -> str:
    """The forecast as a sentence and two tables, forward and back, with what is to be said about them."""
    names, layers = layer_names(experiment.network.layers), outlook.layers
    shape = "-".join(str(units) for units in (experiment.data.describe().inputs, *experiment.units))
    forward: list[tuple[str, ...]] = [("layer", "units", "activation", "output rms", "output std", "saturated")]
    back: list[tuple[str, ...]] = [("layer", "δ : δ out", "δ : δ next", "χ₁", "ξ in layers")]
    for name, design, layer in zip(names, experiment.network.layers, layers, strict=True):
        sizes = _cell(layer.rms), _cell(layer.activation_std), _cell(layer.saturation, percent)
        forward.append((name, f"{layer.units:,}", in_a_table(design), *sizes))
        back.append((name, *map(_cell, (layer.delta, layer.delta_ratio, layer.chi1, layer.depth_scale))))
    lines = [
        f"{outlook.name}: {type_name(experiment.data)}, {shape}, before training",
        "",
        *textwrap.wrap(
            outlook.sentence[0].upper() + outlook.sentence[1:] + ".", 96, initial_indent="  ", subsequent_indent="  "
        ),
        "",
        f"  Each number is what very wide layers would have, and in brackets where 5 to 95 % of {outlook.draws}",
        f"  networks of these widths lie, on {counted(outlook.samples, 'training sample')}.",
        "",
        *table(forward, left=(0, 2)),
        "",
        *table(back, left=(0,)),
        *_remarks(names, outlook),
    ]
    return "\n".join(lines).replace("\N{NO-BREAK SPACE}", " ")


def _cell(band: Range | None, write: Callable[[float | None], str] = three) -> str:
    """``0.383 (0.374–0.403)``; one number where nothing is left to chance, a dash where there is none."""
    if band is None:
        return write(None)
    if band.low == band.high == band.expected:
        return write(band.expected)
    return f"{write(band.expected)} ({write(band.low)}–{write(band.high)})"


def _remarks(names: list[str], outlook: Outlook) -> list[str]:
    remarks = [f"{name}: {layer.note}" for name, layer in zip(names, outlook.layers, strict=True) if layer.note]
    dead = outlook.born_dead
    if dead:
        most = "" if dead.bound is None else f", by theory at most {percent(dead.bound)}"
        remarks.append(
            f"born dead, with a ReLU layer that answers to no sample: {percent(dead.share)} of these networks "
            f"({percent(dead.low)}–{percent(dead.high)}){most}"
        )
    return ["", *(f"  {remark}" for remark in remarks)] if remarks else []
