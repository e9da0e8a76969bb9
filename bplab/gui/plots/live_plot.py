"""What all plots over time share: they follow the session's record, draw only what is new, and share one time axis.

A plot reads the record of the session's latest run. While the window is hidden or the record has not moved it
does nothing; what it draws is bounded whatever the length of the run.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.problem import layer_names
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .decimation import smoothed
from .export import Column
from .plot_frame import PlotFrame
from .readout import Entry
from .scales import RUNAWAY, round_above, update_text, update_ticks
from .view import Pane

Floats = NDArray[np.floating[Any]]
READ_EVERY = 2
"""Numbers in the readout change with every second redraw: faster they cannot be read."""


class LivePlot(PlotFrame):
    """A pane over the updates of the latest run, with the cursors of the mouse and of the shared time."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.record: RunRecord | None = None
        """The record that is shown."""
        self.drawn_version = -1
        """Version of the record as it was last drawn."""
        self.steps: NDArray[np.int64] = np.zeros(0, np.int64)
        """Updates of all rows of the record, as it was last drawn."""
        self.hovered: float | None = None
        """Where the mouse points, in updates."""
        self.smoothing = 0.0
        """Share of the shown rows over which curves are means."""
        self._heights: tuple[float, float] | None = None
        self._own_heights = False
        self._held: tuple[RunRecord | None, Experiment] | None = None
        self._beat, self._read_version = 0, -1
        self._make_pane()

    # -- for subclasses -----------------------------------------------------------------------------------

    def begin(self, record: RunRecord | None) -> None:
        """Another record: make what depends on its layers. :attr:`names` and :attr:`colours` are set."""
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

    def applies(self, record: RunRecord) -> bool:
        """False where a run has nothing of the kind; ``record`` has at least one row."""
        return True

    def point_at(self, row: int | None) -> None:
        """The reader points at a row, or at none; for what shows more than the readout does."""

    # -- what is there for them ---------------------------------------------------------------------------

    def start(self) -> None:
        """Follow session, theme and the shared time, from now on."""
        self._begin(self._source())
        self.time.moved.connect(self._on_moved)
        self.time.stretched.connect(self._on_stretched)
        super().start()
        self._on_moved()

    def shown_experiment(self) -> Experiment:
        """That of the run whose record is shown; before a run, the edited one."""
        return self._held[1] if self._held is not None else super().shown_experiment()

    @property
    def shows_whole(self) -> bool:
        """False after the reader has panned or zoomed."""
        return self.time.stretch is None and not self._own_heights

    def visible_rows(self) -> slice:
        """Rows within the shown stretch of updates, and one to either side."""
        if self.time.stretch is None:
            return slice(0, len(self.steps))
        low, high = self.time.stretch
        first = int(np.searchsorted(self.steps, low)) - 1
        return slice(max(0, first), int(np.searchsorted(self.steps, high, side="right")) + 1)

    def follow(self, y: tuple[float, float] | None = None) -> None:
        """Show the stretch of updates that all plots show, and ``y``, unless the reader has chosen heights."""
        last = float(self.steps[-1]) if len(self.steps) else 0.0
        x = self.time.stretch or (0.0, round_above(last))
        self._heights = y
        self.pane.set_ranges(x, None if self._own_heights else y)

    def smooth(self, places: Floats, top: float) -> Floats:
        """Curves ``(rows, …)`` as they stand on an axis that ends at ``top``, smoothed as the reader has chosen."""
        if not self.smoothing:
            return places
        return smoothed(np.minimum(places, top + RUNAWAY * abs(top)), round(0.5 * self.smoothing * len(places)))

    def told_row(self) -> int | None:
        """The row that the mouse points at, else the one at the shared cursor; None is the newest."""
        steps, there = self.steps, self.hovered if self.hovered is not None else self.time.now
        if there is None or not len(steps):
            return None
        after = min(int(np.searchsorted(steps, there)), len(steps) - 1)
        before = max(0, after - 1)
        return before if there - steps[before] < steps[after] - there else after

    def row_title(self, row: int | None) -> str:
        """What stands below a drawing of one row."""
        return "now" if row is None else f"at {update_text(float(self.steps[row]))}"

    def table(self) -> list[Column]:
        """The record's own numbers."""
        return self.columns(self.record) if self.record is not None and len(self.steps) else []

    # -- drawing ------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Draw the record if it is another one or has moved on, and if anyone can see it."""
        if not self.is_seen():
            return
        record = self._source()
        if record is not self.record:
            self._begin(record)
        self.tell_about()
        if record is None or not len(record) or not self.applies(record):
            self.show_drawing(False)
            return
        version = record.version
        if version != self.drawn_version:
            self.drawn_version = version
            self.draw(record)
            self.show_drawing(True)
        self._read(record, version)

    def redraw(self) -> None:
        """Draw again, though the record has not moved."""
        self.drawn_version = self._read_version = -1
        self.refresh()

    def hold(self, paused: bool) -> None:
        """Show a copy of the record as it stands, or the session's again."""
        record = self.session.record
        self._held = (record.copy() if record is not None else None, self.shown_experiment()) if paused else None

    def set_smoothing(self, share: float) -> None:
        """Draw means over this share of the rows that are shown; 0 draws every row as it is."""
        self.smoothing = share
        self.redraw()

    def show_whole(self) -> None:
        """Show the whole run again, and the newest update in the readout."""
        self._own_heights = False
        self.time.show_whole()
        self.time.go_live()
        self._update_buttons()
        self.redraw()

    def show_whole_heights(self) -> None:
        """Follow the values again, after another axis was chosen."""
        self._own_heights = False
        self._update_buttons()
        self.redraw()

    def _source(self) -> RunRecord | None:
        return self._held[0] if self._held is not None else self.session.record

    def _begin(self, record: RunRecord | None) -> None:
        self.record = record
        self.drawn_version = self._read_version = -1
        self.steps = np.zeros(0, np.int64)
        self._own_heights = False
        self._hover(None)
        self._update_buttons()
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
        if record is None or not len(record) or not len(self.steps):
            return
        row = self.told_row()
        entries = self.entries(record, row)
        if row is not None:
            entries = [Entry("update", update_text(float(self.steps[row]))), *entries]
        self.readout.show_entries(entries)
        self.point_at(row)
        if row is not None and self.hovered is not None:
            self._crosshair.setPos(float(self.steps[row]))

    # -- the mouse, and the time that all plots share -----------------------------------------------------

    def _on_hovered(self, point: QPointF) -> None:
        pane = self.pane
        inside = pane.sceneBoundingRect().contains(point) and len(self.steps) > 0
        self._hover(float(pane.mapSceneToView(point).x()) if inside else None)
        self._say()

    def _on_left(self) -> None:
        self._hover(None)
        self._say()

    def _hover(self, updates: float | None) -> None:
        self.hovered = updates
        self._crosshair.setVisible(updates is not None)

    def _on_clicked(self, point: QPointF) -> None:
        if len(self.steps):
            there = min(float(self.pane.mapSceneToView(point).x()), float(self.steps[-1]))
            self.time.point_at(there)

    def _on_moved(self) -> None:
        now = self.time.now
        self._cursor.setVisible(now is not None)
        if now is not None:
            self._cursor.setPos(now)
        self._update_buttons()
        if self.is_seen():
            self._say()

    def _on_zoomed(self) -> None:
        x, y = self.pane.viewRange()
        self._own_heights = self._own_heights or self._heights not in (None, tuple(y))
        self.time.show(*x)
        self._update_buttons()

    def _on_stretched(self) -> None:
        self._update_buttons()
        self.redraw()

    def _update_buttons(self) -> None:
        self._whole_button.setVisible(not self.shows_whole)
        self._live_button.setVisible(self.time.now is not None)

    # -- look ---------------------------------------------------------------------------------------------

    def _make_pane(self) -> None:
        self.pane = Pane(zoom_x=True, zoom_y=True)
        self.bottom = NumberAxis("bottom", update_ticks, grid=False)
        self.bottom.set_title("update")
        self.bottom.linkToView(self.pane)
        self._crosshair, self._cursor = (pg.InfiniteLine(angle=90, movable=False) for _ in range(2))
        for line, height in ((self._cursor, 19), (self._crosshair, 20)):
            line.setVisible(False)
            line.setZValue(height)
            self.pane.addItem(line, ignoreBounds=True)
        self._live_button = self.add_passing_button("live", "back to the newest update",
                                                    "Take the cursor away and tell the newest numbers again (Esc)")
        self._live_button.clicked.connect(self.time.go_live)
        self._whole_button = self.add_passing_button("whole run", "show the whole run",
                                                     "Show the whole run again (double-click)")
        self._whole_button.clicked.connect(self.show_whole)
        self.menu.add_whole(self.show_whole)
        self.view.hovered.connect(self._on_hovered)
        self.view.left.connect(self._on_left)
        self.view.whole_asked.connect(self.show_whole)
        self.pane.clicked.connect(self._on_clicked)
        self.pane.sigRangeChangedManually.connect(self._on_zoomed)

    def _look(self) -> None:
        self.bottom.set_look(self.theme.colours, self.small_font())
        self._crosshair.setPen(self.thin_pen("quiet", Qt.PenStyle.DashLine))
        self._cursor.setPen(self.thin_pen("accent"))
        super()._look()

    def _on_theme_changed(self) -> None:
        record = self._source()
        if record is not self.record:  # nobody has seen this plot since there is another
            self._begin(record)
        else:
            self._look()
            self.begin(record)
        self.redraw()
