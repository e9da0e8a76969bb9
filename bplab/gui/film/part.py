"""Step mode in a window: the mode, its panel at the right while it is on, its keys, and the stage on the canvas."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow

from bplab.gui.actions import take_typed_number
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.docks import Dock, name_tab_bars
from bplab.gui.session import Session
from bplab.gui.theme import GRID, Theme
from bplab.gui.type_size import scaled

from .keys import FilmKeys
from .mode import StepMode
from .panel import FilmPanel
from .stage import FilmStage

SAID = "Stepping through one update: Space or → goes on, ← back; Esc leaves, and nothing has changed"
WIDE, BESIDE = 38 * GRID, "Inspector"
"""Width of the panel, and the panel in whose place it stands if that is at its side."""


class FilmPart(QObject):
    """Puts all of it into ``window``; ``action`` enters and leaves."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        action: QAction,
        docks: Mapping[str, Dock],
        canvas: NetworkCanvas,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self._theme, self._action, self._docks, self._window = theme, action, docks, window
        self._canvas = canvas
        self.mode = StepMode(session, self)
        self.keys = FilmKeys(self.mode, self)
        self.stage = FilmStage(self.mode, canvas, theme)
        self.panel: FilmPanel | None = None
        self.dock: Dock | None = None
        self._behind: QDockWidget | None = None
        action.setCheckable(True)
        action.triggered.connect(self._on_triggered)
        self.mode.switched.connect(self._on_switched)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Who closes the panel, or the window, leaves the mode."""
        if event.type() == QEvent.Type.Close:
            self.mode.leave()
        return False

    def _on_triggered(self) -> None:
        take_typed_number()
        self.mode.toggle()
        self._action.setChecked(self.mode.is_on)

    def _on_switched(self) -> None:
        self._action.setChecked(self.mode.is_on)
        if self.mode.is_on:
            self._open()
        else:
            self._close()

    def _open(self) -> None:
        if self.dock is None or self.panel is None:
            self.panel = FilmPanel(self.mode, self._theme)
            self.dock = Dock("Film", self.panel, self._theme, "One training step, phase by phase")
            self.dock.installEventFilter(self)
        self._stand(self.dock)
        self._window.installEventFilter(self)
        self._window.statusBar().showMessage(SAID)
        self.keys.begin([self._window, self._canvas.view, self.dock, *self._docks.values(), *self.panel.keyed()])
        self.panel.phases.setFocus(Qt.FocusReason.OtherFocusReason)

    def _stand(self, dock: Dock) -> None:
        """At the right, in front of what is there."""
        window, area = self._window, Qt.DockWidgetArea.RightDockWidgetArea
        window.addDockWidget(area, dock)
        beside = self._docks[BESIDE]
        self._behind = None
        if not beside.isHidden() and not beside.isFloating() and window.dockWidgetArea(beside) == area:
            self._behind = next((one for one in (beside, *window.tabifiedDockWidgets(beside)) if _in_front(one)), None)
            window.tabifyDockWidget(beside, dock)
        dock.show()
        dock.raise_()
        window.resizeDocks([dock], [scaled(WIDE)], Qt.Orientation.Horizontal)
        name_tab_bars(window)

    def _close(self) -> None:
        self.keys.end()
        self._window.removeEventFilter(self)
        self._window.statusBar().clearMessage()
        if self.dock is not None:
            had_focus = self.dock.isAncestorOf(self._window.focusWidget()) if self._window.focusWidget() else False
            self._window.removeDockWidget(self.dock)
            if self._behind is not None:
                self._behind.raise_()
            if had_focus:
                self._canvas.view.setFocus(Qt.FocusReason.OtherFocusReason)


def _in_front(dock: QDockWidget) -> bool:
    return not dock.visibleRegion().isEmpty()
