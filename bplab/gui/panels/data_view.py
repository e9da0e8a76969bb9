"""The picture of the data in use: points, images, or what a table holds, with a line that says how many."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from bplab.data import Drawn, Split
from bplab.lab.palette import class_colour, class_marker

from ..canvas.film_rings import paint_ring
from ..canvas.sample_choice import choose, place_of_choice, sample_at
from ..focus import Focus
from ..session import Session
from ..theme import GRID, Theme
from .bar_parts import Caption, caption_font
from .data_drawing import DrawingDesk
from .data_images import ImageGrid
from .dataset_pictures import (
    draw_axes,
    draw_curve,
    draw_histogram,
    draw_points,
    draw_scale,
    draw_shares,
    marker,
)

MOST_BARS = 12
LEGEND_ROW = 2.5 * GRID


class DataPicture(QWidget):
    """Draws a split once and keeps the picture until split, theme or width change."""

    def __init__(self, theme: Theme, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._focus = theme, focus
        self._split: Split | None = None
        self._picture: QPixmap | None = None
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setMinimumWidth(20 * GRID)
        self.setAccessibleName("Picture of the data")
        self.setMouseTracking(True)
        theme.changed.connect(self._forget)
        focus.changed.connect(self.update)

    def show_split(self, split: Split) -> None:
        """Draw ``split`` from now on."""
        if split is not self._split:
            self._split = split
            self.updateGeometry()
            self._forget()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        """Square for the plane, with a legend; as many rows as there are bars otherwise."""
        split = self._split
        if split is None:
            return width
        if split.train_points is not None:
            return width + self._legend_rows(width) * int(LEGEND_ROW) + GRID // 2
        if split.is_curve:
            return width * 3 // 4
        return int(LEGEND_ROW) * min(len(split.class_names), MOST_BARS) + GRID if split.class_names else 12 * GRID

    def sizeHint(self) -> QSize:
        return QSize(28 * GRID, self.heightForWidth(28 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The kept picture, drawn anew when the widget's size or screen is another."""
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture.deviceIndependentSize().toSize() != self.size():
            self._picture = QPixmap(QSize(round(self.width() * ratio), round(self.height() * ratio)))
            self._picture.setDevicePixelRatio(ratio)
            self._picture.fill(Qt.GlobalColor.transparent)
            if self._split is not None:
                painter = QPainter(self._picture)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw(painter, self._split)
                painter.end()
        with QPainter(self) as painter:
            painter.drawPixmap(0, 0, self._picture)
            place = place_of_choice(self._focus, self._split, self._square()) if self._split is not None else None
            if place is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                paint_ring(painter, self._theme.colours, place)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Over a training sample it may be clicked."""
        over = self._sample_at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a training sample looks at that one."""
        if event.button() == Qt.MouseButton.LeftButton:
            choose(self._focus, self._sample_at(event.position()))

    def _sample_at(self, place: QPointF) -> int | None:
        return sample_at(self._split, self._square(), place) if self._split is not None else None

    def _square(self) -> QRectF:
        """Where the plane is drawn."""
        return QRectF(0, 0, self.width(), self.width())

    def _draw(self, painter: QPainter, split: Split) -> None:
        whole = QRectF(self.rect())
        if split.train_points is not None:
            self._draw_plane(painter, split, self._square())
        elif split.class_names:
            targets = np.concatenate([split.train_targets, split.test_targets])
            counts = np.bincount(targets, minlength=len(split.class_names)).tolist()
            painter.setFont(caption_font(self.font()))
            names = split.class_names[:MOST_BARS]
            draw_shares(painter, whole, names, counts[:MOST_BARS], self._theme)
        elif split.is_curve:
            painter.setFont(caption_font(self.font()))
            draw_curve(painter, whole, split, self._theme)
        else:
            draw_histogram(painter, whole, np.concatenate([split.train_targets, split.test_targets])[:, 0], self._theme)

    def _draw_plane(self, painter: QPainter, split: Split, square: QRectF) -> None:
        assert split.train_points is not None
        painter.fillRect(square, QColor(self._theme.colours.ground))
        painter.save()
        painter.setClipRect(square)
        draw_axes(painter, square, self._theme.colours)
        classes = len(split.class_names)
        if split.test_points is not None and len(split.test_points):
            draw_points(painter, square, split.test_points, split.test_targets, classes, self._theme, 4.5, hollow=True)
        draw_points(painter, square, split.train_points, split.train_targets, classes, self._theme, 5.0)
        painter.restore()
        top = square.bottom() + GRID / 2
        if split.class_names:
            self._draw_legend(painter, top, split)
        else:
            limit = float(np.abs(np.concatenate([split.train_targets, split.test_targets])).max())
            painter.setFont(caption_font(self.font()))
            draw_scale(painter, QRectF(0, top, self.width(), LEGEND_ROW), limit, self._theme)

    def _places(self, width: float, names: tuple[str, ...]) -> list[tuple[int, float]]:
        """Row and left edge of every entry of the legend."""
        places, row, left = [], 0, 0.0
        for name in names:
            need = 2 * GRID + self.fontMetrics().horizontalAdvance(name) + GRID
            if left and left + need > width:
                row, left = row + 1, 0.0
            places.append((row, left))
            left += need
        return places

    def _legend_rows(self, width: float) -> int:
        names = self._split.class_names if self._split is not None else ()
        return self._places(width, names)[-1][0] + 1 if names else 1

    def _draw_legend(self, painter: QPainter, top: float, split: Split) -> None:
        painter.setFont(caption_font(self.font()))
        for index, (row, left) in enumerate(self._places(self.width(), split.class_names)):
            middle = top + (row + 0.5) * LEGEND_ROW
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(class_colour(index)))
            painter.drawPath(marker(class_marker(index), 9.0).translated(left + 6, middle))
            painter.setPen(QColor(self._theme.colours.text))
            words = QRectF(left + 2 * GRID, top + row * LEGEND_ROW, self.width(), LEGEND_ROW)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, split.class_names[index])

    def _forget(self) -> None:
        self._picture = None
        self.update()


class DataView(QWidget):
    """The picture over a line of facts; drawn points on their board, images in a grid."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.picture, self.desk = DataPicture(theme, Focus.of(session)), DrawingDesk(theme)
        self.images = ImageGrid(session, theme)
        self.facts = Caption("")
        self.facts.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for part in (self.picture, self.desk, self.images, self.facts):
            column.addWidget(part)

    def show_data(self) -> None:
        """Show the session's samples and their numbers."""
        data, split = self._session.experiment.data, self._session.problem.split
        shown = self.desk if isinstance(data, Drawn) else self.images if split.image is not None else self.picture
        for part in (self.picture, self.desk, self.images):
            part.setVisible(part is shown)
        if isinstance(data, Drawn):
            self.desk.show_data(data, split)
        elif shown is self.images:
            self.images.show_data()
        else:
            self.picture.show_split(split)
        text = facts_about(split)
        self.facts.setText(text)
        self.picture.setAccessibleDescription(text)

    def stops(self) -> list[QWidget]:
        """Everything the Tab key stops at, in reading order."""
        return [*self.desk.stops(), *self.images.stops()]


def facts_about(split: Split) -> str:
    """How many samples, inputs and classes, in a line or two."""
    train, test = len(split.train_inputs), len(split.test_inputs)
    plane = split.train_points is not None
    marked = plane or split.is_curve
    parts = [f"{train:,} samples to train on{' (filled)' if marked else ''}"]
    parts.append(f"{test:,} to test on{' (hollow)' if marked else ''}" if test else "none to test on")
    lines = [", ".join(parts)]
    inputs = len(split.input_names)
    if not plane:
        target = f"{len(split.class_names)} classes" if split.class_names else "a number to learn"
        lines.append(f"{inputs:,} input{'s' * (inputs != 1)}, {target}")
        if len(split.class_names) > MOST_BARS and split.image is None:
            lines.append(f"the first {MOST_BARS} classes are shown")
    return "\n".join(lines)
