"""Gestures at one layer: a skip drawn to a later one, a part put on one, a lower edge pulled to change the width."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath

from .arrangement import Column
from .gestures import Gesture
from .look import colour, pen
from .network_painter import NetworkPainter

GREYED, INVITED = 0.72, 0.16
PIXELS_PER_UNIT = 12.0
MANY = 24
"""From this width on a pixel of the mouse stands for more than one neuron, in proportion."""
LIFT, LEAST_LIFT = 46.0, 6.0


class OntoLayer(Gesture):
    """Something is dragged onto a layer: those that can take it invite, the others are greyed."""

    def __init__(self, drawing: NetworkPainter, refusal: Callable[[int], str], title: Callable[[int], str],
                 take: Callable[[int], None]) -> None:  # fmt: skip
        self._drawing, self._title, self._take = drawing, title, take
        self._refusals = [refusal(layer) for layer in range(len(drawing.blueprint.layers))]
        self._place, self.target = QPointF(), -1

    def move(self, place: QPointF) -> None:
        self._place = place
        columns = self._drawing.arrangement.columns
        nearest = min(columns, key=lambda column: abs(column.x - place.x()))
        self.target = nearest.layer if nearest.zone.left() <= place.x() <= nearest.zone.right() else -1

    @property
    def fits(self) -> bool:
        """True where a drop does something."""
        return self.target >= 0 and not self._refusals[self.target]

    def drop(self) -> None:
        if self.fits:
            self._take(self.target)

    def paint(self, painter: QPainter) -> None:
        arrangement, look = self._drawing.arrangement, self._drawing.look
        painter.setPen(Qt.PenStyle.NoPen)
        for layer, refusal in enumerate(self._refusals):
            painter.setBrush(colour(look.colours.ground, GREYED) if refusal else colour(look.accent.name(), INVITED))
            if not self._is_source(layer):
                painter.drawRoundedRect(self._outline(arrangement.column(layer)), 6, 6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if self.fits:
            painter.setPen(pen(look.accent, 2.0))
            painter.drawRoundedRect(self._outline(arrangement.column(self.target)), 6, 6)

    def _is_source(self, layer: int) -> bool:
        return False

    def _outline(self, column: Column) -> QRectF:
        half = self._drawing.arrangement.half_mark(column)
        return QRectF(column.x - half, column.zone.top() + 2.0, 2 * half, column.zone.height() - 4.0)


class PutOn(OntoLayer):
    """A normalization or a dropout dragged from the palette."""

    cursor = Qt.CursorShape.DragCopyCursor

    def __init__(self, drawing: NetworkPainter, refusal: Callable[[int], str], title: Callable[[int], str],
                 take: Callable[[int], None], what: str) -> None:  # fmt: skip
        super().__init__(drawing, refusal, title, take)
        self._what = what

    @property
    def says(self) -> tuple[str, bool]:
        if self.target < 0:
            return f"Drop it on the layer that shall have {self._what}", True
        why = self._refusals[self.target]
        return (why, False) if why else (self._title(self.target), True)


class DrawSkip(OntoLayer):
    """An arc from a layer (−1 for the inputs) to the mouse; layers that cannot add a skip are greyed."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, drawing: NetworkPainter, source: int, refusal: Callable[[int], str],
        title: Callable[[int], str], draw: Callable[[int], None],
    ) -> None:  # fmt: skip
        super().__init__(drawing, refusal, title, draw)
        self._source = source

    @property
    def says(self) -> tuple[str, bool]:
        if self.target < 0:
            return "Drop it on the layer that shall add these outputs to its own", True
        if self.target == self._source:
            return "A skip ends at a later layer", True
        why = self._refusals[self.target]
        return (why, False) if why else (self._title(self.target), True)

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        arrangement, look = self._drawing.arrangement, self._drawing.look
        start = QPointF(arrangement.column(self._source).x, arrangement.above + 2.0)
        stroke = pen(look.accent, 2.0)
        if not self.says[1]:
            stroke = pen(look.quiet, 2.0)
            stroke.setDashPattern([3.0, 3.0])
        painter.setPen(stroke)
        end = QPointF(arrangement.column(self.target).x, arrangement.above + 2.0) if self.fits else self._place
        painter.drawPath(_arc(start, end))

    def _is_source(self, layer: int) -> bool:
        return layer == self._source


class Resize(Gesture):
    """The lower edge of a column is pulled: down for more neurons. The network changes with the mouse."""

    cursor = Qt.CursorShape.SizeVerCursor

    def __init__(self, name: str, noun: str, units: int, start: float, set_units: Callable[[int], str]) -> None:
        self._name, self._noun, self._first, self._start = name, noun, units, start
        self._units, self._refusal = units, ""
        self._set_units = set_units
        """Changes the width; says why if that cannot be."""

    def move(self, place: QPointF) -> None:
        wanted = units_after(self._first, place.y() - self._start)
        if wanted != self._units:
            self._refusal = self._set_units(wanted)
            if not self._refusal:
                self._units = wanted

    @property
    def says(self) -> tuple[str, bool]:
        if self._refusal:
            return self._refusal, False
        return f"{self._name}: {self._units:,} {self._noun}{'s' * (self._units != 1)}", True

    def cancel(self) -> None:
        self._set_units(self._first)


def units_after(first: int, pixels: float) -> int:
    """The width of a layer whose edge was pulled so far, from ``first``; never less than 1."""
    per_step = max(1, first // MANY)
    return max(1, first + per_step * round(pixels / PIXELS_PER_UNIT))


def _arc(start: QPointF, end: QPointF) -> QPainterPath:
    room = max(start.y() / 0.75, LEAST_LIFT)  # a cubic reaches three quarters of the way to its control points
    lift = QPointF(0, min(LIFT, room, 0.5 * abs(end.x() - start.x())))
    path = QPainterPath(start)
    path.cubicTo(start - lift, end - lift, end)
    return path
