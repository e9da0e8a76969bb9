"""A section: a heading that opens and closes what stands below it, and says in brief what is set there."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..theme import GRID
from .bar_parts import Caption


class Elided(Caption):
    """Small quiet text at the right, that gives way where room is short."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """As much of the text as there is room for."""
        painter, option = QStylePainter(self), QStyleOption()
        option.initFrom(self)
        text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        where = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        style: QStyle = self.style()
        style.drawItemText(painter, self.rect(), int(where), option.palette, True, text, self.foregroundRole())


class Section(QWidget):
    """``title`` over ``body``, closed at first."""

    def __init__(self, title: str, tip: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = body
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setAutoRaise(True)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.head.setToolTip(tip)
        self.brief = Elided()
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.head)
        row.addWidget(self.brief, 1)
        row.addStretch(0)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(row)
        column.addWidget(body)
        self._column, self._title, self._open = column, title, False
        self.head.clicked.connect(self._on_clicked)
        self.say("")
        self.open(False)

    @property
    def is_open(self) -> bool:
        """True if the body is shown."""
        return self._open

    def open(self, shown: bool = True) -> None:
        """Show the body, or hide it and say in brief what is in it."""
        self._open = shown
        self.head.setArrowType(Qt.ArrowType.DownArrow if shown else Qt.ArrowType.RightArrow)
        self.head.setAccessibleDescription("open" if shown else "closed")
        self.body.setVisible(shown)
        self.brief.setVisible(not shown)
        self._column.setContentsMargins(0, 0, 0, GRID if shown else 0)

    def say(self, brief: str) -> None:
        """Show beside the title what is set below."""
        self.brief.setText(brief)
        self.brief.setToolTip(brief)
        self.head.setAccessibleName(f"{self._title}: {brief}" if brief else self._title)

    def _on_clicked(self) -> None:
        self.open(not self._open)
