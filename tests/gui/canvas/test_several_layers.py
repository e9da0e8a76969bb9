"""Several layers selected with mouse and keys, copied as text, pasted, doubled, taken out and changed alike."""

import json
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from bplab.engine import HeNormal, ReLU, Tanh
from bplab.gui.canvas import NetworkCanvas
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.layer_blocks import layers_to_json
from tests.gui.canvas.driving import header_of, picture, units

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def click(canvas: NetworkCanvas, qtbot: QtBot, layer: int, keys: Qt.KeyboardModifier) -> None:
    qtbot.mouseClick(canvas.view, LEFT, keys, header_of(canvas, layer))


def undo_label(canvas: NetworkCanvas) -> str | None:
    return canvas._session.history.undo_label


def clipboard(text: str | None = None) -> str:
    if text is not None:
        QGuiApplication.clipboard().setText(text)
    return QGuiApplication.clipboard().text()


def open_menu(canvas: NetworkCanvas, place: QPoint) -> QMenu:
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas.view, QContextMenuEvent(reason, place, canvas.view.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_ctrl_adds_a_layer_to_the_selection_and_takes_it_away(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.select_layer(0)
    one = picture(canvas)
    click(canvas, qtbot, 2, CTRL)
    assert (canvas.chosen_layers, canvas.selected_layer) == ({0, 2}, 2)
    assert picture(canvas) != one
    click(canvas, qtbot, 2, CTRL)
    assert (canvas.chosen_layers, canvas.selected_layer) == ({0}, 0)
    click(canvas, qtbot, 0, CTRL)
    assert (canvas.chosen_layers, canvas.selected_layer) == (frozenset(), -1)


def test_shift_reaches_from_the_selected_layer_to_another(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.select_layer(2)
    click(canvas, qtbot, 0, SHIFT)
    assert (canvas.chosen_layers, canvas.selected_layer) == ({0, 1, 2}, 2)
    assert "Selected: h1, h2 and h3" in canvas.view.accessibleDescription()


def test_shift_with_arrows_reaches_from_the_selected_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.select_layer(1)
    for key, chosen in (
        (Qt.Key.Key_Right, {1, 2}), (Qt.Key.Key_Right, {1, 2, 3}), (Qt.Key.Key_Left, {1, 2}), (Qt.Key.Key_Left, {1}),
        (Qt.Key.Key_Left, {0, 1}), (Qt.Key.Key_End, {1, 2, 3}), (Qt.Key.Key_Home, {0, 1}),
    ):  # fmt: skip
        qtbot.keyClick(canvas.view, key, Qt.KeyboardModifier.ShiftModifier)
        assert canvas.chosen_layers == chosen
        assert canvas.selected_layer == 1
    qtbot.keyClick(canvas.view, Qt.Key.Key_Right)
    assert canvas.chosen_layers == {2}


def test_a_plain_click_selects_one_layer_again(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    qtbot.keyClick(canvas.view, KEY.Key_A, CTRL)
    assert canvas.chosen_layers == {0, 1, 2, 3}
    click(canvas, qtbot, 1, Qt.KeyboardModifier.NoModifier)
    assert canvas.chosen_layers == {1}


def test_copied_layers_are_text_that_pastes_behind_the_selected_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.choose_layers({0, 1}, 0)
    qtbot.keyClick(canvas.view, KEY.Key_C, CTRL)
    assert [layer["units"] for layer in json.loads(clipboard())["layers"]] == [4, 3]
    canvas.select_layer(2)
    qtbot.keyClick(canvas.view, KEY.Key_V, CTRL)
    assert units(canvas) == [4, 3, 2, 4, 3, 1]
    assert undo_label(canvas) == "Paste 2 layers after h3"
    assert canvas.chosen_layers == {3, 4}


def test_layers_paste_from_another_experiment(make: Make, show: Show, qtbot: QtBot) -> None:
    clipboard(layers_to_json(load_experiment("vanishing"), {0}))
    canvas = show(make(4))
    qtbot.keyClick(canvas.view, KEY.Key_V, CTRL)
    assert canvas._session.experiment.network.layers[1] == load_experiment("vanishing").network.layers[0]
    assert undo_label(canvas) == "Paste a layer after h1"


def test_text_that_is_no_layers_says_so_and_changes_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    before = canvas._session.experiment
    clipboard('{"layers": 3}')
    with qtbot.waitSignal(canvas._session.refused) as refused:
        qtbot.keyClick(canvas.view, KEY.Key_V, CTRL)
    assert refused.args is not None
    assert refused.args[0].startswith("The clipboard holds no layers: ")
    assert canvas._session.experiment == before
    assert undo_label(canvas) is None


def test_cut_layers_are_gone_in_one_step_and_come_back_with_paste(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.choose_layers({0, 2}, 0)
    qtbot.keyClick(canvas.view, KEY.Key_X, CTRL)
    assert units(canvas) == [3, 1]
    assert undo_label(canvas) == "Cut h1 and h3"
    qtbot.keyClick(canvas.view, KEY.Key_V, CTRL)
    assert units(canvas) == [3, 4, 2, 1]
    canvas._session.undo()
    canvas._session.undo()
    assert units(canvas) == [4, 3, 2, 1]


def test_the_output_cannot_be_cut(make: Make, show: Show) -> None:
    canvas = show(make(4))
    canvas.choose_layers({0, 1}, 0)
    assert not canvas.block_actions.cut.isEnabled()
    assert "The output layer stays" in canvas.block_actions.cut.toolTip()
    assert canvas.block_actions.copy.isEnabled()


def test_delete_takes_out_all_selected_layers_in_one_step(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.choose_layers({0, 1}, 1)
    qtbot.keyClick(canvas.view, KEY.Key_Delete)
    assert units(canvas) == [2, 1]
    assert undo_label(canvas) == "Remove h1 and h2"


def test_all_selected_layers_are_doubled_in_one_step(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    canvas.choose_layers({0, 1}, 1)
    qtbot.keyClick(canvas.view, KEY.Key_D, CTRL)
    assert units(canvas) == [4, 3, 4, 3, 2, 1]
    assert undo_label(canvas) == "Duplicate h1 and h2"
    assert canvas.chosen_layers == {2, 3}


def test_the_menu_of_several_layers_sets_activation_and_initialization_of_all(
    make: Make, show: Show, qtbot: QtBot
) -> None:
    canvas = show(make(4, 3, 2))
    for field, title, kind in (("activation", "Activation", ReLU), ("weights", "First weights", HeNormal)):
        canvas.choose_layers({0, 2}, 2)
        menu = open_menu(canvas, header_of(canvas, 0))
        submenu = next(action.menu() for action in menu.actions() if action.text() == title)
        assert isinstance(submenu, QMenu)
        next(action for action in submenu.actions() if action.data() is kind).trigger()
        menu.close()
        layers = canvas._session.experiment.network.layers
        assert [type(getattr(layer, field)) is kind for layer in layers] == [True, False, True, False]
        assert undo_label(canvas) == f"{title} of h1 and h3: {kind.title()}"
    canvas._session.undo()
    canvas._session.undo()
    assert canvas._session.experiment.network.layers[0].activation == Tanh()
    assert undo_label(canvas) is None


def test_the_menu_of_several_layers_leaves_out_what_none_of_them_has(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    layers = canvas._session.experiment.network.layers
    pools = {number for number, layer in enumerate(layers) if not hasattr(layer, "weights")}
    canvas.choose_layers(pools, min(pools))
    menu = open_menu(canvas, header_of(canvas, min(pools)))
    assert "Activation" not in [action.text() for action in menu.actions()]
    menu.close()
