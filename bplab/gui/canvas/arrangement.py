"""The arrangement: where everything of a network stands in a window of a given size. Geometry only, nothing is drawn.

Columns run from the inputs to the output. A column whose neurons would be too many or too small to tell apart is
folded into one block. All neurons have one size, which follows the fullest column that is not folded; only where
that makes them tiny, columns with more room keep theirs comfortable. A layer for images is a grid of its feature
maps. Where there are skips, their arcs have room above the headers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF

from .blueprint import Blueprint, Style
from .map_grid import MapGrid

MOST_NEURONS, MOST_INPUTS = 24, 16
"""A column with more than this is folded."""
MARGIN, HEADER_GAP, FOOT = 14.0, 10.0, 32.0
LEAST_ROW, LEAST_PITCH, COMFORTABLE_PITCH, MOST_PITCH = 11.0, 44.0, 58.0, 320.0
LARGEST_NODE, SMALLEST_NODE = 56.0, 8.0
TINY_NODE, COMFORTABLE_NODE = 14.0, 24.0
BLOCK_WIDTH, LARGEST_IMAGE = 32.0, 152.0
LABEL_GAP, LONGEST_LABEL, SIDE_MARGIN = 8.0, 112.0, 6.0
SPACING = 2.0
"""From node to node, in sizes of a node, where there is room."""
LEAST_HEADER, WIDEST_HEADER, BADGES_WIDER = 72.0, 168.0, 28.0
MAPS_SHARE, BAR_HALF = 0.78, 5.0
"""Width of the maps as a share of the pitch; half the width of a bar."""
SKIP_ROOM, BADGE_GAP = 34.0, 6.0
MOST_EDGES, EDGE_REACH = 2_000, 4.0
"""Edges can be pointed at one by one where there are no more of them, from so many pixels away."""
BIAS_SIDE, LEAST_BIASED, BIAS_REACH = 7.0, 24.0, 2.0
"""Edge of the square of a bias, the least neuron that has one, and how far around it the mouse is on it."""
HANDLE_REACH, GRIP_HALF, GRIP_HIGH = 6.0, 9.0, 8.0


class Kind(Enum):
    """What lies under a point."""

    NOTHING = auto()
    INPUT = auto()
    HEADER = auto()
    COLUMN = auto()
    NEURON = auto()
    BIAS = auto()
    """The small square beside a neuron that stands for its bias."""
    GAP = auto()
    GRIP = auto()
    """The lower edge of a layer, by which its width is changed."""
    HANDLE = auto()
    """The dot above a header, from which a skip is drawn."""


@dataclass(frozen=True, slots=True)
class Hit:
    """What lies under a point; ``layer`` from 0 (a gap's is the layer behind it), ``neuron`` or input from 0, or −1.

    In a gap, at an edge: ``source`` and ``neuron`` are where it begins and ends, from 0.
    """

    kind: Kind = Kind.NOTHING
    layer: int = -1
    neuron: int = -1
    source: int = -1


@dataclass(frozen=True, slots=True)
class TextSizes:
    """What the arrangement must know of the fonts, in pixels."""

    line: float
    input_label: float
    """Width of the widest name of an input."""
    answer_label: float
    """Width of the widest name of an output neuron; 0 if they have none."""


@dataclass(frozen=True, eq=False, slots=True)
class Column:
    """One column: ``layer`` −1 for the inputs, ``ys (nodes,)`` the heights of its nodes or of a block's rows."""

    layer: int
    x: float
    half: float
    """Half the width of a node or of the block."""
    ys: NDArray[np.float64]
    folded: bool
    body: QRectF
    """Around all nodes."""
    zone: QRectF
    """Where the mouse is on this column, header and foot included."""
    header: QRectF
    maps: MapGrid | None = None
    """Where the feature maps of a layer for images stand; such a column has no ``ys``."""

    def node(self, index: int) -> QRectF:
        """The square around one node; of a map's pixel its place, empty if the map is not shown."""
        if self.maps is not None:
            return self.maps.pixel(index) or QRectF()
        return QRectF(self.x - self.half, self.ys[index] - self.half, 2 * self.half, 2 * self.half)


class Arrangement:
    """The columns of ``blueprint`` in ``width`` × ``height`` pixels; wider than asked if columns would touch."""

    def __init__(self, blueprint: Blueprint, width: float, height: float, text: TextSizes) -> None:
        self.blueprint, self.text = blueprint, text
        self.lines = 2 + blueprint.has_badges
        """Lines of a header."""
        header = MARGIN + self.lines * text.line + BADGE_GAP * blueprint.has_badges + HEADER_GAP
        self.skip_room = SKIP_ROOM if blueprint.skips else 0.0
        """Height for the arcs of skips."""
        self.area = max(height - self.skip_room - header - FOOT, 6 * LEAST_ROW)
        self.height = max(height, self.skip_room + header + self.area + FOOT)
        counts = blueprint.columns
        self._styles = [Style.NEURONS, *(layer.style for layer in blueprint.layers)]
        self._folded = [self._folds(index, count) for index, count in enumerate(counts)]
        separate = [
            n
            for n, folded, style in zip(counts, self._folded, self._styles, strict=True)
            if style is Style.NEURONS and not folded
        ]
        fullest = max(separate, default=1)
        left, right = self._margins(self._fitting(fullest, LARGEST_NODE))
        steps = len(counts) - 1
        self.comfortable_width = left + right + steps * COMFORTABLE_PITCH
        """Width below which columns get close."""
        self.pitch = min(max((width - left - right) / steps, LEAST_PITCH), MOST_PITCH)
        self.node_size = self._fitting(fullest, 0.5 * self.pitch)
        self._use_height(header, counts)
        content = left + right + steps * self.pitch
        self.wider_than_asked = content > width + 0.5
        self.width = content if self.wider_than_asked else width
        first = left + 0.5 * (self.width - content)
        self.columns = [self._column(index, first + index * self.pitch, count) for index, count in enumerate(counts)]

    def column(self, layer: int) -> Column:
        """The column of a layer (from 0), or of the inputs (−1)."""
        return self.columns[layer + 1]

    def half_mark(self, column: Column) -> float:
        """Half the width of the outline around a column, wide enough for its header."""
        least = LEAST_HEADER + (BADGES_WIDER if self.blueprint.has_badges else 0.0)
        return 0.5 * min(max(column.zone.width(), least), self.pitch - 2.0)

    def gap(self, gap: int) -> QRectF:
        """The space between the column of layer ``gap`` and the one before it."""
        before, behind = self.columns[gap], self.columns[gap + 1]
        return QRectF(QPointF(before.zone.right(), self.top), QPointF(behind.zone.left(), self.top + self.area))

    def handle(self, column: Column) -> QRectF:
        """Around the dot from which a skip is drawn; empty where no layer could add one."""
        if column.layer == len(self.columns) - 2:
            return QRectF()
        return QRectF(column.x - HANDLE_REACH, self.above - 2.0, 2 * HANDLE_REACH, 2 * HANDLE_REACH)

    def grip(self, column: Column) -> QRectF:
        """Around the lower edge of a layer whose width can be changed; empty for the others."""
        if column.layer < 0 or not self.blueprint.layers[column.layer].resizable:
            return QRectF()
        top = column.body.bottom() + (-3.0 if column.folded else 1.0)
        return QRectF(column.x - GRIP_HALF - 2.0, top, 2 * GRIP_HALF + 4.0, GRIP_HIGH)

    def bias_marks(self, column: Column) -> list[QRectF]:
        """The squares of a layer's biases, a neuron each; none where neurons are too small, or have no biases."""
        if column.layer < 0 or column.folded or column.maps is not None or 2 * column.half < LEAST_BIASED:
            return []
        if not self.blueprint.layers[column.layer].biased:
            return []
        left, down = column.x - column.half - 1.0, column.half - BIAS_SIDE + 1.0
        return [QRectF(left, y + down, BIAS_SIDE, BIAS_SIDE) for y in column.ys.tolist()]

    def label_room(self) -> float:
        """Width for the names of the inputs, left of their column."""
        column = self.columns[0]
        return min(column.x - column.half - LABEL_GAP - SIDE_MARGIN, LONGEST_LABEL)

    def answer_room(self) -> float:
        """Width for the names of the output neurons, right of their column."""
        column = self.columns[-1]
        return min(self.width - column.x - column.half - LABEL_GAP - SIDE_MARGIN, LONGEST_LABEL)

    def hit(self, point: QPointF) -> Hit:
        """What lies under ``point``."""
        for column in self.columns:
            if self.handle(column).contains(point):
                return Hit(Kind.HANDLE, column.layer)
            if self.grip(column).contains(point):
                return Hit(Kind.GRIP, column.layer)
            if column.layer >= 0 and column.header.contains(point):
                return Hit(Kind.HEADER, column.layer)
            if (unit := self._bias_under(column, point)) >= 0:
                return Hit(Kind.BIAS, column.layer, unit)
            if column.zone.contains(point):
                node = self._node_under(column, point)
                if column.layer < 0:
                    return Hit(Kind.INPUT, -1, node)
                return Hit(Kind.COLUMN if node < 0 else Kind.NEURON, column.layer, node)
        for gap in range(len(self.columns) - 1):
            if self.gap(gap).contains(point):
                return Hit(Kind.GAP, gap, *reversed(self._edge_near(gap, point)))
        return Hit()

    def _bias_under(self, column: Column, point: QPointF) -> int:
        around = BIAS_REACH
        for unit, mark in enumerate(self.bias_marks(column)):
            if mark.adjusted(-around, -around, 0, around).contains(point):
                return unit
        return -1

    def _edge_near(self, gap: int, point: QPointF) -> tuple[int, int]:
        """Where the edge nearest to a point begins and ends; −1 and −1 if none is near."""
        start, end = self.columns[gap], self.columns[gap + 1]
        plain = self.blueprint.layers[gap].dense and start.maps is None
        if not plain or not 0 < len(start.ys) * len(end.ys) <= MOST_EDGES:
            return -1, -1
        x0, x1 = start.x + start.half, end.x - end.half
        share = (point.x() - x0) / (x1 - x0)
        rises = (end.ys - start.ys[:, None]) / (x1 - x0)
        away = np.abs(start.ys[:, None] * (1 - share) + end.ys * share - point.y()) / np.hypot(1.0, rises)
        source, target = divmod(int(away.argmin()), len(end.ys))
        return (source, target) if away[source, target] <= EDGE_REACH else (-1, -1)

    def _is_image(self, index: int) -> bool:
        return index == 0 and self.blueprint.image is not None

    def _folds(self, index: int, count: int) -> bool:
        if self._is_image(index) or self._styles[index] is Style.BAR:
            return True
        if self._styles[index] is Style.MAPS:
            return False
        return count > (MOST_NEURONS if index else MOST_INPUTS) or count * LEAST_ROW > self.area

    def _fitting(self, count: int, most: float) -> float:
        """Size of a node where ``count`` of them share the height."""
        return max(min(0.72 * self.area / count, most, LARGEST_NODE), SMALLEST_NODE)

    def _size(self, count: int) -> float:
        """Size of the nodes in a column of ``count``."""
        if self.node_size >= TINY_NODE:
            return self.node_size
        return max(self.node_size, min(self._fitting(count, 0.5 * self.pitch), COMFORTABLE_NODE))

    def _tall(self, index: int, count: int) -> float:
        """Height of a column's body."""
        if self._is_image(index):
            return self._image_size(0.9 * self.pitch)[1]
        if index in self._grids:
            return self._grids[index].high
        if self._folded[index]:
            return self.area - self.text.line
        size = self._size(count)
        return (count - 1) * min(self.area / count, SPACING * size) + size

    def _use_height(self, header: float, counts: tuple[int, ...]) -> None:
        """Keep headers near what they head: a network that needs less height stands in the middle."""
        self._grids = {
            number: MapGrid.fitting(layer.maps, MAPS_SHARE * self.pitch, self.area - self.text.line)
            for number, layer in enumerate(self.blueprint.layers, start=1)
            if layer.style is Style.MAPS and layer.maps is not None
        }
        self._talls = [self._tall(index, count) for index, count in enumerate(counts)]
        spare = max(self.area - max(self._talls) - self.text.line, 0.0)
        self.above, self.area = self.skip_room + 0.4 * spare, self.area - spare
        self.top = self.above + header
        self.bottom = self.top + self.area + FOOT

    def _margins(self, node: float) -> tuple[float, float]:
        text, half_header = self.text, 0.5 * LEAST_HEADER
        left = half_header
        if self.blueprint.image:
            left = max(left, 0.5 * self._image_size(LARGEST_IMAGE)[0] + SIDE_MARGIN)
        elif self._folded[0]:
            left = max(left, 0.5 * BLOCK_WIDTH)
        else:
            left = max(left, 0.5 * max(node, COMFORTABLE_NODE) + LABEL_GAP + min(text.input_label, LONGEST_LABEL))
        right = half_header
        if text.answer_label and not self._folded[-1]:
            right = max(right, 0.5 * max(node, COMFORTABLE_NODE) + LABEL_GAP + min(text.answer_label, LONGEST_LABEL))
        return left + SIDE_MARGIN, right + SIDE_MARGIN

    def _image_size(self, room: float) -> tuple[float, float]:
        """Width and height of the picture of the inputs, in its own proportions."""
        _, height, width = self.blueprint.image or (1, 1, 1)
        scale = min(0.6 * self.area, room, LARGEST_IMAGE) / max(width, height)
        return scale * width, scale * height

    def _column(self, index: int, x: float, count: int) -> Column:
        tall = self._talls[index]
        if self._is_image(index):
            _, rows, columns = self.blueprint.image or (1, 1, 1)
            half = 0.5 * tall * columns / rows
        elif index in self._grids:
            half = 0.5 * self._grids[index].wide
        elif self._styles[index] is Style.BAR:
            half = BAR_HALF
        else:
            half = 0.5 * (min(BLOCK_WIDTH, 0.6 * self.pitch) if self._folded[index] else self._size(count))
        # A folded layer leaves room below for the number of its dead neurons.
        middle = self.top + 0.5 * (tall if self._folded[index] and not self._is_image(index) else self.area)
        body = QRectF(x - half, middle - 0.5 * tall, 2 * half, tall)
        grid = self._grids[index].at(body.topLeft()) if index in self._grids else None
        if grid is not None:
            ys = np.empty(0)
        elif self._folded[index]:
            ys = body.top() + body.height() * (np.arange(count) + 0.5) / count
        else:
            ys = np.linspace(body.top() + half, body.bottom() - half, count)
        reach = min(max(half + 7.0, min(30.0, self.pitch / 3)), 0.5 * self.pitch)
        zone = QRectF(x - reach, self.above, 2 * reach, self.bottom - self.above)
        wide = 2.0 * min(0.5 * self.pitch - 2.0, x - 2.0, self.width - x - 2.0, 0.5 * WIDEST_HEADER)
        header = QRectF(x - 0.5 * wide, self.above + MARGIN - 4.0, wide, self.lines * self.text.line + 8.0)
        return Column(index - 1, x, half, ys, self._folded[index], body, zone, header, grid)

    @staticmethod
    def _node_under(column: Column, point: QPointF) -> int:
        if column.maps is not None:
            return column.maps.neuron_at(point)
        nearest = int(np.argmin(np.abs(column.ys - point.y())))
        if column.folded:
            return nearest if column.body.contains(point) else -1
        reach = column.half + 2.0
        inside = abs(column.ys[nearest] - point.y()) <= reach and abs(column.x - point.x()) <= reach
        return nearest if inside else -1
