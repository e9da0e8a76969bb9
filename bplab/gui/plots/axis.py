"""The axis of a live plot: few ticks with short texts, hairlines across the plot, and 1e-3 where others write −3."""

from __future__ import annotations

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

from bplab.gui.theme import Colours

from .scales import TickRule


class NumberAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """An axis at the left or the bottom whose ticks come from a rule and whose width never changes."""

    def __init__(self, orientation: str, rule: TickRule, grid: bool = True) -> None:
        super().__init__(orientation, maxTickLength=0)
        self._rule = rule
        self._texts: dict[float, str] = {}
        self._lines = grid
        self.enableAutoSIPrefix(False)
        self.setStyle(autoExpandTextSpace=False, autoReduceTextSpace=False, tickAlpha=1.0)
        self.setZValue(-1000)

    def set_rule(self, rule: TickRule) -> None:
        """Take ticks from another rule from now on; the same one costs nothing."""
        if rule == self._rule:
            return
        self._rule = rule
        self.picture = None
        self.update()

    def set_look(self, colours: Colours, font: QFont) -> None:
        """Quiet text, hairlines; room for the longest text that the ticks have."""
        metrics = QFontMetricsF(font)
        self.setPen(colours.line)
        self.setTickPen(colours.line)
        self.setTextPen(colours.quiet)
        self.setStyle(tickFont=font)
        self.label.setFont(font)
        if self.orientation == "left":
            self.setStyle(tickTextOffset=4)
            self.setWidth(round(metrics.horizontalAdvance("5e-100") + 6))
        else:
            self.setStyle(tickTextOffset=3)
            label = 0.95 * metrics.height() if self.labelText else 0.0
            self.setHeight(round(metrics.height() + 3 + label))
        self.setGrid(255 if self._lines else False)

    def tickValues(self, minVal: float, maxVal: float, size: float) -> list[tuple[float, list[float]]]:
        """One level of ticks, from the rule."""
        ticks = self._rule(min(minVal, maxVal), max(minVal, maxVal), size)
        self._texts = dict(ticks)
        return [(1.0, list(self._texts))]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The texts that the rule gave."""
        return [self._texts[value] for value in values]

    def boundingRect(self) -> QRectF:
        """Room for the texts at both ends, which stand half outside."""
        rect: QRectF = super().boundingRect()
        return rect.adjusted(0, -10, 0, 10) if self.orientation == "left" else rect.adjusted(-24, 0, 24, 0)

    def set_title(self, text: str) -> None:
        """The axis title; the same text again costs nothing."""
        if text != self.labelText:
            self.setLabel(text)

    def texts(self) -> list[str]:
        """Tick texts for the range and length of the moment."""
        size = self.size().height() if self.orientation == "left" else self.size().width()
        low, high = sorted(self.range)
        return [text for _, text in self._rule(low, high, size)]
