"""Autosave: edits and training reach the project file within seconds, and the window never waits for a disk.

The window only says that there is something to keep. A thread copies, compresses and commits it; when it cannot
keep up, newer edits replace older ones that still wait.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from bplab.engine import InputError

from .experiment import Experiment
from .project import Project
from .run import Run, RunState
from .runner import SavePoint

RUN_SECONDS = 3.0
"""A run in training is kept this often: with the time to write it, a crash loses at most 5 s of training."""


@dataclass
class _Entry:
    """What the autosaver knows about a run."""

    run_id: int | None = None
    kept: tuple[int, int, bool, bool] | None = None
    """What the run was like when it was last written."""
    due: float = 0.0
    """When it may be written again while it trains."""


class Autosaver:
    """Keeps an open project up to date from a thread of its own.

    Call :meth:`note_edit` at every edit and :meth:`note_run` as often as you like, for example at every frame and
    when a run comes to rest. A write that fails is told to ``on_error`` (called on the autosaver's thread), and
    its sentence is :attr:`problem` until a write succeeds; it is tried again after ``run_seconds``, and by
    :meth:`flush`. The project's other methods may be called meanwhile, from any thread.
    """

    def __init__(
        self, project: Project, on_error: Callable[[str], None] | None = None, run_seconds: float = RUN_SECONDS
    ) -> None:
        self.project = project
        self.problem: str | None = None
        self._on_error = on_error
        self._pause = run_seconds
        self._edit: Experiment | None = None
        self._waiting: list[Run] = []
        self._entries: WeakKeyDictionary[Run, _Entry] = WeakKeyDictionary()
        self._retry = 0.0
        self._asked = self._answered = 0
        self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name=f"autosave {project.path.name}", daemon=True)
        self._thread.start()

    def note_edit(self, experiment: Experiment) -> None:
        """The working experiment is this one now; it is written at once, or after the write under way."""
        with self._changed:
            self._edit = experiment
            self._changed.notify_all()

    def note_run(self, run: Run) -> None:
        """This run may have moved on. In training it is written every few seconds, at rest at once.

        At its first update it becomes a new run of the project, unless :meth:`adopt` has said which it is.
        """
        with self._changed:
            if not run.updates:
                return
            self._entries.setdefault(run, _Entry())
            if run not in self._waiting:
                self._waiting.append(run)
            elif run.state is RunState.RUNNING:
                return  # the thread knows when it is due
            self._changed.notify_all()

    def adopt(self, run: Run, run_id: int) -> None:
        """``run`` goes on from what the project holds as ``run_id``, and is kept there when it moves on."""
        with self._changed:
            self._entries[run] = _Entry(run_id, _progress(run, run.save_point()))

    def id_of(self, run: Run) -> int | None:
        """The project's id of a run; None before its first write."""
        entry = self._entries.get(run)
        return entry.run_id if entry else None

    def flush(self) -> None:
        """Return when all that was noted is on the disk; ``InputError`` if it cannot be written."""
        with self._changed:
            self._asked += 1
            ticket = self._asked
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._answered >= ticket or not self._thread.is_alive())
            if self._answered < ticket:
                raise InputError(f"{self.project.path.name} is no longer kept: its autosave has ended")
            if self.problem is not None:
                raise InputError(self.problem)

    def close(self) -> None:
        """Write what waits and end the thread; the project stays open. :attr:`problem` tells if that failed."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> Autosaver:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # -- on the autosaver's thread ----------------------------------------------------------------------

    def _work(self) -> None:
        closing = False
        while not closing:
            with self._changed:
                while (seconds := self._seconds_to_rest()) is None or seconds > 0:
                    self._changed.wait(seconds)
                closing, ticket = self._closing, self._asked
                edit, self._edit = self._edit, None
                runs = [run for run in self._waiting if self._is_due(run)]
                self._waiting = [run for run in self._waiting if run not in runs]
            self._write(edit, runs)
            with self._changed:
                self._answered = ticket
                self._changed.notify_all()

    def _seconds_to_rest(self) -> float | None:
        """How long there is nothing to do; None for as long as nobody says something."""
        if self._closing or self._asked > self._answered:
            return 0.0
        now = monotonic()
        if self._edit is not None:
            return self._retry - now
        dues = [max(self._retry, self._due(run)) for run in self._waiting]
        return min(dues) - now if dues else None

    def _is_due(self, run: Run) -> bool:
        return self._closing or self._asked > self._answered or self._due(run) <= monotonic()

    def _due(self, run: Run) -> float:
        entry = self._entries[run]
        return entry.due if run.state is RunState.RUNNING else 0.0

    def _write(self, edit: Experiment | None, runs: list[Run]) -> None:
        left = list(runs)
        try:
            if edit is not None:
                if edit != self.project.working:
                    self.project.set_working(edit)
                edit = None
            while left:
                self._keep(left[0])
                del left[0]
        except (InputError, MemoryError) as error:
            self._put_back(edit, left)
            self._retry = monotonic() + self._pause
            self._tell(str(error) or f"{self.project.path.name}: there is not enough memory to save")
        else:
            self._retry, self.problem = 0.0, None

    def _keep(self, run: Run) -> None:
        entry = self._entries[run]
        point = run.save_point()
        progress = _progress(run, point)
        if progress != entry.kept:
            if entry.run_id is None:
                entry.run_id = self.project.add_run(run.experiment, run.runner.origin)
            self.project.update_run(entry.run_id, point, run.state_at_rest().value)
            entry.kept = progress
        entry.due = monotonic() + self._pause

    def _put_back(self, edit: Experiment | None, runs: list[Run]) -> None:
        with self._changed:
            self._edit = self._edit or edit
            self._waiting += [run for run in runs if run not in self._waiting]

    def _tell(self, sentence: str) -> None:
        new, self.problem = sentence != self.problem, sentence
        if new and self._on_error is not None:
            self._on_error(sentence)


def _progress(run: Run, point: SavePoint) -> tuple[int, int, bool, bool]:
    """What must have changed for a run to be written again."""
    return point.updates, len(point.record.events), point.record.divergence is not None, run.error is not None
