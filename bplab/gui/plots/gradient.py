"""How strongly each layer is asked to change: gradient magnitudes over the updates, and from layer to layer now.

Curves and profile share one axis, logarithmic at first, so the profile reads as a cut through the curves at their
end (or where the mouse points), and a vanishing gradient is a line that falls from out to h1. Faintly behind it
stands the profile of the run's first row: what has changed since is the distance between the two.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFontMetricsF
from PySide6.QtWidgets import QWidget

from bplab.gui.branches import Compared
from bplab.gui.numbers import short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_weights
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .compared_curves import SWATCHES, ComparedCurves
from .controls import Segments
from .export import Column, per_layer
from .layer_curves import LayerCurves, scale_around
from .layer_items import LayerMarkers
from .live_plot import LivePlot
from .readout import Entry, Swatch
from .scales import LinearScale, LogScale, Ticks
from .view import Pane

Floats = NDArray[np.floating[Any]]
QUANTITIES = ("delta_rms", "weight_gradient_rms")
SYMBOLS = ("δ", "∂C/∂W")
PROFILE_SHARE, GHOST_ALPHA, COMPARED_ALPHA = 0.3, 0.3, 0.75


class GradientPlot(LivePlot):
    """Curves of δ = ∂C/∂z or of ∂C/∂W, one per layer; beside them both quantities from layer to layer."""

    title = "Gradient"
    empty_text = "Press play to see the gradient of each layer"

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.scale: LinearScale | LogScale = LogScale(-3.0, 0.0)
        self.left = NumberAxis("left", self.scale.ticks)
        self.left.linkToView(self.pane)
        self.profile_pane = Pane()
        self.profile_axis = NumberAxis("bottom", self._layer_ticks, grid=False)
        self.profile_axis.set_title("now")
        self.profile_axis.linkToView(self.profile_pane)
        self._layer_curves = LayerCurves(self.pane)
        self.compared = ComparedCurves(self.pane)
        self.labels = self._layer_curves.labels
        self.ghost, self.markers = LayerMarkers(), LayerMarkers()
        self.ghost.setOpacity(GHOST_ALPHA)
        for item in (self.ghost, self.markers):
            self.profile_pane.addItem(item, ignoreBounds=True)
        self._weightless = np.zeros(0, np.bool_)
        self._lay_out()
        self._segments = Segments(
            "Gradient shown",
            (
                (SYMBOLS[0], "delta", "δ = ∂C/∂z, the error that reaches each layer: RMS over neurons and samples"),
                (SYMBOLS[1], "weight gradient", "∂C/∂W = a_in · δ, what the weights are told: RMS over weights"),
            ),
        )
        self._segments.chosen.connect(self._on_quantity_chosen)
        self.add_control(self._segments)
        self.pane.sigYRangeChanged.connect(self._on_y_range)
        self.log_action = self.menu.add_log("Logarithmic axis", True, self.set_log)
        self.menu.add_smoothing(self.set_smoothing)
        self.start()

    @property
    def curves(self) -> list[pg.PlotCurveItem]:
        """One for each layer."""
        return self._layer_curves.curves

    @property
    def log(self) -> bool:
        """True for a logarithmic axis."""
        return self.log_action.isChecked()

    def set_log(self, log: bool) -> None:
        """Choose the axis."""
        self.log_action.setChecked(log)
        self.show_whole_heights()

    @property
    def quantity(self) -> str:
        """The record's column whose curves are shown."""
        return QUANTITIES[self._segments.index]

    def show_quantity(self, quantity: str) -> None:
        """``delta_rms`` or ``weight_gradient_rms``."""
        self._segments.choose(QUANTITIES.index(quantity))

    def describe(self, experiment: Experiment) -> str:
        """What is measured."""
        return f"{SYMBOLS[self._segments.index]} RMS" + (", log" if self.log else "")

    def begin(self, record: RunRecord | None) -> None:
        """One curve per layer."""
        layers = self.shown_experiment().network.layers
        self._weightless = np.array([not has_weights(layer) for layer in layers], np.bool_)
        self._layer_curves.begin(self.names, self.colours, self.small_font(), self.line_width())
        self.profile_pane.set_ranges(x=(-0.6, len(self.names) - 0.4))
        self.profile_axis.set_rule(self._layer_ticks)

    def restyle(self) -> None:
        """Each layer in its colour."""
        small, colours = self.small_font(), self.theme.colours
        for axis in (self.left, self.profile_axis):
            axis.set_look(colours, small)
        for markers in (self.ghost, self.markers):
            markers.set_look(self.colours, self.colour("quiet"), self.colour("ground"))

    def draw(self, record: RunRecord) -> None:
        """Curves, names at their ends, profile."""
        self.steps, delta, gradient = record.columns("step", *QUANTITIES)
        both = delta, self._where_there_are_weights(gradient)
        others = [one for one in self.branches.compared if len(one.record.units) == len(self.names)]
        scale = scale_around(self.log, *both, *(one.record.column(self.quantity) for one in others))
        self.scale = scale if scale != self.scale else self.scale
        self.left.set_rule(self.scale.ticks)
        self.follow((self.scale.low, self.scale.high))
        rows = self.visible_rows()
        places = self.scale.place(both[self._segments.index][rows])
        self._layer_curves.draw(self.steps[rows].astype(np.float64), self.smooth(places, self.scale.high),
                                self.scale.zero)
        self._compare(others)
        self._layer_curves.name_ends(self.scale.place(both[self._segments.index][-1]))
        self.ghost.set_series(self.scale.place(both[0][0]), self.scale.place(both[1][0]), self.scale.zero)
        self._show_profile(*self._profile_at(record, self.told_row()))

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """At rest the legend of the profile and how much is left of δ at h1; under the mouse every layer's number."""
        delta, gradient = self._profile_at(record, row)
        if row is not None:
            shown = (delta, gradient)[self._segments.index].tolist()
            return [
                Entry(name, short_text(value), Swatch.BLOCK, colour)
                for name, value, colour in zip(self.names, shown, self.colours, strict=True)
            ]
        found = [
            Entry(SYMBOLS[0], "", Swatch.DISC, self.colour("quiet")),
            Entry(SYMBOLS[1], "", Swatch.SQUARE, self.colour("quiet")),
        ]
        found.append(Entry("faint: at the start"))
        quiet = self.colour("quiet")
        found += [Entry(one.name, "", SWATCHES[one.place], quiet) for one in self.branches.compared
                  if len(one.record.units) == len(self.names)]
        if self.scale.zero is not None:
            found.append(Entry("is 0", "", Swatch.CROSS, self.colour("quiet")))
        if len(self.names) > 1 and delta[-1] > 0 and np.isfinite(delta).all():
            found.append(Entry("δ h1 ÷ δ out", f"= {short_text(float(delta[0] / delta[-1]))}"))
        return found

    def _compare(self, others: list[Compared]) -> None:
        """The same quantity of other runs with as many layers, in the layers' colours."""
        colours = [QColor(colour) for colour in self.colours]
        for colour in colours:
            colour.setAlphaF(COMPARED_ALPHA)
        scale, quantity = self.scale, self.quantity
        absent = self._weightless & (quantity != QUANTITIES[0])
        self.compared.draw(
            others,
            lambda record: np.where(absent, np.nan, record.column(quantity)),
            lambda values: self.smooth(scale.place(values), scale.high),
            colours,
            self.line_width(),
            scale.zero,
            (scale, quantity, self.smoothing),
        )

    def lines(self) -> list[pg.PlotCurveItem]:
        """One for each layer, and those of other runs."""
        return [*self.curves, *self.compared.curves]

    def point_at(self, row: int | None) -> None:
        """The profile follows the mouse back in time."""
        if self.record is not None and len(self.record):
            self._show_profile(*self._profile_at(self.record, row))
            self.profile_axis.set_title(self.row_title(row))

    def columns(self, record: RunRecord) -> list[Column]:
        """Both quantities of every layer."""
        step, delta, gradient = record.columns("step", *QUANTITIES)
        return [
            ("step", step),
            *per_layer(QUANTITIES[0], self.names, delta),
            *per_layer(QUANTITIES[1], self.names, self._where_there_are_weights(gradient)),
        ]

    def _where_there_are_weights(self, gradient: Floats) -> Floats:
        """Weight gradients ``(…, layers)``, NaN where a layer has no weights: none is not the same as 0."""
        return np.where(self._weightless, np.nan, gradient)

    def _lay_out(self) -> None:
        layout = self.view.ci
        layout.addItem(self.left, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.labels, 0, 2)
        layout.addItem(self.profile_pane, 0, 3)
        layout.addItem(self.bottom, 1, 1)
        layout.addItem(self.profile_axis, 1, 3)
        layout.layout.setColumnStretchFactor(1, round(100 * (1 - PROFILE_SHARE)))
        layout.layout.setColumnStretchFactor(3, round(100 * PROFILE_SHARE))

    def _profile_at(self, record: RunRecord, row: int | None) -> tuple[Floats, Floats]:
        delta, gradient = record.values_at(len(record) - 1 if row is None else row, *QUANTITIES)
        return delta, self._where_there_are_weights(gradient)

    def _show_profile(self, delta: Floats, gradient: Floats) -> None:
        self.markers.set_series(self.scale.place(delta), self.scale.place(gradient), self.scale.zero)

    def _layer_ticks(self, low: float, high: float, pixels: float) -> Ticks:
        """Names of the layers, as many as fit, the last always."""
        count = len(self.names)
        if not count:
            return []
        widest = max(map(QFontMetricsF(self.small_font()).horizontalAdvance, self.names)) + 5.0
        every = max(1, math.ceil(widest * (high - low) / max(1.0, pixels)))
        shown = range(count - 1, -1, -every)
        return [(float(index), self.names[index]) for index in reversed(shown)]

    def _on_quantity_chosen(self) -> None:
        self.redraw()

    def _on_y_range(self) -> None:
        low, high = self.pane.viewRange()[1]
        self.profile_pane.set_ranges(y=(low, high))
        self.labels.update()
