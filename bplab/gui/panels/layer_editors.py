"""Editors that only a layer needs: a share in per cent, and where a skip starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.lab.editing import SkipChoice

from ..editors import ComboBox, Editor, Slider, SpinBox
from ..theme import GRID
from ..type_size import size_with_type
from .bar_parts import Caption


class PercentBox(SpinBox):
    """A spin box for per cent that shows no more digits than there are."""

    def __init__(self, most: int, parent: QWidget | None = None) -> None:
        super().__init__(0, most, parent)
        self.setDecimals(2)
        self.setSuffix(" %")

    def textFromValue(self, value: float) -> str:
        """``20``, ``12.5``."""
        return f"{value:g}"


class PercentEditor(Editor):
    """A share from 0 to ``most``, shown in per cent: a slider to play with, a box to be exact."""

    merges = True

    def __init__(self, most: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.slider, self.box = Slider(), PercentBox(round(100 * most))
        self.slider.setRange(0, round(100 * most))
        self.slider.setSingleStep(5)
        self.slider.setPageStep(10)
        self.box.setSingleStep(5)
        size_with_type(self.box, width=9 * GRID)
        self._add(self.slider)
        self._add(self.box, 0)
        self.slider.valueChanged.connect(self._on_moved)
        self.slider.sliderReleased.connect(self.released)
        self.box.valueChanged.connect(self._on_moved)
        self.box.editingFinished.connect(self.released)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self.box), QSignalBlocker(self.slider):
            self.box.setValue(100 * value)
            self.slider.setValue(round(100 * value))

    def controls(self) -> list[QWidget]:
        return [self.slider, self.box]

    def describe(self, name: str, tip: str) -> None:
        super().describe(name, tip)
        self.slider.setAccessibleName(f"{name} slider")

    def _on_moved(self, value: float) -> None:
        self.edited.emit(round(value / 100, 4))


class SkipEditor(Editor):
    """Where a skip starts, the nearest layer first; below it what becomes of the values on the way."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._choices: list[SkipChoice] = []
        self._shown: int | None = None
        self.box = ComboBox()
        self.way = Caption("")
        self.way.setWordWrap(True)
        both = QWidget()
        column = QVBoxLayout(both)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        column.addWidget(self.box)
        column.addWidget(self.way)
        self._add(both)
        self.box.activated.connect(self._on_activated)

    def offer(self, choices: Sequence[SkipChoice]) -> None:
        """The places where a skip to this layer can start; those where it cannot are greyed out and say why."""
        choices = list(reversed(choices))
        if choices == self._choices:
            return
        self._choices = choices
        self.box.clear()
        self.box.addItems(["none", *(choice.name for choice in choices)])
        self.box.setItemData(0, "No skip", Qt.ItemDataRole.ToolTipRole)
        model = self.box.model()
        assert isinstance(model, QStandardItemModel)
        for index, choice in enumerate(choices, start=1):
            told = choice.refusal or f"From {choice.name}, {choice.way}"
            self.box.setItemData(index, told, Qt.ItemDataRole.ToolTipRole)
            model.item(index).setEnabled(not choice.refusal)
        self.show_value(self._shown)

    def show_value(self, value: Any) -> None:
        self._shown = value
        chosen = [index for index, choice in enumerate(self._choices) if choice.source == value]
        self.box.setCurrentIndex(chosen[0] + 1 if chosen else 0)
        self.way.setText(self._choices[chosen[0]].way if chosen else "")
        self.way.setVisible(bool(chosen))

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_activated(self, index: int) -> None:
        source = self._choices[index - 1].source if index else None
        if source != self._shown:
            self.edited.emit(source)
