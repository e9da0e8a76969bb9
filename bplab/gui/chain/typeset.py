"""Pieces of equations: each a scalable picture with its place on the line, made once per colour.

To set a whole equation takes up to thirty milliseconds, too long for numbers that change several times a second. So
pieces are as small as single digits, and kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QByteArray, QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtSvg import QSvgRenderer

from ..equation_view import typesetter

SIZE = 24.0
"""The size of the font in which pieces are set; they are drawn at any."""
MOST_SET, MOST_DRAWN = 4_096, 2_048
_BOX = re.compile(r'viewBox="(\S+) (\S+) (\S+) (\S+)"')


@dataclass(frozen=True, slots=True)
class Outline:
    """A piece in sizes of the font; ``box`` is where its picture lies, the origin being its place on the line."""

    svg: str
    box: QRectF
    advance: float


@lru_cache(MOST_SET)
def outline(latex: str) -> Outline:
    """Set a piece; a few milliseconds the first time."""
    piece = typesetter().Latex(latex, size=SIZE, color="black")
    svg: str = piece.svg()
    found = _BOX.search(svg)
    left, top, wide, high = (float(number) / SIZE for number in found.groups()) if found else (0.0, 0.0, 0.0, 0.0)
    return Outline(svg, QRectF(left, top, wide, high), float(piece.node.xadvance()) / SIZE)


_set_already: set[str] = set()


def is_set(latex: str) -> bool:
    """Whether a piece has been set, so that it costs nothing now."""
    return latex in _set_already


def prepare(latex: str) -> None:
    """Set a piece for later."""
    outline(latex)
    _set_already.add(latex)


@lru_cache(MOST_DRAWN)
def _renderer(latex: str, colour: str) -> QSvgRenderer:
    svg = outline(latex).svg.replace('"black"', f'"{colour}"')
    return QSvgRenderer(QByteArray(svg.encode()))


def paint_piece(painter: QPainter, latex: str, place: QPointF, size: float, colour: QColor) -> None:
    """Draw a piece with its origin, on the line, at ``place``."""
    box = outline(latex).box
    room = QRectF(place.x() + size * box.x(), place.y() + size * box.y(), size * box.width(), size * box.height())
    _renderer(latex, colour.name()).render(painter, room)
