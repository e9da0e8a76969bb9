"""About: what this is, and the versions that a bug report needs, to copy."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QPlainTextEdit, QWidget

from .error_dialog import button_row, dialog_button
from .errors import versions
from .icons import program_icon
from .theme import GRID, monospace

IDEA = (
    "A desktop laboratory for backpropagation.\n\n"
    "The gradient of a weight is the activation that enters it times the error that leaves it, "
    "∂C/∂w = a · δ. Learning stalls where one factor is small, and here every factor is seen, live."
)


class AboutDialog(QDialog):
    """Name, idea and versions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("About bplab")
        self.setMinimumWidth(56 * GRID)
        picture = QLabel()
        picture.setPixmap(program_icon().pixmap(8 * GRID, 8 * GRID))
        idea = QLabel(IDEA)
        idea.setTextFormat(Qt.TextFormat.PlainText)
        idea.setWordWrap(True)
        self.versions = QPlainTextEdit(versions())
        self.versions.setReadOnly(True)
        self.versions.setFont(monospace())
        self.versions.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        lines = self.versions.document().blockCount()
        self.versions.setFixedHeight(lines * self.versions.fontMetrics().lineSpacing() + 3 * GRID)
        self.versions.setTabChangesFocus(True)
        self.versions.setAccessibleName("Versions")
        self.versions.setToolTip("What a bug report needs to know")
        grid = QGridLayout(self)
        grid.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        grid.setSpacing(2 * GRID)
        grid.addWidget(picture, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(idea, 0, 1)
        grid.addWidget(self.versions, 1, 0, 1, 2)
        copy = dialog_button("Copy versions", "Put the versions on the clipboard")
        copy.clicked.connect(self.copy)
        close = dialog_button("Close", "Close this window")
        close.clicked.connect(self.accept)
        grid.addLayout(button_row(close, copy), 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)

    def copy(self) -> None:
        """Put the versions on the clipboard."""
        QGuiApplication.clipboard().setText(self.versions.toPlainText())
