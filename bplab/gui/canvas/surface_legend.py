"""The legend of the decision surface: the scale of one answer, or the classes; and what fill and outline mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from bplab.gui.numbers import short_text
from bplab.gui.theme import Theme
from bplab.lab.palette import class_colour
from bplab.lab.problem import Problem

from .images import image_of
from .look import Look
from .markers import paint_marker, shape
from .surface_values import ValueColours

GAP, BAR, MARKER = 8.0, 8.0, 8.0
LONGEST_NAME = 120.0


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    marker: int
    of: QColor
    test: bool = False


class SurfaceLegend:
    """Rows of text and colour, as wide as it is told."""

    def __init__(self, problem: Problem, colours: ValueColours, theme: Theme, look: Look) -> None:
        self._colours, self._theme, self._look = colours, theme, look
        self._row = look.small_metrics.height() + 4.0
        names = problem.shape.class_names
        classes = [_Entry(name, index, QColor(class_colour(index))) for index, name in enumerate(names)]
        parts = [_Entry("train", 0, look.quiet)]
        if len(problem.test_inputs):
            parts.append(_Entry("test", 0, look.quiet, test=True))
        self._groups: list[list[_Entry]] = [group for group in (classes, parts) if group]

    def height(self, wide: float) -> float:
        """Height that it needs in this width."""
        return self._bar_height() + self._row * sum(len(self._rows(group, wide)) for group in self._groups)

    def paint(self, painter: QPainter, room: QRectF) -> None:
        """Paint it at the top of ``room``."""
        painter.setFont(self._look.small_font)
        y = room.top()
        if self._colours.code is None:
            self._paint_bar(painter, QRectF(room.left(), y, room.width(), BAR))
        y += self._bar_height()
        for group in self._groups:
            for row in self._rows(group, room.width()):
                self._paint_row(painter, row, room.left(), y)
                y += self._row

    def _bar_height(self) -> float:
        return BAR + self._row + 2.0 if self._colours.code is None else 0.0

    def _paint_bar(self, painter: QPainter, bar: QRectF) -> None:
        painter.drawImage(bar, image_of(self._colours.diverging[None, :]))
        painter.setPen(self._look.quiet)
        scale = self._colours.scale
        below = QRectF(bar.left(), bar.bottom() + 2.0, bar.width(), self._row)
        for value, side in (
            (scale.low, Qt.AlignmentFlag.AlignLeft),
            (scale.middle, Qt.AlignmentFlag.AlignHCenter),
            (scale.high, Qt.AlignmentFlag.AlignRight),
        ):
            painter.drawText(below, side | Qt.AlignmentFlag.AlignTop, short_text(value).replace("-", "−"))

    def _paint_row(self, painter: QPainter, row: Sequence[_Entry], x: float, y: float) -> None:
        middle = y + 0.5 * self._row
        for entry in row:
            centre = QPointF(x + 0.5 * MARKER, middle)
            paint_marker(painter, centre, shape(entry.marker, MARKER), entry.of, self._theme, entry.test)
            painter.setPen(QPen(self._look.quiet))
            place = QRectF(x + MARKER + 5.0, y, self._width(entry), self._row)
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, self._name(entry))
            x += self._width(entry) + GAP

    def _name(self, entry: _Entry) -> str:
        return self._look.small_metrics.elidedText(entry.name, Qt.TextElideMode.ElideRight, LONGEST_NAME)

    def _width(self, entry: _Entry) -> float:
        return float(np.ceil(MARKER + 6.0 + self._look.small_metrics.horizontalAdvance(self._name(entry))))

    def _rows(self, group: Sequence[_Entry], wide: float) -> list[list[_Entry]]:
        rows: list[list[_Entry]] = [[]]
        used = 0.0
        for entry in group:
            if rows[-1] and used + self._width(entry) > wide:
                rows.append([])
                used = 0.0
            rows[-1].append(entry)
            used += self._width(entry) + GAP
        return rows
