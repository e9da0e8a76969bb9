"""What all live plots share: they follow the session, draw only what is new and seen, and can be taken away.

A plot reads the record of the session's latest run. While the window is hidden or the record has not moved it
does nothing; what it draws is bounded whatever the length of the run.
"""

from __future__ import annotations

import itertools
from typing import ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QFont, QFontMetricsF, QPainter, QPalette, QPen, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QStackedLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bplab.gui.session import Session
from bplab.gui.theme import GRID, Theme, tabular
from bplab.lab.experiment import Experiment
from bplab.lab.problem import layer_names
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .controls import QuietText
from .export import SHARPNESS, Column
from .plot_menu import PlotMenu
from .readout import Entry, Readout
from .scales import round_above, update_text, update_ticks
from .view import DrawingView, Pane

DRAW_EVERY = 2
"""While a run trains, a plot follows every second tick, and plots take turns: so all frames cost about the same."""
READ_EVERY = 2
"""Numbers in the readout change with every second redraw: faster they cannot be read."""
_turns = itertools.count()


class LivePlot(QWidget):
    """A header, a readout, and a pane over the updates of the latest run.

    A subclass adds its items in the constructor, then calls :meth:`start`.
    """

    title: ClassVar[str]
    empty_text: ClassVar[str]

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.theme = session, theme
        self.record: RunRecord | None = None
        """The record that is shown."""
        self.drawn_version = -1
        """Version of the record as it was last drawn."""
        self.names: list[str] = []
        self.colours: list[QColor] = []
        self.steps: NDArray[np.int64] = np.zeros(0, np.int64)
        """Updates of all rows of the record, as it was last drawn."""
        self.hovered: float | None = None
        """Where the mouse points, in updates."""
        self.shows_whole = True
        """False after the reader has panned or zoomed."""
        self._turn, self._beat = next(_turns), 0
        self._read_version = -1
        self._build()

    # -- for subclasses -----------------------------------------------------------------------------------

    def begin(self, record: RunRecord | None) -> None:
        """Another record: make what depends on its layers. :attr:`names` and :attr:`colours` are set."""
        raise NotImplementedError

    def restyle(self) -> None:
        """Take colours and fonts anew."""
        raise NotImplementedError

    def draw(self, record: RunRecord) -> None:
        """Show the record, which has at least one row; sets :attr:`steps`."""
        raise NotImplementedError

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """What the readout says about a row; None asks for the newest."""
        raise NotImplementedError

    def columns(self, record: RunRecord) -> list[Column]:
        """The numbers behind the plot, row by row."""
        raise NotImplementedError

    def describe(self, experiment: Experiment) -> str:
        """The quiet half of the title: what the quantity is, and its unit."""
        raise NotImplementedError

    def lines(self) -> list[pg.PlotCurveItem]:
        """The curves."""
        return []

    def point_at(self, row: int | None) -> None:
        """The reader points at a row, or at none; for what shows more than the readout does."""

    # -- what is there for them ---------------------------------------------------------------------------

    def start(self) -> None:
        """Follow session and theme, from now on."""
        session = self.session
        session.ticked.connect(self._on_ticked)
        session.run_changed.connect(self.refresh)
        session.experiment_changed.connect(self.refresh)
        self.theme.changed.connect(self._on_theme_changed)
        self._begin(session.record)
        self.refresh()

    def shown_experiment(self) -> Experiment:
        """That of the run whose record is shown; before a run, the edited one."""
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

    def visible_rows(self) -> slice:
        """Rows within the shown stretch of updates, and one to either side."""
        if self.shows_whole:
            return slice(0, len(self.steps))
        low, high = self.pane.viewRange()[0]
        first = int(np.searchsorted(self.steps, low)) - 1
        return slice(max(0, first), int(np.searchsorted(self.steps, high, side="right")) + 1)

    def follow(self, y: tuple[float, float] | None = None) -> None:
        """Show all updates so far, and ``y``, unless the reader looks at a part."""
        if self.shows_whole:
            last = float(self.steps[-1]) if len(self.steps) else 0.0
            self.pane.set_ranges((0.0, round_above(last)), y)

    # -- drawing ------------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        self._turn += 1
        if self._turn % DRAW_EVERY == 0 or not self.session.is_training:
            self.refresh()

    def refresh(self) -> None:
        """Draw the session's record if it is another one or has moved on, and if anyone can see it."""
        record = self.session.record
        if not self.isVisible() or self.window().isMinimized():
            return
        if record is not self.record:
            self._begin(record)
        self._describe()
        if record is None or not len(record):
            self._pages.setCurrentWidget(self._empty)
            return
        version = record.version
        if version != self.drawn_version:
            self.drawn_version = version
            self.draw(record)
            self._pages.setCurrentWidget(self.view)
        self._read(record, version)

    def _describe(self) -> None:
        about = self.describe(self.shown_experiment())
        if about != self._about.text:
            self._about.set_text(about)
            self._title.setToolTip(f"{self.title}: {about}")

    def redraw(self) -> None:
        """Draw again, though the record has not moved."""
        self.drawn_version = self._read_version = -1
        self.refresh()

    def show_whole(self) -> None:
        """Show the whole run again."""
        self._set_whole(True)
        self.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened while nobody looked is drawn now."""
        super().showEvent(event)
        self.refresh()

    def _begin(self, record: RunRecord | None) -> None:
        self.record = record
        self.drawn_version = self._read_version = -1
        self.steps = np.zeros(0, np.int64)
        self._point_at(None)
        self._set_whole(True)
        units = record.units if record is not None else ()
        self.names = layer_names(units) if units else []
        self.readout.show_entries(())
        self._look()
        self.begin(record)

    def _read(self, record: RunRecord, version: int) -> None:
        """Say the numbers: always at rest, now and then while they fly."""
        self._beat = (self._beat + 1) % READ_EVERY
        if version != self._read_version and (self._beat == 0 or not self.session.is_training):
            self._read_version = version
            self._say()

    def _say(self) -> None:
        record = self.record
        if record is None or not len(record):
            return
        row = self.hovered_row()
        entries = self.entries(record, row)
        if row is not None:
            entries = [Entry("update", update_text(float(self.steps[row]))), *entries]
        self.readout.show_entries(entries)
        self.point_at(row)
        if row is not None:
            self._line.setPos(float(self.steps[row]))

    # -- the mouse ----------------------------------------------------------------------------------------

    def hovered_row(self) -> int | None:
        """The row that the mouse points at."""
        steps = self.steps
        if self.hovered is None or not len(steps):
            return None
        after = min(int(np.searchsorted(steps, self.hovered)), len(steps) - 1)
        before = max(0, after - 1)
        return before if self.hovered - steps[before] < steps[after] - self.hovered else after

    def _on_hovered(self, point: QPointF) -> None:
        pane = self.pane
        inside = pane.sceneBoundingRect().contains(point) and len(self.steps) > 0
        self._point_at(float(pane.mapSceneToView(point).x()) if inside else None)
        self._say()

    def _on_left(self) -> None:
        self._point_at(None)
        self._say()

    def _point_at(self, updates: float | None) -> None:
        self.hovered = updates
        self._line.setVisible(updates is not None)

    def _on_zoomed(self) -> None:
        self._set_whole(False)
        self.redraw()

    def _set_whole(self, whole: bool) -> None:
        self.shows_whole = whole
        self._whole_button.setVisible(not whole)

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
        """The same with smooth, wider lines, for pictures of more pixels than the screen has."""
        pens = [QPen(curve.opts["pen"]) for curve in self.lines()]
        for curve, pen in zip(self.lines(), pens, strict=True):
            wide = QPen(pen)
            wide.setWidthF(SHARPNESS * pen.widthF())
            curve.setData(*curve.getData(), pen=wide, antialias=True)
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
        self.pane = Pane(zoom_x=True, zoom_y=True)
        self.bottom = NumberAxis("bottom", update_ticks, grid=False)
        self.bottom.set_title("update")
        self.bottom.linkToView(self.pane)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setVisible(False)
        self._line.setZValue(20)
        self.pane.addItem(self._line, ignoreBounds=True)
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
        self.view.hovered.connect(self._on_hovered)
        self.view.left.connect(self._on_left)
        self.view.whole_asked.connect(self.show_whole)
        self.pane.sigRangeChangedManually.connect(self._on_zoomed)

    def _make_header(self) -> QWidget:
        self._title = QLabel(self.title)
        self._about = QuietText(self.theme)
        self._whole_button = QToolButton()
        self._whole_button.setText("whole run")
        self._whole_button.setAutoRaise(True)
        self._whole_button.setAccessibleName(f"{self.title}: show the whole run")
        self._whole_button.setToolTip("Show the whole run again (double-click)")
        self._whole_button.clicked.connect(self.show_whole)
        self._whole_button.hide()
        self.menu = PlotMenu(self)
        self._more = more = QToolButton()
        more.setText("⋯")
        more.setAutoRaise(True)
        more.clicked.connect(self._on_more)
        more.setAccessibleName(f"{self.title}: copy or save")
        more.setToolTip("Copy or save this plot")
        self.header = QWidget()
        """Title and controls; whoever shows the plot may put them into a title bar of its own."""
        self._header = QHBoxLayout(self.header)
        self._header.setContentsMargins(0, 0, 0, 0)
        self._header.setSpacing(GRID)
        self._header.addWidget(self._title)
        self._header.addWidget(self._about, 1)
        for widget in (self._whole_button, more):
            self._header.addWidget(widget)
        return self.header

    def add_control(self, control: QWidget) -> None:
        """Put a control into the header."""
        self._header.insertWidget(2, control)

    def _look(self) -> None:
        theme, small = self.theme, self.small_font()
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
        self.view.setBackground(theme.colours.ground)
        self.bottom.set_look(theme.colours, small)
        self._line.setPen(pg.mkPen(theme.colours.accent))
        self.colours = theme.layer_colours(len(self.names)) if self.names else []
        self.restyle()

    def _on_theme_changed(self) -> None:
        self._look()
        self.begin(self.record)
        self.redraw()
