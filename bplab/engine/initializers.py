"""Initializers: how weights and biases are drawn before training, each with the paper that argues for it.

A layer's weights are ``(inputs, units)``; fan-in is its inputs, fan-out its units.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, NamedTuple

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from .activations import Activation, Identity
from .choices import Choice
from .errors import InputError

Draw = NDArray[np.float64]
Finite = Annotated[float, Meta(ge=-1e6, le=1e6)]


class Site(NamedTuple):
    """Where values are drawn for: a layer's fan-in (inputs), fan-out (units) and activation."""

    fan_in: int
    fan_out: int
    activation: Activation = Identity()


class Moments(NamedTuple):
    """Mean and variance of one value, as mean-field theory takes it."""

    mean: float
    variance: float
    assumption: str = ""
    """What the theory assumes where the values are no independent draws from one law, as half a sentence."""


class Initializer(Choice):
    """A way to draw the first weights or biases."""

    __slots__ = ()
    family = "initialization"
    for_biases = True
    """False where only a matrix makes sense."""

    def check_shape(self, shape: tuple[int, ...]) -> None:
        """``InputError`` if values of ``shape`` cannot be drawn."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        """Values of ``shape``: ``(inputs, units)`` for weights, ``(units,)`` for biases."""
        raise NotImplementedError

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments | None:
        """Mean and variance of one value of ``shape``; None where they are not known before the draw."""
        return None


class Zeros(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="zeros"):
    """All 0. Right for biases; for weights every neuron of a layer stays the same as its neighbours."""

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return np.zeros(shape)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(0.0, 0.0)


class Constant(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="constant"):
    """All the same value. For weights: symmetry, as with zeros."""

    value: Annotated[Finite, Meta(description="the value")] = 0.1

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return np.full(shape, self.value)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(self.value, 0.0)


class Normal(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="normal"):
    """Gaussian with a mean and a standard deviation of your own, whatever the layer's width."""

    mean: Annotated[Finite, Meta(description="mean")] = 0.0
    std: Annotated[float, Meta(ge=0.0, le=1e6, description="standard deviation")] = 1.0

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return generator.normal(self.mean, self.std, shape)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(self.mean, self.std**2)


class Uniform(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="uniform"):
    """Uniform between two bounds of your own, whatever the layer's width."""

    low: Annotated[Finite, Meta(description="lower bound")] = -0.5
    high: Annotated[Finite, Meta(description="upper bound")] = 0.5

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise InputError(f"the lower bound {self.low:g} is above the upper bound {self.high:g}")

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return generator.uniform(self.low, self.high, shape)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments((self.low + self.high) / 2.0, (self.high - self.low) ** 2 / 12.0)


class TruncatedNormal(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="truncated_normal"):
    """Gaussian without its tails: values beyond two standard deviations are drawn again."""

    mean: Annotated[Finite, Meta(description="mean")] = 0.0
    std: Annotated[float, Meta(ge=0.0, le=1e6, description="standard deviation before the cut")] = 0.05

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        values = generator.normal(size=shape)
        while (far := np.abs(values) > 2.0).any():
            values[far] = generator.normal(size=int(far.sum()))
        return self.mean + self.std * values

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        # Of a standard normal, 1 − 2cφ(c)/(2Φ(c) − 1) is left of the variance between −c and c; here c = 2.
        left = 1.0 - 4.0 * math.exp(-2.0) / math.sqrt(2.0 * math.pi) / math.erf(math.sqrt(2.0))
        return Moments(self.mean, self.std**2 * left)


class OwnValues(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="own_values"):
    """Numbers of your own, row by row: for weights one row per input, for biases one row; none yet means all 0."""

    values: Annotated[tuple[tuple[Finite, ...], ...], Meta(max_length=4096, description="one row per input")] = ()

    def check_shape(self, shape: tuple[int, ...]) -> None:
        if not self.values:
            return
        lengths = sorted({len(row) for row in self.values})
        found = (len(self.values), lengths[0]) if len(lengths) == 1 else None
        wanted = (1, *shape) if len(shape) == 1 else shape
        if found != wanted:
            have = f"{found[0]} × {found[1]}" if found else f"rows of {lengths[0]} to {lengths[-1]}"
            raise InputError(f"own values are {have} numbers, but {wanted[0]} × {wanted[1]} are needed")

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        self.check_shape(shape)
        return np.array(self.values).reshape(shape) if self.values else np.zeros(shape)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        self.check_shape(shape)
        values = np.array(self.values or ((0.0,),))
        return Moments(float(values.mean()), float(values.var()), "own values count as draws of their own spread")


class _Scaled(Initializer):
    """Zero-mean draws whose variance follows the layer's width."""

    __slots__ = ()

    def variance(self, site: Site) -> float:
        """Variance of one weight."""
        raise NotImplementedError

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(0.0, self.variance(site))


class _ScaledNormal(_Scaled):
    __slots__ = ()

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return generator.normal(0.0, math.sqrt(self.variance(site)), shape)


class _ScaledUniform(_Scaled):
    __slots__ = ()

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        limit = math.sqrt(3.0 * self.variance(site))
        return generator.uniform(-limit, limit, shape)


class Standard(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="standard"):
    """Uniform ±1/√fan_in, variance 1/(3·fan_in): the habit that Glorot & Bengio (2010) compare with; signals shrink."""

    def variance(self, site: Site) -> float:
        return 1.0 / (3.0 * site.fan_in)


class LeCunNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lecun_normal"):
    """Gaussian, variance 1/fan_in (LeCun et al. 1998): keeps the variance of a near-linear neuron."""

    @classmethod
    def title(cls) -> str:
        return "LeCun normal"

    def variance(self, site: Site) -> float:
        return 1.0 / site.fan_in


class LeCunUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lecun_uniform"):
    """Uniform ±√(3/fan_in), variance 1/fan_in (LeCun et al. 1998)."""

    @classmethod
    def title(cls) -> str:
        return "LeCun uniform"

    def variance(self, site: Site) -> float:
        return 1.0 / site.fan_in


class GlorotNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="glorot_normal"):
    """Gaussian, variance 2/(fan_in+fan_out) (Glorot & Bengio 2010): levels signals both ways; for tanh, sigmoid."""

    @classmethod
    def title(cls) -> str:
        return "Glorot normal"

    def variance(self, site: Site) -> float:
        return 2.0 / (site.fan_in + site.fan_out)


class GlorotUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="glorot_uniform"):
    """Uniform ±√(6/(fan_in+fan_out)) (Glorot & Bengio 2010), also called Xavier; for tanh and sigmoid."""

    @classmethod
    def title(cls) -> str:
        return "Glorot uniform"

    def variance(self, site: Site) -> float:
        return 2.0 / (site.fan_in + site.fan_out)


class HeNormal(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="he_normal"):
    """Gaussian, variance 2/fan_in (He et al. 2015): makes up for the half that a ReLU cuts away."""

    @classmethod
    def title(cls) -> str:
        return "He normal"

    def variance(self, site: Site) -> float:
        return 2.0 / site.fan_in


class HeUniform(_ScaledUniform, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="he_uniform"):
    """Uniform ±√(6/fan_in), variance 2/fan_in (He et al. 2015); for ReLU and its kin."""

    @classmethod
    def title(cls) -> str:
        return "He uniform"

    def variance(self, site: Site) -> float:
        return 2.0 / site.fan_in


class Kumar(_ScaledNormal, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="kumar"):
    """Gaussian, variance 1/(fan_in·f'(0)²·(1+f(0)²)) (Kumar 2017): He's where f has no slope at 0, or two."""

    @classmethod
    def title(cls) -> str:
        return "Kumar"

    def variance(self, site: Site) -> float:
        at_zero, slope = float(site.activation.f(0.0)), float(site.activation.df(0.0))
        if not slope or 0.0 in site.activation.kinks:
            return 2.0 / site.fan_in
        return 1.0 / (site.fan_in * slope**2 * (1.0 + at_zero**2))


class MeanField(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mean_field"):
    """Gaussian with variance σw²/fan_in; as biases, σb² (Poole et al. 2016): the coordinates of order and chaos."""

    sigma_w: Annotated[float, Meta(ge=0.0, le=1e3, description="σw of weights")] = 1.0
    sigma_b: Annotated[float, Meta(ge=0.0, le=1e3, description="σb of biases")] = 0.0

    @classmethod
    def title(cls) -> str:
        return "mean field"

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        std = self.sigma_b if len(shape) == 1 else self.sigma_w / math.sqrt(site.fan_in)
        return generator.normal(0.0, std, shape)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(0.0, self.sigma_b**2 if len(shape) == 1 else self.sigma_w**2 / site.fan_in)


class Sparse(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sparse"):
    """Each unit hears only a few inputs, with Gaussian weights; the rest are 0 (Martens 2010)."""

    connections: Annotated[int, Meta(ge=1, le=65_536, description="inputs with a weight, per unit")] = 15
    std: Annotated[float, Meta(ge=0.0, le=1e6, description="standard deviation of those weights")] = 1.0
    for_biases = False

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        weights = generator.normal(0.0, self.std, shape)
        order = generator.permuted(np.tile(np.arange(shape[0])[:, None], (1, shape[1])), axis=0)
        return np.where(order < self.connections, weights, 0.0)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        share = min(self.connections, shape[0]) / shape[0]
        return Moments(0.0, share * self.std**2, "each unit counts as hearing many inputs a little")


class IdentityMatrix(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="identity"):
    """A multiple of the identity matrix (Le et al. 2015): a layer that at first hands its inputs on."""

    gain: Annotated[float, Meta(ge=-1e3, le=1e3, description="what stands on the diagonal")] = 1.0
    for_biases = False

    @classmethod
    def title(cls) -> str:
        return "identity matrix"

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        matrix: Draw = self.gain * np.eye(shape[0], shape[1])
        return matrix

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        mean_square = self.gain**2 / max(shape)
        return Moments(0.0, mean_square, "an identity matrix counts as random weights of its mean square")


class Orthogonal(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="orthogonal"):
    """A random orthogonal matrix times a gain (Saxe et al. 2013): every singular value is the gain."""

    gain: Annotated[float, Meta(gt=0.0, le=1e3, description="every singular value")] = 1.0
    for_biases = False

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        rows, columns = shape
        gaussian = generator.normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(gaussian)
        # The signs of R's diagonal are the library's whim; taking them out makes the draw uniform (Mezzadri 2007).
        q *= np.where(np.diag(r) < 0, -1.0, 1.0)
        matrix: Any = q if rows >= columns else q.T
        return np.ascontiguousarray(matrix * self.gain)

    def moments(self, shape: tuple[int, ...], site: Site) -> Moments:
        return Moments(0.0, self.gain**2 / max(shape), "orthogonal weights count as independent of each other")


class LSUV(Initializer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="lsuv"):
    """Orthogonal, then scaled to the data until Wᵀ·a_in has variance 1 in every layer (Mishkin & Matas 2016)."""

    for_biases = False

    @classmethod
    def title(cls) -> str:
        return "LSUV"

    def draw(self, generator: np.random.Generator, shape: tuple[int, ...], site: Site) -> Draw:
        return Orthogonal().draw(generator, shape, site)
