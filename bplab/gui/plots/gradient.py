"""How strongly each layer is asked to change: gradient magnitudes over the updates, and from layer to layer now.

Curves and profile share one logarithmic axis, so the profile reads as a cut through the curves at their end (or
where the mouse points), and a vanishing gradient is a line that falls from out to h1.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QFontMetricsF
from PySide6.QtWidgets import QWidget

from bplab.gui.numbers import short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_weights
from bplab.lab.record import RunRecord

from .axis import NumberAxis
from .controls import Segments
from .decimation import extreme_rows
from .export import Column, per_layer
from .layer_items import LayerMarkers, LayerNames
from .live_plot import LivePlot
from .readout import Entry, Swatch
from .scales import LogScale, Ticks, update_text
from .view import Pane

Floats = NDArray[np.floating[Any]]
QUANTITIES = ("delta_rms", "weight_gradient_rms")
SYMBOLS = ("δ", "∂C/∂W")
MOST_POINTS, ALL_POINTS = 500, 10_000
"""Points of one curve, and of all curves together."""
PROFILE_SHARE = 0.3


class GradientPlot(LivePlot):
    """Curves of δ = ∂C/∂z or of ∂C/∂W, one per layer; beside them both quantities from layer to layer."""

    title = "Gradient"
    empty_text = "Press play to see the gradient of each layer"

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.scale = LogScale(-3.0, 0.0)
        self.left = NumberAxis("left", self.scale.ticks)
        self.left.linkToView(self.pane)
        self.profile_pane = Pane()
        self.profile_axis = NumberAxis("bottom", self._layer_ticks, grid=False)
        self.profile_axis.set_title("now")
        self.profile_axis.linkToView(self.profile_pane)
        self.labels = LayerNames(self.pane)
        self.markers = LayerMarkers()
        self.profile_pane.addItem(self.markers, ignoreBounds=True)
        self.curves: list[pg.PlotCurveItem] = []
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
        self.start()

    @property
    def quantity(self) -> str:
        """The record's column whose curves are shown."""
        return QUANTITIES[self._segments.index]

    def show_quantity(self, quantity: str) -> None:
        """``delta_rms`` or ``weight_gradient_rms``."""
        self._segments.choose(QUANTITIES.index(quantity))

    def describe(self, experiment: Experiment) -> str:
        """What is measured."""
        return f"{SYMBOLS[self._segments.index]} RMS, log"

    def begin(self, record: RunRecord | None) -> None:
        """One curve per layer."""
        layers = self.shown_experiment().network.layers
        self._weightless = np.array([not has_weights(layer) for layer in layers], np.bool_)
        for curve in self.curves:
            self.pane.removeItem(curve)
        self.curves = [pg.PlotCurveItem(pen=pg.mkPen(colour, width=1), connect="finite") for colour in self.colours]
        for curve in self.curves:
            self.pane.addItem(curve, ignoreBounds=True)
        self.labels.set_font(self.small_font(), self.names)
        self.profile_pane.set_ranges(x=(-0.6, len(self.names) - 0.4))
        self.profile_axis.set_rule(self._layer_ticks)

    def restyle(self) -> None:
        """Each layer in its colour."""
        small, colours = self.small_font(), self.theme.colours
        for axis in (self.left, self.profile_axis):
            axis.set_look(colours, small)
        self.markers.set_look(self.colours, self.colour("quiet"), self.colour("ground"))

    def draw(self, record: RunRecord) -> None:
        """Curves, names at their ends, profile."""
        self.steps, delta, gradient = record.columns("step", *QUANTITIES)
        both = delta, self._where_there_are_weights(gradient)
        scale = LogScale.around(*both)
        self.scale = scale if scale != self.scale else self.scale
        self.left.set_rule(self.scale.ticks)
        self.follow((self.scale.low, self.scale.high))
        rows = self.visible_rows()
        x, values = self.steps[rows].astype(np.float64), both[self._segments.index][rows]
        chosen = extreme_rows(values, max(32, min(MOST_POINTS, ALL_POINTS // max(1, values.shape[1]))))
        for layer, curve in enumerate(self.curves):
            at = chosen[:, layer]
            curve.setData(*separated(x[at], self.scale.place(values[at, layer]), self.scale.zero))
        ends = self.scale.place(both[self._segments.index][-1])
        self.labels.set_labels(list(zip(ends.tolist(), self.names, self.colours, strict=True)))
        self._show_profile(*self._profile_at(record, self.hovered_row()))

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
        if self.scale.zero is not None:
            found.append(Entry("is 0", "", Swatch.CROSS, self.colour("quiet")))
        if len(self.names) > 1 and delta[-1] > 0 and np.isfinite(delta).all():
            found.append(Entry("δ h1 ÷ δ out", f"= {short_text(float(delta[0] / delta[-1]))}"))
        return found

    def lines(self) -> list[pg.PlotCurveItem]:
        """One for each layer."""
        return self.curves

    def point_at(self, row: int | None) -> None:
        """The profile follows the mouse back in time."""
        if self.record is not None and len(self.record):
            self._show_profile(*self._profile_at(self.record, row))
            self.profile_axis.set_title("now" if row is None else f"at {update_text(float(self.steps[row]))}")

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


def separated(x: Floats, y: Floats, zero: float | None) -> tuple[Floats, Floats]:
    """Points of a curve with a gap between those at ``zero`` and the others: no line leads from a number to 0."""
    if zero is None or not (y == zero).any():
        return x, y
    at_zero = y == zero
    gap = np.full(1, np.nan)
    above, below = np.where(at_zero, np.nan, y), np.where(at_zero, y, np.nan)
    return np.concatenate([x, gap, x]), np.concatenate([above, gap, below])
