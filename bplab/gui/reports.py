"""Reports from the window: made on a thread of their own, so that nothing stands still meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.lab.report import ReportSubject, subject_from, subject_of, write_report
from bplab.lab.runner import Runner

from .session import Session


class Reports(QObject):
    """Writes one report at a time, about the session's run as it stands at the moment of asking."""

    started = Signal(str)
    """A report is being made; the file's name."""
    written = Signal(str)
    """It lies there now; the file's path."""
    failed = Signal(str)
    """It could not be made; one sentence."""
    broke = Signal(object)
    """It could not be made, and nobody knows why; the exception."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thread: threading.Thread | None = None

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
        self._thread = threading.Thread(target=self._work, args=(path, subject), name="report")
        self.started.emit(path.name)
        self._thread.start()

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

    def _work(self, path: Path, subject: Callable[[], ReportSubject]) -> None:
        try:
            write_report(path, subject())
        except InputError as error:
            self.failed.emit(str(error))
        except Exception as error:  # the window must learn of it, whatever it is
            self.broke.emit(error)
        else:
            self.written.emit(str(path))
