"""Decimation: long columns of a record become as many points as a screen shows, and nothing extreme is lost.

Pure NumPy. A curve keeps the smallest and the largest value of every bucket of rows, as rows of the record
with their own steps; a heat map keeps the mean of equally many rows per column and grows at its end alone.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Rows = NDArray[np.intp]


def extreme_rows(values: Floats, most: int) -> Rows:
    """Row numbers ``(at most `most`, columns)`` that draw each column of ``values (rows, columns)``.

    Ascending in each column; the first row, the last row and the extremes of every bucket in between are there.
    Up to ``most`` rows all of them are. A NaN stands only for a bucket that holds nothing else.
    ``most`` must be at least 4.
    """
    rows, columns = values.shape
    if rows <= most:
        return np.broadcast_to(np.arange(rows)[:, None], (rows, columns))
    inner = rows - 2
    size = -(-inner // ((most - 2) // 2))
    buckets = -(-inner // size)
    # Column after column and bucket after bucket, so that every search runs along memory.
    stacked = np.full((columns, buckets * size), np.nan)
    stacked[:, :inner] = values[1:-1].T
    stacked = stacked.reshape(columns, buckets, size)
    blank = np.isnan(stacked)
    first = np.arange(buckets) * size + 1
    low = first + np.where(blank, np.inf, stacked).argmin(axis=2)
    high = first + np.where(blank, -np.inf, stacked).argmax(axis=2)
    found = np.empty((columns, 2 * buckets + 2), np.intp)
    found[:, 0], found[:, -1] = 0, rows - 1
    found[:, 1:-1:2], found[:, 2:-1:2] = np.minimum(low, high), np.maximum(low, high)
    return found.T


def envelope(lows: Floats, highs: Floats, most: int) -> tuple[Rows, Floats, Floats]:
    """A band ``(rows,)`` as at most ``most`` buckets: last row of each, lowest low, highest high."""
    rows = len(lows)
    size = max(1, -(-rows // most))
    starts = np.arange(0, rows, size)
    last = np.minimum(starts + size, rows) - 1
    return last, np.fmin.reduceat(lows, starts), np.fmax.reduceat(highs, starts)


def smoothed(values: Floats, reach: int) -> Floats:
    """Means of ``values (rows, …)`` over up to ``reach`` rows on either side; a NaN stays one and counts nowhere."""
    if reach < 1 or not len(values):
        return values
    known = np.isfinite(values)
    blank = np.zeros((1, *values.shape[1:]))
    sums = np.concatenate([blank, np.cumsum(np.where(known, values, 0.0), axis=0)])
    counts = np.concatenate([blank, np.cumsum(known, axis=0)])
    rows = np.arange(len(values))
    first, last = np.maximum(rows - reach, 0), np.minimum(rows + reach + 1, len(values))
    found = (sums[last] - sums[first]) / np.maximum(counts[last] - counts[first], 1.0)
    return np.where(known, found, np.nan)


class GrowingMeans:
    """Rows that keep coming, shown as at most ``most`` columns, each the mean of equally many consecutive rows.

    When the columns run out, neighbours are merged two by two. ``most`` is even. The newest column may still be
    waiting for rows.
    """

    def __init__(self, entries: int, most: int) -> None:
        self.rows = 0
        """Rows taken so far."""
        self.rows_per_column = 1
        self._sums = np.zeros((most, entries))

    @property
    def columns(self) -> int:
        """Columns in use."""
        return -(-self.rows // self.rows_per_column)

    def add(self, rows: Floats) -> int:
        """Take ``rows (n, entries)``; returns the first column that is not as it was before."""
        if not len(rows):
            return self.columns
        most, merged = len(self._sums), False
        while self.rows + len(rows) > most * self.rows_per_column:
            self._merge()
            merged = True
        numbers = np.arange(self.rows, self.rows + len(rows)) // self.rows_per_column
        starts = np.flatnonzero(np.diff(numbers, prepend=-1))
        first = int(numbers[0])
        self._sums[first : int(numbers[-1]) + 1] += np.add.reduceat(rows, starts, axis=0)
        self.rows += len(rows)
        return 0 if merged else first

    def means(self, first: int = 0) -> Floats:
        """Means ``(columns, entries)`` from column ``first`` on."""
        counts = np.full(self.columns, float(self.rows_per_column))
        if self.rows:
            counts[-1] = self.rows - (self.columns - 1) * self.rows_per_column
        return np.asarray(self._sums[first : self.columns] / counts[first:, None])

    def _merge(self) -> None:
        half = len(self._sums) // 2
        self._sums[:half] = self._sums[0::2] + self._sums[1::2]
        self._sums[half:] = 0.0
        self.rows_per_column *= 2


def line_starts(units: tuple[int, ...], most: int) -> list[NDArray[np.intp]]:
    """Which neurons share a line of a heat map: for each layer the first neuron of every line, counted within it.

    A layer gets a line per neuron while all layers together have at most ``most``; beyond that, lines in
    proportion to its neurons and at least one.
    """
    share = min(1.0, most / sum(units))
    lines = [max(1, int(count * share)) for count in units]
    return [np.arange(count) * layer // count for layer, count in zip(units, lines, strict=True)]


def line_sizes(units: tuple[int, ...], starts: list[NDArray[np.intp]]) -> NDArray[np.intp]:
    """Neurons behind each line of all layers, ``(lines,)``."""
    return np.concatenate(
        [np.diff(first, append=count).astype(np.intp) for count, first in zip(units, starts, strict=True)]
    )


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Places for labels, in the order given, at least ``gap`` apart and within low..high, as near as they can be.

    Where they cannot all fit, they stand evenly from ``low`` to ``high``.
    """
    count = len(places)
    if count < 2:
        return [min(max(place, low), high) for place in places]
    if (count - 1) * gap >= high - low:
        even = np.linspace(low, high, count)
        return [float(even[rank]) for rank in np.argsort(np.argsort(places, kind="stable"), kind="stable")]
    order = sorted(range(count), key=lambda index: places[index])
    found = [min(max(places[index], low), high) for index in order]
    for before, after in pairwise(range(count)):
        found[after] = max(found[after], found[before] + gap)
    found[-1] = min(found[-1], high)
    for after, before in pairwise(reversed(range(count))):
        found[before] = min(found[before], found[after] - gap)
    settled = dict(zip(order, found, strict=True))
    return [settled[index] for index in range(count)]
