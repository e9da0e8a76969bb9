"""The one dialog for what should not have happened: a sentence, the details to copy, and back to work."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from .theme import GRID, monospace


def dialog_button(text: str, tip: str) -> QPushButton:
    """A button of a dialog."""
    button = QPushButton(text)
    button.setAutoDefault(False)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    return button


def button_row(last: QPushButton, *others: QPushButton) -> QHBoxLayout:
    """The foot of a dialog: at the right ``last``, which Enter presses, at the left what else can be done."""
    row = QHBoxLayout()
    row.setSpacing(GRID)
    for button in others:
        row.addWidget(button)
    row.addStretch(1)
    row.addWidget(last)
    last.setDefault(True)
    last.setFocus(Qt.FocusReason.OtherFocusReason)
    return row


class ErrorDialog(QDialog):
    """Shows ``details`` as plain text; ``folder`` holds the log."""

    def __init__(self, details: str, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.details, self._folder = details, folder
        self.setWindowTitle("Something went wrong")
        self.setMinimumSize(70 * GRID, 40 * GRID)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        said = QLabel(
            "bplab met an error of its own. Your work is still open and the window goes on; "
            "if it happens again, these details help to find out why."
        )
        said.setWordWrap(True)
        self.text = QPlainTextEdit(details)
        self.text.setReadOnly(True)
        self.text.setFont(monospace())
        self.text.setTabChangesFocus(True)
        self.text.setAccessibleName("Details of the error")
        self.text.setToolTip("What happened, for whoever can repair it")
        layout.addWidget(said)
        layout.addWidget(self.text)
        layout.addLayout(self._buttons())

    def copy(self) -> None:
        """Put the details on the clipboard."""
        QGuiApplication.clipboard().setText(self.details)

    def _buttons(self) -> QHBoxLayout:
        self.copy_button = dialog_button("Copy details", "Put the details on the clipboard")
        self.folder_button = dialog_button("Show log folder", "Open the folder in which the log lies")
        self.close_button = dialog_button("Go on", "Close this message and go on working")
        self.copy_button.clicked.connect(self.copy)
        self.folder_button.clicked.connect(self._show_folder)
        self.close_button.clicked.connect(self.accept)
        return button_row(self.close_button, self.copy_button, self.folder_button)

    def _show_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder)))
