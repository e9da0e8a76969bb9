"""What all panels look at, marked on the drawing; and what they light up: units of a layer, edges, or a skip."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from bplab.gui.focus import Lit
from bplab.lab.explaining import Target

from .arrangement import Arrangement, Column
from .blueprint import Style
from .look import Look, colour, pen
from .skips import Arc, paint_arcs

MOST_LINES = 400
"""More edges than this are lit up as one band."""
GLOW, GLOW_WIDE, RING, BAND, END = 0.28, 7.0, 2.0, 0.22, 3.0


def paint_lit_edges(painter: QPainter, look: Look, arrangement: Arrangement, lit: Sequence[Lit]) -> None:
    """The edges that are lit up, to be painted below the neurons."""
    for part in lit:
        if part.edges and not _by_skip(part):
            _paint_edges(painter, look, arrangement, part)


def paint_lit_units(
    painter: QPainter, look: Look, arrangement: Arrangement, lit: Sequence[Lit], arcs: list[Arc]
) -> None:
    """The units that are lit up, and the skips, to be painted on top."""
    for part in lit:
        if part.edges and _by_skip(part):
            paint_arcs(painter, [arc for arc in arcs if _leads(arc, part)], look, (part.layer,))
        elif not part.edges:
            for place, is_round in _places(arrangement, part.layer, part.units):
                _paint_glow(painter, look, place, is_round)


def paint_looked_at(painter: QPainter, look: Look, arrangement: Arrangement, target: Target | None) -> None:
    """The weight or the bias that is looked at; layers and neurons are selected besides, and so marked already."""
    if target is None or target.unit is None or target.layer >= len(arrangement.columns) - 1:
        return
    if target.source is not None:
        _paint_weight(painter, look, arrangement, target.layer, target.source, target.unit)
    elif target.kind == "bias":
        column = arrangement.column(target.layer)
        squares = arrangement.bias_marks(column)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(look.accent, RING))
        if squares:
            painter.drawRect(squares[target.unit].adjusted(-1.5, -1.5, 1.5, 1.5))
        else:
            painter.drawRect(unit_place(arrangement, target.layer, target.unit).adjusted(-2.0, -2.0, 2.0, 2.0))


def unit_place(arrangement: Arrangement, layer: int, unit: int) -> QRectF:
    """Where a unit (a feature map, in a layer for images) stands; the whole column where it has no place of its own."""
    column = arrangement.column(layer)
    if column.maps is not None:
        return column.maps.tile(unit) if unit < column.maps.shown else column.body
    if unit >= len(column.ys):
        return column.body
    if layer < 0 and arrangement.blueprint.image:
        return _pixel(arrangement, column, unit)
    if column.folded:
        return QRectF(column.body.left(), float(column.ys[unit]) - 1.5, column.body.width(), 3.0)
    return column.node(unit)


def _pixel(arrangement: Arrangement, column: Column, unit: int) -> QRectF:
    _, rows, columns = arrangement.blueprint.image or (1, 1, 1)
    row, along = divmod(unit % (rows * columns), columns)
    wide, high = column.body.width() / columns, column.body.height() / rows
    corner = QPointF(column.body.left() + along * wide, column.body.top() + row * high)
    return QRectF(corner.x(), corner.y(), wide, high)


def _places(arrangement: Arrangement, layer: int, units: tuple[int, ...] | None) -> Iterator[tuple[QRectF, bool]]:
    """Where units stand, and whether they are drawn as circles."""
    column = arrangement.column(layer)
    one_by_one = column.maps is None and not column.folded
    if units is None and one_by_one:
        units = tuple(range(len(column.ys)))
    if units is None:
        yield column.body, False
    else:
        for unit in units:
            yield unit_place(arrangement, layer, unit), one_by_one and layer >= 0


def _paint_glow(painter: QPainter, look: Look, place: QRectF, is_round: bool) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for stroke, out in ((pen(colour(look.accent.name(), GLOW), GLOW_WIDE), 4.5), (pen(look.accent, RING), 2.5)):
        painter.setPen(stroke)
        around = place.adjusted(-out, -out, out, out)
        if is_round:
            painter.drawEllipse(around)
        else:
            painter.drawRoundedRect(around, 4.0, 4.0)


def _paint_edges(painter: QPainter, look: Look, arrangement: Arrangement, part: Lit) -> None:
    before, own = arrangement.columns[part.layer], arrangement.columns[part.layer + 1]
    sources = part.sources or _all_units(before)
    units = part.units or _all_units(own)
    dense = arrangement.blueprint.layers[part.layer].style is Style.NEURONS
    if not (dense and sources and units) or len(sources) * len(units) > MOST_LINES:
        _paint_band(painter, look, before, own)
        return
    painter.setPen(pen(look.accent, RING))
    for source in sources:
        for unit in units:
            painter.drawLine(*_edge(arrangement, part.layer, source, unit))


def _all_units(column: Column) -> tuple[int, ...]:
    """Of a column whose units are drawn one by one; else none."""
    return () if column.folded or column.maps is not None else tuple(range(len(column.ys)))


def _paint_band(painter: QPainter, look: Look, before: Column, own: Column) -> None:
    left, right = before.body, own.body
    painter.setPen(pen(look.accent, RING))
    painter.setBrush(colour(look.accent.name(), BAND))
    painter.drawPolygon(QPolygonF([left.topRight(), right.topLeft(), right.bottomLeft(), left.bottomRight()]))


def _paint_weight(
    painter: QPainter, look: Look, arrangement: Arrangement, layer: int, source: int, unit: int
) -> None:
    """One weight as a line between rings; in a layer for images from the map, or channel, that it reads."""
    start, end = _edge(arrangement, layer, source, unit)
    painter.setPen(pen(look.accent, 2.5))
    painter.drawLine(start, end)
    painter.setBrush(look.ground)
    painter.setPen(pen(look.accent, RING))
    for place in (start, end):
        painter.drawEllipse(place, END, END)


def _edge(arrangement: Arrangement, layer: int, source: int, unit: int) -> tuple[QPointF, QPointF]:
    before = arrangement.column(layer - 1)
    text = arrangement.blueprint.layers[layer]
    if not text.dense and text.maps is not None:  # a filter: its weights go over all channels, one window each
        channels = before.maps.maps if before.maps is not None else (arrangement.blueprint.image or (1,))[0]
        window = max(text.weights // text.maps[0] // channels, 1)
        source = source // window if before.maps is not None else -1
    start = before.body if source < 0 else _reading_place(arrangement, layer - 1, source)
    end = unit_place(arrangement, layer, unit)
    return QPointF(start.right(), start.center().y()), QPointF(end.left(), end.center().y())


def _reading_place(arrangement: Arrangement, layer: int, source: int) -> QRectF:
    """Where a value stands that a dense layer reads: of feature maps the pixel."""
    column = arrangement.column(layer)
    if column.maps is not None:
        return column.maps.pixel(source) or column.body
    return unit_place(arrangement, layer, source)


def _by_skip(part: Lit) -> bool:
    return part.start is not None and part.start != part.layer - 1


def _leads(arc: Arc, part: Lit) -> bool:
    return (arc.source, arc.target) == (part.start, part.layer)
