"""What is measured on the training and on the test samples: one strong curve, one dashed one in orange."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from bplab.gui.theme import Theme

from .decimation import extreme_rows
from .readout import Entry, Swatch
from .view import Pane

Floats = NDArray[np.floating[Any]]
MOST_POINTS = 500


class TrainTestCurves:
    """The two curves in a pane, and their entries in a readout."""

    def __init__(self, pane: Pane, theme: Theme) -> None:
        self._theme = theme
        self.train, self.test = (pg.PlotCurveItem(connect="finite") for _ in range(2))
        for curve in (self.train, self.test):
            pane.addItem(curve, ignoreBounds=True)

    def set_look(self, width: float) -> None:
        """Train strong, test dashed, in the theme's colours."""
        self.train.setPen(pg.mkPen(self._theme.colours.text, width=width))
        self.test.setPen(pg.mkPen(self._test_colour(), width=width, style=Qt.PenStyle.DashLine))

    def draw(self, x: Floats, places: Floats) -> None:
        """Curves through ``places (rows, 2)``, train before test, at ``x (rows,)``: few points, and all extremes."""
        chosen = extreme_rows(places, MOST_POINTS)
        for column, curve in enumerate(self.both()):
            curve.setData(x[chosen[:, column]], places[chosen[:, column], column])

    def both(self) -> list[pg.PlotCurveItem]:
        """Train and test."""
        return [self.train, self.test]

    def entries(self, train: str, test: str) -> list[Entry]:
        """A legend with numbers; a text that is empty has no entry."""
        signs = (
            ("train", train, Swatch.LINE, QColor(self._theme.colours.text)),
            ("test", test, Swatch.DASHES, self._test_colour()),
        )
        return [Entry(*sign) for sign in signs if sign[1]]

    def _test_colour(self) -> QColor:
        """The strong orange of the diverging map."""
        return QColor(*self._theme.diverging()[-1].tolist())
