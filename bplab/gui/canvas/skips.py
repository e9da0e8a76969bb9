"""Skips: an arc over the columns from where a skip starts to the layer that it is added to, an arrowhead at its end.

A solid arc brings values as they are; a dashed one goes through a learned projection.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from .arrangement import Arrangement
from .look import Look, mixed, pen

ASIDE = 5.0
"""Arcs leave and arrive a little beside a column's middle, so that two of them never share a place."""
LOWEST = 0.5
"""Height of the shortest arc as a share of the room."""
HEAD, HALF_HEAD = 6.5, 3.6
STRONG, PLAIN = 2.0, 1.4


@dataclass(frozen=True, eq=False, slots=True)
class Arc:
    """One skip; layers from 0, −1 for the inputs."""

    source: int
    target: int
    projected: bool
    path: QPainterPath
    head: QPolygonF


def arcs_of(arrangement: Arrangement) -> list[Arc]:
    """The arcs of all skips, the widest first, so that narrow ones lie on top."""
    blueprint = arrangement.blueprint
    skips = sorted(blueprint.skips, key=lambda skip: skip[0] - skip[1])
    widest = max((target - source for source, target in skips), default=1)
    foot = arrangement.above + 1.0
    found = []
    for source, target in skips:
        share = (target - source) / widest
        high = (arrangement.skip_room - 4.0) * (LOWEST + (1.0 - LOWEST) * share)
        start = QPointF(arrangement.column(source).x + ASIDE, foot)
        end = QPointF(arrangement.column(target).x - ASIDE, foot)
        path = QPainterPath(start)
        lift = QPointF(0, -high / 0.75)  # a cubic reaches three quarters of the way to its control points
        path.cubicTo(start + lift, end + lift, end - QPointF(0, HEAD - 1.0))
        head = QPolygonF([end, end + QPointF(-HALF_HEAD, -HEAD), end + QPointF(HALF_HEAD, -HEAD)])
        projected = blueprint.columns[source + 1] != blueprint.columns[target + 1]
        found.append(Arc(source, target, projected, path, head))
    return found


def paint_arcs(painter: QPainter, arcs: list[Arc], look: Look, layers: tuple[int, ...]) -> None:
    """Paint the arcs; those that start or end at one of ``layers`` stand out."""
    plain = mixed(look.ground, look.text, 0.55)
    for arc in sorted(arcs, key=lambda arc: _touches(arc, layers)):
        strong = _touches(arc, layers)
        of = look.accent if strong else plain
        stroke = pen(of, STRONG if strong else PLAIN)
        if arc.projected:
            stroke.setDashPattern([4.0, 2.5])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(stroke)
        painter.drawPath(arc.path)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(of)
        painter.drawPolygon(arc.head)


def _touches(arc: Arc, layers: tuple[int, ...]) -> bool:
    return arc.target in layers or (arc.source in layers and arc.source >= 0)
