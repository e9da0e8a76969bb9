"""Actions of time travel: back, on, to the start, to now, to an update by its number, and fork from here."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from .actions import make_action, take_typed_number
from .session import Session
from .time_machine import TimeMachine

NOTHING_YET = "There are no updates yet: Play makes some"
FORK_TIP = "Begin another run at the update that is looked at: change settings, then Play"


class TimeActions(QObject):
    """What moves the time machine, for bar, menu and keys; ``go_to`` is connected by who asks for the number."""

    def __init__(self, session: Session, machine: TimeMachine, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._machine = session, machine
        self.start = make_action(self, "To the start", "Look at the first weights", "Alt+Home")
        self.row_back = make_action(
            self, "Row back", "Look at the row of the record before: an update that plots have a point of", "Alt+PgUp"
        )
        self.back = make_action(self, "Update back", "Look at the run one update earlier", "Alt+Left")
        self.forward = make_action(self, "Update on", "Look at the run one update later", "Alt+Right")
        self.row_forward = make_action(
            self, "Row on", "Look at the next row of the record: an update that plots have a point of", "Alt+PgDown"
        )
        self.now = make_action(self, "Back to now", "Look at the run as it is now; Esc does the same", "Alt+End")
        self.go_to = make_action(self, "Go to update…", "Type the number of the update to look at", "Ctrl+G")
        self.fork = make_action(self, "Fork from here", FORK_TIP, "Ctrl+Shift+F")
        for action in self.ways():
            action.triggered.connect(self._on_way)
        self._tips = {action: action.toolTip() for action in self.all()}
        self.fork.triggered.connect(self._on_fork)
        machine.changed.connect(self.follow)
        session.run_changed.connect(self.follow)
        session.draft_changed.connect(self.follow)
        session.ticked.connect(self._on_ticked)
        self.follow()

    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return [*self.ways(), self.go_to, self.fork]

    def ways(self) -> list[QAction]:
        """Those that move, from the start to now."""
        return [self.start, self.row_back, self.back, self.forward, self.row_forward, self.now]

    def follow(self) -> None:
        """What can be done now can be chosen; the others say why not."""
        machine, any_yet = self._machine, self._machine.newest > 0
        live, at_start = machine.asked is None, machine.asked == 0
        for action in self.all():
            why = "" if any_yet else NOTHING_YET
            if any_yet and action in (self.forward, self.row_forward, self.now) and live:
                why = "This is the run as it is now"
            elif any_yet and action in (self.start, self.row_back, self.back) and at_start:
                why = "This is the start of the run"
            elif action is self.fork and self._session.draft is not None:
                why = "A fork is being prepared: change settings, then Play; Esc gives it up"
            action.setEnabled(not why)
            action.setToolTip(why or self._tips[action])
            action.setStatusTip(action.toolTip())

    def _on_ticked(self) -> None:
        if self.start.isEnabled() != (self._machine.newest > 0 and self._machine.asked != 0):
            self.follow()

    def _on_way(self) -> None:
        action, machine = self.sender(), self._machine
        if action in (self.start, self.now):
            (machine.go_live if action is self.now else machine.go_to_start)()
        elif action in (self.back, self.forward):
            machine.go_by(1 if action is self.forward else -1)
        else:
            machine.go_by_row(1 if action is self.row_forward else -1)

    def _on_fork(self) -> None:
        take_typed_number()
        self._machine.fork()
