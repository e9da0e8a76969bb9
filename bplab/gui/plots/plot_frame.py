"""What every plot has around its drawing: title and controls, a readout, a menu to take it away, and a pause.

A plot draws only while it can be seen, in its turn, and never while it is paused.
"""

from __future__ import annotations

from typing import ClassVar

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QHideEvent,
    QPainter,
    QPalette,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QToolButton, QVBoxLayout, QWidget

from bplab.gui.session import Session
from bplab.gui.theme import GRID, Theme, tabular
from bplab.lab.experiment import Experiment

from .controls import QuietText
from .export import SHARPNESS, Column
from .plot_menu import PlotMenu
from .readout import Readout
from .time_axis import TimeAxis
from .view import DrawingView


class PlotFrame(QWidget):
    """A header, a readout and a drawing; a subclass adds its items in the constructor, then calls :meth:`start`."""

    title: ClassVar[str]
    empty_text: ClassVar[str]

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.theme = session, theme
        self.time = TimeAxis.of(session)
        self.names: list[str] = []
        self.colours: list[QColor] = []
        self.paused = False
        self._build()

    # -- for subclasses -----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw what is new, if anyone can see it."""
        raise NotImplementedError

    def redraw(self) -> None:
        """Draw again, though nothing has moved."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        raise NotImplementedError

    def describe(self, experiment: Experiment) -> str:
        """The quiet half of the title: what the quantity is, and its unit."""
        raise NotImplementedError

    def table(self) -> list[Column]:
        """The numbers behind the plot; nothing where nothing is drawn."""
        raise NotImplementedError

    def hold(self, paused: bool) -> None:
        """The plot is paused, or goes on."""

    def lines(self) -> list[pg.PlotCurveItem]:
        """The curves."""
        return []

    # -- what is there for them ---------------------------------------------------------------------------

    def start(self) -> None:
        """Follow session and theme, from now on."""
        session = self.session
        session.ticked.connect(self._on_ticked)
        session.run_changed.connect(self.refresh)
        session.experiment_changed.connect(self._on_experiment_changed)
        self.theme.changed.connect(self._on_theme_changed)
        self._look()
        self.refresh()

    def is_seen(self) -> bool:
        """False where drawing would be for nobody."""
        return self.isVisible() and not self.window().isMinimized()

    def shown_experiment(self) -> Experiment:
        """That of the run; before a run, the edited one."""
        run = self.session.run
        return run.experiment if run is not None else self.session.experiment

    def small_font(self) -> QFont:
        """For ticks and labels."""
        font = tabular(self.font())
        font.setPointSizeF(max(6.0, 0.85 * font.pointSizeF()))
        return font

    def colour(self, name: str, alpha: float = 1.0) -> QColor:
        """One of the theme's colours."""
        found = QColor(getattr(self.theme.colours, name))
        found.setAlphaF(alpha)
        return found

    def line_width(self) -> float:
        """Of a curve, in the screen's own pixels: pens of pyqtgraph know no others, and sharp screens have more."""
        return self.theme.line_width * self.devicePixelRatioF()

    def thin_pen(self, name: str, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
        """For a line that is no curve, in one of the theme's colours."""
        pen: QPen = pg.mkPen(self.colour(name), width=self.devicePixelRatioF(), style=style)
        return pen

    def show_drawing(self, drawn: bool) -> None:
        """Show the drawing, or what there is to say where there is none."""
        self._pages.setCurrentWidget(self.view if drawn else self._empty)

    def say_empty(self, text: str) -> None:
        """Why there is no drawing and what brings one."""
        self._empty.setText(text)

    def tell_about(self) -> None:
        """Write the quiet half of the title."""
        about = self.describe(self.shown_experiment())
        if about != self._about.text:
            self._about.set_text(about)
            self._title.setToolTip(f"{self.title}: {about}")

    def add_control(self, control: QWidget) -> None:
        """Put a control into the header."""
        self._header.insertWidget(2, control)

    def add_passing_button(self, text: str, said: str, tip: str) -> QToolButton:
        """A button in the header that is there only while there is something to take back."""
        button = QToolButton()
        button.setText(text)
        button.setAutoRaise(True)
        button.setAccessibleName(f"{self.title}: {said}")
        button.setToolTip(tip)
        button.hide()
        self._header.insertWidget(self._header.count() - 1, button)
        return button

    def set_paused(self, paused: bool) -> None:
        """Hold the drawing while the run goes on, or let it follow again."""
        if paused == self.paused:
            return
        self.paused = paused
        self._paused_button.setVisible(paused)
        self.menu.pause_action.setChecked(paused)
        self.hold(paused)
        self.redraw()

    # -- following ----------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        if not self.session.is_training or self.time.is_due(self):
            self.refresh()

    def event(self, event: QEvent) -> bool:
        """On a sharper screen lines have more pixels."""
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._on_theme_changed()
        return super().event(event)

    def _on_experiment_changed(self) -> None:
        """The edit is seen first: while a run trains there is a tick at once, and each plot follows in its turn."""
        if not self.session.is_training:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while nobody looked is drawn now."""
        super().showEvent(event)
        self.time.join(self)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        """Others may have its turn."""
        super().hideEvent(event)
        self.time.leave(self)

    def _on_paused_button(self) -> None:
        self.set_paused(False)

    # -- taking it away -----------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu of the ⋯ button, where the mouse is."""
        self.menu.popup(event.globalPos())

    def _on_more(self) -> None:
        self.menu.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def draw_sheet(self, painter: QPainter, rect: QRectF) -> None:
        """Title, readout and drawing, on their ground, for a picture of the plot."""
        painter.fillRect(rect, self.colour("ground"))
        bold, metrics = self._title.font(), QFontMetricsF(self._title.font())
        line = metrics.height() + 4
        painter.setFont(bold)
        painter.setPen(self.colour("text"))
        painter.drawText(rect.adjusted(GRID, 4, 0, 0), 0, self.title)
        painter.setFont(self.font())
        painter.setPen(self.colour("quiet"))
        painter.drawText(rect.adjusted(2 * GRID + metrics.horizontalAdvance(self.title), 4, 0, 0), 0, self._about.text)
        painter.setFont(self.readout.font())
        place = QRectF(GRID, line, rect.width() - 2 * GRID, line)
        self.readout.draw(painter, place, self.theme.colours)
        self.view.render(painter, QRectF(0, 2 * line, rect.width(), rect.height() - 2 * line))

    def draw_picture(self, painter: QPainter, rect: QRectF) -> None:
        """The same with smooth lines, as wide as a picture of so many pixels needs them."""
        self._draw_with_lines(painter, rect, SHARPNESS, smooth=True)

    def draw_drawing(self, painter: QPainter, rect: QRectF) -> None:
        """The same for what has no pixels."""
        self._draw_with_lines(painter, rect, 1.0, smooth=False)

    def _draw_with_lines(self, painter: QPainter, rect: QRectF, pixels: float, *, smooth: bool) -> None:
        """With curves for a device that has so many pixels where the window has one; then as they were."""
        pens = [QPen(curve.opts["pen"]) for curve in self.lines()]
        for curve, pen in zip(self.lines(), pens, strict=True):
            wide = QPen(pen)
            wide.setWidthF(pixels * self.theme.line_width)
            curve.setData(*curve.getData(), pen=wide, antialias=smooth)
        self.draw_sheet(painter, rect)
        for curve, pen in zip(self.lines(), pens, strict=True):
            curve.setData(*curve.getData(), pen=pen, antialias=False)

    # -- look ---------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.setAccessibleName(f"{self.title} plot")
        self.setAutoFillBackground(True)
        self.setMinimumSize(200, 120)
        self.view = DrawingView(self)
        self.view.setAccessibleName(self.title)
        self.readout = Readout(self.theme, self)
        self.readout.setAccessibleName(f"{self.title}: numbers")
        self._empty = QLabel(self.empty_text)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setWordWrap(True)
        area = QWidget()
        self._pages = QStackedLayout(area)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self.view)
        column = QVBoxLayout(self)
        column.setContentsMargins(GRID, GRID // 2, 0, GRID // 2)
        column.setSpacing(0)
        column.addWidget(self._make_header())
        column.addWidget(self.readout)
        column.addWidget(area, 1)

    def _make_header(self) -> QWidget:
        self._title = QLabel(self.title)
        self._about = QuietText(self.theme)
        self.menu = PlotMenu(self)
        self._more = more = QToolButton()
        more.setText("⋯")
        more.setAutoRaise(True)
        more.clicked.connect(self._on_more)
        more.setAccessibleName(f"{self.title}: copy, save, pause")
        more.setToolTip("Copy, save or pause this plot")
        self.header = QWidget()
        """Title and controls; whoever shows the plot may put them into a title bar of its own."""
        self._header = QHBoxLayout(self.header)
        self._header.setContentsMargins(0, 0, 0, 0)
        self._header.setSpacing(GRID)
        self._header.addWidget(self._title)
        self._header.addWidget(self._about, 1)
        self._header.addWidget(more)
        self._paused_button = self.add_passing_button("paused", "go on", "Paused: follow the run again")
        self._paused_button.clicked.connect(self._on_paused_button)
        return self.header

    def _look(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, self.colour("ground"))
        palette.setColor(QPalette.ColorRole.WindowText, self.colour("text"))
        self.setPalette(palette)
        quiet = self._empty.palette()
        quiet.setColor(QPalette.ColorRole.WindowText, self.colour("quiet"))
        self._empty.setPalette(quiet)
        bold = QFont(self.font())
        bold.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(bold)
        half = QFontMetricsF(self.small_font()).horizontalAdvance("100 %") / 2  # which stands half outside
        self.view.ci.setContentsMargins(0, 8, max(20.0, half + 2.0), 0)
        self.view.setBackground(self.theme.colours.ground)
        self.colours = self.theme.layer_colours(len(self.names)) if self.names else []
        self.restyle()

    def _on_theme_changed(self) -> None:
        self._look()
        self.redraw()
