"""The layer table: read, heard, typed into, and one with what the canvas draws and what a file holds."""

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QIcon
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Digits
from bplab.engine import Conv2D, Dense, HeUniform, LeakyReLU, ReLU, Tanh
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.layer_columns import COLUMNS
from bplab.gui.panels.layer_table import LayerTable
from bplab.lab.experiment import Experiment, experiment_from_json, experiment_to_json, fitted_to_data, load_experiment

from .canvas.driving import arrangement, button, header_of, point_at

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
ROLE = Qt.ItemDataRole


def activate(window: MainWindow, qtbot: QtBot) -> None:
    """Without this keys go nowhere."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


@pytest.fixture
def table(window: MainWindow, qtbot: QtBot) -> LayerTable:
    """The table of a window on 2-4-2-1, shown by its key, which gives it the focus."""
    activate(window, qtbot)
    qtbot.keyClick(window, KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(window.layers.view.hasFocus)
    return window.layers


def layers_of(table: LayerTable) -> tuple[Dense, ...]:
    return table._session.experiment.network.layers


def column(title: str) -> int:
    return [one.title for one in COLUMNS].index(title)


def go_to(table: LayerTable, layer: int, title: str) -> None:
    table.view.setCurrentIndex(table.model.index(layer, column(title)))


def edit(table: LayerTable, qtbot: QtBot, layer: int, title: str) -> QWidget:
    """Begin to edit a cell with F2; the control that has the keys then."""
    go_to(table, layer, title)
    qtbot.keyClick(table.view, KEY.Key_F2)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert focus is not table.view
    return focus


def type_in(table: LayerTable, qtbot: QtBot, layer: int, title: str, text: str) -> None:
    """F2, the first letters of a choice or a number, Enter."""
    focus = edit(table, qtbot, layer, title)
    qtbot.keyClicks(focus, text)
    qtbot.keyClick(focus, KEY.Key_Return)
    assert table.view.hasFocus()


def words(table: LayerTable, layer: int, title: str, role: ROLE = ROLE.DisplayRole) -> object:
    return table.model.index(layer, column(title)).data(role)


# -- one design ---------------------------------------------------------------------------------------------

TYPED = """{"format": "bplab-experiment", "version": 1, "name": "typed", "data": {"type": "circle"},
 "network": {"layers": [
   {"units": 6, "activation": {"type": "relu"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}},
   {"units": 6, "activation": {"type": "relu"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}},
   {"units": 3, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}},
   {"units": 1, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}}]}}
"""


def design_by_mouse(window: MainWindow, qtbot: QtBot) -> Experiment:
    """Two neurons more in h1, ReLU from its menu, a layer behind it by the plus in the gap, one more neuron in h3."""
    canvas = window.canvas
    for layer, presses in ((0, 2), (1, 1)):
        point_at(canvas, qtbot, header_of(canvas, layer))
        for _ in range(presses):
            qtbot.mouseClick(button(canvas, "add_neuron"), LEFT)
    place = header_of(canvas, 0)
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas.view, QContextMenuEvent(reason, place, canvas.view.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    submenu = next(action.menu() for action in menu.actions() if action.text() == "Activation")
    assert isinstance(submenu, QMenu)
    submenu.popup(menu.pos())
    relu = next(action for action in submenu.actions() if action.text() == "ReLU")
    qtbot.mouseClick(submenu, LEFT, pos=submenu.actionGeometry(relu).center())
    menu.close()
    point_at(canvas, qtbot, arrangement(canvas).gap(1).center().toPoint())
    qtbot.mouseClick(button(canvas, "add_before"), LEFT)
    return window.session.experiment


def design_by_typing(table: LayerTable, qtbot: QtBot) -> Experiment:
    type_in(table, qtbot, 0, "Units", "6")
    type_in(table, qtbot, 0, "Activation", "rel")
    qtbot.keyClick(table.view, KEY.Key_Insert)
    type_in(table, qtbot, 2, "Units", "3")
    return table._session.experiment


def test_a_design_made_by_mouse_is_the_one_typed_into_the_table_and_the_one_in_a_file(
    window: MainWindow, table: LayerTable, qtbot: QtBot
) -> None:
    start = window.session.experiment
    drawn = design_by_mouse(window, qtbot)
    window.session.open(start)
    activate(window, qtbot)  # the menus had the keys
    table.view.setFocus()
    typed = design_by_typing(table, qtbot)
    assert drawn == typed
    assert experiment_to_json(drawn) == experiment_to_json(typed)
    assert drawn.network == experiment_from_json(TYPED).network


# -- editing in place ---------------------------------------------------------------------------------------


def test_every_edit_of_a_cell_is_one_undo_step_named_after_it(table: LayerTable, qtbot: QtBot) -> None:
    before = layers_of(table)
    type_in(table, qtbot, 1, "Units", "12")
    assert layers_of(table)[1].units == 12
    assert table._session.history.undo_label == "Change units of h2"
    table._session.undo()
    assert layers_of(table) == before
    assert table._session.history.undo_label is None


def test_a_digit_begins_to_replace_the_number_of_units(table: LayerTable, qtbot: QtBot) -> None:
    go_to(table, 0, "Units")
    qtbot.keyClick(table.view, KEY.Key_7)
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, KEY.Key_Return)
    assert layers_of(table)[0].units == 7


def test_a_choice_and_its_parameter_are_one_step_with_tab_between_them(table: LayerTable, qtbot: QtBot) -> None:
    box = edit(table, qtbot, 0, "Activation")
    qtbot.keyClicks(box, "leaky")
    qtbot.keyClick(box, KEY.Key_Tab)
    slope = QApplication.focusWidget()
    assert slope is not None
    assert slope.accessibleName() == "h1, activation slope"
    slope.selectAll()  # type: ignore[attr-defined]  # a line
    qtbot.keyClicks(slope, "0.2")
    qtbot.keyClick(slope, KEY.Key_Return)
    assert layers_of(table)[0].activation == LeakyReLU(0.2)
    assert words(table, 0, "Activation") == "leaky ReLU, slope 0.2"
    table._session.undo()
    assert layers_of(table)[0].activation == Tanh()


def test_escape_leaves_a_cell_as_it_was(table: LayerTable, qtbot: QtBot) -> None:
    before = layers_of(table)
    box = edit(table, qtbot, 0, "Weights")
    qtbot.keyClicks(box, "he")
    qtbot.keyClick(box, KEY.Key_Escape)
    assert layers_of(table) == before
    assert table.view.hasFocus()


def test_tab_takes_what_was_typed_and_goes_on_to_the_next_cell(table: LayerTable, qtbot: QtBot) -> None:
    box = edit(table, qtbot, 0, "Weights")
    qtbot.keyClicks(box, "he")
    qtbot.keyClick(box, KEY.Key_Tab)
    assert layers_of(table)[0].weights == HeUniform()
    assert table.view.currentIndex() == table.model.index(0, column("Biases"))


def test_an_open_cell_goes_with_its_row_and_leaves_nothing_behind(
    window: MainWindow, table: LayerTable, qtbot: QtBot
) -> None:
    edit(table, qtbot, 0, "Normalization")
    window.session.open(load_experiment("iris"))
    QApplication.processEvents()
    assert table.view.currentIndex().isValid()
    edit(table, qtbot, 0, "Units")
    window.docks["Layer table"].close()
    QApplication.processEvents()
    assert window.session.experiment == load_experiment("iris")


def test_clicking_elsewhere_takes_what_was_typed(window: MainWindow, table: LayerTable, qtbot: QtBot) -> None:
    focus = edit(table, qtbot, 0, "Units")
    qtbot.keyClicks(focus, "9")
    window.bar.play.setFocus(Qt.FocusReason.MouseFocusReason)
    assert layers_of(table)[0].units == 9


def test_dropout_skip_and_normalization_are_edited_like_in_the_inspector(table: LayerTable, qtbot: QtBot) -> None:
    type_in(table, qtbot, 0, "Dropout", "20")
    type_in(table, qtbot, 1, "Skip", "inputs")
    type_in(table, qtbot, 1, "Normalization", "layer")
    first, second, _ = layers_of(table)
    assert (first.dropout, second.skip) == (0.2, 0)
    assert words(table, 0, "Dropout") == "20 %"
    assert words(table, 1, "Skip") == "from inputs"
    assert second.normalization is not None


def test_space_and_enter_tick_a_bias_and_space_plays_elsewhere(table: LayerTable, qtbot: QtBot) -> None:
    go_to(table, 0, "Bias")
    qtbot.keyClick(table.view, KEY.Key_Space)
    assert not layers_of(table)[0].bias
    qtbot.keyClick(table.view, KEY.Key_Return)
    assert layers_of(table)[0].bias
    go_to(table, 0, "Units")
    qtbot.keyClick(table.view, KEY.Key_Space)
    assert table._session.is_training


def test_what_cannot_be_is_refused_in_one_sentence(table: LayerTable, qtbot: QtBot) -> None:
    before = layers_of(table)
    with qtbot.waitSignal(table._session.refused) as refused:
        table.model.setData(table.model.index(0, column("Kind")), Conv2D)
    assert refused.args == ["h1: a convolution needs images, but here come 2 values in a row"]
    assert layers_of(table) == before


def test_cells_that_follow_from_data_or_design_cannot_be_edited_and_say_why(table: LayerTable) -> None:
    for title, reason in (("Kind", "The output layer is dense"), ("Outputs", "follows from the design")):
        index = table.model.index(2, column(title))
        assert not index.flags() & Qt.ItemFlag.ItemIsEditable
        assert reason in index.data(ROLE.ToolTipRole)


# -- rows ---------------------------------------------------------------------------------------------------


def test_rows_are_added_doubled_moved_and_removed_by_key(table: LayerTable, qtbot: QtBot) -> None:
    def units() -> list[int]:
        return [layer.units for layer in layers_of(table)]

    go_to(table, 0, "Units")
    qtbot.keyClick(table.view, KEY.Key_Down, CTRL_SHIFT)
    assert (units(), table.layer) == ([2, 4, 1], 1)
    qtbot.keyClick(table.view, KEY.Key_Up, CTRL_SHIFT)
    assert (units(), table.layer) == ([4, 2, 1], 0)
    qtbot.keyClick(table.view, KEY.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert (units(), table.layer) == ([4, 4, 2, 1], 1)
    qtbot.keyClick(table.view, KEY.Key_Plus)
    assert units() == [4, 5, 2, 1]
    qtbot.keyClick(table.view, KEY.Key_Delete)
    assert (units(), table.layer) == ([4, 2, 1], 1)
    qtbot.keyClick(table.view, KEY.Key_Insert)
    assert (units(), table.layer) == ([4, 2, 2, 1], 2)
    assert table.view.currentIndex() == table.model.index(2, column("Units"))


def test_the_selection_is_that_of_canvas_and_inspector(window: MainWindow, table: LayerTable, qtbot: QtBot) -> None:
    go_to(table, 1, "Units")
    assert window.canvas.selected_layer == window.inspector.layer == 1
    qtbot.mouseClick(window.canvas.view, LEFT, pos=header_of(window.canvas, 0))
    assert table.layer == 0
    assert table.view.selectionModel().isRowSelected(0)
    qtbot.mouseClick(window.canvas.view, LEFT, pos=QPoint(2, 2))
    assert table.layer == -1
    assert not table.view.selectionModel().hasSelection()


def test_a_click_of_the_other_button_offers_what_can_be_done_to_the_layer(table: LayerTable) -> None:
    place = table.view.visualRect(table.model.index(1, 0)).center()
    table.view.customContextMenuRequested.emit(place)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert "Remove layer h2" in [action.text() for action in menu.actions()]
    menu.close()


# -- reading ------------------------------------------------------------------------------------------------


def test_every_cell_says_to_a_screen_reader_what_it_is_of_which_layer(table: LayerTable) -> None:
    assert words(table, 0, "Units", ROLE.AccessibleTextRole) == "h1, units: 4"
    assert words(table, 2, "Bias", ROLE.AccessibleTextRole) == "out, bias: yes"
    for row in range(table.model.rowCount()):
        for place in range(table.model.columnCount()):
            index = table.model.index(row, place)
            assert index.data(ROLE.AccessibleTextRole)
            assert index.data(ROLE.AccessibleDescriptionRole)


def test_columns_of_images_are_there_where_some_layer_is_for_images(window: MainWindow, table: LayerTable) -> None:
    assert table.view.isColumnHidden(column("Window"))
    window.session.open(load_experiment("digits-conv"))
    assert not table.view.isColumnHidden(column("Window"))
    assert (words(table, 0, "Units"), words(table, 0, "Window")) == ("16", "3")
    assert (words(table, 1, "Units"), words(table, 1, "Stride")) == ("–", "as the window")
    assert (words(table, 0, "Outputs"), words(table, 0, "Parameters")) == ("16 × 8 × 8", "160")


def test_a_dense_layer_becomes_a_convolution_by_its_first_letters(
    window: MainWindow, table: LayerTable, qtbot: QtBot
) -> None:
    start = window.session.experiment
    window.session.open(fitted_to_data(msgspec.structs.replace(start, data=Digits())))
    type_in(table, qtbot, 0, "Kind", "conv")
    assert isinstance(layers_of(table)[0], Conv2D)
    assert window.session.history.undo_label == "Change h1 to convolution"


def test_what_happens_while_it_is_hidden_is_there_when_it_is_shown(window: MainWindow) -> None:
    window.session.edit_layer(0, "Change activation", activation=ReLU())
    window.docks["Layer table"].toggleViewAction().trigger()
    assert words(window.layers, 0, "Activation") == "ReLU"
    assert isinstance(window.session.experiment.data, Circle)


def test_a_layers_colour_is_the_same_where_its_row_is_selected(table: LayerTable, window: MainWindow) -> None:
    shown = words(table, 1, "Layer", ROLE.DecorationRole)
    assert isinstance(shown, QIcon)
    colours = {
        shown.pixmap(16, mode).toImage().pixelColor(8, 8).name() for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected)
    }
    assert colours == {window.theme.layer_colours(3)[1].name()}
