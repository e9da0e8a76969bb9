"""What is remembered between starts, in one place: everything here can be set elsewhere too, and counts at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QDialog, QGridLayout, QLabel, QVBoxLayout, QWidget

from bplab.lab.tempo import TEMPI

from .appearance import Appearance
from .editors import ComboBox
from .error_dialog import button_row, dialog_button
from .panels.bar_parts import Caption
from .panels.tempo_box import TempoBox
from .preferences import THEMES, Preferences
from .session import Session
from .theme import GRID

LABELS = 14 * GRID


class PreferencesDialog(QDialog):
    """Theme, type, speed, the strip of kinds of layers, recent files. ``reset_layout`` puts the panels back."""

    def __init__(
        self,
        session: Session,
        preferences: Preferences,
        appearance: Appearance,
        palette: QAction,
        reset_layout: Callable[[], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._preferences, self._appearance = session, preferences, appearance
        self._palette, self._reset_layout = palette, reset_layout
        self.setWindowTitle("Preferences")
        self.theme = ComboBox()
        self.theme.setAccessibleName("Theme")
        self.theme.setToolTip("Light or dark, in the whole program")
        for index, action in enumerate(appearance.actions):
            self.theme.addItem(action.text())
            self.theme.setItemData(index, action.toolTip(), Qt.ItemDataRole.ToolTipRole)
            action.toggled.connect(self._show_theme)
        self._show_theme()
        self.teach = _box("Large type", appearance.teach)
        self.tempo = TempoBox(session)
        self.palette_box = _box("Kinds of layers above it", palette)
        self.recent = dialog_button("", "")
        self.recent.setSizePolicy(self.theme.sizePolicy())
        self._show_recent()
        self.as_first = dialog_button("All as at first", "Theme, type, speed and panels as bplab brings them along")
        self.close_button = dialog_button("Close", "Close this window; what is set here counts already")
        self._lay_out()
        self.theme.activated.connect(self._on_theme)
        session.tempo_changed.connect(self.tempo.show_tempo)
        self.recent.clicked.connect(self._on_forget)
        self.as_first.clicked.connect(self._on_as_first)
        self.close_button.clicked.connect(self.accept)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GRID)
        grid.setVerticalSpacing(GRID)
        grid.setColumnMinimumWidth(0, LABELS)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[str, QWidget], ...] = (
            ("Theme", self.theme),
            ("For a projector", self.teach),
            ("Speed of training", self.tempo),
            ("Network", self.palette_box),
            ("Recent files", self.recent),
        )
        for row, (text, control) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(control)
            label.setForegroundRole(label.foregroundRole().PlaceholderText)
            grid.addWidget(label, row, 0)
            grid.addWidget(control, row, 1)
        where = Caption(f"All of this is kept in {self._preferences.file}")
        where.setTextFormat(Qt.TextFormat.PlainText)
        where.setWordWrap(True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(grid)
        column.addWidget(where)
        column.addLayout(button_row(self.close_button, self.as_first))
        self.setMinimumWidth(56 * GRID)

    def _show_theme(self) -> None:
        self.theme.setCurrentIndex([action.isChecked() for action in self._appearance.actions].index(True))

    def _show_recent(self) -> None:
        files = len(self._preferences.recent)
        text = f"Forget {files} file{'s' * (files != 1)}" if files else "None"
        self.recent.setText(text)
        self.recent.setAccessibleName(text if files else "No recent files")
        self.recent.setEnabled(files > 0)
        tip = "Take them from File ▸ Recent; they stay where they are" if files else "No file was opened or saved yet"
        self.recent.setToolTip(tip)

    def _on_theme(self, index: int) -> None:
        self._appearance.actions[index].trigger()

    def _on_forget(self) -> None:
        self._preferences.clear_recent()
        self._show_recent()

    def _on_as_first(self) -> None:
        self._appearance.actions[THEMES.index("system")].trigger()
        self._appearance.teach.setChecked(False)
        self._palette.setChecked(True)
        self._session.set_tempo(TEMPI[0])
        self._reset_layout()


def _box(text: str, action: QAction) -> QCheckBox:
    """A box that is an action's switch."""
    box = QCheckBox(text)
    box.setAccessibleName(action.text())
    box.setToolTip(action.toolTip())
    box.setChecked(action.isChecked())
    box.toggled.connect(action.setChecked)
    action.toggled.connect(box.setChecked)
    return box
