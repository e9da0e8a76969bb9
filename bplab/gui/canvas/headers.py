"""The header of a column: name and size, what the layer does, and badges for what stands around its activation."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from .arrangement import BADGE_GAP
from .blueprint import Blueprint, LayerText
from .look import Look, colour, pen

CENTRED = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
LOCK, LOCK_HIGH, LOCK_GAP = 8.0, 10.0, 5.0
BADGE_PAD, BADGE_APART = 4.0, 4.0


def paint_input_header(painter: QPainter, look: Look, room: QRectF, blueprint: Blueprint) -> None:
    """What enters the network."""
    detail = blueprint.input_detail
    if look.small_metrics.horizontalAdvance(detail) > room.width():
        detail = blueprint.input_kind
    _paint_name(painter, look, room, look.text, "inputs", "", frozen=False)
    _paint_kind(painter, look, room, detail)


def paint_header(painter: QPainter, look: Look, room: QRectF, layer: LayerText, of: QColor) -> None:
    """A layer's name in its colour with its size, a lock if it is frozen; below, quietly, what it does; badges."""
    _paint_name(painter, look, room, of, layer.name, f" · {layer.size}", layer.frozen)
    _paint_kind(painter, look, room, layer.kind)
    if layer.badges:
        _paint_badges(painter, look, room, layer.badges, of)


def _paint_name(
    painter: QPainter, look: Look, room: QRectF, of: QColor, name: str, size: str, frozen: bool
) -> None:
    named, wide = look.name_metrics.horizontalAdvance(name), look.small_metrics.horizontalAdvance(size)
    lock = LOCK_GAP + LOCK if frozen else 0.0
    if named + wide + lock > room.width():
        size, wide = "", 0.0  # the panel beside the drawing says it
    left, base = room.center().x() - 0.5 * (named + wide + lock), room.top() + 4.0 + look.name_metrics.ascent()
    painter.setFont(look.name_font)
    painter.setPen(of)
    painter.drawText(QPointF(left, base), name)
    painter.setFont(look.small_font)
    painter.setPen(look.quiet)
    painter.drawText(QPointF(left + named, base), size)
    if frozen:
        _paint_lock(painter, look, QPointF(left + named + wide + LOCK_GAP, base))


def _paint_lock(painter: QPainter, look: Look, foot: QPointF) -> None:
    """A closed padlock that stands on ``foot``, its bottom left corner."""
    body = QRectF(foot.x(), foot.y() - 0.58 * LOCK_HIGH, LOCK, 0.58 * LOCK_HIGH)
    bow = QRectF(body.left() + 1.6, foot.y() - LOCK_HIGH, LOCK - 3.2, 0.84 * LOCK_HIGH)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(look.text, 1.3))
    painter.drawRoundedRect(bow, 2.2, 2.2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.text)
    painter.drawRoundedRect(body, 1.2, 1.2)


def _paint_kind(painter: QPainter, look: Look, room: QRectF, kind: str) -> None:
    painter.setFont(look.small_font)
    painter.setPen(look.quiet)
    below = QRectF(room.left(), room.top() + 4.0 + look.line_height, room.width(), look.line_height)
    painter.drawText(below, CENTRED, look.small_metrics.elidedText(kind, Qt.TextElideMode.ElideRight, room.width()))


def _paint_badges(painter: QPainter, look: Look, room: QRectF, badges: tuple[str, ...], of: QColor) -> None:
    shown = fitting_badges(look, badges, room.width())
    wides = [_badge_width(look, badge) for badge in shown]
    left = room.center().x() - 0.5 * (sum(wides) + BADGE_APART * (len(wides) - 1))
    top = room.top() + 4.0 + 2 * look.line_height + 0.5 * BADGE_GAP
    painter.setFont(look.small_font)
    for badge, wide in zip(shown, wides, strict=True):
        chip = QRectF(left, top, wide, look.small_metrics.height())
        painter.setPen(pen(colour(of.name(), 0.8)))
        painter.setBrush(colour(of.name(), 0.14))
        painter.drawRoundedRect(chip.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(look.text)
        painter.drawText(chip, CENTRED, badge)
        left += wide + BADGE_APART


def fitting_badges(look: Look, badges: tuple[str, ...], wide: float) -> tuple[str, ...]:
    """All badges, or the first ones that have room and an ellipsis for the others, which the tooltip says."""
    choices = [badges, *((*badges[:kept], "…") for kept in range(len(badges) - 1, 0, -1))]
    for shown in choices:
        if sum(_badge_width(look, badge) + BADGE_APART for badge in shown) - BADGE_APART <= wide:
            return shown
    return badges[:1]


def _badge_width(look: Look, badge: str) -> float:
    return look.small_metrics.horizontalAdvance(badge) + 2 * BADGE_PAD
