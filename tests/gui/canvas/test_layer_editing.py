"""Layers and neurons selected and edited on the canvas, with the mouse, with keys and from the menu."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from bplab.data import Iris
from bplab.engine import CrossEntropy, Dense, ReLU, Softmax
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.layer_edits import Verb
from bplab.lab.experiment import Experiment, TrainingPlan
from tests.gui.canvas.driving import arrangement, button, header_of, neuron_at, point_at, selections, units

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


# -- selection ------------------------------------------------------------------------------------------


def test_a_click_on_a_header_selects_the_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    with qtbot.waitSignal(canvas.layer_selected) as signal:
        qtbot.mouseClick(canvas.view, LEFT, pos=header_of(canvas, 1))
    assert signal.args == [1]
    assert canvas.selected_layer == 1


def test_a_click_on_a_neuron_selects_it_and_its_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    said = selections(canvas)
    qtbot.mouseClick(canvas.view, LEFT, pos=neuron_at(canvas, 0, 3))
    assert said == [(0,), (0, 3)]


def test_a_click_on_empty_ground_selects_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    qtbot.mouseClick(canvas.view, LEFT, pos=neuron_at(canvas, 0, 3))
    said = selections(canvas)
    qtbot.mouseClick(canvas.view, LEFT, pos=QPoint(2, 2))
    assert said == [(-1,), (-1, -1)]


def test_selecting_what_is_selected_says_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    canvas.select_layer(1)
    with qtbot.assertNotEmitted(canvas.layer_selected):
        canvas.select_layer(1)


def test_arrow_keys_move_the_selection_through_layers_and_neurons(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    seen = []
    for key in (KEY.Key_Right, KEY.Key_Right, KEY.Key_Down, KEY.Key_Down, KEY.Key_Down, KEY.Key_Up, KEY.Key_Left):
        qtbot.keyClick(canvas.view, key)
        seen.append((canvas._layer, canvas._neuron))
    assert seen == [(0, -1), (1, -1), (1, 0), (1, 1), (1, 1), (1, 0), (0, -1)]
    qtbot.keyClick(canvas.view, KEY.Key_End)
    assert canvas.selected_layer == 2
    qtbot.keyClick(canvas.view, KEY.Key_Escape)
    assert canvas.selected_layer == -1


def test_what_is_selected_and_what_is_drawn_is_said_in_words(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    canvas.select_neuron(1, 0)
    assert canvas.view.accessibleName() == "Network"
    assert canvas.view.accessibleDescription().endswith("out: 1 tanh neuron. 18 weights. Selected: h2, neuron 1.")


# -- edits ----------------------------------------------------------------------------------------------


def test_plus_under_a_column_adds_a_neuron_as_one_undo_step(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, header_of(canvas, 1))
    qtbot.mouseClick(button(canvas, "add_neuron"), LEFT)
    assert units(canvas) == [4, 3, 1]
    assert canvas.selected_layer == 1
    history = canvas._session.history
    assert history.undo_label == "Add neuron to h2"
    canvas._session.undo()
    assert units(canvas) == [4, 2, 1]
    assert history.undo_label is None


def test_the_drawing_follows_an_edit_at_once(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, header_of(canvas, 0))
    qtbot.mouseClick(button(canvas, "add_neuron"), LEFT)
    assert len(arrangement(canvas).column(0).ys) == 5


def test_minus_takes_a_neuron_away_and_stops_at_one(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(2))
    point_at(canvas, qtbot, header_of(canvas, 0))
    minus = button(canvas, "remove_neuron")
    qtbot.mouseClick(minus, LEFT)
    assert units(canvas) == [1, 1]
    assert canvas._session.history.undo_label == "Remove neuron from h1"
    assert not minus.isEnabled()
    assert "h1 has one neuron left" in minus.toolTip()


def test_the_output_cannot_be_removed_and_its_button_says_why(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, data=Iris(), output=Dense(3, Softmax()), training=TrainingPlan(CrossEntropy())))
    point_at(canvas, qtbot, header_of(canvas, 1))
    cross, plus = button(canvas, "remove_layer"), button(canvas, "add_neuron")
    assert not cross.isEnabled()
    assert "The output layer stays" in cross.toolTip()
    assert not plus.isEnabled()
    assert "3 classes need one unit each" in plus.toolTip()


def test_plus_between_two_columns_adds_a_layer_like_its_neighbour(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2, activation=ReLU()))
    point_at(canvas, qtbot, arrangement(canvas).gap(1).center().toPoint())
    qtbot.mouseClick(button(canvas, "add_before"), LEFT)
    assert units(canvas) == [4, 4, 2, 1]
    assert canvas._session.experiment.network.layers[1].activation == ReLU()
    assert canvas._session.history.undo_label == "Add layer after h1"
    assert canvas.selected_layer == 1


def test_the_gap_before_the_first_layer_names_the_inputs(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, arrangement(canvas).gap(0).center().toPoint())
    qtbot.mouseClick(button(canvas, "add_before"), LEFT)
    assert canvas._session.history.undo_label == "Add layer after the inputs"


def test_the_cross_removes_a_hidden_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, header_of(canvas, 0))
    qtbot.mouseClick(button(canvas, "remove_layer"), LEFT)
    assert units(canvas) == [2, 1]
    assert canvas._session.history.undo_label == "Remove layer h1"


def test_buttons_are_there_only_under_the_mouse_or_at_the_selected_layer(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    names = [verb.name.lower() for verb in (Verb.ADD_NEURON, Verb.REMOVE_NEURON, Verb.REMOVE_LAYER)]
    assert not any(button(canvas, name).isVisible() for name in names)
    canvas.select_layer(0)
    assert all(button(canvas, name).isVisible() for name in names)
    assert not button(canvas, "add_before").isVisible()


def test_plus_and_minus_keys_change_the_units_of_the_selected_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    canvas.select_layer(0)
    qtbot.keyClick(canvas.view, KEY.Key_Plus)
    qtbot.keyClick(canvas.view, KEY.Key_Plus)
    assert units(canvas) == [6, 2, 1]
    qtbot.keyClick(canvas.view, KEY.Key_Minus)
    assert units(canvas) == [5, 2, 1]


def test_delete_removes_the_selected_hidden_layer_and_leaves_the_output(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    canvas.select_layer(1)
    qtbot.keyClick(canvas.view, KEY.Key_Delete)
    assert units(canvas) == [4, 1]
    assert canvas.selected_layer == 1
    qtbot.keyClick(canvas.view, KEY.Key_Delete)
    assert units(canvas) == [4, 1]


def test_insert_adds_a_layer_behind_the_selected_one(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    canvas.select_layer(0)
    qtbot.keyClick(canvas.view, KEY.Key_Insert)
    assert units(canvas) == [4, 4, 2, 1]
    assert canvas.selected_layer == 1


def test_actions_are_named_for_the_selected_layer_and_say_why_not(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    actions = canvas.layer_actions.by_verb
    assert not any(action.isEnabled() for action in actions.values())
    canvas.select_layer(0)
    assert actions[Verb.ADD_NEURON].text() == "Add neuron to h1"
    assert actions[Verb.REMOVE_LAYER].isEnabled()
    canvas.select_layer(2)
    assert not actions[Verb.ADD_AFTER].isEnabled()
    assert "Nothing comes after the output layer" in actions[Verb.ADD_AFTER].toolTip()


def test_an_undone_layer_takes_the_selection_to_one_that_is_there(make: Make, show: Show) -> None:
    canvas = show(make(4))
    canvas.edits.apply(Verb.ADD_AFTER, 0)
    canvas.select_layer(2)
    canvas._session.undo()
    assert canvas.selected_layer == 1


def open_menu(canvas: NetworkCanvas, place: QPoint) -> QMenu:
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(canvas.view, QContextMenuEvent(reason, place, canvas.view.mapToGlobal(place)))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    return menu


def test_the_menu_of_a_layer_offers_its_edits_and_activations(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    menu = open_menu(canvas, header_of(canvas, 1))
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == [
        "Add neuron to h2",
        "Remove neuron from h2",
        "Add layer before h2",
        "Add layer after h2",
        "Add layer after h2 as",
        "Duplicate h2",
        "Move h2 towards the inputs",
        "Move h2 towards the output",
        "Remove layer h2",
        "Change h2 to",
        "Activation",
        "First weights",
        "First biases",
        "Cut h2",
        "Copy h2",
        "Paste layers",
        "Select all layers",
        "Fit network to window",
    ]
    submenu = next(action.menu() for action in menu.actions() if action.text() == "Activation")
    assert isinstance(submenu, QMenu)
    assert [action.text() for action in submenu.actions() if action.isChecked()] == ["tanh"]
    next(action for action in submenu.actions() if action.text() == "ReLU").trigger()
    menu.close()
    assert canvas._session.experiment.network.layers[1].activation == ReLU()
    assert canvas._session.history.undo_label == "Activation of h2: ReLU"
