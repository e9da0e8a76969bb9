"""Mean-field theory through a whole network: the size of signals from layer to layer, and of errors back.

Each sample is followed by itself. Over the units of a wide layer of random weights its z is Gaussian, with mean
``n·E[w]·mean(a_in) + E[b]`` and variance ``n·Var(w)·mean(a_in²) + Var(b)``. An error is a sum of as many independent
parts: ``mean(error²) = n_next·Var(w_next)·mean(δ_next²)`` and ``mean(δ²) = E[f'²]·mean(error²)``, as if the weights
on the way back were others than on the way forward (Poole et al. 2016; Schoenholz et al. 2017, section 4). A
normalization divides by what it measures (Yang et al. 2019); a skip adds its source's square, forward as well as
back (Yang & Schoenholz 2017).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from .choices import type_name
from .initializers import LSUV, GlorotUniform, Moments, Orthogonal, Site
from .layers import Dense
from .mean_field import Floats, Response, response
from .normalizations import BatchNorm, LayerNorm, Normalization, RMSNorm


class Signal(NamedTuple):
    """A layer's outputs, or the inputs, over the units of each sample; arrays ``(samples,)``."""

    units: int
    mean: Floats
    mean_square: Floats
    batch_variance: float | None
    """Of one unit over the samples, mean over units; None where the theory does not follow it."""


class Stage(NamedTuple):
    """Values behind a normalization, or where there is none; arrays ``(samples,)``."""

    mean: Floats
    variance: Floats
    divisor: Floats | None
    """What the normalization divides by; None where the theory does not know."""
    centred: bool
    """Whether each sample's mean over the units was taken off."""


class Errors(NamedTuple):
    """∂C/∂ something over the units of each sample, against the last layer's δ; arrays ``(samples,)``."""

    mean: Floats
    mean_square: Floats


@dataclass(frozen=True, eq=False)
class LayerTheory:
    """What the theory says of one dense layer; arrays ``(samples,)``."""

    layer: Dense
    fan_in: int
    weights: Moments
    """Of one weight, after LSUV's scaling if there is one."""
    biases: Moments
    before: Stage
    """What the activation takes: z, normalized if a normalization stands there."""
    response: Response | None
    """What the activation makes of it; None for softmax."""
    behind: Stage
    """What the activation gives, normalized if a normalization stands there."""
    outputs: Signal

    @property
    def weight_variance(self) -> float:
        """σw² = n·Var(w)."""
        return self.fan_in * self.weights.variance

    @property
    def bare(self) -> bool:
        """True where nothing but f stands between z and the outputs."""
        return self.layer.normalization is None and self.layer.skip is None

    def errors_of_inputs(self, delta: Errors) -> Errors:
        """∂C/∂a_in from ∂C/∂z."""
        mean = self.layer.units * self.weights.mean * delta.mean
        return Errors(mean, self.layer.units * self.weights.variance * delta.mean_square + mean**2)

    def delta(self, outputs: Errors) -> Errors | None:
        """∂C/∂z from ∂C/∂outputs; None where what a normalization divides by is not known."""
        activated = _undo(self.behind, outputs)
        if activated is None or self.response is None:
            return None
        slope, slope_square = self.response.slope, self.response.slope_square
        return _undo(self.before, Errors(activated.mean * slope, activated.mean_square * slope_square))


def _undo(stage: Stage, behind: Errors) -> Errors | None:
    """Errors before a normalization from those behind it, of which it takes the mean off if it centres."""
    if stage.divisor is None:
        return None
    mean = np.zeros_like(behind.mean) if stage.centred else behind.mean
    left = behind.mean_square - (behind.mean**2 - mean**2)
    return Errors(mean / stage.divisor, left / stage.divisor**2)


@dataclass(frozen=True, eq=False)
class Propagation:
    """The theory of a network, an entry per layer."""

    layers: list[LayerTheory | None]
    """None from the first layer on that the theory leaves out."""
    deltas: list[Floats | None]
    """mean(δ²) of each sample against the last layer's; None where the theory does not reach back to."""
    notes: list[str]
    """What the theory assumes of a layer, or why it leaves it out; may be empty."""


def propagate(layers: Sequence[Any], x: Floats) -> Propagation:
    """Theory of a network of ``layers`` on inputs ``x (samples, features)``."""
    signals = [Signal(x.shape[1], x.mean(axis=1), np.mean(x**2, axis=1), float(x.var(axis=0).mean()))]
    found: list[LayerTheory | None] = []
    notes: list[str] = []
    with np.errstate(all="ignore"):  # what grows beyond all numbers ends the theory
        for number, layer in enumerate(layers, start=1):
            theory, note = None, "the theory ended before this layer"
            if None not in found:
                theory, note = _theory(layer, signals, last=number == len(layers))
            found.append(theory)
            notes.append(note)
            if theory:
                signals.append(theory.outputs)
        return Propagation(found, _backward(found), notes)


def _theory(layer: Any, signals: Sequence[Signal], last: bool) -> tuple[LayerTheory | None, str]:
    """One layer behind ``signals``, with what is assumed of it; or None, and why the theory leaves it out."""
    reason = _left_out(layer, last)
    if reason:
        return None, reason
    moments = _moments(layer, signals[-1].units)
    if moments is None:
        return None, "the size of its first values is not known before they are drawn"
    theory = _forward(layer, moments, signals)
    if not np.isfinite(theory.outputs.mean_square).all():
        return None, "signals grow beyond all numbers here"
    return theory, "; ".join(_assumptions(theory, moments))


def _left_out(layer: Any, last: bool) -> str:
    """Why the theory leaves a layer of this kind out; empty if it does not."""
    if not isinstance(layer, Dense):
        return f"the theory leaves {type_name(layer)} layers out"
    if not layer.activation.elementwise and not last:
        return f"the theory leaves {type_name(layer.activation)} before the last layer out"
    if not isinstance(layer.normalization, BatchNorm | LayerNorm | RMSNorm | None):
        return f"the theory leaves {type_name(layer.normalization)} out"
    return ""


def _moments(layer: Dense, fan_in: int) -> tuple[Moments, Moments] | None:
    """Of one weight and one bias; None if one of them is not known before the draw."""
    site = Site(fan_in, layer.units, layer.activation)
    drawn = Orthogonal() if isinstance(layer.weights, LSUV) else layer.weights  # scaled later
    weights = drawn.moments((fan_in, layer.units), site)
    biases = layer.biases.moments((layer.units,), site) if layer.bias else Moments(0.0, 0.0)
    return (weights, biases) if weights and biases else None


def _assumptions(theory: LayerTheory, moments: tuple[Moments, Moments]) -> list[str]:
    said = [part.assumption for part in moments]
    if theory.response is None:
        said.append(f"the theory has no outputs of {type_name(theory.layer.activation)}, which depend on all units")
    if isinstance(theory.layer.normalization, BatchNorm):
        said.append("the batch counts as large and the z of a unit as Gaussian over it")
    if theory.before.divisor is None or theory.behind.divisor is None:
        said.append("the variance over the batch is not known, and so neither is δ from here back")
    if theory.layer.skip is not None:
        said.append("what a skip brings counts as independent of the layer's own values")
    return [text for text in said if text]


def _forward(layer: Dense, moments: tuple[Moments, Moments], signals: Sequence[Signal]) -> LayerTheory:
    """One layer behind ``signals``: the inputs, then every earlier layer's outputs."""
    entering, (weights, biases) = signals[-1], moments
    fan_in, norm = entering.units, layer.normalization
    mean = fan_in * weights.mean * entering.mean + biases.mean
    weighted = fan_in * weights.variance * entering.mean_square
    if isinstance(layer.weights, LSUV) and weighted.any():
        size = float(weighted.mean())
        weights, weighted = Moments(0.0, weights.variance / size), weighted / size
    variance = weighted + biases.variance
    over_batch = None
    if entering.batch_variance is not None and weights.mean == 0.0:
        over_batch = fan_in * weights.variance * entering.batch_variance
    before = _normalized(norm if norm and norm.place == "before" else None, mean, variance, over_batch)
    answer, own = None, Stage(np.zeros(1), np.zeros(1), np.ones(1), centred=False)
    if layer.activation.elementwise:
        answer = response(layer.activation, before.mean, before.variance)
        own_variance = np.maximum(answer.mean_square - answer.mean**2, 0.0)
        own = _normalized(norm if norm and norm.place == "after" else None, answer.mean, own_variance, None)
    return LayerTheory(layer, fan_in, weights, biases, before, answer, own, _outputs(layer, own, signals))


def _normalized(norm: Normalization | None, mean: Floats, variance: Floats, over_batch: float | None) -> Stage:
    """Behind a normalization of values with this mean and variance over the units of each sample.

    ``over_batch`` is the variance of one unit over the samples, None if not known.
    """
    if isinstance(norm, LayerNorm):
        divisor = np.sqrt(variance + norm.epsilon)
        return Stage(np.zeros_like(mean), variance / divisor**2, divisor, centred=True)
    if isinstance(norm, RMSNorm):
        divisor = np.sqrt(variance + mean**2 + norm.epsilon)
        return Stage(mean / divisor, variance / divisor**2, divisor, centred=False)
    if isinstance(norm, BatchNorm):
        if over_batch is None:
            return Stage(np.zeros_like(mean), np.ones_like(mean), None, centred=False)
        divisor = np.full_like(mean, np.sqrt(over_batch + norm.epsilon))
        return Stage(np.zeros_like(mean), over_batch / divisor**2, divisor, centred=False)
    return Stage(mean, variance, np.ones_like(mean), centred=False)


def _outputs(layer: Dense, own: Stage, signals: Sequence[Signal]) -> Signal:
    """The layer's outputs from its ``own`` values and what a skip adds."""
    mean, mean_square = own.mean, own.variance + own.mean**2
    batch_variance = float(own.variance.mean()) if isinstance(layer.normalization, BatchNorm) else None
    if layer.skip is not None:
        source = signals[layer.skip]
        scale = _skip_scale(source.units, layer.units, source.units)
        passed = source.mean if source.units == layer.units else np.zeros_like(mean)
        mean_square = mean_square + scale * source.mean_square + 2.0 * mean * passed
        mean = mean + passed
        own_variance, passed_variance = batch_variance, source.batch_variance
        batch_variance = None
        if own_variance is not None and passed_variance is not None:
            batch_variance = own_variance + scale * passed_variance
    return Signal(layer.units, mean, mean_square, batch_variance)


def _skip_scale(source: int, units: int, summed: int) -> float:
    """What a skip makes of a mean square: 1, or summed·Var(w) through the projection between other widths."""
    return 1.0 if source == units else summed * GlorotUniform().variance(Site(source, units))


def _backward(layers: Sequence[LayerTheory | None]) -> list[Floats | None]:
    """mean(δ²) of every layer against the last one's, as far back as the theory reaches.

    The last layer's δ counts as equally large for every sample and, where it has several units, as independent
    from unit to unit.
    """
    deltas: list[Floats | None] = [*(None for _ in layers[1:]), np.ones(1)]
    known = [theory for theory in layers if theory]
    if len(known) < len(layers) or known[-1].layer.skip is not None:  # what a last skip sends back depends on the loss
        return deltas
    skipped = [np.zeros(1) for _ in known]
    delta = Errors(np.full(1, float(known[-1].layer.units == 1)), np.ones(1))
    for number in range(len(known) - 1, 0, -1):
        theory, arriving = known[number - 1], known[number].errors_of_inputs(delta)
        errors = Errors(arriving.mean, arriving.mean_square + skipped[number])
        source = theory.layer.skip
        if source:
            width, units = known[source - 1].layer.units, theory.layer.units
            skipped[source] = skipped[source] + _skip_scale(width, units, units) * errors.mean_square
        through = theory.delta(errors)
        if through is None:
            break
        delta = through
        deltas[number - 1] = delta.mean_square
    return deltas
