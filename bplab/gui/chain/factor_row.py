"""One factor of a gradient: its symbol, its size, and a bar on a log axis against the size that would be healthy.

The bar is filled up to the factor's size as a share of the healthy one; what is hatched is missing. The one that holds
the gradient up most is marked in words, by a pointer and by a heavier bar.
"""

from __future__ import annotations

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from bplab.lab.explaining import Explanation, Factor
from bplab.lab.explaining.equations import plain_number

from ..panels.bar_parts import caption_font
from ..theme import GRID, Theme, tabular
from .factor_axis import EDGE, Axis
from .typeset import outline, paint_piece
from .words import MEANINGS, name_of, symbol_of

BAR, MARKED_BAR, HATCH = 8.0, 12.0, 5.0
_MARKS = {"none": "the smallest", "converged": "little left", "exploding": "the largest"}


class FactorRow(QAbstractButton):
    """A button that lights up where its factor comes from; pressed again it puts the light out."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._told: Explanation | None = None
        self._symbol, self._name, self._size = "", "", ""
        self._axis = Axis()
        self.factor: Factor | None = None
        self.marked = False
        self.setCheckable(True)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_factor(self, factor: Factor, told: Explanation, axis: Axis) -> None:
        """Show another factor, or another size of it."""
        self.factor, self._told, self._axis = factor, told, axis
        self._symbol, self._name = symbol_of(factor, told), name_of(factor, told)
        self._size = f"{plain_number(factor.size)} of {plain_number(factor.healthy)}"
        self.marked = factor.name == told.marked
        sizes = f"{plain_number(factor.size)}, healthy is {plain_number(factor.healthy)}"
        self.setAccessibleName(f"{self._name}: {sizes}{f', {self.mark}' if self.marked else ''}")
        lit = "Click to put the light out" if self.isChecked() else "Click to light up where it comes from"
        self.setToolTip(f"{self._name[0].upper()}{self._name[1:]}: {MEANINGS[factor.name]}.\n{lit}")
        self.update()

    @property
    def mark(self) -> str:
        """What is said of the marked factor."""
        cause = self._told.dominant if self._told is not None else "none"
        return _MARKS.get(cause, "holds it up")

    # -- size and keys ----------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """A line of text above the bar."""
        return QSize(30 * GRID, round(self._line + MARKED_BAR + 12.0))

    def minimumSizeHint(self) -> QSize:
        """Any width will do."""
        return QSize(20 * GRID, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter does what Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    @property
    def _line(self) -> float:
        return QFontMetricsF(self.font()).height() + 2.0

    # -- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line of text, the bar, and what says that it is lit, focused or under the mouse."""
        if self.factor is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_ground(painter)
            self._paint_text(painter)
            self._paint_bar(painter, self.factor)

    def _paint_ground(self, painter: QPainter) -> None:
        colours = self._theme.colours
        around = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.isChecked() or self.underMouse():
            veil = QColor(colours.accent if self.isChecked() else colours.text)
            veil.setAlphaF(0.10 if self.isChecked() else 0.05)
            painter.setPen(QPen(QColor(colours.accent), 1.5) if self.isChecked() else Qt.PenStyle.NoPen)
            painter.setBrush(veil)
            painter.drawRoundedRect(around, 4, 4)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 1.0, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(around, 4, 4)

    def _paint_text(self, painter: QPainter) -> None:
        colours, metrics = self._theme.colours, QFontMetricsF(self.font())
        baseline, x = 4.0 + metrics.ascent(), EDGE
        text, size = QColor(colours.text), 1.15 * metrics.height() * 0.8
        if self._symbol:
            paint_piece(painter, self._symbol, QPointF(x, baseline), size, text)
            x += size * outline(self._symbol).advance + GRID
        number = tabular(self.font())
        number.setWeight(QFont.Weight.DemiBold if self.marked else QFont.Weight.Normal)
        painter.setFont(number)
        painter.setPen(text)
        wide = QFontMetricsF(number).horizontalAdvance(self._size) + 2.0
        right = self.width() - EDGE
        painter.drawText(QPointF(right - wide, baseline), self._size)
        room = right - wide - GRID - x
        small = caption_font(self.font())
        small.setWeight(QFont.Weight.DemiBold if self.marked else QFont.Weight.Normal)
        metrics = QFontMetricsF(small)
        name = f"{self._name} ◀ {self.mark}" if self.marked else self._name
        if self.marked and metrics.horizontalAdvance(name) > room:
            name = f"◀ {self.mark}"
        painter.setFont(small)
        painter.setPen(QColor(colours.text if self.marked else colours.quiet))
        if room > 2 * GRID:
            painter.drawText(QPointF(x, baseline), metrics.elidedText(name, Qt.TextElideMode.ElideRight, room))

    def _paint_bar(self, painter: QPainter, factor: Factor) -> None:
        colours, axis = self._theme.colours, self._axis
        high = MARKED_BAR if self.marked else BAR
        left, wide = EDGE, self.width() - 2 * EDGE
        middle = 4.0 + self._line + 0.5 * MARKED_BAR
        healthy, reached = left + wide * axis.share(0.0), left + wide * axis.share(factor.shortfall)
        track = QRectF(left, middle - 0.5 * high, healthy - left, high)
        fill = QRectF(left, track.top(), reached - left, high)
        quiet, ink = QColor(colours.quiet), QColor(colours.warning if self.marked and self._is_bad else colours.quiet)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colours.line), 1.0))
        painter.drawRect(track)
        _paint_hatch(painter, QRectF(QPointF(max(reached, left), track.top()), track.bottomRight()), ink)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawRect(fill)
        painter.setPen(QPen(QColor(colours.text), 1.5))
        reach = 0.5 * MARKED_BAR + 1
        painter.drawLine(QPointF(healthy, middle - reach), QPointF(healthy, middle + reach))
        painter.setPen(QPen(quiet, 1.0))
        if axis.share(factor.shortfall) <= 0.0:  # further left than the axis goes
            painter.setBrush(QColor(colours.text))
            tip = QPolygonF([QPointF(left - 6, middle), QPointF(left, middle - 4), QPointF(left, middle + 4)])
            painter.drawPolygon(tip)

    @property
    def _is_bad(self) -> bool:
        return self._told is not None and self._told.dominant not in ("none", "converged")


def _paint_hatch(painter: QPainter, room: QRectF, of: QColor) -> None:
    """Diagonal lines, for a brush with a pattern of Qt's gets lost on sharp screens; nothing where there is no room."""
    faint = QColor(of)
    faint.setAlphaF(0.55)
    painter.setPen(QPen(faint, 1.0))
    painter.save()
    painter.setClipRect(room)
    high = room.height()
    starts = range(int(room.left() - high), int(room.right()), round(HATCH))
    painter.drawLines([QLineF(x, room.bottom(), x + high, room.top()) for x in starts])
    painter.restore()
