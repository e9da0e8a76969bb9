"""The look of the drawing: colours, pens, fonts and colour maps of the present theme, made once until it changes."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPen

from bplab.gui.theme import Theme, tabular

from .images import Pixels, blend_map, packed

LEAST_POINTS = 8.0
"""No text is smaller than this many points."""

HOVER, SELECT = 0.04, 0.07
"""How much of the text's colour, or of the accent, lies over a column under the mouse, or selected."""


def small_font(font: QFont) -> QFont:
    """A step smaller than ``font``, for what is said quietly."""
    small = tabular(font)
    if font.pointSizeF() > 0:
        small.setPointSizeF(max(LEAST_POINTS, font.pointSizeF() - 1.0))
    return small


def name_font(font: QFont) -> QFont:
    """For names of layers."""
    bold = QFont(font)
    bold.setWeight(QFont.Weight.DemiBold)
    return bold


def colour(name: str, alpha: float = 1.0) -> QColor:
    """A colour, in part transparent."""
    made = QColor(name)
    made.setAlphaF(alpha)
    return made


def mixed(ground: QColor, other: QColor, share: float) -> QColor:
    """A ground with a share of another colour in it."""
    parts = zip((ground.red(), ground.green(), ground.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(one + share * (two - one)) for one, two in parts))


def pen(of: QColor, wide: float = 1.0, cap: Qt.PenCapStyle = Qt.PenCapStyle.FlatCap) -> QPen:
    """A plain pen."""
    return QPen(QBrush(of), wide, Qt.PenStyle.SolidLine, cap)


class Look:
    """Everything that painting takes from theme and font."""

    def __init__(self, theme: Theme, font: QFont, layers: int) -> None:
        colours = theme.colours
        self.colours = colours
        self.ground, self.text, self.quiet = QColor(colours.ground), QColor(colours.text), QColor(colours.quiet)
        self.line, self.accent = QColor(colours.line), QColor(colours.accent)
        self.layers = theme.layer_colours(layers)
        self.diverging: Pixels = packed(theme.diverging())
        self.sequential: Pixels = packed(theme.sequential())
        self.ink: Pixels = blend_map(colours.ground, colours.text)
        self.name_font, self.small_font = name_font(font), small_font(font)
        self.name_metrics, self.small_metrics = QFontMetricsF(self.name_font), QFontMetricsF(self.small_font)
        # A veil over the edges, and the same colour opaque, for what is drawn on top of them.
        self.hover_veil, self.hovered = colour(colours.text, HOVER), mixed(self.ground, self.text, HOVER)
        self.selected_veil, self.selected = colour(colours.accent, SELECT), mixed(self.ground, self.accent, SELECT)
        self.selected_pen = pen(self.accent, 1.5)
        self.bars = colour(colours.quiet, 0.55)
        self.veil = colour(colours.ground, 0.82)

    def share(self, share: float) -> QColor:
        """The sequential map's colour of one share."""
        return QColor.fromRgb(int(self.sequential[round(255 * share)]))

    @property
    def line_height(self) -> float:
        """Height of a line of text."""
        return max(self.name_metrics.height(), self.small_metrics.height())
