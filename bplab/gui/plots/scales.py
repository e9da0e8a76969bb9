"""Scales: which stretch of values an axis covers and what stands at its ticks. Pure numbers, no Qt.

Ends are round numbers, so that an axis stands still while a curve grows, and changes rarely. On a log scale
0 has a place of its own below everything else: a dead network's gradient is seen, and says 0.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ticks = list[tuple[float, str]]
"""Places on an axis with the text beside them."""
TickRule = Callable[[float, float, float], Ticks]
"""Ticks for the range low..high on an axis that is so many pixels long."""

ROUND = (1.0, 1.25, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
SMALLEST, LARGEST = 1e-45, 1e300
"""Magnitudes below count as 0 (single precision holds none smaller); those above are not drawn."""
RUNAWAY, LOG_RUNAWAY = 20.0, 1e6
"""A curve that rises this far above its beginning and its usual values has run away: the axis lets it go."""


def round_above(value: float) -> float:
    """The smallest round number that is at least ``value``; 1 for nothing positive."""
    if not 0.0 < value < math.inf:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next((part * power for part in ROUND if part * power >= value), 10.0 * power)


def update_text(updates: float) -> str:
    """A number of updates, short: ``0``, ``500``, ``2,000``, ``20k``, ``1.5M``."""
    if abs(updates) < 10_000:
        return f"{updates:,.6g}"
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(updates) >= size:
            return f"{updates / size:,.6g}{letter}"
    raise AssertionError(updates)


def magnitude_text(exponent: float) -> str:
    """10 to the ``exponent`` on an axis: ``1e-3``, ``0.01``, ``1``, ``100``, ``1e4``; factors 2 and 5 likewise."""
    power = math.floor(exponent + 1e-9)
    factor = round(10.0 ** (exponent - power))
    return f"{factor * 10.0**power:g}" if -3 < power < 4 else f"{factor}e{power}"


def linear_ticks(low: float, high: float, pixels: float, apart: float = 30.0) -> Ticks:
    """Multiples of 1, 2 or 5 times a power of ten, at least ``apart`` pixels from each other."""
    if not high > low:
        return []
    step = _round_step((high - low) * apart / max(pixels, 1.0))
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    numbers = range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)
    extreme = max(abs(low), abs(high)) >= 1e5 or digits > 5
    return [(n * step, f"{n * step:.3g}" if extreme else f"{n * step:,.{digits}f}") for n in numbers]


def update_ticks(low: float, high: float, pixels: float) -> Ticks:
    """Numbers of updates: whole ones only."""
    if not high > low:
        return []
    step = max(1.0, _round_step((high - low) * 64.0 / max(pixels, 1.0)))
    numbers = range(max(0, math.ceil(low / step - 1e-9)), math.floor(high / step + 1e-9) + 1)
    return [(n * step, update_text(n * step)) for n in numbers]


def share_ticks(low: float, high: float, pixels: float) -> Ticks:
    """0, 50 and 100 %."""
    return [(share, text) for share, text in ((0.0, "0"), (0.5, "50"), (1.0, "100 %")) if low <= share <= high]


def _round_step(least: float) -> float:
    power = 10.0 ** math.floor(math.log10(least))
    return next((part * power for part in (1.0, 2.0, 5.0, 10.0) if part * power >= least * (1 - 1e-9)), 10.0 * power)


@dataclass(frozen=True)
class LinearScale:
    """From 0 to a round number above all values."""

    high: float
    low: float = 0.0
    zero: ClassVar[None] = None
    """0 needs no place of its own."""

    @classmethod
    def around(cls, *values: Floats) -> LinearScale:
        """The scale that holds all finite ``values``."""
        shown = [part for part in map(_shown, values) if part.size]
        highest = max((float(part.max()) for part in shown), default=1.0)
        return cls(round_above(1.02 * _tamed(highest, values, RUNAWAY, 2.0)))

    def place(self, values: Floats) -> Floats:
        """Where values stand on the axis; NaN where they are not finite."""
        return np.where(np.abs(values) < LARGEST, values, np.nan)

    def ticks(self, low: float, high: float, pixels: float) -> Ticks:
        """Ticks for the part low..high."""
        return linear_ticks(low, high, pixels)


@dataclass(frozen=True)
class CountScale(LinearScale):
    """The same for what is counted: no tick between whole numbers."""

    def ticks(self, low: float, high: float, pixels: float) -> Ticks:
        """Ticks for the part low..high."""
        found = super().ticks(low, high, pixels)
        return [(place, f"{place:,.0f}") for place, _ in found if abs(place - round(place)) < 1e-9]


@dataclass(frozen=True)
class ShareScale(LinearScale):
    """Shares of a whole, from 0 to 100 %, with room for a curve that stands at its end."""

    high: float = 1.02

    def ticks(self, low: float, high: float, pixels: float) -> Ticks:
        """Ticks for the part low..high, in per cent."""
        return [(0.01 * place, f"{text} %") for place, text in linear_ticks(100 * low, 100 * high, pixels)]


@dataclass(frozen=True)
class LogScale:
    """Magnitudes by their exponent; ``low`` and ``high`` are exponents, ``zero`` is where 0 stands, if it occurs."""

    low: float
    high: float
    zero: float | None = None

    @classmethod
    def around(cls, *values: Floats) -> LogScale:
        """The scale that holds all finite ``values``; ends at 1, 2 or 5 times a power of ten, or at wider ones."""
        shown = [part for part in map(_shown, values) if part.size]
        positive = [_positive(part) for part in shown]
        parts = [part for part in positive if part.size]
        if parts:
            lowest = math.log10(min(float(part.min()) for part in parts))
            highest = math.log10(_tamed(max(float(part.max()) for part in parts), values, LOG_RUNAWAY, 1e3))
        else:
            lowest, highest = -3.0, 0.0
        low, high = _log_ends(lowest, highest)
        zeros = any(some.size < part.size for part, some in zip(shown, positive, strict=True))
        if not zeros:
            return cls(low, high)
        floor = low - max(0.3, 0.1 * (high - low))
        return cls(floor - 0.25 * (low - floor), high, floor)

    def place(self, values: Floats) -> Floats:
        """Where values stand on the axis; NaN where they are not finite, the place of 0 for 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            exponents = np.where((values > SMALLEST) & (values < LARGEST), np.log10(values), np.nan)
        if self.zero is not None:
            exponents[(values <= SMALLEST)] = self.zero
        return exponents

    def ticks(self, low: float, high: float, pixels: float) -> Ticks:
        """Decades, as many as there is room for; 2 and 5 between them where they are few; and 0 at its place."""
        span = max(high - low, 1e-9)
        every = next(n for n in (1, 2, 3, 5, 10, 20, 50, 100, 1000) if n * pixels / span >= 18.0 or n == 1000)
        factors = (1, 2, 5) if every == 1 and span < 2.0 and pixels / span > 60.0 else (1,)
        found: Ticks = []
        if self.zero is not None and low <= self.zero <= high:
            found.append((self.zero, "0"))
            low = self.zero + 14.0 * span / max(pixels, 1.0)
        for decade in range(math.floor(low), math.ceil(high) + 1):
            places = [decade + math.log10(factor) for factor in factors] if decade % every == 0 else []
            found += [(place, magnitude_text(place)) for place in places if low - 1e-9 <= place <= high + 1e-9]
        return found


def _shown(values: Floats) -> Floats:
    keep = np.abs(values) < LARGEST
    return values if keep.all() else values[keep]


def _positive(values: Floats) -> Floats:
    return values if values.min() > SMALLEST else values[values > SMALLEST]


def _tamed(highest: float, values: tuple[Floats, ...], runaway: float, kept: float) -> float:
    """``highest``; or, if it is a runaway, so many times what was usual before.

    Rising to ``runaway`` times the beginning is none, nor is rising to its square if values stay there.
    """
    shown = [(column, part) for column in values if (part := _shown(column)).size]
    begin = max((float(part.max()) for column, _ in shown if (part := _shown(column[:1])).size), default=0.0)
    if begin <= SMALLEST or highest <= runaway * begin:
        return highest
    stays = max(float(np.quantile(part, 0.98)) for _, part in shown)
    if highest <= runaway * min(stays, runaway * begin):
        return highest
    before = (part[part <= runaway * begin] for _, part in shown)
    return kept * max(begin, *(float(np.quantile(part, 0.98)) for part in before if part.size))


def _log_ends(lowest: float, highest: float) -> tuple[float, float]:
    """Round exponents around lowest..highest: whole decades, or 1-2-5 steps where that would waste much room."""
    low, high = math.floor(lowest + 1e-9), math.ceil(highest - 1e-9)
    if high - low > 6:
        return float(low), float(high)
    marks = np.array([decade + part for decade in range(low - 1, high + 2) for part in np.log10((1, 2, 5))])
    below, above = marks[marks <= lowest + 1e-9][-1], marks[marks >= highest - 1e-9][0]
    if above - below < 0.65:  # nearly constant: show at least most of a decade
        below, above = below - 0.35, above + 0.35
    return float(below), float(above)
