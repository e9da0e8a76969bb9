"""Layouts: where the panels stand, at first and in the presets for designing, training and teaching.

Every preset gives every panel a place, and says which are seen: a panel that a preset leaves out is still where View
brings it back to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QCoreApplication, QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QTabBar

from .actions import make_action
from .docks import Dock
from .theme import GRID

Tabs = tuple[str, ...]
"""Panels behind each other, the first one in front."""
LEFT, RIGHT = 35 * GRID, 38 * GRID
"""First widths of the panels at the sides."""
ACROSS, DOWN = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
AREAS = Qt.DockWidgetArea


@dataclass(frozen=True)
class Layout:
    """``bottom`` stands below the network from left to right, ``above`` between the two over all of it."""

    name: str
    tip: str
    left: tuple[Tabs, ...]
    right: tuple[Tabs, ...]
    above: tuple[Tabs, ...]
    bottom: tuple[Tabs, ...]
    height: int
    """Of the panels at the bottom, in pixels."""
    hidden: frozenset[str]
    wide: int = RIGHT
    """First width of the panels at the right."""
    tall: bool = False
    """Whether those reach down beside the panels at the bottom."""


_BOTTOM: tuple[Tabs, ...] = (
    ("Loss", "Accuracy", "Confusion"),
    ("Gradient", "Updates", "Dead"),
    ("Saturation", "Activations", "Layer numbers"),
)
FIRST = Layout(
    "First", "All panels where they were at first",
    left=(("Data",),), right=(("Inspector", "Chain rule", "Surface"),), above=(("Layer table",),), bottom=_BOTTOM,
    height=33 * GRID, hidden=frozenset({"Layer table"}),
)  # fmt: skip
PRESETS = (
    Layout(
        "Design", "Room for the network, with the table of its layers; plots are put away",
        left=(("Data",),), right=(("Inspector", "Chain rule", "Surface"),), above=(("Layer table",),), bottom=_BOTTOM,
        height=28 * GRID, hidden=frozenset({"Surface", "Chain rule", *(name for tabs in _BOTTOM for name in tabs)}),
    ),
    Layout(
        "Train", "Room for the plots: more of them side by side, and what the network does now at the right",
        left=(("Data",),), right=(("Activations", "Inspector", "Chain rule"), ("Confusion", "Surface")),
        above=(("Layer table",),),
        bottom=(("Loss", "Accuracy"), ("Gradient",), ("Updates", "Dead"), ("Saturation", "Layer numbers")),
        height=40 * GRID, hidden=frozenset({"Data", "Layer table"}),
    ),
    Layout(
        "Chain rule", "Why a gradient is what it is: its factors beside the network, and what becomes of them below",
        left=(("Data",),), right=(("Chain rule", "Inspector", "Surface"),), above=(("Layer table",),),
        bottom=(("Gradient", "Loss", "Accuracy", "Confusion", "Updates", "Dead"),
                ("Saturation", "Activations", "Layer numbers")),
        height=33 * GRID,
        hidden=frozenset({"Data", "Inspector", "Surface", "Layer table", "Loss", "Accuracy", "Confusion",
                          "Updates", "Dead", "Activations", "Layer numbers"}),
        wide=54 * GRID, tall=True,
    ),
    Layout(
        "Teach", "For a projector: the network, loss and gradient, large, and nothing else",
        left=(("Data",),), right=(("Inspector", "Chain rule", "Surface"),), above=(("Layer table",),),
        bottom=(("Loss", "Accuracy", "Confusion"),
                ("Gradient", "Updates", "Saturation", "Activations", "Dead", "Layer numbers")),
        height=42 * GRID,
        hidden=frozenset({"Data", "Inspector", "Chain rule", "Layer table", "Accuracy", "Confusion", "Surface",
                          "Updates", "Saturation", "Activations", "Dead", "Layer numbers"}),
    ),
)  # fmt: skip
EVERYTHING = Layout(
    "Everything", "Every panel, none behind another",
    left=(("Data",), ("Confusion",)), right=(("Inspector",), ("Chain rule",), ("Activations",), ("Surface",)),
    above=(("Layer table",),),
    bottom=(("Loss",), ("Accuracy",), ("Gradient",), ("Updates",), ("Dead",), ("Saturation",), ("Layer numbers",)),
    height=30 * GRID, hidden=frozenset(),
)  # fmt: skip


class Layouts(QObject):
    """Puts the panels of a window where a layout says; ``actions`` are the presets, for a menu."""

    chosen = Signal(str)
    """A preset was chosen, by its name."""

    def __init__(self, window: QMainWindow, docks: Mapping[str, Dock]) -> None:
        super().__init__(window)
        self._window, self._docks = window, docks
        self.actions: list[QAction] = []
        for layout in PRESETS:
            action = make_action(self, layout.name, layout.tip)
            action.setData(layout.name)
            action.triggered.connect(self._on_chosen)
            self.actions.append(action)
        window.setCorner(Qt.Corner.BottomLeftCorner, AREAS.LeftDockWidgetArea)

    def apply(self, layout: Layout) -> None:
        """Put every panel into its place and show those that the layout shows."""
        self._window.setUpdatesEnabled(False)
        try:
            self._clear()
            corner = AREAS.RightDockWidgetArea if layout.tall else AREAS.BottomDockWidgetArea
            self._window.setCorner(Qt.Corner.BottomRightCorner, corner)
            self._place(AREAS.LeftDockWidgetArea, layout.left, DOWN)
            self._place(AREAS.RightDockWidgetArea, layout.right, DOWN)
            self._place_bottom(layout)
            for tabs in (*layout.left, *layout.right, *layout.above, *layout.bottom):
                self._put_behind(tabs)
                self._show(tabs, layout.hidden)
            self._settle()
            self._size(layout)
            self._settle()
        finally:
            self._window.setUpdatesEnabled(True)

    def restore(self, state: QByteArray, version: int) -> None:
        """Put every panel where it was when the window's state was saved; of another version, where it is at first."""
        self._clear()  # else bars of tabs that stand now would be seen beside those of then
        if self._window.restoreState(state, version):
            self._settle()
        else:
            self.apply(FIRST)

    def show_all(self) -> None:
        """Every panel side by side, none behind another; for who measures what they cost."""
        self.apply(EVERYTHING)

    def _on_chosen(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        layout = next(one for one in PRESETS if one.name == action.data())
        self.apply(layout)
        self.chosen.emit(layout.name)

    def _clear(self) -> None:
        for dock in self._docks.values():
            dock.setFloating(False)
            self._window.removeDockWidget(dock)
        self._settle()

    def _place(self, area: Qt.DockWidgetArea, groups: tuple[Tabs, ...], towards: Qt.Orientation) -> None:
        """The front panels of groups, one after the other in an area."""
        for tabs in groups:
            self._window.addDockWidget(area, self._docks[tabs[0]], towards)

    def _place_bottom(self, layout: Layout) -> None:
        """The upper row over all of the lower one."""
        self._place(AREAS.BottomDockWidgetArea, layout.above, ACROSS)
        before, towards = self._docks[layout.above[0][0]], DOWN
        for tabs in layout.bottom:
            first = self._docks[tabs[0]]
            self._window.addDockWidget(AREAS.BottomDockWidgetArea, first)
            self._window.splitDockWidget(before, first, towards)
            before, towards = first, ACROSS

    def _put_behind(self, tabs: Tabs) -> None:
        """Later than all splitting: beside a panel that has others behind it, Qt makes no place but another tab."""
        front, *others = (self._docks[name] for name in tabs)
        for other in others:
            self._window.tabifyDockWidget(front, other)

    def _show(self, tabs: Tabs, hidden: frozenset[str]) -> None:
        shown = [name for name in tabs if name not in hidden]
        for name in tabs:
            self._docks[name].setVisible(name in shown)
        if len(shown) > 1:
            self._docks[shown[0]].raise_()

    def _size(self, layout: Layout) -> None:
        window, docks = self._window, self._docks
        both = (layout.left, LEFT), (layout.right, layout.wide)
        sides = [(tabs[0], width) for groups, width in both for tabs in groups]
        window.resizeDocks([docks[name] for name, _ in sides], [width for _, width in sides], ACROSS)
        bottom = [docks[tabs[0]] for tabs in layout.bottom]
        window.resizeDocks(bottom, [layout.height] * len(bottom), DOWN)
        window.resizeDocks(bottom, [1000] * len(bottom), ACROSS)

    def _settle(self) -> None:
        """Let Qt do at once what it would do later: else it forgets bars of tabs, and sizes that are asked for."""
        QCoreApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        host = self._window.layout()
        if host is not None:
            host.activate()
        for bar in self._window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setVisible(bar.count() > 1)
