"""Fewer points for the same curve: of every stretch the lowest and the highest point stay, so no spike is lost."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

MOST_POINTS = 500


def thinned(x: Integers, y: Floats, most: int = MOST_POINTS) -> tuple[Integers, Floats]:
    """At most about ``most`` of the points ``(n,)``, first and last among them; NaN gaps stay gaps."""
    if len(x) <= most:
        return x, y
    edges = _edges(len(x), most // 2)
    kept = {0, len(x) - 1}
    for start, end in pairwise(edges.tolist()):
        part = y[start:end]
        known = np.isfinite(part)
        if not known.all():
            kept.add(start + int(np.argmin(known)))
        if known.any():
            kept.add(start + int(np.argmin(np.where(known, part, np.inf))))
            kept.add(start + int(np.argmax(np.where(known, part, -np.inf))))
    index = np.array(sorted(kept))
    return x[index], y[index]


def envelope(x: Integers, low: Floats, high: Floats, most: int = MOST_POINTS) -> tuple[Floats, Floats, Floats]:
    """A band ``(n,)`` in at most ``most`` stretches: middle of each, its minimum and its maximum."""
    if len(x) <= most:
        return x.astype(np.float64), low, high
    starts = _edges(len(x), most)[:-1]
    counts = np.diff([*starts, len(x)])
    middle = np.add.reduceat(x.astype(np.float64), starts) / counts
    return middle, np.fmin.reduceat(low, starts), np.fmax.reduceat(high, starts)


def averaged(values: Floats, columns: int) -> Floats:
    """``values (rows, n)`` as means of at most ``columns`` stretches of their columns."""
    if values.shape[1] <= columns:
        return values
    starts = _edges(values.shape[1], columns)[:-1]
    return np.asarray(np.add.reduceat(values, starts, axis=1) / np.diff([*starts, values.shape[1]]))


def _edges(count: int, parts: int) -> NDArray[np.int64]:
    return np.linspace(0, count, parts + 1).astype(np.int64)
