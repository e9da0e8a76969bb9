"""Small controls of the plots' headers: a choice of two, and a text that gives way when room is short."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from bplab.gui.theme import Theme


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
    """Secondary text on one line that loses words where it has no room: the first ones, as the last say the unit."""

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

    def shown(self) -> str:
        """What there is room for: all of the text, or what stands before a dot, or the last words of that."""
        width, advance = self.width(), self.fontMetrics().horizontalAdvance
        words = self._text.split(" · ")[0].split()
        shorter = (" ".join(words[first:]) for first in range(len(words)))
        return next((text for text in (self._text, *shorter) if advance(text) <= width), "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much as there is room for; whole words, nothing rather than a stump."""
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.colours.quiet))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.shown())
