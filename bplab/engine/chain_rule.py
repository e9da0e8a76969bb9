"""The chain rule, factor by factor: what makes one weight's gradient, where an error shrinks, why a layer stalls.

All functions are pure and take what :meth:`Network.backprop` gives. With a = f(z), C the mean loss of a batch::

    ∂C/∂w_ij = Σ_samples a_in,i · δ_j          δ_j = f'(z_j) · Σ_k w_next,jk · δ_next,k

Layers are counted from 0 here, the first hidden layer being 0. Sizes are RMS values, compared in decades (log10).
Everything is computed in float64, whatever the network's own precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .activations import Activation
from .errors import InputError
from .network import Backprop, Network

Floats = NDArray[np.float64]

HEALTHY_SHORTFALL = 1.0
"""Decades by which a weight gradient may fall short in all before a layer counts as stalling."""


@dataclass(frozen=True, eq=False)
class WeightExplanation:
    """The factors of ∂C/∂w for one weight; arrays have an entry per sample, ``(samples,)``.

    ``input · delta`` summed over the samples is ``gradient``; ``derivative · error`` is ``delta``; ``error`` is
    ``Σ_k weights_k · delta_next[:, k]`` for a hidden layer. Where no elementwise f' stands between error and δ
    (an output layer whose loss is computed from z, a softmax) ``derivative`` is 1 and ``error`` is δ itself.
    """

    gradient: float
    input: Floats
    """a_in: the output of the unit, or the feature, that the weight comes from."""
    derivative: Floats
    """f'(z) of the unit that the weight leads to."""
    error: Floats
    """∂C/∂a of that unit."""
    delta: Floats
    """∂C/∂z of that unit."""
    weights: Floats
    """Weights from that unit to the next layer, ``(units of it,)``; empty for the last layer."""
    delta_next: Floats
    """δ of the next layer, ``(samples, units of it)``; no columns for the last layer."""

    @property
    def contributions(self) -> Floats:
        """Each sample's part of the gradient, ``(samples,)``."""
        return self.input * self.delta


def explain_weight(network: Network, passed: Backprop, layer: int, source: int, unit: int) -> WeightExplanation:
    """The factors of ∂C/∂w for the weight from input ``source`` to unit ``unit`` of layer ``layer``, all from 0.

    Raises ``InputError`` if there is no such weight.
    """
    _check_weight(network, layer, source, unit)
    inputs, delta = _double(passed.inputs[layer][:, source]), _double(passed.deltas[layer][:, unit])
    if layer + 1 < len(network.layers):
        weights, delta_next = _double(network.weights[layer + 1][unit]), _double(passed.deltas[layer + 1])
        error = delta_next @ weights
    else:
        weights, delta_next = np.empty(0), np.empty((len(delta), 0))
        error = _double(passed.output_errors[:, unit])
    if _activation(network, layer).elementwise and not _computed_from_z(network, layer):
        derivative = _double(_activation(network, layer).df(passed.weighted_inputs[layer][:, unit]))
    else:
        derivative, error = np.ones_like(delta), delta
    return WeightExplanation(float(inputs @ delta), inputs, derivative, error, delta, weights, delta_next)


@dataclass(frozen=True)
class BudgetTerm:
    """How one layer changed the size of the error on its way back, in decades."""

    layer: int
    weights: float
    """log10 of RMS(W_next·δ_next) / RMS(δ_next): what the weights behind the layer did."""
    derivative: float
    """log10 of RMS(δ) / RMS(W_next·δ_next): what the layer's own f' did."""


def gradient_budget(network: Network, passed: Backprop) -> list[BudgetTerm]:
    """Terms of ``log10 RMS(δ_first) − log10 RMS(δ_last)``, from the layer before the last back to the first.

    Each size stands in one term as what remains and in the next as what was there, so all terms together are
    the total exactly. What lets nothing through has −inf; those before it have 0, for nothing is left to change.
    """
    terms = []
    behind = _log_size(passed.deltas[-1])
    for layer in reversed(range(len(network.layers) - 1)):
        error, delta = _log_size(_errors(network, passed, layer)), _log_size(passed.deltas[layer])
        terms.append(BudgetTerm(layer, weights=_change(behind, error), derivative=_change(error, delta)))
        behind = delta
    return terms


@dataclass(frozen=True)
class StallShares:
    """Shares of what keeps a layer's weight gradient small; they sum to 1."""

    small_input: float
    saturated_derivative: float
    vanished_upstream: float
    nothing_wrong: float


def stall_shares(network: Network, passed: Backprop, layer: int) -> StallShares:
    """How the smallness of a layer's weight gradient divides among its three factors.

    Each factor's shortfall is taken in decades against a healthy size: inputs of RMS 1, f' at its maximum, and an
    error as large as the one that the loss sends into the network. One factor's surplus makes up for another's
    shortfall. What is missing in all counts as nothing wrong up to one decade; what goes beyond is divided in
    proportion to the shortfalls. A factor of exactly 0 takes the whole share.
    """
    _check_layer(network, layer)
    error = _log_size(_errors(network, passed, layer))
    steepest = 1.0 if _computed_from_z(network, layer) else _activation(network, layer).steepest
    changes = [
        _log_size(passed.inputs[layer]),
        _change(error + math.log10(steepest), _log_size(passed.deltas[layer])),
        _change(_log_size(passed.output_errors), error),
    ]
    missing = [max(0.0, -change) for change in changes]
    faulty = 1.0 - HEALTHY_SHORTFALL / max(HEALTHY_SHORTFALL, -sum(changes))
    if math.inf in missing:
        missing, faulty = [float(value == math.inf) for value in missing], 1.0
    small_input, saturated, vanished = (faulty * value / (sum(missing) or 1.0) for value in missing)
    return StallShares(small_input, saturated, vanished, nothing_wrong=1.0 - faulty)


def _check_layer(network: Network, layer: int) -> None:
    if not 0 <= layer < len(network.layers):
        raise InputError(f"there is no layer {layer + 1}; the network has {len(network.layers)}")


def _check_weight(network: Network, layer: int, source: int, unit: int) -> None:
    _check_layer(network, layer)
    inputs, units = network.weights[layer].shape
    if not (0 <= source < inputs and 0 <= unit < units):
        raise InputError(f"layer {layer + 1} has no weight {source},{unit}; it is {inputs} × {units}")


def _activation(network: Network, layer: int) -> Activation:
    activation: Activation = network.layers[layer].activation
    return activation


def _computed_from_z(network: Network, layer: int) -> bool:
    """True for an output layer whose δ comes from the loss directly, without f'."""
    return layer == len(network.layers) - 1 and network.loss.pairs_with(_activation(network, layer))


def _errors(network: Network, passed: Backprop, layer: int) -> Floats:
    """∂C/∂a ``(samples, units)``, from the layer behind or, at the output, from the loss."""
    if layer + 1 == len(network.layers):
        return _double(passed.output_errors)
    return _double(passed.deltas[layer + 1]) @ _double(network.weights[layer + 1]).T


def _double(values: NDArray[np.floating]) -> Floats:
    return values.astype(np.float64)


def _log_size(values: NDArray[np.floating]) -> float:
    """log10 of the RMS, without squaring what is too small or too large for it; −inf for 0."""
    largest = float(np.abs(values).max())
    if not 0.0 < largest < math.inf:
        return math.log10(largest) if largest else -math.inf
    scaled = _double(values).ravel() / largest
    return math.log10(largest) + 0.5 * math.log10(float(scaled @ scaled) / scaled.size)


def _change(before: float, after: float) -> float:
    """Decades from one size to another; 0 from nothing, of which nothing can be lost."""
    return 0.0 if before == -math.inf else after - before
