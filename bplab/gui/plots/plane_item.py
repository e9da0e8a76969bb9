"""The plane as a picture in a pane: colours for answers, samples on them, numbers at two sides, a cross-hair."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPaintEngine, QPainter, QPen

from bplab.data import REACH
from bplab.gui.canvas.markers import PointsPicture
from bplab.gui.theme import Colours

from .items import SMOOTH, PaneItem, to_pixels

Place = tuple[float, float]
TICKS = (-6, -3, 0, 3, 6)
GAP = 4.0


class PlaneItem(PaneItem):
    """A square in the middle of its pane, which is measured in pixels: one unit of the plane is as wide as high."""

    def __init__(self) -> None:
        super().__init__()
        self._image = QImage()
        self._points: PointsPicture | None = None
        self._pointed: Place | None = None
        self._ring: Callable[[QPainter, QRectF], None] | None = None
        self._font = QFont()
        self._text, self._line, self._cross = QColor(), QColor(), QColor()

    def set_look(self, font: QFont, colours: Colours) -> None:
        """Font and colours of the numbers, the frame and the cross-hair."""
        self._font = font
        self._text, self._line, self._cross = (QColor(c) for c in (colours.quiet, colours.line, colours.text))
        self.update()

    def set_picture(self, image: QImage, points: PointsPicture) -> None:
        """Show these answers, and these samples on them."""
        self._image, self._points = image, points
        self.update()

    def point_at(self, place: Place | None) -> None:
        """Put the cross-hair at a place of the plane."""
        if place != self._pointed:
            self._pointed = place
            self.update()

    def set_ring(self, paint: Callable[[QPainter, QRectF], None]) -> None:
        """``paint`` marks a sample in the square that shows the plane."""
        self._ring = paint
        self.update()

    def place_at(self, point: QPointF) -> Place | None:
        """The place of the plane at a point of the scene; None outside."""
        square = self.square(self.mapRectToScene(self.boundingRect()))
        if not square.contains(point):
            return None
        across, up = (point.x() - square.left()) / square.width(), (square.bottom() - point.y()) / square.height()
        return REACH * (2 * across - 1), REACH * (2 * up - 1)

    def point_of(self, place: Place) -> QPointF:
        """The point of the scene at a place of the plane."""
        return _point(place, self.square(self.mapRectToScene(self.boundingRect())))

    def square(self, room: QRectF) -> QRectF:
        """Where the plane lies in so much room, in the middle beside its numbers."""
        metrics = QFontMetricsF(self._font)
        left, below, right = metrics.horizontalAdvance("−6") + 2 * GAP, metrics.height() + GAP, GAP
        wide, high = room.width() - left - right, room.height() - below - 2.0
        side = max(min(wide, high), 10.0)
        x, y = room.left() + left + 0.5 * max(wide - side, 0.0), room.top() + 1.0 + 0.5 * max(high - side, 0.0)
        return QRectF(round(x), round(y), side, side)

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Answers, samples, numbers, cross-hair."""
        if self._points is None:
            return
        square = self.square(to_pixels(painter).mapRect(self.boundingRect()))
        painter.setRenderHint(SMOOTH)
        painter.drawImage(square, self._image)
        if painter.paintEngine().type() == QPaintEngine.Type.SVG:
            self._points.paint(painter, square)
        else:
            size = square.size().toSize()
            painter.drawPixmap(square.topLeft(), self._points.picture(size, painter.device().devicePixelRatioF()))
        painter.setPen(QPen(self._line, 1.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(square)
        self._paint_numbers(painter, square)
        if self._ring is not None:
            self._ring(painter, square)
        if self._pointed is not None:
            at = _point(self._pointed, square)
            painter.setPen(QPen(self._cross, 1.0, Qt.PenStyle.DashLine))
            painter.drawLine(QLineF(square.left(), at.y(), square.right(), at.y()))
            painter.drawLine(QLineF(at.x(), square.top(), at.x(), square.bottom()))

    def _paint_numbers(self, painter: QPainter, square: QRectF) -> None:
        line = QFontMetricsF(self._font).height()
        painter.setFont(self._font)
        painter.setPen(self._text)
        for tick in TICKS:
            at, text = _point((tick, tick), square), f"{tick}".replace("-", "−")
            below = QRectF(at.x() - 20, square.bottom() + GAP - 1, 40, line)
            middle = min(max(at.y(), square.top() + 0.5 * line), square.bottom())
            beside = QRectF(square.left() - 40 - GAP, middle - 0.5 * line, 40, line)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def _point(place: Place, square: QRectF) -> QPointF:
    across, up = (0.5 + 0.5 * value / REACH for value in place)
    return QPointF(square.left() + across * square.width(), square.bottom() - up * square.height())
