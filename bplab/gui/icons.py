"""Icons drawn by ourselves in the theme's colours: a few outlines on a 16×16 sheet, sharp at every resolution."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPalette, QPen, QPixmap, QPixmapCache, QPolygonF
from PySide6.QtWidgets import QApplication

from bplab.resources import resource

SHEET = 16
_SIZES = (16, 24, 32, 48, 64)
_STROKE = 1.6


def _polygon(path: QPainterPath, *points: tuple[float, float]) -> None:
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in points]))
    path.closeSubpath()


def _line(path: QPainterPath, *points: tuple[float, float]) -> None:
    path.moveTo(*points[0])
    for point in points[1:]:
        path.lineTo(*point)


def _play(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (4.5, 2.5), (13.5, 8), (4.5, 13.5))


def _pause(fill: QPainterPath, lines: QPainterPath) -> None:
    fill.addRect(QRectF(4, 2.5, 3, 11))
    fill.addRect(QRectF(9, 2.5, 3, 11))


def _step(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (3, 3), (9.5, 8), (3, 13))
    fill.addRect(QRectF(10.5, 3, 2.2, 10))


def _reset(fill: QPainterPath, lines: QPainterPath) -> None:
    lines.arcMoveTo(QRectF(3, 3, 10, 10), 130)
    lines.arcTo(QRectF(3, 3, 10, 10), 130, -310)
    _line(lines, (3.2, 1.6), (4.4, 4.9), (7.6, 3.6))


def _plus(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (8, 3), (8, 13))
    _line(lines, (3, 8), (13, 8))


def _minus(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (3, 8), (13, 8))


def _close(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (4, 4), (12, 12))
    _line(lines, (12, 4), (4, 12))


def _float(fill: QPainterPath, lines: QPainterPath) -> None:
    lines.addRect(QRectF(2.5, 5.5, 8, 8))
    _line(lines, (6, 5.5), (6, 2.5), (13.5, 2.5), (13.5, 10), (10.5, 10))


def _sliders(fill: QPainterPath, lines: QPainterPath) -> None:
    for y, knob in ((4.0, 10.0), (8.0, 5.5), (12.0, 9.0)):
        _line(lines, (2, y), (14, y))
        fill.addEllipse(QPointF(knob, y), 1.9, 1.9)


def _table(fill: QPainterPath, lines: QPainterPath) -> None:
    lines.addRoundedRect(QRectF(2, 3, 12, 10), 1, 1)
    fill.addRect(QRectF(2, 3, 12, 2.6))
    _line(lines, (2, 9.2), (14, 9.2))
    _line(lines, (6, 5), (6, 13))
    _line(lines, (10, 5), (10, 13))


def _pictures(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (5, 2.5), (14, 2.5), (14, 10.5))
    lines.addRoundedRect(QRectF(2, 5, 9.5, 8.5), 1, 1)
    _polygon(fill, (3, 12.5), (6, 8.5), (8, 11), (9, 10), (10.6, 12.5))
    fill.addEllipse(QPointF(8.8, 7.6), 1.0, 1.0)


def _array(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (5, 2.5), (2.5, 2.5), (2.5, 13.5), (5, 13.5))
    _line(lines, (11, 2.5), (13.5, 2.5), (13.5, 13.5), (11, 13.5))
    for x in (6.2, 9.8):
        for y in (5.0, 8.0, 11.0):
            fill.addEllipse(QPointF(x, y), 1.0, 1.0)


def _warning(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(lines, (8, 2), (14.5, 13.5), (1.5, 13.5))
    _line(lines, (8, 6.5), (8, 9.5))
    fill.addEllipse(QPointF(8, 11.6), 0.9, 0.9)


def _note(fill: QPainterPath, lines: QPainterPath) -> None:
    lines.addEllipse(QPointF(8, 8), 6, 6)
    _line(lines, (8, 7.4), (8, 11))
    fill.addEllipse(QPointF(8, 5), 0.95, 0.95)


def _dot(fill: QPainterPath, lines: QPainterPath) -> None:
    fill.addEllipse(QPointF(8, 8), 5, 5)


def _back(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (10.5, 3), (5, 8), (10.5, 13))


def _forward(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (5.5, 3), (11, 8), (5.5, 13))


def _row_back(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (8, 3.5), (3, 8), (8, 12.5))
    _polygon(fill, (13, 3.5), (8, 8), (13, 12.5))


def _row_forward(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (3, 3.5), (8, 8), (3, 12.5))
    _polygon(fill, (8, 3.5), (13, 8), (8, 12.5))


def _to_start(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (12, 3), (6, 8), (12, 13))
    fill.addRect(QRectF(3.4, 3, 2, 10))


def _to_now(fill: QPainterPath, lines: QPainterPath) -> None:
    _polygon(fill, (4, 3), (10, 8), (4, 13))
    fill.addRect(QRectF(10.6, 3, 2, 10))


def _fork(fill: QPainterPath, lines: QPainterPath) -> None:
    _line(lines, (4.5, 3.5), (4.5, 12.5))
    lines.moveTo(11.5, 4)
    lines.cubicTo(11.5, 8.5, 4.5, 6, 4.5, 11)
    for x, y in ((4.5, 3.2), (4.5, 12.8), (11.5, 3.2)):
        fill.addEllipse(QPointF(x, y), 1.9, 1.9)


Drawing = Callable[[QPainterPath, QPainterPath], None]
DRAWINGS: dict[str, Drawing] = {
    "play": _play,
    "pause": _pause,
    "step": _step,
    "reset": _reset,
    "plus": _plus,
    "minus": _minus,
    "close": _close,
    "float": _float,
    "sliders": _sliders,
    "table": _table,
    "pictures": _pictures,
    "array": _array,
    "warning": _warning,
    "note": _note,
    "dot": _dot,
    "back": _back,
    "forward": _forward,
    "row back": _row_back,
    "row forward": _row_forward,
    "to start": _to_start,
    "to now": _to_now,
    "fork": _fork,
}


def paint_icon(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw the icon ``name`` into ``rect``."""
    fill, lines = QPainterPath(), QPainterPath()
    DRAWINGS[name](fill, lines)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / SHEET, rect.height() / SHEET)
    painter.fillPath(fill, colour)
    pen = QPen(colour, _STROKE, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    painter.strokePath(lines, pen)
    painter.restore()


def icon(name: str, colour: QColor | None = None) -> QIcon:
    """The icon ``name`` in ``colour``, or in the palette's text colour, with a faded disabled form."""
    palette = QApplication.palette()
    normal = colour or palette.color(QPalette.ColorRole.ButtonText)
    faded = palette.color(QPalette.ColorGroup.Disabled, QPalette.ColorRole.ButtonText)
    made = QIcon()
    for mode, tint in ((QIcon.Mode.Normal, normal), (QIcon.Mode.Disabled, faded)):
        for size in _SIZES:
            made.addPixmap(_pixmap(name, size, tint), mode)
    return made


def _pixmap(name: str, size: int, colour: QColor) -> QPixmap:
    """Painted once: Qt keeps it among the pictures that it may need again."""
    key, pixmap = f"bplab icon {name} {size} {colour.rgba():08x}", QPixmap(QSize(size, size))
    if QPixmapCache.find(key, pixmap):
        return pixmap
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    paint_icon(painter, name, QRectF(0, 0, size, size), colour)
    painter.end()
    QPixmapCache.insert(key, pixmap)
    return pixmap


def program_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(resource("icons", "bplab.svg")))
