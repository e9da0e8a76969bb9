"""One quiet line above a plot that is legend and readout at once: a swatch, a name, the number of the moment.

It paints itself: a label would ask its window for a new layout whenever a number changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from bplab.gui.theme import Colours, Theme, tabular

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
ELLIPSIS = "…"


class Swatch(Enum):
    """The sign of a series, as it is drawn in the plot."""

    NONE = "none"
    LINE = "line"
    DASHES = "dashes"
    DOTS = "dots"
    DASH_DOT = "dash dot"
    LONG_DASHES = "long dashes"
    BLOCK = "block"
    DISC = "disc"
    SQUARE = "square"
    CROSS = "cross"


DASHES = {Swatch.DASHES: (2.6, 1.6), Swatch.DOTS: (1.2, 1.8), Swatch.DASH_DOT: (4.0, 1.8, 1.2, 1.8),
          Swatch.LONG_DASHES: (5.0, 2.4)}  # fmt: skip
"""Lengths of dashes and gaps, in widths of the line."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A name with its number; ``colour`` is that of the swatch, of the text if there is none."""

    name: str
    value: str = ""
    swatch: Swatch = Swatch.NONE
    colour: QColor | None = None

    def text(self) -> str:
        """Name and number."""
        return f"{self.name} {self.value}".strip()


class Readout(QWidget):
    """Entries from left to right; those that have no room are in the tooltip."""

    MARK, GAP, SPACE = 14.0, 4.0, 14.0

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries: Sequence[Entry] = ()
        self._widths: dict[str, float] = {}
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """All entries as one line."""
        return "   ".join(entry.text() for entry in self._entries)

    def show_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; equal ones cost nothing."""
        if entries == self._entries:
            return
        if [entry.name for entry in entries] != [entry.name for entry in self._entries]:
            self._widths.clear()
        self._entries = entries
        self.setAccessibleDescription(self.text)
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(80, round(self.fontMetrics().height() + 2))

    def minimumSizeHint(self) -> QSize:
        """One line, any width."""
        return QSize(0, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        """The tooltip is the whole line."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self._entries:
            QToolTip.showText(event.globalPos(), self.text.replace("   ", "\n"), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the entries."""
        painter = QPainter(self)
        painter.setFont(self.font())
        self.draw(painter, QRectF(self.rect()), self._theme.colours)

    def draw(self, painter: QPainter, rect: QRectF, colours: Colours) -> None:
        """Draw the entries into ``rect`` with the painter's font."""
        metrics = QFontMetricsF(painter.font())
        room, x = metrics.horizontalAdvance(ELLIPSIS), rect.left()
        for number, entry in enumerate(self._entries):
            last = number == len(self._entries) - 1
            width = self._width(entry, metrics)
            if x + width > rect.right() - (0.0 if last else self.SPACE + room) and x + width > rect.right() - room:
                painter.setPen(QColor(colours.quiet))
                painter.drawText(QRectF(x, rect.top(), room, rect.height()), LEFT, ELLIPSIS)
                return
            self._draw_entry(painter, entry, QRectF(x, rect.top(), width, rect.height()), colours, metrics)
            x += width + self.SPACE

    def _width(self, entry: Entry, metrics: QFontMetricsF) -> float:
        """As wide as the entry has ever been: numbers of changing length move nothing."""
        mark = self.MARK + self.GAP if entry.swatch is not Swatch.NONE else 0.0
        needed = mark + metrics.horizontalAdvance(entry.text())
        self._widths[entry.name] = max(needed, self._widths.get(entry.name, 0.0))
        return self._widths[entry.name]

    def _draw_entry(
        self, painter: QPainter, entry: Entry, place: QRectF, colours: Colours, metrics: QFontMetricsF
    ) -> None:
        plain = entry.swatch is Swatch.NONE
        x = place.left()
        if not plain:
            draw_swatch(painter, entry.swatch, QRectF(x, place.top(), self.MARK, place.height()),
                        entry.colour or QColor(colours.text))
            x += self.MARK + self.GAP
        painter.setPen(entry.colour if plain and entry.colour else QColor(colours.quiet))
        painter.drawText(QRectF(x, place.top(), place.right() - x + 1, place.height()), LEFT, entry.name)
        if entry.value:
            x += metrics.horizontalAdvance(entry.name + " ")
            painter.setPen(entry.colour if plain and entry.colour else QColor(colours.text))
            painter.drawText(QRectF(x, place.top(), place.right() - x + 1, place.height()), LEFT, entry.value)


def draw_swatch(painter: QPainter, swatch: Swatch, place: QRectF, colour: QColor) -> None:
    """The sign of a series, in the middle of ``place``."""
    middle = QPointF(place.center().x(), round(place.center().y()))
    if swatch is Swatch.LINE or swatch in DASHES:
        pen = QPen(colour, 1.6)
        if swatch in DASHES:
            pen.setDashPattern(DASHES[swatch])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        painter.setPen(pen)
        painter.drawLine(QPointF(place.left(), middle.y()), QPointF(place.right(), middle.y()))
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, swatch in (Swatch.DISC, Swatch.CROSS))
    if swatch is Swatch.DISC:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(middle, 3.5, 3.5)
    elif swatch is Swatch.SQUARE:
        painter.setPen(QPen(colour, 1.3))
        painter.drawRect(QRectF(middle.x() - 3.5, middle.y() - 3.5, 7.0, 7.0))
    elif swatch is Swatch.CROSS:
        painter.setPen(QPen(colour, 1.3))
        x, y = middle.x(), middle.y()
        painter.drawLines([QLineF(x - 3.5, y - 3.5, x + 3.5, y + 3.5), QLineF(x - 3.5, y + 3.5, x + 3.5, y - 3.5)])
    elif swatch is Swatch.BLOCK:
        painter.fillRect(QRectF(middle.x() - 5.0, middle.y() - 4.0, 10.0, 8.0), colour)
    painter.restore()
