"""The inputs: a node per input with its name, or one block for many.

A node shows the feature over the plane, or how the input's values are distributed. A block is the mean picture, or
says how strongly each input is used.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen, QPixmap, QTransform

from bplab.gui.theme import index_of

from .arrangement import LABEL_GAP, Arrangement, Column
from .figures import Figures, Floats
from .images import Pixels, device_scale, image_of, packed, share_codes, sprite
from .look import Look
from .nodes import SMOOTH


class InputPainter:
    """Paints the first column."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._maps: list[QImage] = []
        self._histograms: list[Floats] = []
        self._block = QImage()
        self._nodes: tuple[float, QPixmap] | None = None

    def take(self, figures: Figures) -> None:
        """Turn numbers into colours."""
        look, image = self._look, figures.blueprint.image
        self._histograms = figures.input_histograms
        if figures.input_maps is not None:
            side = round(figures.input_maps.shape[1] ** 0.5)
            tiles = look.diverging[index_of(figures.input_maps, 1.0)].reshape(-1, side, side)
            self._maps = [image_of(tile) for tile in tiles]
        elif image is not None:
            self._block = image_of(self._mean_picture(figures.mean_inputs.reshape(image)))
        else:
            self._block = image_of(look.ink[share_codes(figures.input_strength())][:, None])

    def _mean_picture(self, pixels: Floats) -> Pixels:
        """Pixels ``(channels, height, width)`` in colour where there are three channels, else from ground to ink."""
        low = min(pixels.min(), 0.0)
        codes = share_codes((pixels - low) / ((pixels.max() - low) or 1.0))
        if len(pixels) == 3:
            return packed(codes.transpose(1, 2, 0))
        return self._look.ink[share_codes(codes.mean(axis=0) / 255)]

    def paint(self, painter: QPainter, arrangement: Arrangement) -> None:
        """Paint nodes and names, or the block."""
        column = arrangement.columns[0]
        if not column.folded:
            scale = device_scale(painter)
            if self._nodes is None or self._nodes[0] != scale:
                self._nodes = scale, self._draw_nodes(arrangement, scale)
            painter.drawPixmap(QPointF(0, math.floor(column.body.top()) - 1), self._nodes[1])
            return
        painter.setRenderHint(SMOOTH, self._block.height() > column.body.height())
        painter.drawImage(column.body, self._block)
        painter.setRenderHint(SMOOTH)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._look.line, 1.0))
        painter.drawRoundedRect(column.body.adjusted(-1, -1, 1, 1), 3, 3)

    def _draw_nodes(self, arrangement: Arrangement, scale: float) -> QPixmap:
        """All nodes with their names in one picture, for training does not change them."""
        column = arrangement.columns[0]

        def draw(painter: QPainter) -> None:
            painter.translate(0, 1 - math.floor(column.body.top()))
            for index in range(len(column.ys)):
                self._paint_node(painter, column, index)
            self._paint_names(painter, arrangement)

        return sprite(column.x + column.half + 2, column.body.height() + 3, scale, draw)

    def _paint_node(self, painter: QPainter, column: Column, index: int) -> None:
        square = column.node(index).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(self._look.quiet, 1.0))
        if self._maps:
            brush, side = QBrush(self._maps[index]), self._maps[index].width()
            scale = square.width() / side
            brush.setTransform(QTransform(scale, 0, 0, scale, square.x(), square.y()))
            painter.setBrush(brush)
        else:
            painter.setBrush(self._look.ground)
        corner = 0.2 * square.width()
        painter.drawRoundedRect(square, corner, corner)
        if self._histograms:
            self._paint_bars(painter, square.adjusted(corner, corner, -corner, -corner), self._histograms[index])

    def _paint_bars(self, painter: QPainter, room: QRectF, heights: Floats) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._look.bars)
        wide = room.width() / len(heights)
        for place, height in enumerate((room.height() * heights).tolist()):
            painter.drawRect(QRectF(room.left() + place * wide, room.bottom() - height, wide, height))

    def _paint_names(self, painter: QPainter, arrangement: Arrangement) -> None:
        look, column, room = self._look, arrangement.columns[0], arrangement.label_room()
        painter.setFont(look.small_font)
        painter.setPen(look.text)
        right = column.x - column.half - LABEL_GAP
        for name, y in zip(arrangement.blueprint.inputs, column.ys.tolist(), strict=True):
            text = look.small_metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            place = QRectF(QPointF(right - room - 1, y - 10), QPointF(right, y + 10))
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
