"""The report's colours for light and dark ground, and the style of its charts.

Charts are drawn in the light colours. On the page every known colour becomes a CSS variable, so the reader's
light or dark scheme recolours charts, tables and text together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib.style
import numpy as np

from bplab.lab.palette import diverging, hex_colour, layer_colours, sequential

INK, QUIET, LINE, GROUND = "#1c1f24", "#5b6270", "#d8dbe0", "#ffffff"
TRAIN, TEST = "#1462d0", "#b4500a"
NEGATIVE, POSITIVE = hex_colour(diverging(False)[0]), hex_colour(diverging(False)[-1])
SHADES = 11
"""Steps of the maps for shares and for signed values where they are drawn in flat colours."""

_BASE = {
    "ink": (INK, "#e8eaee"),
    "quiet": (QUIET, "#a3abb8"),
    "line": (LINE, "#3a3f48"),
    "ground": (GROUND, "#16181c"),
    "panel": ("#f4f5f7", "#1f2227"),
    "train": (TRAIN, "#6ea8ff"),
    "test": (TEST, "#ffb366"),
    "negative": (NEGATIVE, hex_colour(diverging(True)[0])),
    "positive": (POSITIVE, hex_colour(diverging(True)[-1])),
}
_STYLE: dict[str, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "bplab",
    "text.parse_math": False,
    "font.size": 11.0,
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 11.0,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.linewidth": 1.0,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 11.0,
    "legend.labelcolor": INK,
    "legend.borderpad": 0.0,
    "legend.borderaxespad": 0.2,
    "legend.handlelength": 1.6,
    "legend.columnspacing": 1.4,
    "lines.linewidth": 1.6,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": QUIET,
    "ytick.labelcolor": QUIET,
    "xtick.labelsize": 11.0,
    "ytick.labelsize": 11.0,
    "xtick.minor.visible": False,
    "ytick.minor.visible": False,
}


@contextmanager
def chart_style() -> Iterator[None]:
    """The charts' style while the block runs, whatever the user's matplotlibrc says."""
    with matplotlib.style.context(["default", _STYLE]):
        yield


@functools.lru_cache(maxsize=8)
def colours(layers: int) -> dict[str, tuple[str, str]]:
    """CSS variable name → its colour on light and on dark ground."""
    named = dict(_BASE)
    ends = zip(layer_colours(layers, False), layer_colours(layers, True), strict=True)
    named |= {f"layer-{number}": pair for number, pair in enumerate(ends, start=1)}
    for step in range(SHADES):
        entry = round(255 * step / (SHADES - 1))
        shades = tuple(hex_colour(sequential(dark)[entry]) for dark in (False, True))
        named[f"shade-{step}"] = (shades[0], shades[1])
        named[f"on-shade-{step}"] = (_text_on(shades[0]), _text_on(shades[1]))
        named[f"signed-{step}"] = (hex_colour(diverging(False)[entry]), hex_colour(diverging(True)[entry]))
    return named


@functools.lru_cache(maxsize=8)
def variables(layers: int) -> dict[str, str]:
    """Light colour as charts draw it → the CSS variable that stands for it on the page."""
    drawn = {light: f"var(--{name})" for name, (light, _) in colours(layers).items() if not name.startswith("on-")}
    return drawn | {light: f"var(--{name})" for name, (light, _) in _BASE.items()}


def layer_colour(layer: int, layers: int) -> str:
    """The colour of a layer (from 0) as charts draw it."""
    return layer_colours(layers, False)[layer]


def _text_on(ground: str) -> str:
    """Dark or light text, whichever stands out more from ``ground`` (WCAG 2 relative luminance)."""
    channels = np.array([int(ground[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return "#14161a" if (luminance + 0.05) / 0.06 > 1.05 / (luminance + 0.05) else "#ffffff"
