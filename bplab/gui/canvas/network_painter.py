"""The whole drawing: edges below, then columns, headers and the marks of what is selected or under the mouse."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QTransform

from bplab.gui.focus import Lit
from bplab.gui.theme import Theme
from bplab.lab.explaining import Target

from .arrangement import LABEL_GAP, Arrangement, Column, TextSizes
from .biases import paint_biases
from .blueprint import Blueprint
from .edge_picture import LINES_PER_TICK, EdgePicture
from .figures import Figures
from .folded import FoldedPainter
from .headers import paint_header, paint_input_header
from .inputs import InputPainter
from .lights import paint_lit_edges, paint_lit_units, paint_looked_at
from .look import Look, colour, pen
from .map_painter import MapPainter
from .nodes import NodePainter
from .skips import arcs_of, paint_arcs
from .windows import places_of, window_of

WINDOW_FILL, DOT = 0.18, 3.5


@dataclass(frozen=True, slots=True)
class Marks:
    """What the drawing points out; −1 stands for nothing."""

    hovered_layer: int = -1
    selected_layer: int = -1
    neuron: tuple[int, int] = (-1, -1)
    """Layer and neuron whose weights stand out; layer −1 with a neuron from 0 is an input."""
    selected_neuron: tuple[int, int] = (-1, -1)
    edge: tuple[int, int, int] = (-1, -1, -1)
    """Layer, where it begins and where it ends, of the edge under the mouse."""
    chosen: frozenset[int] = frozenset()
    """All selected layers, where there are several."""
    grip: int = -1
    """The layer whose lower edge is under the mouse."""
    handle: int = -2
    """The layer, or −1 for the inputs, whose dot for skips is under the mouse; −2 for none."""
    looked_at: Target | None = None
    """What the panels explain."""
    lit: tuple[Lit, ...] = ()


class NetworkPainter:
    """Draws a network: give it a form, a place and figures, then :meth:`paint`."""

    def __init__(self, theme: Theme, font: QFont, blueprint: Blueprint, figures: Figures) -> None:
        self._theme, self._font = theme, font
        self._edges = EdgePicture(theme)
        self.set_network(blueprint, figures)

    def set_network(self, blueprint: Blueprint, figures: Figures) -> None:
        """Draw another network from now on; :meth:`arrange` must follow."""
        self.blueprint, self.figures = blueprint, figures
        self.restyle(self._font)

    def show_figures(self, figures: Figures) -> None:
        """Show other numbers in the same form."""
        self.figures = figures
        self.take_colours()

    def restyle(self, font: QFont) -> None:
        """Take theme and font anew."""
        self._font = font
        self.look = Look(self._theme, font, len(self.blueprint.layers))
        self._edges.recolour()

    def arrange(self, size: QSize) -> Arrangement:
        """Find a place for everything in a window of ``size``."""
        look, blueprint = self.look, self.blueprint

        def widest(names: Sequence[str]) -> float:
            return max((math.ceil(look.small_metrics.horizontalAdvance(name)) + 2.0 for name in names), default=0.0)

        inputs = blueprint.inputs if len(blueprint.inputs) <= 64 else ()
        text = TextSizes(look.line_height, widest(inputs), widest(blueprint.answers))
        self.arrangement = Arrangement(blueprint, size.width(), size.height(), text)
        self._edges.arrange(self.arrangement)
        self._inputs = InputPainter(look)
        self._layers = [self._painter_of(index) for index in range(len(blueprint.layers))]
        self._arcs = arcs_of(self.arrangement)
        self.take_colours()
        return self.arrangement

    def _painter_of(self, layer: int) -> NodePainter | FoldedPainter | MapPainter:
        look, column, text = self.look, self.arrangement.column(layer), self.blueprint.layers[layer]
        if column.maps is not None:
            return MapPainter(look, look.layers[layer], column.maps, text.responds)
        if column.folded:
            return FoldedPainter(look, look.layers[layer], text.responds)
        return NodePainter(look, look.layers[layer])

    @property
    def edges_complete(self) -> bool:
        """True if the picture of the edges is of the latest weights given."""
        return self._edges.complete

    @property
    def limits(self) -> tuple[float, float | None]:
        """The values at the ends of the colour maps of edges and of neurons; None where every layer has its own."""
        shades = self.figures.shades
        return (shades.limit, shades.neuron_limit) if shades else (self._edges.limit, None)

    def note(self) -> str:
        """What the drawing leaves out, in a few words."""
        layers = f"{len(self.blueprint.layers)} layers: ← → to see all"
        notes = (layers if self.arrangement.wider_than_asked else "", self._edges.note(), self.figures.note)
        return "; ".join(note for note in notes if note)

    @property
    def edges_sharp(self) -> bool:
        """True if the picture of the edges was drawn for what the window shows."""
        return self._edges.sharp

    def take_colours(self) -> None:
        """Turn the figures into colours."""
        with np.errstate(all="ignore"):  # what left the finite numbers has a colour at the end of its map
            self._inputs.take(self.figures)
            for layer, numbers in zip(self._layers, self.figures.layers, strict=True):
                layer.take(numbers)

    def draw_edges(self, size: QSize, ratio: float, transform: QTransform, most: int | None) -> None:
        """Go on with the picture of the edges: at most ``most`` lines, or all of them if None."""
        self._edges.aim(size, ratio, transform)
        self._advance(most)

    def need_edges(self, size: QSize, ratio: float, transform: QTransform) -> None:
        """Draw the edges if there is no picture of them; go on with the next one where that was drawn elsewhere."""
        self._edges.aim(size, ratio, transform)
        if not self._edges.sharp:
            self._advance(LINES_PER_TICK)

    def _advance(self, most: int | None) -> None:
        shades = self.figures.shades
        self._edges.show_signed(shades is None or shades.signed)
        self._edges.advance(self.figures.edge_values, most=most, limit=shades.limit if shades else None)

    def paint(self, painter: QPainter, transform: QTransform, marks: Marks) -> None:
        """Draw everything; the picture of the edges must be there."""
        self._edges.paint(painter)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        if marks.neuron[1] >= 0 or marks.lit:
            painter.fillRect(painter.viewport(), self.look.veil)
        painter.setTransform(transform)
        if marks.lit:
            paint_lit_edges(painter, self.look, self.arrangement, marks.lit)
        elif marks.neuron[1] >= 0:
            self._paint_touching(painter, *marks.neuron)
        if marks.edge[0] >= 0:
            self._paint_edge(painter, *marks.edge)
        self._paint_column_marks(painter, marks)
        self._inputs.paint(painter, self.arrangement)
        grounds = {marks.hovered_layer: self.look.hovered}
        grounds |= dict.fromkeys((*marks.chosen, marks.selected_layer), self.look.selected)
        for index, layer in enumerate(self._layers):
            layer.paint(painter, self.arrangement.column(index), grounds.get(index, self.look.ground))
        if marks.neuron[0] >= 0:
            self._paint_window(painter, *marks.neuron)
        shown = self._edges.limit if self.figures.shades is None else None
        paint_biases(painter, self.look, self.arrangement, self.figures.live.network.biases, shown)
        self._paint_headers(painter)
        paint_arcs(painter, self._arcs, self.look, tuple({marks.hovered_layer, marks.selected_layer} - {-1}))
        if self.arrangement.text.answer_label:
            self._paint_answers(painter)
        self._paint_selected_neuron(painter, marks.selected_neuron)
        paint_looked_at(painter, self.look, self.arrangement, marks.looked_at)
        paint_lit_units(painter, self.look, self.arrangement, marks.lit, self._arcs)
        self._paint_holds(painter, marks)

    def _paint_holds(self, painter: QPainter, marks: Marks) -> None:
        """Where a layer under the mouse, or the selected one, can be taken hold of: for its width, and for a skip."""
        arrangement, look = self.arrangement, self.look
        painter.setPen(Qt.PenStyle.NoPen)
        for layer in {marks.hovered_layer, marks.selected_layer, marks.grip} - {-1}:
            grip = arrangement.grip(arrangement.column(layer))
            painter.setBrush(look.accent if layer == marks.grip else look.quiet)
            painter.drawRoundedRect(grip.adjusted(2.0, 3.0, -2.0, -2.0), 1.5, 1.5)
        for layer in {marks.hovered_layer, marks.selected_layer, marks.handle} - {-1, -2} | {marks.handle} - {-2}:
            handle = arrangement.handle(arrangement.column(layer))
            painter.setBrush(look.accent if layer == marks.handle else look.quiet)
            if not handle.isEmpty():
                painter.drawEllipse(handle.center(), DOT, DOT)

    def _paint_edge(self, painter: QPainter, layer: int, source: int, target: int) -> None:
        """The edge under the mouse, with a halo in the accent's colour."""
        start, end = self.arrangement.columns[layer], self.arrangement.columns[layer + 1]
        places = QPointF(start.x + start.half, start.ys[source]), QPointF(end.x - end.half, end.ys[target])
        painter.setPen(pen(self.look.accent, 2.5))
        painter.drawLine(*places)

    def _paint_touching(self, painter: QPainter, layer: int, neuron: int) -> None:
        """The weights that reach a neuron and those that leave it."""
        weights, edges = self.figures.edge_values, self._edges
        strokes = []
        before = edges.bundles[layer] if layer >= 0 else None
        behind = edges.bundles[layer + 1] if layer + 1 < len(weights) else None
        if before is not None:
            strokes += before.touching(weights[layer], edges.limit, edges.pens, -1, neuron)
        if behind is not None:
            strokes += behind.touching(weights[layer + 1], edges.limit, edges.pens, neuron, -1)
        for brush, lines in strokes:
            painter.setPen(brush)
            painter.drawLines(lines)

    def _paint_window(self, painter: QPainter, layer: int, neuron: int) -> None:
        """Of a map's pixel: what it sees in the column before, and the lines that lead from there."""
        place, look = self.figures.live.network.places[layer], self.look
        window, own = window_of(place, neuron), self.arrangement.column(layer).node(neuron)
        if window is None or own.isEmpty():
            return
        seen = places_of(window, self.arrangement.columns[layer], self.blueprint.image)
        painter.setPen(pen(look.accent, 1.25))
        painter.setBrush(colour(look.accent.name(), WINDOW_FILL))
        for rectangle in seen:
            painter.drawRect(rectangle)
        if len(seen) == 1:
            painter.drawLine(seen[0].topRight(), own.topLeft())
            painter.drawLine(seen[0].bottomRight(), own.bottomLeft())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(own)

    def _paint_column_marks(self, painter: QPainter, marks: Marks) -> None:
        selected, hovered = marks.selected_layer, marks.hovered_layer
        if hovered >= 0 and hovered != selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.look.hover_veil)
            painter.drawRoundedRect(self._mark_of(self.arrangement.column(hovered)), 6, 6)
        painter.setBrush(self.look.selected_veil)
        for layer in sorted(marks.chosen | {selected} - {-1}):
            painter.setPen(self.look.selected_pen if layer == selected else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(self._mark_of(self.arrangement.column(layer)), 6, 6)

    def _mark_of(self, column: Column) -> QRectF:
        half = self.arrangement.half_mark(column)
        zone = column.zone
        return QRectF(column.x - half, zone.top() + 2.0, 2 * half, zone.height() - 4.0)

    def _paint_headers(self, painter: QPainter) -> None:
        columns = self.arrangement.columns
        paint_input_header(painter, self.look, columns[0].header, self.blueprint)
        for column, layer, of in zip(columns[1:], self.blueprint.layers, self.look.layers, strict=True):
            paint_header(painter, self.look, column.header, layer, of)

    def _paint_answers(self, painter: QPainter) -> None:
        look, column = self.look, self.arrangement.columns[-1]
        if column.folded:
            return
        room = self.arrangement.answer_room()
        painter.setFont(look.small_font)
        painter.setPen(look.text)
        left = column.x + column.half + LABEL_GAP
        for name, y in zip(self.blueprint.answers, column.ys.tolist(), strict=True):
            text = look.small_metrics.elidedText(name, Qt.TextElideMode.ElideRight, room)
            place = QRectF(QPointF(left, y - 10), QPointF(left + room + 1, y + 10))
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)

    def _paint_selected_neuron(self, painter: QPainter, neuron: tuple[int, int]) -> None:
        layer, index = neuron
        if index < 0:
            return
        column = self.arrangement.column(layer)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.look.selected_pen)
        if column.maps is not None:
            painter.drawRect(column.node(index).adjusted(-1, -1, 1, 1))
        elif column.folded:
            y = float(column.ys[index])
            painter.drawRect(QRectF(column.body.left() - 4, y - 2, column.body.width() + 8, 4))
        else:
            painter.drawEllipse(column.node(index).adjusted(-2.5, -2.5, 2.5, 2.5))
