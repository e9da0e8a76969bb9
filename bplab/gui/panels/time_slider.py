"""The line of time: a slider over the updates of a run, with its epochs and what happened on the way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from ..session import Session
from ..theme import GRID, Theme
from ..time_machine import TimeMachine
from .time_marks import Mark, Stretch, What, marks_of, stretches_of

RADIUS, EDGE = 6.0, 9.0
LEAST_TICKS_APART = 6.0
"""Pixels between two ends of epochs."""
NEAR = 5.0
"""Pixels from a mark at which its words are told."""
MOST = 2**31 - 1
"""What a slider of Qt's can count to."""


class TimeSlider(QSlider):
    """Where the time machine looks; a click, a drag and the keys take it elsewhere."""

    def __init__(self, session: Session, machine: TimeMachine, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._session, self._machine, self._theme = session, machine, theme
        self._stretches: list[Stretch] = []
        self._marks: list[Mark] = []
        self._shows = False
        self.setAccessibleName("Time: update that is looked at")
        self.setToolTip("Drag to look at any update of this run; the run itself goes on as it did")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.valueChanged.connect(self._on_value_changed)
        theme.changed.connect(self.update)
        self.follow()

    def follow(self) -> None:
        """Show where the machine looks, and how far the run has come."""
        run, machine = self._session.run, self._machine
        newest = machine.newest
        self._stretches = stretches_of(run) if run is not None else []
        self._marks = marks_of(run) if run is not None else []
        self._shows = True
        self.setEnabled(newest > 0)
        self.setRange(0, max(1, min(newest, MOST)))
        self.setPageStep(run.record.stride if run is not None else 1)
        self.setValue(min(newest if machine.asked is None else machine.asked, MOST) if newest else self.maximum())
        self._shows = False
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as there is room."""
        return QSize(30 * GRID, 3 * GRID)

    def minimumSizeHint(self) -> QSize:
        """Wide enough to be of use."""
        return QSize(12 * GRID, 3 * GRID)

    # -- mouse and keys ---------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go there."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._go(event.position().x())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along."""
        if self.isSliderDown():
            self._go(event.position().x())
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stay there."""
        self.setSliderDown(False)
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Who scrolls over it does not mean it."""
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """An update back or on, a row with Page Up and Page Down, the start, and the end, which is now."""
        machine, key = self._machine, event.key()
        if event.modifiers() & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.ControlModifier):
            event.ignore()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Down):
            machine.go_by(-1)
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Up):
            machine.go_by(1)
        elif key in (Qt.Key.Key_PageDown, Qt.Key.Key_PageUp):
            machine.go_by_row(-1 if key == Qt.Key.Key_PageDown else 1)
        elif key == Qt.Key.Key_Home:
            machine.go_to_start()
        elif key == Qt.Key.Key_End:
            machine.go_live()
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:
        """The tooltip tells of what is below the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent) and self.isEnabled():
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float) -> str:
        """Which update stands at ``x``, its epoch, and what happened near it."""
        updates = self.update_at(x)
        told = [mark.words for mark in self._marks if abs(self.place_of(mark.updates) - x) <= NEAR]
        stretch = next((one for one in self._stretches if updates <= one.end), None)
        epoch = f" · epoch {updates / stretch.per_epoch:,.4g}" if stretch is not None else ""
        return "\n".join([f"update {updates:,}{epoch}", *told])

    def place_of(self, updates: int) -> float:
        """Where an update stands, in pixels."""
        return EDGE + (self.width() - 2 * EDGE) * min(1.0, updates / self.maximum())

    def update_at(self, x: float) -> int:
        """Which update stands at ``x``."""
        share = (x - EDGE) / max(1.0, self.width() - 2 * EDGE)
        return round(min(1.0, max(0.0, share)) * self.maximum())

    def _go(self, x: float) -> None:
        self._machine.go_to(self.update_at(x))

    def _on_value_changed(self, value: int) -> None:
        if not self._shows:  # somebody else than the mouse and the keys: what helps to use a screen
            self._machine.go_to(value)

    # -- painting ---------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line, epochs below it, what happened above it, and the handle."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, middle = self._theme.colours, self.height() / 2
        line, quiet, accent = QColor(colours.line), QColor(colours.quiet), QColor(colours.accent)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(line)
        painter.drawRoundedRect(QRectF(EDGE, middle - 1.5, self.width() - 2 * EDGE, 3.0), 1.5, 1.5)
        if not self.isEnabled():
            return
        self._paint_epochs(painter, quiet, middle)
        place = self.place_of(self.value())
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(accent if self._machine.asked is not None else quiet)
        painter.drawRoundedRect(QRectF(EDGE, middle - 1.5, place - EDGE, 3.0), 1.5, 1.5)
        for mark in self._marks:
            self._paint_mark(painter, mark, middle)
        self._paint_handle(painter, QPointF(place, middle))

    def _paint_epochs(self, painter: QPainter, colour: QColor, middle: float) -> None:
        painter.setPen(QPen(colour, 1.0))
        apart = LEAST_TICKS_APART * self.maximum() / max(1.0, self.width() - 2 * EDGE)
        for stretch in self._stretches:
            for updates in stretch.ends(apart):
                x = round(self.place_of(updates)) + 0.5
                painter.drawLine(QPointF(x, middle + 4.0), QPointF(x, middle + 7.0))

    def _paint_mark(self, painter: QPainter, mark: Mark, middle: float) -> None:
        """A wedge for a change by hand, a fork's node, a bar where the run ended."""
        colours, x = self._theme.colours, self.place_of(mark.updates)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colours.warning if mark.what is What.END else colours.text))
        if mark.what is What.CHANGE:
            points = (QPointF(x - 3.0, middle - 8.5), QPointF(x + 3.0, middle - 8.5), QPointF(x, middle - 3.5))
            painter.drawPolygon(QPolygonF(points))
        elif mark.what is What.END:
            painter.drawRect(QRectF(x - 1.0, middle - 8.5, 2.0, 7.0))
        else:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.text), 1.4))
            painter.drawLine(QPointF(x, middle), QPointF(x + 5.0, middle - 7.0))
            painter.setBrush(QColor(colours.panel))
            painter.drawEllipse(QPointF(x, middle), 2.6, 2.6)

    def _paint_handle(self, painter: QPainter, centre: QPointF) -> None:
        """Full in the past, hollow at the run as it is now."""
        colours = self._theme.colours
        past = self._machine.asked is not None
        painter.setPen(QPen(QColor(colours.accent if past or self.hasFocus() else colours.quiet), 2.0))
        painter.setBrush(QColor(colours.accent if past else colours.raised))
        painter.drawEllipse(centre, RADIUS, RADIUS)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(colours.accent), 1.0))
            painter.drawEllipse(centre, RADIUS + 2.5, RADIUS + 2.5)
