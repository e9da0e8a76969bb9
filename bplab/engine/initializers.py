"""Initializers: how weights and biases are drawn before training, each with the paper that argues for it.

A layer's weights are ``(inputs, units)``; fan-in is its inputs, fan-out its units.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from .choices import Choice
from .errors import InputError

Draw = NDArray[np.float64]
Finite = Annotated[float, Meta(ge=-1e6, le=1e6)]


class Initializer(Choice):
    """A way to draw the first weights or biases."""

    __slots__ = ()
    family = "initialization"
    for_biases = True
    """False where only a matrix makes sense."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        """Values of ``shape``: ``(inputs, units)`` for weights, ``(units,)`` for biases."""
        raise NotImplementedError


class Zeros(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="zeros"):
    """All 0. Right for biases; for weights every neuron of a layer stays the same as its neighbours."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        return np.zeros(shape)


class Constant(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="constant"):
    """All the same value. For weights: symmetry, as with zeros."""

    value: Annotated[Finite, Meta(description="the value")] = 0.1

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        return np.full(shape, self.value)


class Normal(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="normal"):
    """Gaussian with a mean and a standard deviation of your own, whatever the layer's width."""

    mean: Annotated[Finite, Meta(description="mean")] = 0.0
    std: Annotated[float, Meta(ge=0.0, le=1e6, description="standard deviation")] = 1.0

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        return generator.normal(self.mean, self.std, shape)


class Uniform(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="uniform"):
    """Uniform between two bounds of your own, whatever the layer's width."""

    low: Annotated[Finite, Meta(description="lower bound")] = -0.5
    high: Annotated[Finite, Meta(description="upper bound")] = 0.5

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise InputError(f"the lower bound {self.low:g} is above the upper bound {self.high:g}")

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        return generator.uniform(self.low, self.high, shape)


class _Scaled(Initializer):
    """Zero-mean draws whose variance follows the layer's width."""

    __slots__ = ()

    def variance(self, fan_in: int, fan_out: int) -> float:
        """Variance of one weight."""
        raise NotImplementedError


class _ScaledNormal(_Scaled):
    __slots__ = ()

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        return generator.normal(0.0, math.sqrt(self.variance(fan_in, fan_out)), shape)


class _ScaledUniform(_Scaled):
    __slots__ = ()

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        limit = math.sqrt(3.0 * self.variance(fan_in, fan_out))
        return generator.uniform(-limit, limit, shape)


class LeCunNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lecun_normal"):
    """Gaussian, variance 1/fan_in (LeCun et al. 1998): keeps the variance of a near-linear neuron."""

    @classmethod
    def title(cls) -> str:
        return "LeCun normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1.0 / fan_in


class LeCunUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lecun_uniform"):
    """Uniform ±√(3/fan_in), variance 1/fan_in (LeCun et al. 1998)."""

    @classmethod
    def title(cls) -> str:
        return "LeCun uniform"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 1.0 / fan_in


class GlorotNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="glorot_normal"):
    """Gaussian, variance 2/(fan_in+fan_out) (Glorot & Bengio 2010): levels signals both ways; for tanh, sigmoid."""

    @classmethod
    def title(cls) -> str:
        return "Glorot normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / (fan_in + fan_out)


class GlorotUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="glorot_uniform"):
    """Uniform ±√(6/(fan_in+fan_out)) (Glorot & Bengio 2010), also called Xavier; for tanh and sigmoid."""

    @classmethod
    def title(cls) -> str:
        return "Glorot uniform"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / (fan_in + fan_out)


class HeNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="he_normal"):
    """Gaussian, variance 2/fan_in (He et al. 2015): makes up for the half that a ReLU cuts away."""

    @classmethod
    def title(cls) -> str:
        return "He normal"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / fan_in


class HeUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="he_uniform"):
    """Uniform ±√(6/fan_in), variance 2/fan_in (He et al. 2015); for ReLU and its kin."""

    @classmethod
    def title(cls) -> str:
        return "He uniform"

    def variance(self, fan_in: int, fan_out: int) -> float:
        return 2.0 / fan_in


class Orthogonal(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="orthogonal"):
    """A random orthogonal matrix times a gain (Saxe et al. 2013): every singular value is the gain."""

    gain: Annotated[float, Meta(gt=0.0, le=1e3, description="every singular value")] = 1.0
    for_biases = False

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], fan_in: int, fan_out: int) -> Draw:
        rows, columns = shape
        gaussian = generator.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(gaussian)
        # The signs of R's diagonal are the library's whim; taking them out makes the draw uniform (Mezzadri 2007).
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)
        matrix: Any = q if rows >= columns else q.T
        return np.ascontiguousarray(matrix * self.gain)
