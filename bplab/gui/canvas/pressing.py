"""What the view remembers of the mouse: where a press was, and which header a turning wheel is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, Qt

from .arrangement import Hit

NOTCH = 120
"""Angle of one notch of a wheel; finer wheels turn less at a time."""
STILL = 4.0
"""A mouse that moved less, in pixels, is still at what the wheel began with, though the drawing has moved."""


@dataclass(frozen=True, slots=True)
class Press:
    """A press of a button: what lies under it, where in the drawing, with which keys held."""

    hit: Hit = Hit()  # noqa: RUF009  # frozen
    place: QPointF = field(default_factory=QPointF)
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier


class Wheel:
    """Keeps a turning wheel at the layer that it began over, and adds up what is less than a notch."""

    def __init__(self) -> None:
        self._hit, self._place, self._turned = Hit(), QPointF(-1e6, 0), 0
        self._begins = True

    def hit_at(self, place: QPointF, look: Callable[[QPointF], Hit]) -> Hit:
        """What the wheel acts on at a place of the window; ``look`` says what lies there now."""
        if (place - self._place).manhattanLength() > STILL:
            self._hit, self._place, self._turned = look(place), QPointF(place), 0
            self._begins = True
        return self._hit

    def notches(self, angle: int) -> tuple[int, bool]:
        """Whole notches, up being positive, that have come together; True if they are the first ones here."""
        self._turned += angle
        whole = int(self._turned / NOTCH)
        self._turned -= whole * NOTCH
        begins = self._begins
        if whole:
            self._begins = False
        return whole, begins
