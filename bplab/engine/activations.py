"""Activations: f and f' side by side, one class each, ordered from the simplest to the most involved.

A new activation is one class here (or anywhere): JSON, lists, the inspector and the tests find it.
``forward`` and ``derivative`` return calls on arrays of one shape ``(units, samples)``; they may allocate
scratch when the calls are made, never when they run.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from .calls import Array, Calls, bound, constant, execute, maximum, minimum
from .choices import Choice


class Activation(Choice):
    """A neuron's response ``a = f(z)`` to its weighted input."""

    __slots__ = ()
    family = "activation"
    steepest: float = 1.0
    """max|f'|; a neuron is saturated on a sample where |f'(z)| is below 5 % of it."""
    low: ClassVar[float] = -np.inf
    """Infimum of f; with ``high`` it decides how class labels are written for a network that ends in it."""
    high: ClassVar[float] = np.inf
    kinks: ClassVar[tuple[float, ...]] = ()
    """Points where f' jumps; gradient checks stay away from them."""
    uses_slope: ClassVar[bool] = True
    """False where :meth:`backward` does not need f'(z)."""

    def forward(self, z: Array, a: Array) -> Calls:
        """Calls that write f(z) into ``a``."""
        raise NotImplementedError

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        """Calls that write f'(z) into ``slope``; ``a`` holds f(z) already. For softmax: the diagonal, ∂a_i/∂z_i."""
        raise NotImplementedError

    def backward(self, z: Array, a: Array, error: Array, slope: Array, delta: Array) -> Calls:
        """Calls that write ∂C/∂z into ``delta`` from ``error`` = ∂C/∂a. ``error`` and ``delta`` may be one array.

        ``slope`` holds f'(z) already if ``uses_slope``; else it is scratch.
        """
        return [(np.multiply, (error, slope, delta))]

    def f(self, z: ArrayLike) -> Array:
        """f(z), same shape as ``z``: a number, ``(units,)`` of one sample, or ``(samples, units)``."""
        values = _units_first(z)
        a = np.empty_like(values)
        with np.errstate(all="ignore"):
            execute(self.forward(values, a))
        return a.T.reshape(np.shape(z))

    def df(self, z: ArrayLike) -> Array:
        """f'(z), same shape as ``z``: a number, ``(units,)`` of one sample, or ``(samples, units)``."""
        values = _units_first(z)
        a, slope = np.empty_like(values), np.empty_like(values)
        with np.errstate(all="ignore"):
            execute(self.forward(values, a))
            execute(self.derivative(values, a, slope))
        return slope.T.reshape(np.shape(z))


def _units_first(z: ArrayLike) -> Array:
    values = np.atleast_2d(np.asarray(z))
    return np.ascontiguousarray(values.T, np.result_type(values.dtype, np.float32))


class Identity(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="identity"):
    """a = z. A stack of identity layers is one linear map; use it for a regression output."""

    uses_slope = False

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.positive, (z, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.copyto, (slope, np.ones((), slope.dtype)))]

    def backward(self, z: Array, a: Array, error: Array, slope: Array, delta: Array) -> Calls:
        return [] if error is delta else [(np.positive, (error, delta))]


class ReLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="relu"):
    """a = max(0, z). Does not saturate on the right; a neuron below 0 on every sample is dead and stays so."""

    low = 0.0
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "ReLU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [maximum(z, bound(0.0, z), a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.sign, (a, slope))]


class LeakyReLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="leaky_relu"):
    """a = max(z, slope·z). The small slope below 0 keeps every neuron alive."""

    slope: Annotated[float, Meta(ge=0.0, le=1.0, description="slope below zero")] = 0.01
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "leaky ReLU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.multiply, (z, constant(self.slope, z), a)), maximum(z, a, a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.sign, (z, slope)), maximum(slope, bound(self.slope, slope), slope)]


class Sigmoid(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sigmoid"):
    """a = 1/(1+e^−z). Saturates on both sides; f' is at most 1/4, so errors shrink at every layer."""

    steepest = 0.25
    low, high = 0.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        one = constant(1.0, z)
        return [(np.negative, (z, a)), (np.exp, (a, a)), (np.add, (a, one, a)), (np.reciprocal, (a, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.subtract, (constant(1.0, a), a, slope)), (np.multiply, (slope, a, slope))]


class Tanh(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="tanh"):
    """a = tanh z. Centred on 0 with slope 1 there; saturates on both sides."""

    low, high = -1.0, 1.0

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.tanh, (z, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.multiply, (a, a, slope)), (np.subtract, (constant(1.0, a), slope, slope))]


class Softplus(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softplus"):
    """a = ln(1+e^z), a smooth ReLU (Dugas et al. 2001); f' is the sigmoid, so it saturates on the left only."""

    low = 0.0

    def forward(self, z: Array, a: Array) -> Calls:
        positive_part = np.empty_like(z)
        return [
            (np.abs, (z, a)),
            (np.negative, (a, a)),
            (np.exp, (a, a)),
            (np.log1p, (a, a)),
            maximum(z, bound(0.0, z), positive_part),
            (np.add, (a, positive_part, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return Sigmoid().forward(z, slope)


class ELU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="elu"):
    """a = z above 0, alpha·(e^z−1) below (Clevert et al. 2015). Saturates softly towards −alpha."""

    alpha: Annotated[float, Meta(gt=0.0, le=10.0, description="where it saturates on the left")] = 1.0
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "ELU"

    @property
    def steepest(self) -> float:  # type: ignore[override]  # a parameter decides
        return max(1.0, self.alpha)

    def forward(self, z: Array, a: Array) -> Calls:
        positive_part, zero = np.empty_like(z), bound(0.0, z)
        return [
            minimum(z, zero, a),
            (np.expm1, (a, a)),
            (np.multiply, (a, constant(self.alpha, a), a)),
            maximum(z, zero, positive_part),
            (np.add, (a, positive_part, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        above, one, zero = np.empty(z.shape, np.bool_), np.ones((), slope.dtype), bound(0.0, z)
        return [
            minimum(z, zero, slope),
            (np.exp, (slope, slope)),
            (np.multiply, (slope, constant(self.alpha, slope), slope)),
            (np.greater, (z, zero, above)),
            (np.copyto, (slope, one, "same_kind", above)),
        ]


class Softmax(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softmax"):
    """a_i = e^z_i / Σ e^z_j over the layer's units: class probabilities. For the output layer."""

    steepest = 0.25
    low, high = 0.0, 1.0
    uses_slope = False

    def forward(self, z: Array, a: Array) -> Calls:
        # A row spread over all units first costs half of letting NumPy broadcast it, which allocates a buffer.
        row, spread, ones = np.empty((1, *z.shape[1:]), z.dtype), np.empty_like(z), np.ones((1, z.shape[0]), z.dtype)
        return [
            (np.maximum.reduce, (z, 0, None, row, True)),
            (np.copyto, (spread, row)),
            (np.subtract, (z, spread, a)),
            (np.exp, (a, a)),
            (ones.dot, (a, row)),
            (np.copyto, (spread, row)),
            (np.divide, (a, spread, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return Sigmoid().derivative(z, a, slope)

    def backward(self, z: Array, a: Array, error: Array, slope: Array, delta: Array) -> Calls:
        row, ones = np.empty((1, *z.shape[1:]), z.dtype), np.ones((1, z.shape[0]), z.dtype)
        return [
            (np.multiply, (a, error, slope)),
            (ones.dot, (slope, row)),
            (np.copyto, (slope, row)),
            (np.subtract, (error, slope, delta)),
            (np.multiply, (a, delta, delta)),
        ]


def saturation_mask(activation: Any, slope: Array) -> Array:
    """True where |f'| is below 5 % of its maximum; ``slope`` holds f'(z), any shape."""
    mask: Array = np.abs(slope) < 0.05 * activation.steepest
    return mask
