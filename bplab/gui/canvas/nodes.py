"""Neurons: a disc that shows what the neuron answers, a ring whose filled part is its saturation, a cross if dead.

The disc is a map of the neuron's output over the plane, or the colour of its mean output for other data. Ring and
cross say by length and by shape what they also say by colour. A disc is drawn as a square with a frame on top that
leaves a round hole: that costs a quarter of filling a circle with a picture.
"""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from bplab.gui.theme import index_of

from .arrangement import Column
from .figures import LayerFigures
from .images import Pixels, device_scale, image_of, share_codes, sprite
from .look import Look, colour, pen

TOP, TURN = 90 * 16, 360 * 16
"""Angles of ``drawArc``: twelve o'clock and a whole turn."""
SMOOTH = QPainter.RenderHint.SmoothPixmapTransform
NO_BRUSH = Qt.BrushStyle.NoBrush
LEAST_SHARE = 0.005
PALEST = 0.6
"""The ring's length says the share; its colour follows but is never so pale that the ring is missed."""
TRACK = 1.25


def ring_width(half: float) -> float:
    """Width of the ring around a disc of this radius."""
    return min(max(0.16 * half, 1.5), 3.5)


class NodePainter:
    """Paints one layer's neurons as they were at the last :meth:`take`."""

    def __init__(self, look: Look, of: QColor) -> None:
        self._look = look
        self._track = QColor(of)
        self._track.setAlphaF(0.55)
        self._tiles: list[QImage] = []
        self._fills: list[QColor] = []
        self._rings: list[tuple[int, int]] = []
        self._dead: list[bool] = []
        self._frame: tuple[tuple[int, float, int], QPixmap] | None = None
        self._pens: dict[int, QPen] = {}

    def take(self, figures: LayerFigures) -> None:
        """Turn numbers into colours."""
        look = self._look
        if figures.maps is None or figures.shade is not None:
            self._fills, self._tiles = [QColor.fromRgb(pixel) for pixel in neuron_pixels(figures, look).tolist()], []
        else:
            side = round(figures.maps.shape[1] ** 0.5)
            tiles = look.diverging[index_of(figures.maps, figures.limit)].reshape(-1, side, side)
            self._fills, self._tiles = [], [image_of(tile) for tile in tiles]
        codes = share_codes(np.maximum(figures.saturation, PALEST)).tolist()
        spans = np.where(figures.saturation > LEAST_SHARE, figures.saturation * -TURN, 0.0).astype(int).tolist()
        self._rings = list(zip(codes, spans, strict=True))
        self._dead = figures.dead.tolist()

    def paint(self, painter: QPainter, column: Column, ground: QColor) -> None:
        """Paint all neurons of the column on ``ground``."""
        side = round(2 * column.half)
        ring = ring_width(column.half)
        frame = self._framed(side, ring, device_scale(painter), ground)
        gap = int(ring)
        left, tops = round(column.x - column.half), np.rint(column.ys - column.half).astype(int).tolist()
        painter.setBrush(NO_BRUSH)
        for index, top in enumerate(tops):
            inner = QRect(left + gap, top + gap, side - 2 * gap, side - 2 * gap)
            if self._tiles:
                painter.drawImage(inner, self._tiles[index])
            else:
                painter.fillRect(inner, self._fills[index])
            painter.drawPixmap(left - 1, top - 1, frame)
            code, span = self._rings[index]
            if span:
                painter.setPen(self._pen(code, ring))
                painter.drawArc(QRectF(left + 0.5 * ring, top + 0.5 * ring, side - ring, side - ring), TOP, span)
            if self._dead[index]:
                paint_cross(painter, QPointF(left + 0.5 * side, top + 0.5 * side), 0.3 * side, self._look)

    def _framed(self, side: int, ring: float, scale: float, ground: QColor) -> QPixmap:
        """The ground's colour all over a node's square, one pixel beyond it, with a round hole and the ring's track."""
        key = side, scale, ground.rgb()
        if self._frame is None or self._frame[0] != key:
            draw = partial(self._paint_frame, side=side, ring=ring, ground=ground)
            self._frame = key, sprite(side + 2, side + 2, scale, draw)
        return self._frame[1]

    def _paint_frame(self, painter: QPainter, side: int, ring: float, ground: QColor) -> None:
        around = QRectF(1, 1, side, side)
        gap = ring + (1.0 if side >= 16 else 0.0)
        mask = QPainterPath()
        mask.addRect(around)
        mask.addEllipse(around.adjusted(gap, gap, -gap, -gap))
        painter.fillPath(mask, ground)
        painter.setPen(QPen(self._track, TRACK))
        painter.drawEllipse(around.adjusted(ring / 2, ring / 2, -ring / 2, -ring / 2))

    def _pen(self, code: int, ring: float) -> QPen:
        if code not in self._pens:
            self._pens[code] = pen(QColor.fromRgb(int(self._look.sequential[code])), ring)
        return self._pens[code]


def paint_cross(painter: QPainter, centre: QPointF, half: float, look: Look) -> None:
    """The mark of a dead neuron, with a halo so that it shows on any colour."""
    x, y = centre.x(), centre.y()
    arms = [QLineF(x - half, y - half, x + half, y + half), QLineF(x - half, y + half, x + half, y - half)]
    wide = min(max(0.3 * half, 1.25), 2.5)
    for stroke in (pen(colour(look.colours.ground, 0.9), wide + 2.0), pen(look.text, wide)):
        stroke.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(stroke)
        painter.drawLines(arms)


def neuron_pixels(figures: LayerFigures, look: Look) -> Pixels:
    """The colour of every neuron, ``(units,)``: of what is coloured by, else of its mean output."""
    if figures.shade is None:
        pixels: Pixels = look.diverging[index_of(figures.means, figures.limit)]
    elif figures.shade_signed:
        pixels = look.diverging[index_of(figures.shade, figures.shade_limit)]
    else:
        pixels = look.sequential[share_codes(figures.shade / figures.shade_limit)]
    return pixels


class BlockPainter:
    """Paints a folded layer: a row per neuron, its mean output on the left, its saturation on the right.

    What has no activation has no saturation either: there the mean outputs have all the width.
    """

    def __init__(self, look: Look, of: QColor, saturates: bool = True) -> None:
        self._look = look
        self._edge = QColor(of)
        self._saturates = saturates
        self._means, self._shares = QImage(), QImage()
        self._dead = 0

    def take(self, figures: LayerFigures) -> None:
        """Turn numbers into colours."""
        look = self._look
        self._means = image_of(neuron_pixels(figures, look)[:, None])
        self._shares = image_of(look.sequential[share_codes(figures.saturation)][:, None])
        self._dead = int(figures.dead.sum()) if self._saturates else 0

    def paint(self, painter: QPainter, column: Column, ground: QColor) -> None:
        """Paint the strips, the frame, and the number of dead neurons below, on ``ground``."""
        body = column.body
        split = body.left() + 0.62 * body.width() if self._saturates else body.right()
        means = QRectF(body.topLeft(), QPointF(split, body.bottom()))
        shares = QRectF(QPointF(split + 1.0, body.top()), body.bottomRight())
        painter.fillRect(body, ground)
        # More neurons than pixels melt into each other; fewer keep their edges.
        painter.setRenderHint(SMOOTH, self._means.height() > body.height())
        painter.drawImage(means, self._means)
        if self._saturates:
            painter.drawImage(shares, self._shares)
        painter.setRenderHint(SMOOTH)
        painter.setBrush(NO_BRUSH)
        painter.setPen(QPen(self._edge, 1.25))
        painter.drawRoundedRect(body.adjusted(-1, -1, 1, 1), 3, 3)
        if self._dead:
            self._paint_dead(painter, column)

    def _paint_dead(self, painter: QPainter, column: Column) -> None:
        text, metrics = f"{self._dead:,} dead", self._look.small_metrics
        size = 0.5 * metrics.xHeight()
        wide = metrics.horizontalAdvance(text) + 2 * size + 5.0
        left, middle = column.x - 0.5 * wide, column.body.bottom() + 4.0 + 0.5 * metrics.height()
        paint_cross(painter, QPointF(left + size, middle), size, self._look)
        painter.setFont(self._look.small_font)
        painter.setPen(self._look.quiet)
        painter.drawText(QPointF(left + 2 * size + 5.0, middle + 0.5 * metrics.capHeight()), text)
