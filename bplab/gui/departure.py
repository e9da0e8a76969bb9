"""Told to leave by the system: Ctrl+C in the terminal, the end of a desktop session, a polite kill."""

from __future__ import annotations

import signal
import socket
from types import FrameType
from typing import Any

from PySide6.QtCore import QObject, QSocketNotifier, Signal

NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Departure(QObject):
    """Turns signals of the system into ``told``, emitted from the event loop.

    Python calls a signal's handler between any two instructions, perhaps while a lock is held or a widget is being
    painted; so the handler does nothing, and the byte that Python writes at a signal wakes the event loop.
    """

    told = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._writing = socket.socketpair()
        for end in (self._reading, self._writing):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reading.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_byte)
        self._fd = signal.set_wakeup_fd(self._writing.fileno())
        present = [getattr(signal, name) for name in NAMES if hasattr(signal, name)]
        self._handlers: dict[signal.Signals, Any] = {number: signal.signal(number, _nothing) for number in present}

    def close(self) -> None:
        """Give the signals back."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._fd)
        self._notifier.setEnabled(False)
        for end in (self._reading, self._writing):
            end.close()

    def _on_byte(self) -> None:
        if any(number in self._handlers for number in self._reading.recv(64)):
            self.told.emit()


def _nothing(number: int, frame: FrameType | None) -> None:
    """The byte is on its way already."""
