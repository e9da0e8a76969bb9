"""Light and dark as the desktop has it, live, and not where the reader has chosen for himself."""

import pytest
from PySide6.QtGui import QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from bplab.gui import appearance
from bplab.gui.main_window import MainWindow
from bplab.gui.theme import DARK, LIGHT


def turn(monkeypatch: pytest.MonkeyPatch, *, dark: bool) -> None:
    """The desktop goes dark or light while the program is on."""
    monkeypatch.setattr(appearance, "system_is_dark", lambda: dark)
    hints = QGuiApplication.styleHints()
    hints.colorSchemeChanged.emit(hints.colorScheme())


def ground() -> str:
    return QApplication.palette().color(QPalette.ColorRole.Window).name()


def test_the_window_goes_dark_and_light_with_the_desktop(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    turn(monkeypatch, dark=True)
    assert window.theme.dark
    assert ground() == DARK.panel
    turn(monkeypatch, dark=False)
    assert not window.theme.dark
    assert ground() == LIGHT.panel


def test_a_theme_that_was_chosen_stays_whatever_the_desktop_does(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.appearance.actions[1].trigger()
    turn(monkeypatch, dark=True)
    assert not window.theme.dark
    window.appearance.actions[0].trigger()
    assert window.theme.dark
    window.appearance.actions[1].trigger()


def test_a_theme_leaves_the_style_that_is_set(window: MainWindow) -> None:
    style = QApplication.style()
    assert style.name() == "fusion"
    window.theme.set_dark(True)
    assert QApplication.style() is style
    window.theme.set_dark(False)
