"""One training sample chosen with the mouse in a picture of the plane; chosen again, all of them are meant anew."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from bplab.data import Split
from bplab.gui.focus import Focus

from .markers import MOST_POINTS, place_of

NEAR = 10.0
"""A sample is chosen from so many pixels away."""


def points_of(split: Split) -> NDArray[np.float64]:
    """The training samples that are drawn, ``(n, 2)``; none where they are no points of the plane."""
    points = split.train_points
    return np.empty((0, 2)) if points is None else points[:MOST_POINTS]


def sample_at(split: Split, frame: QRectF, place: QPointF) -> int | None:
    """The number of the training sample near a place, the plane being drawn in ``frame``; None if there is none."""
    points = points_of(split)
    if not len(points):
        return None
    away = np.hypot(*(place_of(points, frame) - (place.x(), place.y())).T)
    nearest = int(away.argmin())
    return nearest if away[nearest] <= NEAR else None


def choose(focus: Focus, sample: int | None) -> None:
    """Look at a sample, or, where it is looked at already, at the batch."""
    if sample is not None:
        focus.choose_sample(None if sample == focus.sample else sample)


def place_of_choice(focus: Focus, split: Split, frame: QRectF) -> QPointF | None:
    """Where the sample that is looked at is drawn; None if it is not."""
    sample, points = focus.sample, points_of(split)
    if sample is None or sample >= len(points):
        return None
    x, y = place_of(points[sample : sample + 1], frame)[0].tolist()
    return QPointF(x, y)
