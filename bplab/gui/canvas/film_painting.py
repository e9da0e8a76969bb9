"""A training step on the network: what a phase computes, in full colour with its numbers, over the faded drawing.

Columns carry what was computed for them last; what the phase works on has a frame in the accent's colour, and the
edges or the skip by which it goes are drawn from where it comes. All is drawn in pixels of the window, so that
zooming in makes room for more numbers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform

from bplab.gui.theme import index_of
from bplab.lab.film import INPUTS, Scene, Seen

from .arrangement import Column
from .edge_picture import Bundle, Pens
from .film_numbers import ASIDE, PAD, Discs, Label, Numbers
from .images import Pixels, image_of, share_codes
from .look import colour, mixed, pen
from .network_painter import NetworkPainter
from .nodes import NO_BRUSH, SMOOTH
from .skips import arcs_of
from .tips import signed

FRAME, PLAIN, OUT = 2.5, 1.25, 2.0
"""Width of a frame around what is lit and around the rest, and how far it stands off."""
BAND, PILL, PASSED, CORNER = 0.22, 0.88, 0.5, 0.2
"""How opaque bands, grounds of numbers and columns are that the phase has nothing to do with; corners of inputs."""
CENTRED = Qt.AlignmentFlag.AlignCenter


def ink_on(ground: QColor) -> QColor:
    """Black or white, whichever is read better on a ground."""
    parts = (ground.redF(), ground.greenF(), ground.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return QColor("black") if 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 else QColor("white")


class FilmPainting:
    """One painting of ``scene`` over ``network``; ``end_of`` gives the end of a symbol's colour map.

    ``sweep`` is how much of the way the phase has gone on its edges, up to 1.
    """

    def __init__(
        self,
        painter: QPainter,
        transform: QTransform,
        network: NetworkPainter,
        scene: Scene,
        end_of: Callable[[str], float],
        pens_for: Callable[[bool], Pens],
        sweep: float,
    ) -> None:
        self._painter, self._transform, self._scene = painter, transform, scene
        self._look, self._arrangement, self._blueprint = network.look, network.arrangement, network.blueprint
        self._end_of, self._pens_for = end_of, pens_for
        self._sweep, self._zoom = sweep, transform.m11()
        self._numbers = Numbers(self._look.small_metrics)
        self.labels: list[Label] = []
        """The numbers drawn."""

    def paint(self) -> None:
        """All of it."""
        painter, columns = self._painter, self._arrangement.columns
        painter.save()
        painter.resetTransform()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | SMOOTH)
        painter.setFont(self._look.small_font)
        self._fade()
        for layer in self._scene.phase.lights.edges:
            painter.setClipRect(self._swept(layer))
            if layer in self._scene.edges:
                self._paint_edges(layer, self._scene.edges[layer])
            else:
                self._paint_band(columns[layer], columns[layer + 1])
        painter.setClipping(False)
        self._paint_skips()
        for layer, seen in self._scene.columns.items():
            self._paint_column(layer, self._arrangement.column(layer), seen)
        self._paint_numbers()
        self._paint_captions()
        painter.restore()

    # -- the network ------------------------------------------------------------------------------------

    def _fade(self) -> None:
        """Let the drawing step back, but for headers and names."""
        arrangement, first, last = self._arrangement, self._arrangement.columns[0], self._arrangement.columns[-1]
        corner = QPointF(first.body.left() - 4.0, arrangement.top - 4.0)
        faded = QRectF(corner, QPointF(last.body.right() + 4.0, arrangement.bottom))
        self._painter.fillRect(self._transform.mapRect(faded), self._look.veil)

    def _swept(self, layer: int) -> QRectF:
        """What the phase has gone of the way between a layer's column and the one before."""
        start, end = self._arrangement.columns[layer], self._arrangement.columns[layer + 1]
        way = self._transform.mapRect(QRectF(QPointF(start.x, 0.0), QPointF(end.x, self._arrangement.height)))
        gone = self._sweep * way.width()
        if self._scene.phase.lights.backward:
            way.setLeft(way.right() - gone)
        else:
            way.setWidth(gone)
        return way

    def _paint_edges(self, layer: int, seen: Seen) -> None:
        """The lines of a dense layer; a band where there are none."""
        start, end = self._arrangement.columns[layer], self._arrangement.columns[layer + 1]
        if start.maps is not None:
            self._paint_band(start, end)
            return
        bundle, painter = Bundle(start, end, self._arrangement.node_size), self._painter
        painter.setTransform(self._transform)
        limit = self._end_of(seen.symbol)
        for stroke, lines in bundle.strokes(seen.values, limit, self._pens_for(seen.signed), fresh=True):
            painter.setPen(stroke)
            painter.drawLines(lines)
        painter.resetTransform()

    def _paint_band(self, start: Column, end: Column) -> None:
        left, right = self._transform.mapRect(start.body), self._transform.mapRect(end.body)
        self._painter.setPen(pen(self._look.accent, PLAIN))
        self._painter.setBrush(colour(self._look.accent.name(), BAND))
        corners = [left.topRight(), right.topLeft(), right.bottomLeft(), left.bottomRight()]
        self._painter.drawPolygon(QPolygonF(corners))

    def _paint_skips(self) -> None:
        lit = self._scene.phase.lights.skips
        if not lit:
            return
        painter = self._painter
        painter.setTransform(self._transform)
        for arc in arcs_of(self._arrangement):
            if (arc.source, arc.target) in lit:
                painter.setBrush(NO_BRUSH)
                painter.setPen(pen(self._look.accent, 2 * FRAME))
                painter.drawPath(arc.path)
                painter.setPen(pen(self._look.accent, FRAME))
                painter.setBrush(self._look.accent)
                painter.drawPolygon(arc.head)
        painter.resetTransform()

    # -- columns ----------------------------------------------------------------------------------------

    def _pixels(self, seen: Seen) -> Pixels:
        end = self._end_of(seen.symbol)
        if seen.signed:
            signed_pixels: Pixels = self._look.diverging[index_of(seen.values, end)]
            return signed_pixels
        return self._look.sequential[share_codes(seen.values / end)]

    def _paint_column(self, layer: int, column: Column, seen: Seen) -> None:
        body = self._transform.mapRect(column.body)
        if layer == INPUTS and self._blueprint.image is not None:
            self._paint_picture(body, self._inked(seen.values.reshape(self._blueprint.image)), seen, layer)
        elif column.maps is not None:
            tiles = self._pixels(seen).reshape(-1, column.maps.rows, column.maps.columns)
            for number, tile in enumerate(tiles[: column.maps.shown]):
                self._paint_picture(self._transform.mapRect(column.maps.tile(number)), tile, seen, layer)
        elif column.folded or len(column.ys) != len(seen.values):
            self._paint_picture(body, self._pixels(seen)[:, None], seen, layer)
        else:
            self._paint_discs(layer, column, seen)

    def _inked(self, channels: np.ndarray) -> Pixels:
        """An image, ``(channels, rows, columns)``, from ground to ink."""
        low, high = min(float(channels.min()), 0.0), float(channels.max())
        return self._look.ink[share_codes((channels.mean(axis=0) - low) / ((high - low) or 1.0))]

    def _paint_picture(self, place: QRectF, pixels: Pixels, seen: Seen, layer: int) -> None:
        painter = self._painter
        painter.fillRect(place, self._look.ground)
        painter.setRenderHint(SMOOTH, pixels.shape[0] > place.height())
        painter.setOpacity(1.0 if seen.lit else PASSED)
        painter.drawImage(place, image_of(pixels))
        painter.setOpacity(1.0)
        painter.setRenderHint(SMOOTH)
        painter.setBrush(NO_BRUSH)
        painter.setPen(self._frame(seen, layer))
        out = OUT if seen.lit else 1.0
        painter.drawRoundedRect(place.adjusted(-out, -out, out, out), 3, 3)

    def _paint_discs(self, layer: int, column: Column, seen: Seen) -> None:
        painter, discs = self._painter, self._discs(column)
        painter.setPen(self._frame(seen, layer))
        half = discs.half - 0.5 * painter.pen().widthF()
        for pixel, y in zip(self._pixels(seen).tolist(), discs.ys.tolist(), strict=True):
            place = QRectF(discs.x - half, y - half, 2 * half, 2 * half)
            painter.setBrush(self._shade(pixel, seen))
            if layer == INPUTS:
                painter.drawRoundedRect(place, CORNER * 2 * half, CORNER * 2 * half)
            else:
                painter.drawEllipse(place)

    def _shade(self, pixel: int, seen: Seen) -> QColor:
        """A neuron's colour; what the phase has nothing to do with is pale."""
        made = QColor.fromRgb(pixel)
        return made if seen.lit else mixed(self._look.ground, made, PASSED)

    def _frame(self, seen: Seen, layer: int) -> QPen:
        look = self._look
        if seen.lit:
            return pen(look.accent, FRAME)
        return pen(look.quiet if layer == INPUTS else look.layers[layer], PLAIN)

    # -- numbers ----------------------------------------------------------------------------------------

    def _discs(self, column: Column) -> Discs:
        place = self._transform.map(QPointF(column.x, 0.0))
        return Discs(place.x(), column.half * self._zoom, column.ys * self._zoom + self._transform.dy())

    def _is_discs(self, layer: int) -> bool:
        column = self._arrangement.column(layer)
        return not column.folded and column.maps is None

    def _paint_numbers(self) -> None:
        """Those of the neurons first; edges have what room is left."""
        scene, last = self._scene, len(self._arrangement.columns) - 2
        for layer in scene.columns:
            if self._is_discs(layer):
                discs = self._discs(self._arrangement.column(layer))
                for y in discs.ys.tolist():
                    self._numbers.block(QRectF(discs.x - discs.half, y - discs.half, 2 * discs.half, 2 * discs.half))
        for layer, seen in scene.columns.items():
            if self._is_discs(layer):
                discs = self._discs(self._arrangement.column(layer))
                found = self._numbers.of_column(discs, seen.values, left=layer == last)
                self._paint_column_numbers(found, seen)
                if layer == last:
                    self._paint_targets(discs, found)
                if scene.biases is not None and layer == scene.phase.layer:
                    for label in self._numbers.beside(discs, found, [f"b {signed(float(b))}" for b in scene.biases]):
                        self._paint_label(label, self._look.accent)
        for layer, seen in scene.edges.items():
            if seen.lit and self._is_discs(layer - 1) and self._is_discs(layer):
                start, end = (self._discs(self._arrangement.column(of)) for of in (layer - 1, layer))
                swept = self._swept(layer)
                for label in self._numbers.on_edges(start, end, seen.values):
                    if swept.contains(label.place.center()):
                        self._paint_label(label, self._look.text)

    def _paint_column_numbers(self, labels: list[Label], seen: Seen) -> None:
        pixels = self._pixels(seen).tolist() if labels and labels[0].inside >= 0 else []
        for label in labels:
            if label.inside < 0:
                self._paint_label(label, self._look.text if seen.lit else self._look.quiet)
                continue
            self._painter.setPen(ink_on(self._shade(pixels[label.inside], seen)))
            self._painter.drawText(label.place, CENTRED, label.text)
            self.labels.append(label)

    def _paint_label(self, label: Label, ink: QColor) -> None:
        painter = self._painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour(self._look.colours.ground, PILL))
        painter.drawRoundedRect(label.place, 3, 3)
        painter.setPen(ink)
        painter.drawText(label.place, CENTRED, label.text)
        self.labels.append(label)

    def _paint_targets(self, discs: Discs, numbers: list[Label]) -> None:
        """What the outputs should have been, on their left, where no edge is lit while the loss compares."""
        verdict, metrics = self._scene.verdict, self._look.small_metrics
        if verdict is None or (len(discs.ys) > 1 and float(np.diff(discs.ys).min()) < metrics.height()):
            return
        texts = [f"y = {signed(float(target))}" for target in verdict.targets]
        wide = max(metrics.horizontalAdvance(text) for text in texts) + 2 * PAD
        left = min([discs.x - discs.half, *(label.place.left() for label in numbers)]) - 2 * ASIDE - wide
        for text, y in zip(texts, discs.ys.tolist(), strict=True):
            place = QRectF(left, y - 0.5 * metrics.height(), wide, metrics.height())
            self._paint_label(Label(place, text), self._look.accent)

    # -- captions ---------------------------------------------------------------------------------------

    def _paint_captions(self) -> None:
        """Below the network: the quantity of each column, and what goes from one to the next in which direction."""
        scene, look = self._scene, self._look
        foot = self._transform.map(QPointF(0.0, self._arrangement.bottom)).y()
        bottom = min(foot, self._painter.viewport().bottom()) - 2.0
        for layer, seen in scene.columns.items():
            x = self._transform.map(QPointF(self._arrangement.column(layer).x, 0.0)).x()
            told = f"{seen.symbol} ({seen.over_batch})" if seen.over_batch else seen.symbol
            fits = look.name_metrics.horizontalAdvance(told) <= 0.6 * self._zoom * self._arrangement.pitch
            self._paint_caption(told if fits else seen.symbol, x, bottom, look.accent if seen.lit else look.quiet)
        for layer in scene.phase.lights.edges:
            sign = scene.edges[layer].symbol if layer in scene.edges else "W"
            if scene.phase.kind != "update":
                sign = f"← {sign}" if scene.phase.lights.backward else f"{sign} →"
            self._paint_caption(sign, self._middle(layer), bottom, look.accent)
        if scene.verdict is not None:
            cost = f"C = {signed(scene.verdict.batch)}"
            self._paint_caption(cost, self._middle(len(look.layers) - 1), bottom, look.accent)

    def _middle(self, layer: int) -> float:
        """Between a layer's column and the one before."""
        start, end = self._arrangement.columns[layer], self._arrangement.columns[layer + 1]
        return self._transform.map(QPointF(0.5 * (start.x + end.x), 0.0)).x()

    def _paint_caption(self, text: str, x: float, bottom: float, ink: QColor) -> None:
        metrics = self._look.name_metrics
        wide, high = metrics.horizontalAdvance(text) + 2 * PAD, metrics.height()
        self._painter.setFont(self._look.name_font)
        self._painter.setPen(ink)
        self._painter.drawText(QRectF(x - 0.5 * wide, bottom - high, wide, high), CENTRED, text)
