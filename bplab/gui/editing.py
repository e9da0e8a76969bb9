"""Editing: the one experiment of a session, its history of edits, and the data that it learns from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.lab.editing import refusal_in_words
from bplab.lab.experiment import Experiment
from bplab.lab.history import History
from bplab.lab.problem import Problem, make_problem, same_problem


class Editing(QObject):
    """An experiment as it is edited. A subclass follows its changes."""

    experiment_changed = Signal()
    """The experiment is another value than before; read :attr:`experiment`."""
    refused = Signal(str)
    """Something cannot be done; one sentence for people."""

    def __init__(self, experiment: Experiment, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(experiment)
        self._problem: tuple[Experiment, Problem] | None = None

    # -- for subclasses ---------------------------------------------------------------------------------

    def _check(self, experiment: Experiment) -> None:
        """``InputError`` if the experiment may not become ``experiment`` now."""

    def _experiment_moved(self, before: Experiment) -> None:
        """The experiment is another one than ``before``."""
        raise NotImplementedError

    # -- the experiment ---------------------------------------------------------------------------------

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is edited."""
        return self._history.value

    @property
    def history(self) -> History[Experiment]:
        """For the labels of Undo and Redo."""
        return self._history

    def edit(
        self, experiment: Experiment, label: str, merge_key: str | None = None, problem: Problem | None = None
    ) -> bool:
        """Make ``experiment`` the present one, as one undo step named ``label``; refused edits leave all as it was.

        ``problem`` is that of ``experiment`` where it has been made already.
        """
        before = self.experiment
        try:
            experiment.checked()
            self._check(experiment)
            if problem is not None:
                self._problem = (experiment, problem)
            self._problem_of(experiment)
        except InputError as error:
            self.refused.emit(refusal_in_words(experiment, error))
            return False
        if not self._history.edit(experiment, label, merge_key):
            return False
        self._experiment_moved(before)
        return True

    def edit_training(self, label: str, merge_key: str | None = None, **changes: Any) -> bool:
        """Edit fields of ``experiment.training``."""
        plan = msgspec.structs.replace(self.experiment.training, **changes)
        return self.edit(msgspec.structs.replace(self.experiment, training=plan), label, merge_key)

    def edit_layer(self, layer: int, label: str, merge_key: str | None = None, **changes: Any) -> bool:
        """Edit fields of layer ``layer`` (from 0)."""
        layers: list[Any] = list(self.experiment.network.layers)
        layers[layer] = msgspec.structs.replace(layers[layer], **changes)
        network = msgspec.structs.replace(self.experiment.network, layers=tuple(layers))
        return self.edit(msgspec.structs.replace(self.experiment, network=network), label, merge_key)

    def undo(self) -> None:
        """Take the last edit back."""
        if self._history.undo_label is not None:
            self._travel(self._history.undo, self._history.redo)

    def redo(self) -> None:
        """Bring the last undone edit back."""
        if self._history.redo_label is not None:
            self._travel(self._history.redo, self._history.undo)

    def _travel(self, go: Callable[[], Experiment], back: Callable[[], Experiment]) -> None:
        """Undo or redo, unless the data of that time cannot be read any more."""
        before = self.experiment
        try:
            self._problem_of(go())
        except InputError as error:
            back()
            self.refused.emit(str(error))
        else:
            self._experiment_moved(before)

    @property
    def problem(self) -> Problem:
        """The data of the experiment, made once per change of what it depends on."""
        return self._problem_of(self.experiment)

    def _problem_of(self, experiment: Experiment) -> Problem:
        """Kept until another one is asked for; ``InputError`` if data cannot be read, and then nothing has changed."""
        if self._problem is None or not same_problem(self._problem[0], experiment):
            self._problem = (experiment, make_problem(experiment))
        return self._problem[1]
