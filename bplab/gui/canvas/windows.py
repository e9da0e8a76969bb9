"""What a pixel of a feature map is made from: its window in the maps, or in the picture, of the layer before."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QRectF

from bplab.engine import Conv2D
from bplab.engine.layers import Place

from .arrangement import Column


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of the images that enter, and in which of them; ``maps`` None for all."""

    maps: int | None
    row: int
    column: int
    down: int
    along: int


def position(place: Place, neuron: int) -> tuple[int, int, int]:
    """Map, row and column (from 0) of a neuron in what leaves a layer for images, or in what a flattened one took."""
    _, rows, columns = place.outputs if len(place.outputs) == 3 else place.inputs
    number, inside = divmod(neuron, rows * columns)
    return number, *divmod(inside, columns)


def window_of(place: Place, neuron: int) -> Window | None:
    """What a neuron of a layer for images sees; None for other layers."""
    layer = place.layer
    if len(place.inputs) != 3 or not (len(place.outputs) == 3 or not place.parts):
        return None
    number, row, column = position(place, neuron)
    if len(place.outputs) != 3:
        return Window(number, row, column, 1, 1)
    _, rows, columns = place.inputs
    is_convolution = isinstance(layer, Conv2D)
    side, step, pad = (layer.kernel, layer.stride, layer.padding) if is_convolution else (layer.size, layer.step, 0)
    top, left = row * step - pad, column * step - pad
    bottom, right = min(top + side, rows), min(left + side, columns)
    top, left = max(top, 0), max(left, 0)
    return Window(None if is_convolution else number, top, left, bottom - top, right - left)


def places_of(window: Window, column: Column, image: tuple[int, int, int] | None) -> list[QRectF]:
    """The rectangles of a window in the column before, as far as its maps are shown."""
    if column.maps is not None:
        numbers = range(column.maps.shown) if window.maps is None else [window.maps]
        return [
            column.maps.pixels(number, window.row, window.column, window.down, window.along)
            for number in numbers
            if number < column.maps.shown
        ]
    if image is None:
        return []
    _, rows, columns = image
    body = column.body
    wide, high = body.width() / columns, body.height() / rows
    corner = body.left() + window.column * wide, body.top() + window.row * high
    return [QRectF(*corner, window.along * wide, window.down * high)]
