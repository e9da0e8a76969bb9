"""Editors of what only datasets have: input features to tick, and a file to choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QPushButton, QWidget

from bplab.data import FEATURES, Csv, FileDataset, Idx, Npz

from ..editors import ComboBox, Editor
from ..theme import GRID

COLUMNS = 4
LAST, FOUND = "last column", "usual name"
_FILTERS: dict[type[Any], str] = {
    Csv: "Tables (*.csv *.tsv *.txt)",
    Idx: "Images and labels (*idx3* *idx1* *.idx *.gz)",
    Npz: "NumPy arrays (*.npz)",
}


class FeaturesEditor(Editor):
    """A check box for each input feature; the last one that is ticked stays."""

    wide = True

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        self.boxes: dict[str, QCheckBox] = {}
        for index, (name, feature) in enumerate(FEATURES.items()):
            box = QCheckBox(feature.label)
            box.toggled.connect(self._on_toggled)
            grid.addWidget(box, *divmod(index, COLUMNS))
            self.boxes[name] = box
        self._row.addLayout(grid)

    def show_value(self, value: Any) -> None:
        for name, box in self.boxes.items():
            with QSignalBlocker(box):
                box.setChecked(name in value)
            alone = len(value) == 1 and name in value
            box.setEnabled(not alone)
            box.setToolTip("The network needs at least one input" if alone else f"Give the network {box.text()}")

    def controls(self) -> list[QWidget]:
        return list(self.boxes.values())

    def describe(self, name: str, tip: str) -> None:
        for box in self.boxes.values():
            box.setAccessibleName(f"Feature {box.text()}")

    def _on_toggled(self) -> None:
        self.edited.emit(tuple(name for name, box in self.boxes.items() if box.isChecked()))


class ColumnEditor(Editor):
    """A column of a table, chosen from their names; what is kept is the name where it is one, else the number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._value: Any = -1
        self.box = ComboBox()
        self._add(self.box)
        self.box.activated.connect(self._on_activated)

    def show_columns(self, names: list[str]) -> None:
        """These are the columns there are."""
        if names != self._names:
            self._names = names
            self.box.clear()
            self.box.addItems([LAST, *names])
            self.show_value(self._value)

    def show_value(self, value: Any) -> None:
        self._value = value
        self.box.setCurrentIndex(0 if value == -1 else place_of_column(value, self._names) + 1)

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_activated(self, index: int) -> None:
        self.edited.emit(column_named(index - 1, self._names) if index else -1)


def place_of_column(column: int | str, names: Sequence[str]) -> int:
    """Where a column stands that is given by name, or by number from 1 or from the end; −1 if there is none."""
    if isinstance(column, str):
        return names.index(column) if column in names else -1
    place = column - 1 if column >= 0 else len(names) + column
    return place if 0 <= place < len(names) else -1


def column_named(place: int, names: Sequence[str]) -> int | str:
    """What a column is kept as: its name where that is one and nobody else's, or else its number from 1."""
    name = names[place]
    return name if names.count(name) == 1 and name != f"column {place + 1}" else place + 1


class InputsEditor(Editor):
    """Which columns are inputs, on a button that lets them be chosen in view of the table."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton()
        self.button.setToolTip("Look at the table and choose its columns")
        self._add(self.button)

    def show_value(self, value: Any) -> None:
        count = f"{len(value):,} column{'s' * (len(value) != 1)}" if value else "all others"
        self.button.setText(f"{count} …")

    def controls(self) -> list[QWidget]:
        return [self.button]

    def describe(self, name: str, tip: str) -> None:
        self.button.setAccessibleName("Choose the input columns")


class ArrayEditor(Editor):
    """An array of a file, chosen from their names, or left to be found by the usual ones."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._value = ""
        self.box = ComboBox()
        self._add(self.box)
        self.box.activated.connect(self._on_activated)

    def show_arrays(self, names: list[str]) -> None:
        """These are the arrays there are."""
        self._names = ["", *names]
        self.box.clear()
        self.box.addItems([FOUND, *names])
        self.show_value(self._value)

    def show_value(self, value: Any) -> None:
        self._value = value
        self.box.setCurrentIndex(self._names.index(value) if value in self._names else -1)

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._names[index])


class FileEditor(Editor):
    """The name of the file in use on a button that chooses another."""

    def __init__(self, kind: type[FileDataset], field: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton("Choose…")
        self._kind, self._field = kind, field
        self._path = ""
        self._add(self.button)
        self.button.clicked.connect(self._on_clicked)

    def show_value(self, value: Any) -> None:
        self._path = value
        name = Path(value).name if value else "Choose…"
        metrics = QFontMetrics(self.button.font())
        self.button.setText(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, 16 * GRID))
        self.button.setToolTip(f"{value}\nChoose another file" if value else "Choose a file")

    def controls(self) -> list[QWidget]:
        return [self.button]

    def describe(self, name: str, tip: str) -> None:
        self.button.setAccessibleName(f"Choose {what_is_in(self._kind, self._field)}")

    def _on_clicked(self) -> None:
        folder = Path(self._path).parent if self._path else Path.home()
        path = choose_data_file(self, self._kind, self._field, folder)
        if path:
            self.edited.emit(path)


def what_is_in(kind: type[FileDataset], field: str) -> str:
    """What a dialog calls the file that a field names."""
    return f"the {kind.file_kind}" if field == "path" else f"the {kind.file_kind} of {field}"


def choose_data_file(parent: QWidget, kind: type[FileDataset], field: str, folder: Path) -> str:
    """Ask for a file; empty if none was chosen."""
    filters = f"{_FILTERS[kind]};;All files (*)"
    chosen, _ = QFileDialog.getOpenFileName(parent, f"Choose {what_is_in(kind, field)}", str(folder), filters)
    return chosen


def editors_of(kind: type[Any]) -> dict[str, Callable[[], Editor]]:
    """Editors for the fields of data in the plane and in files, by the name of the field."""
    made: dict[str, Callable[[], Editor]] = {"features": FeaturesEditor}
    if issubclass(kind, FileDataset):
        made |= {field: partial(FileEditor, kind, field) for field in kind.path_fields}
    if kind is Csv:
        made |= {"target": ColumnEditor, "inputs": InputsEditor}
    if kind is Npz:
        made |= {"inputs": ArrayEditor, "targets": ArrayEditor}
    return made
