"""The main window: that its parts talk to each other, and its layout."""

import platform
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.gui.about import AboutDialog
from bplab.gui.app import make_window
from bplab.gui.command_palette import CommandPalette
from bplab.gui.main_window import MainWindow
from bplab.gui.menus import run_line
from bplab.gui.preferences import Preferences
from bplab.gui.session import Session
from bplab.gui.shortcuts_sheet import ShortcutsSheet
from bplab.gui.theme import Theme
from bplab.lab.experiment import load_experiment
from bplab.lab.saved_runs import RunInfo
from bplab.lab.unsaved import recoverable

FRONT = {"Data", "Inspector", "Loss", "Gradient", "Saturation"}
BEHIND = {"Chain rule", "Layer numbers", "Accuracy", "Confusion", "Surface", "Updates", "Activations", "Dead"}
ALL = FRONT | BEHIND


def test_the_window_opens_on_the_first_example_with_all_panels(window: MainWindow) -> None:
    assert window.session.experiment == load_experiment("circle")
    assert set(window.docks) == ALL | {"Layer table"}  # which is shown when it is asked for
    assert {name for name, dock in window.docks.items() if dock.isVisible()} == ALL
    assert window.status.text.text() == "Not trained yet: press Space to play"


def test_panels_are_closed_and_opened_from_the_view_menu(window: MainWindow) -> None:
    action = window.docks["Loss"].toggleViewAction()
    assert action in window.menus.view.actions()
    action.trigger()
    assert not window.docks["Loss"].isVisible()
    action.trigger()
    assert window.docks["Loss"].isVisible()


def test_panels_float_and_close_by_their_title_buttons(window: MainWindow, qtbot: QtBot) -> None:
    dock = window.docks["Inspector"]
    buttons = dock.titleBarWidget()._buttons  # type: ignore[attr-defined]
    qtbot.mouseClick(buttons["float"], Qt.MouseButton.LeftButton)
    assert dock.isFloating()
    qtbot.mouseClick(buttons["float"], Qt.MouseButton.LeftButton)
    assert not dock.isFloating()
    qtbot.mouseClick(buttons["close"], Qt.MouseButton.LeftButton)
    assert not dock.isVisible()


def test_the_layout_is_remembered_and_can_be_reset(window: MainWindow, qtbot: QtBot, theme: Theme) -> None:
    window.docks["Saturation"].close()
    window.docks["Data"].setFloating(True)
    window.close()

    again = MainWindow(Session(), theme)
    qtbot.addWidget(again, before_close_func=MainWindow.leave)
    again.show()
    assert not again.docks["Saturation"].isVisible()
    assert again.docks["Data"].isFloating()
    again.reset_layout()
    assert {name for name, dock in again.docks.items() if dock.isVisible()} == ALL
    assert not again.docks["Data"].isFloating()
    assert Preferences().layout is None
    again.leave()


def test_a_layout_file_of_nonsense_is_the_first_layout(window: MainWindow, qtbot: QtBot, theme: Theme) -> None:
    preferences = Preferences()
    preferences._settings.setValue("window/geometry", "nonsense")
    preferences._settings.setValue("window/state", 7)
    preferences._settings.setValue("theme", "purple")
    assert preferences.layout is None
    assert preferences.theme == "system"


@pytest.mark.parametrize("size", [QSize(1280, 720), QSize(1440, 900)])
def test_the_network_keeps_the_largest_part_of_the_window(window: MainWindow, size: QSize) -> None:
    window.resize(size)
    assert window.size() == size
    assert window.canvas.width() > 0.4 * size.width()
    assert window.canvas.height() > 0.35 * size.height()


def test_the_theme_is_chosen_in_the_menu_and_remembered(window: MainWindow) -> None:
    system, light, dark = window.appearance.actions
    assert system.isChecked()
    dark.trigger()
    assert window.theme.dark
    assert QApplication.palette().window().color().lightness() < 80
    assert Preferences().theme == "dark"
    light.trigger()
    assert not window.theme.dark


def test_every_icon_and_picture_follows_the_theme(window: MainWindow, qtbot: QtBot) -> None:
    places = (window.bar.step, window.data.view.picture, window.inspector.add, window.docks["Data"].titleBarWidget())
    corners = [place.mapTo(window, place.rect().topLeft()) for place in places]

    def lightness() -> list[int]:
        image = window.grab().toImage()
        return [image.pixelColor(corner).lightness() for corner in corners]

    assert min(lightness()) > 200
    window.appearance.actions[2].trigger()
    qtbot.waitUntil(lambda: max(lightness()) < 60)
    window.appearance.actions[1].trigger()
    qtbot.waitUntil(lambda: min(lightness()) > 200)


def test_refused_edits_are_said_above_the_network_and_go_away(window: MainWindow, qtbot: QtBot) -> None:
    window.session.refused.emit("network: that does not fit")
    assert window.notices.isVisible()
    assert window.notices.text.text() == "network: that does not fit."
    assert window.notices._timer.isActive()
    window.notices._timer.timeout.emit()
    assert not window.notices.isVisible()


def test_about_shows_versions_to_copy(window: MainWindow, qtbot: QtBot) -> None:
    dialog = AboutDialog(window)
    qtbot.addWidget(dialog)
    dialog.copy()
    copied = QApplication.clipboard().text()
    for word in ("bplab 0.", "Python 3.", "Qt 6.", "PySide6 6.", "NumPy ", "BLAS ", platform.system()):
        assert word in copied


@pytest.mark.parametrize(("index", "kind"), [(0, CommandPalette), (1, ShortcutsSheet), (2, AboutDialog)])
def test_help_opens_its_dialogs(window: MainWindow, index: int, kind: type) -> None:
    window.menus.help.actions()[index].trigger()
    (dialog,) = window.findChildren(kind)
    assert dialog.isVisible()
    dialog.accept()


def test_no_two_actions_share_a_key(window: MainWindow) -> None:
    keys = [key.toString() for action in window.menus.all_actions() for key in action.shortcuts()]
    assert len(keys) == len(set(keys))


def test_network_menu_acts_on_the_selected_layer(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    texts = [action.text() for action in window.menus.network.actions() if not action.isSeparator()]
    assert "Add neuron to h1" in texts
    window.menus.network.actions()[0].trigger()
    assert window.session.experiment.network.layers[0].units == 5


def test_a_run_in_the_menu_is_one_line_of_facts() -> None:
    fields: dict[str, Any] = {"created": "2026-01-01T00:00:00Z", "note": ""}
    info = RunInfo(
        id=3, name="Rings & arms", state="diverged", updates=1200, epochs=48.0, loss=0.5, test_loss=0.25, accuracy=0.9,
        **fields,
    )  # fmt: skip
    assert run_line(info) == "3  Rings && arms · 1,200 updates · test loss 0.25 · accuracy 90 % · diverged"
    bare = RunInfo(
        id=4, name="x", state="paused", updates=1, epochs=0.1, loss=0.5, test_loss=None, accuracy=None, **fields
    )
    assert run_line(bare) == "4  x · 1 update · loss 0.5"


def test_the_application_makes_a_window_with_all_parts(qtbot: QtBot) -> None:
    window = make_window()
    qtbot.addWidget(window, before_close_func=MainWindow.leave)
    assert window.session.experiment == load_experiment("circle")
    window.leave()


def test_leaving_without_a_question_keeps_the_work(window: MainWindow) -> None:
    window.session.edit(replace(window.session.experiment, name="Rings"), "Change name")
    window.leave()
    assert [document.name for document in recoverable()] == ["Rings"]
