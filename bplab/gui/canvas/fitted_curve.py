"""The fitted curve: what the network answers along its one input, through the samples that it learns from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPaintEvent, QPen, QPixmap, QPolygonF, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QToolTip, QWidget

from bplab.engine import InputError
from bplab.gui.numbers import short_text
from bplab.gui.plots.scales import Ticks, linear_ticks
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.live import LiveView
from bplab.lab.problem import Problem

from .film_rings import Rings, paint_rings
from .images import sprite
from .look import Look
from .markers import MOST_POINTS, paint_marker, shape
from .pace import Pace
from .tips import as_plain

MOST_STEPS, LEAST_STEPS, PRODUCTS = 400, 50, 4_000_000
"""Places along the input at which the network is asked: fewer for a network with many parameters."""
MARGIN, TICK, MARKER, AIR = 8.0, 4.0, 7.0, 0.05
NO_CURVE = "The data is no number to learn from one input, so there is no curve to draw."

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class _Range:
    """What the picture covers, with some air around the samples."""

    low: QPointF
    high: QPointF

    @classmethod
    def of(cls, problem: Problem) -> _Range:
        ends = []
        for train, test in (
            (problem.train_inputs, problem.test_inputs),
            (problem.train_targets, problem.test_targets),
        ):
            values = np.concatenate([train[:, 0], test[:, 0]])
            low, high = float(values.min()), float(values.max())
            air = AIR * (high - low) or 1.0
            ends.append((low - air, high + air))
        return cls(QPointF(ends[0][0], ends[1][0]), QPointF(ends[0][1], ends[1][1]))

    def places(self, x: NDArray[np.floating], y: NDArray[np.floating], frame: QRectF) -> Floats:
        """Where ``x`` and ``y``, each ``(n,)``, lie in ``frame``, in pixels ``(n, 2)``."""
        across = (x - self.low.x()) / (self.high.x() - self.low.x())
        up = (y - self.low.y()) / (self.high.y() - self.low.y())
        return np.column_stack((frame.left() + across * frame.width(), frame.bottom() - up * frame.height()))


class FittedCurve(QWidget):
    """Follows a session whose data is one number to learn from one input; says so where it is not."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._live: LiveView | None = None
        self._range: _Range | None = None
        self._points: QPixmap | None = None
        self._look = Look(theme, self.font(), 1)
        self._rings: Rings | None = None
        self._shown_updates = -1
        self._pace = Pace(0.1)
        self.inputs: Floats = np.empty(0)
        self.answers: Floats = np.empty(0)
        """What the network answers at ``inputs``, each ``(n,)``."""
        self.setObjectName("fitted_curve")
        self.setAccessibleName("Fitted curve")
        self.setMinimumSize(160, 180)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        session.ticked.connect(self._on_ticked)
        theme.changed.connect(self._on_theme_changed)

    def sizeHint(self) -> QSize:
        """As the surface, in whose place it stands."""
        return QSize(300, 380)

    def mark(self, rings: Rings | None) -> None:
        """Mark some samples, given by input and target; None for no more."""
        self._rings = rings
        self.update()

    # -- following --------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        if self.isVisible() and self._measure():
            self.update()

    def _on_theme_changed(self) -> None:
        self._look = Look(self._theme, self.font(), 1)
        self._points = None
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self._measure()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The samples move."""
        super().resizeEvent(event)
        self._points = None

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._on_theme_changed()

    def _measure(self) -> bool:
        """Ask the network anew if there is anything new; True if the picture changed."""
        live = self._present()
        if live is None:
            changed, self._live = self._live is not None, None
            return changed
        if live is not self._live:
            self._show_data(live)
        elif self._shown_updates == live.updates or (self._session.is_moving and not self._pace.due()):
            return False
        self._shown_updates = live.updates
        with self._pace.work(), np.errstate(all="ignore"):  # of a network that diverges the run speaks
            self.answers = live.network.predict(self.inputs[:, np.newaxis])[:, 0].astype(np.float64)
        return True

    def _present(self) -> LiveView | None:
        try:
            return self._session.live if self._session.problem.split.is_curve else None
        except InputError:
            return None  # the canvas beside it says what is wrong

    def _show_data(self, live: LiveView) -> None:
        if self._live is None or live.problem is not self._live.problem:
            self._range, self._points = _Range.of(live.problem), None
        self._live = live
        assert self._range is not None
        steps = max(LEAST_STEPS, min(MOST_STEPS, PRODUCTS // max(live.network.parameters.size, 1)))
        self.inputs = np.linspace(self._range.low.x(), self._range.high.x(), steps)
        samples = f"{len(live.problem.train_inputs):,} training and {len(live.problem.test_inputs):,} test samples"
        name = live.problem.shape.input_names[0]
        self.setAccessibleDescription(f"The network's answer along {name}, with {samples}.")

    # -- painting ---------------------------------------------------------------------------------------

    def frame(self) -> QRectF:
        """The rectangle of the picture."""
        line = self._look.small_metrics.height()
        left = self._look.small_metrics.horizontalAdvance("−0.55") + TICK + MARGIN
        room = QRectF(self.rect()).adjusted(left, 2 * MARGIN, -MARGIN, -(3 * line + TICK + 3 * MARGIN))
        high = min(room.height(), room.width())
        return QRectF(room.left(), room.top() + 0.5 * (room.height() - high), room.width(), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Samples, axes, legend, and the curve over all."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.ground)
            if self._live is None or self._range is None:
                painter.setPen(self._look.quiet)
                room = self.rect().adjusted(16, 16, -16, -16)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, NO_CURVE)
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            frame = self.frame()
            self._paint_axes(painter, frame, self._range)
            if self._points is None:
                self._points = sprite(self.width(), self.height(), self.devicePixelRatioF(), self._paint_samples)
            painter.drawPixmap(0, 0, self._points)
            painter.setClipRect(frame)
            painter.setPen(QPen(self._look.accent, 2.0))
            painter.drawPolyline(self._polygon(frame, self._range))
            if self._rings is not None:
                points = self._rings.points
                places = self._range.places(points[:, 0], points[:, 1], frame)
                paint_rings(painter, self._look, places, self._rings.chosen)

    def _polygon(self, frame: QRectF, covered: _Range) -> QPolygonF:
        """The curve; far outside it is cut off, for Qt draws no infinite lines."""
        reach = covered.high.y() - covered.low.y()
        shown = np.clip(np.nan_to_num(self.answers), covered.low.y() - reach, covered.high.y() + reach)
        return QPolygonF([QPointF(x, y) for x, y in covered.places(self.inputs, shown, frame).tolist()])

    def _paint_axes(self, painter: QPainter, frame: QRectF, covered: _Range) -> None:
        look, line = self._look, self._look.small_metrics.height()
        across: Ticks = linear_ticks(covered.low.x(), covered.high.x(), frame.width(), 48.0)
        up: Ticks = linear_ticks(covered.low.y(), covered.high.y(), frame.height(), 40.0)
        painter.setFont(look.small_font)
        for value, text in across:
            x = covered.places(np.array([value]), np.array([covered.low.y()]), frame)[0, 0]
            painter.setPen(look.quiet)
            place = QRectF(x - 40, frame.bottom() + TICK - 1, 80, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text.replace("-", "−"))
        for value, text in up:
            y = covered.places(np.array([covered.low.x()]), np.array([value]), frame)[0, 1]
            painter.setPen(QPen(look.line, 1.0))
            painter.drawLine(QPointF(frame.left(), y), QPointF(frame.right(), y))
            painter.setPen(look.quiet)
            place = QRectF(0, y - 0.5 * line, frame.left() - TICK, line)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text.replace("-", "−"))
        painter.setPen(QPen(look.line, 1.0))
        painter.drawRect(frame)

    def _paint_samples(self, painter: QPainter) -> None:
        """The samples, and below the name of the input and the legend: what only another size or data changes."""
        assert self._live is not None
        assert self._range is not None
        problem, look, frame = self._live.problem, self._look, self.frame()
        line, path = look.small_metrics.height(), shape(0, MARKER - 1.0)
        for inputs, targets, test in (
            (problem.test_inputs, problem.test_targets, True),
            (problem.train_inputs, problem.train_targets, False),
        ):
            places = self._range.places(inputs[:MOST_POINTS, 0], targets[:MOST_POINTS, 0], frame)
            for x, y in places.tolist():
                paint_marker(painter, QPointF(x, y), path, look.quiet, self._theme, test)
        painter.setFont(look.small_font)
        painter.setPen(look.text)
        below = QRectF(frame.left(), frame.bottom() + TICK + line, frame.width(), line)
        name = look.small_metrics.elidedText(problem.shape.input_names[0], Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignHCenter, name)
        self._paint_legend(painter, QPointF(frame.left(), below.bottom() + MARGIN), bool(len(problem.test_inputs)))

    def _paint_legend(self, painter: QPainter, corner: QPointF, has_test: bool) -> None:
        look, line, x = self._look, self._look.small_metrics.height(), corner.x()
        middle = corner.y() + 0.5 * line
        for name in ("network", "train", *(["test"] if has_test else [])):
            if name == "network":
                painter.setPen(QPen(look.accent, 2.0))
                painter.drawLine(QPointF(x, middle), QPointF(x + 14.0, middle))
                x += 8.0
            else:
                centre = QPointF(x + 0.5 * MARKER, middle)
                paint_marker(painter, centre, shape(0, MARKER), look.quiet, self._theme, name == "test")
            x += MARKER + 5.0
            painter.setPen(look.quiet)
            wide = look.small_metrics.horizontalAdvance(name) + 2.0
            painter.drawText(QRectF(x, corner.y(), wide, line), Qt.AlignmentFlag.AlignVCenter, name)
            x += wide + 8.0

    # -- asking -----------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """The tooltip reads the network's answer at the input under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.answer_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), as_plain(text), self)
            return True
        return super().event(event)

    def answer_at(self, place: QPointF) -> str:
        """The input under a place of the widget, and what the network answers there; empty outside."""
        if self._live is None or self._range is None or not self.frame().contains(place):
            return ""
        share = (place.x() - self.frame().left()) / self.frame().width()
        value = self._range.low.x() + share * (self._range.high.x() - self._range.low.x())
        answer = float(self._live.network.predict(np.array([[value]]))[0, 0])
        name = self._live.problem.shape.input_names[0]
        return f"{name} {short_text(value)}\nanswer {short_text(answer)}".replace("-", "−")
