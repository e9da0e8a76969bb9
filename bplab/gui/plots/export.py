"""Taking a plot away: as a picture for a page, as a drawing that can be scaled, as the numbers behind it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageWriter, QPainter
from PySide6.QtSvg import QSvgGenerator

from bplab.engine import InputError

Column = tuple[str, NDArray[Any]]
"""A heading with its values ``(rows,)``."""
Drawing = Callable[[QPainter, QRectF], None]

SHARPNESS = 2.0
"""Pixels of a picture for each pixel of the window, so that it prints well."""


def picture(draw: Drawing, size: QSize) -> QImage:
    """What ``draw`` paints, as an image of twice the window's resolution."""
    image = QImage((size * SHARPNESS), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SHARPNESS)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    draw(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return image


def png_bytes(draw: Drawing, size: QSize) -> bytes:
    """A PNG file."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, QByteArray(b"png")).write(picture(draw, size)):
        raise InputError("this picture cannot be written as PNG")
    return bytes(data.data())


def svg_bytes(draw: Drawing, size: QSize, title: str, resolution: int) -> bytes:
    """An SVG 1.1 file (1.2 Tiny cannot clip) with lines and letters, no pixels but those of a heat map.

    ``resolution`` is the screen's, in dots per inch: the axes were recorded in it.
    """
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setResolution(resolution)
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    draw(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    # Qt's own name of a font may say nothing to a browser.
    return re.sub(rb'font-family="([^"]+)"', rb'font-family="\1, sans-serif"', bytes(data.data()))


def csv_text(columns: Sequence[Column]) -> str:
    """The columns as CSV; numbers read back as the same bits, an empty cell where there is no number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    texts = [[_cell(value) for value in values.tolist()] for _, values in columns]
    writer.writerows(zip(*texts, strict=True))
    return out.getvalue()


def _cell(value: float | int | str) -> str:
    if isinstance(value, str):
        return value
    return "" if value != value else repr(value)


def per_layer(name: str, names: Sequence[str], values: NDArray[np.floating[Any]]) -> list[Column]:
    """A column for each layer of ``values (rows, layers)``."""
    return [(f"{name} {layer}", values[:, index]) for index, layer in enumerate(names)]
