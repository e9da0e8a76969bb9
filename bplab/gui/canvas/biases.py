"""Biases: a small square at the lower left of every neuron, filled as an edge of that weight is coloured.

A positive bias fills its square up from the middle, a negative one down, so that colour does not say the sign alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from bplab.engine.calls import Array
from bplab.gui.theme import index_of

from .arrangement import Arrangement
from .look import Look, pen


def paint_biases(
    painter: QPainter, look: Look, arrangement: Arrangement, biases: list[Array], limit: float | None
) -> None:
    """Paint the squares of all layers that have some; ``limit`` is the end of the scale, None leaves them empty."""
    for column, values in zip(arrangement.columns[1:], biases, strict=True):
        places = arrangement.bias_marks(column)
        if not places:
            continue
        painter.setPen(pen(look.quiet))
        painter.setBrush(look.ground)
        painter.drawRects(places)
        if limit is not None:
            shown: NDArray[np.float64] = np.clip(np.nan_to_num(np.asarray(values, np.float64)) / limit, -1.0, 1.0)
            pixels = look.diverging[index_of(shown, 1.0)].tolist()
            for place, share, pixel in zip(places, shown.tolist(), pixels, strict=True):
                painter.fillRect(filled(place, share), QColor.fromRgb(pixel))


def filled(place: QRectF, share: float) -> QRectF:
    """The part of a square that a bias of this share of the scale fills: up from the middle, or down."""
    inner = place.adjusted(1.0, 1.0, -1.0, -1.0)
    middle = inner.center().y()
    reach = -0.5 * inner.height() * share
    return QRectF(inner.left(), min(middle, middle + reach), inner.width(), abs(reach))
