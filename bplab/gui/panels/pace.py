"""Pace: how fast a run goes, measured over the last seconds, and so how long it will take."""

from __future__ import annotations

from collections import deque

SPAN = 3.0
"""Seconds over which the pace is measured."""
WARM_UP = 0.7
"""Seconds before the first estimate: the beginning is never typical."""


class Pace:
    """Notes of (time, updates) while a run trains."""

    def __init__(self) -> None:
        self._notes: deque[tuple[float, int]] = deque()

    def clear(self) -> None:
        """Forget everything: the run rests, or is another."""
        self._notes.clear()

    def note(self, now: float, updates: int) -> None:
        """At ``now`` (seconds on any clock) the run stands at ``updates``."""
        notes = self._notes
        if notes and updates < notes[-1][1]:
            notes.clear()
        notes.append((now, updates))
        while now - notes[0][0] > SPAN and len(notes) > 2:
            notes.popleft()

    def updates_per_second(self) -> float | None:
        """None as long as it is too early to say."""
        if not self._notes:
            return None
        (begun, first), (now, last) = self._notes[0], self._notes[-1]
        return (last - first) / (now - begun) if now - begun >= WARM_UP and last > first else None

    def seconds_to(self, goal: int) -> float | None:
        """Seconds until ``goal`` updates; None if that cannot be said."""
        pace = self.updates_per_second()
        return (goal - self._notes[-1][1]) / pace if pace else None
