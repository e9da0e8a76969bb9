"""The chain rule, factor by factor: what makes one weight's gradient, where an error shrinks, why a layer stalls.

All functions are pure and take what :meth:`Network.backprop` gives. With a = f(z), C the mean loss of a batch::

    ∂C/∂w_ij = Σ_samples a_in,i · δ_j          δ_j = f'(z_j) · Σ_k w_next,jk · δ_next,k

A normalization between z and f, or behind f, adds a factor of its own, and a skip adds to the error. Layers are
counted from 0 here, the first hidden layer being 0. Sizes are RMS values, compared in decades (log10).
Everything is computed in float64, whatever the network's own precision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import Activation
from .errors import InputError
from .layers import Conv2D, Dense, Place
from .network import Backprop, Network
from .probes import rms
from .sizes import Sizes, budget_of, stalls_of

Floats = NDArray[np.float64]


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
    check_passed(network, passed)
    _check_weight(network, layer, source, unit)
    place = network.places[layer]

    def of_unit(values: NDArray[np.floating]) -> Floats:
        by_channel = values.reshape(len(values), place.channels, -1)
        return _double(by_channel[:, unit].ravel())

    inputs, delta = _double(entering(place, passed.inputs[layer], source)), of_unit(passed.deltas[layer])
    weights, delta_next = np.empty(0), np.empty((len(passed.deltas[layer]), 0))
    behind = network.layers[layer + 1 : layer + 2]
    if isinstance(place.layer, Dense) and behind and isinstance(behind[0], Dense):
        weights, delta_next = _double(network.weights[layer + 1][unit]), _double(passed.deltas[layer + 1])
    argument_error = of_unit(passed.argument_errors[layer])
    if _activation(network, layer).elementwise and not computed_from_z(network, layer):
        derivative, error = of_unit(passed.derivatives[layer]), of_unit(passed.activated_errors[layer])
    else:
        derivative, error = np.ones_like(delta), argument_error
    with np.errstate(all="ignore"):  # of a network that diverges, a 0 may meet an infinity
        gradient = float(inputs @ delta)
    return WeightExplanation(gradient, inputs, derivative, error, argument_error, delta, weights, delta_next)


def entering(place: Place, inputs: NDArray[np.floating], source: int) -> NDArray[np.floating]:
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


def sizes_of(network: Network, passed: Backprop) -> Sizes:
    """The sizes of a backward pass, an entry per layer."""
    check_passed(network, passed)
    return Sizes(
        input=_sizes(passed.inputs),
        error=_sizes(passed.errors),
        activated_error=_sizes(passed.activated_errors),
        argument_error=_sizes(passed.argument_errors),
        delta=_sizes(passed.deltas),
        steepest=passed.steepest,
        output_error=_sizes([passed.output_errors]),
    )


def gradient_budget(network: Network, passed: Backprop) -> list[BudgetTerm]:
    """Terms of ``log10 RMS(δ_first) − log10 RMS(δ_last)``, from the layer before the last back to the first.

    They are those of :func:`.sizes.budget_of`.
    """
    terms = np.transpose(budget_of(sizes_of(network, passed))).tolist()
    return [BudgetTerm(layer, *terms[layer]) for layer in reversed(range(len(terms)))]


@dataclass(frozen=True)
class StallShares:
    """Shares of what keeps a layer's weight gradient small; they sum to 1."""

    small_input: float
    saturated_derivative: float
    vanished_upstream: float
    nothing_wrong: float


def stall_shares(network: Network, passed: Backprop, layer: int) -> StallShares:
    """How the smallness of a layer's weight gradient divides among its three factors: see :func:`.sizes.stalls_of`."""
    check_layer(network, layer)
    return StallShares(*stalls_of(sizes_of(network, passed))[layer].tolist())


def neuron_stall_shares(network: Network, passed: Backprop, layer: int) -> Floats:
    """The same for each neuron of a layer by itself: shares of 1, ``(units, 4)``, in the order of ``StallShares``.

    All neurons of a layer have the layer's inputs; f' and the error are the neuron's own. In a layer for images a
    row stands for a feature map, whose places share their weights.
    """
    sizes = sizes_of(network, passed)
    check_layer(network, layer)
    channels = network.places[layer].channels

    def own(values: NDArray[np.floating]) -> Floats:
        by_channel = _double(values).reshape(len(values), channels, -1).transpose(1, 0, 2)
        return np.array([rms(np.ascontiguousarray(part)) for part in by_channel])

    return stalls_of(
        Sizes(
            input=sizes.input[layer : layer + 1],
            error=own(passed.errors[layer]),
            activated_error=own(passed.activated_errors[layer]),
            argument_error=own(passed.argument_errors[layer]),
            delta=own(passed.deltas[layer]),
            steepest=sizes.steepest[layer : layer + 1],
            output_error=sizes.output_error,
        )
    )


def check_passed(network: Network, passed: Backprop) -> None:
    """``InputError`` if a backward pass is not one of this network."""
    if [values.shape[1] for values in passed.deltas] != network.units:
        raise InputError("this backward pass is of another network")


def check_layer(network: Network, layer: int) -> None:
    """``InputError`` if there is no such layer."""
    if not 0 <= layer < len(network.layers):
        raise InputError(f"there is no layer {layer + 1}; the network has {len(network.layers)}")


def _check_weight(network: Network, layer: int, source: int, unit: int) -> None:
    check_layer(network, layer)
    inputs, units = network.weights[layer].shape
    if not units:
        raise InputError(f"layer {layer + 1} has no weights: it is {network.layers[layer].title()}")
    if not (0 <= source < inputs and 0 <= unit < units):
        raise InputError(f"layer {layer + 1} has no weight {source},{unit}; it is {inputs} × {units}")


def _activation(network: Network, layer: int) -> Activation:
    activation: Activation = network.layers[layer].activation
    return activation


def computed_from_z(network: Network, layer: int) -> bool:
    """True for an output layer whose δ comes from the loss directly, without f'."""
    last: Any = network.layers[-1]
    normalization = getattr(last, "normalization", None)
    ends_with_f = getattr(last, "skip", None) is None and (normalization is None or normalization.place == "before")
    return layer == len(network.layers) - 1 and ends_with_f and network.loss.pairs_with(last.activation)


def _double(values: NDArray[np.floating]) -> Floats:
    return values.astype(np.float64)


def _sizes(arrays: Sequence[NDArray[np.floating]]) -> Floats:
    """RMS of each, in float64 and without squaring what is too small or too large for it."""
    with np.errstate(all="ignore"):  # of a network that diverges
        return np.array([rms(_double(values)) for values in arrays])
