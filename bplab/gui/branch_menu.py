"""The menus of branches: which run to look at, and which others to compare it with in the plots."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from bplab.engine import InputError

from .actions import make_action
from .branches import Branches
from .documents import Documents
from .menus import Menus, run_line
from .session import Session

TIP = "Curves of other runs beside those of this one, in loss and gradient"


class BranchMenu(QObject):
    """``compare`` is for the menu bar; ``both`` has the runs to look at before it, for the bar of time."""

    def __init__(self, session: Session, documents: Documents, menus: Menus, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._documents, self._menus = session, documents, menus
        self.branches = Branches.of(session)
        self.compare = QMenu("Compare with", window)
        self.both = QMenu("Branches", window)
        for menu, fill in ((self.compare, self._fill_compare), (self.both, self._fill_both)):
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(fill)

    def _fill_compare(self) -> None:
        self.compare.clear()
        self.compare.addActions(self._comparisons(self.compare))

    def _fill_both(self) -> None:
        self.both.clear()
        self._menus.fill_runs()
        self.both.addSection("Look at")
        self.both.addActions(self._menus.runs.actions())
        self.both.addSection("Compare in the plots")
        self.both.addActions(self._comparisons(self.both))

    def _comparisons(self, menu: QMenu) -> list[QAction]:
        """A switch for every other run, the latest first, and one action that puts all of them away."""
        try:
            runs = [info for info in self._documents.runs() if info.id != self._documents.shown_run()]
        except InputError as error:
            self._session.refused.emit(str(error))
            runs = []
        found = []
        for info in reversed(runs):
            action = make_action(menu, run_line(info, self.branches.words(info)), TIP)
            action.setCheckable(True)
            action.setChecked(self.branches.is_compared(info.id))
            action.setData(info.id)
            action.triggered.connect(self._on_compared)
            found.append(action)
        nothing = make_action(menu, "Nothing", "The curves of the run on view alone")
        nothing.setEnabled(bool(self.branches.compared))
        if not self.branches.compared:
            nothing.setToolTip("Nothing is compared now" if runs else "There is no other run in this project yet")
        nothing.triggered.connect(self.branches.compare_none)
        return [*found, nothing]

    def _on_compared(self) -> None:
        action = self.sender()
        assert isinstance(action, QAction)
        try:
            self.branches.compare(int(action.data()), action.isChecked())
        except InputError as error:
            self._session.refused.emit(str(error))
