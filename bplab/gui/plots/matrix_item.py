"""A table of counts in colours: one cell per pair, its count and its share written in it where there is room."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from .items import PaneItem, to_pixels

Floats = NDArray[np.floating[Any]]
GAP = 1.0
MIDDLE_GREY = 0.179
"""The relative luminance at which black and white ink have the same contrast."""


class Matrix(PaneItem):
    """Cells from (0, 0) at the upper left; cell (row, column) is one unit wide and high."""

    def __init__(self) -> None:
        super().__init__()
        self._colours = np.zeros((0, 0, 3), np.uint8)
        self.texts: list[list[tuple[str, str]]] = []
        self._font, self._line, self._marked = QFont(), QColor(), QColor()
        self._pointed: tuple[int, int] | None = None

    def set_look(self, font: QFont, line: QColor, marked: QColor) -> None:
        """Font of the counts, colour of the diagonal's outline and of the cell pointed at."""
        self._font, self._line, self._marked = font, line, marked
        self.update()

    def set_cells(self, colours: NDArray[np.uint8], texts: list[list[tuple[str, str]]]) -> None:
        """Colours ``(rows, columns, 3)``, and for each cell the two lines that stand in it."""
        self._colours, self.texts = colours, texts
        self.update()

    def point_at(self, cell: tuple[int, int] | None) -> None:
        """Outline a cell, row first."""
        if cell != self._pointed:
            self._pointed = cell
            self.update()

    def paint(self, painter: QPainter, *_: Any) -> None:
        """Cells, texts, outlines."""
        transform = to_pixels(painter)
        size = len(self._colours)
        if not size:
            return
        cell = transform.mapRect(QRectF(0.0, 0.0, 1.0, 1.0))
        lines = self._lines(cell)
        painter.setFont(self._font)
        for row in range(size):
            for column in range(size):
                place = transform.mapRect(QRectF(column, row, 1.0, 1.0)).adjusted(GAP, GAP, -GAP, -GAP)
                colour = QColor(*self._colours[row, column].tolist())
                painter.fillRect(place, colour)
                if lines:
                    self._write(painter, place, ink_on(colour), self.texts[row][column][:lines])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._line, 1.0))
        for index in range(size):
            painter.drawRect(transform.mapRect(QRectF(index, index, 1.0, 1.0)))
        if self._pointed is not None:
            row, column = self._pointed
            painter.setPen(QPen(self._marked, 2.0))
            painter.drawRect(transform.mapRect(QRectF(column, row, 1.0, 1.0)))

    def _lines(self, cell: QRectF) -> int:
        """Lines of text that every cell has room for."""
        metrics = QFontMetricsF(self._font)
        texts = [text for row in self.texts for text in row]
        fitting = 0
        for line in range(2):
            widest = max((metrics.horizontalAdvance(text[line]) for text in texts), default=0.0)
            if widest > cell.width() - 2 * GAP - 2.0 or cell.height() < 0.9 * metrics.height() * (line + 1) + 2 * GAP:
                break
            fitting += 1
        return fitting

    def _write(self, painter: QPainter, place: QRectF, ink: QColor, texts: tuple[str, ...]) -> None:
        height = 0.9 * QFontMetricsF(self._font).height()
        shown = [text for text in texts if text]
        top = place.center() - QPointF(0.0, 0.5 * height * len(shown))
        painter.setPen(ink)
        for line, text in enumerate(shown):
            where = QRectF(place.left(), top.y() + line * height, place.width(), height)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextDontClip, text)


def ink_on(ground: QColor) -> QColor:
    """Black or white, whichever is read better on ``ground`` (WCAG's relative luminance)."""
    parts = np.array([ground.redF(), ground.greenF(), ground.blueF()])
    linear = np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return QColor("#000000" if float(linear @ (0.2126, 0.7152, 0.0722)) > MIDDLE_GREY else "#ffffff")
