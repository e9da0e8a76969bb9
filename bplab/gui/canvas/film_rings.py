"""Rings around the samples of a training step, in a picture of the data: all of the batch, and the one looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter

from bplab.gui.theme import Colours

from .look import Look, colour, pen

Floats = NDArray[np.float64]
RING, CHOSEN = 6.5, 9.0
"""Radius in pixels, of a ring around a sample of the batch and around the one looked at."""


@dataclass(frozen=True, eq=False, slots=True)
class Rings:
    """``points (samples, 2)``: the batch in the picture's own coordinates."""

    points: Floats
    chosen: int | None
    """Which of them is looked at; None for all alike."""


def paint_rings(painter: QPainter, look: Look, places: Floats, chosen: int | None) -> None:
    """Rings around ``places (samples, 2)``, in pixels; a light and a dark line, so that they show on any colour."""
    for number, (x, y) in enumerate(places.tolist()):
        if number != chosen:
            paint_ring(painter, look.colours, QPointF(x, y), RING if chosen is not None else CHOSEN, 1.5, 0.75)
    if chosen is not None:
        paint_ring(painter, look.colours, QPointF(*places[chosen].tolist()))


def paint_ring(
    painter: QPainter,
    colours: Colours,
    place: QPointF,
    radius: float = CHOSEN,
    wide: float = 3.0,
    opaque: float = 1.0,
) -> None:
    """One ring; as it is for the sample looked at, where nothing else is said."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for of, thick in ((colour(colours.ground, opaque), wide + 2.5), (colour(colours.accent, opaque), wide)):
        painter.setPen(pen(of, thick))
        painter.drawEllipse(place, radius, radius)
