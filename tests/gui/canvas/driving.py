"""How tests of the canvas find its parts, move the mouse and train."""

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.arrangement import Arrangement

NO_KEY, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier


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


def train(canvas: NetworkCanvas, updates: int) -> None:
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


def drag(canvas: NetworkCanvas, start: QPoint, *stops: QPoint, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Press there, move to each stop, and let go at the last one."""
    hold(canvas, start, *stops, keys=keys)
    QTest.mouseRelease(canvas.view, Qt.MouseButton.LeftButton, keys, stops[-1])


def hold(canvas: NetworkCanvas, start: QPoint, *stops: QPoint, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Press there and move to each stop, the button staying down."""
    QTest.mousePress(canvas.view, Qt.MouseButton.LeftButton, keys, start)
    for stop in (start + QPoint(0, 12), *stops):
        QTest.mouseMove(canvas.view, stop)


def gap_at(canvas: NetworkCanvas, gap: int) -> QPoint:
    return arrangement(canvas).gap(gap).center().toPoint()


def grip_of(canvas: NetworkCanvas, layer: int) -> QPoint:
    return arrangement(canvas).grip(arrangement(canvas).column(layer)).center().toPoint()


def handle_of(canvas: NetworkCanvas, layer: int) -> QPoint:
    return arrangement(canvas).handle(arrangement(canvas).column(layer)).center().toPoint()


def turn_wheel(canvas: NetworkCanvas, place: QPoint, angle: int, keys: Qt.KeyboardModifier = NO_KEY) -> None:
    """Turn the wheel there, 120 a notch, up being positive."""
    at, still = QPointF(place), QPoint(0, 0)
    phase = Qt.ScrollPhase.NoScrollPhase
    none = Qt.MouseButton.NoButton
    screen = QPointF(canvas.view.mapToGlobal(place))
    QApplication.sendEvent(canvas.view, QWheelEvent(at, screen, still, QPoint(0, angle), none, keys, phase, False))
