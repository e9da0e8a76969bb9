"""The application: everything that is there once, the window, and a clean way in and out."""

from __future__ import annotations

import logging
import sys

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QFileOpenEvent
from PySide6.QtWidgets import QApplication

import bplab
from bplab.engine import InputError

from .departure import Departure
from .errors import Hooks
from .garbage import GuiGarbage
from .icons import program_icon
from .main_window import MainWindow
from .preferences import Preferences
from .session import Session
from .theme import Theme

NAME = "bplab"
log = logging.getLogger(NAME)


class Application(QApplication):
    """The Qt application, which on macOS is asked to open files."""

    file_wanted = Signal(str)

    def __init__(self, arguments: list[str]) -> None:
        super().__init__(arguments)
        self.setApplicationName(NAME)
        self.setApplicationDisplayName("")  # titles name the program themselves
        self.setApplicationVersion(bplab.__version__)
        self.setDesktopFileName(NAME)
        self.setWindowIcon(program_icon())

    def event(self, event: QEvent) -> bool:
        """A double click on a document in the Finder comes as an event."""
        if isinstance(event, QFileOpenEvent):
            self.file_wanted.emit(event.file())
            return True
        return super().event(event)


def make_window(preferences: Preferences | None = None) -> MainWindow:
    """The window with the first example in it, all parts alive; there must be a ``QApplication``.

    Raises ``InputError`` if there is nowhere to keep an unsaved document.
    """
    theme = Theme()
    theme.apply()
    session = Session()
    window = MainWindow(session, theme, preferences)
    theme.setParent(window)
    session.setParent(window)
    return window


def main(argv: list[str] | None = None) -> int:
    """``bplab-window [FILE]``: open the window; returns the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    return run_window(arguments[0] if arguments else None)


def run_window(file: str | None) -> int:
    """Open the window, on ``file`` if one is named, and stay until it closes."""
    app = Application([NAME])
    hooks = Hooks()
    hooks.install()
    log.setLevel(logging.INFO)
    try:
        window = make_window()
    except InputError as error:
        hooks.uninstall()
        print(f"bplab: {error}", file=sys.stderr)  # noqa: T201  # there is no window to say it
        return 2
    hooks.window = window
    window.advice.broke.connect(hooks.report)
    window.reports.broke.connect(hooks.report)
    window.checks.broke.connect(hooks.report)
    app.file_wanted.connect(window.open_file)
    window.closed.connect(app.quit)  # an error's dialog may still be open, and would keep the program alive
    garbage = GuiGarbage(app)
    garbage.start()
    departure = Departure(app)
    departure.told.connect(window.leave)  # unsaved work is offered at the next start
    window.show()
    # From the event loop: whatever a file does then, there is a window to say it.
    QTimer.singleShot(0, lambda: window.begin(file))
    code = app.exec()
    departure.close()
    garbage.stop()
    hooks.uninstall()
    return code
