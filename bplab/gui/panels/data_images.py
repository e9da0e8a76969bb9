"""Samples that are images, as a grid to scroll through: each with its label and, once it has learned, the network's
answer. Wrong answers are framed and crossed, and can be looked at alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QKeyEvent, QPainter, QPen, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from bplab.engine import InputError

from ..canvas.sample_choice import choose
from ..editors import ComboBox
from ..focus import Focus
from ..numbers import short_text
from ..session import Session
from ..theme import GRID, Theme
from .bar_parts import Caption, caption_font
from .data_answers import Answers
from .dataset_pictures import fitted, sample_image

LEAST_SIDE = 45
"""Five of these beside a scroll bar are as wide as the panel at first."""
EDGE = 4
"""Pixels around an image, where its frame stands."""
ROWS_SEEN = 5
PARTS = ("All samples", "Training samples", "Test samples")
CROSS = "\N{BALLOT X}"
Index = QModelIndex | QPersistentModelIndex


class ImageModel(QAbstractListModel):
    """The samples that are to be seen, as words for tooltips and screen readers."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.answers: Answers | None = None
        self.rows: list[int] = []

    def show_rows(self, rows: list[int]) -> None:
        """These samples, by number."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The same words wherever words are asked for."""
        roles = (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole)
        return self.words(self.rows[index.row()]) if role in roles and index.isValid() else None

    def words(self, row: int) -> str:
        """All about a sample: ``test sample, 7, answered 1: wrong``."""
        answers = self.answers
        assert answers is not None
        part = "test sample" if answers.tested[row] else "training sample"
        text = f"{part}, {label_of(answers, row)}"
        answer = answer_of(answers, row)
        if answer:
            text += f", answered {answer}: {'wrong' if answers.wrong[row] else 'right'}"
        return text


class ImagePainter(QStyledItemDelegate):
    """Draws one sample: the image, and below it what it is and what the network takes it for."""

    def __init__(self, model: ImageModel, theme: Theme, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model, self._theme, self._focus = model, theme, focus
        self._images: dict[int, QImage] = {}
        self._low, self._reach = 0.0, 1.0

    def begin(self) -> None:
        """Other samples, or another ground."""
        self._images.clear()
        if self._model.answers is not None:
            inputs = self._model.answers.inputs
            self._low = min(float(inputs.min(initial=0.0)), 0.0)
            self._reach = (float(inputs.max(initial=0.0)) - self._low) or 1.0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return cell_size(option.font)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """A cross and a frame say that the answer is wrong; colour only underlines it."""
        answers, row = self._model.answers, self._model.rows[index.row()]
        if answers is None or answers.problem.split.image is None:
            return
        colours, state = self._theme.colours, option.state
        cell = QRectF(option.rect)
        side = cell.width() - 2 * EDGE
        room = QRectF(cell.left() + EDGE, cell.top() + EDGE, side, side)
        painter.save()
        painter.drawImage(fitted(room, answers.problem.split.image), self._image(row))
        wrong = bool(answers.wrong[row])
        focused = state & QStyle.StateFlag.State_HasFocus
        if row == self._focus.sample and not answers.tested[row]:
            painter.fillRect(room.adjusted(-EDGE, -EDGE, EDGE, EDGE), QColor(colours.accent))
            painter.drawImage(fitted(room, answers.problem.split.image), self._image(row))
        if wrong or focused:
            painter.setPen(QPen(QColor(colours.accent if focused else colours.warning), 2))
            painter.drawRect(room.adjusted(-2, -2, 2, 2))
        painter.setFont(caption_font(option.font))
        painter.setPen(QColor(colours.warning if wrong else colours.text))
        text = label_of(answers, row)
        if wrong:
            text = f"{CROSS} {text}→{answer_of(answers, row)}"
        below = QRectF(cell.left(), room.bottom() + 3, cell.width(), cell.bottom() - room.bottom() - 3)
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(below.width()))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)
        painter.restore()

    def _image(self, row: int) -> QImage:
        answers = self._model.answers
        assert answers is not None
        assert answers.problem.split.image is not None
        if row not in self._images:
            share = (answers.inputs[row] - self._low) / self._reach
            self._images[row] = sample_image(share, answers.problem.split.image, self._theme)
        return self._images[row]


class _Grid(QListView):
    """Rows of images; Enter is a click, and Space stays with Play."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space:
            event.ignore()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.clicked.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


class ImageGrid(QWidget):
    """Follows a session whose samples are images."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._focus = session, Focus.of(session)
        self.model = ImageModel(self)
        self._painter = ImagePainter(self.model, theme, self._focus, self)
        self.part = ComboBox()
        self.part.addItems(PARTS)
        self.part.setAccessibleName("Which samples are shown")
        self.part.setToolTip("Show all samples, those to train on or those to test on")
        self.mistakes = QCheckBox("Only mistakes")
        self.mistakes.setAccessibleName("Only mistakes")
        self.mistakes.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.grid = self._make_grid()
        self.said = Caption("")
        self.said.setWordWrap(True)
        self._lay_out()
        self.part.activated.connect(self._on_filter)
        self.mistakes.toggled.connect(self._on_filter)
        session.ticked.connect(self._on_ticked)
        theme.changed.connect(self._on_theme_changed)
        self._focus.changed.connect(self.grid.viewport().update)

    def _make_grid(self) -> QListView:
        grid = _Grid()
        grid.setModel(self.model)
        grid.setItemDelegate(self._painter)
        grid.setViewMode(QListView.ViewMode.IconMode)
        grid.setMovement(QListView.Movement.Static)
        grid.setResizeMode(QListView.ResizeMode.Adjust)
        grid.setUniformItemSizes(True)
        grid.setSelectionMode(QListView.SelectionMode.NoSelection)
        grid.setFrameShape(QListView.Shape.NoFrame)
        grid.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        grid.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        grid.setFixedHeight(ROWS_SEEN * cell_size(grid.font()).height())
        grid.setAccessibleName("Samples")
        grid.clicked.connect(self._on_chosen)
        return grid

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.part, 1)
        row.addWidget(self.mistakes)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addLayout(row)
        column.addWidget(self.grid)
        column.addWidget(self.said)

    def show_data(self) -> None:
        """Show the samples of the session's data, if they are others than before."""
        problem = self._session.problem
        if self.model.answers is None or self.model.answers.problem is not problem:
            self.model.answers = Answers(problem)
            self._painter.begin()
            self._ask()
            self._fill()

    def stops(self) -> list[QWidget]:
        """Everything the Tab key stops at, in reading order."""
        return [self.part, self.mistakes, self.grid]

    # -- following --------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while it was hidden."""
        super().showEvent(event)
        self._on_ticked()

    def _on_ticked(self) -> None:
        """While the network trains, what is scrolled out of sight is not asked about."""
        if self.isVisible() and not (self._session.is_training and self.visibleRegion().isEmpty()) and self._ask():
            self._fill()

    def _on_chosen(self, index: QModelIndex) -> None:
        """A click on a training sample, or Enter, looks at that one; on the one looked at, at the batch."""
        row, answers = self.model.rows[index.row()], self.model.answers
        if answers is not None and not answers.tested[row]:
            choose(self._focus, row)

    def _on_filter(self) -> None:
        self._fill()

    def _on_theme_changed(self) -> None:
        """Colours and type are others."""
        self._painter.begin()
        self.grid.setFixedHeight(ROWS_SEEN * cell_size(self.grid.font()).height())
        self.grid.doItemsLayout()
        self.grid.viewport().update()

    def _ask(self) -> bool:
        try:
            live = self._session.live
        except InputError:
            return False  # the canvas says what is wrong
        answers = self.model.answers
        return answers is not None and answers.problem is live.problem and answers.ask(live, self._session.is_training)

    # -- what is to be seen -----------------------------------------------------------------------------

    def _fill(self) -> None:
        """The samples that pass the filters; the place one has scrolled to stays."""
        answers = self.model.answers
        assert answers is not None
        part = self.part.currentIndex()
        chosen = np.ones(len(answers.inputs), np.bool_) if part == 0 else answers.tested == (part == 2)
        shown = chosen & answers.wrong if self.mistakes.isChecked() and answers.known else chosen
        rows = np.flatnonzero(shown).tolist()
        if rows != self.model.rows:
            place = self.grid.verticalScrollBar().value()
            self.model.show_rows(rows)
            self.grid.doItemsLayout()
            self.grid.verticalScrollBar().setValue(place)
        self.grid.viewport().update()
        self._say(answers, chosen)

    def _say(self, answers: Answers, chosen: np.ndarray) -> None:
        count = int(chosen.sum())
        self.mistakes.setVisible(answers.problem.code is not None)
        self.mistakes.setEnabled(answers.known)
        if answers.problem.code is None:
            text, tip = "", ""
        elif not answers.known:
            text = tip = "Train the network to see what it takes them for."
        else:
            wrong = int((chosen & answers.wrong).sum())
            text, tip = f"{count - wrong:,} of {count:,} right, {wrong:,} wrong ({CROSS})", "Show wrong answers alone"
        everything = len(answers.problem.split.train_inputs) + len(answers.problem.split.test_inputs)
        if len(answers.inputs) < everything:
            text += f"\nThe first {len(answers.inputs):,} of {everything:,} samples are looked at."
        self.said.setText(text.strip())
        self.said.setVisible(bool(text))
        self.mistakes.setToolTip(tip)
        self.grid.setAccessibleDescription(text)


def cell_size(font: QFont) -> QSize:
    """Room for an image and, below it, for a wrong answer in one or two letters."""
    metrics = QFontMetrics(caption_font(font))
    side = max(LEAST_SIDE, metrics.horizontalAdvance(f"{CROSS} 0→0") + EDGE)
    return QSize(side, side + metrics.height())


def label_of(answers: Answers, row: int) -> str:
    """What a sample is: the name of its class, or its number."""
    names = answers.problem.split.class_names
    return names[int(answers.targets[row])] if names else short_text(float(answers.targets[row, 0]))


def answer_of(answers: Answers, row: int) -> str:
    """The class that the network takes a sample for; empty as long as it has not been asked."""
    given = int(answers.given[row])
    return answers.problem.split.class_names[given] if given >= 0 else ""
