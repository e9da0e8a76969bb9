"""What an activation is: f and f' side by side in one class.

A new activation is one class, here or anywhere: JSON, lists, the inspector and the tests find it.
``forward`` and ``derivative`` return calls on arrays of one shape ``(units, samples)``; they may allocate
scratch when the calls are made, never when they run.
"""

from __future__ import annotations

import functools
import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike

from ..calls import Array, Calls, execute
from ..choices import Choice


class Activation(Choice):
    """A neuron's response ``a = f(z)`` to its weighted input."""

    __slots__ = ()
    family = "activation"
    steepest: float = 1.0
    """max|f'|; a neuron is saturated on a sample where |f'(z)| is below 5 % of it."""
    low: float = -np.inf
    """Infimum of f; with ``high`` it decides how class labels are written for a network that ends in it."""
    high: float = np.inf
    elementwise: ClassVar[bool] = True
    """False where an output depends on the whole layer's z, so that f' is a matrix."""
    kinks: ClassVar[tuple[float, ...]] = ()
    """Points where f' jumps; gradient checks stay away from them."""
    uses_slope: ClassVar[bool] = True
    """False where :meth:`backward` does not need f'(z)."""

    def learned(self) -> dict[str, float]:
        """What the activation itself learns, an entry per unit (or feature map), and the first values."""
        return {}

    def with_numbers(self, numbers: dict[str, Array], gradients: dict[str, Array]) -> Activation:
        """The activation as a layer uses it: on its own ``learned`` numbers, with their gradients to be written."""
        return self

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

    @property
    def gain(self) -> float:
        """1/RMS of f over a standard normal z: weights of variance gain²/fan_in keep unit signals at unit size.

        For ReLU √2 (He et al. 2015); softmax, which has no f of one variable, counts as 1.
        """
        if not self.elementwise:
            return 1.0
        points, weights = _standard_normal(self.kinks)
        mean_square = float(weights @ self.f(points[:, None])[:, 0] ** 2)
        return 1.0 / math.sqrt(mean_square) if mean_square else 1.0

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


@functools.cache
def _standard_normal(kinks: tuple[float, ...]) -> tuple[Array, Array]:
    """Points and weights for means over a standard normal, of functions smooth but for ``kinks``."""
    edges = np.unique([*np.linspace(-12.0, 12.0, 97), *kinks])
    nodes, shares = np.polynomial.legendre.leggauss(12)
    half = np.diff(edges)[:, None] / 2.0
    points = (edges[:-1, None] + half * (1.0 + nodes)).ravel()
    weights = (half * shares).ravel() * np.exp(-0.5 * points**2)
    return points, weights / weights.sum()


def _units_first(z: ArrayLike) -> Array:
    values = np.atleast_2d(np.asarray(z))
    return np.ascontiguousarray(values.T, np.result_type(values.dtype, np.float32))


def saturation_mask(activation: Any, slope: Array) -> Array:
    """True where |f'| is below 5 % of its maximum; ``slope`` holds f'(z), any shape."""
    mask: Array = np.abs(slope) < 0.05 * activation.steepest
    return mask
