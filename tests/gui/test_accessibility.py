"""Everything that takes the keyboard or the mouse says what it is and what it does, in the window and its dialogs."""

from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from bplab.data import Dataset, FileDataset
from bplab.gui.about import AboutDialog
from bplab.gui.command_palette import CommandPalette
from bplab.gui.commands import menu_commands
from bplab.gui.error_dialog import ErrorDialog
from bplab.gui.main_window import MainWindow
from bplab.gui.reading import Reading, ReadingDialog
from bplab.gui.shortcuts_sheet import ShortcutsSheet, shortcuts
from bplab.lab.experiment import fitted_to_data

from ..data.idx_files import write_pair
from .acts import preferences_of, write_arrays

MADE_OR_SHIPPED = [name for name, kind in Dataset.members().items() if not issubclass(kind, FileDataset)]
CONTROLS = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit, QPlainTextEdit, QSlider)


def own_controls(root: QWidget) -> list[QWidget]:
    """The controls below ``root`` that are no part of another control: a spin box's own line is not asked."""

    def is_part(widget: QWidget) -> bool:
        parent = widget.parentWidget()
        while parent is not None and parent is not root:
            if isinstance(parent, CONTROLS):
                return True
            parent = parent.parentWidget()
        return False

    named = [widget for widget in root.findChildren(QWidget) if isinstance(widget, CONTROLS)]
    named = [widget for widget in named if widget.isVisibleTo(root)]
    # Qt's own helpers (the arrows of a scrolling tab bar, the extension of a toolbar) carry names beginning with qt_.
    ours = [widget for widget in named if not widget.objectName().startswith("qt_") and not is_part(widget)]
    return [widget for widget in ours if widget.parentWidget().metaObject().className() != "QTabBar"]


def silent(root: QWidget) -> list[str]:
    """Controls without an accessible name or a tooltip; a table's cells and headings have tooltips of their own."""
    return [
        f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()} in {type(widget.parent()).__name__}"
        for widget in own_controls(root)
        if not widget.accessibleName() or not (widget.toolTip() or isinstance(widget, QAbstractItemView))
    ]


def test_every_control_of_the_window_has_an_accessible_name_and_a_tooltip(window: MainWindow) -> None:
    assert len(own_controls(window)) > 60
    assert silent(window) == []
    window.docks["Layer numbers"].raise_()
    assert silent(window.docks["Layer numbers"]) == []


def test_so_has_every_control_of_every_panel(window: MainWindow) -> None:
    for dock in window.docks.values():
        dock.show()
        dock.raise_()
        assert own_controls(dock), dock.windowTitle()
        assert silent(dock) == []


@pytest.mark.parametrize("layer", [0, 2])
def test_so_has_every_control_of_a_layers_page(window: MainWindow, layer: int) -> None:
    window.canvas.select_layer(layer)
    assert silent(window.inspector) == []


@pytest.mark.parametrize("name", MADE_OR_SHIPPED)
def test_so_has_every_control_of_every_datasets_form(window: MainWindow, name: str) -> None:
    window.data.picker.picked.emit(Dataset.members()[name])
    assert window.session.experiment == fitted_to_data(window.session.experiment)
    assert type(window.session.experiment.data) is Dataset.members()[name]
    assert silent(window.data) == []


def test_so_has_every_control_of_the_forms_of_files(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    window.data.use_file(file)
    assert silent(window.data) == []
    for path in (write_pair(tmp_path)[0], write_arrays(tmp_path)):
        window.data.use_file(path)
        assert window.session.experiment.data.paths()[0] == path
        assert silent(window.data) == []


def test_so_has_every_control_of_the_dialogs(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    dialogs: list[QDialog] = [
        AboutDialog(window),
        preferences_of(window),
        ShortcutsSheet(shortcuts(window.menus.all_menus(), window), tmp_path, window),
        CommandPalette(menu_commands(window.menus.all_menus(), window), window),
        ErrorDialog("details", tmp_path, window),
        ReadingDialog(Reading(lambda progress, cancelled: None), "table.csv", window),
    ]
    for dialog in dialogs:
        qtbot.addWidget(dialog)
        assert silent(dialog) == []


def test_every_action_explains_itself(window: MainWindow) -> None:
    def explained(action: QAction) -> bool:
        return action.menu() is not None or action.toolTip() not in ("", action.text().replace("&", ""))

    verbs = set(window.canvas.layer_actions.actions()) | {window.canvas.fit_action}
    actions = [action for action in window.menus.all_actions() if action not in verbs]
    assert [action.text() for action in actions if not explained(action)] == []


def test_every_label_that_names_a_control_leads_to_it(window: MainWindow) -> None:
    window.canvas.select_layer(0)
    buddies = [label.buddy() for label in window.findChildren(QLabel) if label.buddy() is not None]
    assert len(buddies) > 15


def test_the_tab_key_walks_through_the_data_panel_in_reading_order(window: MainWindow) -> None:
    form = window.data.form
    assert form is not None
    controls = form.controls()
    stops = [controls[0]]
    while stops[-1] is not controls[-1] and len(stops) < 200:
        following = stops[-1].nextInFocusChain()
        while following not in controls and following is not controls[0]:
            following = following.nextInFocusChain()
        stops.append(following)
    assert stops == controls
