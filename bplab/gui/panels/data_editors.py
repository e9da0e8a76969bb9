"""Editors of what only datasets have: input features to tick, and a file to choose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QCheckBox, QFileDialog, QGridLayout, QPushButton, QWidget

from bplab.data import FEATURES

from ..editors import ComboBox, Editor
from ..theme import GRID

COLUMNS = 4
LAST = "last column"


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
        if isinstance(value, str):
            place = self._names.index(value) if value in self._names else -1
        else:
            place = value - 1 if value >= 0 else (-1 if value == -1 else len(self._names) + value)
        self.box.setCurrentIndex(place + 1)

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_activated(self, index: int) -> None:
        name = self._names[index - 1] if index else ""
        named = bool(name) and self._names.count(name) == 1 and name != f"column {index}"
        self.edited.emit((name if named else index) if index else -1)


class FileEditor(Editor):
    """The name of the file in use on a button that chooses another."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.button = QPushButton("Choose…")
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
        self.button.setAccessibleName("Choose the CSV file")

    def _on_clicked(self) -> None:
        path = choose_csv(self, Path(self._path).parent if self._path else Path.home())
        if path:
            self.edited.emit(path)


def choose_csv(parent: QWidget, folder: Path) -> str:
    """Ask for a CSV file; empty if none was chosen."""
    chosen, _ = QFileDialog.getOpenFileName(
        parent, "Choose a CSV file", str(folder), "Tables (*.csv *.tsv *.txt);;All files (*)"
    )
    return chosen
