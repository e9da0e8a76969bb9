"""Two more quantities of every layer over the updates: how large the updates are, and how many neurons are dead."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from bplab.gui.numbers import short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_activation, has_weights
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .export import Column, per_layer
from .layer_curves import LayerCurves, scale_around
from .live_plot import LivePlot
from .readout import Entry, Swatch
from .scales import CountScale, LinearScale, LogScale

Floats = NDArray[np.floating[Any]]
GUIDE = 1e-3
"""Where the ratio of a healthy training stands (CS231n)."""


class LayerPlot(LivePlot):
    """One column of the record that has a value for each layer."""

    column: ClassVar[str]
    log_at_first: ClassVar[bool]

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.scale: LinearScale | LogScale = LinearScale(1.0)
        self.left = NumberAxis("left", self.scale.ticks)
        self.left.linkToView(self.pane)
        self._layer_curves = LayerCurves(self.pane)
        self.labels = self._layer_curves.labels
        layout = self.view.ci
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.labels, 0, 2)
        layout.addItem(self.bottom, 1, 1)
        self.log_action = self.menu.add_log("Logarithmic axis", self.log_at_first, self.set_log)
        self.menu.add_smoothing(self.set_smoothing)
        self._absent = np.zeros(0, np.bool_)

    def counts(self, layer: Any) -> bool:
        """Whether a layer has the quantity at all."""
        raise NotImplementedError

    def scale_of(self, values: Floats) -> LinearScale | LogScale:
        """The axis for these values ``(rows, layers)``."""
        return scale_around(self.log, values)

    @property
    def log(self) -> bool:
        """True for a logarithmic axis."""
        return self.log_action.isChecked()

    def set_log(self, log: bool) -> None:
        """Choose the axis."""
        self.log_action.setChecked(log)
        self.show_whole_heights()

    def begin(self, record: RunRecord | None) -> None:
        """One curve per layer."""
        layers = self.shown_experiment().network.layers
        self._absent = np.array([not self.counts(layer) for layer in layers], np.bool_)
        self._layer_curves.begin(self.names, self.colours, self.small_font(), self.line_width())

    def restyle(self) -> None:
        """The axis; curves are made anew for another ground."""
        self.left.set_look(self.theme.colours, self.small_font())

    def draw(self, record: RunRecord) -> None:
        """Curves, and names at their ends."""
        self.steps, values = record.columns("step", self.column)
        values = self._present(values)
        scale = self.scale_of(values)
        self.scale = scale if scale != self.scale else self.scale
        self.left.set_rule(self.scale.ticks)
        self.follow((self.scale.low, self.scale.high))
        rows = self.visible_rows()
        places = self.smooth(self.scale.place(values[rows]), self.scale.high)
        self._layer_curves.draw(self.steps[rows].astype(np.float64), places, self.scale.zero)
        self._layer_curves.name_ends(self.scale.place(values[-1]))

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """Every layer's number."""
        (values,) = record.values_at(len(record) - 1 if row is None else row, self.column)
        return [
            Entry(name, self.number_text(float(value)), Swatch.BLOCK, colour)
            for name, value, colour in zip(self.names, self._present(values), self.colours, strict=True)
            if np.isfinite(value)
        ]

    def number_text(self, value: float) -> str:
        """A value in the readout."""
        return short_text(value)

    def lines(self) -> list[pg.PlotCurveItem]:
        """One for each layer."""
        return self._layer_curves.curves

    def columns(self, record: RunRecord) -> list[Column]:
        """The quantity of every layer."""
        step, values = record.columns("step", self.column)
        return [("step", step), *per_layer(self.column, self.names, self._present(values))]

    def _present(self, values: Any) -> Floats:
        """Values ``(…, layers)``, NaN where a layer has none: none is not the same as 0."""
        return np.where(self._absent, np.nan, values)


class UpdatePlot(LayerPlot):
    """‖ΔW‖ / ‖W‖ of each layer on a log axis, with a guide where healthy training stands."""

    title = "Updates"
    empty_text = "Press play to see how large the updates of each layer are"
    column = "update_ratio"
    log_at_first = True

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.guide = pg.InfiniteLine(angle=0, movable=False)
        self.guide.setZValue(-5)
        self.pane.addItem(self.guide, ignoreBounds=True)
        self.start()

    def describe(self, experiment: Experiment) -> str:
        """What is measured."""
        return "‖ΔW‖ ÷ ‖W‖" + (", log" if self.log else "")

    def counts(self, layer: Any) -> bool:
        """Layers with weights."""
        return has_weights(layer)

    def scale_of(self, values: Floats) -> LinearScale | LogScale:
        """The guide is always seen, not at an end; before the first update there is no ratio."""
        return scale_around(self.log, values[1:], np.array([[0.8 * GUIDE, 1.2 * GUIDE]]))

    def restyle(self) -> None:
        """The guide is quiet."""
        super().restyle()
        self.guide.setPen(self.thin_pen("quiet", Qt.PenStyle.DashLine))

    def draw(self, record: RunRecord) -> None:
        """The guide stands where its number is."""
        super().draw(record)
        self.guide.setPos(float(self.scale.place(np.array([GUIDE]))[0]))

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """Before the first update there is nothing to tell; at rest the guide is explained."""
        if row == 0 or len(record) < 2:
            return []
        guide = [Entry("healthy: near 1e-3", "", Swatch.DASHES, self.colour("quiet"))] if row is None else []
        return [*super().entries(record, row), *guide]

    def _present(self, values: Any) -> Floats:
        """The first row is from before the first update: it has no ratio."""
        found = super()._present(values)
        if found.ndim == 2:
            found[:1] = np.nan
        return found


class DeadPlot(LayerPlot):
    """Neurons of each layer that answer no probe sample: f' is 0 on all of them."""

    title = "Dead"
    empty_text = "Press play to see whether neurons die"
    column = "dead"
    log_at_first = False

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.start()

    def describe(self, experiment: Experiment) -> str:
        """What is counted."""
        return "neurons with f′ = 0 on all probe samples"

    def counts(self, layer: Any) -> bool:
        """Layers with an activation."""
        return has_activation(layer)

    def scale_of(self, values: Floats) -> LinearScale | LogScale:
        """Whole numbers."""
        return super().scale_of(values) if self.log else CountScale.around(values)

    def number_text(self, value: float) -> str:
        """A whole number."""
        return f"{value:,.0f}"

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """All of them first."""
        (dead,) = record.values_at(len(record) - 1 if row is None else row, self.column)
        total, units = int(np.nansum(self._present(dead))), int(np.array(record.units)[~self._absent].sum())
        whole = Entry(f"{total:,} of {units:,} dead", colour=self.colour("warning" if total else "quiet"))
        return [whole, *super().entries(record, row)]
