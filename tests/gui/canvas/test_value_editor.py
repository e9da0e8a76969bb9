"""Edges under the mouse: what they say, and weights and biases set by hand in place."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, Tanh
from bplab.engine.initializers import OwnValues
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Hit, Kind
from bplab.gui.canvas.biases import filled
from bplab.gui.canvas.colouring import Changes, ColourBy, shades_of
from bplab.gui.canvas.tips import signed, tip
from bplab.lab.experiment import Experiment, TrainingPlan, load_experiment
from tests.gui.canvas.driving import arrangement, neuron_at, picture, point_at, train

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def edge_at(canvas: NetworkCanvas, layer: int, source: int, target: int, share: float = 0.35) -> QPoint:
    """A place on an edge, a share of its way along."""
    start, end = arrangement(canvas).columns[layer], arrangement(canvas).columns[layer + 1]
    x0, x1 = start.x + start.half, end.x - end.half
    y = start.ys[source] + share * (end.ys[target] - start.ys[source])
    return QPointF(x0 + share * (x1 - x0), y).toPoint()


def bias_at(canvas: NetworkCanvas, layer: int, unit: int) -> QPoint:
    found = arrangement(canvas)
    return found.bias_marks(found.column(layer))[unit].center().toPoint()


def type_value(canvas: NetworkCanvas, qtbot: QtBot, place: QPoint, text: str) -> None:
    QTest.mouseDClick(canvas.view, LEFT, Qt.KeyboardModifier.NoModifier, place)
    field = canvas.value_editor.field
    assert canvas.value_editor.isVisible()
    qtbot.keyClicks(field, text)
    qtbot.keyClick(field, KEY.Key_Return)


def test_an_edge_is_found_under_the_mouse_and_stands_out(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    at_rest = picture(canvas)
    place = edge_at(canvas, 1, 2, 0)
    point_at(canvas, qtbot, place)
    hit = canvas.view.under_mouse
    assert (hit.kind, hit.layer, hit.source, hit.neuron) == (Kind.GAP, 1, 2, 0)
    assert picture(canvas) != at_rest


def test_an_edge_says_its_weight_and_the_factors_of_its_gradient(make: Make, show: Show) -> None:
    canvas = show(make(3, 2))
    assert canvas._figures is not None
    live = canvas._session.live
    text = tip(canvas._figures, canvas.view.hit(QPointF(edge_at(canvas, 1, 2, 0))))
    assert text.startswith("h1, neuron 3 → h2, neuron 1\n")
    assert f"w = {signed(float(live.network.weights[1][2, 0]))}" in text
    assert f"= {signed(float(live.weight_gradients(1)[2, 0]))}" in text
    assert "a_in: mean" in text
    assert "δ_out: mean" in text


def test_edges_of_layers_too_wide_to_tell_apart_are_not_pointed_at(show: Show) -> None:
    canvas = show(load_experiment("digits"))
    gap = arrangement(canvas).gap(0)
    assert canvas.view.hit(gap.center()).source == -1


def test_a_weight_typed_at_its_edge_is_what_the_design_starts_from(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    type_value(canvas, qtbot, edge_at(canvas, 1, 2, 0), "0.75")
    assert isinstance(canvas._session.experiment.network.layers[1].weights, OwnValues)
    assert canvas._session.live.network.weights[1][2, 0] == 0.75
    assert canvas._session.history.undo_label == "Weight from h1, 3 to h2, 1"
    assert not canvas.value_editor.isVisible()
    canvas._session.undo()
    assert canvas._session.history.undo_label is None


def test_a_bias_is_typed_at_its_neuron(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3))
    type_value(canvas, qtbot, neuron_at(canvas, 0, 1), "-0.5")
    assert canvas._session.live.network.biases[0].tolist() == [0.0, -0.5, 0.0]
    assert canvas._session.history.undo_label == "Bias of h1, 2"


def test_a_value_set_in_a_trained_network_keeps_all_others(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3))
    train(canvas, 20)
    reached = canvas._session.live.network.parameters.copy()
    QTest.mouseDClick(canvas.view, LEFT, Qt.KeyboardModifier.NoModifier, neuron_at(canvas, 0, 1))
    assert "A new run will go on from the values on view" in canvas.value_editor.note.text()
    type_value(canvas, qtbot, neuron_at(canvas, 0, 1), "3")
    live = canvas._session.live
    assert live.updates == 0
    assert (live.network.parameters != reached).sum() == 1
    assert live.network.biases[0][1] == 3.0


def test_escape_leaves_the_number_and_gives_the_focus_back(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3))
    QTest.mouseDClick(canvas.view, LEFT, Qt.KeyboardModifier.NoModifier, neuron_at(canvas, 0, 1))
    qtbot.keyClicks(canvas.value_editor.field, "9")
    qtbot.keyClick(canvas.value_editor.field, KEY.Key_Escape)
    qtbot.keyClick(canvas.value_editor.field, KEY.Key_Escape)
    assert not canvas.value_editor.isVisible()
    assert canvas._session.history.undo_label is None
    assert canvas.view.hasFocus()


def test_what_has_no_number_of_its_own_says_so(show: Show, qtbot: QtBot) -> None:
    canvas = show(load_experiment("digits-conv"))
    layers = canvas._session.experiment.network.layers
    pool = next(number for number, layer in enumerate(layers) if not hasattr(layer, "weights"))
    with qtbot.waitSignal(canvas._session.refused) as refused:
        QTest.mouseDClick(canvas.view, LEFT, Qt.KeyboardModifier.NoModifier, neuron_at(canvas, pool, 1))
    assert refused.args is not None
    assert "it has no weights" in refused.args[0]
    assert not canvas.value_editor.isVisible()


@pytest.mark.parametrize("text", ["abc", "inf"])
def test_what_is_no_number_is_refused_and_changes_nothing(make: Make, show: Show, qtbot: QtBot, text: str) -> None:
    canvas = show(make(3))
    with qtbot.waitSignal(canvas._session.refused):
        type_value(canvas, qtbot, neuron_at(canvas, 0, 1), text)
    assert canvas._session.history.undo_label is None


def test_a_click_on_an_edge_or_a_bias_opens_its_number(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    qtbot.mouseClick(canvas.view, LEFT, pos=edge_at(canvas, 1, 2, 0))
    assert canvas.value_editor.isVisible()
    assert canvas.value_editor.title.text() == "Weight from h1, 3 to h2, 1"
    place = bias_at(canvas, 0, 1)
    assert canvas.view.hit(QPointF(place)) == Hit(Kind.BIAS, 0, 1)
    qtbot.mouseClick(canvas.view, LEFT, pos=place)
    assert canvas.value_editor.title.text() == "Bias of h1, 2"
    qtbot.keyClicks(canvas.value_editor.field, "0.25")
    qtbot.keyClick(canvas.value_editor.field, KEY.Key_Return)
    assert canvas._session.live.network.biases[0].tolist() == [0.0, 0.25, 0.0]


def test_enter_opens_the_bias_of_the_selected_neuron(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    canvas.select_neuron(0, 1)
    qtbot.keyClick(canvas.view, KEY.Key_Return)
    assert canvas.value_editor.title.text() == "Bias of h1, 2"


def test_weights_are_reached_by_keys_alone(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    editor = canvas.value_editor
    canvas.select_neuron(1, 1)
    qtbot.keyClick(canvas.view, KEY.Key_Return)
    for name in ("Weight from h1, 1 to h2, 2", "Weight from h1, 2 to h2, 2"):
        qtbot.keyClick(editor.field, KEY.Key_PageDown)
        assert editor.title.text() == name
    qtbot.keyClicks(editor.field, "0.5")
    qtbot.keyClick(editor.field, KEY.Key_PageDown)
    assert editor.title.text() == "Weight from h1, 3 to h2, 2"
    qtbot.keyClick(editor.field, KEY.Key_PageDown)
    assert editor.title.text() == "Bias of h2, 2"
    qtbot.keyClick(editor.field, KEY.Key_PageUp)
    assert editor.title.text() == "Weight from h1, 3 to h2, 2"
    qtbot.keyClick(editor.field, KEY.Key_Escape)
    assert canvas._session.live.network.weights[1][1, 1] == 0.5
    assert canvas._session.history.undo_label == "Weight from h1, 2 to h2, 2"
    canvas._session.undo()
    assert canvas._session.history.undo_label is None


def test_a_bias_says_its_value_and_its_gradient(make: Make, show: Show) -> None:
    canvas = show(make(3, 2))
    assert canvas._figures is not None
    text = tip(canvas._figures, Hit(Kind.BIAS, 0, 2))
    assert text.startswith("bias of h1, neuron 3\nb = 0\n")
    live = canvas._session.live
    gradient = shades_of(live, ColourBy.GRADIENT, Changes(live))
    assert gradient is not None
    assert f"= {signed(float(gradient.neurons[0][2]))}\n" in text


def test_a_click_lets_training_go_on_and_typing_pauses_it(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, training=TrainingPlan(epochs=1_000_000)))
    session, editor = canvas._session, canvas.value_editor
    session.play()
    qtbot.mouseClick(canvas.view, LEFT, pos=edge_at(canvas, 0, 1, 2))
    assert session.is_training
    first = editor.field.text()
    qtbot.waitUntil(lambda: editor.field.text() != first)
    assert "Training goes on" in editor.note.text()
    qtbot.keyClicks(editor.field, "0.5")
    assert not session.is_training
    assert editor.field.text() == "0.5"
    assert "Training is paused" in editor.note.text()
    qtbot.keyClick(editor.field, KEY.Key_Escape)
    qtbot.keyClick(editor.field, KEY.Key_Escape)
    assert session.is_training
    session.pause()


def test_space_is_no_part_of_a_number_and_is_left_to_play(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3))
    qtbot.mouseClick(canvas.view, LEFT, pos=edge_at(canvas, 0, 1, 2))
    before = canvas.value_editor.field.text()
    qtbot.keyClick(canvas.value_editor.field, KEY.Key_Space)
    assert canvas.value_editor.field.text() == before


def test_a_bias_fills_its_square_up_or_down_from_the_middle() -> None:
    place = QRectF(0, 0, 7, 7)
    up, down = filled(place, 1.0), filled(place, -0.5)
    assert (up.top(), up.bottom()) == (1.0, 3.5)
    assert (down.top(), down.bottom()) == (3.5, 4.75)
    assert filled(place, 0.0).height() == 0.0


def test_small_neurons_layers_without_biases_and_folded_ones_have_no_squares(make: Make, show: Show) -> None:
    canvas = show(make(3, 40, output=Dense(1, Tanh(), bias=False)))
    found = arrangement(canvas)
    assert [len(found.bias_marks(column)) for column in found.columns] == [0, 3, 0, 0]
