"""The loss between two rows of a record: mean, minimum and maximum over its batches, the same bits with any pauses."""

from __future__ import annotations

import math

from .record import Losses

PART = 1_024
"""Losses are summed in parts of this many, counted from the last row: when somebody looks changes no bit."""


class LossMeter:
    """Takes the loss of every batch into ``values`` and gives their figures since the row before."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._parts: list[tuple[int, float, float, float]] = []

    def flush(self) -> None:
        """Sum up the parts that are complete, so that ``values`` stays short."""
        while len(self.values) >= PART:
            self._sum_up(self.values[:PART])
            del self.values[:PART]

    def take(self) -> Losses:
        """Mean, minimum and maximum since the last call; there must have been a loss."""
        self.flush()
        if self.values:
            self._sum_up(self.values)
            self.values.clear()
        parts, self._parts = self._parts, []
        count = sum(part[0] for part in parts)
        return (
            math.fsum(part[1] * (part[0] / count) for part in parts),
            min(part[2] for part in parts),
            max(part[3] for part in parts),
        )

    def _sum_up(self, values: list[float]) -> None:
        self._parts.append((len(values), _mean(values), min(values), max(values)))


def _mean(values: list[float]) -> float:
    """The mean, also where the sum is beyond the largest float: a run on its way to divergence gets there."""
    try:
        return math.fsum(values) / len(values)
    except OverflowError:
        return math.fsum(value / len(values) for value in values)
