"""What plots of the network as it is now share: they measure the network on view when it has moved on and is seen.

Measuring costs more than reading a record, so while a run trains it is done a few times a second at most, and never
takes more than a tenth of the time.
"""

from __future__ import annotations

import math
from time import perf_counter
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.live import LiveView
from bplab.lab.problem import layer_names

from .plot_frame import PlotFrame
from .readout import Entry

LARGEST_SHARE = 0.1
"""Of the time, for measuring."""


class MomentPlot(PlotFrame):
    """A plot of the network on view. A subclass measures, draws what it has measured, and says it in numbers."""

    least_gap: ClassVar[float]
    """Seconds between two measurements while a run trains."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.live: LiveView | None = None
        """The network that was measured last."""
        self.drawn = False
        """True where there is something to see."""
        self._updates = -1
        self._not_before = -math.inf

    def measure(self, live: LiveView) -> bool:
        """Measure; False where this network has nothing of the kind."""
        raise NotImplementedError

    def draw(self) -> None:
        """Show what was measured."""
        raise NotImplementedError

    def entries(self) -> list[Entry]:
        """What the readout says."""
        raise NotImplementedError

    def start(self) -> None:
        """Follow session and theme, from now on."""
        self.menu.refuse("Smoothing", "This is the network at one moment: there are no updates to take means over")
        super().start()

    def shown_experiment(self) -> Experiment:
        """That of the network on view."""
        return self.live.experiment if self.live is not None else self.session.experiment

    def refresh(self) -> None:
        """Measure and draw if the network has moved on, if anyone can see it, and if it is time again."""
        if not self.is_seen() or (self.paused and self.live is not None):
            return
        live, begun = self.session.live, perf_counter()
        same = live is self.live
        if same and (live.updates == self._updates or (self.session.is_training and begun < self._not_before)):
            return
        self.live, self._updates = live, live.updates
        if not same:
            self.names = layer_names(live.network.layers)
            self._look()
        self.drawn = self.measure(live)
        cost = perf_counter() - begun
        self._not_before = begun + max(self.least_gap, cost / LARGEST_SHARE)
        self._show()

    def redraw(self) -> None:
        """Draw what was measured once more; after a pause, what is there now."""
        if self.live is not None and self.drawn:
            self._show()
        self.refresh()

    def say(self) -> None:
        """Write the readout."""
        self.readout.show_entries(self.entries() if self.drawn else ())

    def _show(self) -> None:
        if self.drawn:
            self.draw()
        self.show_drawing(self.drawn)
        self.tell_about()
        self.say()
