"""A project: one file NAME.bplab with the experiment as saved, as worked on, and the runs made from it.

Every change is on the disk when the method that makes it returns, so a crash loses nothing that was done through
here. "Saved" and "working" stand side by side in the file: saving makes them equal, and opening a project after a
crash gives both.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bplab.engine import InputError

from .course import Leg, Origin
from .database import WAIT_SECONDS, InUseError, connect, explained, number, transaction, typed
from .experiment import MAX_FILE_BYTES, Experiment, experiment_from_json, experiment_to_json
from .files import replacing
from .runner import SavePoint
from .saved_runs import RunInfo, RunTable, SavedRun, packed

SUFFIX = ".bplab"
WASTE_BYTES = 8 * 2**20
"""Empty space in the file is given back at the next save if it is more than this, and more than half."""

_SAVE = ("UPDATE document SET saved = working, changed = 0", "UPDATE run SET kept = 1 WHERE kept = 0")


class Project:
    """An open project file. Make one with :meth:`create` or :meth:`open`, end with :meth:`close`.

    It can be used from any thread, one call at a time. While it is open for writing, another window or process
    that opens the file is told so (``InUseError``). Every method raises ``InputError`` with one sentence when the
    file cannot be read or written, and then nothing has changed.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path.absolute()
        self.read_only = read_only
        self._connection = connection
        self._lock = threading.RLock()
        self._runs = RunTable(connection)
        self._place = _place(path)
        self._saved, self._working, self._changed = self._read_document()

    @classmethod
    def create(cls, path: Path, experiment: Experiment, *, overwrite: bool = False) -> Project:
        """A new project, open, with ``experiment`` both saved and working.

        ``InputError`` if there is such a file already, unless it may be overwritten; it is then replaced in one step.
        """
        if path.exists() and not overwrite:
            raise InputError(f"{path.name} exists already")
        text = experiment_to_json(experiment)
        with _taking_the_place_of(path) as temporary, explained(path.name):
            connection = connect(temporary, writable=True, new=True, name=path.name)
            try:
                connection.execute("INSERT INTO document VALUES (1, ?, ?, 0)", (text, text))
            finally:
                connection.close()
        return cls.open(path)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, wait: float = WAIT_SECONDS) -> Project:
        """Open a project; ``InputError`` if there is none, it is damaged, foreign, too new, or open elsewhere.

        The experiments in it are well formed, but may name a CSV file that is gone: ``experiment.checked()`` tells.
        ``read_only`` does without the right to write, and sees the file as it is at this moment. ``wait`` is how
        many seconds somebody else may have who is having a look at the file.
        """
        connection = connect(path, writable=not read_only, wait=wait)
        try:
            with explained(path.name):
                return cls(path, connection, read_only=read_only)
        except BaseException:
            connection.close()
            raise

    # -- the experiment ---------------------------------------------------------------------------------

    @property
    def saved(self) -> Experiment:
        """The experiment as last saved."""
        return self._saved

    @property
    def working(self) -> Experiment:
        """The experiment as last worked on."""
        return self._working

    @property
    def modified(self) -> bool:
        """True if experiment or runs are not as they were at the last save."""
        with self._lock:
            return self._changed or self._working != self._saved

    def set_working(self, experiment: Experiment) -> None:
        """Keep an edit."""
        with self._lock:
            with self._writing():
                self._connection.execute("UPDATE document SET working = ?", (experiment_to_json(experiment),))
            self._working = experiment

    def save(self) -> None:
        """What is working and the runs so far become what is saved."""
        with self._lock:
            with self._writing():
                for statement in _SAVE:
                    self._connection.execute(statement)
            self._saved, self._changed = self._working, False
            self._give_back_space()

    def revert(self) -> None:
        """Back to what is saved: the edits since then go, and the runs begun since then.

        A saved run that has gone on since stays as it is now.
        """
        with self._lock:
            with self._writing():
                self._connection.execute("UPDATE document SET working = saved, changed = 0")
                self._runs.delete_unsaved()
            self._working, self._changed = self._saved, False

    def save_as(self, path: Path) -> Project:
        """A complete copy at ``path``, saved and open; this project stays open, as it was.

        An existing file there is replaced in one step. ``InputError`` if it is open in a window, or if it is this
        project's own file.
        """
        if _place(path) == self._place:
            raise InputError(f"{path.name} is the project's own file")
        with _taking_the_place_of(path) as temporary:
            with self._lock, explained(path.name), _between_reads(self._connection):
                self._connection.execute("VACUUM INTO ?", (str(temporary),))
            copy = connect(temporary, writable=True, name=path.name)
            try:
                with explained(path.name), transaction(copy):
                    for statement in _SAVE:
                        copy.execute(statement)
            finally:
                copy.close()
        return Project.open(path)

    # -- the runs ---------------------------------------------------------------------------------------

    def runs(self) -> list[RunInfo]:
        """The runs, oldest first."""
        with self._reading():
            return self._runs.infos()

    def add_run(self, experiment: Experiment, origin: Origin | None = None) -> int:
        """Enter a new run of ``experiment``; returns its id, which no other run of this project will ever have.

        A fork comes with its ``origin``, ``run.runner.origin``.
        """
        with self._changing_runs():
            return self._runs.add(experiment, origin)

    def update_run(self, run_id: int, point: SavePoint, state: str) -> None:
        """Keep how far a run has come: ``run.save_point()`` and ``run.state.value``."""
        packets = packed(point)
        with self._changing_runs():
            self._runs.update(run_id, point, packets, state)

    def load_run(self, run_id: int) -> SavedRun:
        """Everything about one run; ``InputError`` if nothing of it was kept, it is damaged, or lacks its data."""
        with self._reading():
            return self._runs.load(run_id)

    def last_leg(self, run_id: int) -> tuple[Leg, Experiment] | None:
        """What a fork's parent trained up to the fork, without states, and what the fork trains; None for no fork."""
        with self._reading():
            return self._runs.last_leg(run_id)

    def set_note(self, run_id: int, text: str) -> None:
        """What its maker thinks of a run, at most 10,000 characters."""
        with self._changing_runs():
            self._runs.set_note(run_id, text)

    def close(self) -> None:
        """Give the file free. Nothing is written: all of it has been already."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    # -- underneath -------------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock, explained(self.path.name):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._lock, explained(self.path.name):
            if self.read_only:
                raise InputError(f"{self.path.name} was opened for reading only")
            if _place(self.path) != self._place:
                raise InputError(f"{self.path.name} was moved or deleted while it was open; save it under a new name")
            with transaction(self._connection):
                yield

    @contextmanager
    def _changing_runs(self) -> Iterator[None]:
        with self._lock:
            with self._writing():
                yield
                self._connection.execute("UPDATE document SET changed = 1 WHERE changed = 0")
            self._changed = True

    def _read_document(self) -> tuple[Experiment, Experiment, bool]:
        sizes = self._connection.execute("SELECT length(saved), length(working) FROM document").fetchone()
        if sizes is None or max(sizes) > MAX_FILE_BYTES:
            raise InputError(f"{self.path.name} is damaged: its experiment is missing or too long")
        saved, working, changed = self._connection.execute("SELECT saved, working, changed FROM document").fetchone()
        try:
            experiments = [experiment_from_json(typed(text, str, "its experiment")) for text in (saved, working)]
        except InputError as error:
            raise InputError(f"{self.path.name}: {error}") from None
        return experiments[0], experiments[1], bool(changed)

    def _give_back_space(self) -> None:
        with suppress(InputError), self._lock, explained(self.path.name):
            pages = number(self._connection, "PRAGMA page_count")
            empty = number(self._connection, "PRAGMA freelist_count")
            if 2 * empty > pages and empty * number(self._connection, "PRAGMA page_size") > WASTE_BYTES:
                self._connection.execute("VACUUM")


@contextmanager
def _taking_the_place_of(path: Path) -> Iterator[Path]:
    """A temporary that becomes the project ``path``; ``InputError`` if what is there is open in a window."""
    if path.is_file():
        try:
            connect(path, writable=True, wait=0.0).close()  # also settles what a crash has left beside it
        except InUseError:
            raise
        except InputError:
            pass  # not a project; whoever asks knows that it will be replaced
    with replacing(path) as temporary:
        try:
            yield temporary
            _beside(path).unlink(missing_ok=True)
        finally:
            with suppress(OSError):
                _beside(temporary).unlink(missing_ok=True)


def _beside(path: Path) -> Path:
    """SQLite's journal: taken for the new file's own, it would undo changes that were never made to it."""
    return path.with_name(path.name + "-journal")


@contextmanager
def _between_reads(connection: sqlite3.Connection) -> Iterator[None]:
    """Outside the one transaction in which a project opened for reading only does all its reading."""
    reading = connection.in_transaction
    if reading:
        connection.execute("COMMIT")
        connection.execute("PRAGMA query_only=OFF")  # it would keep a copy, too, from being written
    try:
        yield
    finally:
        if reading:
            connection.execute("PRAGMA query_only=ON")
            connection.execute("BEGIN")


def _place(path: Path) -> tuple[int, int] | None:
    """Which file a path leads to, whatever its name."""
    try:
        state = path.stat()
    except OSError:
        return None
    return state.st_dev, state.st_ino
