"""Mean-field theory of one kind of layer: what very many neurons with random weights do, in closed integrals.

Given the outputs of the layer before, the weighted inputs of a wide layer are Gaussian over its units. So one layer
maps the variance v of z to the next, with σw² = fan-in · Var(w) and σb² = Var(b) (Poole et al. 2016, eq. 3-4)::

    v → σw² · E[f(√v·t)²] + σb²            t ~ N(0, 1)
    χ₁ = σw² · E[f'(√v·t)²]                the square of an error, or of a small difference, from layer to layer
    ξ = 1/|ln χ₁|                          layers until that has changed by a factor e (Schoenholz et al. 2017, eq. 9)

Where χ₁ is below 1 differences and errors die out, above 1 they explode; networks train up to about 6ξ layers.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .activations import Activation, saturation_mask

Floats = NDArray[np.float64]

REACH = 9.0
"""Standard deviations that are integrated over; what lies beyond weighs 1e-18."""
_PANELS, _PANELS_OF_WAVES = 24, 480
_NODES, _SHARES = np.polynomial.legendre.leggauss(8)
_BENDS = (1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 12.0, 16.0, 24.0, 32.0)
"""Between ± these (and 0) an activation bends, however far z itself spreads: panels end there too."""
_SEARCHED, _MOST_EDGES = 64.0, 256
_DIGITS = math.log(1e16)
"""To how many an interpolation reaches."""
CRITICAL = 1e-14
"""A factor as near to 1 as this changes nothing."""
_SMALLEST, _LARGEST = 1e-10, 1e8
"""Variances between which a fixed point is looked for; a smaller one counts as 0."""
_VANISHING = 1e-30
"""Stands for variance 0 where a slope right at 0 would not be that of either side."""


class Response(NamedTuple):
    """Means over a Gaussian z, ``(n,)``."""

    mean: Floats
    """E[f]."""
    mean_square: Floats
    """E[f²]."""
    slope: Floats
    """E[f']."""
    slope_square: Floats
    """E[f'²]."""
    saturated: Floats
    """P(|f'| < 5 % of max|f'|)."""


def response(activation: Activation, mean: ArrayLike, variance: ArrayLike) -> Response:
    """What an elementwise activation makes of z ~ N(mean, variance), numbers or ``(n,)``; the answers are ``(n,)``.

    Gauss-Legendre in panels that end where f kinks, bends or saturates, so every piece is smooth. Many variances with
    one mean are answered from a few.
    """
    centre, variances = np.broadcast_arrays(np.atleast_1d(mean).astype(float), np.atleast_1d(variance).astype(float))
    few = _few(centre, variances)
    if few is None:
        return _integrals(activation, centre, np.sqrt(variances))
    logs, places = few
    found = np.array(_integrals(activation, np.full(len(logs), centre[0]), np.exp(0.5 * logs)))
    mean_f, mean_square, slope, slope_square, saturated = _through(found, places)
    return Response(
        mean_f, np.maximum(mean_square, 0.0), slope, np.maximum(slope_square, 0.0), np.clip(saturated, 0.0, 1.0)
    )


def _few(centre: Floats, variances: Floats) -> tuple[Floats, Floats] | None:
    """Logarithms of Chebyshev variances, and all variances' places between them in -1 … 1; None if it is not worth it.

    A mean over a Gaussian is analytic in its variance as far as 1/variance has a positive real part, whatever f is: in
    the logarithm that is a strip of half width π/2, which says how many points carry an interpolation to rounding.
    """
    low, high = float(variances.min(initial=math.inf)), float(variances.max(initial=0.0))
    if not 0.0 < low < high < math.inf or np.ptp(centre) > 0.0:
        return None
    middle, half = 0.5 * math.log(low * high) if low * high > 0.0 else math.nan, 0.5 * math.log(high / low)
    count = math.ceil(_DIGITS / math.asinh(0.5 * math.pi / half)) + 2 if half > 0.0 else 1
    if 2 * count > len(variances) or not math.isfinite(middle):
        return None
    points = np.cos(np.pi * (np.arange(count) + 0.5) / count)
    return middle + half * points, (np.log(variances) - middle) / half


def _through(values: Floats, places: Floats) -> Floats:
    """Rows of values at Chebyshev points, interpolated at ``places``."""
    count = values.shape[1]
    angles = np.pi * np.outer(np.arange(count), np.arange(count) + 0.5) / count
    coefficients = 2.0 / count * values @ np.cos(angles).T
    coefficients[:, 0] /= 2.0
    return np.asarray(coefficients @ np.polynomial.chebyshev.chebvander(places, count - 1).T)


def _integrals(activation: Activation, centre: Floats, spread: Floats) -> Response:
    """The means themselves, one integration for each."""
    with np.errstate(all="ignore"):
        panels, breaks = _panels(activation)
        even = np.broadcast_to(np.linspace(-REACH, REACH, panels + 1), (len(centre), panels + 1))
        own = np.nan_to_num((breaks - centre[:, None]) / spread[:, None])
        edges = np.sort(np.concatenate([even, np.clip(own, -REACH, REACH)], axis=1), axis=1)
        half = np.diff(edges)[:, :, None] / 2.0
        points = edges[:, :-1, None] + half * (1.0 + _NODES)
        weights = (half * _SHARES * np.exp(-0.5 * points**2)).reshape(len(centre), -1)
        weights /= weights.sum(axis=1, keepdims=True)
        z = (centre[:, None, None] + spread[:, None, None] * points).reshape(weights.shape)
        values, slopes = activation.f(z.ravel()).reshape(z.shape), activation.df(z.ravel()).reshape(z.shape)
        return Response(
            mean=_mean(weights, values),
            mean_square=_mean(weights, values**2),
            slope=_mean(weights, slopes),
            slope_square=_mean(weights, slopes**2),
            saturated=_mean(weights, saturation_mask(activation, slopes)),
        )


def _mean(weights: Floats, values: NDArray[Any]) -> Floats:
    found: Floats = np.einsum("ij,ij->i", weights, values)
    return found


@functools.cache
def _panels(activation: Activation) -> tuple[int, Floats]:
    """How many even panels there are, and where in z others must end: kinks, bends, edges of saturation."""
    bends = [0.0, *_BENDS, *(-bend for bend in _BENDS), *activation.kinks]
    edges = _saturation_edges(activation)
    if len(edges) > _MOST_EDGES:  # waves, too dense to keep their edges apart
        return _PANELS_OF_WAVES, np.unique(bends)
    return _PANELS, np.unique([*bends, *edges])


def _saturation_edges(activation: Activation) -> Floats:
    """Where |f'| crosses 5 % of its maximum."""
    z = np.linspace(-_SEARCHED, _SEARCHED, 12_801)
    with np.errstate(all="ignore"):
        mask = saturation_mask(activation, activation.df(z))
        flips = np.flatnonzero(mask[1:] != mask[:-1])
        low, high, before = z[flips], z[flips + 1], mask[flips]
        for _ in range(48):
            middle = (low + high) / 2.0
            same = saturation_mask(activation, activation.df(middle)) == before
            low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high


def depth_scale(chi1: float) -> float:
    """ξ = 1/|ln χ₁| in layers: 0 where χ₁ is 0, infinite where it is 1 but for rounding."""
    if chi1 <= 0.0 or not math.isfinite(chi1):
        return 0.0
    return math.inf if abs(chi1 - 1.0) < CRITICAL else 1.0 / abs(math.log(chi1))


@dataclass(frozen=True)
class FixedPoint:
    """Where the size of signals settles if one layer is repeated for ever."""

    mean_square: float
    """q* = E[z²]; where biases have mean 0, the variance of z."""
    chi1: float
    depth_scale: float
    """ξ, in layers."""


def fixed_point(
    activation: Activation,
    weight_variance: float,
    bias_variance: float = 0.0,
    bias_mean: float = 0.0,
    start: float = 1.0,
) -> FixedPoint | None:
    """The fixed point that layers flow to from variance ``start`` of z; None if signals grow without end.

    ``weight_variance`` is σw² = fan-in · Var(w), ``bias_variance`` σb². Weights have mean 0.
    """

    def growth(variance: Floats) -> Floats:
        # Each one by itself: between so near neighbours an interpolation's last digit would decide.
        answer = _integrals(activation, np.full_like(variance, bias_mean), np.sqrt(variance))
        mapped = weight_variance * answer.mean_square + bias_variance
        return np.sign(np.where(np.abs(mapped - variance) <= CRITICAL * variance, 0.0, mapped - variance))

    variance = _settled(growth, min(max(start, _SMALLEST), _LARGEST))
    if variance is None:
        return None
    chi1 = weight_variance * response(activation, bias_mean, max(variance, _VANISHING)).slope_square
    return FixedPoint(variance + bias_mean**2, float(chi1[0]), depth_scale(float(chi1[0])))


def _settled(growth: Callable[[Floats], Floats], start: float) -> float | None:
    """Where the sign of ``growth`` first changes on the way from ``start``; None if that is beyond all bounds."""
    direction = growth(np.array([start]))[0]
    if direction == 0.0:
        return start
    path = np.geomspace(start, _LARGEST if direction > 0.0 else _SMALLEST, 81)
    for _ in range(14):
        turned = np.flatnonzero(growth(path) != direction)
        if not turned.size:
            return None if direction > 0.0 else 0.0
        path = np.geomspace(path[turned[0] - 1], path[turned[0]], 17)
    return float(path[-1])
