"""Points are drawn in the data panel, with real mouse and key events; every gesture is one undo step."""

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from bplab.data import Arms, Circle, Drawn, Plane
from bplab.data.drawn import MAX_POINTS, MIN_POINTS
from bplab.engine import Softmax
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.data_board import DrawingBoard, Tool
from bplab.gui.panels.data_gestures import (
    FULL,
    LAST,
    AddPoint,
    Brush,
    Erase,
    MovePoint,
    fresh_points,
    nearest,
    within,
)
from bplab.lab.experiment import experiment_from_json, experiment_to_json, fitted_to_data

KEY, LEFT, RIGHT = Qt.Key, Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
POINTS = ((-3.0, 0.0, 0), (3.0, 0.0, 1), (0.0, 3.0, 0), (0.0, -3.0, 1))


@pytest.fixture
def drawing(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """A window with four drawn points."""
    experiment = replace(window.session.experiment, data=Drawn(points=POINTS))
    window.session.open(fitted_to_data(experiment))
    return window


def board_of(window: MainWindow) -> DrawingBoard:
    return window.data.view.desk.board


def data_of(window: MainWindow) -> Drawn:
    data = window.session.experiment.data
    assert isinstance(data, Drawn)
    return data


def at(window: MainWindow, x: float, y: float) -> QPoint:
    return board_of(window).pixel_of((x, y)).toPoint()


def drag(window: MainWindow, qtbot: QtBot, button: Qt.MouseButton, *places: tuple[float, float]) -> None:
    board = board_of(window)
    qtbot.mousePress(board, button, pos=at(window, *places[0]))
    for place in places[1:]:
        qtbot.mouseMove(board, at(window, *place))
    qtbot.mouseRelease(board, button, pos=at(window, *places[-1]))


def test_a_click_adds_a_point_of_the_chosen_class_as_one_undo_step(drawing: MainWindow, qtbot: QtBot) -> None:
    before = drawing.session.experiment
    qtbot.mouseClick(drawing.data.view.desk.classes.buttons[1], LEFT)
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 2, -4))
    x, y, index = data_of(drawing).points[-1]
    assert (x, y, index) == (pytest.approx(2, abs=0.06), pytest.approx(-4, abs=0.06), 1)
    assert drawing.session.history.undo_label == "Add a point"
    drawing.edits.undo.trigger()
    assert drawing.session.experiment == before


def test_a_point_is_dragged_to_another_place_in_one_undo_step(drawing: MainWindow, qtbot: QtBot) -> None:
    drag(drawing, qtbot, LEFT, (3, 0), (3, 2), (4, 4))
    (x, y, index), *rest = [point for point in data_of(drawing).points if point not in POINTS]
    assert (x, y, index, rest) == (pytest.approx(4, abs=0.1), pytest.approx(4, abs=0.1), 1, [])
    assert drawing.session.history.undo_label == "Move a point"
    drawing.edits.undo.trigger()
    assert data_of(drawing).points == POINTS


def test_the_right_button_erases_what_it_comes_near_in_one_undo_step(drawing: MainWindow, qtbot: QtBot) -> None:
    drag(drawing, qtbot, RIGHT, (-3, 0), (-3, 3), (0, 3))
    assert data_of(drawing).points == (POINTS[1], POINTS[3])
    drawing.edits.undo.trigger()
    assert data_of(drawing).points == POINTS


def test_the_brush_scatters_points_along_its_way_and_the_eraser_takes_them_back(
    drawing: MainWindow, qtbot: QtBot
) -> None:
    tools = drawing.data.view.desk.tools
    qtbot.mouseClick(tools[Tool.BRUSH], LEFT)
    drag(drawing, qtbot, LEFT, (-4, -4), (0, -4), (4, -4))
    new = data_of(drawing).points[4:]
    assert len(new) > 20
    assert max(abs(y + 4) for _, y, _ in new) < 0.9
    assert drawing.session.history.undo_label == "Draw points"
    qtbot.mouseClick(tools[Tool.ERASER], LEFT)
    drag(drawing, qtbot, LEFT, (-3, 0), (-2.9, 0))
    assert POINTS[0] not in data_of(drawing).points


def test_another_button_during_a_gesture_cancels_it(drawing: MainWindow, qtbot: QtBot) -> None:
    board = board_of(drawing)
    qtbot.mousePress(board, LEFT, pos=at(drawing, 1, 1))
    assert len(board.points) == 5
    qtbot.mousePress(board, RIGHT, pos=at(drawing, 1, 1))
    qtbot.mouseRelease(board, RIGHT, pos=at(drawing, 1, 1))
    qtbot.mouseRelease(board, LEFT, pos=at(drawing, 1, 1))
    assert data_of(drawing).points == board.points == POINTS
    assert drawing.session.history.undo_label is None


def test_a_gesture_ends_with_its_own_button_whatever_else_is_down(drawing: MainWindow, qtbot: QtBot) -> None:
    qtbot.mousePress(drawing.canvas.view, RIGHT, pos=QPoint(2, 2))
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 2, -4))
    qtbot.mouseRelease(drawing.canvas.view, RIGHT, pos=QPoint(2, 2))
    assert len(data_of(drawing).points) == 5


def test_what_is_undone_during_a_gesture_is_not_drawn_into(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.data.draw, LEFT)
    board = board_of(window)
    qtbot.mousePress(board, LEFT, pos=at(window, 5.5, 5.5))
    window.edits.undo.trigger()
    qtbot.mouseRelease(board, LEFT, pos=at(window, 5.5, 5.5))
    assert window.session.experiment.data == Circle()


def test_a_gesture_goes_on_while_something_else_is_edited(drawing: MainWindow, qtbot: QtBot) -> None:
    board = board_of(drawing)
    qtbot.mousePress(board, LEFT, pos=at(drawing, 1, 1))
    drawing.session.edit_training("Batch size", batch_size=4)
    qtbot.mouseRelease(board, LEFT, pos=at(drawing, 1, 1))
    assert len(data_of(drawing).points) == 5


def test_the_keys_alone_add_and_erase_points(drawing: MainWindow, qtbot: QtBot) -> None:
    board = board_of(drawing)
    board.setFocus(Qt.FocusReason.TabFocusReason)
    for key in (KEY.Key_2, KEY.Key_Right, KEY.Key_Right, KEY.Key_Up):
        qtbot.keyClick(board, key)
    qtbot.keyClick(board, KEY.Key_Left, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(board, KEY.Key_Space)
    assert data_of(drawing).points == (*POINTS, (0.9, 0.5, 1))
    assert drawing.session.run is None, "Space drew, and did not play"
    assert "x 0.9, y 0.5" in board.accessibleDescription()
    qtbot.keyClick(board, KEY.Key_Delete)
    assert data_of(drawing).points == POINTS
    assert [drawing.session.history.undo_label, drawing.session.history.redo_label] == ["Erase points", None]


def test_a_click_on_the_board_leaves_the_space_bar_to_play(drawing: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 2, -4))
    assert not board_of(drawing).hasFocus()


def test_a_class_more_brings_an_output_more_and_takes_its_points_with_it(drawing: MainWindow, qtbot: QtBot) -> None:
    desk = drawing.data.view.desk
    qtbot.mouseClick(desk.add_class, LEFT)
    output = drawing.session.experiment.network.layers[-1]
    assert (output.units, output.activation) == (3, Softmax())
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 2, -4))
    assert data_of(drawing).points[-1][2] == 2, "the new class is the one that is drawn"
    qtbot.mouseClick(desk.remove_class, LEFT)
    assert data_of(drawing) == Drawn(points=POINTS)
    assert not desk.remove_class.isEnabled()
    assert "at least 2" in desk.remove_class.toolTip()
    for _ in range(4):
        desk.add_class.click()
    assert (len(data_of(drawing).classes), desk.add_class.isEnabled()) == (6, False)


def test_starting_over_leaves_one_point_of_each_class(drawing: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(drawing.data.view.desk.start_over, LEFT)
    assert [index for _, _, index in data_of(drawing).points] == [0, 1]
    drawing.edits.undo.trigger()
    assert data_of(drawing).points == POINTS


def test_the_points_of_another_data_set_can_be_edited(window: MainWindow, qtbot: QtBot) -> None:
    circle = window.session.experiment
    qtbot.mouseClick(window.data.draw, LEFT)
    assert data_of(window) == Drawn.of(Circle())
    assert data_of(window).classes == ("outside", "inside")
    assert not window.data.draw.isVisible()
    again = experiment_from_json(experiment_to_json(window.session.experiment))
    assert again == window.session.experiment
    window.edits.undo.trigger()
    assert window.session.experiment == circle


@pytest.mark.parametrize(("data", "reason"), [(Plane(), "numbers"), (Arms(classes=7), "7 classes")])
def test_points_that_cannot_be_drawn_say_why(window: MainWindow, data: Plane | Arms, reason: str) -> None:
    window.session.open(fitted_to_data(replace(window.session.experiment, data=data)))
    assert not window.data.draw.isEnabled()
    assert reason in window.data.draw.toolTip()


def test_what_is_drawn_while_the_network_trains_is_learned_by_the_next_run(drawing: MainWindow, qtbot: QtBot) -> None:
    desk = drawing.data.view.desk
    assert not desk.said.isVisible()
    drawing.session.set_tempo("full")
    drawing.session.edit_training("Epochs", epochs=100_000_000)
    drawing.session.play()
    first = drawing.session.run
    assert first is not None
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 2, -4))
    assert drawing.session.run is first
    assert drawing.session.is_training
    assert "still learns from the points as they were" in desk.said.text()
    qtbot.mouseClick(desk.learn, LEFT)
    assert drawing.session.run is not first
    assert drawing.session.run is not None
    assert drawing.session.run.experiment.data == data_of(drawing)
    assert not desk.said.isVisible()
    drawing.session.pause()
    qtbot.waitUntil(lambda: not drawing.session.is_training)
    qtbot.mouseClick(board_of(drawing), LEFT, pos=at(drawing, 4, -4))
    assert "next run learns from these" in desk.said.text()
    assert not desk.learn.isVisible()


def test_drawn_points_come_back_when_another_data_set_was_looked_at(drawing: MainWindow) -> None:
    drawing.data.picker.thumbnail("spiral").click()
    assert drawing.data.view.picture.isVisible()
    drawing.data.picker.thumbnail("drawn").click()
    assert data_of(drawing).points == POINTS


def test_training_points_are_filled_and_test_points_are_outlines(drawing: MainWindow) -> None:
    apart = tuple((x + 1.0, y + 1.5, index) for x, y, index in POINTS)  # from the axes
    data = Drawn(points=apart, test_fraction=0.5)
    drawing.session.edit(replace(drawing.session.experiment, data=data), "Test share")
    split, picture = data.split(), board_of(drawing).grab().toImage()
    assert split.train_points is not None
    assert split.test_points is not None
    ground = drawing.theme.colours.ground

    def middle(place: list[float]) -> str:
        return colour_at(picture, board_of(drawing), place)

    assert all(middle(place) != ground for place in split.train_points.tolist())
    assert all(middle(place) == ground for place in split.test_points.tolist())


def colour_at(picture: QImage, board: DrawingBoard, place: list[float]) -> str:
    spot = board.pixel_of((place[0], place[1])) * picture.devicePixelRatio()
    return picture.pixelColor(spot.toPoint()).name()


# -- the gestures, without a window ---------------------------------------------------------------------------


def test_points_stay_in_the_picture_and_have_two_digits() -> None:
    assert within((7.5, -6.004)) == (6.0, -6.0)
    assert within((1.23456, -0.006)) == (1.23, -0.01)
    gesture = AddPoint(POINTS, (9.0, 0.0), 1)
    gesture.move((-9.0, 1.006))
    assert gesture.points[-1] == (-6.0, 1.01, 1)


def test_a_point_that_is_taken_at_its_edge_does_not_jump() -> None:
    gesture = MovePoint(POINTS, 1, (3.2, 0.1))
    gesture.move((4.2, 0.1))
    assert gesture.points[1] == (4.0, 0.0, 1)


def test_the_last_points_are_not_erased() -> None:
    gesture = Erase(POINTS, (-6.0, 0.0), 20.0)
    assert len(gesture.points) == MIN_POINTS
    assert gesture.refusal == LAST


def test_no_more_points_are_drawn_than_can_be_kept() -> None:
    full = ((0.0, 0.0, 0),) * (MAX_POINTS - 1)
    gesture = Brush(full, (0.0, 0.0), 1, np.random.default_rng(0))
    gesture.move((3.0, 0.0))
    assert len(gesture.points) == MAX_POINTS
    assert gesture.refusal == FULL
    assert AddPoint(gesture.points, (0.0, 0.0), 0).points == gesture.points


def test_of_points_that_lie_on_each_other_the_last_one_drawn_is_taken() -> None:
    assert nearest((*POINTS, POINTS[0]), (-3.1, 0.0), 0.5) == 4
    assert nearest(POINTS, (1.5, 1.5), 0.5) is None


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_a_fresh_board_has_a_point_of_each_class_apart_from_the_others(classes: int) -> None:
    points = fresh_points(classes)
    assert [index for _, _, index in points] == list(range(classes))
    assert len({point[:2] for point in points}) == classes
