"""Curves of other runs beside those of the run on view: thinner in what they say, each with a pattern of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from bplab.gui.branches import Compared
from bplab.lab.record import RunRecord

from .decimation import extreme_rows
from .layer_curves import separated
from .readout import DASHES, Swatch
from .view import Pane

Floats = NDArray[np.floating[Any]]
SWATCHES = (Swatch.DOTS, Swatch.DASH_DOT, Swatch.LONG_DASHES, Swatch.DASHES)
MOST_POINTS = 200
"""Points of one curve: a pattern costs more to paint than a line."""
BEHIND = -2.0
"""Below the run's own curves: a fork has its parent's rows up to where it begins."""


class ComparedCurves:
    """Curves in a pane, one or more for each run that is compared; drawn anew only when they would look otherwise."""

    def __init__(self, pane: Pane) -> None:
        self._pane = pane
        self._curves: list[pg.PlotCurveItem] = []
        self._drawn: object = None

    def draw(
        self,
        compared: Sequence[Compared],
        values: Callable[[RunRecord], Floats],
        place: Callable[[Floats], Floats],
        colours: Sequence[QColor],
        width: float,
        zero: float | None,
        key: object,
    ) -> None:
        """Curves through ``values(record)``, ``(rows, curves)``, as ``place`` puts them on the axis.

        ``key`` says all that the drawing depends on besides the runs.
        """
        drawn = [one.run_id for one in compared], [colour.rgba() for colour in colours], width, key
        if drawn == self._drawn:
            return
        self.clear()
        self._drawn = drawn
        for one in compared:
            x = one.record.column("step").astype(np.float64)
            places = place(values(one.record))
            chosen = extreme_rows(places, MOST_POINTS)
            for number, colour in enumerate(colours):
                at = chosen[:, number]
                self._add(*separated(x[at], places[at, number], zero), pen_of(one.place, colour, width))

    def clear(self) -> None:
        """Without runs to compare with."""
        for curve in self._curves:
            self._pane.removeItem(curve)
        self._curves, self._drawn = [], None

    @property
    def curves(self) -> list[pg.PlotCurveItem]:
        """All of them, run by run."""
        return list(self._curves)

    def _add(self, x: Floats, y: Floats, pen: Any) -> None:
        curve = pg.PlotCurveItem(x, y, pen=pen, connect="finite")
        curve.setZValue(BEHIND)
        self._pane.addItem(curve, ignoreBounds=True)
        self._curves.append(curve)


def pen_of(place: int, colour: QColor, width: float) -> Any:
    """The pattern of the run at ``place`` among those compared."""
    pen = pg.mkPen(colour, width=width)
    pen.setDashPattern(list(DASHES[SWATCHES[place]]))
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen
