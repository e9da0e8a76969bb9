"""The courses of the runs inside a project file: a fork's earlier legs, and the states on every leg.

A fork is kept whole: with the experiments, the changes by hand and some states of all legs before its own. It can be
taken up, and each of its updates restored, whatever becomes of its parents.
"""

from __future__ import annotations

import sqlite3
from itertools import pairwise

from bplab.engine import InputError, TrainingState

from .checkpoints import SPREAD_MOST, spread_of
from .course import MAX_LEGS, Leg, Origin
from .database import number, typed
from .experiment import MAX_FILE_BYTES, Experiment, experiment_from_json, experiment_to_json
from .packing import (
    EVENTS_BYTES,
    MAX_BYTES,
    MAX_THREADS,
    checkpoint_from_bytes,
    checkpoint_to_bytes,
    events_from_bytes,
    events_to_bytes,
)

_MAX_WAYPOINTS = 4 * SPREAD_MOST * MAX_LEGS
_DAMAGED = "its course is damaged"


class CourseTable:
    """Legs and waypoints of the project behind ``connection``. Changes belong inside a transaction of the caller's."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    @property
    def is_there(self) -> bool:
        """False in a file of version 1, which may be open for reading."""
        return number(self._connection, "PRAGMA user_version") > 1

    def add(self, run_id: int, origin: Origin) -> None:
        """Keep where a new run comes from."""
        for place, leg in enumerate(origin.legs):
            self._connection.execute(
                "INSERT INTO leg VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    *(run_id, place, leg.run_id, leg.until, leg.blas_threads),
                    *(events_to_bytes(leg.events), experiment_to_json(leg.experiment)),
                ),
            )
            self._keep(run_id, place, spread_of(leg.states))

    def update(self, run_id: int, states: tuple[TrainingState, ...]) -> None:
        """Keep these states of a run's own leg, and no others."""
        own = self._connection.execute("SELECT count(*) FROM leg WHERE run = ?", (run_id,)).fetchone()[0]
        self._keep(run_id, own, states)

    def _keep(self, run_id: int, leg: int, states: tuple[TrainingState, ...]) -> None:
        there = "FROM waypoint WHERE run = ? AND leg = ?"
        kept = {row[0] for row in self._connection.execute(f"SELECT updates {there}", (run_id, leg))}
        for updates in kept - {state.updates for state in states}:
            self._connection.execute(f"DELETE {there} AND updates = ?", (run_id, leg, updates))
        for state in states:
            if state.updates not in kept:
                row = run_id, leg, state.updates, checkpoint_to_bytes(state)
                self._connection.execute("INSERT INTO waypoint VALUES (?, ?, ?, ?)", row)

    def delete_unsaved(self) -> None:
        """Forget the courses of the runs begun since the last save."""
        for table in ("leg", "waypoint"):
            self._connection.execute(f"DELETE FROM {table} WHERE run IN (SELECT id FROM run WHERE kept = 0)")  # noqa: S608  # our own words only

    def load(
        self, run_id: int, experiment: Experiment, newest: TrainingState
    ) -> tuple[Origin | None, tuple[TrainingState, ...]]:
        """Where a run comes from, if it is a fork, and the states on its own leg, in order."""
        if not self.is_there:
            return None, ()
        legs = self.legs(run_id)
        states = self._states(run_id, [*(leg.experiment for leg in legs), experiment])
        own = states.pop()
        if own and own[-1].updates > newest.updates:
            raise InputError(_DAMAGED)
        if not legs:
            return None, own
        whole = [Leg(leg.experiment, leg.blas_threads, leg.events, kept, leg.until, leg.run_id)
                 for leg, kept in zip(legs, states, strict=True)]  # fmt: skip
        begins = [0, *(leg.until for leg in whole)]
        if any(not kept or kept[0].updates != begin for begin, kept in zip(begins, [*states, own], strict=True)):
            raise InputError("where it was forked off is not kept")
        return Origin(tuple(whole), own[0]), own

    def legs(self, run_id: int) -> list[Leg]:
        """The legs before a run's own, without states; none for a run that is no fork."""
        if not self.is_there:
            return []
        sizes = self._connection.execute(
            "SELECT length(events), length(experiment) FROM leg WHERE run = ? LIMIT ?", (run_id, MAX_LEGS)
        ).fetchall()
        if len(sizes) >= MAX_LEGS or any(size[0] > EVENTS_BYTES or size[1] > MAX_FILE_BYTES for size in sizes):
            raise InputError("it is larger than any that bplab writes")
        found = []
        rows = self._connection.execute(
            "SELECT number, parent, until, blas_threads, events, experiment FROM leg WHERE run = ? ORDER BY number",
            (run_id,),
        ).fetchall()
        for place, (given, parent, until, threads, events, text) in enumerate(rows):
            experiment = experiment_from_json(typed(text, str, _DAMAGED)).checked()
            changes = events_from_bytes(typed(events, bytes, _DAMAGED))
            if given != place or not 1 <= typed(threads, int, _DAMAGED) <= MAX_THREADS:
                raise InputError(_DAMAGED)
            whose = None if parent is None else typed(parent, int, _DAMAGED)
            found.append(Leg(experiment, threads, changes, (), typed(until, int, _DAMAGED), whose))
        ends = [0, *(leg.until for leg in found), 2**53]
        if any(later < earlier for earlier, later in pairwise(ends)):
            raise InputError(_DAMAGED)
        return found

    def _states(self, run_id: int, experiments: list[Experiment]) -> list[tuple[TrainingState, ...]]:
        """The states kept on each leg, in order."""
        sizes = self._connection.execute(
            "SELECT length(state) FROM waypoint WHERE run = ? LIMIT ?", (run_id, _MAX_WAYPOINTS)
        ).fetchall()
        if len(sizes) == _MAX_WAYPOINTS or sum(size for (size,) in sizes) > MAX_BYTES:
            raise InputError("it is larger than any that bplab writes")
        found: list[list[TrainingState]] = [[] for _ in experiments]
        for leg, updates, packet in self._connection.execute(
            "SELECT leg, updates, state FROM waypoint WHERE run = ? ORDER BY leg, updates", (run_id,)
        ):
            if not 0 <= typed(leg, int, _DAMAGED) < len(experiments):
                raise InputError(_DAMAGED)
            state = checkpoint_from_bytes(typed(packet, bytes, _DAMAGED), experiments[leg])
            if state.updates != updates:
                raise InputError(_DAMAGED)
            found[leg].append(state)
        return [tuple(states) for states in found]
