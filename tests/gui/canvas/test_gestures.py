"""Layers moved, resized and joined by a skip with the mouse alone: dragged, dropped, refused and cancelled."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt
from pytestqt.qtbot import QtBot

from bplab.engine import Dense, Tanh
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.layer_gestures import units_after
from bplab.gui.canvas.tips import tip
from bplab.lab.editing import move_layer, set_units
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.layer_blocks import set_skip
from tests.gui.canvas.driving import (
    arrangement,
    drag,
    gap_at,
    grip_of,
    handle_of,
    header_of,
    hold,
    neuron_at,
    picture,
    point_at,
    turn_wheel,
    units,
)

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]
KEY, LEFT, ALT = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier


def undo_label(canvas: NetworkCanvas) -> str | None:
    return canvas._session.history.undo_label


def said(canvas: NetworkCanvas) -> tuple[str, bool]:
    assert canvas.view.gesture is not None
    return canvas.view.gesture.says


# -- moving -----------------------------------------------------------------------------------------------


def test_a_header_dropped_in_a_gap_moves_the_layer_there_as_one_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3, 2))
    before = canvas._session.experiment
    drag(canvas, header_of(canvas, 1), gap_at(canvas, 3))
    assert canvas._session.experiment == move_layer(before, 1, 2)
    assert units(canvas) == [4, 2, 3, 1]
    assert undo_label(canvas) == "Move h2 behind h3"
    assert canvas.selected_layer == 2
    canvas._session.undo()
    assert canvas._session.experiment == before


def test_a_header_dropped_behind_the_inputs_makes_the_first_layer(make: Make, show: Show) -> None:
    canvas = show(make(4, 3, 2))
    drag(canvas, header_of(canvas, 2), gap_at(canvas, 0))
    assert units(canvas) == [2, 4, 3, 1]
    assert undo_label(canvas) == "Move h3 behind the inputs"
    assert canvas.selected_layer == 0


@pytest.mark.parametrize("gap", [1, 2])
def test_a_header_dropped_beside_its_own_column_changes_nothing(make: Make, show: Show, gap: int) -> None:
    canvas = show(make(4, 3, 2))
    hold(canvas, header_of(canvas, 1), gap_at(canvas, gap))
    assert said(canvas) == ("h2 stays where it is", True)
    drag(canvas, header_of(canvas, 1), gap_at(canvas, gap))
    assert undo_label(canvas) is None


def test_a_gap_where_a_layer_cannot_go_says_why_and_takes_nothing(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(set_skip(make(4, 3, 2), 0, 1))
    before = canvas._session.experiment
    hold(canvas, header_of(canvas, 0), gap_at(canvas, 3))
    assert said(canvas) == ("h2 adds the outputs of h1 by a skip, so h1 stays before it.", False)
    qtbot.mouseRelease(canvas.view, LEFT, pos=gap_at(canvas, 3))
    assert canvas._session.experiment == before


def test_the_output_layer_can_be_dragged_but_stays_last(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    hold(canvas, header_of(canvas, 2), gap_at(canvas, 0))
    text, possible = said(canvas)
    assert "The output layer stays last" in text
    assert not possible
    qtbot.keyClick(canvas.view, KEY.Key_Escape)


def test_escape_cancels_a_drag_and_the_release_does_nothing_more(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    before = canvas._session.experiment
    hold(canvas, header_of(canvas, 0), gap_at(canvas, 3))
    qtbot.keyClick(canvas.view, KEY.Key_Escape)
    assert canvas.view.gesture is None
    qtbot.mouseRelease(canvas.view, LEFT, pos=gap_at(canvas, 3))
    assert canvas._session.experiment == before
    assert canvas.selected_layer == -1


def test_the_other_button_cancels_a_drag(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    hold(canvas, header_of(canvas, 0), gap_at(canvas, 2))
    qtbot.mousePress(canvas.view, Qt.MouseButton.RightButton, pos=gap_at(canvas, 2))
    assert canvas.view.gesture is None
    qtbot.mouseRelease(canvas.view, LEFT, pos=gap_at(canvas, 2))
    assert undo_label(canvas) is None


def test_a_drag_shows_its_ghost_and_marks(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    at_rest = picture(canvas)
    hold(canvas, header_of(canvas, 0), gap_at(canvas, 2))
    assert picture(canvas) != at_rest
    qtbot.keyClick(canvas.view, KEY.Key_Escape)


def test_an_undo_while_a_header_is_dragged_ends_the_drag(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    canvas._session.edit(set_units(canvas._session.experiment, 0, 9), "Change units of h1")
    hold(canvas, header_of(canvas, 0), gap_at(canvas, 2))
    canvas._session.undo()
    assert canvas.view.gesture is None
    qtbot.mouseRelease(canvas.view, LEFT, pos=gap_at(canvas, 2))
    assert units(canvas) == [4, 3, 1]


# -- width ------------------------------------------------------------------------------------------------


def test_the_wheel_over_a_header_changes_the_width_in_one_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    place = header_of(canvas, 0)
    for _ in range(3):
        turn_wheel(canvas, place, 120)
    turn_wheel(canvas, place, -120)
    assert units(canvas) == [6, 3, 1]
    assert undo_label(canvas) == "Change units of h1"
    canvas._session.undo()
    assert units(canvas) == [4, 3, 1]


def test_a_wheel_turned_again_after_the_mouse_was_elsewhere_is_another_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    for layer in (0, 1, 0):
        turn_wheel(canvas, header_of(canvas, layer), 120)
    turn_wheel(canvas, header_of(canvas, 0) + QPoint(9, 0), 120)
    canvas._session.undo()
    assert units(canvas) == [6, 4, 1]


def test_a_fine_wheel_adds_up_to_a_neuron(make: Make, show: Show) -> None:
    canvas = show(make(4))
    for _ in range(7):
        turn_wheel(canvas, header_of(canvas, 0), 30)
    assert units(canvas) == [5, 1]


def test_the_wheel_elsewhere_or_with_ctrl_zooms(make: Make, show: Show) -> None:
    canvas = show(make(4))
    turn_wheel(canvas, header_of(canvas, 0), 120, Qt.KeyboardModifier.ControlModifier)
    turn_wheel(canvas, neuron_at(canvas, 0, 1), 120)
    assert units(canvas) == [4, 1]
    assert canvas.view.camera.scale > 1.3


def test_the_wheel_over_the_output_says_why_its_width_stays(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4))
    with qtbot.waitSignal(canvas._session.refused) as refused:
        turn_wheel(canvas, header_of(canvas, 1), -120)
    assert refused.args is not None
    assert "The output layer follows the data" in refused.args[0]
    assert units(canvas) == [4, 1]


def test_a_lower_edge_pulled_down_widens_the_layer_as_one_step(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    start = grip_of(canvas, 0)
    drag(canvas, start, start + QPoint(0, 14), start + QPoint(0, 25), start + QPoint(0, 37))
    assert units(canvas) == [7, 3, 1]
    assert undo_label(canvas) == "Change units of h1"
    canvas._session.undo()
    assert canvas._session.history.undo_label is None


def test_a_lower_edge_let_go_with_escape_is_where_it_was(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3))
    start = grip_of(canvas, 0)
    hold(canvas, start, start + QPoint(0, 50))
    assert said(canvas) == ("h1: 8 neurons", True)
    qtbot.keyClick(canvas.view, KEY.Key_Escape)
    assert units(canvas) == [4, 3, 1]
    assert undo_label(canvas) is None


def test_two_pulls_are_two_steps(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    for _ in range(2):
        start = grip_of(canvas, 0)
        drag(canvas, start, start + QPoint(0, 12))
    canvas._session.undo()
    assert units(canvas) == [5, 3, 1]


def test_only_layers_with_a_width_of_their_own_have_an_edge_to_pull(make: Make, show: Show) -> None:
    canvas = show(load_experiment("digits-conv"))
    kinds = [type(layer).__name__ for layer in canvas._session.experiment.network.layers]
    held = [not arrangement(canvas).grip(arrangement(canvas).column(layer)).isEmpty() for layer in range(len(kinds))]
    assert held == [kind in ("Dense", "Conv2D") for kind in kinds[:-1]] + [False]


def test_what_can_be_taken_hold_of_says_what_it_is_for(make: Make, show: Show) -> None:
    canvas = show(make(4))
    assert canvas._figures is not None
    for place, words in ((header_of, "drag it to move"), (grip_of, "Pull down for more"), (handle_of, "a skip")):
        assert words in tip(canvas._figures, canvas.view.hit(QPointF(place(canvas, 0))))


def test_wide_layers_are_resized_in_larger_steps() -> None:
    assert [units_after(4, pixels) for pixels in (-100, -12, 5, 13)] == [1, 3, 4, 5]
    assert units_after(240, 24) == 260


# -- skips ------------------------------------------------------------------------------------------------


def test_a_skip_is_drawn_from_the_dot_above_a_layer(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 4))
    before = canvas._session.experiment
    point_at(canvas, qtbot, handle_of(canvas, 0))
    drag(canvas, handle_of(canvas, 0), neuron_at(canvas, 2, 1))
    assert canvas._session.experiment == set_skip(before, 0, 2)
    assert undo_label(canvas) == "Skip from h1 to h3"
    assert canvas.selected_layer == 2


def test_a_skip_is_drawn_with_alt_from_anywhere_on_a_layer_or_the_inputs(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    inputs = arrangement(canvas).column(-1).node(0).center().toPoint()
    drag(canvas, inputs, header_of(canvas, 1), keys=ALT)
    assert canvas._session.experiment.network.layers[1].skip == 0
    assert undo_label(canvas) == "Skip from inputs to h2"


def test_layers_that_cannot_take_a_skip_say_why(make: Make, show: Show, qtbot: QtBot) -> None:
    canvas = show(make(4, 3, 2))
    before = canvas._session.experiment
    hold(canvas, header_of(canvas, 1), header_of(canvas, 0), keys=ALT)
    assert said(canvas) == ("A skip runs forward: h1 does not come after h2.", False)
    qtbot.mouseRelease(canvas.view, LEFT, pos=header_of(canvas, 0))
    assert canvas._session.experiment == before


def test_a_skip_to_a_layer_without_a_sum_is_refused_by_its_kind(show: Show, qtbot: QtBot) -> None:
    canvas = show(load_experiment("digits-conv"))
    hold(canvas, header_of(canvas, 0), header_of(canvas, 1), keys=ALT)
    text, possible = said(canvas)
    assert "only dense layers add a skip" in text
    assert not possible
    qtbot.keyClick(canvas.view, KEY.Key_Escape)


def test_a_skip_dropped_between_layers_is_none(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    drag(canvas, handle_of(canvas, 0), gap_at(canvas, 2))
    assert undo_label(canvas) is None


def test_the_output_has_no_dot_for_no_layer_comes_after_it(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    assert arrangement(canvas).handle(arrangement(canvas).column(2)).isEmpty()


def test_a_design_made_with_the_mouse_equals_the_one_that_is_written(make: Make, show: Show) -> None:
    canvas = show(make(4, 3))
    place = header_of(canvas, 1)
    turn_wheel(canvas, place, 240)
    drag(canvas, header_of(canvas, 0), gap_at(canvas, 2))
    drag(canvas, handle_of(canvas, 0), header_of(canvas, 2))
    written = make(5, 4)
    layers = (*written.network.layers[:2], replace(Dense(1, Tanh()), skip=1))
    assert canvas._session.experiment.network.layers == layers
