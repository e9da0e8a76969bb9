"""Documents: new, open, save, save as, and what to do with work that is not saved.

A document is a project file. Without a name yet it lives in the user's data folder; every edit and every few
seconds of training reach the file from the autosaver's thread, so only "saved or not" is left to decide here.
Each method either does all it says or raises ``InputError`` and leaves what is open as it was.
"""

from __future__ import annotations

import contextlib
from pathlib import Path

import msgspec
from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.lab.autosave import Autosaver
from bplab.lab.by_hand import as_reached
from bplab.lab.course import Leg
from bplab.lab.experiment import Experiment, load_experiment, read_experiment
from bplab.lab.problem import Problem, make_problem
from bplab.lab.project import SUFFIX, Project
from bplab.lab.record import RunRecord
from bplab.lab.run import Run
from bplab.lab.saved_runs import RunInfo, SavedRun
from bplab.lab.unsaved import create_copy, create_unsaved, discard, is_unsaved

from .session import Session

FIRST = "circle"
"""The example that a first start shows."""
EXPERIMENT_SUFFIX = ".json"


class Documents(QObject):
    """The open document of a session; there always is one."""

    changed = Signal()
    """Another document, another name, or saved or not has changed."""
    switched = Signal()
    """Another file, or an earlier state of it: its runs are others."""
    failed = Signal(str)
    """Keeping the document does not work at the moment; one sentence."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Start with the session's experiment as a new document."""
        super().__init__(parent)
        self._session = session
        self._project = create_unsaved(session.experiment)
        self._autosaver = self._keeper(self._project)
        self._kept: tuple[Run | None, int] = (None, 0)
        self._was_modified = False
        self.recovered = False
        """True if the file was opened with work in it that nobody had saved."""
        self._copied = ""
        """The name of the project of which this is a copy to look at; empty if it is none."""
        session.experiment_changed.connect(self._on_experiment_changed)
        session.run_changed.connect(self._on_run_moved)
        session.ticked.connect(self._on_run_moved)

    # -- what is open -----------------------------------------------------------------------------------

    @property
    def path(self) -> Path | None:
        """The document's file; None as long as it has no name."""
        return None if is_unsaved(self._project) else self._project.path

    @property
    def name(self) -> str:
        """What the title calls it: the file's name, or the experiment's."""
        if self.path is not None:
            return self.path.stem
        return f"{self._copied} – read-only copy" if self._copied else self._session.experiment.name

    @property
    def modified(self) -> bool:
        """True if there is something that has not been saved."""
        project, run = self._project, self._session.run
        trained = run is not None and run.updates > 0 and (run, run.updates) != self._kept
        return trained or project.modified or self._session.experiment != project.saved

    # -- opening ----------------------------------------------------------------------------------------

    def new(self, experiment: Experiment | None = None) -> None:
        """A document without a name, of ``experiment`` or the first example."""
        experiment = experiment or msgspec.structs.replace(load_experiment(FIRST), name="Untitled")
        make_problem(experiment)
        self._switch(create_unsaved(experiment))

    def open_example(self, name: str) -> None:
        """A document without a name that begins as a built-in example."""
        self.new(load_experiment(name))

    def open(self, path: Path) -> None:
        """A project, or a new document that begins as an experiment file."""
        if path.suffix.lower() == EXPERIMENT_SUFFIX:
            self.new(read_experiment(path))
            return
        if self.path is not None and path.absolute() == self.path.absolute():
            return
        project = Project.open(path)
        try:
            make_problem(project.working)
        except InputError as error:
            project.close()
            raise InputError(f"{path.name}: {error}") from None
        self._switch(project)

    def open_copy(self, path: Path) -> None:
        """A copy of a project that another window has open, as it is now; nothing here ever reaches its file."""
        copy = create_copy(path)
        try:
            make_problem(copy.working)
        except InputError as error:
            copy.close()
            discard(copy.path)
            raise InputError(f"{path.name}: {error}") from None
        self._switch(copy, copied=path.stem)

    def _switch(self, project: Project, copied: str = "") -> None:
        self._session.end_run()
        self._close_project(keep=False)
        self._project, self._autosaver = project, self._keeper(project)
        self._copied = copied
        self.recovered = project.modified and not is_unsaved(project)
        self._kept = (None, 0)
        self.switched.emit()
        self._session.open(project.working)
        self._show_latest_run()
        self.changed.emit()

    def _show_latest_run(self) -> None:
        for info in reversed(self._project.runs()):
            try:
                saved = self._project.load_run(info.id)
                run = _taken_up(saved, make_problem(saved.experiment))
            except InputError:
                continue  # begun, but nothing kept of it; or damaged: the one before it is the latest to be seen
            self._adopt(run, saved)
            return

    def revert(self) -> None:
        """Back to what was saved."""
        self._session.end_run()
        self._autosaver.close()
        self._project.revert()
        self._autosaver = self._keeper(self._project)
        self.recovered, self._kept = False, (None, 0)
        self.switched.emit()
        self._session.open(self._project.working)
        self._show_latest_run()
        self.changed.emit()

    # -- runs -------------------------------------------------------------------------------------------

    def runs(self) -> list[RunInfo]:
        """The document's runs as they have been kept, oldest first."""
        return self._project.runs()

    def shown_run(self) -> int | None:
        """The id of the run on view."""
        run = self._session.run
        return self._autosaver.id_of(run) if run is not None else None

    def show_run(self, run_id: int) -> None:
        """Look at an earlier run: its experiment (one undo step) and its record; training can go on from there."""
        self._autosaver.flush()
        saved = self._project.load_run(run_id)
        problem = make_problem(saved.experiment)
        self._session.end_run()  # first: an edit of the rate or of a penalty alone would be told to the run on view
        run = _taken_up(saved, problem)
        self._session.edit(as_reached(saved.experiment, saved.record), f"Show run {run_id}")
        self._adopt(run, saved)

    def record_of(self, run_id: int) -> RunRecord:
        """The rows of any run of the document; ``InputError`` if they cannot be read."""
        return self._project.load_run(run_id).record

    def last_leg(self, run_id: int) -> tuple[Leg, Experiment] | None:
        """What a fork's parent trained up to the fork, and what the fork trains; None for a run that is no fork."""
        return self._project.last_leg(run_id)

    def keep_run(self) -> int | None:
        """Write the run on view now; its id, None if it cannot be written."""
        with contextlib.suppress(InputError):
            self._flush()
        return self.shown_run()

    def _adopt(self, run: Run, saved: SavedRun) -> None:
        self._autosaver.adopt(run, saved.info.id)
        self._kept = (run, saved.updates)
        self._session.adopt(run)

    # -- saving -----------------------------------------------------------------------------------------

    def save(self) -> None:
        """Make what is open what is saved; only for a document with a name."""
        run = self._flush()
        self._project.save()
        self._kept, self.recovered = run, False
        self._announce()

    def save_as(self, path: Path) -> None:
        """Give the document a name, or another one; it goes on under that."""
        if path.suffix.lower() != SUFFIX:
            path = path.with_name(path.name + SUFFIX)
        if self.path is not None and path.absolute() == self.path.absolute():
            self.save()
            return
        kept = self._flush()
        old, run, run_id = self._project, self._session.run, self.shown_run()
        copy = old.save_as(path)
        self._close_project(keep=False)
        self._project, self._autosaver, self._copied = copy, self._keeper(copy), ""
        if run is not None and run_id is not None:
            self._autosaver.adopt(run, run_id)
        self._kept, self.recovered = kept, False
        self._announce()

    def _flush(self) -> tuple[Run | None, int]:
        run = self._session.run
        kept = (run, run.updates if run is not None else 0)
        self._autosaver.note_edit(self._session.experiment)
        if run is not None:
            self._autosaver.note_run(run)
        self._autosaver.flush()
        return kept

    # -- leaving ----------------------------------------------------------------------------------------

    def close(self, *, keep: bool) -> None:
        """End the run and give the file free. Without ``keep``, what was not saved goes; with it, all is there
        when the document is opened again, or offered when bplab starts again.
        """
        self._session.close()
        self._close_project(keep)

    def _close_project(self, keep: bool) -> None:
        """Never fails: what cannot be taken out of the file now is offered again when the file is opened."""
        self._autosaver.close()
        project = self._project
        unsaved = is_unsaved(project)
        if not keep and not unsaved:
            with contextlib.suppress(InputError):
                project.revert()
        project.close()
        if not keep and unsaved:
            with contextlib.suppress(InputError):
                discard(project.path)

    # -- following --------------------------------------------------------------------------------------

    def _keeper(self, project: Project) -> Autosaver:
        return Autosaver(project, on_error=self.failed.emit)

    def _on_experiment_changed(self) -> None:
        self._autosaver.note_edit(self._session.experiment)
        self._announce()

    def _on_run_moved(self) -> None:
        run = self._session.run
        if run is not None:
            self._autosaver.note_run(run)
        if not self._was_modified:
            self._announce()

    def _announce(self) -> None:
        self._was_modified = self.modified
        self.changed.emit()


def _taken_up(saved: SavedRun, problem: Problem) -> Run:
    course = saved.origin, saved.waypoints
    return Run(saved.experiment, problem, saved.record, saved.checkpoint, saved.updates, *course)
