"""A scene: what of a film is to be seen on a drawing of the network while it stands at a phase.

Every column shows the quantity that was computed for it last: the inputs x, a layer its z, then a, on the way back δ,
and with the update Δb. What leads to a dense layer shows its weights w, later ∂C/∂w, at last Δw. Of one sample all
numbers are its own, so that what is shown multiplies to what is shown: its part of ∂C/∂w is a·δ. Of a whole batch
x, z and a are means and δ is an RMS value; gradients and updates always are the batch's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from bplab.engine.calls import Array, execute

from .camera import INPUTS
from .film import Film
from .phases import Phase

FORWARD = {
    "weigh": ("weighted_inputs", "z"),
    "normalize": ("normalized", "ẑ"),
    "activate": ("activated", "a"),
    "drop": ("dropped", "a"),
    "skip": ("joined", "a"),
}
"""What a phase of the way there computes: the name of the array, and its symbol."""


@dataclass(frozen=True, eq=False, slots=True)
class Seen:
    """One quantity of a column, ``(units,)``, or of what leads to it, ``(inputs, units)``."""

    symbol: str
    values: Array
    lit: bool
    over_batch: Literal["", "mean", "RMS"] = ""
    """How the samples of a whole batch are put together; empty where they need not be."""

    @property
    def signed(self) -> bool:
        """False for an RMS value, which has no sign."""
        return self.over_batch != "RMS"


@dataclass(frozen=True, eq=False, slots=True)
class Verdict:
    """What the loss compares."""

    targets: Array
    """``(units,)``; of a whole batch the mean."""
    batch: float
    """C of the batch."""
    sample: float | None
    """That of the chosen sample; None for the whole batch."""


@dataclass(frozen=True, eq=False, slots=True)
class Scene:
    """What is to be seen; layers from 0, the inputs being ``INPUTS``."""

    phase: Phase
    columns: dict[int, Seen]
    edges: dict[int, Seen]
    biases: Array | None
    """Where a dense layer weighs what comes in: what it adds, ``(units,)``."""
    verdict: Verdict | None
    """From the loss on, until the error has left the last layer."""
    samples: Array
    """The training samples of the batch ``(samples,)``."""
    sample: int | None
    """Which of them is looked at, from 0; None for the whole batch."""


def scene_of(film: Film, sample: int | None) -> Scene:
    """What is to be seen of ``film`` where it stands, of one sample of the batch or of all."""
    view = _View(film, sample)
    layers = range(INPUTS, len(film.take.stages))
    columns = {layer: seen for layer in layers if (seen := view.column(layer)) is not None}
    edges = {layer: seen for layer in layers[1:] if (seen := view.edges(layer)) is not None}
    return Scene(film.phase, columns, edges, view.biases(), view.verdict(), film.take.samples, sample)


class _View:
    """One film where it stands, looked at for one sample or the batch."""

    def __init__(self, film: Film, sample: int | None) -> None:
        self._film, self._sample, self._phase = film, sample, film.phase
        self._last = len(film.take.stages) - 1
        self._mean: Literal["", "mean"] = "mean" if sample is None else ""

    def column(self, layer: int) -> Seen | None:
        """What a layer shows, or the inputs; None where nothing is computed yet."""
        known, take, phase = self._film.value, self._film.take.values, self._phase
        lit = layer in phase.lights.neurons
        if phase.kind == "update":
            if ("biases", layer) in take and take["biases", layer].ndim == 1:
                changed = take["biases", layer] - take["biases_before", layer]
                return Seen("Δb", self._by_unit(layer, changed), True)
        elif layer == INPUTS:
            return Seen("x", self._of_sample(take["outputs", INPUTS]), lit, self._mean)
        delta = known("delta", layer) if layer != INPUTS else None
        if delta is not None:
            values = _rms(delta) if self._sample is None else delta[self._sample]
            return Seen("δ", values, lit, "RMS" if self._mean else "")
        name, symbol = self._latest(layer)
        return Seen(symbol, self._of_sample(take[name, layer]), lit, self._mean) if name else None

    def _latest(self, layer: int) -> tuple[str, str]:
        """The array that a layer's last phase on the way there computed, and its symbol; empty if there was none."""
        film = self._film
        if layer == INPUTS:
            return "outputs", "x"
        kinds = [phase.kind for phase in film.phases[: film.at + 1] if phase.layer == layer and phase.kind in FORWARD]
        if not kinds:
            return "", ""
        if kinds[-1] == "weigh" and film.value("outputs", layer) is not None:
            return "outputs", "a"  # a layer without weights
        name, symbol = FORWARD[kinds[-1]]
        return name, "â" if symbol == "ẑ" and "activate" in kinds else symbol

    def _by_unit(self, layer: int, by_channel: Array) -> Array:
        """What every channel has, for every unit of it."""
        units = self._film.take.values["outputs", layer].shape[1]
        return np.repeat(by_channel, units // len(by_channel))

    def edges(self, layer: int) -> Seen | None:
        """What leads to a dense layer; None where units share their weights, or there are none."""
        take, phase = self._film.take.values, self._phase
        entering, own = take["outputs", layer - 1].shape[1], take["outputs", layer].shape[1]
        weights = take.get(("weights_before", layer))
        if weights is None or weights.shape != (entering, own):
            return None
        lit = layer in phase.lights.edges
        if phase.kind == "update":
            return Seen("Δw", take["weights", layer] - weights, lit)
        gradient = self._film.value("weights_gradient", layer)
        if gradient is None or (lit and phase.kind == "delta"):  # an error comes back by the weights
            return Seen("w", weights, lit)
        if self._sample is not None:
            gradient = np.outer(take["outputs", layer - 1][self._sample], take["delta", layer][self._sample])
        return Seen("∂C/∂w", gradient, lit)

    def biases(self) -> Array | None:
        """What a dense layer adds while it weighs."""
        phase, take = self._phase, self._film.take.values
        if phase.kind != "weigh" or phase.layer is None or phase.layer not in phase.lights.edges:
            return None
        biases = take.get(("biases_before", phase.layer))
        learned = ("biases_gradient", phase.layer) in take  # else there are none, and they stay 0
        is_dense = biases is not None and len(biases) == take["outputs", phase.layer].shape[1]
        return biases if learned and is_dense else None

    def verdict(self) -> Verdict | None:
        """What the loss compares, while the film stands at it or at the error that comes of it."""
        phase, take = self._phase, self._film.take
        if phase.kind != "loss" and (phase.kind, phase.layer) != ("delta", self._last):
            return None
        own = None if self._sample is None else loss_of(self._film, self._sample)
        return Verdict(self._of_sample(take.values["targets", self._last]), take.loss, own)

    def _of_sample(self, values: Array) -> Array:
        """One row of ``(samples, units)``, or the mean of all."""
        return np.asarray(values.mean(axis=0) if self._sample is None else values[self._sample])


def loss_of(film: Film, sample: int) -> float:
    """The loss of one sample of the batch (from 0), computed as the batch's is."""
    take, last = film.take.values, len(film.take.stages) - 1
    loss = film.start.experiment.training.loss

    def row(name: str) -> Array:
        return np.ascontiguousarray(take[name, last][sample : sample + 1].T)

    outputs, targets = row("outputs"), row("targets")
    error = np.empty_like(outputs)
    if film.take.paired:
        normalized = "normalize" in film.take.stages[last][:1]
        z = row("normalized" if normalized else "weighted_inputs")
        calls, total = loss.compare_paired(z, outputs, targets.astype(z.dtype), error)
    else:
        calls, total = loss.compare(outputs, targets.astype(outputs.dtype), error)
    with np.errstate(all="ignore"):
        execute(calls)
        return float(total())


def what_is_shown(scene: Scene) -> str:
    """Of which samples the numbers are, in a sentence or two."""
    count = len(scene.samples)
    if count == 1:
        return f"Numbers are those of training sample {scene.samples[0]:,}, the only one of this batch."
    if scene.phase.kind == "update":
        return f"Changes are those that the whole batch of {count:,} samples makes."
    if scene.sample is not None:
        told = f"Numbers are those of training sample {scene.samples[scene.sample]:,}."
        parts = any(seen.symbol == "∂C/∂w" and seen.lit for seen in scene.edges.values())
        if parts:
            return f"{told} Its part of ∂C/∂w is a·δ; all {count:,} parts sum to the gradient."
        own = scene.verdict.sample if scene.verdict is not None else None
        return told if own is None else f"{told} Its own loss is {own:.3g}; C is the mean of all {count:,}."
    named = {seen.symbol for seen in scene.columns.values()}
    means = [symbol for symbol in ("x", "z", "ẑ", "a", "â") if symbol in named]
    listed = " and ".join(filter(None, (", ".join(means[:-1]), means[-1])))
    listed += " are means" if means[1:] else " is a mean"
    rms_too = ", δ is an RMS value" if "δ" in named else ""
    return f"Over the {count:,} samples of the batch {listed}{rms_too}."


def _rms(values: Array) -> Array:
    return np.asarray(np.sqrt(np.mean(np.square(values), axis=0)))
