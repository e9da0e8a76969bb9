"""The command palette finds everything that can be done, by the keyboard alone, and says why something cannot."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Dataset, Spiral
from bplab.engine import Activation, ReLU
from bplab.gui.about import AboutDialog
from bplab.gui.command_palette import CommandPalette
from bplab.gui.commands import plain
from bplab.gui.main_window import MainWindow
from bplab.lab.experiment import example_names, load_experiment


@pytest.fixture
def palette(window: MainWindow, qtbot: QtBot) -> CommandPalette:
    return opened(window, qtbot)


def opened(window: MainWindow, qtbot: QtBot) -> CommandPalette:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    palettes = [each for each in window.findChildren(CommandPalette) if each.isVisible()]
    assert len(palettes) == 1
    return palettes[0]


def titles(palette: CommandPalette) -> list[str]:
    return [palette.model.command(row).title for row in range(palette.model.rowCount())]


def test_every_action_of_every_menu_every_example_dataset_and_activation_is_there(
    window: MainWindow, palette: CommandPalette
) -> None:
    listed = set(titles(palette))
    submenus = {menu.menuAction() for menu in window.findChildren(QMenu)}
    assert {plain(action.text()) for action in window.menus.all_actions() if action not in submenus} <= listed
    assert {load_experiment(name).name for name in example_names()} <= listed
    assert {f"Learn from {kind.title()}" for kind in Dataset.members().values()} <= listed
    assert {f"Activation {kind.title()}" for kind in Activation.members().values()} <= listed


def test_typing_and_enter_do_it(window: MainWindow, palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.line, "learn spiral")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert not palette.isVisible()
    assert isinstance(window.session.experiment.data, Spiral)


def test_the_down_key_walks_while_the_line_keeps_the_focus(palette: CommandPalette, qtbot: QtBot) -> None:
    first = palette.current()
    qtbot.keyClick(palette.line, Qt.Key.Key_Down)
    assert palette.current() is palette.model.command(1) is not first
    qtbot.keyClick(palette.line, Qt.Key.Key_Up)
    assert palette.current() is first


def test_a_command_that_cannot_be_done_says_why_and_does_nothing(palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.line, "undo")
    command = palette.current()
    assert command is not None
    assert (command.title, command.keys, command.why_not) == ("Undo", "Ctrl+Z", "Nothing to undo")
    assert palette.hint.text() == "Nothing to undo"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()


def test_everything_that_cannot_be_done_has_a_reason_in_plain_words(palette: CommandPalette) -> None:
    commands = [palette.model.command(row) for row in range(palette.model.rowCount())]
    assert [each.title for each in commands if "<p" in each.tip + each.why_not or each.why_not == each.title] == []
    layer = [command for command in commands if command.place == "Network" and command.why_not]
    assert {command.why_not for command in layer if command.title.startswith("Activation")} == {"Select a layer first."}


def test_activations_are_those_of_the_selected_layer(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.select_layer(0)
    palette = opened(window, qtbot)
    qtbot.keyClicks(palette.line, "activation ReLU")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert window.session.experiment.network.layers[0].activation == ReLU()


def test_what_is_in_use_is_ticked(palette: CommandPalette) -> None:
    commands = [palette.model.command(row) for row in range(palette.model.rowCount())]
    on = {command.title for command in commands if command.is_on}
    assert f"Learn from {Circle.title()}" in on
    assert f"Learn from {Spiral.title()}" not in on


def test_a_command_may_open_a_dialog(window: MainWindow, palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.line, "about")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    (dialog,) = window.findChildren(AboutDialog)
    assert dialog.isVisible()
    dialog.accept()


def test_escape_leaves_without_doing_anything(window: MainWindow, palette: CommandPalette, qtbot: QtBot) -> None:
    before = window.session.experiment
    qtbot.keyClicks(palette.line, "spiral")
    qtbot.keyClick(palette.line, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert window.session.experiment is before


def test_nothing_found_is_said(palette: CommandPalette, qtbot: QtBot) -> None:
    qtbot.keyClicks(palette.line, "zzzz")
    assert titles(palette) == []
    assert palette.hint.text() == "No command is called so"
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible()
