"""The tempo of a run: as fast as the machine can, or slow enough to watch.

A small network learns a toy problem in a tenth of a second, and nobody has seen how. The tempo decides only when
updates are made, never which: the run is the same to the bit.
"""

from __future__ import annotations

from time import perf_counter

PORTION_S = 0.015
"""Updates are made in portions of this long, so that a tempo looks even at any frame rate."""
CATCH_UP_S = 0.1
"""A run that was held up makes good at most this much time; it does not race."""


class Tempo:
    """How many updates are due at a limit of ``per_second``; None is no limit."""

    def __init__(self, per_second: float | None = None) -> None:
        self.per_second = per_second
        self._credit, self._counted_at = 0.0, perf_counter()

    def due(self, most: int, now: float | None = None) -> int:
        """Updates that may be made at time ``now`` (seconds), at most ``most``; they count as made."""
        if self.per_second is None:
            return most
        now = perf_counter() if now is None else now
        passed, self._counted_at = min(now - self._counted_at, CATCH_UP_S + 1.0 / self.per_second), now
        self._credit += passed * self.per_second
        due = min(most, int(self._credit))
        self._credit -= due
        return due

    def give_back(self, updates: int) -> None:
        """Of the updates that were due, these have not been made: somebody asked for attention."""
        self._credit += updates


WATCHED_S = 6.0
TEMPI = ("watch", "full", "1000", "100", "10", "1")
"""What a person chooses from: short trainings stretched to a few seconds, no limit, or so many updates a second."""


def limit_of(tempo: str, planned_updates: int) -> float | None:
    """Updates per second that one of :data:`TEMPI` allows a run of ``planned_updates``; None is no limit."""
    if tempo == "full":
        return None
    return planned_updates / WATCHED_S if tempo == "watch" else float(tempo)
