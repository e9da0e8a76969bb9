"""Docks: movable, tabbable parts of the window under a quiet title of our own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QScrollArea, QTabBar, QToolButton, QWidget

from .icons import icon
from .theme import GRID, Theme


class _Title(QWidget):
    """Name at the left, float and close at the right; dragging and double-clicking it moves the dock."""

    def __init__(self, dock: QDockWidget, theme: Theme, header: QWidget | None) -> None:
        super().__init__(dock)
        name = dock.windowTitle()
        self._buttons = {
            "float": _title_button(f"Float {name}", "Take this panel out of the window, or put it back"),
            "close": _title_button(f"Close {name}", "Close this panel; View brings it back"),
        }
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * GRID, GRID // 2, GRID, GRID // 2)
        row.setSpacing(GRID // 2)
        row.addWidget(header or _name(name), 1)
        for button in self._buttons.values():
            row.addWidget(button)
        self._dock = dock
        self._buttons["float"].clicked.connect(self._on_float)
        self._buttons["close"].clicked.connect(dock.close)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def minimumSizeHint(self) -> QSize:
        """May become as narrow as the panel."""
        return QSize(0, super().minimumSizeHint().height())

    def _on_float(self) -> None:
        self._dock.setFloating(not self._dock.isFloating())

    def _on_theme_changed(self) -> None:
        for name, button in self._buttons.items():
            button.setIcon(icon(name))


def _name(name: str) -> QLabel:
    label = QLabel(name)
    font = QFont(label.font())
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label


def _title_button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIconSize(QSize(12, 12))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button


class Dock(QDockWidget):
    """``content`` under the title ``name``, or under a ``header`` of its own that says it; ``scrolls`` gives it a
    vertical scroll bar when it is too tall.
    """

    def __init__(
        self,
        name: str,
        content: QWidget,
        theme: Theme,
        tip: str,
        *,
        scrolls: bool = False,
        header: QWidget | None = None,
    ) -> None:
        super().__init__(name)
        self.setObjectName(name.lower().replace(" ", "-"))
        self.content = content
        self.setWidget(_Scroll(content) if scrolls else content)
        self.setTitleBarWidget(_Title(self, theme, header))
        self.toggleViewAction().setToolTip(tip)
        self.toggleViewAction().setStatusTip(tip)
        for part in (self.widget(), self.titleBarWidget()):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
        self.visibilityChanged.connect(self._on_visibility_changed)

    def _on_visibility_changed(self, visible: bool) -> None:
        """Behind another tab Qt only moves a dock out of sight: hide it, so that nothing there draws or takes keys."""
        for part in (self.widget(), self.titleBarWidget()):
            part.setVisible(visible)
        name_tab_bars(self.window())


def name_tab_bars(window: QWidget) -> None:
    """Qt makes the bars of tabbed panels as they are needed, and says nothing about the arrows of narrow ones."""
    for bar in window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
        bar.setAccessibleName("Panels in one place")
        if not bar.toolTip():
            bar.setToolTip("Panels in one place, one in front")
        for button, word in zip(bar.findChildren(QToolButton), ("earlier", "later"), strict=False):
            button.setAccessibleName(f"Show {word} tabs")
            button.setToolTip(f"Show {word} tabs")


class _Scroll(QScrollArea):
    """Scrolls up and down only: its content is always as wide as there is room."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(content)
        content.installEventFilter(self)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Stay wide enough for the content when it changes what it needs."""
        if event.type() == QEvent.Type.LayoutRequest and isinstance(watched, QWidget):
            self.setMinimumWidth(watched.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width())
        return False
