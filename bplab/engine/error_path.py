"""The way of an error from the loss back to one δ, as factors that multiply to it.

With a = f(z) and layer m behind layer l, sizes make a chain in which each stands once as what remains and once as what
was there::

    |δ_l| = |δ_m| · weights · derivative · normalization        and so on for |δ_m|, down to |∂C/∂a| at the loss

Each factor is the ratio of two sizes, so products are exact to rounding whatever stands in the layer. A size is the
value itself, with its sign, where there is one only (one unit, one sample) and the RMS of all otherwise. A ratio of RMS
values is a mean as well: ``derivative`` is the RMS of f' over what it is taken of, weighted by the squares of the
errors that meet it. Layers are counted from 0, sizes are in float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .chain_rule import check_layer, check_passed, computed_from_z, entering
from .errors import InputError
from .layers import Conv2D, Dense
from .network import Backprop, Network
from .normalizations import BatchNorm
from .probes import rms

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class ErrorStep:
    """How one layer made its δ of what came from behind it: ``delta_next · weights · derivative · normalization``."""

    layer: int
    source: int | None
    """The layer whose δ ``delta_next`` is; None at the output layer, where it is ∂C/∂a."""
    by_skip: bool
    """True where most of the error comes by a skip: the source is then its end, and ``delta_next`` ∂C/∂a there."""
    delta_next: float
    weights: float
    """What of it arrives at the layer's outputs: ``Σ_k w_jk · δ_k`` and what skips add, per size of δ_k; 1 behind
    the output layer."""
    derivative: float
    """What f' leaves; 1 where the loss is computed from z. Of a softmax, what its matrix of derivatives leaves."""
    normalization: float
    """What a normalization does to the error, before f or behind it; 1 where there is none."""
    delta: float
    """The size of δ; of the layer at the end of a skip, of ∂C/∂a."""


def error_path(
    network: Network, passed: Backprop, layer: int, unit: int | None = None, sample: int | None = None
) -> list[ErrorStep]:
    """The steps of δ of a layer, or of one unit (feature map) of it, from there to the loss.

    Where errors come from the next layer and by skips, the path follows whatever brings most.
    Over the batch, or for one ``sample``. Each step's ``delta_next`` is the next one's ``delta``, taken over all units
    of that layer. Where a normalization mixes samples (batch norm) or units (the others, and softmax), what stands
    behind it is taken over all that it mixes. Raises ``InputError`` if there is no such layer, unit or sample.
    """
    check_passed(network, passed)
    check_layer(network, layer)
    check_unit(network, layer, unit)
    check_sample(passed, sample)
    steps = []
    at, scope = layer, _Scope(unit, sample)
    from_delta = True
    while True:
        with np.errstate(all="ignore"):  # of a network that diverges, infinities may meet
            step, scope = _step(network, passed, at, scope, from_delta)
        steps.append(step)
        if step.source is None:
            return steps
        at, from_delta = step.source, not step.by_skip
        scope = _Scope(None, scope.sample)


def check_unit(network: Network, layer: int, unit: int | None) -> None:
    """``InputError`` if a layer has no such unit, or feature map."""
    channels = network.places[layer].channels
    if unit is not None and not 0 <= unit < channels:
        raise InputError(f"layer {layer + 1} has no unit {unit}; its units are 0 to {channels - 1}")


def check_sample(passed: Backprop, sample: int | None) -> None:
    """``InputError`` if a backward pass had no such sample."""
    samples = len(passed.output_errors)
    if sample is not None and not 0 <= sample < samples:
        raise InputError(f"there is no sample {sample}; the batch has 0 to {samples - 1}")


@dataclass(frozen=True)
class _Scope:
    """What a size is taken of: one unit or all, one sample or all."""

    unit: int | None
    sample: int | None


def _step(network: Network, passed: Backprop, layer: int, scope: _Scope, from_delta: bool) -> tuple[ErrorStep, _Scope]:
    """The step of one layer from its δ, or from its ∂C/∂a where a skip's error is followed."""
    place, last = network.places[layer], layer == len(network.layers) - 1
    norm = getattr(place.layer, "normalization", None) if from_delta else None

    def size(values: Sequence[Values]) -> float:
        return _size(values[layer], place.channels, scope)

    delta = size(passed.deltas) if from_delta else size(passed.errors)
    derivative = normalization = 1.0
    here = delta
    if norm is not None and norm.place == "before":
        scope = _mixed(norm, scope)
        before = size(passed.argument_errors)
        normalization, here = _ratio(here, before, 1.0), before
    if from_delta and not computed_from_z(network, layer):
        slope = _size(passed.derivatives[layer], place.channels, scope)
        if not place.layer.activation.elementwise:
            scope = _Scope(None, scope.sample)
        activated = size(passed.activated_errors)
        derivative, here = _ratio(here, activated, slope), activated
        if norm is not None and norm.place == "after":
            scope = _mixed(norm, scope)
            error = size(passed.errors)
            normalization, here = _ratio(here, error, 1.0), error
    if last:
        return ErrorStep(layer, None, False, here, 1.0, derivative, normalization, delta), scope
    source, by_skip, delta_next = _behind(network, passed, layer, scope.sample, here)
    weights = _ratio(here, delta_next, _outgoing(network, layer, scope.unit))
    return ErrorStep(layer, source, by_skip, delta_next, weights, derivative, normalization, delta), scope


def _behind(
    network: Network, passed: Backprop, layer: int, sample: int | None, error: float
) -> tuple[int, bool, float]:
    """Which layer most of an error comes from, whether by a skip, and its size there."""
    scope = _Scope(None, sample)
    direct = _size(passed.deltas[layer + 1], 1, scope)
    ends = [k for k, one in enumerate(network.layers) if getattr(one, "skip", None) == layer + 1]
    if not ends or error == 0.0:
        return layer + 1, False, direct
    brought = {k: _brought(network, _rows(passed.errors[k], sample), k) for k in ends}
    rest = _rows(passed.errors[layer], sample).astype(np.float64) - sum(brought.values())
    end = max(ends, key=lambda k: rms(brought[k]))
    if direct != 0.0 and rms(rest) >= rms(brought[end]):
        return layer + 1, False, direct
    return end, True, _size(passed.errors[end], 1, scope)


def _brought(network: Network, errors: Values, end: int) -> NDArray[np.float64]:
    """What the skip of layer ``end`` brings of its ``errors (samples, units)`` to the layer where it starts."""
    projection = network.numbers[end].get("projection")
    values = errors.astype(np.float64)
    return np.ascontiguousarray(values if projection is None else values @ projection.T.astype(np.float64))


def _mixed(norm: Any, scope: _Scope) -> _Scope:
    """All that a normalization makes one value of."""
    return _Scope(scope.unit, None) if isinstance(norm, BatchNorm) else _Scope(None, scope.sample)


def _size(values: Values, channels: int, scope: _Scope) -> float:
    rows = values if scope.sample is None else values[scope.sample : scope.sample + 1]
    if scope.unit is not None:
        rows = rows.reshape(len(rows), channels, -1)[:, scope.unit]
        if rows.size == 1:
            return float(rows.flat[0])
    return rms(np.ascontiguousarray(rows, np.float64))


def _ratio(after: float, before: float, of_nothing: float) -> float:
    """What a factor made of what was before it; what it would do on the whole where there was nothing."""
    return after / before if before else of_nothing


def _outgoing(network: Network, layer: int, unit: int | None) -> float:
    """The length of the weights that lead from a unit to the next layer, the gain of errors that do not agree."""
    place, behind = network.places[layer], network.layers[layer + 1]
    if not isinstance(behind, Dense):
        return 1.0
    weights = network.weights[layer + 1].astype(np.float64)
    rows = weights if unit is None else weights.reshape(place.channels, -1, weights.shape[1])[unit]
    return float(np.sqrt(weights.shape[1])) * rms(np.ascontiguousarray(rows))


def input_size(network: Network, passed: Backprop, layer: int, sample: int | None = None) -> float:
    """RMS of all that enters a layer; of a convolution, of all that its windows see, padding included."""
    check_passed(network, passed)
    check_layer(network, layer)
    rows = _rows(passed.inputs[layer], sample)
    place = network.places[layer]
    if not isinstance(place.layer, Conv2D):
        return rms(np.ascontiguousarray(rows, np.float64))
    return rms(np.array([rms(entering(place, rows, source).astype(np.float64)) for source in range(_sources(place))]))


def gradient_size(
    network: Network, passed: Backprop, layer: int, unit: int | None = None, sample: int | None = None
) -> float:
    """RMS of ∂C/∂W of a layer, or of the weights into one unit; of one ``sample``'s part in it."""
    check_passed(network, passed)
    check_layer(network, layer)
    own = slice(None) if unit is None else slice(unit, unit + 1)
    if sample is None:
        return rms(np.ascontiguousarray(passed.weight_gradients[layer][:, own], np.float64))
    place = network.places[layer]
    rows = passed.inputs[layer][sample : sample + 1]
    deltas = passed.deltas[layer][sample].astype(np.float64).reshape(place.channels, -1)[own]
    if not isinstance(place.layer, Conv2D):
        return rms(rows.astype(np.float64)) * rms(np.ascontiguousarray(deltas))
    parts = [entering(place, rows, source).astype(np.float64) @ deltas.T for source in range(_sources(place))]
    return rms(np.array(parts))


def unopposed_size(
    network: Network,
    passed: Backprop,
    layer: int,
    unit: int | None = None,
    source: int | None = None,
    sample: int | None = None,
) -> float:
    """RMS of ``Σ |a_in · δ|`` over the weights of a layer, into a unit, or of one: gradients if nothing cancelled.

    A ``source`` of −1 is the bias, whose a_in is 1.
    """
    check_passed(network, passed)
    check_layer(network, layer)
    place = network.places[layer]
    rows, deltas = (
        np.abs(_rows(values[layer], sample).astype(np.float64)) for values in (passed.inputs, passed.deltas)
    )
    by_unit = deltas.reshape(len(deltas), place.channels, -1).transpose(0, 2, 1).reshape(-1, place.channels)
    own = by_unit if unit is None else by_unit[:, unit : unit + 1]
    if source == -1:
        return rms(own.sum(axis=0))
    sources = range(_sources(place)) if source is None else [source]
    if isinstance(place.layer, Conv2D):
        return rms(np.array([entering(place, rows, one) @ own for one in sources]))
    return rms(np.ascontiguousarray(rows[:, list(sources)].T @ own))


def _rows(values: Values, sample: int | None) -> Values:
    return values if sample is None else values[sample : sample + 1]


def _sources(place: Any) -> int:
    return int(place.matrix[0]) - 1
