"""Small controls of the plots' headers: a choice of two, and a text that gives way when room is short."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from bplab.gui.theme import Theme

LEAST_TEXT = 12
"""Letters; with room for fewer, a text that must be cut is left out."""


class Segments(QWidget):
    """Two or more flat buttons of which one is down."""

    chosen = Signal(int)

    def __init__(self, name: str, choices: Sequence[tuple[str, str, str]], parent: QWidget | None = None) -> None:
        """``choices``: text, accessible name and tooltip of each button; the first is down."""
        super().__init__(parent)
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._group = QButtonGroup(self)
        for number, (text, said, tip) in enumerate(choices):
            button = QToolButton(self)
            button.setText(text)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setAccessibleName(f"{name}: {said}")
            button.setToolTip(tip)
            self._group.addButton(button, number)
            row.addWidget(button)
        self._group.button(0).setChecked(True)
        self._group.idToggled.connect(self._on_toggled)

    @property
    def index(self) -> int:
        """The button that is down."""
        return self._group.checkedId()

    def choose(self, index: int) -> None:
        """Press a button."""
        self._group.button(index).setChecked(True)

    def button(self, index: int) -> QToolButton:
        """One of the buttons."""
        button = self._group.button(index)
        assert isinstance(button, QToolButton)
        return button

    def _on_toggled(self, index: int, down: bool) -> None:
        if down:
            self.chosen.emit(index)


class QuietText(QWidget):
    """Secondary text on one line that is cut with an ellipsis where it has no room."""

    def __init__(self, theme: Theme, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme, self._text = theme, text
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        theme.changed.connect(self.update)

    @property
    def text(self) -> str:
        """All of the text."""
        return self._text

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self._text:
            self._text = text
            self.setToolTip(text)
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        metrics = self.fontMetrics()
        return QSize(metrics.horizontalAdvance(self._text), metrics.height())

    def minimumSizeHint(self) -> QSize:
        """One line, any width."""
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as there is room for; nothing rather than a stump."""
        rect, metrics = self.rect(), self.fontMetrics()
        if rect.width() < min(metrics.horizontalAdvance(self._text), LEAST_TEXT * metrics.averageCharWidth()):
            return
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.colours.quiet))
        shown = metrics.elidedText(self._text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)
