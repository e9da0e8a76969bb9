"""The ridges: a filled outline per layer, its saturated part hatched, and the stretches where f is flat behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF, QTransform

from .items import LayerBand, PaneItem, to_pixels

Floats = NDArray[np.floating[Any]]
FILL_ALPHA = 0.4
HEAD_ROOM = 0.12
THINNEST = 3.0
"""Pixels of a flat stretch that is a single value, such as the 0 of ReLU."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """Heights ``(bins,)`` from 0 to 1, of all values and of the saturated ones; ``flat`` are stretches of the axis."""

    heights: Floats
    saturated: Floats
    flat: Sequence[tuple[float, float]]


class Ridges(PaneItem):
    """A ridge per layer, each in its band of the pane."""

    def __init__(self) -> None:
        super().__init__()
        self._bands: Sequence[LayerBand] = ()
        self.ridges: Sequence[Ridge] = ()
        self._low, self._high = 0.0, 1.0
        self._flat, self._line, self._ink = QBrush(), QPen(), QColor()

    def set_look(self, flat: QColor, line: QColor, ink: QColor) -> None:
        """Colours of flat stretches, base lines and hatching."""
        self._flat, self._line, self._ink = QBrush(flat), QPen(line), ink
        self.update()

    def set_ridges(self, bands: Sequence[LayerBand], ridges: Sequence[Ridge], low: float, high: float) -> None:
        """Show these, over bins from ``low`` to ``high``."""
        self._bands, self.ridges, self._low, self._high = bands, ridges, low, high
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Flat stretches first, then ridges."""
        transform = to_pixels(painter)
        for band, ridge in zip(self._bands, self.ridges, strict=True):
            place = transform.mapRect(QRectF(self._low, band.top, self._high - self._low, band.bottom - band.top))
            place.adjust(0.0, HEAD_ROOM * place.height(), 0.0, -1.0)
            self._draw_flat(painter, transform, place, ridge)
            painter.setPen(self._line)
            painter.drawLine(QLineF(place.left(), place.bottom(), place.right(), place.bottom()))
            fill = QColor(band.colour)
            fill.setAlphaF(FILL_ALPHA)
            self._draw_outline(painter, place, ridge.heights, QPen(band.colour), QBrush(fill))
            if ridge.saturated.any():
                hatch = QBrush(self._ink, Qt.BrushStyle.BDiagPattern)
                self._draw_outline(painter, place, ridge.saturated, QPen(Qt.PenStyle.NoPen), hatch)

    def _draw_flat(self, painter: QPainter, transform: QTransform, place: QRectF, ridge: Ridge) -> None:
        for low, high in ridge.flat:
            if high < self._low or low > self._high:
                continue
            ends = max(low, self._low), min(high, self._high)
            left, right = (transform.map(QPointF(end, 0.0)).x() for end in ends)
            missing = max(0.0, THINNEST - (right - left))
            stretch = QRectF(left - 0.5 * missing, place.top(), right - left + missing, place.height())
            painter.fillRect(stretch.intersected(place), self._flat)

    @staticmethod
    def _draw_outline(painter: QPainter, place: QRectF, heights: Floats, pen: QPen, brush: QBrush) -> None:
        """Steps of equal width, from the left end to the right one."""
        if not math.isfinite(place.width()):
            return
        x = np.repeat(place.left() + place.width() * np.arange(len(heights) + 1) / len(heights), 2)
        y = place.bottom() - place.height() * np.concatenate([[0.0], np.repeat(heights, 2), [0.0]])
        painter.setPen(pen)
        painter.setBrush(brush)
        painter.drawPolygon(QPolygonF([QPointF(*point) for point in zip(x.tolist(), y.tolist(), strict=True)]))
