"""The whole window on a real X server: what the offscreen platform cannot show is that it shows at all."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from bplab.gui.app import make_window
from bplab.gui.main_window import MainWindow
from bplab.lab.experiment import load_experiment

pytestmark = pytest.mark.xserver


def colours_on_screen(window: MainWindow) -> int:
    """How many colours the X server shows where the window is, at every eighth pixel."""
    picture = window.screen().grabWindow(window.winId()).toImage()
    return len({picture.pixel(x, y) for x in range(0, picture.width(), 8) for y in range(0, picture.height(), 8)})


def test_the_window_comes_up_trains_the_circle_when_play_is_clicked_and_closes(qtbot: QtBot) -> None:
    assert QGuiApplication.platformName() == "xcb"
    window = make_window()
    session = window.session
    with qtbot.waitExposed(window):
        window.show()
    assert session.experiment == load_experiment("circle")
    qtbot.waitUntil(lambda: colours_on_screen(window) > 50)

    qtbot.mouseClick(window.bar.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.run is not None and session.run.latest().updates > 100, timeout=20_000)
    assert session.is_training

    window.leave()
    assert not window.isVisible()
    assert session.run is None
    window.deleteLater()
