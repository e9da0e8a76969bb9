"""A curve per layer in the layer's colour with its name at the end: what gradient, updates and dead neurons share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QFont

from .decimation import extreme_rows
from .layer_items import LayerNames
from .scales import LinearScale, LogScale
from .view import Pane

Floats = NDArray[np.floating[Any]]
MOST_POINTS, ALL_POINTS = 500, 10_000
"""Points of one curve, and of all curves together."""


class LayerCurves:
    """The curves in a pane, and ``labels``, which the plot puts beside it."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._names: list[str] = []
        self._colours: list[QColor] = []
        self.labels = LayerNames(pane)
        self.curves: list[pg.PlotCurveItem] = []

    def begin(self, names: Sequence[str], colours: Sequence[QColor], font: QFont, width: float = 1.0) -> None:
        """One curve per layer, ``width`` pixels wide, without points at first."""
        for curve in self.curves:
            self._pane.removeItem(curve)
        self._names, self._colours = list(names), list(colours)
        self.curves = [pg.PlotCurveItem(pen=pg.mkPen(colour, width=width), connect="finite") for colour in colours]
        for curve in self.curves:
            self._pane.addItem(curve, ignoreBounds=True)
        self.labels.set_font(font, self._names)

    def draw(self, x: Floats, places: Floats, zero: float | None) -> None:
        """Curves through ``places (rows, layers)`` at ``x (rows,)``; those at ``zero`` stand apart."""
        chosen = extreme_rows(places, max(32, min(MOST_POINTS, ALL_POINTS // max(1, places.shape[1]))))
        for layer, curve in enumerate(self.curves):
            at = chosen[:, layer]
            curve.setData(*separated(x[at], places[at, layer], zero))

    def name_ends(self, ends: Floats) -> None:
        """Where on the axis the curves end, ``(layers,)``."""
        self.labels.set_labels(list(zip(ends.tolist(), self._names, self._colours, strict=True)))


def scale_around(log: bool, *values: Floats) -> LinearScale | LogScale:
    """The scale that holds ``values``, logarithmic or not."""
    return LogScale.around(*values) if log else LinearScale.around(*values)


def separated(x: Floats, y: Floats, zero: float | None) -> tuple[Floats, Floats]:
    """Points of a curve with a gap between those at ``zero`` and the others: no line leads from a number to 0."""
    if zero is None or not (y == zero).any():
        return x, y
    at_zero = y == zero
    gap = np.full(1, np.nan)
    above, below = np.where(at_zero, np.nan, y), np.where(at_zero, y, np.nan)
    return np.concatenate([x, gap, x]), np.concatenate([above, gap, below])
