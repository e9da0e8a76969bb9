"""Feature maps: every map of a layer for images as a small picture of its mean outputs, its saturation below it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen

from .arrangement import Column
from .figures import LayerFigures
from .images import image_of, share_codes
from .look import Look, colour
from .map_grid import MapGrid
from .nodes import NO_BRUSH, PALEST, SMOOTH, neuron_pixels, paint_cross

STRIP = 2.5
"""Height of the strip below a map whose filled part is the map's saturation."""


class MapPainter:
    """Paints one layer's maps as they were at the last :meth:`take`."""

    def __init__(self, look: Look, of: QColor, grid: MapGrid, saturates: bool) -> None:
        self._look, self._grid, self._saturates = look, grid, saturates
        self._frame = QPen(colour(of.name(), 0.75), 1.0)
        self._tiles: list[QImage] = []
        self._shares: list[float] = []
        self._dead: list[bool] = []

    def take(self, figures: LayerFigures) -> None:
        """Turn numbers into colours."""
        grid = self._grid
        pixels = neuron_pixels(figures, self._look).reshape(-1, grid.rows, grid.columns)
        self._tiles = [image_of(tile) for tile in pixels[: grid.shown]]
        if self._saturates:
            self._shares = figures.saturation.reshape(grid.maps, -1).mean(axis=1).tolist()
            self._dead = np.logical_and.reduce(figures.dead.reshape(grid.maps, -1), axis=1).tolist()

    def paint(self, painter: QPainter, column: Column, ground: QColor) -> None:
        """Paint all maps that have room on ``ground``, and how many more there are."""
        grid = self._grid = column.maps or self._grid
        for number, tile in enumerate(self._tiles):
            place = grid.tile(number)
            painter.fillRect(place.adjusted(-1.5, -1.5, 1.5, STRIP + 2.5), ground)
            painter.setRenderHint(SMOOTH, tile.width() > place.width())
            painter.drawImage(place, tile)
            painter.setBrush(NO_BRUSH)
            painter.setPen(self._frame)
            painter.drawRect(place.adjusted(-0.5, -0.5, 0.5, 0.5))
            if self._saturates:
                self._paint_share(painter, place, self._shares[number])
                if self._dead[number]:
                    paint_cross(painter, place.center(), 0.3 * min(place.width(), place.height()), self._look)
        painter.setRenderHint(SMOOTH)
        self._paint_rest(painter, column)

    def _paint_share(self, painter: QPainter, tile: QRectF, share: float) -> None:
        strip = QRectF(tile.left() - 0.5, tile.bottom() + 1.5, tile.width() + 1.0, STRIP)
        painter.fillRect(strip, self._look.line)
        code = int(share_codes(np.array(max(share, PALEST))))
        strip.setWidth(strip.width() * min(max(share, 0.0), 1.0))
        painter.fillRect(strip, QColor.fromRgb(int(self._look.sequential[code])))

    def _paint_rest(self, painter: QPainter, column: Column) -> None:
        rest = self._grid.maps - self._grid.shown
        if rest <= 0:
            return
        metrics = self._look.small_metrics
        painter.setFont(self._look.small_font)
        painter.setPen(self._look.quiet)
        below = QRectF(QPointF(column.x - 40, column.body.bottom() + 4.0), QPointF(column.x + 40, 10_000.0))
        below.setHeight(metrics.height())
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, f"+ {rest:,} maps")
