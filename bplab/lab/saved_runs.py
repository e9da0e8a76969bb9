"""The runs inside a project file: a line each for lists, and beside it the save point to go on from."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, cast, get_args

import numpy as np

from bplab.engine import InputError, TrainingState

from .course import Leg, Origin
from .database import number, typed
from .experiment import MAX_FILE_BYTES, Experiment, experiment_from_json, experiment_to_json
from .packing import (
    MAX_BYTES,
    check_distance,
    checkpoint_from_bytes,
    checkpoint_to_bytes,
    record_from_bytes,
    record_to_bytes,
)
from .record import Branch, RunRecord
from .runner import SavePoint
from .saved_courses import CourseTable

MAX_RUNS = 1_000
MAX_NOTE = 10_000

KeptState = Literal["paused", "finished", "diverged", "failed"]

_INFO = (
    "id, updates, substr(name, 1, 200), substr(created, 1, 20), substr(note, 1, 10000), state, epochs, "
    "loss, test_loss, accuracy"
)
_BRANCH = (
    "(SELECT parent FROM leg WHERE run = id ORDER BY number DESC LIMIT 1), "
    "(SELECT until FROM leg WHERE run = id ORDER BY number DESC LIMIT 1)"
)


@dataclass(frozen=True)
class RunInfo:
    """A line in the list of runs."""

    id: int
    updates: int
    name: str
    created: str
    """UTC, ``2025-01-31T12:00:00Z``."""
    note: str
    state: KeptState
    """A run that was training when it was kept is ``paused``."""
    epochs: float
    loss: float | None
    """Mean batch loss at the latest row of its record; None before its first update was kept."""
    test_loss: float | None
    accuracy: float | None
    """On the test samples, or on the probe samples where there are none; None for regression."""
    branch: Branch | None = None
    """Where it was forked off another run; None if it was not."""


@dataclass(frozen=True, eq=False)
class SavedRun:
    """All that is needed to go on: :class:`~bplab.lab.run.Run` takes all of it but ``info``, by the same names."""

    info: RunInfo
    experiment: Experiment
    record: RunRecord
    checkpoint: TrainingState
    updates: int
    origin: Origin | None = None
    waypoints: tuple[TrainingState, ...] = ()


class RunTable:
    """The runs of the project behind ``connection``. Changes belong inside a transaction of the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._courses = CourseTable(connection)

    def infos(self) -> list[RunInfo]:
        """A line for each run, oldest first."""
        rows = self._connection.execute(f"{self._info} ORDER BY id LIMIT ?", (MAX_RUNS,)).fetchall()
        return [_info(row) for row in rows]

    @property
    def _info(self) -> str:
        return f"SELECT {_INFO}, {_BRANCH if self._courses.is_there else 'NULL, NULL'} FROM run"  # noqa: S608  # our own words only

    def add(self, experiment: Experiment, origin: Origin | None = None) -> int:
        """Enter a new run, with its ``origin`` if it is a fork; returns its id, which is never given again."""
        if number(self._connection, "SELECT count(*) FROM run") >= MAX_RUNS:
            raise InputError(f"there are {MAX_RUNS:,} runs in the project already, the most that fit")
        added = self._connection.execute(
            "INSERT INTO run (kept, name, created, state, updates, epochs, note, experiment) "
            "VALUES (0, ?, ?, 'paused', 0, 0, '', ?)",
            (experiment.name, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), experiment_to_json(experiment)),
        )
        assert added.lastrowid is not None
        if origin is not None:
            self._courses.add(added.lastrowid, origin)
        return added.lastrowid

    def update(self, run_id: int, point: SavePoint, packets: tuple[bytes, bytes], state: str) -> None:
        """Keep how far a run has come; ``packets`` is its save point :func:`packed`."""
        state = state if state in get_args(KeptState) else "paused"
        self._change(
            run_id,
            "updates = ?, epochs = ?, state = ?, loss = ?, test_loss = ?, accuracy = ?",
            (point.updates, point.epochs, state, *_figures(point.record)),
        )
        self._connection.execute("INSERT OR REPLACE INTO save_point VALUES (?, ?, ?)", (run_id, *packets))
        self._courses.update(run_id, point.waypoints)

    def set_note(self, run_id: int, text: str) -> None:
        """Write a note beside a run."""
        if len(text) > MAX_NOTE:
            raise InputError(f"a note has at most {MAX_NOTE:,} characters")
        self._change(run_id, "note = ?", (text,))

    def delete_unsaved(self) -> None:
        """Forget the runs begun since the last save."""
        self._courses.delete_unsaved()
        self._connection.execute("DELETE FROM save_point WHERE run IN (SELECT id FROM run WHERE kept = 0)")
        self._connection.execute("DELETE FROM run WHERE kept = 0")

    def load(self, run_id: int) -> SavedRun:
        """Everything about one run."""
        row = self._connection.execute(f"{self._info} WHERE id = ?", (run_id,)).fetchone()
        if row is None:
            raise InputError(f"there is no run {run_id} in the project")
        info = _info(row)
        try:
            return self._load(info)
        except InputError as error:
            raise InputError(f"run {run_id}: {error}") from None

    def last_leg(self, run_id: int) -> tuple[Leg, Experiment] | None:
        """What a fork's parent trained up to the fork, and what the fork trains; None for a run that is no fork."""
        legs = self._courses.legs(run_id)
        row = self._connection.execute(
            "SELECT experiment FROM run WHERE id = ? AND length(experiment) <= ?", (run_id, MAX_FILE_BYTES)
        ).fetchone()
        if not legs or row is None:
            return None
        return legs[-1], experiment_from_json(typed(row[0], str, "its experiment"))

    def _load(self, info: RunInfo) -> SavedRun:
        kept = "FROM run JOIN save_point ON run = id WHERE id = ?"
        sizes = self._connection.execute(
            f"SELECT length(experiment), length(record), length(checkpoint) {kept}", (info.id,)
        ).fetchone()
        if sizes is None:
            raise InputError("it was begun, but nothing of it was kept")
        if sizes[0] > MAX_FILE_BYTES or max(sizes[1:]) > MAX_BYTES:
            raise InputError("it is larger than any that bplab writes")
        text, record, checkpoint = self._connection.execute(
            f"SELECT experiment, record, checkpoint {kept}", (info.id,)
        ).fetchone()
        experiment = experiment_from_json(typed(text, str, "its experiment")).checked()
        state = checkpoint_from_bytes(typed(checkpoint, bytes, "its checkpoint"), experiment)
        origin, waypoints = self._courses.load(info.id, experiment, state)
        rows = record_from_bytes(typed(record, bytes, "its record"), experiment, is_fork=origin is not None)
        rows.branch = origin.branch if origin else None
        updates = max(info.updates, state.updates)
        check_distance(rows, state, updates)
        return SavedRun(info, experiment, rows, state, updates, origin, waypoints)

    def _change(self, run_id: int, assignments: str, values: tuple[object, ...]) -> None:
        changed = self._connection.execute(
            f"UPDATE run SET {assignments} WHERE id = ?", (*values, run_id)  # noqa: S608  # our own words only
        )
        if not changed.rowcount:
            raise InputError(f"there is no run {run_id} in the project")


def packed(point: SavePoint) -> tuple[bytes, bytes]:
    """A save point as the project keeps it: record and checkpoint."""
    return record_to_bytes(point.record), checkpoint_to_bytes(point.checkpoint)


def _figures(record: RunRecord) -> tuple[float | None, float | None, float | None]:
    """Loss, test loss and accuracy at the latest row; None where there is none, or it is not finite."""

    def latest(name: str) -> float | None:
        value = record.last(name)
        return float(value) if value is not None and np.isfinite(value) else None

    tested = latest("test_accuracy")
    return latest("loss"), latest("test_loss"), latest("train_accuracy") if tested is None else tested


def _info(row: tuple[Any, ...]) -> RunInfo:
    what = "the list of runs"
    run_id, updates = (typed(value, int, what) for value in row[:2])
    name, created, note, state = (typed(value, str, what) for value in row[2:6])
    loss, test_loss, accuracy = (None if value is None else typed(value, float, what) for value in row[7:10])
    if state not in get_args(KeptState) or not 0 <= updates < 2**53:
        raise InputError(f"{what} is damaged")
    epochs = typed(row[6], float, what)
    parent, step = (None if value is None else typed(value, int, what) for value in row[10:])
    branch = None if step is None else Branch(parent, step)
    kept = cast(KeptState, state)
    return RunInfo(run_id, updates, name, created, note, kept, epochs, loss, test_loss, accuracy, branch)
