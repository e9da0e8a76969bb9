"""Taking a plot away: as a picture for a page, as a drawing that can be scaled, as the numbers behind it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from bplab.engine import InputError
from bplab.lab.files import write_atomically

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
    if not picture(draw, size).save(buffer, b"PNG"):
        raise InputError("this picture cannot be written as PNG")
    return bytes(data.data())


def svg_bytes(draw: Drawing, size: QSize, title: str) -> bytes:
    """An SVG file with lines and letters, no pixels but those of a heat map."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setTitle(title)
    generator.setSize(size)
    generator.setViewBox(QRectF(0, 0, size.width(), size.height()))
    painter = QPainter(generator)
    draw(painter, QRectF(0, 0, size.width(), size.height()))
    painter.end()
    return bytes(data.data())


def csv_text(columns: Sequence[Column]) -> str:
    """The columns as CSV; numbers read back as the same bits, an empty cell where there is no number."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([name for name, _ in columns])
    texts = [[_cell(value) for value in values.tolist()] for _, values in columns]
    writer.writerows(zip(*texts, strict=True))
    return out.getvalue()


def _cell(value: float | int) -> str:
    return "" if value != value else repr(value)


def save(path: Path, draw: Drawing, size: QSize, title: str, columns: Callable[[], Sequence[Column]]) -> None:
    """Write the file that the ending of ``path`` asks for: .png, .svg or .csv; ``InputError`` if it cannot be."""
    ending = path.suffix.lower()
    if ending == ".png":
        write_atomically(path, png_bytes(draw, size))
    elif ending == ".svg":
        write_atomically(path, svg_bytes(draw, size, title))
    elif ending == ".csv":
        write_atomically(path, csv_text(columns()))
    else:
        raise InputError(f"{path.name}: a plot is saved as .png, .svg or .csv")


def per_layer(name: str, names: Sequence[str], values: NDArray[np.floating[Any]]) -> list[Column]:
    """A column for each layer of ``values (rows, layers)``."""
    return [(f"{name} {layer}", values[:, index]) for index, layer in enumerate(names)]
