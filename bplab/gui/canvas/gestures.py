"""A mouse gesture is an object: it is moved, and ends by being dropped or cancelled. These put layers into gaps.

Places are in the drawing's own coordinates. A gesture says at every moment what a drop would do, or why none can be.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from .arrangement import Arrangement
from .headers import paint_header
from .look import Look, colour, pen
from .network_painter import NetworkPainter

GHOST, GHOST_EDGE = 0.85, 0.9
QUIET_MARK, MARK, PRESENT_MARK = 0.35, 3.0, 5.0
REACH = 14.0
"""How far a mark goes beyond the columns' bodies."""


class Gesture:
    """What the mouse does while its button is down."""

    cursor = Qt.CursorShape.ClosedHandCursor

    def move(self, place: QPointF) -> None:
        """The mouse is here now."""
        raise NotImplementedError

    def drop(self) -> None:
        """The button is up: do it, or nothing where it cannot be done."""

    def cancel(self) -> None:
        """All is as it was before."""

    @property
    def says(self) -> tuple[str, bool]:
        """What a drop here would do and True, or why it can do nothing and False; empty: nothing to say."""
        return "", True

    def paint(self, painter: QPainter) -> None:
        """Draw what is dragged and where it can go."""


class IntoGap(Gesture):
    """Something is dragged into one of the gaps: every gap has a mark, dashed where it cannot go."""

    def __init__(self, drawing: NetworkPainter, refusal: Callable[[int], str]) -> None:
        self._drawing, self._refusal = drawing, refusal
        self._known: dict[int, str] = {}
        self.gap = -1
        self.place = QPointF()

    def move(self, place: QPointF) -> None:
        self.place, self.gap = place, nearest_gap(self._drawing.arrangement, place.x())

    def refusal(self, gap: int) -> str:
        """Why it cannot go into a gap; empty if it can."""
        if gap not in self._known:
            self._known[gap] = self._refusal(gap)
        return self._known[gap]

    def paint(self, painter: QPainter) -> None:
        arrangement, look = self._drawing.arrangement, self._drawing.look
        seen = painter.transform().inverted()[0].mapRect(QRectF(painter.viewport()))
        for gap in range(len(arrangement.columns) - 1):
            line = mark_of(arrangement, gap)
            if seen.left() <= line.x1() <= seen.right():
                self._paint_mark(painter, look, line, gap)

    def _paint_mark(self, painter: QPainter, look: Look, line: QLineF, gap: int) -> None:
        present, refused = gap == self.gap, bool(self.refusal(gap))
        of = look.quiet if refused else look.accent
        stroke = pen(colour(of.name(), 1.0 if present else QUIET_MARK), PRESENT_MARK if present else MARK)
        stroke.setCapStyle(Qt.PenCapStyle.FlatCap if refused else Qt.PenCapStyle.RoundCap)
        if refused:
            stroke.setDashPattern([2.0, 2.0])
        painter.setPen(stroke)
        painter.drawLine(line)


class MoveLayer(IntoGap):
    """A layer dragged by its header; a ghost of its header goes with the mouse."""

    def __init__(
        self, drawing: NetworkPainter, layer: int, refusal: Callable[[int], str],
        title: Callable[[int], str], move_layer: Callable[[int], None],
    ) -> None:  # fmt: skip
        super().__init__(drawing, refusal)
        self._layer, self._title, self._move_layer = layer, title, move_layer

    @property
    def stays(self) -> bool:
        """True while the gap is one at the layer itself."""
        return self.gap in (self._layer, self._layer + 1)

    @property
    def says(self) -> tuple[str, bool]:
        if self.stays:
            return f"{self._drawing.blueprint.layers[self._layer].name} stays where it is", True
        why = self.refusal(self.gap)
        return (why, False) if why else (self._title(self.gap), True)

    def drop(self) -> None:
        if not self.stays and not self.refusal(self.gap):
            self._move_layer(self.gap)

    def paint(self, painter: QPainter) -> None:
        super().paint(painter)
        drawing, look = self._drawing, self._drawing.look
        of = look.layers[self._layer]
        header = drawing.arrangement.column(self._layer).header
        room = QRectF(header).translated(self.place - header.center())
        painter.setPen(pen(colour(of.name(), GHOST_EDGE), 1.5))
        painter.setBrush(colour(look.colours.ground, GHOST))
        painter.drawRoundedRect(room.adjusted(0, -2, 0, 2), 6, 6)
        paint_header(painter, look, room, drawing.blueprint.layers[self._layer], of)


class PlaceKind(IntoGap):
    """A kind of layer dragged from the palette."""

    cursor = Qt.CursorShape.DragCopyCursor

    def __init__(
        self, drawing: NetworkPainter, refusal: Callable[[int], str],
        title: Callable[[int], str], add: Callable[[int], None],
    ) -> None:  # fmt: skip
        super().__init__(drawing, refusal)
        self._title, self._add = title, add

    @property
    def says(self) -> tuple[str, bool]:
        why = self.refusal(self.gap)
        return (why, False) if why else (self._title(self.gap), True)

    def drop(self) -> None:
        if not self.refusal(self.gap):
            self._add(self.gap)


def nearest_gap(arrangement: Arrangement, x: float) -> int:
    """The gap whose middle is nearest to ``x``; 0 lies behind the inputs."""
    gaps = range(len(arrangement.columns) - 1)
    return min(gaps, key=lambda gap: abs(arrangement.gap(gap).center().x() - x))


def mark_of(arrangement: Arrangement, gap: int) -> QLineF:
    """The line in the middle of a gap that says that something can be dropped there."""
    room = arrangement.gap(gap)
    x = room.center().x()
    return QLineF(x, room.top() - REACH, x, room.bottom() + REACH)
