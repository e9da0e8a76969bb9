"""Help: what this is, with versions to copy, and a sheet of the keys."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QFont, QGuiApplication, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from .error_dialog import button_row, dialog_button
from .errors import versions
from .icons import program_icon
from .theme import GRID, monospace

IDEA = (
    "A desktop laboratory for backpropagation.\n\n"
    "The gradient of a weight is the activation that enters it times the error that leaves it, "
    "∂C/∂w = a · δ. Learning stalls where one factor is small, and here every factor is seen, live."
)
OTHER_KEYS = (
    ("Play or pause", "Space"),
    ("Next or previous control", "Tab, Shift+Tab"),
    ("Change a number by its second digit", "↑ ↓ in a number field"),
    ("Take back what is being typed", "Esc in a number field"),
    ("Walk among the datasets", "← → ↑ ↓ on their pictures"),
    ("Walk among layers and neurons", "← → ↑ ↓ on the network"),
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
        self.versions.setFixedHeight(14 * GRID)
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
        grid.addLayout(button_row(_close_button(self), copy), 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)

    def copy(self) -> None:
        """Put the versions on the clipboard."""
        QGuiApplication.clipboard().setText(self.versions.toPlainText())


class KeysDialog(QDialog):
    """Every key that does something, taken from the actions themselves."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        native = QKeySequence.SequenceFormat.NativeText
        self.rows = [*OTHER_KEYS[:1]]
        for action in actions:
            keys = action.shortcut().toString(native)
            if keys:
                self.rows.append((action.text().replace("&", ""), keys))
        self.rows += OTHER_KEYS[1:]
        sheet = QWidget()
        grid = QGridLayout(sheet)
        grid.setHorizontalSpacing(4 * GRID)
        grid.setVerticalSpacing(GRID)
        for row, (what, keys) in enumerate(self.rows):
            key = QLabel(keys)
            key.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            font = QFont(key.font())
            font.setWeight(QFont.Weight.DemiBold)
            key.setFont(font)
            grid.addWidget(QLabel(what), row, 0)
            grid.addWidget(key, row, 1)
        scroll = QScrollArea()
        scroll.setWidget(sheet)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setAccessibleName("Keyboard shortcuts")
        scroll.setToolTip("All keys that do something")
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.addWidget(scroll)
        column.addLayout(button_row(_close_button(self)))
        self.resize(scroll.sizeHint().width() + 10 * GRID, 72 * GRID)


def _close_button(dialog: QDialog) -> QPushButton:
    close = dialog_button("Close", "Close this window")
    close.clicked.connect(dialog.accept)
    return close
