"""The loss over the updates: the mean of the batches with their spread, and the test loss beside it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from bplab.gui.numbers import percent_text, short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .compared_curves import SWATCHES, ComparedCurves
from .controls import Segments
from .decimation import envelope
from .export import Column
from .items import Band
from .live_plot import LivePlot
from .readout import Entry
from .scales import LinearScale, LogScale
from .train_test import TrainTestCurves

Floats = NDArray[np.floating[Any]]
MOST_BANDS = 250
CSV_COLUMNS = ("step", "loss", "loss_min", "loss_max", "test_loss", "train_accuracy", "test_accuracy")


class LossPlot(LivePlot):
    """Train loss with the band of its batches, test loss in dashes; the accuracy stands in the readout."""

    title = "Loss"
    empty_text = "Press play to see the loss"

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.scale: LinearScale | LogScale = LinearScale(1.0)
        self.left = NumberAxis("left", self.scale.ticks)
        self.left.linkToView(self.pane)
        layout = self.view.ci
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bottom, 1, 1)
        self.band = Band()
        self.pane.addItem(self.band, ignoreBounds=True)
        self.curves = TrainTestCurves(self.pane, theme)
        self.compared = ComparedCurves(self.pane)
        self._marks: list[pg.InfiniteLine] = []
        self._segments = Segments(
            "Loss axis",
            (("linear", "linear", "Loss from 0 upwards"), ("log", "logarithmic", "Each step is a factor of ten")),
        )
        self._segments.chosen.connect(self._on_scale_chosen)
        self.add_control(self._segments)
        self.log_action = self.menu.add_log("Logarithmic axis", False, self.set_log)
        self.menu.add_smoothing(self.set_smoothing)
        self.start()

    @property
    def log(self) -> bool:
        """True for a logarithmic axis."""
        return self._segments.index == 1

    def set_log(self, log: bool) -> None:
        """Choose the axis."""
        self._segments.choose(int(log))

    def describe(self, experiment: Experiment) -> str:
        """Which mean; the bar says of which loss."""
        return "mean per sample"

    def begin(self, record: RunRecord | None) -> None:
        """Nothing here depends on the layers."""
        self._remove_marks()

    def restyle(self) -> None:
        """The band behind the curves is quiet."""
        self.left.set_look(self.theme.colours, self.small_font())
        self.band.set_colour(_mixed(self.colour("ground"), self.colour("text"), 0.16))
        self.curves.set_look(self.line_width())
        for mark in self._marks:
            mark.setPen(self.thin_pen("quiet", Qt.PenStyle.DotLine))

    def draw(self, record: RunRecord) -> None:
        """Band, curves, and a mark where the learning rate was changed by hand."""
        steps, loss, lows, highs, test = record.columns("step", "loss", "loss_min", "loss_max", "test_loss")
        self.steps = steps
        kind = LogScale if self.log else LinearScale
        others = [one.record.column("loss") for one in self.branches.compared]
        scale = kind.around(loss, test, lows, usual_highs(highs), *others)
        self.scale = scale if scale != self.scale else self.scale
        self.left.set_rule(self.scale.ticks)
        self.follow((self.scale.low, self.scale.high))
        rows = self.visible_rows()
        place, x = self.scale.place, steps[rows].astype(np.float64)
        last, low, high = envelope(lows[rows], highs[rows], MOST_BANDS)
        self.band.set_band(np.concatenate([x[:1], x[last]]), place(low), place(high))
        self.curves.draw(x, self.smooth(place(np.column_stack([loss[rows], test[rows]])), self.scale.high))
        self._compare()
        self._show_marks(record)

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """Legend with losses; the learning rate where it was changed by hand; where the run diverged."""
        loss, test = map(float, record.values_at(_index(record, row), "loss", "test_loss"))
        found = self.curves.entries(short_text(loss), short_text(test) if np.isfinite(test) else "")
        found += self._others(row)
        if accuracy := self._accuracy(record, row):
            found.append(Entry("accuracy", accuracy))
        if row is None and self.branches.own_words:
            found.append(Entry(self.branches.own_words))
        events = [event for event in list(record.events) if event.setting == "learning_rate"]
        rates = [event.value for event in events if row is not None and event.updates <= self.steps[row]]
        if rates:
            found.append(Entry("rate", short_text(rates[-1])))
        if record.divergence is not None and row is None:
            found.insert(0, Entry(f"diverged at update {record.divergence.step:,}", colour=self.colour("warning")))
        return found

    def _others(self, row: int | None) -> list[Entry]:
        """The losses of the runs that it is compared with, at the same update."""
        found = []
        for one in self.branches.compared:
            steps = one.record.column("step")
            at = len(steps) - 1 if row is None else int(np.searchsorted(steps, self.steps[row]))
            (loss,) = one.record.values_at(at, "loss")
            found.append(Entry(one.name, short_text(float(loss)), SWATCHES[one.place], self.colour("quiet")))
        return found

    def _compare(self) -> None:
        """The training losses of other runs, quietly."""
        scale, quiet = self.scale, self.colour("quiet")
        self.compared.draw(
            self.branches.compared,
            lambda record: record.column("loss")[:, None],
            lambda losses: self.smooth(scale.place(losses), scale.high),
            [quiet],
            self.line_width(),
            scale.zero,
            (scale, self.smoothing),
        )

    def lines(self) -> list[pg.PlotCurveItem]:
        """Train and test, and those of other runs."""
        return [*self.curves.both(), *self.compared.curves]

    @staticmethod
    def _accuracy(record: RunRecord, row: int | None) -> str:
        """Of the training samples / of the test samples, if there are any; empty where the task has none."""
        train, test = map(float, record.values_at(_index(record, row), "train_accuracy", "test_accuracy"))
        if not np.isfinite(train):
            return ""
        return f"{percent_text(train)} / {percent_text(test)}" if np.isfinite(test) else percent_text(train)

    def columns(self, record: RunRecord) -> list[Column]:
        """All of the record that is about losses."""
        return list(zip(CSV_COLUMNS, record.columns(*CSV_COLUMNS), strict=True))

    def _on_scale_chosen(self) -> None:
        self.log_action.setChecked(self.log)
        self.show_whole_heights()

    def _show_marks(self, record: RunRecord) -> None:
        events = [event.updates for event in list(record.events)][-64:]
        while len(self._marks) > len(events):
            self.pane.removeItem(self._marks.pop())
        while len(self._marks) < len(events):
            mark = pg.InfiniteLine(angle=90, movable=False)
            mark.setPen(self.thin_pen("quiet", Qt.PenStyle.DotLine))
            self.pane.addItem(mark, ignoreBounds=True)
            self._marks.append(mark)
        for mark, updates in zip(self._marks, events, strict=True):
            mark.setPos(float(updates))

    def _remove_marks(self) -> None:
        for mark in self._marks:
            self.pane.removeItem(mark)
        self._marks.clear()


def _mixed(ground: QColor, ink: QColor, share: float) -> QColor:
    """What ``share`` of ``ink`` looks like on ``ground``."""

    def mixed(under: int, over: int) -> int:
        return round((1.0 - share) * under + share * over)

    return QColor(
        mixed(ground.red(), ink.red()), mixed(ground.green(), ink.green()), mixed(ground.blue(), ink.blue())
    )


def _index(record: RunRecord, row: int | None) -> int:
    return len(record) - 1 if row is None else row


def usual_highs(highs: Floats) -> Floats:
    """Highest batch losses but for the rarest: one bad batch must not flatten the curve."""
    finite = highs[np.isfinite(highs)]
    return np.sort(finite)[: max(1, int(0.98 * len(finite)))]
