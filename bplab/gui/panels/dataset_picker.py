"""The choice of a dataset: small pictures of all kinds, each drawn from its own samples."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QGridLayout, QWidget

from bplab.data import REACH, Csv, Dataset, Drawn, Idx, Npz, Parity
from bplab.data.plane import PlaneDataset
from bplab.engine.choices import type_name

from ..icons import paint_icon
from ..theme import GRID, Theme
from .bar_parts import caption_font
from .dataset_pictures import Floats, draw_images, draw_patterns, draw_points

COLUMNS = 5
SIDE = 40
"""Five of them and the grid's spacing are as wide as the fields of a form."""
_POINTS = 140
FILE_ICONS: dict[type[Any], tuple[str, str]] = {
    Csv: ("table", "CSV"),
    Idx: ("pictures", "IDX"),
    Npz: ("array", "NPZ"),
}
"""What is drawn of files, of which nobody knows what they hold before one is chosen."""
_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS}


class Thumbnail(QAbstractButton):
    """A picture of one kind of dataset; ringed when it is the one in use."""

    def __init__(self, kind: type[Any], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind, self._theme = kind, theme
        self._picture: QPixmap | None = None
        self.setCheckable(True)
        self.setFixedSize(SIDE, SIDE)
        self.setAccessibleName(kind.title())
        self.setToolTip(f"{kind.title()}\n{kind.summary()}")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme.changed.connect(self._on_theme_changed)

    def nextCheckState(self) -> None:
        """A click asks for the dataset; the experiment decides which one is in use."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys are the grid's."""
        if event.key() in _ARROWS:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, and a ring: accent when in use, faint under the mouse or with the focus."""
        if self._picture is None or self._picture.devicePixelRatio() != self.devicePixelRatioF():
            self._picture = self._draw()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.drawPixmap(0, 0, self._picture)
        colours = self._theme.colours
        if self.isChecked() or self.hasFocus() or self.underMouse():
            strong = self.isChecked() or self.hasFocus()
            pen = QPen(QColor(colours.accent if strong else colours.quiet), 2 if self.isChecked() else 1)
            if self.hasFocus() and not self.isChecked():
                pen.setStyle(Qt.PenStyle.DashLine)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)

    def _draw(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(QSize(round(SIDE * ratio), round(SIDE * ratio)))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QPainterPath()
        ground.addRoundedRect(QRectF(2, 2, SIDE - 4, SIDE - 4), 4, 4)
        painter.fillPath(ground, QColor(self._theme.colours.ground))
        painter.setClipPath(ground)
        self._draw_samples(painter, QRectF(GRID / 2 + 1, GRID / 2 + 1, SIDE - GRID - 2, SIDE - GRID - 2))
        painter.end()
        return pixmap

    def _draw_samples(self, painter: QPainter, rect: QRectF) -> None:
        if self.kind in FILE_ICONS:
            self._draw_file(painter, rect)
            return
        samples = self._sample().load()
        inputs = samples.inputs
        if samples.image is not None:
            draw_images(painter, rect, inputs[4:], samples.image, 2, self._theme)
            return
        classes = len(samples.class_names)
        if self.kind is Parity:
            draw_patterns(painter, rect, inputs > 0, samples.targets, self._theme)
            return
        if not self.kind.plane:
            columns = telling_columns(inputs, samples.targets) if classes else np.hstack((inputs, samples.targets))
            low, high = columns.min(axis=0), columns.max(axis=0)
            inputs = (columns - low) / (high - low) * (2 * REACH) - REACH
        shuffled = np.random.default_rng(0).permutation(len(inputs))
        side = 4.0 if self.kind is Drawn else 2.2
        draw_points(painter, rect, inputs[shuffled], samples.targets[shuffled], classes, self._theme, side)

    def _draw_file(self, painter: QPainter, rect: QRectF) -> None:
        """What kind of file it is, above its usual ending."""
        name, ending = FILE_ICONS[self.kind]
        quiet = QColor(self._theme.colours.quiet)
        painter.setFont(caption_font(self.font()))
        side = rect.height() - painter.fontMetrics().ascent() - GRID / 2
        paint_icon(painter, name, QRectF(rect.center().x() - side / 2, rect.top(), side, side), quiet)
        painter.setPen(quiet)
        painter.drawText(rect, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, ending)

    def _sample(self) -> Dataset:
        few = {"samples": _POINTS} if issubclass(self.kind, PlaneDataset) else {}
        dataset: Dataset = self.kind(**few)
        return dataset

    def _on_theme_changed(self) -> None:
        self._picture = None
        self.update()


class DatasetPicker(QWidget):
    """All kinds of datasets in a grid. One stop of the Tab key; arrow keys walk, Space or Enter picks."""

    picked = Signal(object)
    """The kind that was asked for."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GRID)
        grid.setColumnStretch(COLUMNS, 1)
        self.thumbnails = [Thumbnail(kind, theme) for kind in Dataset.members().values()]
        for index, thumbnail in enumerate(self.thumbnails):
            grid.addWidget(thumbnail, *divmod(index, COLUMNS))
            thumbnail.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # a click leaves the space bar to Play
            thumbnail.clicked.connect(self._on_clicked)
        self.setAccessibleName("Datasets")

    def thumbnail(self, name: str) -> Thumbnail:
        """The thumbnail of the dataset with the type ``name``."""
        return next(each for each in self.thumbnails if type_name(each.kind) == name)

    def show_kind(self, kind: type[Any]) -> None:
        """Ring the kind in use; it also is where the Tab key stops."""
        for thumbnail in self.thumbnails:
            used = thumbnail.kind is kind
            thumbnail.setChecked(used)
            thumbnail.setFocusPolicy(Qt.FocusPolicy.TabFocus if used else Qt.FocusPolicy.NoFocus)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk with the arrow keys."""
        step = _ARROWS.get(Qt.Key(event.key()))
        focused = [index for index, thumbnail in enumerate(self.thumbnails) if thumbnail.hasFocus()]
        if step is None or not focused:
            super().keyPressEvent(event)
        elif 0 <= focused[0] + step < len(self.thumbnails):
            self.thumbnails[focused[0] + step].setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_clicked(self) -> None:
        thumbnail = self.sender()
        if isinstance(thumbnail, Thumbnail):
            self.picked.emit(thumbnail.kind)


def telling_columns(inputs: Floats, targets: NDArray[Any]) -> Floats:
    """The two of the columns (n, columns) in which the classes stand furthest apart: most of the variance is theirs."""
    means = np.array([inputs[targets == index].mean(axis=0) for index in range(targets.max() + 1)])
    explained = means[targets].var(axis=0) / inputs.var(axis=0)
    return inputs[:, np.sort(np.argsort(explained)[-2:])]


def carried_over(old: Any, kind: type[Any]) -> Any:
    """A dataset of ``kind`` with the fields of ``old`` that mean the same there: those of all data in the plane."""
    if not (old.plane and kind.plane):
        return kind()
    common = {"samples", "noise", "test_fraction", "seed", "features"} & {*old.__struct_fields__}
    kept = {name: getattr(old, name) for name in kind.__struct_fields__ if name in common}
    return msgspec.structs.replace(kind(), **kept)


