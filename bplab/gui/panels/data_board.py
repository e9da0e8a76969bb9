"""The board on which points are drawn, moved and erased, with the mouse or with the keys alone.

Left button: adds a point of the chosen class, or moves the one under the mouse; the brush scatters several. Right
button or eraser: erases. Arrow keys move a cross-hair (with Shift finely), Space adds there, Delete erases there,
1 to 6 choose the class. The experiment changes when a gesture ends; another button or Escape cancels it.
"""

from __future__ import annotations

from enum import Enum

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QHideEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.data import REACH, Drawn, Split
from bplab.lab.palette import class_colour, class_marker

from ..theme import GRID, Theme
from .data_gestures import (
    BRUSH_RADIUS,
    ERASER_RADIUS,
    AddPoint,
    Brush,
    Erase,
    Gesture,
    MovePoint,
    Place,
    Points,
    distance,
    nearest,
    within,
)
from .dataset_pictures import draw_axes, marker

MARKER, SMALL_MARKER, MANY = 8.0, 5.5, 200
"""Pixels across a marker, and across one of more than so many points."""
GRASP = 8.0
"""Pixels from a point within which the mouse takes it."""
STEP, FINE_STEP = 0.5, 0.1
_ARROWS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}
_ERASING_KEYS = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_OWN_KEYS = (*_ARROWS, *_ERASING_KEYS, Qt.Key.Key_Space, Qt.Key.Key_Escape)


class Tool(Enum):
    """What the left button does."""

    POINT = "Point"
    BRUSH = "Brush"
    ERASER = "Eraser"


class DrawingBoard(QWidget):
    """The plane from −6 to 6 with drawn points: filled to train on, outlines to test on."""

    drawn = Signal(object, str)
    """A gesture has ended: the points there are now, and its name for the undo menu."""
    refused = Signal(str)
    class_asked = Signal(int)
    """A digit was typed to choose a class, counted from 0."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._data = Drawn()
        self._split: Split | None = None
        self._tested: set[Place] = set()
        self._gesture: Gesture | None = None
        self._button = Qt.MouseButton.NoButton
        self._picture: QPixmap | None = None
        self._mouse: Place | None = None
        self._random = np.random.default_rng(0)
        self.tool, self.chosen = Tool.POINT, 0
        self.cross: Place = (0.0, 0.0)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(20 * GRID)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click leaves the space bar to Play
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setAccessibleName("Drawing board")
        self.setToolTip(
            "Click to add a point of the chosen class, drag to move one, right click to erase\n"
            "Arrow keys move the cross-hair, Space adds, Delete erases, 1 to 6 choose the class"
        )
        theme.changed.connect(self._redraw)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Square."""
        return width

    def sizeHint(self) -> QSize:
        return QSize(28 * GRID, 28 * GRID)

    def show_data(self, data: Drawn, split: Split) -> None:
        """Show these points; if they are others than before, a gesture that is on is cancelled."""
        if split is self._split:
            return
        assert split.test_points is not None
        self._data, self._split, self._gesture = data, split, None
        self._tested = set(map(tuple, split.test_points.tolist()))
        self._describe()
        self._redraw()

    def set_tool(self, tool: Tool) -> None:
        """Let the left button do something else."""
        self.tool = tool
        self.update()

    @property
    def points(self) -> Points:
        """The points as they are seen, a gesture that is on included."""
        return self._gesture.points if self._gesture is not None else self._data.points

    # -- places -----------------------------------------------------------------------------------------

    def square(self) -> QRectF:
        """Where the plane lies in the widget."""
        side = min(self.width(), self.height())
        return QRectF(0.5 * (self.width() - side), 0.0, side, side)

    def pixel_of(self, place: Place) -> QPointF:
        """Where in the widget a place of the plane lies."""
        centre, scale = self.square().center(), self._scale()
        return QPointF(centre.x() + place[0] * scale, centre.y() - place[1] * scale)

    def place_of(self, pixel: QPointF) -> Place:
        """The place of the plane under a pixel."""
        centre, scale = self.square().center(), self._scale()
        return (pixel.x() - centre.x()) / scale, (centre.y() - pixel.y()) / scale

    def _scale(self) -> float:
        return self.square().width() / (2 * REACH)

    # -- the mouse --------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A gesture begins; another button during one cancels it."""
        if self._gesture is None:
            self._button = event.button()
            self._begin(self.place_of(event.position()), self._button)
        else:
            self._cancel()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """It goes on."""
        self._mouse = self.place_of(event.position())
        if self._gesture is not None:
            before = self._gesture.points
            self._gesture.move(self._mouse)
            if self._gesture.points is not before:
                self._redraw()
        self._show_grasp()
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """It ends when the button is let go that began it."""
        if event.button() == self._button:
            self._end()

    def leaveEvent(self, event: QEvent) -> None:
        """No circle where there is no mouse."""
        self._mouse = None
        self.update()

    def hideEvent(self, event: QHideEvent) -> None:
        """Other data is shown: nothing is drawn into it."""
        super().hideEvent(event)
        self._cancel()

    def _begin(self, place: Place, button: Qt.MouseButton) -> None:
        points, grasp = self._data.points, GRASP / self._scale()
        if button == Qt.MouseButton.RightButton:
            self._gesture = Erase(points, place, grasp)
        elif button != Qt.MouseButton.LeftButton:
            return
        elif self.tool is Tool.ERASER:
            self._gesture = Erase(points, place, ERASER_RADIUS)
        elif self.tool is Tool.BRUSH:
            self._gesture = Brush(points, place, self.chosen, self._random)
        else:
            taken = nearest(points, place, grasp)
            if taken is None:
                self._gesture = AddPoint(points, place, self.chosen)
            else:
                self._gesture = MovePoint(points, taken, place)
        self._redraw()

    def _end(self) -> None:
        gesture, self._gesture = self._gesture, None
        if gesture is None:
            return
        if gesture.refusal:
            self.refused.emit(gesture.refusal)
        if gesture.points != gesture.before:
            self.drawn.emit(gesture.points, gesture.label)
        self._redraw()

    def _cancel(self) -> None:
        self._gesture = None
        self._redraw()

    def _show_grasp(self) -> None:
        """The cursor tells whether a press would take a point."""
        over = self._mouse is not None and self.tool is Tool.POINT
        taken = over and nearest(self.points, self._mouse or (0.0, 0.0), GRASP / self._scale()) is not None
        self.setCursor(Qt.CursorShape.SizeAllCursor if taken else Qt.CursorShape.CrossCursor)

    # -- the keys ---------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """The board's own keys are nobody's shortcuts while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _OWN_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move the cross-hair, add or erase there, choose a class, cancel a gesture."""
        key, digit = Qt.Key(event.key()), event.key() - Qt.Key.Key_1.value
        if key in _ARROWS:
            step = FINE_STEP if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else STEP
            (x, y), (right, up) = self.cross, _ARROWS[key]
            self.cross = within((x + right * step, y + up * step))
            self._describe()
            self.update()
        elif key == Qt.Key.Key_Space:
            self._gesture = AddPoint(self._data.points, self.cross, self.chosen)
            self._end()
        elif key in _ERASING_KEYS:
            self._erase_at_cross()
        elif key == Qt.Key.Key_Escape and self._gesture is not None:
            self._cancel()
        elif 0 <= digit < len(self._data.classes) and not event.modifiers():
            self.class_asked.emit(digit)
        else:
            super().keyPressEvent(event)

    def _erase_at_cross(self) -> None:
        """The point nearest to the cross-hair goes, if it is no farther than one step."""
        index = nearest(self._data.points, self.cross, STEP)
        if index is not None:
            point = self._data.points[index]
            self._gesture = Erase(self._data.points, point[:2], distance(point, point[:2]) + 1e-9)
            self._end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The cross-hair appears."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """It goes."""
        super().focusOutEvent(event)
        self.update()

    def _describe(self) -> None:
        x, y = self.cross
        counts = np.bincount([index for _, _, index in self._data.points], minlength=len(self._data.classes))
        parts = ", ".join(f"{count} of {name}" for name, count in zip(self._data.classes, counts, strict=True))
        self.setAccessibleDescription(f"Cross-hair at x {x:g}, y {y:g}. Points: {parts}.")

    # -- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The points, drawn when they change; over them what follows the mouse."""
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.deviceIndependentSize().toSize() != self.size():
            self._picture = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            with QPainter(self._picture) as painter:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw(painter)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.drawPixmap(0, 0, self._picture)
            painter.setClipRect(self.square())
            self._draw_tool(painter)
            if self.hasFocus():
                self._draw_cross(painter)

    def _draw(self, painter: QPainter) -> None:
        square = self.square()
        painter.fillRect(square, QColor(self._theme.colours.ground))
        draw_axes(painter, square, self._theme.colours)
        painter.setClipRect(square)
        classes = range(len(self._data.classes))
        side = MARKER if len(self.points) <= MANY else SMALL_MARKER
        shapes = [marker(class_marker(index), side) for index in classes]
        colours = [QColor(class_colour(index)) for index in classes]
        for x, y, index in self.points:
            tested = (x, y) in self._tested
            painter.setPen(QPen(colours[index], 1.25) if tested else Qt.PenStyle.NoPen)
            painter.setBrush(Qt.BrushStyle.NoBrush if tested else colours[index])
            painter.drawPath(shapes[index].translated(self.pixel_of((x, y))))

    def _draw_tool(self, painter: QPainter) -> None:
        """A circle around the mouse as wide as what brush and eraser reach."""
        if self._mouse is None or self.tool is Tool.POINT:
            return
        erases = self.tool is Tool.ERASER
        radius = (ERASER_RADIUS if erases else BRUSH_RADIUS) * self._scale()
        colour = self._theme.colours.quiet if erases else class_colour(self.chosen)
        painter.setPen(QPen(QColor(colour), 1.5, Qt.PenStyle.DashLine if erases else Qt.PenStyle.SolidLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(self.pixel_of(self._mouse), radius, radius)

    def _draw_cross(self, painter: QPainter) -> None:
        """The focus, and the lines that cross where the keys add and erase."""
        square, at = self.square(), self.pixel_of(self.cross)
        accent = QColor(self._theme.colours.accent)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(accent, 2))
        painter.drawRect(square.adjusted(1, 1, -1, -1))
        painter.setPen(QPen(accent, 1))
        painter.drawLine(QPointF(square.left(), at.y()), QPointF(square.right(), at.y()))
        painter.drawLine(QPointF(at.x(), square.top()), QPointF(at.x(), square.bottom()))

    def _redraw(self) -> None:
        self._picture = None
        self.update()
