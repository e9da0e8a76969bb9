"""Where the feature maps of a layer for images stand: tiles in a few columns, as large as the room allows."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from PySide6.QtCore import QPointF, QRectF

MOST_ACROSS = 4
"""Tiles beside each other."""
LARGEST_TILE, LEAST_TILE = 60.0, 10.0
GAP = 6.0


@dataclass(frozen=True, eq=False, slots=True)
class MapGrid:
    """Tiles for ``maps`` of ``rows`` × ``columns`` pixels, the first ``shown`` of them, row by row from ``corner``."""

    maps: int
    rows: int
    columns: int
    across: int
    scale: float
    """Length of a map's pixel."""
    shown: int
    corner: QPointF

    @classmethod
    def fitting(cls, shape: tuple[int, int, int], wide: float, high: float) -> MapGrid:
        """The grid with the largest tiles in this room; where they get tiny, not all maps are shown."""
        maps, rows, columns = shape
        longest = max(rows, columns)

        def scale_of(across: int) -> float:
            down = math.ceil(maps / across)
            return min(
                (wide - (across - 1) * GAP) / (across * columns), (high - (down - 1) * GAP) / (down * rows),
                LARGEST_TILE / longest,
            )  # fmt: skip

        across = max(range(1, min(maps, MOST_ACROSS) + 1), key=scale_of)
        scale = max(scale_of(across), LEAST_TILE / longest)
        while across > 1 and across * columns * scale + (across - 1) * GAP > wide:
            across -= 1
        down = max(1, int((high + GAP) / (rows * scale + GAP) + 1e-9))
        return cls(maps, rows, columns, across, scale, min(maps, across * down), QPointF())

    @property
    def wide(self) -> float:
        """Width of all tiles with their gaps."""
        return self.across * self.columns * self.scale + (self.across - 1) * GAP

    @property
    def high(self) -> float:
        """Height of all tiles with their gaps."""
        down = math.ceil(self.shown / self.across)
        return down * self.rows * self.scale + (down - 1) * GAP

    def at(self, corner: QPointF) -> MapGrid:
        """The same grid with its top left corner there."""
        return replace(self, corner=corner)

    def tile(self, number: int) -> QRectF:
        """The place of a map, from 0."""
        down, along = divmod(number, self.across)
        wide, high = self.columns * self.scale, self.rows * self.scale
        return QRectF(self.corner.x() + along * (wide + GAP), self.corner.y() + down * (high + GAP), wide, high)

    def place_of(self, neuron: int) -> tuple[int, int, int]:
        """Map, row and column of a neuron, all from 0."""
        number, inside = divmod(neuron, self.rows * self.columns)
        return number, *divmod(inside, self.columns)

    def pixels(self, number: int, row: int, column: int, down: int = 1, along: int = 1) -> QRectF:
        """The place of a rectangle of pixels in a map."""
        tile, scale = self.tile(number), self.scale
        return QRectF(tile.left() + column * scale, tile.top() + row * scale, along * scale, down * scale)

    def pixel(self, neuron: int) -> QRectF | None:
        """The place of one neuron; None if its map is not shown."""
        number, row, column = self.place_of(neuron)
        return self.pixels(number, row, column) if number < self.shown else None

    def neuron_at(self, point: QPointF) -> int:
        """The neuron under a point; −1 if there is none."""
        for number in range(self.shown):
            tile = self.tile(number)
            if tile.contains(point):
                row = min(int((point.y() - tile.top()) / self.scale), self.rows - 1)
                column = min(int((point.x() - tile.left()) / self.scale), self.columns - 1)
                return (number * self.rows + row) * self.columns + column
        return -1
