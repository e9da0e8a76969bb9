"""How smoothly the canvas pans and zooms: moves of the mouse, turns of the wheel, each as soon as the last is seen."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from bplab.gui.canvas.network_view import NetworkView
from bplab.gui.main_window import MainWindow

from .window_stage import spin

FRAMES = 60
NOTCH, INTO = 30, 8
"""Angle of one turn of a fine wheel, and how many of them are made one way before they are made the other."""
REST_MS = 400.0
"""After which nothing is left to be drawn of what was before."""
MIDDLE, CTRL = Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.ControlModifier
Move = Callable[[int], None]


@dataclass(frozen=True)
class Smoothness:
    """Frames per second, and the time of the slowest frame."""

    fps: float
    max_ms: float
    settled_ms: float
    """From the last move until nothing is painted any more: all is sharp."""


def measure_moves(window: MainWindow) -> dict[str, Smoothness]:
    """Zooming, then panning what has been zoomed into."""
    view = window.canvas.view
    spin(REST_MS)
    zoomed = _smoothness(view, lambda frame: turn(view, NOTCH if frame % (2 * INTO) < INTO else -NOTCH))
    for _ in range(2 * INTO):
        turn(view, NOTCH)
    spin(REST_MS)
    place = QPoint(view.rect().center())
    drag(view, place, QMouseEvent.Type.MouseButtonPress)
    steps = [QPoint(9 if frame % 40 < 20 else -9, 4 if frame % 10 < 5 else -4) for frame in range(FRAMES)]

    def pan(frame: int) -> None:
        nonlocal place
        place += steps[frame]
        drag(view, place, QMouseEvent.Type.MouseMove)

    panned = _smoothness(view, pan)
    drag(view, place, QMouseEvent.Type.MouseButtonRelease)
    return {"zoom": zoomed, "pan": panned}


def turn(view: NetworkView, angle: int) -> None:
    """Turn the wheel over the middle, with Ctrl, so that it zooms whatever lies there."""
    at, still, none = QPointF(view.rect().center()), QPoint(), Qt.MouseButton.NoButton
    place = QPointF(view.mapToGlobal(at))
    turned = QPoint(0, angle)
    phase = Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(view, QWheelEvent(at, place, still, turned, none, CTRL, phase, False))


def drag(view: NetworkView, place: QPoint, kind: QMouseEvent.Type) -> None:
    """Press, move or let go of the mouse's middle button, which drags the drawing wherever it is pressed."""
    at = QPointF(place)
    held = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseButtonRelease else MIDDLE
    button = Qt.MouseButton.NoButton if kind == QMouseEvent.Type.MouseMove else MIDDLE
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), button, held, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(view, event)


def _smoothness(view: NetworkView, move: Move) -> Smoothness:
    """Make all moves; a frame ends when the event loop has painted what a move has changed."""
    painted = Painted(view)
    begun, times = perf_counter(), []
    for frame in range(FRAMES):
        move(frame)
        ended = painted.wait()
        times.append(1000.0 * (ended - begun))
        begun = ended
    spin(REST_MS)
    view.removeEventFilter(painted)
    return Smoothness(1000.0 / statistics.mean(times), max(times), 1000.0 * (painted.ended - begun))


class Painted(QObject):
    """Tells when the view has painted."""

    def __init__(self, view: NetworkView) -> None:
        super().__init__()
        self._loop = QEventLoop(self)
        self.ended = perf_counter()
        """When the latest paint was over."""
        view.installEventFilter(self)

    def wait(self) -> float:
        """Until the next paint is over; the time at which it was."""
        self._loop.exec()
        return self.ended

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """It is about to paint: the next turn of the loop finds it painted."""
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._on_painted)
        return False

    def _on_painted(self) -> None:
        self.ended = perf_counter()
        self._loop.quit()
