"""The look: two grounds, few greys, one accent; Fusion with a palette of our own.

A stylesheet theme would break compound widgets, and ``QStyleHints.setColorScheme`` does nothing offscreen,
so colours are set as a ``QPalette``. Views take a :class:`Theme` in their constructor and follow ``changed``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from bplab.lab.palette import Lut, diverging, layer_colours, sequential

from .type_size import TEACH, set_type_scale

THICK = 2.0
"""Pixels of a curve while it is shown on a projector."""
GRID = 8
"""Spacing everywhere is a multiple or half of this many pixels."""


@dataclass(frozen=True)
class Colours:
    """The colours of one ground."""

    ground: str
    """Behind canvas and plots."""
    panel: str
    """Behind controls."""
    raised: str
    """Fields and buttons."""
    line: str
    """Hairlines and grid."""
    text: str
    quiet: str
    """Secondary text; at least 4.5:1 on ground and panel."""
    accent: str
    """Now, selected, play. Only that."""
    on_accent: str
    warning: str


LIGHT = Colours(
    ground="#ffffff",
    panel="#f4f5f7",
    raised="#ffffff",
    line="#d8dbe0",
    text="#1c1f24",
    quiet="#5b6270",
    accent="#1462d0",
    on_accent="#ffffff",
    warning="#a04a00",
)
DARK = Colours(
    ground="#16181c",
    panel="#1f2227",
    raised="#2a2e35",
    line="#3a3f48",
    text="#e8eaee",
    quiet="#a3abb8",
    accent="#6ea8ff",
    on_accent="#0c1322",
    warning="#ffb366",
)


class Theme(QObject):
    """Light or dark, for a desk or a projector, live: ``changed`` asks every view to take its look anew."""

    changed = Signal()

    def __init__(self, dark: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dark = dark
        self._teaches = False

    @property
    def dark(self) -> bool:
        """True for the dark ground."""
        return self._dark

    @property
    def colours(self) -> Colours:
        """Colours of the present ground."""
        return DARK if self._dark else LIGHT

    def set_dark(self, dark: bool) -> None:
        """Switch the ground of the whole program."""
        if dark != self._dark:
            self._dark = dark
            self.apply()
            self.changed.emit()

    @property
    def teaches(self) -> bool:
        """True while everything is drawn for a projector."""
        return self._teaches

    @property
    def line_width(self) -> float:
        """Pixels of a curve."""
        return THICK if self._teaches else 1.0

    def set_teaches(self, teaches: bool) -> None:
        """Large type and thick lines in the whole program, or back."""
        if teaches != self._teaches:
            self._teaches = teaches
            set_type_scale(TEACH if teaches else 1.0)
            self.changed.emit()

    def apply(self) -> None:
        """Give the application our palette and style."""
        app = QApplication.instance()
        if isinstance(app, QApplication):
            if app.style().name() != "fusion":  # every widget would be polished anew
                app.setStyle("Fusion")
            app.setPalette(qt_palette(self.colours))
        pg.setConfigOptions(background=self.colours.ground, foreground=self.colours.quiet, antialias=False)

    def layer_colours(self, layers: int) -> list[QColor]:
        """One colour per layer, first to last."""
        return [QColor(name) for name in layer_colours(layers, self._dark)]

    def diverging(self) -> Lut:
        """Map of signed values ``(256, 3)``, 0 at entry 128."""
        return diverging(self._dark)

    def sequential(self) -> Lut:
        """Map of shares ``(256, 3)``."""
        return sequential(self._dark)

    def diverging_rgb(self, values: np.ndarray, limit: float) -> np.ndarray:
        """Colours ``(…, 3)`` of signed values, ±limit at the ends."""
        colours: np.ndarray = self.diverging()[index_of(values, limit)]
        return colours


def index_of(values: np.ndarray, limit: float) -> np.ndarray:
    """Entries 0..255 of a diverging map for values in ±limit; beyond that the ends."""
    scaled = np.asarray(values) * (127.5 / (limit or 1.0)) + 128.0
    return np.clip(np.nan_to_num(scaled, nan=128.0), 0, 255).astype(np.uint8)


def qt_palette(colours: Colours) -> QPalette:
    """A Qt palette for the standard widgets."""
    palette = QPalette()
    role = QPalette.ColorRole
    for which, name in (
        (role.Window, colours.panel),
        (role.WindowText, colours.text),
        (role.Base, colours.raised),
        (role.AlternateBase, colours.panel),
        (role.ToolTipBase, colours.raised),
        (role.ToolTipText, colours.text),
        (role.PlaceholderText, colours.quiet),
        (role.Text, colours.text),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.warning),
        (role.Highlight, colours.accent),
        (role.HighlightedText, colours.on_accent),
        (role.Link, colours.accent),
        (role.Accent, colours.accent),
        (role.Mid, colours.line),
        (role.Midlight, colours.line),
        (role.Light, colours.raised),
        (role.Dark, colours.line),
        (role.Shadow, colours.line),
    ):
        palette.setColor(which, QColor(name))
    for which in (role.WindowText, role.Text, role.ButtonText):
        faded = QColor(colours.quiet)
        faded.setAlphaF(0.55)
        palette.setColor(QPalette.ColorGroup.Disabled, which, faded)
    return palette


def tabular(font: QFont) -> QFont:
    """The font with digits of one width, so that changing numbers do not dance."""
    fixed = QFont(font)
    fixed.setFeature(QFont.Tag("tnum"), 1)
    return fixed


def system_is_dark() -> bool:
    """What the desktop prefers; light where it does not say."""
    app = QApplication.instance()
    return isinstance(app, QApplication) and app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def monospace() -> QFont:
    """The system's fixed-width font."""
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
