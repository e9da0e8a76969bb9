"""The panel at a neuron: what its tooltip says, its picture, and how z and a are spread over the probe samples.

Where f' is too small for the neuron to learn, the ground of the histograms is hatched.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from bplab.engine.activations import saturation_mask
from bplab.gui.theme import Theme
from bplab.lab.layer_words import has_activation

from .arrangement import Hit
from .figures import Figures
from .images import image_of
from .look import Look, colour
from .neuron_picture import NeuronPicture, picture_of
from .pace import Pace
from .tips import neuron_tip, signed

BINS, GRID_POINTS = 24, 121
PAD, HIGH, GAP, LEAST_WIDE = 10.0, 56.0, 8.0, 260.0
PICTURE_HIGH = 96.0
BELOW = QPoint(14, 18)
TINT = 0.35


@dataclass(frozen=True, eq=False, slots=True)
class Spread:
    """How one quantity of a neuron is spread over the probe samples."""

    title: str
    low: float
    high: float
    counts: NDArray[np.intp]
    saturated: list[tuple[float, float]]
    """Stretches of the range where the neuron is saturated."""


def spread_of(title: str, values: NDArray[np.floating[Any]]) -> Spread:
    """The histogram of ``values (samples,)``; what is not finite is left out."""
    shown = values[np.isfinite(values)].astype(np.float64)
    low, high = (float(shown.min()), float(shown.max())) if shown.size else (0.0, 1.0)
    if high - low < 1e-9 * max(abs(low), abs(high), 1e-9):
        reach = 0.5 * max(abs(low), 1e-6)
        low, high = low - reach, high + reach
    return Spread(title, low, high, np.histogram(shown, BINS, (low, high))[0], [])


def spreads(figures: Figures, layer: int, neuron: int) -> list[Spread]:
    """z, as the activation takes it, and a; nothing where a layer passes on what it finds."""
    live = figures.live
    place = live.network.places[layer]
    if not has_activation(place.layer):
        return []
    norm = getattr(place.layer, "normalization", None)
    title = "z" if norm is None or norm.place != "before" else "z, normalized"
    taken = spread_of(title, live.arguments(layer)[neuron])
    given, activation = spread_of("a", live.activated(layer)[neuron]), place.layer.activation
    if activation.elementwise and not activation.learned():
        grid = np.linspace(taken.low, taken.high, GRID_POINTS)
        taken.saturated.extend(stretches(grid, saturation_mask(activation, activation.df(grid))))
        answers = activation.f(grid)
        if np.all(np.diff(answers) >= 0):  # else an answer does not tell where it comes from
            ends = np.interp(taken.saturated, grid, answers).clip(given.low, given.high)
            given.saturated.extend((begin, end) for begin, end in ends.tolist() if end > begin)
    return [taken, given]


def stretches(grid: NDArray[np.float64], mask: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Where ``mask`` holds along ``grid``, from and to."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], mask.astype(np.int8), [0]))))
    return [(float(grid[begin]), float(grid[end - 1])) for begin, end in edges.reshape(-1, 2).tolist()]


class NeuronPanel(QWidget):
    """A tooltip with pictures; it follows training while it is open."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip)
        self._theme, self._pace = theme, Pace(0.05)
        self._figures: Figures | None = None
        self._layer = self._neuron = -1
        self._text, self._spreads = "", list[Spread]()
        self._picture: NeuronPicture | None = None
        self.setObjectName("neuron_panel")
        self.setAccessibleName("Neuron under the mouse")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_neuron(self, figures: Figures, hit: Hit, place: QPoint) -> None:
        """Open below ``place`` of the screen."""
        self._figures, self._layer, self._neuron = figures, hit.layer, hit.neuron
        self._take()
        self.resize(self.sizeHint())
        screen = self.screen().availableGeometry()
        corner = place + BELOW
        if corner.y() + self.height() > screen.bottom():
            corner.setY(place.y() - self.height() - 8)
        corner.setX(max(screen.left(), min(corner.x(), screen.right() - self.width())))
        self.move(corner)
        self.show()

    def refresh(self, figures: Figures | None) -> None:
        """Show the neuron as it is now; of another network there is nothing to show."""
        if not self.isVisible():
            return
        if figures is None or self._figures is not figures:
            self.hide()
        elif self._pace.due():
            with self._pace.work():
                self._take()
                self.update()

    def _take(self) -> None:
        assert self._figures is not None
        self._text = neuron_tip(self._figures, self._layer, self._neuron)
        self._spreads = spreads(self._figures, self._layer, self._neuron)
        self._picture = picture_of(self._figures, self._layer, self._neuron)
        self.setAccessibleDescription(self._text)

    def sizeHint(self) -> QSize:
        """Room for the text, the picture and a histogram each."""
        look = self._look()
        text = look.small_metrics.boundingRect(QRectF(0, 0, 2_000, 2_000), 0, self._text)
        each = HIGH + 2 * look.small_metrics.height() + GAP
        wide, high = max(LEAST_WIDE, text.width()), text.height() + each * len(self._spreads)
        if self._picture is not None:
            wide = max(wide, look.small_metrics.horizontalAdvance(self._picture.words))
            high += GAP + look.small_metrics.height() + PICTURE_HIGH
        return QSize(round(wide + 2 * PAD), round(high + 2 * PAD))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The text, then the picture, then the histograms."""
        look = self._look()
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(look.colours.raised))
            painter.setPen(QPen(look.line, 1.0))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            painter.setFont(look.small_font)
            painter.setPen(look.text)
            room = QRectF(self.rect()).adjusted(PAD, PAD, -PAD, -PAD)
            painter.drawText(room, 0, self._text)
            top = room.top() + look.small_metrics.boundingRect(QRectF(0, 0, 2_000, 2_000), 0, self._text).height()
            line = look.small_metrics.height()
            if self._picture is not None:
                top = self._paint_picture(painter, look, QPointF(room.left(), top + GAP), room.width(), self._picture)
            for spread in self._spreads:
                plot = QRectF(room.left(), top + GAP + line, room.width(), HIGH)
                self._paint_spread(painter, look, plot, spread)
                top = plot.bottom() + line

    def _paint_picture(
        self, painter: QPainter, look: Look, corner: QPointF, wide: float, picture: NeuronPicture
    ) -> float:
        """The picture below its words; where it ends."""
        line = look.small_metrics.height()
        painter.setPen(look.quiet)
        painter.drawText(corner + QPointF(0, look.small_metrics.ascent()), picture.words)
        rows, columns = picture.values.shape
        side = min(PICTURE_HIGH / rows, wide / columns)
        frame = QRectF(corner.x(), corner.y() + line + 2.0, side * columns, side * rows - 2.0)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, picture.smooth)
        painter.drawImage(frame, image_of(picture.pixels(look)))
        return corner.y() + line + PICTURE_HIGH

    def _paint_spread(self, painter: QPainter, look: Look, plot: QRectF, spread: Spread) -> None:
        per_unit = plot.width() / (spread.high - spread.low)
        painter.setPen(Qt.PenStyle.NoPen)
        for begin, end in spread.saturated:
            room = QRectF(plot.left() + (begin - spread.low) * per_unit, plot.top(), (end - begin) * per_unit, HIGH)
            painter.setBrush(QBrush(colour(look.share(1.0).name(), TINT), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(room)
        most, wide = max(int(spread.counts.max()), 1), plot.width() / BINS
        painter.setBrush(look.layers[self._layer])
        for place, count in enumerate(spread.counts.tolist()):
            high = HIGH * count / most
            painter.drawRect(QRectF(plot.left() + place * wide + 0.5, plot.bottom() - high, wide - 1.0, high))
        self._paint_words(painter, look, plot, spread)

    def _paint_words(self, painter: QPainter, look: Look, plot: QRectF, spread: Spread) -> None:
        line, flags = look.small_metrics.height(), Qt.AlignmentFlag
        painter.setPen(QPen(look.line, 1.0))
        painter.drawLine(plot.bottomLeft(), plot.bottomRight())
        painter.setPen(look.quiet)
        above = QRectF(plot.left(), plot.top() - line, plot.width(), line)
        below = QRectF(plot.left(), plot.bottom() + 1, plot.width(), line)
        painter.drawText(above, flags.AlignLeft, spread.title)
        if spread.saturated and spread.title != "a":
            painter.drawText(above, flags.AlignRight, "hatched: saturated")
        painter.drawText(below, flags.AlignLeft, signed(spread.low))
        painter.drawText(below, flags.AlignRight, signed(spread.high))
        if spread.low < 0 < spread.high:
            x = plot.left() - spread.low * plot.width() / (spread.high - spread.low)
            painter.setPen(QPen(look.quiet, 1.0, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))

    def _look(self) -> Look:
        layers = len(self._figures.layers) if self._figures is not None else 1
        return Look(self._theme, self.font(), layers)
