"""Marks of the classes, the same in charts and in legends: colour and shape together."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.markers import MarkerStyle
from matplotlib.transforms import Affine2D

from bplab.lab.palette import class_colour, class_marker

from .svg import Element, add, as_markup

_SHAPES = {
    "o": "o", "s": "s", "t": "v", "d": "D", "p": "p", "h": "h", "star": "*", "+": "P", "x": "X", "t1": "^"
}  # fmt: skip
"""pyqtgraph's letter → Matplotlib's."""


def shape(index: int) -> str:
    """Matplotlib's name of the marker of class ``index``."""
    return _SHAPES[class_marker(index)]


def legend_mark(index: int, size: float = 12.0) -> Markup:
    """The mark of class ``index`` as a small inline picture beside its name."""
    marker = MarkerStyle(shape(index))
    place = marker.get_transform() + Affine2D().scale(size * 0.72, -size * 0.72).translate(size / 2, size / 2)
    parts = [np.asarray(part, np.float64) for part in marker.get_path().to_polygons(place)]
    outline = "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in part) + "Z" for part in parts)
    root = Element("svg", {"viewBox": f"0 0 {size:g} {size:g}", "class": "mark", "aria-hidden": "true"})
    add(root, "path", d=outline, fill=class_colour(index))
    return as_markup(root)
