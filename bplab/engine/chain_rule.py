"""The chain rule, factor by factor: what makes one weight's gradient, where an error shrinks, why a layer stalls.

All functions are pure and take what :meth:`Network.backprop` gives. With a = f(z), C the mean loss of a batch::

    ∂C/∂w_ij = Σ_samples a_in,i · δ_j          δ_j = f'(z_j) · Σ_k w_next,jk · δ_next,k

A normalization between z and f, or behind f, adds a factor of its own, and a skip adds to the error. Layers are
counted from 0 here, the first hidden layer being 0. Sizes are RMS values, compared in decades (log10).
Everything is computed in float64, whatever the network's own precision.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .activations import Activation
from .errors import InputError
from .layers import Conv2D, Dense, Place
from .network import Backprop, Network

Floats = NDArray[np.float64]

HEALTHY_SHORTFALL = 1.0
"""Decades by which a weight gradient may fall short in all before a layer counts as stalling."""


@dataclass(frozen=True, eq=False)
class WeightExplanation:
    """The factors of ∂C/∂w for one weight; arrays have an entry per sample, ``(samples,)``.

    A convolution's weight is used at every place, so there the entries are one per sample and place.
    ``input · delta`` summed over the samples is ``gradient``; ``derivative · error`` is ``argument_error``, which is
    ``delta`` unless a normalization stands between z and f; ``error`` is ``Σ_k weights_k · delta_next[:, k]`` for a
    hidden layer with a dense layer and nothing else behind it. Where no elementwise f' stands between error and δ
    (an output layer whose loss is computed from z, a softmax) ``derivative`` is 1 and ``error`` what comes behind it.
    """

    gradient: float
    input: Floats
    """a_in: the output of the unit, or the feature, that the weight comes from."""
    derivative: Floats
    """f'(z) of the unit that the weight leads to."""
    error: Floats
    """∂C/∂ what f gives, of that unit."""
    argument_error: Floats
    """∂C/∂ what f takes, of that unit."""
    delta: Floats
    """∂C/∂z of that unit."""
    weights: Floats
    """Weights from that unit to the next layer, ``(units of it,)``; empty where that is no dense layer."""
    delta_next: Floats
    """δ of the next layer, ``(samples, units of it)``; no columns where that is no dense layer."""

    @property
    def contributions(self) -> Floats:
        """Each sample's part of the gradient, ``(samples,)``."""
        return self.input * self.delta


def explain_weight(network: Network, passed: Backprop, layer: int, source: int, unit: int) -> WeightExplanation:
    """The factors of ∂C/∂w for the weight from input ``source`` to unit ``unit`` of layer ``layer``, all from 0.

    Raises ``InputError`` if there is no such weight.
    """
    _check_passed(network, passed)
    _check_weight(network, layer, source, unit)
    place = network.places[layer]

    def of_unit(values: NDArray[np.floating]) -> Floats:
        by_channel = values.reshape(len(values), place.channels, -1)
        return _double(by_channel[:, unit].ravel())

    inputs, delta = _double(_entering(place, passed.inputs[layer], source)), of_unit(passed.deltas[layer])
    weights, delta_next = np.empty(0), np.empty((len(passed.deltas[layer]), 0))
    behind = network.layers[layer + 1 : layer + 2]
    if isinstance(place.layer, Dense) and behind and isinstance(behind[0], Dense):
        weights, delta_next = _double(network.weights[layer + 1][unit]), _double(passed.deltas[layer + 1])
    argument_error = of_unit(passed.argument_errors[layer])
    if _activation(network, layer).elementwise and not _computed_from_z(network, layer):
        derivative, error = of_unit(passed.derivatives[layer]), of_unit(passed.activated_errors[layer])
    else:
        derivative, error = np.ones_like(delta), argument_error
    with np.errstate(all="ignore"):  # of a network that diverges, a 0 may meet an infinity
        gradient = float(inputs @ delta)
    return WeightExplanation(gradient, inputs, derivative, error, argument_error, delta, weights, delta_next)


def _entering(place: Place, inputs: NDArray[np.floating], source: int) -> NDArray[np.floating]:
    """What weight number ``source`` of every unit is multiplied with: per sample, or per sample and place."""
    layer = place.layer
    if not isinstance(layer, Conv2D):
        return inputs[:, source]
    images = inputs.reshape(len(inputs), *place.inputs)
    pad, (channel, inside) = layer.padding, divmod(source, layer.kernel**2)
    row, column = divmod(inside, layer.kernel)
    padded = np.pad(images[:, channel], ((0, 0), (pad, pad), (pad, pad)))
    _, down, across = place.outputs
    rows = slice(row, row + layer.stride * (down - 1) + 1, layer.stride)
    columns = slice(column, column + layer.stride * (across - 1) + 1, layer.stride)
    return padded[:, rows, columns].ravel()


@dataclass(frozen=True)
class BudgetTerm:
    """How one layer changed the size of the error on its way back, in decades."""

    layer: int
    weights: float
    """log10 of RMS(W_next·δ_next) / RMS(δ_next): what the weights behind the layer did, and skips beside them."""
    derivative: float
    """log10 of RMS(δ) / RMS(W_next·δ_next): what the layer's own f' did; without what a normalization did."""
    normalization: float = 0.0
    """log10 of the same ratio over what stands around f: normalization, before or behind it."""


def gradient_budget(network: Network, passed: Backprop) -> list[BudgetTerm]:
    """Terms of ``log10 RMS(δ_first) − log10 RMS(δ_last)``, from the layer before the last back to the first.

    Each size stands in one term as what remains and in the next as what was there, so all terms together are
    the total exactly. What lets nothing through has −inf; those before it have 0, for nothing is left to change.
    """
    _check_passed(network, passed)
    terms = []
    behind = _log_size(passed.deltas[-1])
    for layer in reversed(range(len(network.layers) - 1)):
        sizes = [
            _log_size(values[layer])
            for values in (passed.errors, passed.activated_errors, passed.argument_errors, passed.deltas)
        ]
        error, activated, argument, delta = sizes
        around = _change(error, activated) + _change(argument, delta)
        terms.append(BudgetTerm(layer, _change(behind, error), _change(activated, argument), around))
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
    proportion to the shortfalls. A factor of exactly 0 takes the whole share. What a normalization around f does to
    the error counts with what came from upstream.
    """
    _check_passed(network, passed)
    _check_layer(network, layer)
    error, activated = _log_size(passed.errors[layer]), _log_size(passed.activated_errors[layer])
    argument = _log_size(passed.argument_errors[layer])
    steepest = 1.0 if _computed_from_z(network, layer) else float(passed.steepest[layer])
    around = _change(error, activated) + _change(argument, _log_size(passed.deltas[layer]))
    changes = [
        _log_size(passed.inputs[layer]),
        _change(activated + math.log10(steepest), argument),
        _change(_log_size(passed.output_errors), error) + around,
    ]
    missing = [max(0.0, -change) for change in changes]
    faulty = 1.0 - HEALTHY_SHORTFALL / max(HEALTHY_SHORTFALL, -sum(changes))
    if math.inf in missing:
        missing, faulty = [float(value == math.inf) for value in missing], 1.0
    small_input, saturated, vanished = (faulty * value / (sum(missing) or 1.0) for value in missing)
    return StallShares(small_input, saturated, vanished, nothing_wrong=1.0 - faulty)


def _check_passed(network: Network, passed: Backprop) -> None:
    if [values.shape[1] for values in passed.deltas] != network.units:
        raise InputError("this backward pass is of another network")


def _check_layer(network: Network, layer: int) -> None:
    if not 0 <= layer < len(network.layers):
        raise InputError(f"there is no layer {layer + 1}; the network has {len(network.layers)}")


def _check_weight(network: Network, layer: int, source: int, unit: int) -> None:
    _check_layer(network, layer)
    inputs, units = network.weights[layer].shape
    if not units:
        raise InputError(f"layer {layer + 1} has no weights: it is {network.layers[layer].title()}")
    if not (0 <= source < inputs and 0 <= unit < units):
        raise InputError(f"layer {layer + 1} has no weight {source},{unit}; it is {inputs} × {units}")


def _activation(network: Network, layer: int) -> Activation:
    activation: Activation = network.layers[layer].activation
    return activation


def _computed_from_z(network: Network, layer: int) -> bool:
    """True for an output layer whose δ comes from the loss directly, without f'."""
    return layer == len(network.layers) - 1 and network.loss.pairs_with(_activation(network, layer))


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
