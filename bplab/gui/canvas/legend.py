"""The legend below the network: the scale of the weights, the marks of a neuron, and what the edges leave out."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.gui.numbers import short_text
from bplab.gui.theme import Theme

from .colouring import ColourBy
from .images import image_of
from .look import Look, pen
from .nodes import TOP, TURN, paint_cross

EXPLANATION = (
    "Lines are weights: the wider and the stronger in colour, the larger; where lines are few, "
    "negative ones are dashed. The square at a neuron is its bias, filled upwards if positive, downwards if negative. "
    "Discs show each neuron's output, rings the share of samples on which it is saturated; "
    "a dead neuron passes no error back on any sample.\n"
    "Tiles are the feature maps of a layer for images, whose weights are shared by all places: a band leads to them. "
    "Arcs are skips, dashed where a learned projection lies between."
)
BLOCK = "output | saturation"
BAR_WIDTH, BAR_HEIGHT, GAP, GROUP = 48.0, 6.0, 5.0, 14.0


class NetworkLegend(QWidget):
    """One quiet line of explanation; what does not fit is left out, least important first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._limit, self._note, self._folded = 1.0, "", False
        self._by = ColourBy.WEIGHT
        self._neurons: float | None = None
        self.setObjectName("network_legend")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._dress()
        theme.changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(360, math.ceil(self._look.small_metrics.height()) + 10)

    def show_scale(
        self, limits: tuple[float, float | None], note: str, folded: bool, by: ColourBy = ColourBy.WEIGHT
    ) -> None:
        """The values at the ends of the colour maps of edges and of neurons (None where layers have their own), what
        the edges leave out, whether layers are folded, and what colours stand for.
        """
        if (limits, note, folded, by) != ((self._limit, self._neurons), self._note, self._folded, self._by):
            (self._limit, self._neurons), self._note, self._folded, self._by = limits, note, folded, by
            self._describe()
            self.update()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._dress()
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """From left to right, as far as there is room; the note on the right."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.ground)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(self._look.small_font)
            advance = self._look.small_metrics.horizontalAdvance
            right = self.width() - 8.0
            x = self._paint_scale(painter, 8.0)
            if x + GROUP + advance("saturated") + 20 <= right:
                x = self._paint_ring(painter, x + GROUP)
            if x + GROUP + advance("dead") + 20 <= right:
                x = self._paint_dead(painter, x + GROUP)
            if self._folded and x + GROUP + advance(BLOCK) + 24 <= right:
                x = self._paint_block(painter, x + GROUP)
            if self._note and x + GROUP + advance(self._note) <= right:
                self._text(painter, right - advance(self._note), self._note)

    def _paint_scale(self, painter: QPainter, x: float) -> float:
        low, high = self._ends()
        x = self._text(painter, x, self._by.value.symbol) + GAP
        if self._by.signed:
            x = self._paint_dashes(painter, x) + GAP
        x = self._text(painter, x, low) + GAP
        bar = QRectF(x, 0.5 * (self.height() - BAR_HEIGHT), BAR_WIDTH, BAR_HEIGHT)
        colours = self._look.diverging if self._by.signed else self._look.sequential
        painter.drawImage(bar, image_of(colours[None, :]))
        x = self._text(painter, bar.right() + GAP, high)
        return self._text(painter, x + GAP, self._of_neurons()) if self._of_neurons() else x

    def _paint_dashes(self, painter: QPainter, x: float) -> float:
        """What is negative is dashed; where the sample ends."""
        stroke = pen(self._look.quiet, 1.5)
        stroke.setDashPattern([part / 1.5 for part in (5.0, 2.0)])
        painter.setPen(stroke)
        painter.drawLine(QPointF(x, 0.5 * self.height()), QPointF(x + 12.0, 0.5 * self.height()))
        return x + 12.0

    def _of_neurons(self) -> str:
        """What stands at the ends of the neurons' own colour map; empty where it is the edges'."""
        if self._neurons is None or self._neurons == self._limit:
            return ""
        limit = shortest(self._neurons)
        return f"(neurons ±{limit})" if self._by.signed else f"(neurons to {limit})"

    def _ends(self) -> tuple[str, str]:
        """What stands at the two ends of the colour map."""
        if self._by is ColourBy.SATURATION:
            return "0 %", "100 %"
        limit = shortest(self._limit)
        return f"−{limit}" if self._by.signed else "0", limit

    def _paint_ring(self, painter: QPainter, x: float) -> float:
        ring = QRectF(x, 0.5 * self.height() - 5.5, 11, 11)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._look.line, 2.5))
        painter.drawEllipse(ring)
        painter.setPen(pen(self._look.share(0.62), 2.5))
        painter.drawArc(ring, TOP, -int(0.62 * TURN))
        return self._text(painter, ring.right() + GAP, "saturated")

    def _paint_dead(self, painter: QPainter, x: float) -> float:
        paint_cross(painter, QPointF(x + 4, 0.5 * self.height()), 4.0, self._look)
        return self._text(painter, x + 8 + GAP, "dead")

    def _paint_block(self, painter: QPainter, x: float) -> float:
        top = 0.5 * self.height() - 5.5
        painter.fillRect(QRectF(x, top, 9, 11), QColor.fromRgb(int(self._look.diverging[200])))
        painter.fillRect(QRectF(x + 10, top, 6, 11), self._look.share(0.8))
        return self._text(painter, x + 16 + GAP, BLOCK)

    def _text(self, painter: QPainter, x: float, text: str) -> float:
        """Write on the line from ``x`` on; the end of the text."""
        metrics = self._look.small_metrics
        painter.setPen(self._look.quiet)
        painter.drawText(QPointF(x, 0.5 * (self.height() + metrics.capHeight())), text)
        return x + metrics.horizontalAdvance(text)

    def _on_theme_changed(self) -> None:
        self._dress()
        self.update()

    def _dress(self) -> None:
        self._look = Look(self._theme, self.font(), 1)
        self._describe()

    def _describe(self) -> None:
        low, high = self._ends()
        note = f"; {self._note}" if self._note else ""
        text = EXPLANATION
        if self._by is not ColourBy.WEIGHT:
            text += f"\nColours now stand for {self._by.title}. {self._by.value.explanation}"
        self.setToolTip(f"{text}\nNow: {self._note}." if self._note else text)
        neurons = f" {self._of_neurons()}" if self._of_neurons() else ""
        what = "weights" if self._by is ColourBy.WEIGHT else self._by.title
        self.setAccessibleName("Legend of the network")
        self.setAccessibleDescription(f"Colours of the {what} run from {low} to {high}{neurons}{note}.")


def shortest(limit: float) -> str:
    """The end of a scale, a round number, without zeros that say nothing: ``1e-4``."""
    mantissa, power, exponent = short_text(limit).partition("e")
    return mantissa.rstrip("0").rstrip(".") + power + exponent if power else mantissa
