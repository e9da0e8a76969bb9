"""The log axis of the bars: shares of the size that would be healthy, in decades."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.lab.explaining import Explanation

from ..panels.bar_parts import caption_font
from ..theme import GRID, Theme

HEALTHY = "healthy"
LEAST_DECADES, MOST_DECADES, LEAST_SURPLUS, MOST_SURPLUS = 3, 12, 1, 3
EDGE = 10.0
"""Pixels beside bars and axis."""


@dataclass(frozen=True, slots=True)
class Axis:
    """A log axis of shares of the healthy size: so many decades below 1, and above."""

    below: int = LEAST_DECADES
    above: int = LEAST_SURPLUS

    def holding(self, told: Explanation) -> Axis:
        """An axis as long as this one, or longer where a factor needs it."""
        lost = [factor.shortfall for factor in told.factors if math.isfinite(factor.shortfall)]
        below = min(max(math.ceil(max(lost, default=0.0)), self.below), MOST_DECADES)
        return Axis(below, min(max(math.ceil(-min(lost, default=0.0)), self.above), MOST_SURPLUS))

    def share(self, shortfall: float) -> float:
        """Where a shortfall in decades lies, from 0 at the left end to 1; NaN lies left as well."""
        found = (self.below - shortfall) / (self.below + self.above) if not math.isnan(shortfall) else 0.0
        return min(max(found, 0.0), 1.0)

    def ticks(self) -> list[tuple[float, str]]:
        """Place and label of the decades that are written, the healthy size among them."""
        step = max(1, math.ceil((self.below + self.above) / 5))
        decades = sorted({0, *range(0, self.below + 1, step), *range(0, -self.above - 1, -step)})
        return [
            (self.share(lost), HEALTHY if not lost else f"1e{-lost}" if lost > 0 else f"×{10**-lost:,}")
            for lost in decades
        ]


class FactorAxis(QWidget):
    """The decades below the bars, as shares of the healthy size."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._axis = Axis()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Axis of the bars")
        self.setToolTip("Sizes against healthy ones, a power of ten from step to step; what is hatched is missing")
        theme.changed.connect(self.update)

    def show_axis(self, axis: Axis) -> None:
        """Other decades."""
        if axis != self._axis:
            self._axis = axis
            self.update()

    def sizeHint(self) -> QSize:
        """A line of small text."""
        return QSize(30 * GRID, round(QFontMetricsF(caption_font(self.font())).height() + 6.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ticks with labels, which leave out what has no room."""
        with QPainter(self) as painter:
            font = caption_font(self.font())
            metrics, wide = QFontMetricsF(font), self.width() - 2 * EDGE
            painter.setFont(font)
            taken: list[tuple[float, float]] = []
            for share, label in sorted(self._axis.ticks(), key=lambda tick: tick[1] != HEALTHY):
                x, long = EDGE + wide * share, metrics.horizontalAdvance(label)
                left = min(max(x - 0.5 * long, 0.0), self.width() - long)
                painter.setPen(QColor(self._theme.colours.line))
                painter.drawLine(QPointF(x, 0), QPointF(x, 4))
                if all(left > end + GRID or left + long + GRID < start for start, end in taken):
                    taken.append((left, left + long))
                    painter.setPen(QColor(self._theme.colours.text if label == HEALTHY else self._theme.colours.quiet))
                    painter.drawText(QPointF(left, 4 + metrics.ascent()), label)
