"""The little curve of an activation: f and f' over z, with the stretches where it is saturated shaded."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.engine import Activation, Softmax
from bplab.engine.activations import saturation_mask

from ..theme import GRID, Theme
from .bar_parts import caption_font

REACH = 5.0
_SAMPLES = 241


def curves(activation: Activation) -> tuple[Any, Any, Any]:
    """``z``, f and f' ``(241,)`` over ±5. For softmax: two units, the other one held at z = 0."""
    z = np.linspace(-REACH, REACH, _SAMPLES)
    if isinstance(activation, Softmax):
        pair = np.stack([z, np.zeros_like(z)], axis=1)
        return z, activation.f(pair)[:, 0], activation.df(pair)[:, 0]
    return z, activation.f(z), activation.df(z)


class ActivationCurve(QWidget):
    """Draws the curve of one activation in the colour of its layer."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._activation: Activation | None = None
        self._colour = QColor(theme.colours.accent)
        self.setFont(caption_font(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Curve of the activation")
        self.setToolTip("Response f (full) and slope f' (dashed); shaded where saturated: f' below 5 % of its most")
        theme.changed.connect(self.update)

    def show_activation(self, activation: Activation, colour: QColor) -> None:
        """Draw ``activation`` in ``colour``."""
        if activation != self._activation or colour != self._colour:
            self._activation, self._colour = activation, colour
            self.update()

    def sizeHint(self) -> QSize:
        """Eight grid steps high: what follows is seen in a small window too."""
        return QSize(24 * GRID, 8 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, saturated stretches, axes, curves, names."""
        if self._activation is None:
            return
        z, f, slope = curves(self._activation)
        colours, painter = self._theme.colours, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect())
        painter.fillRect(frame, QColor(colours.ground))
        plot = frame.adjusted(GRID, GRID, -GRID, -GRID)
        low, high = min(-1.2, max(-2.0, float(f.min()))), max(1.2, min(2.4, float(f.max())))

        def place(x: Any, y: Any) -> QPointF:
            across, up = (float(x) + REACH) / (2 * REACH), (float(y) - low) / (high - low)
            return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())

        self._shade(painter, plot, z, slope)
        painter.setPen(QPen(QColor(colours.line), 1))
        painter.drawLine(place(-REACH, 0), place(REACH, 0))
        painter.drawLine(place(0, low), place(0, high))
        painter.setClipRect(frame)
        for values, style, colour, width in (
            (slope, Qt.PenStyle.DashLine, QColor(colours.quiet), 1.4),
            (f, Qt.PenStyle.SolidLine, self._colour, 2.0),
        ):
            painter.setPen(QPen(colour, width, style))
            painter.drawPolyline(QPolygonF([place(x, y) for x, y in zip(z, values, strict=True)]))
        self._label(painter, frame.adjusted(GRID, GRID / 2, -GRID, -GRID / 2))

    def _shade(self, painter: QPainter, plot: QRectF, z: Any, slope: Any) -> None:
        tint = QColor(self._theme.colours.quiet)
        tint.setAlphaF(0.12)
        step = plot.width() / (len(z) - 1)
        saturated = saturation_mask(self._activation, slope)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], saturated.astype(np.int8), [0]])))
        for begin, end in edges.reshape(-1, 2):
            width = (end - begin - 1) * step
            painter.fillRect(QRectF(plot.left() + begin * step, plot.top(), width, plot.height()), tint)

    def _label(self, painter: QPainter, place: QRectF) -> None:
        top_left = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft
        painter.setPen(self._colour)
        painter.drawText(place, top_left, "f")
        painter.setPen(QColor(self._theme.colours.quiet))
        painter.drawText(place.adjusted(1.5 * GRID, 0, 0, 0), top_left, "f'")
        painter.drawText(place, Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignRight, "z")
