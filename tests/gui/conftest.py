"""What tests of the window share: a window of their own that is closed afterwards, and the parts of one."""

import gc
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bplab.gui.main_window import MainWindow
from bplab.gui.session import Session
from bplab.gui.theme import Theme


@pytest.fixture(autouse=True)
def widgets_are_gone() -> Iterator[None]:
    """What a test has closed is deleted, so that the next one styles and paints its own widgets alone.

    Garbage is collected here only, as the application does between events: in the middle of one, a window that the
    test has let go would be destroyed while Qt is at work in it.
    """
    gc.disable()
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)  # type: ignore[arg-type]  # None: everybody's
    gc.collect(2 if gc.get_count()[2] > gc.get_threshold()[2] else 1)
    gc.enable()


@pytest.fixture(autouse=True)
def mouse_buttons_are_up() -> Iterator[None]:
    """A button that a test leaves down is let go: QTest says of every later event of the process that it is down."""
    yield
    if QApplication.instance() is not None:
        nobody = QWidget()
        for button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton, Qt.MouseButton.MiddleButton):
            QTest.mouseRelease(nobody, button)


@pytest.fixture
def theme(qapp: object) -> Theme:
    """The light theme, applied."""
    made = Theme()
    made.apply()
    return made


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    """A session of the first example, closed afterwards."""
    made = Session()
    yield made
    made.close()


@pytest.fixture
def window(qtbot: QtBot, session: Session, theme: Theme) -> Iterator[MainWindow]:
    """The main window on the first example, shown, training at full speed; it leaves without a question."""
    made = MainWindow(session, theme)
    session.set_tempo("full")
    qtbot.addWidget(made, before_close_func=_leave)
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.leave()


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[QWidget], QWidget]:
    """Shows a widget and closes it after the test."""

    def show(widget: QWidget) -> QWidget:
        qtbot.addWidget(widget)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show


def _leave(window: MainWindow) -> None:
    window.leave()
