"""Typeset equations: LaTeX set by ziamath as outlines, drawn sharply at every size and in the theme's colours.

What was set once is kept, for the same few equations come again and again. An equation that is wider than its place is
broken where it consists of several, and then drawn smaller.
"""

from __future__ import annotations

import importlib
import math
import warnings
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QRectF, QSize, QSizeF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from .theme import Theme

BETWEEN = r", \quad "
"""Stands between equations in one line: there it may be broken."""
UNIT = 32.0
"""Size of type, in pixels, at which equations are set; drawing scales them."""
LARGER = 1.2
"""Equations against the type around them, for they have small indices."""
LEAST_SCALE = 0.5
LINE_GAP = 6.0
KEPT = 256


@lru_cache(maxsize=KEPT)
def typeset(latex: str, colour: str) -> QSvgRenderer:
    """The outlines of one equation in a colour, :data:`UNIT` pixels high in type."""
    drawn: str = typesetter().Latex(latex, size=UNIT, color=colour).svg()
    return QSvgRenderer(QByteArray(drawn.encode("utf-8")))


@lru_cache(maxsize=1)
def typesetter() -> Any:
    """The typesetter, loaded when there is something to set: that takes a moment."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # WORKAROUND ziamath 0.13 opens its font in an old way
        ziamath: Any = importlib.import_module("ziamath")
    ziamath.config.svg2 = False  # WORKAROUND QtSvg (seen in 6.10) shows nothing of the symbols that SVG 2 refers to
    return ziamath


def size_of(latex: str, points: float) -> QSizeF:
    """Width and height of an equation in type of so many pixels."""
    return QSizeF(typeset(latex, "#000000").defaultSize()) * (points / UNIT)


def paint_equation(painter: QPainter, latex: str, place: QRectF, colour: str) -> None:
    """Draw an equation into ``place``, whose proportions should be those of its size."""
    typeset(latex, colour).render(painter, place)


class EquationView(QWidget):
    """Shows one equation, or several below each other; ``words`` are what a screen reader says."""

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, larger: float = LARGER) -> None:
        super().__init__(parent)
        self._theme, self._larger = theme, larger
        self.equations: tuple[str, ...] = ()
        """What is shown, in LaTeX, a line each."""
        self.setAccessibleName("Equation")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self._on_theme_changed)

    def show_equations(self, equations: tuple[str, ...], words: str) -> None:
        """Show these, in LaTeX."""
        self.setAccessibleDescription(words)
        if equations != self.equations:
            self.equations = equations
            self.updateGeometry()
            self.update()

    def hasHeightForWidth(self) -> bool:
        """Narrow places break equations."""
        return True

    def heightForWidth(self, width: int) -> int:
        """As high as its lines."""
        lines = self._lines(width)
        return round(sum(place.height() for _, place in lines) + LINE_GAP * (len(lines) + 1))

    def sizeHint(self) -> QSize:
        """All lines in full size."""
        wide = max((size_of(line, self._type()).width() for line in self.equations), default=0.0)
        return QSize(math.ceil(wide), self.heightForWidth(math.ceil(wide)))

    def minimumSizeHint(self) -> QSize:
        """Any width: equations are drawn smaller."""
        return QSize(0, self.heightForWidth(self.width()))

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The lines, in the middle of the height."""
        lines = self._lines(self.width())
        high = sum(place.height() for _, place in lines) + LINE_GAP * (len(lines) - 1)
        top, colour = max(0.0, 0.5 * (self.height() - high)), self._theme.colours.text
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for line, place in lines:
                paint_equation(painter, line, place.translated(0.0, top), colour)
                top += place.height() + LINE_GAP

    def _type(self) -> float:
        """Size of type in pixels."""
        return self._larger * self.fontMetrics().height() * 0.8

    def _lines(self, width: int) -> list[tuple[str, QRectF]]:
        """Each line with its place below the top, from the left."""
        found = []
        for equation in self.equations:
            for line in self._broken(equation, width):
                size = size_of(line, self._type())
                size *= max(min(1.0, (width or size.width()) / max(size.width(), 1.0)), LEAST_SCALE)
                found.append((line, QRectF(0.0, 0.0, size.width(), size.height())))
        return found

    def _broken(self, equation: str, width: int) -> list[str]:
        if size_of(equation, self._type()).width() <= width:
            return [equation]
        return equation.split(BETWEEN)

    def _on_theme_changed(self) -> None:
        self.updateGeometry()
        self.update()
