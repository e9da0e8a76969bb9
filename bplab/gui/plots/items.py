"""What is drawn in the panes besides curves: a band, a heat map with a stretch per layer.

Every item is one graphics item with one ``paint``: items cost more than what they draw.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QTransform

Floats = NDArray[np.floating[Any]]
SMOOTH = QPainter.RenderHint.SmoothPixmapTransform


class PaneItem(pg.GraphicsObject):  # type: ignore[misc]  # pyqtgraph has no types
    """An item that may draw anywhere in its pane."""

    def boundingRect(self) -> QRectF:
        """All that the pane shows."""
        box = self.getViewBox()
        return box.viewRect() if box is not None else QRectF()

    def viewRangeChanged(self) -> None:
        """Another part of the plane is shown."""
        self.prepareGeometryChange()

    def viewTransformChanged(self) -> None:
        """The plane is shown at another size."""
        self.prepareGeometryChange()


def to_pixels(painter: QPainter) -> QTransform:
    """From the pane's numbers to the painter's pixels; the painter draws in pixels from now on."""
    transform = painter.transform()
    painter.resetTransform()
    return transform


class Band(PaneItem):
    """The area between a low and a high curve, in upright columns.

    Opaque rectangles in pixels: 0.2 ms for 250 of them, where a polygon took 0.9 and translucent ones 4.
    """

    def __init__(self) -> None:
        super().__init__()
        self._columns: Floats = np.empty((0, 4))
        self._brush = QBrush()

    def set_colour(self, colour: QColor) -> None:
        """Fill with ``colour``."""
        self._brush = QBrush(colour)
        self.update()

    def set_band(self, edges: Floats, lows: Floats, highs: Floats) -> None:
        """Columns from ``lows`` to ``highs (n,)`` between ``edges (n + 1,)``; those not finite are left out."""
        keep = np.isfinite(lows) & np.isfinite(highs)
        self._columns = np.column_stack([edges[:-1], highs, np.diff(edges), lows - highs])[keep]
        self.update()

    @property
    def columns(self) -> Floats:
        """What is drawn, ``(n, 4)``: left, top, width, and height (downwards, so negative)."""
        return self._columns

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Fill the columns."""
        to = to_pixels(painter)
        pixels = self._columns * (to.m11(), to.m22(), to.m11(), to.m22()) + (to.dx(), to.dy(), 0.0, 0.0)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._brush)
        painter.drawRects([QRectF(*column) for column in pixels.tolist()])


@dataclass(frozen=True)
class LayerBand:
    """The stretch of a vertical axis that belongs to one layer."""

    top: float
    bottom: float
    name: str
    colour: QColor


class HeatMap(PaneItem):
    """Shares as colours: a line per neuron or group of neurons, columns in time, layers apart by a gap."""

    GAP = 2.0
    LEVELS = 255

    def __init__(self, lines: int, most_columns: int) -> None:
        super().__init__()
        self._levels = np.zeros((lines, most_columns), np.uint8)
        self._image = QImage(
            self._levels.data, most_columns, lines, self._levels.strides[0], QImage.Format.Format_Indexed8
        )
        self._columns, self._width = 0, 1.0
        self._bands: list[tuple[LayerBand, int, int]] = []

    @property
    def levels(self) -> NDArray[np.uint8]:
        """What is shown, ``(lines, columns)``, 0 to 255 for shares from 0 to 1."""
        return self._levels[:, : self._columns]

    def set_map(self, lut: NDArray[np.uint8]) -> None:
        """Show shares by ``lut (256, 3)``."""
        self._image.setColorTable([0xFF000000 | int(r) << 16 | int(g) << 8 | int(b) for r, g, b in lut.tolist()])
        self.update()

    def set_bands(self, bands: Sequence[LayerBand], lines: Sequence[int]) -> None:
        """Each band shows the next ``lines`` lines."""
        ends = np.cumsum(lines)
        self._bands = [(band, int(end - n), n) for band, end, n in zip(bands, ends, lines, strict=True)]
        self.update()

    def set_shares(self, first: int, shares: Floats, columns: int, column_width: float) -> None:
        """Put ``shares (n, lines)`` at column ``first`` and later; ``columns`` in all, each so many updates wide."""
        self._levels[:, first : first + len(shares)] = np.rint(shares.T * self.LEVELS)
        self._columns, self._width = columns, column_width
        self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Draw one piece of the image for each layer."""
        if not self._columns:
            return
        end = self._columns * self._width
        top = to_pixels(painter)
        for band, first, lines in self._bands:
            target = top.mapRect(QRectF(0.0, band.top, end, band.bottom - band.top))
            target.adjust(0.0, 0.5 * self.GAP, 0.0, -0.5 * self.GAP)
            painter.setRenderHint(SMOOTH, target.height() < lines)
            # A copy, since drawing to SVG knows no part of an image.
            painter.drawImage(target, self._image.copy(QRect(0, first, self._columns, lines)))
