"""The preferences in their dialog: each counts at once, follows what is set elsewhere, and is remembered."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from bplab.gui.main_window import MainWindow
from bplab.gui.preferences import Preferences
from bplab.gui.preferences_dialog import PreferencesDialog
from bplab.gui.type_size import set_type_scale, type_scale

from .acts import preferences_of


@pytest.fixture(autouse=True)
def usual_type() -> Iterator[None]:
    yield
    set_type_scale(1.0)


@pytest.fixture
def dialog(window: MainWindow) -> PreferencesDialog:
    return preferences_of(window)


def test_a_key_opens_them(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_Comma, Qt.KeyboardModifier.ControlModifier)
    (dialog,) = window.findChildren(PreferencesDialog)
    assert dialog.isVisible()


def test_a_theme_that_is_chosen_counts_at_once_and_is_remembered(
    window: MainWindow, dialog: PreferencesDialog, qtbot: QtBot
) -> None:
    assert dialog.theme.currentText() == "As the system"
    dialog.theme.setFocus()
    qtbot.keyClick(dialog.theme, Qt.Key.Key_End)
    assert dialog.theme.currentText() == "Dark"
    assert window.theme.dark
    assert Preferences().theme == "dark"
    window.appearance.actions[1].trigger()
    assert dialog.theme.currentText() == "Light"
    assert not window.theme.dark


def test_large_type_is_the_switch_of_the_view_menu(
    window: MainWindow, dialog: PreferencesDialog, qtbot: QtBot
) -> None:
    qtbot.keyClick(dialog.teach, Qt.Key.Key_Space)
    assert window.appearance.teach.isChecked()
    assert type_scale() == 1.5
    window.appearance.teach.setChecked(False)
    assert not dialog.teach.isChecked()


def test_the_strip_of_kinds_and_the_speed_follow_and_are_followed(
    window: MainWindow, dialog: PreferencesDialog, qtbot: QtBot
) -> None:
    qtbot.keyClick(dialog.palette_box, Qt.Key.Key_Space)
    assert not window.canvas.palette_strip.isVisible()
    assert not Preferences().shows_palette
    dialog.tempo.setFocus()
    qtbot.keyClick(dialog.tempo, Qt.Key.Key_End)
    assert window.session.tempo == "1"
    assert window.bar.tempo.currentText() == "1 / s"
    window.session.set_tempo("100")
    assert dialog.tempo.currentText() == "100 / s"


def test_recent_files_are_forgotten_and_stay_where_they_are(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    file = tmp_path / "a.bplab"
    file.touch()
    Preferences().add_recent(file)
    dialog = preferences_of(window)
    assert dialog.recent.text() == "Forget 1 file"
    qtbot.mouseClick(dialog.recent, Qt.MouseButton.LeftButton)
    assert (dialog.recent.text(), dialog.recent.isEnabled()) == ("None", False)
    assert not Preferences().recent
    assert file.is_file()


def test_all_can_be_as_at_first(window: MainWindow, dialog: PreferencesDialog, qtbot: QtBot) -> None:
    window.appearance.actions[2].trigger()
    window.appearance.teach.setChecked(True)
    window.canvas.palette_strip.action.setChecked(False)
    window.docks["Loss"].close()
    qtbot.mouseClick(dialog.as_first, Qt.MouseButton.LeftButton)
    QApplication.processEvents()
    assert (dialog.theme.currentText(), dialog.teach.isChecked()) == ("As the system", False)
    assert (dialog.palette_box.isChecked(), window.session.tempo) == (True, "watch")
    assert not window.docks["Loss"].isHidden()
    now = Preferences()
    assert (now.theme, now.teaches, now.shows_palette, now.tempo) == ("system", False, True, "watch")


def test_where_they_are_kept_is_said(dialog: PreferencesDialog) -> None:
    said = " ".join(label.text() for label in dialog.findChildren(QLabel))
    assert str(Preferences().file) in said
    assert Preferences().file.name == "bplab.ini"
