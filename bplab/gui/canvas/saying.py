"""The small label at the mouse that says what a drop would do, or why none is possible."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QPainter

from .look import Look, colour, pen

ASIDE = QPointF(16.0, 20.0)
PAD, WIDEST = 7.0, 320.0
SIGN = "⊘ "
"""Before a reason why not, so that colour does not say it alone."""


def paint_saying(painter: QPainter, look: Look, window: QRect, mouse: QPointF, text: str, possible: bool) -> None:
    """Paint ``text`` below the mouse, or above it where there is no room."""
    if not text:
        return
    wrap = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft
    text = text if possible else SIGN + text
    room = look.small_metrics.boundingRect(QRectF(0, 0, WIDEST, 400), int(wrap), text)
    box = QRectF(mouse + ASIDE, room.size()).adjusted(0, 0, 2 * PAD + 2, 2 * PAD)
    if box.bottom() > window.bottom() - 4:
        box.moveBottom(mouse.y() - ASIDE.y() / 2)
    box.moveLeft(max(4.0, min(box.left(), window.right() - 4 - box.width())))
    painter.setPen(pen(look.line if possible else look.quiet))
    painter.setBrush(colour(look.colours.raised, 0.97))
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    painter.setFont(look.small_font)
    painter.setPen(look.text)
    painter.drawText(box.adjusted(PAD, PAD, -PAD, -PAD), int(wrap), text)
