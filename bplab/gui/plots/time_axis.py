"""One time for all plots of a session: the update under the cursor, the stretch that is shown, and whose turn it is.

Plots over the updates of a run are read together, so they share their horizontal axis: who zooms one zooms all,
and a click on any of them puts the same cursor into each. Plots that can be seen take turns at drawing, so that a
frame costs about the same however many there are.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from bplab.gui.session import Session
from bplab.lab.record import RunRecord

PER_TICK, FEWEST_TURNS = 2, 2
"""Plots that draw on one tick while a run trains; and no plot follows more often than every second tick."""


class TimeAxis(QObject):
    """What the plots of one session agree on; another run begins live and whole."""

    moved = Signal()
    """The cursor stands elsewhere, or is gone; read :attr:`now`."""
    stretched = Signal()
    """Another stretch of updates is shown; read :attr:`stretch`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._record: RunRecord | None = session.record
        self._seen: list[QWidget] = []
        self._tick = 0
        self.now: float | None = None
        """Where the cursor stands, in updates; None is the newest update, whichever that is."""
        self.stretch: tuple[float, float] | None = None
        """First and last update shown; None is the whole run."""
        session.ticked.connect(self._on_ticked)
        session.run_changed.connect(self._follow)

    @classmethod
    def of(cls, session: Session) -> TimeAxis:
        """The one of ``session``, made when it is first asked for."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    def point_at(self, updates: float) -> None:
        """Put the cursor at the nearest update; before the first one is at the first."""
        self._move(max(0.0, float(round(updates))))

    def go_live(self) -> None:
        """Let the newest update be the one that is told of."""
        self._move(None)

    def show(self, low: float, high: float) -> None:
        """Show the updates from ``low`` to ``high`` in all plots."""
        self._stretch((low, high))

    def show_whole(self) -> None:
        """Show the whole run in all plots."""
        self._stretch(None)

    # -- turns --------------------------------------------------------------------------------------------

    def join(self, plot: QWidget) -> None:
        """``plot`` is seen from now on and takes its turns."""
        if plot not in self._seen:
            self._seen.append(plot)

    def leave(self, plot: QWidget) -> None:
        """``plot`` is not seen any more."""
        if plot in self._seen:
            self._seen.remove(plot)

    def is_due(self, plot: QWidget) -> bool:
        """Whether it is the turn of a ``plot`` that has joined."""
        turns = max(FEWEST_TURNS, math.ceil(len(self._seen) / PER_TICK))
        return plot in self._seen and (self._seen.index(plot) - self._tick) % turns == 0

    # -- following ----------------------------------------------------------------------------------------

    def _on_ticked(self) -> None:
        self._tick += 1
        self._follow()

    def _follow(self) -> None:
        if self._session.record is not self._record:
            self._record = self._session.record
            self.go_live()
            self.show_whole()

    def _move(self, now: float | None) -> None:
        if now != self.now:
            self.now = now
            self.moved.emit()

    def _stretch(self, stretch: tuple[float, float] | None) -> None:
        if stretch != self.stretch:
            self.stretch = stretch
            self.stretched.emit()
