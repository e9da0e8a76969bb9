"""Copying the command that makes the same run in a shell, and saying what came of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from bplab.engine import InputError
from bplab.lab.run import RunState
from bplab.lab.shell_command import shell_command

from .actions import TrainActions, take_typed_number
from .session import Session


class ShellCopy(QObject):
    """Puts the command of the session's run on the clipboard."""

    copied = Signal(str)
    """What is on the clipboard now, in a sentence."""

    def __init__(self, session: Session, actions: TrainActions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        actions.copy_command.triggered.connect(self.copy)

    def copy(self) -> None:
        """Copy the command of the experiment; that of the run as far as it went, where it rests before its end."""
        take_typed_number()
        try:
            command = shell_command(self._session.experiment, self._updates())
        except InputError as error:
            self._session.refused.emit(str(error))
            return
        QApplication.clipboard().setText(command.text)
        told = [f"Copied: {command.text}" if command.file is None else f"Copied, with the experiment in {command.file}"]
        if self._changed_by_hand():
            told.append("settings changed during the run count from its start there")
        run = self._session.run
        if run is not None and run.runner.origin is not None:
            told.append("this run is a fork, the command trains with its settings from the start")
        self.copied.emit("; ".join(told))

    def _updates(self) -> int | None:
        """None for a run of the planned length, or none at all."""
        run = self._session.run
        if run is None or self._session.edited_since_run or run.state is RunState.RUNNING:
            return None
        return run.updates if run.updates not in (0, run.runner.planned_updates) else None

    def _changed_by_hand(self) -> bool:
        record = self._session.record
        return record is not None and bool(record.events) and not self._session.edited_since_run
