"""The canvas driven by mouse and keys: what is selected, what is edited, and what is drawn when."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Csv, Digits, Iris
from bplab.engine import CrossEntropy, Dense, ReLU, Softmax
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Arrangement
from bplab.gui.canvas.figures import Figures
from bplab.gui.canvas.layer_edits import Verb
from bplab.gui.canvas.network_painter import NetworkPainter
from bplab.lab.experiment import Experiment, TrainingPlan

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT = Qt.MouseButton.LeftButton
KEY = Qt.Key


def arrangement(canvas: NetworkCanvas) -> Arrangement:
    assert canvas._painter is not None
    return canvas._painter.arrangement


def neuron_at(canvas: NetworkCanvas, layer: int, neuron: int) -> QPoint:
    return arrangement(canvas).column(layer).node(neuron).center().toPoint()


def header_of(canvas: NetworkCanvas, layer: int) -> QPoint:
    return arrangement(canvas).column(layer).header.center().toPoint()


def units(canvas: NetworkCanvas) -> list[int]:
    return [layer.units for layer in canvas._session.experiment.network.layers]


def point_at(canvas: NetworkCanvas, qtbot: QtBot, place: QPoint) -> None:
    """Move the mouse there, from elsewhere."""
    qtbot.mouseMove(canvas.view, QPoint(1, 1))
    qtbot.mouseMove(canvas.view, place)
    qtbot.waitUntil(lambda: canvas.view.under_mouse == canvas.view.hit(QPointF(place)))


def button(canvas: NetworkCanvas, name: str) -> QWidget:
    found = canvas.view.findChild(QWidget, name)
    assert found is not None
    return found


def train(canvas: NetworkCanvas, qtbot: QtBot, updates: int) -> None:
    """Make some updates and let the canvas draw them."""
    session = canvas._session
    session.step(updates)
    assert session.run is not None
    assert session.run.wait_idle(10)
    session.tick()


def selections(canvas: NetworkCanvas) -> list[tuple[int, ...]]:
    """What the canvas says of its selection from now on."""
    said: list[tuple[int, ...]] = []
    canvas.layer_selected.connect(lambda *args: said.append(args))
    canvas.neuron_selected.connect(lambda *args: said.append(args))
    return said


def picture(canvas: NetworkCanvas) -> object:
    return canvas.view.grab().toImage()


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


def test_buttons_are_there_only_under_the_mouse_or_at_the_selected_layer(make: Make, show: Show, qtbot: QtBot) -> None:
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
        "Remove layer h2",
        "Activation",
        "Fit network to window",
    ]
    submenu = next(action.menu() for action in menu.actions() if action.text() == "Activation")
    assert isinstance(submenu, QMenu)
    assert [action.text() for action in submenu.actions() if action.isChecked()] == ["tanh"]
    next(action for action in submenu.actions() if action.text() == "ReLU").trigger()
    menu.close()
    assert canvas._session.experiment.network.layers[1].activation == ReLU()
    assert canvas._session.history.undo_label == "Activation of h2: ReLU"


# -- drawing --------------------------------------------------------------------------------------------


def test_first_weights_are_drawn_before_any_run(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    image = canvas.view.grab().toImage()
    node = arrangement(canvas).column(0).node(0).center().toPoint()
    ground = image.pixelColor(2, 2)
    assert ground.name() == "#ffffff"
    assert image.pixelColor(node) != ground


def test_training_changes_the_picture_and_nothing_else_does(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    canvas._session.ticked.emit()
    assert picture(canvas) == before
    train(canvas, qtbot, 30)
    assert picture(canvas) != before
    assert canvas._shown_updates == 30


def test_reset_brings_the_first_picture_back(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    train(canvas, qtbot, 30)
    canvas._session.reset()
    assert picture(canvas) == before


def test_nothing_is_measured_or_drawn_while_the_canvas_is_hidden(
    make: Make, show: Show, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = show(make(4, 2))
    before = picture(canvas)
    done: list[str] = []
    canvas.hide()
    monkeypatch.setattr(Figures, "measure", lambda *_: done.append("measured"))
    monkeypatch.setattr(NetworkPainter, "draw_edges", lambda *_: done.append("drawn"))
    train(canvas, qtbot, 30)
    assert done == []
    monkeypatch.undo()
    canvas.show()
    assert canvas._shown_updates == 30
    assert picture(canvas) != before


def test_the_theme_is_followed_live(make: Make, show: Show) -> None:
    canvas = show(make(4, 2))
    canvas._theme.set_dark(True)
    dark = canvas.grab().toImage()
    assert dark.pixelColor(2, 2).name() == canvas._theme.colours.ground == "#16181c"
    assert dark.pixelColor(canvas.surface.mapTo(canvas, QPoint(2, 2))).name() == "#16181c"
    canvas._theme.set_dark(False)
    assert canvas.grab().toImage().pixelColor(2, 2).name() == "#ffffff"


def test_pointing_at_a_neuron_lets_its_weights_stand_out(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    point_at(canvas, qtbot, neuron_at(canvas, 1, 0))
    assert canvas.view.marks.neuron == (1, 0)
    point_at(canvas, qtbot, arrangement(canvas).columns[0].node(1).center().toPoint())
    assert canvas.view.marks.neuron == (-1, 1)


@pytest.mark.parametrize("size", [(700, 400), (1600, 900)])
def test_pictures_and_folded_layers_are_drawn(make: Make, show: Show, qtbot: QtBot, size: tuple[int, int]) -> None:
    canvas = show(
        make(
            64, 32, data=Digits(), activation=ReLU(), output=Dense(10, Softmax()), training=TrainingPlan(CrossEntropy())
        )
    )
    canvas.resize(*size)
    train(canvas, qtbot, 3)
    block = arrangement(canvas).column(0)
    assert block.folded
    assert not canvas.surface.isVisible()
    qtbot.mouseClick(canvas.view, LEFT, pos=QPointF(block.x, block.ys[40]).toPoint())
    assert (canvas._layer, canvas._neuron) == (0, 40)
    assert canvas.legend.accessibleDescription().endswith(
        "strongest 800 of up to 4,096 weights of each pair of layers."
    )


def test_the_surface_comes_and_goes_with_data_in_the_plane(make: Make, show: Show) -> None:
    canvas = show(make(4))
    assert canvas.surface.isVisible()
    canvas._session.open(make(4, data=Iris(), output=Dense(3, Softmax())))
    assert not canvas.surface.isVisible()
    canvas._session.open(make(4))
    assert canvas.surface.isVisible()


def test_data_that_cannot_be_read_is_named_instead_of_drawn(make: Make, show: Show) -> None:
    canvas = show(make(4))
    lost = replace(make(4), data=Csv(path="nowhere/lost.csv"))
    canvas._session.open(lost)
    assert "lost.csv: there is no such file" in canvas.view._message
    assert not canvas.legend.isVisible()
    canvas._session.open(make(4))
    assert canvas.view._message == ""
    assert canvas.legend.isVisible()


# -- zoom and pan ---------------------------------------------------------------------------------------


def wheel(canvas: NetworkCanvas, place: QPoint, notches: int) -> None:
    event = QWheelEvent(
        QPointF(place),
        QPointF(canvas.view.mapToGlobal(place)),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas.view, event)


def test_the_wheel_zooms_about_the_mouse_and_a_double_click_fits_again(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    place = neuron_at(canvas, 0, 0)
    wheel(canvas, place, 5)
    assert canvas.view.camera.scale > 2.0
    assert canvas.view.hit(QPointF(place)).neuron == 0
    qtbot.mouseClick(canvas.view, LEFT, pos=place)
    assert (canvas._layer, canvas._neuron) == (0, 0)
    canvas.fit_action.trigger()
    assert canvas.view.camera.scale == 1.0
    wheel(canvas, QPoint(5, 5), 5)
    qtbot.mouseDClick(canvas.view, LEFT, pos=QPoint(5, 5))
    assert canvas.view.camera.scale == 1.0


def test_dragging_a_zoomed_drawing_moves_it_and_selects_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 2))
    wheel(canvas, QPoint(300, 200), 6)
    before = canvas.view.camera.offset
    qtbot.mousePress(canvas.view, LEFT, pos=QPoint(300, 200))
    qtbot.mouseMove(canvas.view, QPoint(250, 190))
    qtbot.mouseMove(canvas.view, QPoint(200, 180))
    qtbot.mouseRelease(canvas.view, LEFT, pos=QPoint(200, 180))
    moved = canvas.view.camera.offset - before
    assert (moved.x(), moved.y()) == (100.0, 20.0)
    assert canvas.selected_layer == -1


def test_selecting_a_layer_beyond_the_window_brings_it_into_view(make: Make, show: Show) -> None:
    canvas = show(make(*[3] * 30))
    canvas.select_layer(29)
    seen = canvas.view.camera.transform.map(QPointF(arrangement(canvas).column(29).x, 0.0)).x()
    assert 0 < seen < canvas.view.width()
    assert "31 layers: drag or use the arrow keys" in canvas.legend.accessibleDescription()
