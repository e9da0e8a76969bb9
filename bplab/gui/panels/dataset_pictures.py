"""Pictures of data, drawn from its real samples: points in the plane, images, classes and targets of a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyqtgraph.graphicsItems.ScatterPlotItem import Symbols
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from bplab.data import REACH, ImageShape, Split
from bplab.lab.palette import class_colour, class_marker

from ..numbers import short_text
from ..theme import GRID, Colours, Theme

MOST_POINTS = 2_000
"""More points than this hide each other."""

Floats = NDArray[np.float64]


def marker(shape: str, side: float) -> QPainterPath:
    """A marker shape centred on the origin."""
    path: QPainterPath = Symbols[shape]
    return QTransform.fromScale(side, side).map(path)


def point_colours(targets: NDArray[Any], classes: int, theme: Theme) -> list[QColor]:
    """A colour per sample: its class's, or its number's place on the diverging map."""
    if classes:
        named = [QColor(class_colour(index)) for index in range(classes)]
        return [named[index] for index in targets]
    values = targets[:, 0]
    limit = float(np.abs(values).max(initial=0.0))
    return [QColor(*(int(part) for part in rgb)) for rgb in theme.diverging_rgb(values, limit)]


def draw_points(
    painter: QPainter,
    rect: QRectF,
    points: Floats,
    targets: NDArray[Any],
    classes: int,
    theme: Theme,
    side: float,
    hollow: bool = False,
) -> None:
    """Points ``(n, 2)`` of the plane in ``rect``; ``hollow`` draws outlines only."""
    points, targets = points[:MOST_POINTS], targets[:MOST_POINTS]
    shapes = [marker(class_marker(index), side) for index in range(classes)] or [marker("o", side)]
    scale = min(rect.width(), rect.height()) / (2 * REACH)
    for (x, y), target, colour in zip(points, targets, point_colours(targets, classes, theme), strict=True):
        painter.setPen(QPen(colour, 1.0) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        shape = shapes[int(target) if classes else 0]
        painter.drawPath(shape.translated(rect.center().x() + x * scale, rect.center().y() - y * scale))


def draw_axes(painter: QPainter, rect: QRectF, colours: Colours) -> None:
    """The two axes of the plane as hairlines."""
    painter.setPen(QPen(QColor(colours.line), 1))
    centre = rect.center()
    painter.drawLine(QPointF(rect.left(), centre.y()), QPointF(rect.right(), centre.y()))
    painter.drawLine(QPointF(centre.x(), rect.top()), QPointF(centre.x(), rect.bottom()))


def rgb_of(name: str) -> Floats:
    """A colour's parts ``(3,)``, 0 to 255."""
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], np.float64)


def sample_image(pixels: Floats, shape: ImageShape, theme: Theme) -> QImage:
    """Pixels from 0 to 1 as an image: in their colours if there are three channels, else from ground to text colour."""
    channels, height, width = shape
    share = np.clip(pixels.reshape(shape), 0.0, 1.0)
    if channels == 3:
        rgb = (255 * share.transpose(1, 2, 0)).astype(np.uint8)
    else:
        ground, ink = rgb_of(theme.colours.ground), rgb_of(theme.colours.text)
        rgb = (ground + (ink - ground) * share.mean(axis=0)[..., None]).astype(np.uint8)
    rgb = np.ascontiguousarray(rgb)
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def draw_images(
    painter: QPainter, rect: QRectF, inputs: Floats, shape: ImageShape, columns: int, theme: Theme
) -> None:
    """The first images row by row, as many as fill ``rect`` in ``columns`` columns; the brightest pixel is 1."""
    side = rect.width() / columns
    rows = max(1, int(rect.height() / side))
    gap = max(1.0, side * 0.06)
    shown = inputs[: rows * columns]
    low = min(float(shown.min(initial=0.0)), 0.0)
    reach = (float(shown.max(initial=0.0)) - low) or 1.0
    for index, pixels in enumerate(shown):
        row, column = divmod(index, columns)
        place = QRectF(rect.left() + column * side, rect.top() + row * side, side, side)
        room = place.adjusted(gap, gap, -gap, -gap)
        painter.drawImage(fitted(room, shape), sample_image((pixels - low) / reach, shape, theme))


def fitted(room: QRectF, shape: ImageShape) -> QRectF:
    """The largest place in the middle of ``room`` that has the proportions of an image."""
    _, height, width = shape
    scale = min(room.width() / width, room.height() / height)
    place = QRectF(0, 0, scale * width, scale * height)
    place.moveCenter(room.center())
    return place


def draw_patterns(
    painter: QPainter, rect: QRectF, ones: NDArray[np.bool_], targets: NDArray[Any], theme: Theme
) -> None:
    """The first patterns ``(n, bits)`` as rows of squares, ones filled in the colour of the pattern's class."""
    side = rect.width() / (ones.shape[1] + 2)
    for row, (pattern, target) in enumerate(zip(ones[: int(rect.height() / side)], targets, strict=False)):
        top = rect.top() + row * side
        for column, one in enumerate(pattern):
            square = QRectF(rect.left() + (column + 1) * side, top, side, side).adjusted(1, 1, -1, -1)
            painter.fillRect(square, QColor(class_colour(target) if one else theme.colours.line))


def draw_shares(
    painter: QPainter, rect: QRectF, names: Sequence[str], counts: Sequence[int], theme: Theme
) -> None:
    """One bar per class with its name and its number of samples."""
    row = min(2.5 * GRID, rect.height() / max(1, len(names)))
    most = max(counts, default=1) or 1
    metrics = painter.fontMetrics()
    label = min(rect.width() * 0.45, max((metrics.horizontalAdvance(name) for name in names), default=0) + GRID)
    number = metrics.horizontalAdvance(f"{most:,}") + GRID
    for index, (name, count) in enumerate(zip(names, counts, strict=True)):
        top = rect.top() + index * row
        words = QRectF(rect.left(), top, label - GRID / 2, row)
        painter.setPen(QColor(theme.colours.text))
        elided = metrics.elidedText(name, Qt.TextElideMode.ElideRight, int(words.width()))
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, elided)
        room = rect.width() - label - number
        bar = QRectF(rect.left() + label, top + row * 0.25, max(1.0, room * count / most), row * 0.5)
        painter.fillRect(bar, QColor(class_colour(index)))
        painter.setPen(QColor(theme.colours.quiet))
        painter.drawText(
            QRectF(rect.right() - number, top, number, row),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight,
            f"{count:,}",
        )


def draw_curve(painter: QPainter, rect: QRectF, split: Split, theme: Theme) -> None:
    """Targets over the one input, training samples filled and test samples hollow, with the ends of both axes."""
    line = painter.fontMetrics().height()
    room = rect.adjusted(0, 0, 0, -line - GRID / 2)
    painter.fillRect(room, QColor(theme.colours.ground))
    inputs = np.concatenate([split.train_inputs, split.test_inputs])[:, 0]
    targets = np.concatenate([split.train_targets, split.test_targets])[:, 0]
    inner = room.adjusted(GRID, GRID, -GRID, -GRID)
    x = inner.left() + inner.width() * _places(inputs)
    y = inner.bottom() - inner.height() * _places(targets)
    shape, colour, train = marker("o", 4.0), QColor(theme.colours.text), len(split.train_inputs)
    for part, hollow in ((slice(train, train + MOST_POINTS), True), (slice(0, min(train, MOST_POINTS)), False)):
        painter.setPen(QPen(QColor(theme.colours.quiet), 1.0) if hollow else Qt.PenStyle.NoPen)
        painter.setBrush(Qt.BrushStyle.NoBrush if hollow else colour)
        for across, up in zip(x[part], y[part], strict=True):
            painter.drawPath(shape.translated(across, up))
    painter.setPen(QColor(theme.colours.quiet))
    right, low = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignBottom
    ends = [short_text(float(end)).replace("-", "−") for end in (inputs.min(), inputs.max())]
    painter.drawText(rect, low | Qt.AlignmentFlag.AlignLeft, ends[0])
    painter.drawText(rect, low | Qt.AlignmentFlag.AlignHCenter, split.input_names[0])
    painter.drawText(rect, low | right, ends[1])
    painter.drawText(room.adjusted(2, 0, -2, 0), Qt.AlignmentFlag.AlignTop | right, _reach_of(targets))


def _places(values: Floats) -> Floats:
    """Where values lie between the least and the largest, 0 to 1."""
    low, high = float(values.min()), float(values.max())
    return (values - low) / ((high - low) or 1.0)


def _reach_of(values: Floats) -> str:
    low, high = (short_text(float(end)).replace("-", "−") for end in (values.min(), values.max()))
    return f"{low} to {high}"


def draw_histogram(painter: QPainter, rect: QRectF, values: Floats, theme: Theme) -> None:
    """How often the numbers to learn occur."""
    counts, _ = np.histogram(values, bins=24)
    width = rect.width() / len(counts)
    for index, count in enumerate(counts):
        height = rect.height() * count / max(1, counts.max())
        bar = QRectF(rect.left() + index * width, rect.bottom() - height, max(1.0, width - 1), height)
        painter.fillRect(bar, QColor(theme.colours.quiet))


def draw_scale(painter: QPainter, rect: QRectF, limit: float, theme: Theme) -> None:
    """The diverging map from −limit to +limit with its ends written beside it."""
    low, high = f"−{short_text(limit)}", f"+{short_text(limit)}"
    metrics = painter.fontMetrics()
    label = max(metrics.horizontalAdvance(low), metrics.horizontalAdvance(high)) + GRID
    bar = rect.adjusted(label, rect.height() * 0.3, -label, -rect.height() * 0.3)
    image = QImage(theme.diverging().tobytes(), 256, 1, QImage.Format.Format_RGB888)
    painter.drawImage(bar, image)
    painter.setPen(QColor(theme.colours.text))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, low)
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, high)
