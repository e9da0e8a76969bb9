"""One design, three ways: drawn with the mouse alone, typed into the layer table by keys alone, and read from JSON."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bplab.gui.main_window import MainWindow
from bplab.gui.panels.layer_columns import COLUMNS
from bplab.lab.experiment import Experiment, experiment_from_json, experiment_to_json

from .canvas.driving import arrangement, drag, gap_at, grip_of, handle_of, header_of, turn_wheel

KEY, LEFT, NO_KEY = Qt.Key, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
JSON = """{"format": "bplab-experiment", "version": 1, "name": "written", "data": {"type": "circle"},
 "network": {"layers": [
   {"units": 4, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}},
   {"units": 6, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"},
    "dropout": 0.2},
   {"units": 3, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"},
    "skip": 1},
   {"units": 1, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}}]}}
"""


@pytest.fixture
def large(window: MainWindow, qtbot: QtBot) -> MainWindow:
    """The window on 2-4-2-1 with room enough for every column, the keys going to it."""
    window.resize(1440, 900)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def drop_from_palette(window: MainWindow, name: str, place: QPoint) -> None:
    button = window.canvas.palette_strip.findChild(QWidget, f"palette_{name}")
    assert button is not None
    start, there = button.rect().center(), button.mapFromGlobal(window.canvas.view.mapToGlobal(place))
    QTest.mousePress(button, LEFT, NO_KEY, start)
    for stop in (start + QPoint(0, 20), there):
        QTest.mouseMove(button, stop)
    QTest.mouseRelease(button, LEFT, NO_KEY, there)


def drawn(window: MainWindow) -> Experiment:
    """A dense layer from the palette, widened by its edge, moved behind h2, h3 turned wider, dropout and a skip."""
    canvas = window.canvas
    drop_from_palette(window, "dense", gap_at(canvas, 0))  # 4-4-2-1
    edge = grip_of(canvas, 0)
    drag(canvas, edge, edge + QPoint(0, 24))  # 6-4-2-1
    drag(canvas, header_of(canvas, 0), gap_at(canvas, 2))  # 4-6-2-1
    turn_wheel(canvas, header_of(canvas, 2), 120)  # 4-6-3-1
    drop_from_palette(window, "dropout", header_of(canvas, 1))
    drag(canvas, handle_of(canvas, 0), arrangement(canvas).column(2).body.center().toPoint())
    return window.session.experiment


def typed(window: MainWindow, qtbot: QtBot) -> Experiment:
    """The same by keys: Ctrl+L for the table, Insert for a layer, F2 and what is typed for each cell."""
    qtbot.keyClick(window, KEY.Key_L, Qt.KeyboardModifier.ControlModifier)
    table = window.layers.view
    qtbot.waitUntil(table.hasFocus)
    qtbot.keyClick(table, KEY.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(table, KEY.Key_Insert)
    for layer, title, text in ((1, "Units", "6"), (2, "Units", "3"), (1, "Dropout", "20"), (2, "Skip", "h1")):
        column = [one.title for one in COLUMNS].index(title)
        table.setCurrentIndex(table.model().index(layer, column))
        qtbot.keyClick(table, KEY.Key_F2)
        focus = QApplication.focusWidget()
        assert focus is not None
        qtbot.keyClicks(focus, text)
        qtbot.keyClick(focus, KEY.Key_Return)
    return window.session.experiment


def test_a_design_drawn_with_the_mouse_is_the_one_typed_and_the_one_written(large: MainWindow, qtbot: QtBot) -> None:
    start = large.session.experiment
    by_mouse = drawn(large)
    while large.session.history.undo_label is not None:
        large.session.undo()
    assert large.session.experiment == start
    by_keys = typed(large, qtbot)
    assert by_mouse.network.layers == by_keys.network.layers
    assert by_mouse == by_keys
    assert experiment_to_json(by_mouse) == experiment_to_json(by_keys)
    assert by_mouse.network == experiment_from_json(JSON).network


def test_every_gesture_is_one_named_undo_step(large: MainWindow) -> None:
    drawn(large)
    labels = []
    while (label := large.session.history.undo_label) is not None:
        labels.append(label)
        large.session.undo()
    assert labels[::-1] == [
        "Add dense layer after the inputs",
        "Change units of h1",
        "Move h1 behind h2",
        "Change units of h3",
        "Add dropout to h2",
        "Skip from h1 to h3",
    ]
