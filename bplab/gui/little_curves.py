"""Little curves: what an activation does, or how an initialization spreads the weights, at a glance in a list."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap, QPolygonF

from bplab.engine import Activation, ReLU
from bplab.engine.initializers import Initializer, Site

from .panels.activation_curve import curves

CURVE = QSize(30, 18)
"""Pixels of a picture."""
_SHARPNESS = 2
_SITE = Site(64, 64, ReLU())
_BINS, _REACH = 25, 0.5
Floats = NDArray[np.floating[Any]]


def little_curve(kind: type[Any], ink: QColor, quiet: QColor) -> QIcon | None:
    """The picture of an activation or an initialization, in ``ink`` over an axis in ``quiet``; None for other kinds."""
    if issubclass(kind, Activation):
        z, f, _ = curves(kind())
        return _drawn(z / np.abs(z).max(), np.clip(f, -1.3, 1.3) / 1.4, 0.0, ink, quiet)
    if issubclass(kind, Initializer):
        return _drawn(*_spread(kind), -0.9, ink, quiet)
    return None


def _spread(kind: type[Initializer]) -> tuple[Floats, Floats]:
    """How often weights of a layer 64 × 64 have which value, as the corners of steps within ±1."""
    values = kind().draw(np.random.default_rng(0), (64, 64), _SITE)
    counts, edges = np.histogram(values, bins=_BINS, range=(-_REACH, _REACH))
    heights = counts / max(1, counts.max())
    x = np.repeat(edges, 2)[1:-1] / _REACH
    return x, np.repeat(heights, 2) * 1.7 - 0.9


def _drawn(x: Floats, y: Floats, axis: float, ink: QColor, quiet: QColor) -> QIcon:
    pixmap = QPixmap(CURVE * _SHARPNESS)
    pixmap.setDevicePixelRatio(_SHARPNESS)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    across, up = CURVE.width() / 2, CURVE.height() / 2

    def place(at: float, value: float) -> QPointF:
        return QPointF(across + at * (across - 1), up - value * (up - 1))

    painter.setPen(QPen(quiet, 0.75))
    painter.drawLine(place(-1, axis), place(1, axis))
    painter.drawLine(place(0, -1), place(0, 1))
    painter.setPen(QPen(ink, 1.5))
    painter.drawPolyline(QPolygonF([place(float(at), float(value)) for at, value in zip(x, y, strict=True)]))
    painter.end()
    return QIcon(pixmap)
