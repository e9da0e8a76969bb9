"""The accuracy over the updates, on training and on test samples; on the log axis the share that is wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from bplab.gui.numbers import percent_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .export import Column
from .live_plot import LivePlot
from .readout import Entry
from .scales import LinearScale, LogScale, ShareScale
from .train_test import TrainTestCurves

Floats = NDArray[np.floating[Any]]
COLUMNS = ("train_accuracy", "test_accuracy")
NO_CLASSES = "A network that predicts a number has no accuracy"


class AccuracyPlot(LivePlot):
    """Share of samples whose class is told right; near 100 % the log axis of the others says more."""

    title = "Accuracy"
    empty_text = "Press play to see how many samples are told right"

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.scale: LinearScale | LogScale = ShareScale()
        self.left = NumberAxis("left", self.scale.ticks)
        self.left.linkToView(self.pane)
        layout = self.view.ci
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.curves = TrainTestCurves(self.pane, theme)
        self.log_action = self.menu.add_log("Logarithmic axis of the share wrong", False, self.set_log)
        self.menu.add_smoothing(self.set_smoothing)
        self.start()

    @property
    def log(self) -> bool:
        """True where the share of wrong answers is drawn, on a logarithmic axis."""
        return self.log_action.isChecked()

    def set_log(self, log: bool) -> None:
        """Choose the axis."""
        self.log_action.setChecked(log)
        self.show_whole_heights()

    def describe(self, experiment: Experiment) -> str:
        """What is counted."""
        return "share of samples wrong, log" if self.log else "share of samples right"

    def begin(self, record: RunRecord | None) -> None:
        """Nothing here depends on the layers; whether there are classes is seen in the first row."""
        self.say_empty(self.empty_text)

    def restyle(self) -> None:
        """Train strong, test dashed."""
        self.left.set_look(self.theme.colours, self.small_font())
        self.curves.set_look(self.line_width())

    def applies(self, record: RunRecord) -> bool:
        """Only classes are right or wrong."""
        found = bool(np.isfinite(record.values_at(0, *COLUMNS)).any())
        if not found:
            self.say_empty(NO_CLASSES)
        return found

    def draw(self, record: RunRecord) -> None:
        """Both curves."""
        self.steps, train, test = record.columns("step", *COLUMNS)
        values = np.column_stack([train, test])
        if self.log:
            values = 1.0 - values
        scale: LinearScale | LogScale = LogScale.around(values) if self.log else ShareScale()
        self.scale = scale if scale != self.scale else self.scale
        self.left.set_rule(self.scale.ticks)
        self.follow((self.scale.low, self.scale.high))
        rows = self.visible_rows()
        places = self.smooth(self.scale.place(values[rows]), self.scale.high)
        self.curves.draw(self.steps[rows].astype(np.float64), places)

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """Legend with shares right, whatever the axis shows."""
        shares = map(float, record.values_at(len(record) - 1 if row is None else row, *COLUMNS))
        return self.curves.entries(*(percent_text(share) if np.isfinite(share) else "" for share in shares))

    def lines(self) -> list[Any]:
        """Train and test."""
        return self.curves.both()

    def columns(self, record: RunRecord) -> list[Column]:
        """Both shares."""
        return list(zip(("step", *COLUMNS), record.columns("step", *COLUMNS), strict=True))
