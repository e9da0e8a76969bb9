"""The weights as lines: one bundle per pair of columns, drawn in few strokes of one colour each.

To a layer for images and from one there are no lines, for its weights are shared by all places: a band leads there.

Colour and width follow the weight, quantized to a few levels; each level of a bundle is one call to ``drawLines``,
weak ones first. A bundle of very many weights shows the strongest alone. All bundles are drawn into one picture.
While training moves on, a tick draws a bounded number of lines into the next picture, so that a frame always costs
the same; the picture is shown when it is complete, so all its lines are of one moment. So it is while the window
is panned or zoomed: until the next picture is complete the last one is shown moved and stretched.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QPolygonF, QTransform

from bplab.engine.calls import Array
from bplab.gui.theme import Theme

from .arrangement import Arrangement, Column
from .look import colour, pen
from .pace import Pace

MOST_LINES = 2_000
"""A bundle of more weights than this shows the strongest alone …"""
STRONGEST = 800
"""… this many of them."""
LINES_PER_TICK = 800
LEVELS = 12
"""Levels of strength on each side of zero."""
ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0, 11.0)
"""Where a scale may end, times a power of ten; the last one catches what rounding pushes over ten."""
TINY = 1e-12
MOST_DASHED, DASHES = 96, (9.0, 3.0)
"""In a bundle of no more lines, negative weights are dashed so, in pixels: colour does not say the sign alone."""
BAND, BAND_EDGE = 0.10, 0.30
"""How much of the quiet colour is in a band, and in its edges."""
Stroke = tuple[QPen, list[QLineF]]


def round_limit(largest: float) -> float:
    """The next short number, for a scale that people can read and that seldom changes."""
    if not np.isfinite(largest) or largest < TINY:
        return 1.0
    power = 10.0 ** np.floor(np.log10(largest))
    return float(f"{next(step for step in ROUND if largest <= step * power * 1.0000001) * power:.1e}")


def largest_weight(weights: Sequence[Array]) -> float:
    """The largest |w| of all; 0 if there is none."""
    return max((max(float(w.max()), -float(w.min())) for w in weights if w.size), default=0.0)


class Pens:
    """A pen for each level of weight, ``−LEVELS`` to ``+LEVELS``, thinner where many lines share the room."""

    def __init__(self, theme: Theme, signed: bool = True) -> None:
        levels = np.linspace(-1.0, 1.0, 2 * LEVELS + 1)
        shades = theme.diverging_rgb(levels, 1.0)
        if not signed:
            shades = theme.sequential()[np.round(255 * np.abs(levels)).astype(np.intp)]
        self._colours = [colour("#{:02x}{:02x}{:02x}".format(*shade)) for shade in shades]
        self._thickening, self._signed = theme.line_width, signed
        self._made: dict[tuple[float, bool], list[QPen]] = {}

    def of(self, lines: int, node: float) -> list[QPen]:
        """The pens for a bundle of so many lines between nodes of this size, from ``−LEVELS`` on."""
        most = 4.5 if lines <= MOST_DASHED else 3.0 if lines <= 288 else 2.0 if lines <= 640 else 1.0
        thickest = max(min(most, round(0.1 * node, 1)), 1.0)
        key = thickest, lines <= MOST_DASHED
        if key not in self._made:
            strengths = [abs(level) / LEVELS for level in range(-LEVELS, LEVELS + 1)]
            widths = [self._thickening * (1.0 + (thickest - 1.0) * strength) for strength in strengths]
            made = [pen(shade, wide) for shade, wide in zip(self._colours, widths, strict=True)]
            for stroke in made[:LEVELS] if self._signed and lines <= MOST_DASHED else []:
                stroke.setDashPattern([part / stroke.widthF() for part in DASHES])
            self._made[key] = made
        return self._made[key]


def levels_of(weights: Array, limit: float) -> NDArray[np.int64]:
    """The level of each weight, ``−LEVELS … LEVELS``."""
    scaled = np.nan_to_num(np.asarray(weights, np.float64) * (LEVELS / limit))
    return np.asarray(np.rint(np.clip(scaled, -LEVELS, LEVELS)), np.int64)


def strokes(lines: Sequence[QLineF], levels: NDArray[np.int64], pens: list[QPen]) -> list[Stroke]:
    """The lines grouped by level, weakest first, so that strong ones lie on top."""
    rank = 2 * np.abs(levels) + (levels > 0)
    order = np.argsort(rank, kind="stable")
    starts = np.flatnonzero(np.diff(rank[order], prepend=-1))
    groups = np.split(order, starts[1:])
    return [(pens[int(levels[group[0]]) + LEVELS], [lines[i] for i in group.tolist()]) for group in groups]


class Bundle:
    """The lines between two neighbouring columns."""

    def __init__(self, start: Column, end: Column, node: float) -> None:
        self._node = node
        self._x0, self._x1 = start.x + start.half, end.x - end.half
        self._y0, self._y1 = start.ys, end.ys
        self.total = len(start.ys) * len(end.ys)
        self._pace = Pace(0.01)
        self._chosen: NDArray[np.intp] | None = None
        self._lines = self._lines_of(np.arange(self.total)) if self.total <= MOST_LINES else []

    @property
    def shown(self) -> int:
        """How many of the weights have a line."""
        return self.total if self.total <= MOST_LINES else STRONGEST

    def strokes(self, weights: Array, limit: float, pens: Pens, *, fresh: bool) -> list[Stroke]:
        """What to draw for ``weights (inputs, units)``; ``fresh`` chooses the strongest anew whatever it costs."""
        flat = weights.reshape(-1)
        if self.total > MOST_LINES:
            if fresh or self._chosen is None or self._pace.due():
                with self._pace.work():
                    self._choose(flat)
            flat = flat[self._chosen]
        return strokes(self._lines, levels_of(flat, limit), pens.of(self.shown, self._node))

    def touching(self, weights: Array, limit: float, pens: Pens, source: int, target: int) -> list[Stroke]:
        """The lines that leave node ``source`` or, if that is −1, those that reach node ``target``."""
        inputs, units = weights.shape
        chosen = source * units + np.arange(units) if source >= 0 else np.arange(inputs) * units + target
        values = weights.reshape(-1)[chosen]
        if len(values) > STRONGEST:
            strongest = np.argpartition(np.abs(values), -STRONGEST)[-STRONGEST:]
            chosen, values = chosen[strongest], values[strongest]
        return strokes(self._lines_of(chosen), levels_of(values, limit), pens.of(len(chosen), self._node))

    def _choose(self, flat: Array) -> None:
        chosen = np.argpartition(np.abs(flat), -STRONGEST)[-STRONGEST:]
        if self._chosen is None or not np.array_equal(chosen, self._chosen):
            self._chosen = chosen
            self._lines = self._lines_of(chosen)

    def _lines_of(self, chosen: NDArray[np.intp]) -> list[QLineF]:
        sources, targets = np.divmod(chosen, len(self._y1))
        starts, ends = self._y0[sources].tolist(), self._y1[targets].tolist()
        return [QLineF(self._x0, y0, self._x1, y1) for y0, y1 in zip(starts, ends, strict=True)]


class EdgePicture:
    """All bundles of a network in one picture of the window's size, on the ground's colour."""

    def __init__(self, theme: Theme) -> None:
        self._theme, self._signed = theme, True
        self.pens = Pens(theme)
        self.bundles: list[Bundle | None] = []
        """What leads to each layer; None where a band does."""
        self.bands: list[list[QPointF]] = []
        self.limit = 1.0
        self.shown: QPixmap | None = None
        self._next: QPixmap | None = None
        self._waiting: list[Stroke] = []
        self._size, self._ratio, self._transform = QSize(1, 1), 1.0, QTransform()
        self._shown_at, self._next_at = QTransform(), QTransform()

    def arrange(self, arrangement: Arrangement) -> None:
        """Take the places of all columns."""
        self.bundles, self.bands = [], []
        for (start, end), layer in zip(pairwise(arrangement.columns), arrangement.blueprint.layers, strict=True):
            if layer.dense and start.maps is None:
                self.bundles.append(Bundle(start, end, arrangement.node_size))
            else:
                self.bundles.append(None)
                self.bands.append(_band(start, end))
        self._drop()

    def aim(self, size: QSize, ratio: float, transform: QTransform) -> None:
        """Draw for a window of ``size`` with ``ratio`` device pixels a pixel, seen through ``transform``."""
        self._transform = QTransform(transform)
        if (size, ratio) != (self._size, self._ratio):
            self._size, self._ratio = size, ratio
            self._drop()

    @property
    def sharp(self) -> bool:
        """False if the picture shown was drawn for a window that has been panned or zoomed since."""
        return self.shown is not None and self._shown_at == self._transform

    def paint(self, painter: QPainter) -> None:
        """Paint the last complete picture into its window, moved and stretched if need be."""
        assert self.shown is not None
        if not self.sharp:
            painter.fillRect(painter.viewport(), colour(self._theme.colours.ground))
            painter.setTransform(self._shown_at.inverted()[0] * self._transform)
        painter.drawPixmap(0, 0, self.shown)
        painter.resetTransform()

    def recolour(self) -> None:
        """Take the theme's colours anew."""
        self.pens = Pens(self._theme, self._signed)
        self._drop()

    def show_signed(self, signed: bool) -> None:
        """Colours from the diverging map around 0, or from the sequential one."""
        if signed != self._signed:
            self._signed = signed
            self.recolour()

    @property
    def complete(self) -> bool:
        """True if no picture is half drawn."""
        return not self._waiting and self.shown is not None

    def advance(self, weights: Sequence[Array], *, most: int | None, limit: float | None = None) -> None:
        """Go on with the picture of the weights, at most about ``most`` lines of it; None: all of it, from now.

        ``limit`` stands at the ends of the colour map; None: what the largest weight needs.
        """
        if most is None or self.shown is None:
            self._waiting, most = [], None
        if not self._waiting:
            self._begin(weights, limit, fresh=most is None)
        self._draw(most)
        if not self._waiting:
            self.shown, self._next = self._next, self.shown
            self._shown_at = self._next_at

    def note(self) -> str:
        """What the picture leaves out, in a few words; empty if nothing."""
        partial = [bundle for bundle in self.bundles if bundle and bundle.shown < bundle.total]
        if not partial:
            return ""
        return f"strongest {STRONGEST:,} weights{' per pair' if len(partial) > 1 else ''}"

    def _drop(self) -> None:
        self.shown = self._next = None
        self._waiting = []

    def _begin(self, weights: Sequence[Array], limit: float | None, *, fresh: bool) -> None:
        drawn = [(bundle, matrix) for bundle, matrix in zip(self.bundles, weights, strict=True) if bundle]
        self.limit = limit or round_limit(largest_weight([matrix for _, matrix in drawn]))
        self._next_at = self._transform
        for bundle, matrix in drawn:
            self._waiting += bundle.strokes(matrix, self.limit, self.pens, fresh=fresh)
        if self._next is None:
            self._next = QPixmap(self._size * self._ratio)
            self._next.setDevicePixelRatio(self._ratio)
        self._next.fill(colour(self._theme.colours.ground))
        if self.bands:
            self._draw_bands(self._next)

    def _draw_bands(self, picture: QPixmap) -> None:
        quiet = self._theme.colours.quiet
        with QPainter(picture) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setTransform(self._next_at)
            for band in self.bands:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(colour(quiet, BAND))
                painter.drawPolygon(QPolygonF(band))
                painter.setPen(pen(colour(quiet, BAND_EDGE)))
                painter.drawLine(band[0], band[1])
                painter.drawLine(band[2], band[3])

    def _draw(self, most: int | None) -> None:
        assert self._next is not None
        room = most if most is not None else sum(len(lines) for _, lines in self._waiting)
        slimmer = self._next_at.m11() ** -0.5  # lines grow less than what they lie between, so that they come apart
        with QPainter(self._next) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setTransform(self._next_at)
            while self._waiting and room > 0:
                stroke, lines = self._waiting.pop(0)
                painter.setPen(stroke if slimmer == 1.0 else _slimmer(stroke, slimmer))
                painter.drawLines(lines[:room])
                if len(lines) > room:
                    self._waiting.insert(0, (stroke, lines[room:]))
                room -= len(lines)


def _slimmer(stroke: QPen, share: float) -> QPen:
    slim = QPen(stroke)
    slim.setWidthF(share * stroke.widthF())
    return slim


def _band(start: Column, end: Column) -> list[QPointF]:
    """From the right side of a column's body to the left side of the next one's: the corners of its outline."""
    left, right = start.body, end.body
    return [left.topRight(), right.topLeft(), right.bottomLeft(), left.bottomRight()]
