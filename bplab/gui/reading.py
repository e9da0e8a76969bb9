"""Reading that takes a while: on a thread of its own, with a dialog that shows how far it is and can end it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QProgressBar, QVBoxLayout, QWidget

from bplab.data import CancelledError

from .error_dialog import button_row, dialog_button
from .theme import GRID

T = TypeVar("T")
Work = Callable[[Callable[[float], None], Callable[[], bool]], T]
"""Is given whom to tell the share that is done, and whom to ask whether to stop; then raises ``CancelledError``."""

PATIENCE = 0.12
"""Seconds after which the dialog comes; most files are read before."""
POLL_MS = 40
SHARES = 1000
"""Steps of the progress bar."""


class Reading(Generic[T]):
    """One piece of work on a thread. What it makes is kept to be taken; stopped, it makes nothing."""

    def __init__(self, work: Work[T]) -> None:
        self.share = 0.0
        self._work = work
        self._made: list[T] = []
        self._error: Exception | None = None
        self._stop, self._ended = threading.Event(), threading.Event()
        # A thread that is told to stop does so at the next block; nobody waits for it, also not at the very end.
        threading.Thread(target=self._run, name="reading", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """True if it has ended, or ends within ``seconds``."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """Let it end soon."""
        self._stop.set()

    def take(self) -> T | None:
        """What was made, None if it was stopped; raises what went wrong."""
        if self._stop.is_set():
            return None
        if self._error is not None:
            raise self._error
        return self._made.pop()

    def _run(self) -> None:
        try:
            self._made.append(self._work(self._tell, self._stop.is_set))
        except CancelledError:
            pass
        except Exception as error:  # raised again where the work is taken, whatever it is
            self._error = error
        self._ended.set()

    def _tell(self, share: float) -> None:
        self.share = share


class ReadingDialog(QDialog):
    """Follows a reading until it ends; Cancel, Escape and closing it stop the reading."""

    def __init__(self, reading: Reading[T], name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reading, self._name = reading, name
        self.setWindowTitle("Reading data")
        self.setWindowModality(Qt.WindowModality.ApplicationModal)
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.progress = QProgressBar()
        self.progress.setRange(0, SHARES)
        self.progress.setAccessibleName("How much is read")
        self.progress.setToolTip("How much is read")
        self.cancel_button = dialog_button("Cancel", "Leave everything as it was")
        self.cancel_button.clicked.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.said)
        column.addWidget(self.progress)
        column.addLayout(button_row(self.cancel_button))
        self.setMinimumWidth(48 * GRID)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.rejected.connect(reading.stop)
        self._timer.start()
        self._show_share()

    def _poll(self) -> None:
        if self._reading.wait(0):
            self._timer.stop()
            self.accept()
        else:
            self._show_share()

    def _show_share(self) -> None:
        share = self._reading.share
        self.said.setText(f"Reading {self._name} …" if share < 1 else f"Preparing the samples of {self._name} …")
        if share < 1:
            self.progress.setValue(round(SHARES * share))
        elif self.progress.maximum():
            self.progress.setRange(0, 0)  # nobody knows how long


def read_in_background(parent: QWidget, name: str, work: Work[T]) -> T | None:
    """What ``work`` makes of the file ``name``, None if it was cancelled; raises what it raises.

    Returns when it has ended; meanwhile the window lives on, behind the dialog.
    """
    reading = Reading(work)
    if not reading.wait(PATIENCE):
        dialog = ReadingDialog(reading, name, parent)
        dialog.exec()
        dialog.deleteLater()
    return reading.take()
