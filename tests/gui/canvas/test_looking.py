"""What a click or a key lets all panels look at, and what they light up."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Hit, Kind
from bplab.gui.canvas.lights import unit_place
from bplab.gui.canvas.looking import target_of
from bplab.gui.focus import Focus, Lit
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.explaining import Target
from tests.gui.canvas.driving import arrangement, header_of, neuron_at, picture
from tests.gui.canvas.test_value_editor import bias_at, edge_at

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
LEFT, KEY = Qt.MouseButton.LeftButton, Qt.Key


def test_a_click_looks_at_a_weight_a_bias_a_neuron_or_a_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    focus = Focus.of(canvas._session)
    for place, target in (
        (edge_at(canvas, 1, 2, 0), Target("weight", 1, 0, 2)),
        (header_of(canvas, 1), Target("layer", 1)),
        (bias_at(canvas, 0, 1), Target("bias", 0, 1)),
        (neuron_at(canvas, 0, 2), Target("neuron", 0, 2)),
        (bias_at(canvas, 0, 2), Target("bias", 0, 2)),
        (neuron_at(canvas, 0, 2), Target("neuron", 0, 2)),
        (QPoint(3, 300), None),
    ):
        qtbot.mouseClick(canvas.view, LEFT, pos=place)
        assert focus.target == target


def test_keys_look_at_layers_neurons_biases_and_weights(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(3, 2))
    focus = Focus.of(canvas._session)
    for key, target in (
        (KEY.Key_Home, Target("layer", 0)),
        (KEY.Key_Down, Target("neuron", 0, 0)),
        (KEY.Key_Down, Target("neuron", 0, 1)),
        (KEY.Key_Right, Target("layer", 1)),
        (KEY.Key_Escape, None),
    ):
        qtbot.keyClick(canvas.view, key)
        assert focus.target == target
    canvas.select_neuron(0, 1)
    qtbot.keyClick(canvas.view, KEY.Key_Return)
    assert focus.target == Target("bias", 0, 1)
    qtbot.keyClick(canvas.value_editor.field, KEY.Key_PageDown)
    assert focus.target == Target("weight", 0, 1, 0)


def test_what_another_panel_looks_at_is_selected_on_the_canvas(make: Make, show: Show) -> None:
    canvas = show(make(3, 2))
    focus = Focus.of(canvas._session)
    focus.look_at(Target("neuron", 1, 1))
    assert (canvas.selected_layer, canvas.selected_neuron) == (1, 1)
    focus.look_at(Target("layer", 0))
    assert (canvas.selected_layer, canvas.selected_neuron) == (0, -1)


def test_of_a_pixel_the_feature_map_is_looked_at(show: Show, qtbot: QtBot) -> None:
    canvas = show(load_experiment("digits-conv"))
    places = canvas._session.experiment.places()
    assert target_of(Hit(Kind.NEURON, 0, 3 * 64 + 5), places) == Target("neuron", 0, 3)
    assert target_of(Hit(Kind.NEURON, 1, 20), places) == Target("layer", 1)
    focus = Focus.of(canvas._session)
    focus.look_at(Target("neuron", 0, 2))
    assert (canvas.selected_layer, canvas.selected_neuron // 64) == (0, 2)
    assert focus.target == Target("neuron", 0, 2)


@pytest.mark.parametrize(
    "lit",
    [Lit(-1), Lit(0, (1,)), Lit(1), Lit(1, edges=True), Lit(1, (0,), edges=True), Lit(0, edges=True, sources=(1,))],
)
def test_lights_are_seen_and_go_out_again(make: Make, show: Show, lit: Lit) -> None:
    canvas = show(make(3, 2))
    focus, at_rest = Focus.of(canvas._session), picture(canvas)
    focus.light(lit)
    assert picture(canvas) != at_rest
    focus.light()
    assert picture(canvas) == at_rest


@pytest.mark.parametrize("example", ["digits", "digits-conv", "deep-skips", "iris"])
def test_every_target_and_light_of_any_network_can_be_drawn(show: Show, example: str) -> None:
    canvas = show(load_experiment(example))
    focus = Focus.of(canvas._session)
    for number, place in enumerate(canvas._session.experiment.places()):
        if place.parts:
            last = place.channels - 1
            targets = Target("weight", number, last, place.matrix[0] - 2), Target("bias", number, last)
            for target in (*targets, Target("neuron", number, last)):
                focus.look_at(target)
                focus.light(Lit(number, (last,)), Lit(number, (last,), edges=True), Lit(number - 1))
                picture(canvas)
                assert focus.target == target


def test_a_map_is_a_tile_and_a_pixel_of_the_inputs_a_small_square(show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    found = arrangement(canvas)
    grid = found.column(0).maps
    assert grid is not None
    assert unit_place(found, 0, 3) == grid.tile(3)
    body, pixel = found.column(-1).body, unit_place(found, -1, 9)
    assert pixel.width() == pytest.approx(body.width() / 8)
    assert pixel.center() == QPointF(body.left() + 1.5 * pixel.width(), body.top() + 1.5 * pixel.height())
