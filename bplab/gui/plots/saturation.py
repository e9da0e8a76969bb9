"""Where neurons stop answering: the share of samples on which each one is saturated, over the updates and now.

A neuron is saturated on a sample where |f'(z)| is below 5 % of max|f'|: no error passes back through it there.
Layers without an activation have nothing that could saturate and are left out.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.gui.numbers import percent_text
from bplab.gui.session import Session
from bplab.gui.theme import GRID, Theme, tabular
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_activation
from bplab.lab.palette import Lut
from bplab.lab.record import Mark, RunRecord

from .axis import NumberAxis
from .decimation import GrowingMeans, line_sizes, line_starts
from .export import Column, per_layer
from .items import HeatMap, LayerBand
from .layer_items import LayerBars, LayerStrip
from .live_plot import LivePlot
from .readout import Entry, Swatch
from .scales import share_ticks
from .view import Pane

Floats = NDArray[np.floating[Any]]
T = TypeVar("T")
MOST_LINES = 200
MOST_COLUMNS = 1024
BARS_SHARE, TRACK_ALPHA = 0.36, 0.35
LOG_STRENGTH = 99.0
"""So many times a share, and 1, is what the logarithm is taken of."""
THINNEST = 0.4
"""Height of the thinnest layer's band as a share of the thickest one's."""


def bands_of(units: tuple[int, ...], names: list[str], colours: list[QColor]) -> list[LayerBand]:
    """Bands from 0 to 1, first layer at the top; heights go with the root of the neurons, so that all can be read."""
    roots = np.sqrt(np.array(units, float))
    heights = np.maximum(roots, THINNEST * roots.max())
    ends = np.cumsum(heights / heights.sum())
    starts = [0.0, *ends[:-1].tolist()]
    return [LayerBand(*band) for band in zip(starts, ends.tolist(), names, colours, strict=True)]


def gap_beside(font: QFont) -> float:
    """Between two panes side by side: room for the last number of the one and the first of the other."""
    return max(24.0, QFontMetricsF(font).horizontalAdvance("5,000") / 2 + 8.0)


def colour_map(theme: Theme, log: bool) -> Lut:
    """Colours ``(256, 3)`` of shares from 0 to 1; with ``log`` small shares have more of them."""
    entries = np.linspace(0.0, 1.0, 256)
    if log:
        entries = np.log1p(LOG_STRENGTH * entries) / np.log1p(LOG_STRENGTH)
    return theme.sequential()[np.rint(255 * entries).astype(np.intp)]


class SaturationPlot(LivePlot):
    """A heat map of neurons over updates, first layer at the top; beside it the layers as they are now."""

    title = "Saturation"
    empty_text = "Press play to see which neurons saturate"

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(session, theme, parent)
        self.pane.setMouseEnabled(x=True, y=False)
        self.pane.invertY(True)
        self.pane.set_ranges(y=(0.0, 1.0))
        self.strip, self.bars, self.heat_map = LayerStrip(), LayerBars(), HeatMap(1, MOST_COLUMNS)
        self.bars_pane = Pane(invert_y=True)
        self.bars_pane.set_ranges((0.0, 1.0), (0.0, 1.0))
        self.bars_axis = NumberAxis("bottom", share_ticks, grid=False)
        self.bars_axis.set_title("now")
        self.bars_axis.linkToView(self.bars_pane)
        self.pane.addItem(self.heat_map, ignoreBounds=True)
        self.bars_pane.addItem(self.bars, ignoreBounds=True)
        self._lay_out()
        self.log_action = self.menu.add_log("Logarithmic colours", False, self.set_log)
        self.menu.refuse("Smoothing", "The map shows what was measured; a column of a long run is a mean already")
        self._legend = ColourBar(theme)
        self.add_control(self._legend)
        self._mark = Mark()
        self._layers: list[int] = []
        self._units: tuple[int, ...] = ()
        self._neurons: NDArray[np.intp] = np.zeros(0, np.intp)
        self._starts: list[NDArray[np.intp]] = []
        self._sizes: NDArray[np.intp] = np.ones(1, np.intp)
        self._means = GrowingMeans(1, MOST_COLUMNS)
        self.start()

    def set_log(self, log: bool) -> None:
        """Let colours go with the logarithm of the shares, so that small ones are told apart."""
        self.log_action.setChecked(log)
        self._legend.set_log(log)
        self.heat_map.set_map(colour_map(self.theme, log))

    def describe(self, experiment: Experiment) -> str:
        """What is measured; and, quietly, if lines stand for several neurons."""
        text = "share of samples"
        most = int(self._sizes.max())
        return f"{text} · a line is the mean of up to {most} neurons" if most > 1 else text

    def begin(self, record: RunRecord | None) -> None:
        """Lines and bands for this record's neurons."""
        self._mark = Mark()
        self._sizes = np.ones(1, np.intp)
        if record is None:
            return
        layers = self.shown_experiment().network.layers
        self._layers = [index for index, layer in enumerate(layers) if has_activation(layer)]
        self._units = tuple(record.units[layer] for layer in self._layers)
        neurons = np.arange(sum(record.units))
        self._neurons = np.concatenate([neurons[record.neurons_of(layer)] for layer in self._layers])
        self._starts = line_starts(self._units, MOST_LINES)
        self._sizes = line_sizes(self._units, self._starts)
        names, colours = self._of_shown(self.names), self._of_shown(self.colours)
        bands = bands_of(self._units, names, colours)
        self.pane.removeItem(self.heat_map)
        self.heat_map = HeatMap(len(self._sizes), MOST_COLUMNS)
        self.heat_map.set_map(colour_map(self.theme, self.log_action.isChecked()))
        self.heat_map.set_bands(bands, [len(lines) for lines in self._starts])
        self.pane.addItem(self.heat_map, ignoreBounds=True)
        self.strip.set_bands(bands)
        self.bars.set_bands(bands)

    def restyle(self) -> None:
        """Colours of strip, map and bars."""
        small, colours = self.small_font(), self.theme.colours
        self.view.ci.layout.setColumnFixedWidth(2, gap_beside(small))
        self.bars_axis.set_look(colours, small)
        self.strip.set_look(small, self.colour("quiet"))
        self.bars.set_look(small, self.colour("text"), self.colour("line", TRACK_ALPHA))
        self.heat_map.set_map(colour_map(self.theme, self.log_action.isChecked()))

    def draw(self, record: RunRecord) -> None:
        """Add the rows that have come since; begin again where rows were dropped."""
        self._mark, first, (steps, saturated) = record.columns_since(self._mark, "step", "saturated")
        if first == 0:
            self._means = GrowingMeans(len(self._sizes), MOST_COLUMNS)
        changed = self._means.add(self._line_shares(record, saturated))
        self.steps = np.concatenate([self.steps[:first], steps])
        stride = float(self.steps[1] - self.steps[0]) if len(self.steps) > 1 else 1.0
        width = stride * self._means.rows_per_column
        self.heat_map.set_shares(changed, self._means.means(changed), self._means.columns, width)
        self.follow()
        self._show_bars(record, self.told_row())

    def entries(self, record: RunRecord, row: int | None) -> list[Entry]:
        """The whole network's share and dead neurons; under the mouse every layer's share."""
        shares, dead = self._now(record, row)
        if row is not None:
            return [
                Entry(name, percent_text(share), Swatch.BLOCK, colour)
                for name, share, colour in zip(
                    self._of_shown(self.names), shares.tolist(), self._of_shown(self.colours), strict=True
                )
            ]
        units = np.array(self._units)
        whole = float((shares * units).sum() / units.sum())
        found = [Entry("all neurons", percent_text(whole))]
        if dead.sum():
            found.append(Entry(f"{dead.sum():,} of {units.sum():,} dead", colour=self.colour("warning")))
        return found

    def point_at(self, row: int | None) -> None:
        """The bars follow the mouse back in time."""
        if self.record is not None and len(self.record):
            self._show_bars(self.record, row)
            self.bars_axis.set_title(self.row_title(row))

    def columns(self, record: RunRecord) -> list[Column]:
        """Saturated probe samples of every neuron, and dead neurons of every layer."""
        step, dead, saturated = record.columns("step", "dead", "saturated")
        neurons = [
            (f"saturated {name} {number + 1}", saturated[:, record.neurons_of(layer)][:, number])
            for layer, name in zip(self._layers, self._of_shown(self.names), strict=True)
            for number in range(record.units[layer])
        ]
        samples = np.full(len(step), record.probe_samples)
        dead_there = per_layer("dead", self._of_shown(self.names), dead[:, self._layers])
        return [("step", step), *dead_there, ("samples", samples), *neurons]

    def draw_sheet(self, painter: QPainter, rect: QRectF) -> None:
        """The colour bar belongs to the picture."""
        super().draw_sheet(painter, rect)
        size = self._legend.sizeHint()
        self._legend.draw(painter, QRectF(rect.right() - size.width() - GRID, 4, size.width(), size.height()))

    def _line_shares(self, record: RunRecord, saturated: NDArray[np.uint16]) -> Floats:
        """Shares ``(rows, lines)`` of counts ``(rows, neurons)``."""
        if len(self._neurons) < saturated.shape[1]:
            saturated = saturated[:, self._neurons]
        if int(self._sizes.max()) == 1:
            return saturated / record.probe_samples
        offsets = np.cumsum([0, *self._units[:-1]])
        starts = np.concatenate([first + offset for first, offset in zip(self._starts, offsets, strict=True)])
        sums = np.add.reduceat(saturated, starts, axis=1, dtype=np.float64)
        return np.asarray(sums / (self._sizes * record.probe_samples))

    def _now(self, record: RunRecord, row: int | None) -> tuple[Floats, NDArray[np.uint32]]:
        saturated, dead = record.values_at(len(record) - 1 if row is None else row, "saturated", "dead")
        return record.layer_means(saturated[None])[0][self._layers], dead[self._layers]

    def _of_shown(self, values: list[T]) -> list[T]:
        """Of values with an entry per layer, those of the layers that are shown."""
        return [values[layer] for layer in self._layers]

    def _show_bars(self, record: RunRecord, row: int | None) -> None:
        shares, dead = self._now(record, row)
        texts = [
            (percent_text(share), f"{count:,} dead" if count else "")
            for share, count in zip(shares.tolist(), dead.tolist(), strict=True)
        ]
        self.bars.set_bars(shares, texts)

    def _lay_out(self) -> None:
        layout = self.view.ci
        layout.addItem(self.strip, 0, 0)
        layout.addItem(self.pane, 0, 1)
        layout.addItem(self.bars_pane, 0, 3)
        layout.addItem(self.bottom, 1, 1)
        layout.addItem(self.bars_axis, 1, 3)
        layout.layout.setColumnStretchFactor(1, round(100 * (1 - BARS_SHARE)))
        layout.layout.setColumnStretchFactor(3, round(100 * BARS_SHARE))


class ColourBar(QWidget):
    """The map of shares with its ends."""

    LENGTH = 20

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._log = theme, False
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.setAccessibleName("Colours of the heat map, from 0 to 100 % of the samples")
        self.setToolTip("From no sample to every sample saturated")
        theme.changed.connect(self.update)

    def set_log(self, log: bool) -> None:
        """Show the colours of the logarithm."""
        self._log = log
        self.update()

    def sizeHint(self) -> QSize:
        """Both ends and the bar between them."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance("0100 %") + self.LENGTH + 10, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Gives way to the title."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the map from left to right, or nothing where there is no room for both ends."""
        if self.width() >= self.sizeHint().width():
            painter = QPainter(self)
            self.draw(painter, QRectF(self.rect()))

    def draw(self, painter: QPainter, whole: QRectF) -> None:
        """Draw the map between its ends into ``whole``."""
        painter.setPen(QColor(self._theme.colours.quiet))
        painter.setFont(self.font())
        metrics, middle = self.fontMetrics(), Qt.AlignmentFlag.AlignVCenter
        left, right = metrics.horizontalAdvance("0") + 5, metrics.horizontalAdvance("100 %") + 5
        painter.drawText(whole, int(middle | Qt.AlignmentFlag.AlignLeft), "0")
        painter.drawText(whole, int(middle | Qt.AlignmentFlag.AlignRight), "100 %")
        lut = np.ascontiguousarray(colour_map(self._theme, self._log))
        image = QImage(lut.data, len(lut), 1, 3 * len(lut), QImage.Format.Format_RGB888)
        painter.drawImage(QRectF(whole.left() + left, whole.center().y() - 4, whole.width() - left - right, 8), image)
