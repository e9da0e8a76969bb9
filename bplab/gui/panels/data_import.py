"""A table is looked at before it is used: its first rows, whether the first one names the columns, which column is
the target, which ones are inputs. What cannot be used is said in one sentence, and the window stays open.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from bplab.data import Csv
from bplab.data.csv_table import Preview
from bplab.engine import InputError

from ..error_dialog import dialog_button
from ..forms import Form
from ..theme import GRID, Theme
from .bar_parts import Caption
from .data_editors import ColumnEditor, column_named, place_of_column

SETTINGS = ("header", "delimiter", "target", "task", "standardize", "standardize_target", "test_fraction")
ROWS, MOST_COLUMNS = 50, 200
"""So much of a table is shown."""
LEAST_WIDTH, MOST_WIDTH, MOST_LETTERS = 9 * GRID, 30 * GRID, 60
WORDS = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
NUMBERS = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Use = Callable[[Csv], str]
"""Learn from the table; a sentence says why that cannot be, an empty one that it is done."""


class ImportDialog(QDialog):
    """``use`` is given the table as it was set up; it may take a while."""

    def __init__(self, data: Csv, use: Use, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data, self._use, self._theme = data, use, theme
        self._seen: Preview | None = None
        self._inputs: set[int] = set()
        self.setWindowTitle(f"Columns of {Path(data.path).name}")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.form = Form(data, only=SETTINGS, editors={"target": ColumnEditor}, context="Import")
        self.columns = QListWidget()
        self.columns.setAccessibleName("Input columns")
        self.columns.setToolTip("What the network is given of each row; Space ticks a column and takes it out")
        self.columns.setMinimumHeight(16 * GRID)
        self.columns.setSpacing(1)
        self.table = _preview_table()
        self.said = QLabel()
        self.said.setTextFormat(Qt.TextFormat.PlainText)
        self.said.setWordWrap(True)
        self.said.setAccessibleName("What the table gives")
        self.import_button = dialog_button("Use this table", "Read the whole file and learn from it")
        self.cancel_button = dialog_button("Cancel", "Leave everything as it was")
        self.import_button.setDefault(True)
        self._lay_out()
        self.form.changed.connect(self._on_form_changed)
        self.form.refused.connect(self._complain)
        self.columns.itemChanged.connect(self._on_ticked)
        self.table.horizontalHeader().sectionClicked.connect(self._on_head_clicked)
        self.import_button.clicked.connect(self.take)
        self.cancel_button.clicked.connect(self.reject)
        theme.changed.connect(self._show)
        self._look(first=True)
        self.form.controls()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def _lay_out(self) -> None:
        settings = QVBoxLayout()
        settings.setSpacing(GRID)
        settings.addWidget(self.form)
        settings.addWidget(Caption("Input columns"))
        settings.addWidget(self.columns, 1)
        seen = QVBoxLayout()
        seen.setSpacing(GRID)
        seen.addWidget(Caption(f"The first rows, {ROWS} at most. Click a heading to use the column or leave it out."))
        seen.addWidget(self.table, 1)
        parts = QHBoxLayout()
        parts.setSpacing(2 * GRID)
        parts.addLayout(settings, 2)
        parts.addLayout(seen, 5)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(parts, 1)
        column.addWidget(self.said)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.cancel_button)
        buttons.addWidget(self.import_button)
        column.addLayout(buttons)
        self.resize(110 * GRID, 70 * GRID)

    # -- what is set ------------------------------------------------------------------------------------

    @property
    def value(self) -> Csv:
        """The table as it is set up."""
        seen = self._seen
        if seen is None:
            return self._data
        target = place_of_column(self._data.target, seen.names)
        others = [index for index in range(len(seen.names)) if index != target]
        chosen = [index for index in others if index in self._inputs]
        names = () if chosen == others else tuple(column_named(index, seen.names) for index in chosen)
        return msgspec.structs.replace(self._data, inputs=names)

    def take(self) -> None:
        """Use the table, and close if that can be done."""
        sentence = self._use(self.value)
        if sentence:
            self._complain(sentence)
        else:
            self.accept()

    def _on_form_changed(self, data: Csv, label: str, merge_key: str | None) -> None:
        again = (data.header, data.delimiter) != (self._data.header, self._data.delimiter)
        before, self._data = self._data, data
        if again:
            self._data = msgspec.structs.replace(data, target=-1)
            self.form.show_value(self._data)
            self._look(first=True)
            return
        if self._seen is not None and data.target != before.target:
            names = self._seen.names
            was, now = place_of_column(before.target, names), place_of_column(data.target, names)
            if now in self._inputs and was >= 0 and not self._seen.complaints[was]:
                self._inputs.add(was)  # they change places
        self._show()

    def _on_ticked(self, item: QListWidgetItem) -> None:
        self._choose(self.columns.row(item), item.checkState() is Qt.CheckState.Checked)

    def _on_head_clicked(self, index: int) -> None:
        self._choose(index, index not in self._inputs)

    def _choose(self, index: int, used: bool) -> None:
        if self._seen is None or index == place_of_column(self._data.target, self._seen.names):
            return
        if used:
            self._inputs.add(index)
        else:
            self._inputs.discard(index)
        self._show()

    # -- what is seen -----------------------------------------------------------------------------------

    def _look(self, first: bool) -> None:
        """Read the first rows; at first all columns are inputs that can be, or those that were before."""
        try:
            seen = self._data.preview(ROWS)
        except InputError as error:
            self._seen = None
            self._inputs.clear()
            self._show()
            self._complain(str(error))
            return
        self._seen = seen
        if first:
            usable = {index for index, fault in enumerate(seen.complaints) if not fault}
            before = {place_of_column(name, seen.names) for name in self._data.inputs} - {-1}
            self._inputs = before or usable
        editor = self.form.editor("target")
        assert isinstance(editor, ColumnEditor)
        editor.show_columns(seen.names)
        self._fill_table(seen)
        self._show()

    def _show(self) -> None:
        """Which column is what, everywhere."""
        seen = self._seen
        target = place_of_column(self._data.target, seen.names) if seen is not None else -1
        self._fill_list(seen, target)
        colours = self._theme.colours
        for index in range(self.table.columnCount() if seen is not None else 0):
            used = index == target or index in self._inputs
            part = "target" if index == target else "input" if used else "left out"
            assert seen is not None
            head = QTableWidgetItem(f"{seen.names[index]}\n{part}")
            head.setToolTip(seen.complaints[index] if part != "target" and seen.complaints[index] else part)
            font = QFont(self.table.font())
            font.setBold(index == target)
            head.setFont(font)
            self.table.setHorizontalHeaderItem(index, head)
            for row in range(self.table.rowCount()):
                item = self.table.item(row, index)
                if item is not None:
                    item.setForeground(QColor(colours.text if used else colours.quiet))
        self._judge(target)

    def _fill_list(self, seen: Preview | None, target: int) -> None:
        """The columns to tick; the target is no input."""
        names = seen.names if seen is not None else []
        with QSignalBlocker(self.columns):
            while self.columns.count() > len(names):
                self.columns.takeItem(self.columns.count() - 1)
            while self.columns.count() < len(names):
                self.columns.addItem(QListWidgetItem())
            for index, name in enumerate(names):
                item, fault = self.columns.item(index), seen.complaints[index] if seen is not None else ""
                item.setText(f"{name} (target)" if index == target else f"{name} (no numbers)" if fault else name)
                item.setToolTip(fault or name)
                enabled = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable
                item.setFlags(enabled if index != target else Qt.ItemFlag.ItemIsSelectable)
                ticked = index in self._inputs and index != target
                item.setCheckState(Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked)

    def _fill_table(self, seen: Preview) -> None:
        self.table.clear()
        self.table.setRowCount(len(seen.rows))
        self.table.setColumnCount(min(len(seen.names), MOST_COLUMNS))
        for row, cells in enumerate(seen.rows):
            for column, cell in enumerate(cells[:MOST_COLUMNS]):
                item = QTableWidgetItem(cell)
                item.setTextAlignment(WORDS if seen.complaints[column] else NUMBERS)
                self.table.setItem(row, column, item)
        metrics = self.table.fontMetrics()
        for column, name in enumerate(seen.names[:MOST_COLUMNS]):
            words = [name + " ", *(row[column] for row in seen.rows)]  # the target's name is bold, and wider
            width = max(metrics.horizontalAdvance(word[:MOST_LETTERS]) for word in words) + 2 * GRID
            self.table.setColumnWidth(column, min(max(width, LEAST_WIDTH), MOST_WIDTH))

    def _judge(self, target: int) -> None:
        """One sentence: what would be learned from what, or why that cannot be."""
        seen = self._seen
        if seen is None:
            self.import_button.setEnabled(False)
            return
        chosen = sorted(self._inputs - {target})
        fault = next((seen.complaints[index] for index in chosen if seen.complaints[index]), "")
        fault = seen.fault or fault
        if target < 0:
            fault = "Choose the target column."
        elif not chosen:
            fault = "Tick at least one input column."
        if fault:
            self._complain(fault)
        else:
            inputs = f"{len(chosen)} input{'s' * (len(chosen) != 1)}"
            self._say(f"{inputs} of {len(seen.names)} columns; “{seen.names[target]}” is to be learned.")
        self.import_button.setEnabled(not fault)

    def _complain(self, sentence: str) -> None:
        """The file is the one in the title: its name is enough."""
        self._say(sentence.replace(self._data.path, Path(self._data.path).name), self._theme.colours.warning)

    def _say(self, sentence: str, colour: str = "") -> None:
        palette = self.palette()
        if colour:
            palette.setColor(self.said.foregroundRole(), QColor(colour))
        self.said.setPalette(palette)
        self.said.setText(sentence)


def _preview_table() -> QTableWidget:
    table = QTableWidget()
    table.setAccessibleName("First rows of the table")
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setAlternatingRowColors(True)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(table.fontMetrics().height() + GRID)
    table.horizontalHeader().setHighlightSections(False)
    return table
