"""From arrays to pictures: a colour map as 32-bit pixels, codes of it as an image; and pictures that are kept."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap

Pixels = NDArray[np.uint32]


def packed(rgb: NDArray[np.uint8]) -> Pixels:
    """Colours ``(…, 3)`` as opaque 32-bit pixels ``(…)``."""
    wide = rgb.astype(np.uint32)
    return np.asarray(0xFF000000 | wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2], np.uint32)


@lru_cache(maxsize=8)
def blend_map(first: str, last: str) -> Pixels:
    """256 pixels from one colour to another."""
    share = np.linspace(0.0, 1.0, 256)[:, None]
    return packed(np.round(rgb_of(first) * (1 - share) + rgb_of(last) * share).astype(np.uint8))


def rgb_of(name: str) -> NDArray[np.float64]:
    """A colour's red, green and blue, 0 to 255."""
    made = QColor(name)
    return np.array([made.red(), made.green(), made.blue()], np.float64)


def share_codes(shares: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Entries 0..255 of a sequential map for shares in 0..1."""
    return np.asarray(np.clip(np.nan_to_num(shares) * 255.0 + 0.5, 0, 255), np.uint8)


def image_of(pixels: Pixels) -> QImage:
    """An image of ``pixels (rows, columns)`` that owns its memory."""
    rows, columns = pixels.shape
    block = np.ascontiguousarray(pixels)
    return QImage(block.data, columns, rows, 4 * columns, QImage.Format.Format_RGB32).copy()


def device_scale(painter: QPainter) -> float:
    """Device pixels per unit of the painter's present coordinates."""
    return painter.transform().m11() * painter.device().devicePixelRatioF()


def sprite(wide: float, high: float, scale: float, draw: Callable[[QPainter], None]) -> QPixmap:
    """A transparent picture of ``wide`` × ``high`` units, ``scale`` device pixels each, painted by ``draw``."""
    picture = QPixmap(math.ceil(wide * scale), math.ceil(high * scale))
    picture.setDevicePixelRatio(scale)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        draw(painter)
    return picture
