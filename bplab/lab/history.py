"""Undo and redo over immutable values: the history is a list of them, and an edit is a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

MOST_STEPS = 1_000


@dataclass(frozen=True, slots=True)
class _Entry(Generic[T]):
    value: T
    label: str
    merge_key: str | None


class History(Generic[T]):
    """The present value with the ones before it and the ones undone.

    Edits that follow each other with the same ``merge_key`` (a slider being dragged) become one undo step,
    until :meth:`break_merge` or an edit with another key.
    """

    def __init__(self, value: T) -> None:
        self._entries: list[_Entry[T]] = [_Entry(value, "", None)]
        self._at = 0
        self._mergeable = False

    @property
    def value(self) -> T:
        """The present value."""
        return self._entries[self._at].value

    @property
    def undo_label(self) -> str | None:
        """Name of the edit that :meth:`undo` would take back, or None."""
        return self._entries[self._at].label if self._at else None

    @property
    def redo_label(self) -> str | None:
        """Name of the edit that :meth:`redo` would bring back, or None."""
        return self._entries[self._at + 1].label if self._at + 1 < len(self._entries) else None

    def edit(self, value: T, label: str, merge_key: str | None = None) -> bool:
        """Make ``value`` the present one; False if it equals the present value already."""
        if value == self.value:
            return False
        present = self._entries[self._at]
        merges = self._mergeable and self._at and merge_key is not None and present.merge_key == merge_key
        keep = self._at if merges else self._at + 1
        del self._entries[keep:]
        self._entries.append(_Entry(value, label, merge_key))
        if len(self._entries) > MOST_STEPS:
            del self._entries[0]
        self._at = len(self._entries) - 1
        self._mergeable = True
        if self._at and merges and value == self._entries[self._at - 1].value:
            self.undo()  # dragged back to where it began: nothing happened
            del self._entries[self._at + 1 :]
        return True

    def break_merge(self) -> None:
        """The next edit is a step of its own, whatever its key: the mouse was released."""
        self._mergeable = False

    def undo(self) -> T:
        """Go one edit back; stays where it is at the first value."""
        self._at = max(0, self._at - 1)
        self._mergeable = False
        return self.value

    def redo(self) -> T:
        """Go one edit forward; stays where it is at the newest value."""
        self._at = min(len(self._entries) - 1, self._at + 1)
        self._mergeable = False
        return self.value
