"""How the values of every layer are spread over the probe batch now: a ridge per layer, with what is saturated in it.

A layer whose values crowd where f is flat lets no error through; one whose values crowd at a single place tells its
inputs apart no more. Both are seen here before a curve falls.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QWidget

from bplab.gui.numbers import percent_text, short_text
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_activation
from bplab.lab.live import LiveView

from .axis import NumberAxis
from .controls import Segments
from .densities import BINS, Spread, common_range, saturated_stretches, spread_of
from .export import Column
from .items import LayerBand
from .layer_items import LayerBars, LayerStrip
from .moment_plot import MomentPlot
from .readout import Entry, Swatch
from .ridge_item import Ridge, Ridges
from .saturation import TRACK_ALPHA, gap_beside
from .scales import linear_ticks, share_ticks
from .view import Pane

Floats = NDArray[np.floating[Any]]
SYMBOLS = ("a", "z")
BARS_SHARE = 0.26


class ActivationPlot(MomentPlot):
    """A ridge plot of a = f(z), or of z, first layer at the top; beside it how much is saturated, and who is dead."""

    title = "Activations"
    empty_text = "No layer of this network has an activation"
    least_gap = 0.12

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.spreads: list[Spread] = []
        self.low, self.high = 0.0, 1.0
        self._bands: list[LayerBand] = []
        self._shares = np.zeros(0)
        self._dead: list[int] = []
        self._units: list[int] = []
        self._flat: list[list[tuple[float, float]]] = []
        self._hovered: float | None = None
        self.pane, self.bars_pane = Pane(invert_y=True), Pane(invert_y=True)
        self.pane.set_ranges(y=(0.0, 1.0))
        self.bars_pane.set_ranges((0.0, 1.0), (0.0, 1.0))
        self.strip, self.bars, self.ridges = LayerStrip(), LayerBars(), Ridges()
        self.pane.addItem(self.ridges, ignoreBounds=True)
        self.bars_pane.addItem(self.bars, ignoreBounds=True)
        self._crosshair = pg.InfiniteLine(angle=90, movable=False)
        self._crosshair.setVisible(False)
        self.pane.addItem(self._crosshair, ignoreBounds=True)
        self._lay_out()
        self._segments = Segments(
            "Values shown",
            (
                ("a", "outputs of f", "a = f(z), what each neuron gives on"),
                ("z", "inputs of f", "z, what f takes: shaded where |f′| is below 5 % of its maximum"),
            ),
        )
        self._segments.chosen.connect(self._on_values_chosen)
        self.add_control(self._segments)
        self.log_action = self.menu.add_log("Logarithmic heights", False, self.set_log)
        self.view.hovered.connect(self._on_hovered)
        self.view.left.connect(self._on_left)
        self.start()

    @property
    def of_outputs(self) -> bool:
        """True for a, False for z."""
        return self._segments.index == 0

    def show_values(self, symbol: str) -> None:
        """``a`` or ``z``."""
        self._segments.choose(SYMBOLS.index(symbol))

    def set_log(self, log: bool) -> None:
        """Let heights go with the logarithm of the counts, so that rare values are seen."""
        self.log_action.setChecked(log)
        self.redraw()

    def describe(self, experiment: Experiment) -> str:
        """What is spread, and over what."""
        what = "a = f(z)" if self.of_outputs else "z, what f takes"
        return f"{what} · over neurons and probe samples, each layer's highest bin as high"

    def restyle(self) -> None:
        """Colours of strip, ridges and bars."""
        small, colours = self.small_font(), self.theme.colours
        self.view.ci.layout.setColumnFixedWidth(2, gap_beside(small))
        for axis in (self.bottom, self.bars_axis):
            axis.set_look(colours, small)
        self.strip.set_look(small, self.colour("quiet"))
        self.bars.set_look(small, self.colour("text"), self.colour("line", TRACK_ALPHA))
        self.ridges.set_look(self.colour("line", 0.55), self.colour("line"), self.colour("text"))
        self._crosshair.setPen(self.thin_pen("quiet", Qt.PenStyle.DashLine))

    def measure(self, live: LiveView) -> bool:
        """Count the values of every layer that has an activation."""
        layers: list[Any] = list(live.network.layers)
        shown = [index for index, layer in enumerate(layers) if has_activation(layer)]
        if not shown:
            return False
        values = [live.activated(layer) if self.of_outputs else live.arguments(layer) for layer in shown]
        masks = [live.saturated_mask(layer) for layer in shown]
        self.low, self.high = common_range(values)
        self.spreads = [spread_of(one, mask, self.low, self.high) for one, mask in zip(values, masks, strict=True)]
        self._shares = np.array([float(mask.mean()) for mask in masks])
        self._dead = [int(live.reading.dead[layer]) for layer in shown]
        self._units = [live.network.units[layer] for layer in shown]
        names, colours = [self.names[layer] for layer in shown], [self.colours[layer] for layer in shown]
        ends = np.arange(len(shown) + 1) / len(shown)
        self._bands = [
            LayerBand(float(ends[row]), float(ends[row + 1]), names[row], colours[row]) for row in range(len(shown))
        ]
        self._flat = [saturated_stretches(layers[layer].activation, self.of_outputs) for layer in shown]
        return True

    def draw(self) -> None:
        """Ridges, strip and bars."""
        self._bands = [
            LayerBand(band.top, band.bottom, band.name, self.colours[self.names.index(band.name)])
            for band in self._bands
        ]
        self.pane.set_ranges(x=(self.low, self.high))
        self.bottom.set_title(SYMBOLS[self._segments.index])
        self.strip.set_bands(self._bands)
        self.bars.set_bands(self._bands)
        ridges = [
            Ridge(*self._heights(spread), flat) for spread, flat in zip(self.spreads, self._flat, strict=True)
        ]
        self.ridges.set_ridges(self._bands, ridges, self.low, self.high)
        texts = [
            (percent_text(share), f"{dead:,} dead" if dead else "")
            for share, dead in zip(self._shares.tolist(), self._dead, strict=True)
        ]
        self.bars.set_bars(self._shares, texts)

    def entries(self) -> list[Entry]:
        """What is saturated and dead in the whole network; under the mouse each layer's share of values there."""
        if self._hovered is not None:
            index = min(BINS - 1, int((self._hovered - self.low) / (self.high - self.low) * BINS))
            return [
                Entry(SYMBOLS[self._segments.index], short_text(self._hovered)),
                *(
                    Entry(band.name, percent_text(float(spread.shares()[index])), Swatch.BLOCK, band.colour)
                    for band, spread in zip(self._bands, self.spreads, strict=True)
                ),
            ]
        units, dead = np.array(self._units), sum(self._dead)
        found = [Entry("saturated", percent_text(float((self._shares * units).sum() / units.sum())))]
        share = percent_text(dead / int(units.sum()))
        found.append(
            Entry(f"{dead:,} of {units.sum():,} dead, {share}", colour=self.colour("warning"))
            if dead
            else Entry("none dead")
        )
        return [*found, Entry("hatched: saturated"), Entry("shaded: f is flat")]

    def table(self) -> list[Column]:
        """A row per bin: its ends, and for each layer all values in it and the saturated ones."""
        if not self.drawn:
            return []
        edges = np.linspace(self.low, self.high, BINS + 1)
        columns: list[Column] = [("from", edges[:-1]), ("to", edges[1:])]
        for band, spread in zip(self._bands, self.spreads, strict=True):
            columns += [(f"values {band.name}", spread.counts), (f"saturated {band.name}", spread.saturated)]
        return columns

    def _heights(self, spread: Spread) -> tuple[Floats, Floats]:
        """Of all values and of the saturated ones, from 0 to 1."""
        if self.log_action.isChecked():
            top = np.log1p(max(1, int(spread.counts.max())))
            return np.log1p(spread.counts) / top, np.log1p(spread.saturated) / top
        top = max(1, int(spread.counts.max()))
        return spread.counts / top, spread.saturated / top

    def _lay_out(self) -> None:
        self.bottom = NumberAxis("bottom", linear_ticks_wide, grid=False)
        self.bars_axis = NumberAxis("bottom", share_ticks, grid=False)
        self.bars_axis.set_title("saturated")
        self.bottom.linkToView(self.pane)
        self.bars_axis.linkToView(self.bars_pane)
        layout = self.view.ci
        layout.addItem(self.strip, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bars_pane, 0, 3)
        layout.addItem(self.bottom, 1, 1)
        layout.addItem(self.bars_axis, 1, 3)
        layout.layout.setColumnStretchFactor(1, round(100 * (1 - BARS_SHARE)))
        layout.layout.setColumnStretchFactor(3, round(100 * BARS_SHARE))

    def _on_values_chosen(self) -> None:
        if self.live is not None and self.drawn:
            self.drawn = self.measure(self.live)
        self.redraw()

    def _on_hovered(self, point: QPointF) -> None:
        inside = self.pane.sceneBoundingRect().contains(point) and self.drawn
        there = float(self.pane.mapSceneToView(point).x())
        self._hover(there if inside and self.low <= there <= self.high else None)

    def _on_left(self) -> None:
        self._hover(None)

    def _hover(self, there: float | None) -> None:
        self._hovered = there
        self._crosshair.setVisible(there is not None)
        if there is not None:
            self._crosshair.setPos(there)
        self.say()


def linear_ticks_wide(low: float, high: float, pixels: float) -> list[tuple[float, str]]:
    """Ticks of a horizontal axis, far enough apart for their texts."""
    return linear_ticks(low, high, pixels, 48.0)
