"""Reports from the window: made on a thread of their own, so that nothing stands still meanwhile, and can be ended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QWidget

from bplab.data import CancelledError
from bplab.engine import InputError
from bplab.lab.report import ReportSubject, subject_from, subject_of, write_report
from bplab.lab.runner import Runner

from .session import Session
from .theme import GRID
from .type_size import size_with_type

POLL_MS = 50
SHARES = 1000
"""Steps of the progress bar."""


class Reports(QObject):
    """Writes one report at a time, about the session's run as it stands at the moment of asking."""

    started = Signal(str)
    """A report is being made; the file's name."""
    written = Signal(str)
    """It lies there now; the file's path."""
    cancelled = Signal(str)
    """It is not made, as was wished; the file's name."""
    failed = Signal(str)
    """It could not be made; one sentence."""
    broke = Signal(object)
    """It could not be made, and nobody knows why; the exception."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: threading.Thread | None = None
        self._is_cancelled = False
        self.share = 0.0
        """How much of the report under way is done, from 0 to 1."""

    @property
    def busy(self) -> bool:
        """True while a report is being made."""
        return self._thread is not None and self._thread.is_alive()

    def export(self, path: Path) -> None:
        """Make the report and write it to ``path``; what comes of it is told by the signals."""
        if self.busy:
            self.failed.emit("A report is being made already; the next one can follow when it is there")
            return
        subject = self._subject()
        self._is_cancelled, self.share = False, 0.0
        self._thread = threading.Thread(target=self._work, args=(path, subject), name="report")
        self._thread.start()
        self.started.emit(path.name)

    def cancel(self) -> None:
        """Make no report after all; the part of it under way comes to its end."""
        self._is_cancelled = True

    def close(self) -> None:
        """Wait for the report under way."""
        if self._thread is not None:
            self._thread.join()

    def _subject(self) -> Callable[[], ReportSubject]:
        """Everything is taken hold of now; the work of measuring it is left to the thread."""
        run, experiment, problem = self._session.run, self._session.experiment, self._session.problem
        if run is None:
            return lambda: subject_of(Runner(experiment, problem=problem))
        snapshot, its_problem = run.latest(), run.runner.problem
        return lambda: subject_from(run.experiment, run.record, snapshot.parameters, snapshot.updates, its_problem)

    def _watch(self, share: float) -> None:
        self.share = share
        if self._is_cancelled:
            raise CancelledError

    def _work(self, path: Path, subject: Callable[[], ReportSubject]) -> None:
        try:
            write_report(path, subject(), watch=self._watch)
        except CancelledError:
            self.cancelled.emit(path.name)
        except InputError as error:
            self.failed.emit(str(error))
        except Exception as error:  # the window must learn of it, whatever it is
            self.broke.emit(error)
        else:
            self.written.emit(str(path))


class ReportProgress(QWidget):
    """How far the report under way is, with a button that ends it; hidden while there is none."""

    def __init__(self, reports: Reports, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reports = reports
        self.bar = QProgressBar()
        self.bar.setRange(0, SHARES)
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("How much of the report is made")
        self.bar.setToolTip("How much of the report is made")
        size_with_type(self.bar, width=16 * GRID, height=1.5 * GRID)
        self.button = QToolButton()
        self.button.setText("Cancel")
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setAccessibleName("Cancel the report")
        self.button.setToolTip("Make no report; a file of this name stays as it is")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, GRID, 0)
        row.setSpacing(GRID)
        row.addWidget(self.bar)
        row.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.button.clicked.connect(self._on_cancel)
        reports.started.connect(self._on_started)
        self.hide()

    def _on_started(self) -> None:
        self.button.setEnabled(True)
        self.bar.setValue(0)
        self._timer.start()
        self.show()

    def _on_cancel(self) -> None:
        self.button.setEnabled(False)
        self._reports.cancel()

    def _poll(self) -> None:
        self.bar.setValue(round(SHARES * self._reports.share))
        if not self._reports.busy:
            self._timer.stop()
            self.hide()
