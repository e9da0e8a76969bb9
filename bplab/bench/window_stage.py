"""The stage: the real window with every panel in sight, away from the user's settings and documents.

Qt's stand-in for a screen, which is used where there is none, says at every change of a window's size that it has no
window manager to tell; that is left out of what the bench prints.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from bplab.gui.canvas.colouring import ColourBy
from bplab.gui.docks import Dock
from bplab.gui.garbage import GuiGarbage
from bplab.gui.main_window import MainWindow
from bplab.gui.preferences import Preferences
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment

SIZE = (1600, 1000)
COLOUR_BY = ColourBy.GRADIENT
"""What the canvas is coloured by: it has to be measured anew for every picture, as the weights have not."""
IDLE_TALK = "This plugin does not support"


@dataclass(frozen=True, eq=False)
class Stage:
    """A window on show, and its session."""

    app: QApplication
    session: Session
    window: MainWindow


def application() -> QApplication:
    """The application; offscreen where there is no display."""
    no_display = not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and no_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(sys.argv[:1])


@contextmanager
def without_idle_talk() -> Iterator[None]:
    """While the block runs, Qt's messages go to stderr but for what says nothing about the window."""

    def tell(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if not message.startswith(IDLE_TALK):
            print(message, file=sys.stderr)

    before = qInstallMessageHandler(tell)
    try:
        yield
    finally:
        qInstallMessageHandler(before)


@contextmanager
def staged(app: QApplication, experiment: Experiment, folder: Path) -> Iterator[Stage]:
    """The window on ``experiment``, all panels side by side; ``folder`` takes its settings. Nothing stays behind.

    ``RuntimeError`` names the panels that cannot be seen.
    """
    theme = Theme()
    theme.apply()
    session, garbage = Session(experiment), GuiGarbage()
    window = MainWindow(session, theme, Preferences(folder / "bplab.ini"))
    garbage.start()
    try:
        session.set_tempo("full")
        window.resize(*SIZE)
        window.show()
        window.activateWindow()
        window.layouts.show_all()
        window.canvas.colour_box.choose(COLOUR_BY)
        app.processEvents()
        hidden = [name for name, dock in window.docks.items() if hides(dock)]
        if hidden:
            raise RuntimeError(f"the window does not show: {', '.join(hidden)}")
        yield Stage(app, session, window)
    finally:
        garbage.stop()
        window.reports.close()
        window.checks.close()
        window.documents.close(keep=False)
        window.hide()
        window.deleteLater()
        app.processEvents()


def hides(dock: Dock) -> bool:
    """True if nobody can see the panel: it is closed, outside of the window, or behind another one."""
    return not dock.content.isVisible() or dock.content.visibleRegion().isEmpty()


def spin(milliseconds: float) -> None:
    """Run the event loop; not the application's own, whose end would tell everyone to clean up."""
    loop = QEventLoop()
    QTimer.singleShot(round(milliseconds), loop.quit)
    loop.exec()
