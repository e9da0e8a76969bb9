"""Time travel in a window: the machine, its actions, the bar under the plots, branches, and the marks of the past."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow

from .branch_menu import BranchMenu
from .branches import Branches
from .canvas import NetworkCanvas
from .docks import Dock
from .documents import Documents
from .menus import Menus
from .panels.bar_parts import BarHolder
from .panels.past_mark import CanvasMark, mark_docks
from .panels.time_bar import TimeBar
from .session import Session
from .theme import Theme
from .time_actions import TimeActions
from .time_machine import TimeMachine


class TimePart(QObject):
    """Puts all of it into ``window``."""

    def __init__(
        self,
        session: Session,
        theme: Theme,
        documents: Documents,
        menus: Menus,
        docks: Mapping[str, Dock],
        canvas: NetworkCanvas,
        window: QMainWindow,
    ) -> None:
        super().__init__(window)
        self.machine = TimeMachine(session, documents.keep_run, self)
        self.actions = TimeActions(session, self.machine, self)
        self.branches = Branches.of(session)
        self.branches.look_in(documents)
        self.branch_menu = BranchMenu(session, documents, menus, window)
        self.bar = TimeBar(session, self.machine, self.actions, self.branch_menu.both, theme)
        window.addToolBar(Qt.ToolBarArea.BottomToolBarArea, BarHolder(self.bar, "Time"))
        ways = [*self.actions.ways(), self.actions.go_to]
        menus.fill_time(ways, self.actions.fork, self.branch_menu.compare, self.branches)
        mark_docks(docks, session, theme)
        self.canvas_mark = CanvasMark(session, theme, canvas.view)
