"""A folded layer: from afar two strips of colour, nearer a disc for every neuron, still nearer with number and output.

What is drawn follows the height that a row has in the window, so that zooming in unfolds a layer of any width.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter

from .arrangement import Column
from .figures import LayerFigures
from .look import Look, colour, pen
from .nodes import NO_BRUSH, BlockPainter, NodePainter
from .tips import signed

LEAST_ROW = 10.0
"""From so many pixels of the window on, a row has a disc of its own."""
DISC_SHARE, LARGEST_DISC, LABEL_GAP = 0.82, 72.0, 5.0
MIDDLE, LEAST_WORDS = 0.42, 80.0
"""Where in the block's width discs stand, for outputs are longer than numbers; and the width with room for both."""
RAIL = 0.4


class FoldedPainter:
    """Paints one folded layer as it was at the last :meth:`take`."""

    def __init__(self, look: Look, of: QColor, saturates: bool = True) -> None:
        self._look, self._edge = look, QColor(of)
        self._strips, self._neurons = BlockPainter(look, of, saturates), NodePainter(look, of)
        self._figures: LayerFigures | None = None
        self._taken = slice(0, 0)
        """The neurons whose colours are known."""

    def take(self, figures: LayerFigures) -> None:
        """Turn numbers into colours; those of single neurons when they are drawn."""
        self._strips.take(figures)
        self._figures, self._taken = figures, slice(0, 0)

    def paint(self, painter: QPainter, column: Column, ground: QColor) -> None:
        """Paint strips or neurons on ``ground``, whatever has room at the painter's scale."""
        if column.body.height() / len(column.ys) * painter.transform().m22() < LEAST_ROW:
            self._strips.paint(painter, column, ground)
            return
        painter.save()
        in_window = painter.transform().mapRect(column.body)
        painter.resetTransform()
        painter.fillRect(in_window, ground)
        painter.setBrush(NO_BRUSH)
        painter.setPen(pen(self._edge, 1.25))
        painter.drawRoundedRect(in_window.adjusted(-1, -1, 1, 1), 3, 3)
        seen = rows_seen(in_window, len(column.ys), QRectF(painter.viewport()))
        if seen.stop > seen.start:
            self._paint_rows(painter, column, in_window, seen, ground)
        painter.restore()

    def _paint_rows(self, painter: QPainter, column: Column, body: QRectF, seen: slice, ground: QColor) -> None:
        assert self._figures is not None
        if seen != self._taken:
            self._neurons.take(part_of(self._figures, seen))
            self._taken = seen
        row = body.height() / len(column.ys)
        size = min(DISC_SHARE * row, 0.5 * body.width(), LARGEST_DISC)
        ys = body.top() + row * (np.arange(seen.start, seen.stop) + 0.5)
        worded = self._look.small_metrics.height() <= row and body.width() >= LEAST_WORDS
        middle = body.left() + (MIDDLE if worded else 0.5) * body.width()
        self._paint_rails(painter, body, ys.tolist())
        self._neurons.paint(painter, replace(column, x=middle, half=0.5 * size, ys=ys), ground)
        if worded:
            disc = QLineF(middle - 0.5 * size, 0, middle + 0.5 * size, 0)
            self._paint_words(painter, disc, ys.tolist(), seen, ground)

    def _paint_rails(self, painter: QPainter, body: QRectF, ys: list[float]) -> None:
        """What enters on the left reaches a neuron, and leaves on the right."""
        painter.setPen(pen(colour(self._edge.name(), RAIL)))
        painter.drawLines([QLineF(body.left(), round(y), body.right(), round(y)) for y in ys])

    def _paint_words(self, painter: QPainter, disc: QLineF, ys: list[float], seen: slice, ground: QColor) -> None:
        """The neuron's number on the left of its disc, its mean output on the right."""
        assert self._figures is not None
        metrics = self._look.small_metrics
        painter.setFont(self._look.small_font)
        painter.setPen(self._look.quiet)
        for number, y in zip(range(seen.start, seen.stop), ys, strict=True):
            own, output = f"{number + 1:,}", signed(float(self._figures.means[number]))
            wide = metrics.horizontalAdvance(own)
            for text, left in ((own, disc.x1() - LABEL_GAP - wide), (output, disc.x2() + LABEL_GAP)):
                base = y + 0.5 * metrics.capHeight()
                wide = metrics.horizontalAdvance(text)
                painter.fillRect(QRectF(left - 2.0, base - metrics.ascent(), wide + 4.0, metrics.height()), ground)
                painter.drawText(QPointF(left, base), text)


def rows_seen(body: QRectF, rows: int, window: QRectF) -> slice:
    """Which of the rows of a block are in the window, at least in part."""
    per_row = body.height() / rows
    first, last = (window.top() - body.top()) / per_row, (window.bottom() - body.top()) / per_row
    return slice(max(0, int(np.floor(first))), min(rows, max(0, int(np.ceil(last)))))


def part_of(figures: LayerFigures, rows: slice) -> LayerFigures:
    """The figures of some neurons alone; scales stay the layer's."""
    return replace(
        figures,
        means=figures.means[rows],
        saturation=figures.saturation[rows],
        dead=figures.dead[rows],
        maps=None if figures.maps is None else figures.maps[rows],
        shade=None if figures.shade is None else figures.shade[rows],
    )
