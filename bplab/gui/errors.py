"""Whatever goes wrong ends in the log and in one dialog, and the window lives on.

Python's exceptions (of any thread), Qt's messages and crashes of the interpreter all have a hook of their own;
they are set once, by :meth:`Hooks.install`.
"""

from __future__ import annotations

import faulthandler
import logging
import platform
import sys
import threading
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy
import PySide6
from platformdirs import user_log_path
from PySide6.QtCore import (
    QCoreApplication,
    QMessageLogContext,
    QObject,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
    qVersion,
)
from PySide6.QtWidgets import QApplication, QDialog, QWidget

import bplab
from bplab.lab.blas import blas_name

from .error_dialog import ErrorDialog

LOG_BYTES = 1_000_000
LOGS_KEPT = 3
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
log = logging.getLogger("bplab")


def versions() -> str:
    """What a bug report needs to know, one fact a line."""
    return "\n".join(
        (
            f"bplab {bplab.__version__}",
            f"Python {platform.python_version()}",
            f"Qt {qVersion()}, PySide6 {PySide6.__version__}",
            f"NumPy {numpy.__version__}, BLAS {blas_name()}",
            f"{platform.platform()}, {QApplication.platformName() if QCoreApplication.instance() else 'no window'}",
        )
    )


class Hooks(QObject):
    """The hooks, and what they were before. Lives on the window's thread; errors of any thread reach it by signal."""

    failed = Signal(str)
    """The details of an exception nobody caught."""

    def __init__(self, folder: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.folder = folder or user_log_path("bplab", appauthor=False)
        self.window: QWidget | None = None
        """The dialog's parent."""
        self._handler: RotatingFileHandler | None = None
        self._crash_file: IO[str] | None = None
        self._dialog: QDialog | None = None
        self.failed.connect(self._on_failed)

    def install(self, *, crashes: bool = True) -> None:
        """Take over all hooks; ``crashes`` also that of the interpreter (a process has only one)."""
        self._open_log(crashes)
        self._before = sys.excepthook, threading.excepthook, sys.unraisablehook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        sys.unraisablehook = self._on_unraisable
        qInstallMessageHandler(self._on_qt_message)

    def uninstall(self) -> None:
        """Give everything back."""
        qInstallMessageHandler(None)
        sys.excepthook, threading.excepthook, sys.unraisablehook = self._before
        if self._crash_file is not None:
            faulthandler.disable()
            self._crash_file.close()
            self._crash_file = None
        if self._handler is not None:
            log.removeHandler(self._handler)
            self._handler.close()
            self._handler = None

    def report(self, error: BaseException) -> None:
        """Log an exception that was caught elsewhere and show it; may be called on any thread."""
        details = "".join(traceback.format_exception(error))
        log.error("%s", details)
        self.failed.emit(details)

    def _open_log(self, crashes: bool) -> None:
        """Without a folder to write into there is no log, and the window opens all the same."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._handler = RotatingFileHandler(
                self.folder / "bplab.log", maxBytes=LOG_BYTES, backupCount=LOGS_KEPT, encoding="utf-8"
            )
            if crashes:
                self._crash_file = (self.folder / "crash.log").open("a", encoding="utf-8")
                faulthandler.enable(self._crash_file)
        except OSError as error:
            log.warning("no log in %s: %s", self.folder, error)
        if self._handler is not None:
            self._handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(threadName)s: %(message)s"))
            log.addHandler(self._handler)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        self.report(error.with_traceback(trace))

    def _on_thread_exception(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self.report(arguments.exc_value)

    def _on_unraisable(self, arguments: sys.UnraisableHookArgs) -> None:
        """An error in a finalizer: nobody can do anything about it now, so it goes to the log alone."""
        log.error("%s %r: %r", arguments.err_msg or "ignored in", arguments.object, arguments.exc_value)

    def _on_qt_message(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        log.log(_LEVELS.get(kind, logging.WARNING), "Qt %s: %s", context.category or "", message)

    def _on_failed(self, details: str) -> None:
        """One dialog at a time: what fails while it is open is in the log."""
        if self._dialog is None:
            self._dialog = ErrorDialog(f"{details}\n{versions()}", self.folder, self.window)
            self._dialog.finished.connect(self._on_dialog_finished)
            self._dialog.open()

    def _on_dialog_finished(self) -> None:
        dialog, self._dialog = self._dialog, None
        if dialog is not None:
            dialog.deleteLater()
