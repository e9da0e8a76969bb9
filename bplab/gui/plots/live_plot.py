"""What all plots over time share: a record drawn over its updates, on one time axis with a cursor for all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from bplab.gui.branches import Branches
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .decimation import smoothed
from .record_plot import RecordPlot
from .scales import RUNAWAY, round_above, update_ticks
from .view import Pane

Floats = NDArray[np.floating[Any]]


class LivePlot(RecordPlot):
    """A pane over the updates of the latest run, with the cursors of the mouse and of the shared time."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.branches = Branches.of(session)
        self.hovered: float | None = None
        """Where the mouse points, in updates."""
        self.smoothing = 0.0
        """Share of the shown rows over which curves are means."""
        self._heights: tuple[float, float] | None = None
        self._own_heights = False
        self._make_pane()

    # -- what is there for them ---------------------------------------------------------------------------

    def start(self) -> None:
        """Follow session, theme and the shared time, from now on."""
        self.time.stretched.connect(self._on_stretched)
        self.branches.changed.connect(self.redraw)
        super().start()

    def told_update(self) -> float | None:
        """Where the mouse points, else the shared cursor."""
        return self.hovered if self.hovered is not None else super().told_update()

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
        last = max(float(self.steps[-1]) if len(self.steps) else 0.0, float(self.branches.end))
        x = self.time.stretch or (0.0, round_above(last))
        self._heights = y
        self.pane.set_ranges(x, None if self._own_heights else y)

    def smooth(self, places: Floats, top: float) -> Floats:
        """Curves ``(rows, …)`` as they stand on an axis that ends at ``top``, smoothed as the reader has chosen."""
        if not self.smoothing:
            return places
        return smoothed(np.minimum(places, top + RUNAWAY * abs(top)), round(0.5 * self.smoothing * len(places)))

    # -- drawing ------------------------------------------------------------------------------------------

    def set_smoothing(self, share: float) -> None:
        """Draw means over this share of the rows that are shown; 0 draws every row as it is."""
        self.smoothing = share
        self.redraw()

    def show_whole(self) -> None:
        """Show the whole run again, and the newest update in the readout."""
        self._own_heights = False
        self.time.show_whole()
        if self.session.draft is None:  # which going back to now would give up
            self.time.go_live()
        self._update_buttons()
        self.redraw()

    def show_whole_heights(self) -> None:
        """Follow the values again, after another axis was chosen."""
        self._own_heights = False
        self._update_buttons()
        self.redraw()

    def say(self) -> None:
        """Write the readout, and put the cross-hair on the row that it tells of."""
        super().say()
        row = self.told_row()
        if row is not None and self.hovered is not None:
            self._crosshair.setPos(float(self.steps[row]))

    def _begin(self, record: RunRecord | None) -> None:
        super()._begin(record)
        self._own_heights = False
        self._hover(None)
        self._update_buttons()

    # -- the mouse, and the time that all plots share -----------------------------------------------------

    def _on_hovered(self, point: QPointF) -> None:
        pane = self.pane
        inside = pane.sceneBoundingRect().contains(point) and len(self.steps) > 0
        self._hover(float(pane.mapSceneToView(point).x()) if inside else None)
        self.say()

    def _on_left(self) -> None:
        self._hover(None)
        self.say()

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
        super()._on_moved()

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
