"""The two ends of the scale: identity, which does nothing, and softmax, which looks at the whole layer."""

from __future__ import annotations

import msgspec
import numpy as np

from ..calls import Array, Calls
from .base import Activation
from .squashing import Sigmoid


class Identity(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="identity"):
    """a = z. A stack of identity layers is one linear map.

    Use it for the output of a regression. Never stalls, its slope is 1; but hidden it adds nothing a linear net cannot
    do.
    """

    uses_slope = False

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.positive, (z, a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.copyto, (slope, np.ones((), slope.dtype)))]

    def backward(self, z: Array, a: Array, error: Array, slope: Array, delta: Array) -> Calls:
        return [] if error is delta else [(np.positive, (error, delta))]


class Softmax(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="softmax"):
    """a_i = e^z_i / Σ e^z_j over the layer's units: class probabilities. For the output layer.

    Use it for class outputs, with cross-entropy. With a squared error it stalls where surely wrong: a·(1−a) is near 0.
    """

    steepest = 0.25
    low, high = 0.0, 1.0
    elementwise = False
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
