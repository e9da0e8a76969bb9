"""The decision surface: what the network answers at every point of the plane, with the samples on it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QToolTip, QWidget

from bplab.data import REACH
from bplab.engine import InputError
from bplab.gui.focus import Focus
from bplab.gui.numbers import short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.live import LiveView
from bplab.lab.problem import Problem

from .film_rings import Rings, paint_ring, paint_rings
from .images import image_of
from .look import Look
from .markers import PointsPicture, place_of
from .pace import Pace
from .plane_grid import PlaneGrid
from .sample_choice import choose, place_of_choice, sample_at
from .surface_legend import SurfaceLegend
from .surface_values import ValueColours
from .tips import as_plain

SIDE, LEAST_SIDE = 64, 24
"""Cells along an edge; the picture is smoothed between them."""
TICKS = (-6, -3, 0, 3, 6)
MARGIN, TICK = 8.0, 4.0
NO_PLANE = "The samples are not points in the plane, so there is no surface to draw."


@dataclass(frozen=True, eq=False, slots=True)
class _Dress:
    """What depends on data, theme and font alone."""

    problem: Problem
    colours: ValueColours
    points: PointsPicture
    legend: SurfaceLegend

    @classmethod
    def of(cls, problem: Problem, theme: Theme, look: Look) -> _Dress:
        colours = ValueColours(problem, theme)
        points = PointsPicture(problem.split, colours, theme)
        return cls(problem, colours, points, SurfaceLegend(problem, colours, theme, look))


class DecisionSurface(QWidget):
    """Follows a session whose data lies in the plane; says so where it does not."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._grid: PlaneGrid | None = None
        self._dress: _Dress | None = None
        self._look = Look(theme, self.font(), 1)
        self._shown_updates = -1
        self._axis: float | None = None
        self._rings: Rings | None = None
        self._focus = Focus.of(session)
        self._image = QImage()
        self._pace = Pace(0.1)
        self.setObjectName("decision_surface")
        self.setAccessibleName("Decision surface")
        self.setMinimumSize(160, 180)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        session.ticked.connect(self._on_ticked)
        theme.changed.connect(self._on_theme_changed)
        self._focus.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """A square with its legend."""
        return QSize(300, 380)

    def set_axis(self, y: float) -> None:
        """Keep the middle of the plane at this height, if there is room, to stand in line with what is beside it."""
        self._axis = y
        self.update()

    def mark(self, rings: Rings | None) -> None:
        """Mark some samples, at points of the plane; None for no more."""
        self._rings = rings
        self.update()

    # -- following --------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        if self.isVisible() and self._measure():
            self.update()

    def _on_theme_changed(self) -> None:
        self._look = Look(self._theme, self.font(), 1)
        self._grid, self._dress = None, None
        if self.isVisible():
            self._measure()
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self._measure()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._on_theme_changed()

    def _measure(self) -> bool:
        """Take a new picture if there is anything new; True if it changed."""
        live = self._live()
        if live is None:
            changed, self._grid = self._grid is not None, None
            return changed
        if self._grid is None or self._grid.live is not live:
            self._grid = PlaneGrid(live, SIDE, LEAST_SIDE)
        elif self._shown_updates == live.updates or (self._session.is_moving and not self._pace.due()):
            return False
        self._shown_updates = live.updates
        with self._pace.work():
            self._take_picture(self._grid, self._dressed(live.problem).colours)
        return True

    def _take_picture(self, grid: PlaneGrid, colours: ValueColours) -> None:
        with np.errstate(all="ignore"):  # a network that diverges has no colour, and the run says so
            grid.measure()
            outputs = grid.outputs(len(grid.live.network.layers) - 1)
            self._image = image_of(colours.pixels(outputs).reshape(grid.side, grid.side))

    def _live(self) -> LiveView | None:
        try:
            return self._session.live if self._session.experiment.data.plane else None
        except InputError:
            return None  # the canvas beside it says what is wrong

    def _dressed(self, problem: Problem) -> _Dress:
        if self._dress is None or self._dress.problem is not problem:
            self._dress = _Dress.of(problem, self._theme, self._look)
            self.setAccessibleDescription(self._description(problem))
        return self._dress

    @staticmethod
    def _description(problem: Problem) -> str:
        reach = f"over x and y from −{REACH:g} to {REACH:g}"
        samples = f"{len(problem.train_inputs):,} training and {len(problem.test_inputs):,} test samples"
        answers = ", ".join(problem.shape.class_names) or "one number"
        return f"The network's answer ({answers}) {reach}, with {samples}."

    # -- painting ---------------------------------------------------------------------------------------

    def frame(self) -> QRectF:
        """The square that shows the plane."""
        line = self._look.small_metrics.height()
        left, below = self._tick_width() + TICK + 2.0, line + TICK
        wide = self.width() - MARGIN - left - MARGIN
        legend = (self._dress.legend.height(wide) if self._dress else 0.0) + MARGIN
        side = max(min(wide, self.height() - 2 * MARGIN - below - legend), 40.0)
        spare = max(self.height() - 2 * MARGIN - side - below - legend, 0.0)
        above = 0.5 * spare if self._axis is None else min(max(self._axis - 0.5 * side - MARGIN, 0.0), spare)
        x = left + MARGIN + 0.5 * (wide - side)
        return QRectF(round(x), round(MARGIN + above), round(side), round(side))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Surface, samples, axes and legend."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.ground)
            if self._grid is None or self._dress is None:
                painter.setPen(self._look.quiet)
                room = self.rect().adjusted(16, 16, -16, -16)
                painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, NO_PLANE)
                return
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            frame = self.frame()
            painter.drawImage(frame, self._image)
            painter.drawPixmap(
                frame.topLeft(), self._dress.points.picture(frame.size().toSize(), self.devicePixelRatioF())
            )
            if self._rings is not None:
                paint_rings(painter, self._look, place_of(self._rings.points, frame), self._rings.chosen)
            elif (chosen := place_of_choice(self._focus, self._dress.problem.split, frame)) is not None:
                paint_ring(painter, self._look.colours, chosen)
            painter.setPen(QPen(self._look.line, 1.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(frame.adjusted(-0.5, -0.5, 0.5, 0.5))
            self._paint_axes(painter, frame)
            below = frame.bottom() + TICK + self._look.small_metrics.height() + MARGIN
            self._dress.legend.paint(painter, QRectF(frame.left(), below, frame.width(), self.height() - below))

    def _paint_axes(self, painter: QPainter, frame: QRectF) -> None:
        look, line = self._look, self._look.small_metrics.height()
        painter.setFont(look.small_font)
        painter.setPen(look.quiet)
        for tick in TICKS:
            share = 0.5 + 0.5 * tick / REACH
            x, y = frame.left() + share * frame.width(), frame.bottom() - share * frame.height()
            text = str(tick).replace("-", "−")
            below = QRectF(x - 20, frame.bottom() + TICK - 1, 40, line)
            beside = QRectF(frame.left() - 40 - TICK, y - 0.5 * line, 40, line)
            painter.drawText(below, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, text)
            painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    def _tick_width(self) -> float:
        return self._look.small_metrics.horizontalAdvance("−6")

    # -- asking -----------------------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Over a training sample it may be clicked."""
        over = self._sample_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a training sample looks at that one."""
        if event.button() == Qt.MouseButton.LeftButton:
            choose(self._focus, self._sample_at(event.position()))

    def _sample_at(self, place: QPointF) -> int | None:
        return sample_at(self._dress.problem.split, self.frame(), place) if self._dress and self._grid else None

    def event(self, event: QEvent) -> bool:
        """The tooltip reads the network's answer at the point under the mouse."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            text = self.answer_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), as_plain(text), self)
            return True
        return super().event(event)

    def answer_at(self, place: QPointF) -> str:
        """The coordinates under a place of the widget, and what the network answers there; empty outside."""
        if self._grid is None or not self.frame().contains(place):
            return ""
        frame, live = self.frame(), self._grid.live
        x = REACH * (2 * (place.x() - frame.left()) / frame.width() - 1)
        y = REACH * (2 * (frame.bottom() - place.y()) / frame.height() - 1)
        answer = live.surface(np.array([[x, y]]))[0]
        numbers = ", ".join(short_text(float(value)) for value in answer)
        text = f"x {x:.2f}, y {y:.2f}\nanswer {numbers}"
        code = live.problem.code
        if code is not None:
            text += f"\n→ {live.problem.shape.class_names[int(code.decode(answer[None])[0])]}"
        return text.replace("-", "−")
