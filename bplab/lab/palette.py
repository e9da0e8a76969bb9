"""Colours with a meaning, the same in canvas, plots and report.

One colour per layer, running evenly from the first to the last; one diverging map for signed values, centred
at 0, blue to orange; one sequential map for shares; Okabe–Ito colours with marker shapes for classes. All are
made in OKLab (Ottosson 2020), where equal steps look equal, once for light and once for dark ground.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Lut = NDArray[np.uint8]

CLASS_COLOURS = (
    "#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A6FDF", "#7F7F7F", "#B8A800", "#A6611A"
)
"""Okabe & Ito's colours (2008) without black, which no dark ground shows, and three more for up to ten classes."""
CLASS_MARKERS = ("o", "s", "t", "d", "p", "h", "star", "+", "x", "t1")
"""Marker shapes by class, in pyqtgraph's letters; colour never speaks alone."""

_TO_LMS = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728], [1.0, -0.0894841775, -1.2914855480]]
)
_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def oklch(lightness: Floats | float, chroma: Floats | float, hue: Floats | float) -> Lut:
    """OKLCH colours (hue in degrees) as sRGB bytes ``(n, 3)``; colours outside sRGB are clipped."""
    angle = np.radians(hue)
    l, c, a = np.broadcast_arrays(np.atleast_1d(lightness), chroma, angle)  # noqa: E741
    lab = np.stack([l, c * np.cos(a), c * np.sin(a)], axis=-1)
    linear = np.clip((lab @ _TO_LMS.T) ** 3 @ _TO_RGB.T, 0.0, 1.0)
    srgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.round(255 * srgb), np.uint8)


def hex_colour(rgb: Sequence[int] | Lut) -> str:
    """``#rrggbb``."""
    return "#{:02x}{:02x}{:02x}".format(*(int(part) for part in rgb[:3]))


@functools.lru_cache(maxsize=512)
def layer_colours(layers: int, dark: bool) -> tuple[str, ...]:
    """One colour per layer, first to last, even steps of hue and lightness.

    Names of layers are written in it: it has 4.5:1 on every ground of its theme, a selected column's included.
    """
    place = np.linspace(0.0, 1.0, layers) if layers > 1 else np.array([0.5])
    lightness = (0.66 + 0.16 * place) if dark else (0.47 + 0.08 * place)
    hue = 268.0 + 147.0 * place  # indigo, violet, magenta, red, orange
    return tuple(hex_colour(rgb) for rgb in oklch(lightness, 0.15, hue))


@functools.lru_cache(maxsize=4)
def diverging(dark: bool) -> Lut:
    """256 colours ``(256, 3)`` from blue (negative) over the ground's grey (0, entry 128) to orange (positive)."""
    t = np.abs(np.linspace(-1.0, 1.0, 256))
    low, high = (0.30, 0.74) if dark else (0.94, 0.60)
    lightness = low + (high - low) * t**0.8
    hue = np.where(np.arange(256) < 128, 248.0, 58.0)
    return oklch(lightness, 0.155 * t**0.9, hue)


@functools.lru_cache(maxsize=4)
def sequential(dark: bool) -> Lut:
    """256 colours ``(256, 3)`` for shares from 0 (the ground's grey) to 1 (strong)."""
    t = np.linspace(0.0, 1.0, 256)
    lightness = 0.27 + 0.55 * t if dark else 0.96 - 0.52 * t
    return oklch(lightness, 0.03 + 0.15 * t, 330.0 + 60.0 * t if dark else 90.0 - 90.0 * t)


def class_colour(index: int) -> str:
    """Colour of class ``index``; repeats after ten."""
    return CLASS_COLOURS[index % len(CLASS_COLOURS)]


def class_marker(index: int) -> str:
    """Marker shape of class ``index``."""
    return CLASS_MARKERS[index % len(CLASS_MARKERS)]
