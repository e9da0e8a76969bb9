"""The dialog of the gradient check: how far it is, then a table by layer, a verdict, and what the numbers mean.

It is no modal one: the network can be trained and edited beside it, and checked again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QProgressBar,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bplab.lab.checking import Checked, about_line, check_rows, check_text, notes, verdict_line

from .error_dialog import button_row, dialog_button
from .panels.bar_parts import Caption
from .theme import GRID, Theme, tabular

POLL_MS = 40
SHARES = 1000
"""Steps of the progress bar."""
ROWS_SEEN = 12
"""Layers that fit into the dialog before its table scrolls."""
_COLUMNS = {
    "layer": "First hidden layer first, output layer last",
    "relative error": "Largest |backprop − numeric| ÷ the larger of the two, over all directions through the layer",
    "float32": "Largest relative error of the network as it is, in float32",
    "float64": "Largest relative error of the same weights in float64",
    "verdict": "Above 1e-2 wrong, above 1e-4 uneasy, below 1e-7 good, and between acceptable",
    "compared": "Directions through the layer's weights and biases in which the two could be compared",
    "skipped": "Directions given up: on a kink of an activation, or too flat for the loss's own rounding",
}


class Watched(Protocol):
    """A check under way."""

    name: str
    share: float
    checked: Checked | None
    error: Exception | None

    @property
    def busy(self) -> bool:
        """True until it has ended."""

    def cancel(self) -> None:
        """End it soon."""


class CheckDialog(QDialog):
    """Follows one check at a time, which ``start`` makes."""

    broke = Signal(object)
    """The check could not be made, and nobody knows why; the exception."""

    def __init__(self, start: Callable[[], Watched], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._start, self._theme = start, theme
        self._check: Watched | None = None
        self.checked: Checked | None = None
        """What is shown; None while a check is under way."""
        self.setWindowTitle("Check gradients")
        self._timer = QTimer(self)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.verdict, self.about, self.meaning = _wrapped(QLabel()), _wrapped(Caption("")), _wrapped(Caption(""))
        font = QFont(self.verdict.font())
        font.setWeight(QFont.Weight.DemiBold)
        self.verdict.setFont(font)
        self.verdict.setAccessibleName("Verdict")
        self.progress = QProgressBar()
        self.progress.setRange(0, SHARES)
        self.progress.setAccessibleName("How much is compared")
        self.progress.setToolTip("How much is compared")
        self.table = self._make_table()
        self.copy_button = dialog_button("Copy", "Put table and verdict on the clipboard")
        self.again_button = dialog_button("Check again", "Check the network as it is shown now")
        self.close_button = dialog_button("Close", "Close this window")
        self.copy_button.clicked.connect(self.copy)
        self.again_button.clicked.connect(self.begin)
        self.close_button.clicked.connect(self.reject)
        self.finished.connect(self._on_finished)
        theme.changed.connect(self._show_table)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        for part in (self.verdict, self.about, self.progress, self.table, self.meaning):
            column.addWidget(part, part is self.table)
        column.addLayout(button_row(self.close_button, self.copy_button, self.again_button))
        self.setMinimumWidth(72 * GRID)

    def begin(self) -> None:
        """Check the network as it is shown now."""
        self._end()
        self._check, self.checked = self._start(), None
        self.verdict.setText("Comparing back-propagation with the slope of the loss …")
        self.about.setText(self._check.name)
        self.progress.setValue(0)
        self._show_state()
        self._timer.start()

    def copy(self) -> None:
        """Put the result on the clipboard, as the shell prints it."""
        if self.checked is not None:
            QGuiApplication.clipboard().setText(check_text(self.checked))

    def _poll(self) -> None:
        check = self._check
        if check is None:
            return
        busy = check.busy  # asked first: what comes of it is there before it ends
        self.progress.setValue(round(SHARES * check.share))
        if busy:
            return
        self._end()
        if check.checked is not None:
            self._show_result(check.checked)
        elif check.error is not None:
            self.reject()
            self.broke.emit(check.error)

    def _show_result(self, checked: Checked) -> None:
        self.checked = checked
        line = verdict_line(checked)
        self.verdict.setText(line[:1].upper() + line[1:] + ".")
        self.about.setText(f"{checked.name}: {about_line(checked)}")
        self.meaning.setText("\n".join(notes(checked)))
        self._show_table()
        self._show_state()
        self.adjustSize()

    def _show_state(self) -> None:
        """The parts that have something to say."""
        is_there = self.checked is not None
        self.progress.setVisible(not is_there)
        for part in (self.table, self.meaning):
            part.setVisible(is_there)
        for button in (self.copy_button, self.again_button):
            button.setEnabled(is_there)
        text, tip = ("Close", "Close this window") if is_there else ("Cancel", "End the check and close this window")
        self.close_button.setText(text)
        self.close_button.setAccessibleName(text)
        self.close_button.setToolTip(tip)

    def _show_table(self) -> None:
        if self.checked is None:
            return
        heads, *rows = check_rows(self.checked)
        colours, warning = self._theme.layer_colours(len(rows)), QColor(self._theme.colours.warning)
        self.table.clear()
        self.table.setRowCount(len(rows))
        self.table.setColumnCount(len(heads))
        for column, head in enumerate(heads):
            self.table.setHorizontalHeaderItem(column, _cell(head, column, heads))
        for number, (row, colour) in enumerate(zip(rows, colours, strict=True)):
            for column, text in enumerate(row):
                item = _cell(text, column, heads)
                if column == 0:
                    item.setData(Qt.ItemDataRole.DecorationRole, colour)
                if text in ("wrong", "uneasy"):
                    item.setForeground(warning)
                self.table.setItem(number, column, item)
        row_height = self.table.verticalHeader().defaultSectionSize()
        above = self.table.horizontalHeader().sizeHint().height() + 2
        self.table.setMinimumHeight(above + row_height * min(len(rows), ROWS_SEEN))
        self.table.setMaximumHeight(above + row_height * len(rows))

    def _make_table(self) -> QTableWidget:
        table = QTableWidget(self)
        table.setAccessibleName("Gradient check of each layer")
        table.setFont(tabular(table.font()))
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)  # the arrow keys go from cell to cell; Tab goes on to what follows
        table.setFrameShape(QTableWidget.Shape.NoFrame)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + GRID)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        return table

    def _end(self) -> None:
        self._timer.stop()
        if self._check is not None:
            self._check.cancel()
            self._check = None

    def _on_finished(self) -> None:
        self._end()


def _wrapped(label: QLabel) -> QLabel:
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _cell(text: str, column: int, heads: tuple[str, ...]) -> QTableWidgetItem:
    """Words begin below each other, numbers end below each other."""
    is_word = heads[column] in ("layer", "verdict")
    item = QTableWidgetItem(text if is_word else text + "\N{EN SPACE}")
    item.setToolTip(_COLUMNS[heads[column]])
    across = Qt.AlignmentFlag.AlignLeft if is_word else Qt.AlignmentFlag.AlignRight
    item.setTextAlignment(across | Qt.AlignmentFlag.AlignVCenter)
    return item
