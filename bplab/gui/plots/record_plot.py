"""What all plots of a run's record share: they follow the session's record and draw only what is new.

A plot reads the record of the session's latest run. While the window is hidden or the record has not moved it
does nothing; what it draws is bounded whatever the length of the run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.problem import layer_names
from bplab.lab.record import RunRecord

from .export import Column
from .plot_frame import PlotFrame
from .readout import Entry
from .scales import update_text

READ_EVERY = 2
"""Numbers in the readout change with every second redraw: faster they cannot be read."""


class RecordPlot(PlotFrame):
    """A plot of the latest run's record that tells of one row: the newest, or that at the shared cursor."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.record: RunRecord | None = None
        """The record that is shown."""
        self.drawn_version = -1
        """Version of the record as it was last drawn."""
        self.steps: NDArray[np.int64] = np.zeros(0, np.int64)
        """Updates of all rows of the record, as it was last drawn."""
        self._held: tuple[RunRecord | None, Experiment] | None = None
        self._beat, self._read_version = 0, -1
        self._live_button = self.add_passing_button("live", "back to the newest update",
                                                    "Take the cursor away and tell the newest numbers again (Esc)")
        self._live_button.clicked.connect(self.time.go_live)

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

    def told_update(self) -> float | None:
        """The update whose row is told of; None is the newest."""
        return self.time.now

    # -- what is there for them ---------------------------------------------------------------------------

    def start(self) -> None:
        """Follow session, theme and the shared time, from now on."""
        self._begin(self._source())
        self.time.moved.connect(self._on_moved)
        super().start()
        self._on_moved()

    def shown_experiment(self) -> Experiment:
        """That of the run whose record is shown; before a run, the edited one."""
        return self._held[1] if self._held is not None else super().shown_experiment()

    def told_row(self) -> int | None:
        """The row nearest to the update that is told of; None is the newest."""
        steps, there = self.steps, self.told_update()
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

    def say(self) -> None:
        """Write the readout, and show what is pointed at."""
        record = self.record
        if record is None or not len(record) or not len(self.steps):
            return
        row = self.told_row()
        entries = self.entries(record, row)
        if row is not None:
            entries = [Entry("update", update_text(float(self.steps[row]))), *entries]
        self.readout.show_entries(entries)
        self.point_at(row)

    def _source(self) -> RunRecord | None:
        return self._held[0] if self._held is not None else self.session.record

    def _begin(self, record: RunRecord | None) -> None:
        self.record = record
        self.drawn_version = self._read_version = -1
        self.steps = np.zeros(0, np.int64)
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
            self.say()

    # -- following ----------------------------------------------------------------------------------------

    def _on_moved(self) -> None:
        self._live_button.setVisible(self.time.now is not None)
        if self.is_seen():
            self.say()

    def _on_theme_changed(self) -> None:
        record = self._source()
        if record is not self.record:  # nobody has seen this plot since there is another
            self._begin(record)
        else:
            self._look()
            self.begin(record)
        self.redraw()
