"""The chain rule, factor by factor: what makes one weight's gradient, where an error shrinks, why a layer stalls.

All functions are pure and take what :meth:`Network.backprop` gives. With a = f(z), C the mean loss of a batch::

    ∂C/∂w_ij = Σ_samples a_in,i · δ_j          δ_j = f'(z_j) · Σ_k w_next,jk · δ_next,k

Layers are counted from 0 here, the first hidden layer being 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calls import Array
from .errors import InputError
from .network import Backprop, Network
from .probes import rms

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
    derivative: Floats
    error: Floats
    delta: Floats
    weights: Floats
    """Weights to the next layer, ``(units of it,)``; empty for the last layer."""
    delta_next: Floats
    """δ of the next layer, ``(samples, units of it)``; no columns for the last layer."""

    @property
    def contributions(self) -> Floats:
        """Each sample's part of the gradient, ``(samples,)``."""
        return self.input * self.delta


def explain_weight(network: Network, passed: Backprop, layer: int, source: int, unit: int) -> WeightExplanation:
    """The factors of ∂C/∂w for the weight from input ``source`` to unit ``unit`` of layer ``layer``.

    Raises ``InputError`` if there is no such weight.
    """
    _check_weight(network, layer, source, unit)
    delta = passed.deltas[layer][:, unit]
    last = layer == len(network.layers) - 1
    weights = np.empty(0) if last else network.weights[layer + 1][unit].copy()
    delta_next = np.empty((len(delta), 0)) if last else passed.deltas[layer + 1]
    derivative = np.ones_like(delta) if _skips_derivative(network, layer) else _slopes(network, passed, layer)[:, unit]
    error = delta.copy() if _skips_derivative(network, layer) else _errors(network, passed, layer)[:, unit]
    inputs = passed.inputs[layer][:, source]
    return WeightExplanation(
        gradient=float(inputs @ delta),
        input=inputs,
        derivative=derivative,
        error=error,
        delta=delta,
        weights=weights,
        delta_next=delta_next,
    )


@dataclass(frozen=True)
class BudgetTerm:
    """How one layer changed the size of the error on its way back, in decades (log10)."""

    layer: int
    weights: float
    """log10 of RMS(W_next·δ_next) / RMS(δ_next): what the weights behind it did."""
    derivative: float
    """log10 of RMS(δ) / RMS(W_next·δ_next): what its own f' did."""


def gradient_budget(network: Network, passed: Backprop) -> list[BudgetTerm]:
    """Terms of ``log10 RMS(δ_first) − log10 RMS(δ_last)``, from the layer before the last to the first.

    The sum telescopes, so weights and derivatives of all terms add up to the total exactly. A layer that lets
    nothing through has −inf, and those before it NaN, which no share of nothing can be.
    """
    terms = []
    for layer in reversed(range(len(network.layers) - 1)):
        behind, error = rms(passed.deltas[layer + 1]), rms(_errors(network, passed, layer))
        terms.append(
            BudgetTerm(layer, weights=_decades(error, behind), derivative=_decades(rms(passed.deltas[layer]), error))
        )
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

    Each factor's shortfall in decades is taken against a healthy size: inputs of RMS 1, f' at its maximum, and an
    error as large as the loss sends out. Shortfalls that together stay below one decade are nothing wrong, and
    beyond that the part within it still is. A factor of exactly 0 takes the whole share.
    """
    error = passed.deltas[layer] if _skips_derivative(network, layer) else _errors(network, passed, layer)
    activation: Any = network.layers[layer].activation
    steepest = 1.0 if _skips_derivative(network, layer) else activation.steepest
    shortfalls = [
        -_decades(rms(passed.inputs[layer]), 1.0),
        -_decades(rms(passed.deltas[layer]), steepest * rms(error)),
        -_decades(rms(error), rms(passed.deltas[-1])),
    ]
    missing = [max(0.0, value) if value == value else 0.0 for value in shortfalls]
    if math.inf in missing:
        shares = [float(value == math.inf) / missing.count(math.inf) for value in missing]
        return StallShares(*shares, nothing_wrong=0.0)
    total = sum(missing)
    healthy = HEALTHY_SHORTFALL / max(total, HEALTHY_SHORTFALL)
    faulty = (1.0 - healthy) / (total or 1.0)
    return StallShares(*(value * faulty for value in missing), nothing_wrong=healthy)


def _check_weight(network: Network, layer: int, source: int, unit: int) -> None:
    if not 0 <= layer < len(network.layers):
        raise InputError(f"there is no layer {layer + 1}; the network has {len(network.layers)}")
    inputs, units = network.weights[layer].shape
    if not (0 <= source < inputs and 0 <= unit < units):
        raise InputError(f"layer {layer + 1} has no weight {source},{unit}; it is {inputs} × {units}")


def _skips_derivative(network: Network, layer: int) -> bool:
    activation: Any = network.layers[layer].activation
    last = layer == len(network.layers) - 1
    return not activation.elementwise or (last and network.loss.pairs_with(activation))


def _slopes(network: Network, passed: Backprop, layer: int) -> Array:
    """f'(z) ``(samples, units)``."""
    return network.layers[layer].activation.df(passed.weighted_inputs[layer])


def _errors(network: Network, passed: Backprop, layer: int) -> Array:
    """∂C/∂a ``(samples, units)``, from the layer behind or, at the output, from the loss."""
    if layer < len(network.layers) - 1:
        errors: Array = passed.deltas[layer + 1] @ network.weights[layer + 1].T
        return errors
    return passed.output_errors


def _decades(value: float, reference: float) -> float:
    if not reference:
        return math.nan
    return math.log10(value / reference) if value else -math.inf
