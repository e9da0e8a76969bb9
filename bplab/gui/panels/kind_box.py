"""The kind of a layer in a combo box, where kinds that cannot stand there are greyed out and say why."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPalette, QStandardItemModel
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ..editors import ComboBox, Editor
from ..forms import LABEL_WIDTH, explanation
from ..theme import GRID


class KindBox(ComboBox):
    """Shows one kind, and tells which other was picked."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: list[type[Any]] = []
        self.setObjectName("kind")
        self.setAccessibleName("Kind of layer")
        self.activated.connect(self._on_activated)

    def show_kinds(self, present: type[Any], refusals: dict[type[Any], str]) -> None:
        """All kinds, with the reason why one cannot be picked, or none."""
        if list(refusals) != self._kinds:
            self._kinds = list(refusals)
            self.clear()
            self.addItems([kind.title() for kind in self._kinds])
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        for index, (kind, refusal) in enumerate(refusals.items()):
            model.item(index).setEnabled(not refusal)
            self.setItemData(index, refusal or explanation(kind), Qt.ItemDataRole.ToolTipRole)
        self.setCurrentIndex(self._kinds.index(present))
        self.setToolTip(explanation(present))

    def _on_activated(self, index: int) -> None:
        self.picked.emit(self._kinds[index])


class KindEditor(Editor):
    """The same box as an editor of a kind, which is one of ``refusals``."""

    def __init__(self, refusals: dict[type[Any], str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._refusals = refusals
        self.box = KindBox()
        self._add(self.box)
        self.box.picked.connect(self.edited)

    def show_value(self, value: Any) -> None:
        self.box.show_kinds(value, self._refusals)

    def controls(self) -> list[QWidget]:
        return [self.box]


def labelled(name: str, control: QWidget) -> QGridLayout:
    """A row like a form's: a label that leads to the control beside it."""
    label = QLabel(name)
    label.setBuddy(control)
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    row = QGridLayout()
    row.setHorizontalSpacing(GRID)
    row.setColumnMinimumWidth(0, LABEL_WIDTH)
    row.setColumnStretch(1, 1)
    row.addWidget(label, 0, 0)
    row.addWidget(control, 0, 1)
    return row
