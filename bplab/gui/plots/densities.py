"""How a layer's values are spread: counts in equal bins, those of them where f is saturated, and where f always is.

Pure NumPy. Saturated means |f'| < 5 % of max|f'|, as everywhere in the lab.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.engine.activations import Activation, saturation_mask

from .scales import round_above

Floats = NDArray[np.floating[Any]]
BINS = 60
FAR = 0.002
"""Share of a layer's values that may lie outside the axis at either end: a few far ones must not hide the others."""
REACH, GRID_POINTS = 60.0, 4_801
"""f is looked at for z within ±REACH, at so many points; beyond that nothing changes."""


@dataclass(frozen=True, eq=False)
class Spread:
    """One layer: values per bin ``(bins,)``, all of them and the saturated ones."""

    counts: NDArray[np.int64]
    saturated: NDArray[np.int64]
    total: int
    """All values, those outside the axis too."""

    def shares(self) -> Floats:
        """Of all values, in each bin."""
        return self.counts / max(1, self.total)


def common_range(layers: list[Floats]) -> tuple[float, float]:
    """Round ends that hold nearly all values of every layer, and 0."""
    ends = [np.quantile(known, (FAR, 1.0 - FAR)) for values in layers if (known := values[np.isfinite(values)]).size]
    low, high = min((float(end[0]) for end in ends), default=0.0), max((float(end[1]) for end in ends), default=0.0)
    if low >= 0.0 >= high:
        return 0.0, 1.0
    return -round_above(-low) if low < 0.0 else 0.0, round_above(high) if high > 0.0 else 0.0


def spread_of(values: Floats, mask: NDArray[np.bool_], low: float, high: float) -> Spread:
    """Count ``values`` of any shape in bins from ``low`` to ``high``; ``mask``, of that shape, is True if saturated."""
    with np.errstate(invalid="ignore", over="ignore"):
        places = np.floor((values - low) * (BINS / (high - low)))
        places[values == high] = BINS - 1
        inside = (places >= 0) & (places < BINS)
    bins = places[inside].astype(np.intp)
    return Spread(
        np.bincount(bins, minlength=BINS), np.bincount(bins[mask[inside]], minlength=BINS), int(values.size)
    )


@functools.lru_cache(maxsize=256)
def saturated_stretches(activation: Activation, of_outputs: bool) -> list[tuple[float, float]]:
    """Where on an axis of f(z), or of z, f is saturated: low and high ends, ascending, infinite where there is no end.

    Where f takes a value both on a flat and on a steep stretch, the value counts as saturated. Softmax, which has no
    f of one variable, is saturated where a·(1 − a) is small, and nowhere on an axis of z.
    """
    if not activation.elementwise:
        if not of_outputs:
            return []
        outputs = np.linspace(0.0, 1.0, GRID_POINTS)
        return _runs(outputs, saturation_mask(activation, outputs * (1.0 - outputs)), outputs)
    z = np.linspace(-REACH, REACH, GRID_POINTS)
    mask = saturation_mask(activation, activation.df(z[:, None])[:, 0])
    if of_outputs:
        return _merged(_runs(z, mask, activation.f(z[:, None])[:, 0]))
    ends = z.copy()
    ends[0], ends[-1] = -np.inf, np.inf
    return _runs(z, mask, ends)


def _runs(grid: Floats, mask: NDArray[np.bool_], values: Floats) -> list[tuple[float, float]]:
    """Least and greatest of ``values`` in every run of grid points where ``mask`` holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    return [
        (float(values[first:end].min()), float(values[first:end].max()))
        for first, end in zip(edges[::2], edges[1::2], strict=True)
    ]


def _merged(stretches: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches that overlap, joined."""
    found: list[tuple[float, float]] = []
    for low, high in sorted(stretches):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high))
        else:
            found.append((low, high))
    return found
