"""The size of type in the whole program, live: as the desktop has it, or half as large again for a projector.

Qt hands a new application font on to every widget that has not chosen its own size. Those that have are told here,
and so are the fixed sizes of controls, which would cut the larger type off.
"""

from __future__ import annotations

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QApplication, QWidget

TEACH = 1.5
_SCALE, _SIZES = "bplabTypeScale", "bplabTypeSizes"
_SETTERS = {
    "width": QWidget.setFixedWidth,
    "height": QWidget.setFixedHeight,
    "least_width": QWidget.setMinimumWidth,
    "least_height": QWidget.setMinimumHeight,
    "most_width": QWidget.setMaximumWidth,
}


def type_scale() -> float:
    """How much larger type is than the desktop has it."""
    app = QApplication.instance()
    return float((app.property(_SCALE) if app is not None else None) or 1.0)


def scaled(pixels: float) -> int:
    """A length that grows with the type, in pixels as they are now."""
    return round(pixels * type_scale())


def size_with_type(widget: QWidget, **sizes: float) -> None:
    """Fix sizes of a widget that holds type, in pixels at scale 1: ``width``, ``height``, ``least_width``,
    ``least_height``, ``most_width``.
    """
    known = dict(widget.property(_SIZES) or {}) | sizes
    widget.setProperty(_SIZES, known)
    _apply_sizes(widget, known)


def set_type_scale(scale: float) -> None:
    """Make type in the whole program so many times as large as the desktop has it."""
    app, factor = QApplication.instance(), scale / type_scale()
    if not isinstance(app, QApplication) or factor == 1.0:
        return
    widgets = sorted(app.allWidgets(), key=_depth)  # a part takes what it has not chosen itself from the whole
    before = [widget.font().pointSizeF() for widget in widgets]
    app.setProperty(_SCALE, scale)
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * factor)
    app.setFont(font)
    for widget, points in zip(widgets, before, strict=True):
        _apply_font(widget, points * factor)
        sizes = widget.property(_SIZES)
        if sizes:
            _apply_sizes(widget, sizes)


def _apply_font(widget: QWidget, points: float) -> None:
    if points > 0 and abs(widget.font().pointSizeF() - points) > 0.01:
        font = QFont(widget.font())
        font.setPointSizeF(points)
        widget.setFont(font)


def _apply_sizes(widget: QWidget, sizes: dict[str, float]) -> None:
    for name, pixels in sizes.items():
        _SETTERS[name](widget, scaled(pixels))


def _depth(widget: QWidget) -> int:
    depth, parent = 0, widget.parentWidget()
    while parent is not None:
        depth, parent = depth + 1, parent.parentWidget()
    return depth
