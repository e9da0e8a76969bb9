"""The switch of what colours stand for: a small box in the canvas's corner and actions for a menu, always agreeing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QActionGroup, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QWidget

from bplab.gui.theme import Theme

from ..actions import make_action
from .colouring import ColourBy
from .tips import as_plain


class ColourBox(QWidget):
    """``chosen`` comes with every change, whoever makes it."""

    chosen = Signal(ColourBy)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        theme.changed.connect(self.update)
        self.box = QComboBox()
        self.box.setObjectName("colour_by")
        self.box.setAccessibleName("Colour by")
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus | Qt.FocusPolicy.ClickFocus)
        self._group = QActionGroup(self)
        for by in ColourBy:
            self.box.addItem(by.title, by)
            self.box.setItemData(self.box.count() - 1, by.value.explanation, Qt.ItemDataRole.ToolTipRole)
            action = make_action(self, by.title.capitalize(), by.value.explanation)
            action.setCheckable(True)
            action.setData(by)
            self._group.addAction(action)
        self.actions_for_menu = self._group.actions()
        label = QLabel("Colour by")
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 2, 0, 2)
        row.setSpacing(6)
        row.addWidget(label)
        row.addWidget(self.box)
        self._group.triggered.connect(self._on_triggered)
        self.box.currentIndexChanged.connect(self._on_changed)
        self._tell()

    @property
    def by(self) -> ColourBy:
        """What colours stand for."""
        return list(ColourBy)[self.box.currentIndex()]

    def choose(self, by: ColourBy) -> None:
        """Let colours stand for ``by``."""
        self.box.setCurrentIndex(list(ColourBy).index(by))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of the drawing, of which it is a part."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self._theme.colours.ground))

    def _on_triggered(self) -> None:
        action = self._group.checkedAction()
        assert action is not None
        self.choose(action.data())

    def _on_changed(self) -> None:
        self._tell()
        self.chosen.emit(self.by)

    def _tell(self) -> None:
        self._group.actions()[self.box.currentIndex()].setChecked(True)
        self.box.setToolTip(as_plain("What the colours of edges and neurons stand for\n" + self.by.value.explanation))
