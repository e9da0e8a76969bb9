"""Markers of samples: every class has a colour and a shape; training samples are filled, test samples are outlines."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from bplab.data import REACH, Split
from bplab.gui.theme import Theme
from bplab.lab.palette import class_colour, class_marker

from .images import sprite
from .surface_values import ValueColours

MOST_POINTS = 1_000
"""So many samples of each part are drawn; they are shuffled, so the first ones are a fair share."""


@cache
def shape(index: int, size: float) -> QPainterPath:
    """The marker of a class, ``size`` pixels across, around the origin."""
    path: QPainterPath = Symbols[class_marker(index)]
    return QTransform.fromScale(size, size).map(path)


def paint_marker(
    painter: QPainter,
    place: QPointF,
    path: QPainterPath,
    of: QColor,
    theme: Theme,
    test: bool,
    edge: QColor | None = None,
) -> None:
    """One marker, filled or, for a test sample, as an outline; ``edge`` goes around a filled one, else the ground."""
    ground = QColor(theme.colours.ground)
    if test:
        ground.setAlphaF(0.7)
        painter.setPen(QPen(of, 1.25))
        painter.setBrush(QBrush(ground))
    else:
        painter.setPen(QPen(edge or ground, 0.75))
        painter.setBrush(QBrush(of))
    painter.drawPath(path.translated(place))


class PointsPicture:
    """All samples as one transparent picture, drawn anew only if data, size or theme change."""

    def __init__(self, split: Split, colours: ValueColours, theme: Theme) -> None:
        self._split, self._colours, self._theme = split, colours, theme
        self._drawn: QPixmap | None = None
        self._size, self._ratio = QSize(), 0.0

    def picture(self, size: QSize, ratio: float) -> QPixmap:
        """The samples in a plane of ``size`` pixels, ``ratio`` device pixels each."""
        if self._drawn is None or (size, ratio) != (self._size, self._ratio):
            self._size, self._ratio = size, ratio
            self._drawn = sprite(size.width(), size.height(), ratio, self._draw)
        return self._drawn

    def paint(self, painter: QPainter, frame: QRectF) -> None:
        """The samples as shapes, for what has no pixels, into a plane that lies in ``frame``."""
        split = self._split
        self._draw_part(painter, frame, split.test_points, split.test_targets, test=True)
        self._draw_part(painter, frame, split.train_points, split.train_targets, test=False)

    def _draw(self, painter: QPainter) -> None:
        self.paint(painter, QRectF(0, 0, self._size.width(), self._size.width()))

    def _draw_part(
        self,
        painter: QPainter,
        frame: QRectF,
        points: NDArray[np.float64] | None,
        targets: NDArray[np.generic],
        *,
        test: bool,
    ) -> None:
        if points is None or not len(points):
            return
        shown, answers = points[:MOST_POINTS], targets[:MOST_POINTS]
        size = min(max(frame.width() / 2.6 / math.sqrt(len(shown)), 5.0), 9.0)
        edge = None
        if self._split.task == "classification":
            looks = [(shape(int(of), size), QColor(class_colour(int(of)))) for of in answers]
        else:
            pixels = self._colours.diverging[self._colours.scale.codes(np.asarray(answers, np.float64)[:, 0])]
            looks = [(shape(0, size), QColor.fromRgb(int(pixel))) for pixel in pixels]
            edge = QColor(self._theme.colours.text)
            edge.setAlphaF(0.6)
        places = place_of(shown, frame)
        for (path, of), (x, y) in zip(looks, places.tolist(), strict=True):
            paint_marker(painter, QPointF(x, y), path, of, self._theme, test, edge)


def place_of(points: NDArray[np.float64], frame: QRectF) -> NDArray[np.float64]:
    """Where points ``(n, 2)`` of the plane lie in ``frame``, in pixels ``(n, 2)``."""
    share = 0.5 + points * (0.5 / REACH)
    x, y = frame.left() + share[:, 0] * frame.width(), frame.bottom() - share[:, 1] * frame.height()
    return np.column_stack((x, y))
