"""A forecast of step 0: how large signals and errors will be in every layer, before anything is trained.

What is expected comes from mean-field theory, which holds for very many units. What chance leaves open at the true
widths grows with depth over width (Hanin 2018), and no formula is exact for narrow layers: so the network is drawn
anew many times, and measured as a probe measures it. The band from the 5 % to the 95 % quantile is taken so wide
that it holds nine networks in ten with a confidence of 95 % (Wilks 1941).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .activations import ReLU
from .errors import InputError
from .fresh_draws import Draws, Measured
from .mean_field import FixedPoint, Floats, depth_scale, fixed_point
from .network import Network
from .propagation import LayerTheory, Propagation, propagate

FEWEST_DRAWS, MOST_DRAWS = 46, 128
"""The smallest and the largest of 46 draws hold nine networks in ten between them with a confidence of 95 %."""
WORK = 1.5e9
"""Multiplications in a forward pass times draws that a forecast may take, if the fewest draws do not take more."""
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Band:
    """One number at step 0. ``value in band`` tells whether a measured value lies inside.

    All but ``expected`` are NaN as long as no networks are drawn.
    """

    expected: float | None
    """By mean-field theory; None where the theory does not reach."""
    low: float
    """5 % of networks lie below."""
    median: float
    high: float
    """5 % of networks lie above."""
    mean: float
    """Of the networks that were drawn."""

    def __contains__(self, measured: float) -> bool:
        return self.low <= measured <= self.high


@dataclass(frozen=True)
class Chance:
    """Of being born dead: no unit of a layer has a slope on any sample (Lu et al. 2019)."""

    bound: float | None
    """It is at most this, ``1 − Π(1 − 2^−units)`` over the layers; None where first values are not symmetric draws."""
    low: float
    """Between this and ``high`` lies the chance, with a confidence of 90 % (Wilson 1927)."""
    share: float
    """Of the networks that were drawn."""
    high: float


@dataclass(frozen=True)
class LayerForecast:
    """What a layer will measure at step 0."""

    rms: Band
    """Root mean square of the outputs, over units and samples."""
    std: Band
    """Standard deviation of the outputs, over units and samples.

    Theory is silent on a layer of one unit: the spread that it expects is for the most part that from unit to unit.
    """
    saturated: Band
    """Share of units and samples with |f'| below 5 % of its maximum."""
    delta: Band
    """RMS of δ against the last layer's."""
    delta_ratio: Band | None
    """RMS of δ against the next layer's; None for the last layer."""
    chi1: Band | None
    """χ₁ = σw²·mean(f'²) at this layer's own z; None for the last layer and where more than f stands behind z."""
    born_dead: Chance | None
    """That a whole ReLU layer is dead; None for other activations."""
    note: str
    """What the theory assumes of the layer, or why it leaves it out; may be empty."""
    theory: LayerTheory | None = field(repr=False)
    """The theory sample by sample."""

    @property
    def depth_scale(self) -> Band | None:
        """ξ = 1/|ln χ₁| in layers; infinite at the end where χ₁ may be 1."""
        band = self.chi1
        if band is None:
            return None
        expected = None if band.expected is None else depth_scale(band.expected)
        if math.isnan(band.low):
            return _band(None, expected)
        ends = sorted((depth_scale(band.low), depth_scale(band.high)))
        if 1.0 in band:
            ends[1] = math.inf
        return Band(expected, ends[0], depth_scale(band.median), ends[1], depth_scale(band.mean))

    @property
    def spreads(self) -> tuple[float, float] | None:
        """σw = √(fan-in · Var(w)) and σb: where the layer stands in its activation's phase chart.

        None where ``chi1`` is None, and where weights or biases have another mean than 0.
        """
        theory = self.theory
        if self.chi1 is None or theory is None or theory.weights.mean != 0.0 or theory.biases.mean != 0.0:
            return None
        return math.sqrt(theory.weight_variance), math.sqrt(theory.biases.variance)

    def fixed_point(self) -> FixedPoint | None:
        """Where signals would settle if this layer were repeated for ever, starting from its own.

        None if they grow without end, where ``chi1`` is None, and where weights have another mean than 0.
        """
        theory = self.theory
        if self.chi1 is None or theory is None or theory.weights.mean != 0.0:
            return None
        laws = theory.weight_variance, theory.biases.variance, theory.biases.mean
        return fixed_point(theory.layer.activation, *laws, start=float(theory.before.variance.mean()))


@dataclass(frozen=True)
class Forecast:
    """Step 0 of a network, before its first values are drawn."""

    layers: list[LayerForecast]
    born_dead: Chance | None
    """That some ReLU layer is dead from the start; None without ReLU, and as long as no networks are drawn."""
    draws: int
    """Networks drawn for the bands; 0 for what theory says alone."""


class Forecaster:
    """A forecast in the making: theory at once, then bands, as soon as enough networks are drawn.

    The arguments are those of :func:`forecast`. Whoever draws ``draws`` networks has what that function gives.
    """

    def __init__(self, network: Network, x: ArrayLike, y: ArrayLike, fitted_to: ArrayLike | None = None) -> None:
        inputs, targets = network.checked_batch(x, y)
        self.network, self.samples = network, len(inputs)
        self.draws = _affordable(sum(place.products for place in network.places) * len(inputs))
        """How many networks the bands should stand on: 128, fewer for large networks."""
        self._theory = propagate(network.layers, inputs.astype(np.float64))
        self._batch = network, inputs, targets, inputs if fitted_to is None else fitted_to
        self._drawn: Draws | None = None

    @property
    def drawn(self) -> int:
        """Networks drawn so far."""
        return 0 if self._drawn is None else len(self._drawn)

    def draw(self, networks: int = 1) -> None:
        """Draw some more networks."""
        if self._drawn is None:
            self._drawn = Draws(*self._batch)
        for _ in range(networks):
            self._drawn.draw()

    def forecast(self) -> Forecast:
        """As far as it is known by now; there are bands from 46 networks on."""
        theory, count = self._theory, len(self.network.layers)
        seen = self._drawn.measured() if self._drawn is not None and self.drawn >= FEWEST_DRAWS else None
        dead = [None] * (count + 1) if seen is None else _chances(self.network.layers, theory, seen.dead)
        layers = [_layer_forecast(number, theory, seen, dead[number]) for number in range(count)]
        return Forecast(layers, dead[-1], 0 if seen is None else self.drawn)


def forecast(
    network: Network, x: ArrayLike, y: ArrayLike, fitted_to: ArrayLike | None = None, draws: int | None = None
) -> Forecast:
    """What ``network`` will measure at step 0 on ``x (samples, inputs)`` and ``y (samples, outputs)``.

    Only the network's design counts, not the values it holds; it is left as it is. About a hundred samples are
    enough. ``fitted_to (samples, inputs)`` is the training data that LSUV scales weights to, if that is not ``x``.
    ``draws`` is how many networks the bands stand on; by default 128, fewer for large networks.
    Raises ``InputError`` for a batch that does not fit the network and for fewer than 46 draws.
    """
    if draws is not None and draws < FEWEST_DRAWS:
        raise InputError(f"draws: a band needs at least {FEWEST_DRAWS} networks, not {draws}")
    forecaster = Forecaster(network, x, y, fitted_to)
    forecaster.draw(forecaster.draws if draws is None else draws)
    return forecaster.forecast()


def _affordable(work: int) -> int:
    return max(FEWEST_DRAWS, min(MOST_DRAWS, int(WORK / max(1, work))))


def _layer_forecast(
    number: int, theory: Propagation, seen: Measured | None, born_dead: Chance | None
) -> LayerForecast:
    layer, delta = theory.layers[number], theory.deltas[number]
    answer = layer.response if layer else None
    size, spread = _sizes(layer) if layer and answer else (None, None)
    if layer and layer.layer.units == 1:
        spread = None

    def band(name: str, expected: float | None) -> Band:
        return _band(None if seen is None else getattr(seen, name)[:, number], expected)

    ratio = chi1 = None
    if number + 1 < len(theory.deltas):
        ratio = band("delta_ratio", _rms_ratio(delta, theory.deltas[number + 1]))
        if layer and answer and layer.bare:
            growth = None if seen is None else layer.weight_variance * seen.slope[:, number] ** 2
            chi1 = _band(growth, layer.weight_variance * float(answer.slope_square.mean()))
    return LayerForecast(
        rms=band("rms", size),
        std=band("std", spread),
        saturated=band("saturated", float(answer.saturated.mean()) if answer else None),
        delta=band("delta", _rms_ratio(delta, theory.deltas[-1])),
        delta_ratio=ratio,
        chi1=chi1,
        born_dead=born_dead,
        note=theory.notes[number],
        theory=layer,
    )


def _sizes(layer: LayerTheory) -> tuple[float, float]:
    """RMS and standard deviation of the outputs over units and samples."""
    mean, mean_square = float(layer.outputs.mean.mean()), float(layer.outputs.mean_square.mean())
    return math.sqrt(mean_square), math.sqrt(max(mean_square - mean**2, 0.0))


def _rms_ratio(part: Floats | None, whole: Floats | None) -> float | None:
    """Of two mean squares; None where one of them is not known, or beyond all numbers."""
    if part is None or whole is None:
        return None
    below, above = float(part.mean()), float(whole.mean())
    if not math.isfinite(below + above):
        return None
    return math.sqrt(below / above) if below and above else 0.0


def _band(values: Floats | None, expected: float | None) -> Band:
    """Of values ``(draws,)``, if there are any."""
    if values is None:
        return Band(expected, *(math.nan,) * 4)
    ordered, left_out = np.sort(values), _left_out(len(values))
    low, high = float(ordered[left_out]), float(ordered[-1 - left_out])
    return Band(expected, low, float(np.median(ordered)), high, float(np.mean(ordered)))


@functools.cache
def _left_out(draws: int) -> int:
    """How many of the smallest and of the largest draws a band may leave out.

    Between the k-th smallest and the k-th largest of n draws lie nine networks in ten or more with the probability
    that at least 2k of n draws fall into the tenth outside (Wilks 1941).
    """
    few, chance = -1, 0.0
    while chance <= 1.0 - CONFIDENCE:
        few += 1
        chance += math.comb(draws, few) * 0.1**few * 0.9 ** (draws - few)
    return few // 2 - 1


def _chances(layers: Sequence[Any], theory: Propagation, dead: Floats) -> list[Chance | None]:
    """For every layer whether all of it is dead, and last whether any layer is; None without a ReLU."""
    rectified = [isinstance(layer.activation, ReLU) for layer in layers]
    alive: float | None = 1.0
    found: list[Chance | None] = []
    for number, layer in enumerate(theory.layers):
        if rectified[number]:
            alive = alive * (1.0 - 2.0**-layer.layer.units) if layer and alive is not None and _fair(layer) else None
        found.append(_chance(dead[:, number], alive) if rectified[number] else None)
    any_dead = dead[:, rectified].max(axis=1) if any(rectified) else None
    return [*found, None if any_dead is None else _chance(any_dead, alive)]


def _fair(layer: LayerTheory) -> bool:
    """Whether on a sample each unit is below 0 with a chance of one half, whatever the other units are."""
    drawn = (layer.weights, layer.biases)
    symmetric = all(part.mean == 0.0 and not part.assumption for part in drawn)
    return symmetric and layer.weights.variance > 0.0 and layer.layer.normalization is None


def _chance(dead: Floats, alive: float | None) -> Chance:
    draws, share = len(dead), float(dead.mean())
    deviation = 1.6448536269514722**2 / draws  # squared quantile of the normal distribution at 95 %
    middle = (share + deviation / 2.0) / (1.0 + deviation)
    half = math.sqrt(deviation * (share * (1.0 - share) + deviation / 4.0)) / (1.0 + deviation)
    bound = None if alive is None else 1.0 - alive
    return Chance(bound, min(share, max(0.0, middle - half)), share, max(share, min(1.0, middle + half)))
