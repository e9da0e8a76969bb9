"""Rectifiers: nothing (or little) below 0, open above: the ReLU and its repairs."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from ..calls import Array, Calls, bound, constant, maximum, minimum, with_spread
from .base import Activation

SELU_ALPHA, SELU_SCALE = 1.6732632423543772848170429916717, 1.0507009873554804934193349852946
"""The fixed point of mean 0 and variance 1 under a standard normal input (Klambauer et al. 2017, eq. 14)."""


class ReLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="relu"):
    """a = max(0, z). Does not saturate on the right; a neuron below 0 on every sample is dead and stays so.

    Use it first in hidden layers, with He weights. Stalls where a neuron is dead: z below 0 on every sample, no
    gradient.
    """

    low = 0.0
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "ReLU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [maximum(z, bound(0.0, z), a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.sign, (a, slope))]


class ReLU6(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="relu6"):
    """a = ReLU cut at 6 (Krizhevsky 2010). Made for low precision; dead on both sides.

    Use it where outputs must stay small, as in 8-bit arithmetic. Stalls where z leaves 0..6 on every sample.
    """

    low, high = 0.0, 6.0
    kinks = (0.0, 6.0)

    @classmethod
    def title(cls) -> str:
        return "ReLU6"

    def forward(self, z: Array, a: Array) -> Calls:
        return [maximum(z, bound(0.0, z), a), minimum(a, bound(6.0, a), a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        # a·(6−a) is 0 where a is cut and above 0 between.
        return [
            (np.subtract, (constant(6.0, a), a, slope)),
            (np.multiply, (slope, a, slope)),
            (np.sign, (slope, slope)),
        ]


class LeakyReLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="leaky_relu"):
    """a = max(z, slope·z). The small slope below 0 keeps every neuron alive.

    Use it where ReLU neurons die. Hardly stalls: below 0 the error still passes, times the slope, so learning is slow
    there.
    """

    slope: Annotated[float, Meta(ge=0.0, le=1.0, description="slope below zero")] = 0.01
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "leaky ReLU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [(np.multiply, (z, constant(self.slope, z), a)), maximum(z, a, a)]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [(np.sign, (z, slope)), maximum(slope, bound(self.slope, slope), slope)]


class PReLU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="prelu"):
    """a = max(0, z) + slope·min(0, z) with a learned slope for every unit or feature map (He et al. 2015).

    Use it where leaky ReLU's slope would be a guess. It stalls like ReLU on the left where the slope learns to be 0.
    """

    slope: Annotated[float, Meta(ge=0.0, le=1.0, description="slope below zero before training")] = 0.25
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "PReLU"

    def learned(self) -> dict[str, float]:
        return {"slope": self.slope}

    def with_numbers(self, numbers: dict[str, Array], gradients: dict[str, Array]) -> Activation:
        return LearnedPReLU(numbers["slope"], gradients["slope"])

    def forward(self, z: Array, a: Array) -> Calls:
        return LeakyReLU(self.slope).forward(z, a)

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return LeakyReLU(self.slope).derivative(z, a, slope)


class LearnedPReLU(Activation):
    """PReLU in a layer: row k of the arrays has the slope ``slopes[k]``, whose gradient is Σ error·min(0, z)."""

    kinks = (0.0,)

    def __init__(self, slopes: Array, gradient: Array) -> None:
        self._slopes, self._gradient = slopes, gradient

    @property
    def steepest(self) -> float:  # type: ignore[override]  # what was learned decides
        return max(1.0, float(np.abs(self._slopes).max()))

    def learned(self) -> dict[str, float]:
        return PReLU().learned()

    def forward(self, z: Array, a: Array) -> Calls:
        below, spread, zero = np.empty_like(z), np.empty_like(z), bound(0.0, z)
        return [
            minimum(z, zero, below),
            *with_spread(np.multiply, below, self._slopes[:, None], spread, below),
            maximum(z, zero, a),
            (np.add, (a, below, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        above, zero, one = np.empty(z.shape, np.bool_), bound(0.0, z), np.ones((), slope.dtype)
        return [
            (np.greater, (z, zero, above)),
            (np.copyto, (slope, self._slopes[:, None])),
            (np.copyto, (slope, one, "same_kind", above)),
        ]

    def backward(self, z: Array, a: Array, error: Array, slope: Array, delta: Array) -> Calls:
        below, ones = np.empty_like(z), np.ones(z.shape[1], z.dtype)
        return [
            minimum(z, bound(0.0, z), below),
            (np.multiply, (below, error, below)),
            (below.dot, (ones, self._gradient)),
            (np.multiply, (error, slope, delta)),
        ]


class ELU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="elu"):
    """a = z above 0, alpha·(e^z−1) below (Clevert et al. 2015). Saturates softly towards −alpha.

    Use it where ReLU's outputs, never negative, drag the mean up. Stalls far below 0: f' is under 5 % from z = −3 down.
    """

    alpha: Annotated[float, Meta(gt=0.0, le=10.0, description="where it saturates on the left")] = 1.0
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "ELU"

    @property
    def steepest(self) -> float:  # type: ignore[override]  # a parameter decides
        return max(1.0, self.alpha)

    @property
    def low(self) -> float:  # type: ignore[override]  # a parameter decides
        return -self.alpha

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


class SELU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="selu"):
    """ELU scaled so that N(0, 1) stays N(0, 1) (Klambauer et al. 2017). Wants LeCun-normal weights, no norm layer.

    Use it in deep plain nets on standardized inputs. Stalls where other weights upset its balance, or z is below −3.
    """

    steepest = SELU_SCALE * SELU_ALPHA
    low = -SELU_SCALE * SELU_ALPHA
    kinks = (0.0,)

    @classmethod
    def title(cls) -> str:
        return "SELU"

    def forward(self, z: Array, a: Array) -> Calls:
        return [*ELU(SELU_ALPHA).forward(z, a), (np.multiply, (a, constant(SELU_SCALE, a), a))]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [
            *ELU(SELU_ALPHA).derivative(z, a, slope),
            (np.multiply, (slope, constant(SELU_SCALE, slope), slope)),
        ]


class CELU(Activation, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="celu"):
    """a = z above 0, alpha·(e^(z/alpha)−1) below (Barron 2017): an ELU whose slope has no jump for any alpha.

    Use it like ELU where alpha is not 1 and f' should not jump. Stalls below z = −3·alpha: f' is under 5 % there.
    """

    alpha: Annotated[float, Meta(gt=0.0, le=10.0, description="where it saturates on the left")] = 1.0

    @classmethod
    def title(cls) -> str:
        return "CELU"

    @property
    def low(self) -> float:  # type: ignore[override]  # a parameter decides
        return -self.alpha

    def forward(self, z: Array, a: Array) -> Calls:
        positive_part, zero = np.empty_like(z), bound(0.0, z)
        return [
            minimum(z, zero, a),
            (np.divide, (a, constant(self.alpha, a), a)),
            (np.expm1, (a, a)),
            (np.multiply, (a, constant(self.alpha, a), a)),
            maximum(z, zero, positive_part),
            (np.add, (a, positive_part, a)),
        ]

    def derivative(self, z: Array, a: Array, slope: Array) -> Calls:
        return [
            minimum(z, bound(0.0, z), slope),
            (np.divide, (slope, constant(self.alpha, slope), slope)),
            (np.exp, (slope, slope)),
        ]
