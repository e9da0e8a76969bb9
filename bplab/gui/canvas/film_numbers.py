"""Where the numbers of a scene stand: on neurons and edges, in pixels of the window, and never over each other.

A column's numbers all stand in the same place: in its discs, below them or beside them, wherever there is room for
all; else they are left out. An edge's number stands on its line, where that is farthest from the other lines; the
strongest edges choose first, and what finds no room is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFontMetricsF

from .tips import signed

Floats = NDArray[np.floating]
MOST_EDGES = 160
"""Between columns with more edges than this none has a number."""
PLACES = (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.2, 0.8)
"""Where on a line a number may stand, best first."""
INSIDE, PAD, ASIDE, CLEAR = 0.86, 3.0, 4.0, 7.0
"""Share of a disc that text may take; around a number; from a disc; least distance from another line."""


@dataclass(frozen=True, slots=True)
class Discs:
    """A column of neurons in the window."""

    x: float
    half: float
    ys: Floats


@dataclass(frozen=True, slots=True)
class Label:
    """One number."""

    place: QRectF
    text: str
    inside: int = -1
    """In the disc of this neuron, whose colour is its ground; −1: on a ground of its own."""


@dataclass(slots=True)
class Numbers:
    """Finds places for numbers, one column and one gap after the other."""

    metrics: QFontMetricsF
    taken: list[QRectF] = field(default_factory=list)

    def of_column(self, discs: Discs, values: Floats, *, left: bool) -> list[Label]:
        """The numbers of all neurons of a column, or none; ``left`` of the discs where they stand beside them."""
        texts = [signed(float(value)) for value in values]
        wide = max(self.metrics.horizontalAdvance(text) for text in texts) + 2 * PAD
        high, pitch = self.metrics.height(), _pitch(discs.ys)
        if wide <= 2 * discs.half * INSIDE and high <= 2 * discs.half * 0.5:
            return [
                Label(QRectF(discs.x - discs.half, y - 0.5 * high, 2 * discs.half, high), text, inside=number)
                for number, (text, y) in enumerate(zip(texts, discs.ys.tolist(), strict=True))
            ]
        if pitch - 2 * discs.half >= high + 3.0:
            return self._take(texts, discs.x - 0.5 * wide, discs.ys + discs.half + 1.5, wide)
        if pitch >= high + 1.0:
            x = discs.x - discs.half - ASIDE - wide if left else discs.x + discs.half + ASIDE
            return self._take(texts, x, discs.ys - 0.5 * high, wide)
        return []

    def beside(self, discs: Discs, numbers: list[Label], texts: list[str]) -> list[Label]:
        """What belongs to the neurons besides: below their discs, or above them where ``numbers`` stand below."""
        high, room = self.metrics.height(), _pitch(discs.ys) - 2 * discs.half
        below = not numbers or numbers[0].inside >= 0
        if room < (high if below else 2 * high) + 4.0:
            return []
        wide = max(self.metrics.horizontalAdvance(text) for text in texts) + 2 * PAD
        tops = discs.ys + discs.half + 1.5 if below else discs.ys - discs.half - 1.5 - high
        return self._take(texts, discs.x - 0.5 * wide, tops, wide)

    def block(self, place: QRectF) -> None:
        """Something stands there already."""
        self.taken.append(place)

    def on_edges(self, start: Discs, end: Discs, values: Floats) -> list[Label]:
        """The numbers of ``values (inputs, units)`` on the lines from column to column that have room."""
        if values.size > MOST_EDGES:
            return []
        found = []
        sources, targets = np.divmod(np.arange(values.size), values.shape[1])
        y0, y1 = np.asarray(start.ys)[sources], np.asarray(end.ys)[targets]
        flat = values.reshape(-1)
        for edge in np.argsort(-np.abs(np.nan_to_num(flat)), kind="stable").tolist():
            text = signed(float(flat[edge]))
            place = self._place_on(edge, y0, y1, start.x + start.half, end.x - end.half, text)
            if place is not None:
                self.taken.append(place)
                found.append(Label(place, text))
        return found

    def _take(self, texts: list[str], x: float, tops: Floats, wide: float) -> list[Label]:
        labels = [
            Label(QRectF(x, top, wide, self.metrics.height()), text)
            for text, top in zip(texts, tops.tolist(), strict=True)
        ]
        self.taken += [label.place for label in labels]
        return labels

    def _place_on(self, edge: int, y0: Floats, y1: Floats, x0: float, x1: float, text: str) -> QRectF | None:
        wide, high = self.metrics.horizontalAdvance(text) + 2 * PAD, self.metrics.height()
        best, most = None, 0.0
        for share in PLACES:
            x, heights = x0 + share * (x1 - x0), y0 + share * (y1 - y0)
            place = QRectF(x - 0.5 * wide, float(heights[edge]) - 0.5 * high, wide, high)
            if place.left() < x0 or place.right() > x1 or any(place.intersects(other) for other in self.taken):
                continue
            away = np.delete(np.abs(heights - heights[edge]), edge)
            clear = min(float(away.min()) if away.size else high, high)
            if clear > most + 0.5:
                best, most = place, clear
        return best if most >= CLEAR else None


def _pitch(ys: Floats) -> float:
    """From neuron to neuron; as good as endless for one alone."""
    return float(np.diff(ys).min()) if len(ys) > 1 else 1e9
