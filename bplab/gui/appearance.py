"""Light or dark: what the reader prefers, or what the desktop does; and large type to teach with."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication

from .actions import make_action
from .preferences import Preferences
from .theme import Theme, system_is_dark

_CHOICES = {
    "system": ("As the system", "Light or dark as the desktop is"),
    "light": ("Light", "Dark ink on light ground"),
    "dark": ("Dark", "Light ink on dark ground"),
}


class Appearance(QObject):
    """Applies the preference to the theme, and follows the desktop where that is the preference."""

    def __init__(self, theme: Theme, preferences: Preferences, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme, self._preferences = theme, preferences
        self._group = QActionGroup(self)
        self.actions: list[QAction] = []
        for name, (text, tip) in _CHOICES.items():
            action = make_action(self, text, tip)
            action.setCheckable(True)
            action.setData(name)
            action.setChecked(name == preferences.theme)
            self._group.addAction(action)
            self.actions.append(action)
        tip = "Large type and thick lines, for a projector, in any layout"
        self.teach = make_action(self, "Large type", tip, "Ctrl+T")
        self.teach.setCheckable(True)
        self.teach.setChecked(preferences.teaches)
        self.teach.toggled.connect(self._on_teach)
        theme.set_teaches(preferences.teaches)
        self._group.triggered.connect(self._on_chosen)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._on_system_changed)
        self._follow()

    def _on_chosen(self, action: QAction) -> None:
        self._preferences.theme = action.data()
        self._follow()

    def _on_teach(self, teaches: bool) -> None:
        self._preferences.teaches = teaches
        self._theme.set_teaches(teaches)

    def _on_system_changed(self) -> None:
        self._follow()

    def _follow(self) -> None:
        preference = self._preferences.theme
        self._theme.set_dark(system_is_dark() if preference == "system" else preference == "dark")
