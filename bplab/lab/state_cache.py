"""States that were restored lately, so that the ones around them come at once; within a fixed budget."""

from __future__ import annotations

from collections import OrderedDict

from bplab.engine import TrainingState

BUDGET_BYTES = 48 * 2**20
MOST = 512


class StateCache:
    """States of one run by number of leg and number of updates; the one used longest ago goes first."""

    def __init__(self) -> None:
        self._states: OrderedDict[tuple[int, int], TrainingState] = OrderedDict()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._states)

    def room_for(self, state: TrainingState) -> int:
        """How many states like this one fit."""
        return min(MOST, BUDGET_BYTES // max(1, _size(state)))

    def put(self, leg: int, state: TrainingState) -> None:
        """Keep ``state``; it must not be written to any more."""
        key = (leg, state.updates)
        if key in self._states:
            self._states.move_to_end(key)
            return
        self._states[key] = state
        self._bytes += _size(state)
        while self._states and (self._bytes > BUDGET_BYTES or len(self._states) > MOST):
            _, dropped = self._states.popitem(last=False)
            self._bytes -= _size(dropped)

    def has(self, leg: int, updates: int) -> bool:
        """True if that very state is here."""
        return (leg, updates) in self._states

    def nearest(self, leg: int, updates: int) -> TrainingState | None:
        """The latest state of ``leg`` at or before ``updates``; None if there is none."""
        found = max((key for key in self._states if key[0] == leg and key[1] <= updates), default=None)
        if found is None:
            return None
        self._states.move_to_end(found)
        return self._states[found]


def _size(state: TrainingState) -> int:
    return state.parameters.nbytes + state.slots.nbytes
