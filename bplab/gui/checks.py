"""The gradient check in the window: on a thread of its own, polled, so that nothing stands still meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from bplab.lab.checking import Checked, check_weights

from .check_dialog import CheckDialog
from .session import Session
from .theme import Theme

REST_SECONDS = 0.001
"""Between two comparisons, for the window: many small NumPy calls hardly ever let go of the GIL."""


class _CancelledError(Exception):
    """Nobody wants to know any more."""


class Check:
    """One check under way, of the network on view at the moment it is made. Poll :attr:`share` and :attr:`busy`."""

    def __init__(self, session: Session) -> None:
        live, record = session.live, session.record
        self.name, self.share = live.experiment.name, 0.0
        self.checked: Checked | None = None
        self.error: Exception | None = None
        self._is_cancelled = False
        parameters = live.network.parameters.copy()
        threads = record.blas_threads if record else None
        work = partial(check_weights, live.experiment, live.problem, parameters, live.updates, threads, self._watch)
        self._thread = threading.Thread(target=self._work, args=(work,), name="gradient check")
        self._thread.start()

    @property
    def busy(self) -> bool:
        """True until there is a result, an error or neither because it was cancelled."""
        return self._thread.is_alive()

    def cancel(self) -> None:
        """End it after the comparison under way; waits for nothing."""
        self._is_cancelled = True

    def join(self) -> None:
        """Wait for the end."""
        self._thread.join()

    def _watch(self, share: float) -> None:
        self.share = share
        if self._is_cancelled:
            raise _CancelledError
        time.sleep(REST_SECONDS)

    def _work(self, work: Callable[[], Checked]) -> None:
        try:
            self.checked = work()
        except _CancelledError:
            pass
        except Exception as error:  # the window must learn of it, whatever it is
            self.error = error


class Checks(QObject):
    """Opens the dialog, and makes sure that no check outlives the window."""

    broke = Signal(object)
    """A check could not be made, and nobody knows why; the exception."""

    def __init__(self, session: Session, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._theme, self._window = session, theme, window
        self._checks: list[Check] = []
        self.dialog: CheckDialog | None = None

    def open(self) -> None:
        """Check the network on view; a dialog that is open already does it again."""
        if self.dialog is None:
            self.dialog = CheckDialog(self.start, self._theme, self._window)
            self.dialog.broke.connect(self.broke)
            self.dialog.finished.connect(self._on_finished)
        self.dialog.begin()
        self.dialog.show()
        self.dialog.raise_()
        self.dialog.activateWindow()

    def start(self) -> Check:
        """A check of the network on view."""
        self._checks = [check for check in self._checks if check.busy]
        self._checks.append(Check(self._session))
        return self._checks[-1]

    def close(self) -> None:
        """End what is under way and wait for it."""
        if self.dialog is not None:
            self.dialog.reject()
        for check in self._checks:
            check.cancel()
            check.join()

    def _on_finished(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()
