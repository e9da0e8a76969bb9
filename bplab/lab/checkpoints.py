"""Checkpoints: states from which any earlier update of a run can be rebuilt exactly, within a fixed budget.

They are kept like the record's rows: when there are too many, every second one goes and the distance between
them doubles. The first state and the newest one always stay.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from bplab.engine import TrainingState

BUDGET_BYTES = 24 * 2**20
MOST = 256
SPREAD_BYTES = 8 * 2**20
SPREAD_MOST = 32
"""So much of a run's checkpoints is kept with it in a project."""


class Checkpoints:
    """States of one run by number of updates. Written by the run's thread, read by anyone."""

    def __init__(self, state_bytes: int) -> None:
        self._most = max(2, min(MOST, BUDGET_BYTES // max(1, state_bytes)))
        self._distance = 1
        self._states: list[TrainingState] = []
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._states)

    def offer(self, state: TrainingState) -> None:
        """Keep ``state`` as the newest; drop the one before it if that stands too close to its predecessor."""
        with self._lock:
            states = self._states
            if len(states) >= 2 and states[-1].updates - states[-2].updates < self._distance:
                states.pop()
            states.append(state)
            while len(self._states) > self._most:
                span = self._states[-1].updates - self._states[0].updates
                self._distance = 2 * max(self._distance, span // len(self._states))
                self._thin()

    def nearest(self, updates: int) -> TrainingState:
        """The latest state at or before ``updates``; the first one if there is none."""
        with self._lock:
            earlier = [state for state in self._states if state.updates <= updates]
            return earlier[-1] if earlier else self._states[0]

    def newest(self) -> TrainingState:
        """The latest state."""
        with self._lock:
            return self._states[-1]

    def up_to(self, updates: int) -> tuple[TrainingState, ...]:
        """All states at or before ``updates``, in order."""
        with self._lock:
            return tuple(state for state in self._states if state.updates <= updates)

    def spread(self) -> tuple[TrainingState, ...]:
        """A few states over the whole run, as :func:`spread_of` chooses them."""
        return spread_of(self.up_to(self.newest().updates))

    def truncate_after(self, updates: int) -> None:
        """Forget states later than ``updates``."""
        with self._lock:
            self._states = [state for state in self._states if state.updates <= updates]

    def _thin(self) -> None:
        kept = [self._states[0]]
        for state in self._states[1:-1]:
            if state.updates - kept[-1].updates >= self._distance:
                kept.append(state)
        self._states = [*kept, self._states[-1]]


def spread_of(states: Sequence[TrainingState]) -> tuple[TrainingState, ...]:
    """A few of a run's states, the first among them; mostly the same ones when the run has gone on.

    They stand at least so far apart as a power of two says, which only doubles when the run is twice as long.
    """
    first, last = states[0], states[-1]
    most = max(2, min(SPREAD_MOST, SPREAD_BYTES // max(1, first.parameters.nbytes + first.slots.nbytes)))
    distance = 1 << ((last.updates - first.updates) // most).bit_length()
    found = [first]
    for state in states:
        if state.updates - found[-1].updates >= distance:
            found.append(state)
    return tuple(found)
