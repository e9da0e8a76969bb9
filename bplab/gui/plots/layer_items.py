"""What stands beside the curves, a piece for each layer: markers, bars, names.

Each is one graphics item with one ``paint``, in pixels, so that markers and letters keep their size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPainterPath, QPen

from .decimation import spread
from .items import LayerBand, PaneItem, to_pixels

Floats = NDArray[np.floating[Any]]
ALIGN_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ALIGN_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
ANTIALIASING = QPainter.RenderHint.Antialiasing


class LayerMarkers(PaneItem):
    """One point per layer for each of two quantities: discs and hollow squares, each in its layer's colour."""

    RADIUS = 3.5

    def __init__(self) -> None:
        super().__init__()
        self._series: tuple[Floats, Floats] = (np.empty(0), np.empty(0))
        self._zeros: tuple[NDArray[np.bool_], NDArray[np.bool_]] = (np.empty(0, bool), np.empty(0, bool))
        self._colours: list[QColor] = []
        self._line = QPen()
        self._ground = QBrush()

    def set_look(self, layers: Sequence[QColor], line: QColor, ground: QColor) -> None:
        """Colours of the layers, of the lines between the points, and behind hollow points."""
        self._colours, self._line, self._ground = list(layers), QPen(line), QBrush(ground)
        self.update()

    def set_series(self, discs: Floats, squares: Floats, zero: float | None) -> None:
        """Heights ``(layers,)`` on the axis, NaN for none; points at ``zero`` stand for 0 and are crossed out."""
        self._series = (discs, squares)
        self._zeros = (discs == zero, squares == zero)
        self.update()

    @property
    def series(self) -> tuple[Floats, Floats]:
        """Heights of discs and squares as they were set."""
        return self._series

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Lines first, squares, then discs; the line ends where a quantity is 0."""
        transform = to_pixels(painter)
        painter.setRenderHint(ANTIALIASING, True)
        for heights, zeros, square in zip(reversed(self._series), reversed(self._zeros), (True, False), strict=True):
            points = [transform.map(QPointF(layer, y)) for layer, y in enumerate(heights.tolist())]
            painter.setPen(self._line)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_joined(points, np.isfinite(heights) & ~zeros))
            for point, zero, colour in zip(points, zeros.tolist(), self._colours, strict=False):
                if point.y() == point.y():  # not NaN
                    self._draw_point(painter, point, colour, square, zero)

    def _draw_point(self, painter: QPainter, point: QPointF, colour: QColor, square: bool, zero: bool) -> None:
        radius = self.RADIUS
        painter.setPen(QPen(colour, 1.3))
        if zero:
            offset = QPointF(radius, radius)
            painter.drawLine(point - offset, point + offset)
            painter.drawLine(point - QPointF(radius, -radius), point + QPointF(radius, -radius))
        elif square:
            painter.setBrush(self._ground)
            painter.drawRect(QRectF(point.x() - radius, point.y() - radius, 2 * radius, 2 * radius))
        else:
            painter.setBrush(colour)
            painter.drawEllipse(point, radius, radius)


def _joined(points: Sequence[QPointF], there: NDArray[np.bool_]) -> QPainterPath:
    path, pen_down = QPainterPath(), False
    for point, drawn in zip(points, there.tolist(), strict=True):
        if drawn and pen_down:
            path.lineTo(point)
        elif drawn:
            path.moveTo(point)
        pen_down = drawn
    return path


BAR_ALPHA = 0.45
"""How much of a layer's colour is in its bar: the text on it has 4.5:1."""


class LayerBars(PaneItem):
    """A bar per layer from 0 to its share, with the share and a remark written on it."""

    def __init__(self) -> None:
        super().__init__()
        self._bands: Sequence[LayerBand] = ()
        self._shares: list[float] = []
        self._texts: list[tuple[str, str]] = []
        self._font, self._text, self._track = QFont(), QColor(), QColor()

    def set_look(self, font: QFont, text: QColor, track: QColor) -> None:
        """Font, and colours of the texts and of the empty part of a bar."""
        self._font, self._text, self._track = font, text, track
        self.update()

    def set_bands(self, bands: Sequence[LayerBand]) -> None:
        """Where the bars stand."""
        self._bands = bands
        self.update()

    def set_bars(self, shares: Floats, texts: list[tuple[str, str]]) -> None:
        """Shares ``(layers,)``, and for each layer what stands at the left and at the right of its bar."""
        self._shares, self._texts = shares.tolist(), texts
        self.update()

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Share and remark of each layer."""
        return self._texts

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Track, bar, texts."""
        transform = to_pixels(painter)
        height = QFontMetricsF(self._font).height()
        painter.setFont(self._font)
        for band, share, (left, right) in zip(self._bands, self._shares, self._texts, strict=False):
            whole = transform.mapRect(QRectF(0.0, band.top, 1.0, band.bottom - band.top)).adjusted(0.0, 1.0, 0.0, -1.0)
            colour = QColor(band.colour)
            colour.setAlphaF(BAR_ALPHA)
            painter.fillRect(whole, self._track)
            painter.fillRect(QRectF(whole.x(), whole.y(), share * whole.width(), whole.height()), colour)
            if whole.height() < 0.7 * height:
                continue
            self._write(painter, whole.adjusted(4.0, 0.0, -4.0, 0.0), left, right)

    def _write(self, painter: QPainter, place: QRectF, left: str, right: str) -> None:
        """Share and remark side by side, or one below the other, or the remark alone, as there is room."""
        metrics = QFontMetricsF(self._font)
        beside = metrics.horizontalAdvance(left + " " + right) <= place.width()
        half = 0.5 * metrics.height()
        below = 0.0 if beside or not right else half
        painter.setPen(self._text)
        if beside or not right or place.height() >= 2 * metrics.height():
            painter.drawText(place.translated(0.0, -below), ALIGN_LEFT, left)
        else:
            below = 0.0
        painter.drawText(place.translated(0.0, below), ALIGN_RIGHT if beside else ALIGN_LEFT, right)


class LayerStrip(pg.GraphicsWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Names of the layers at the left of a heat map, each on a strip of its colour."""

    STRIP = 6.0

    def __init__(self) -> None:
        super().__init__()
        self._bands: Sequence[LayerBand] = ()
        self._font, self._text = QFont(), QColor()
        self.setZValue(-10)

    def set_look(self, font: QFont, text: QColor) -> None:
        """Font and colour of the names; takes the room that they need."""
        self._font, self._text = font, text
        self._take_room()

    def set_bands(self, bands: Sequence[LayerBand]) -> None:
        """Where the layers stand, as shares of the height."""
        self._bands = bands
        self._take_room()

    def _take_room(self) -> None:
        metrics = QFontMetricsF(self._font)
        names = [metrics.horizontalAdvance(band.name) for band in self._bands]
        self.setFixedWidth(round(max([metrics.horizontalAdvance("out"), *names]) + self.STRIP + 12))
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Strips, and the names that have room."""
        painter.setClipRect(self.rect())  # else, drawing to SVG, the clip of the pane goes on
        width, height = self.size().width(), self.size().height()
        line = QFontMetricsF(self._font).height()
        painter.setFont(self._font)
        painter.setPen(self._text)
        last = -line
        for band in self._bands:
            upper, lower = band.top * height + 1.0, band.bottom * height - 1.0
            painter.fillRect(QRectF(width - self.STRIP - 2.0, upper, self.STRIP, lower - upper), band.colour)
            middle = 0.5 * (upper + lower)
            if middle - last >= 0.8 * line:
                last = middle
                place = QRectF(0.0, middle - line, width - self.STRIP - 6.0, 2 * line)
                painter.drawText(place, ALIGN_RIGHT, band.name)


class LayerNames(pg.GraphicsWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Names of the layers beside the ends of their curves, apart enough to be read."""

    LEAD = 8.0

    def __init__(self, pane: pg.ViewBox) -> None:
        super().__init__()
        self._pane = pane
        self._labels: list[tuple[float, str, QColor]] = []
        self._font = QFont()

    def set_font(self, font: QFont, names: Sequence[str]) -> None:
        """Font of the names; takes the room that they need."""
        metrics = QFontMetricsF(font)
        self._font = font
        self.setFixedWidth(round(max(map(metrics.horizontalAdvance, ["out", *names])) + self.LEAD + 6))

    def set_labels(self, labels: list[tuple[float, str, QColor]]) -> None:
        """Where on the pane's vertical axis each curve ends (NaN: nowhere), its layer's name and colour."""
        self._labels = [label for label in labels if label[0] == label[0]]
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Lead from the end of the curve to the name; names that have no room are left out, never the outermost."""
        if not self._labels:
            return
        painter.setClipRect(self.rect())  # else, drawing to SVG, the clip of the pane goes on
        metrics = QFontMetricsF(self._font)
        gap, height = 0.82 * metrics.height(), self.size().height()
        low, high = self._pane.viewRange()[1]
        room = max(2, int((height - gap) / gap) + 1)
        labels = _thinned([label for label in self._labels if low <= label[0] <= high], room)
        ends = [(high - label[0]) / (high - low) * height for label in labels]
        painter.setFont(self._font)
        painter.setRenderHint(ANTIALIASING, True)
        places = spread(ends, gap, 0.5 * gap, height - 0.5 * gap)
        for end, at, label in zip(ends, places, labels, strict=True):
            painter.setPen(label[2])
            painter.drawLine(QPointF(0.0, min(max(end, 0.0), height)), QPointF(self.LEAD - 2.0, at))
            painter.drawText(QRectF(self.LEAD, at - height, self.size().width(), 2 * height), ALIGN_LEFT, label[1])


def _thinned(labels: list[tuple[float, str, QColor]], room: int) -> list[tuple[float, str, QColor]]:
    """At most ``room`` labels, evenly chosen from the first to the last."""
    if len(labels) <= room:
        return labels
    return [labels[index] for index in np.linspace(0, len(labels) - 1, room).round().astype(int).tolist()]
