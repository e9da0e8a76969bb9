"""A pace: costly work is done as often as it can be without taking more than its share of the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Pace:
    """Says when work is due again: after it took t, not before t/share has passed."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._not_before = 0.0

    def due(self) -> bool:
        """True if the work may be done now."""
        return perf_counter() >= self._not_before

    @contextmanager
    def work(self) -> Iterator[None]:
        """Around the work."""
        begun = perf_counter()
        yield
        ended = perf_counter()
        self._not_before = begun + (ended - begun) / self._share
