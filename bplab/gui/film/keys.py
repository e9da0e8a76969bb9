"""The keys of step mode: while it is on, they lead along the film wherever the focus is on nothing that needs them."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from .mode import StepMode

Key = Qt.Key


class FilmKeys(QObject):
    """Takes keys from ``places`` while the mode is on: widgets, and a window for all that its parts do not take."""

    def __init__(self, mode: StepMode, parent: QObject) -> None:
        super().__init__(parent)
        self._mode = mode
        self._places: list[QWidget] = []

    def begin(self, places: Iterable[QWidget]) -> None:
        """Keys that come to these lead along the film."""
        self._places = list(places)
        for place in self._places:
            place.installEventFilter(self)

    def end(self) -> None:
        """Keys mean what they meant."""
        for place in self._places:
            place.removeEventFilter(self)
        self._places = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True for a key that was taken."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier or not self._mode.is_on:
            return False
        key = Key(event.key())
        if key == Key.Key_Space and isinstance(watched, QAbstractButton):
            return False  # presses the button that the Tab key has led to
        if key == Key.Key_Space and event.isAutoRepeat():
            return True
        return self._does(key)

    def _does(self, key: Qt.Key) -> bool:
        mode = self._mode
        does = {
            Key.Key_Space: mode.forward, Key.Key_Right: mode.forward, Key.Key_Left: mode.back,
            Key.Key_Home: mode.go_to_start, Key.Key_End: mode.go_to_end, Key.Key_Escape: mode.leave,
        }.get(key)  # fmt: skip
        if does is None:
            return False
        does()
        return True
