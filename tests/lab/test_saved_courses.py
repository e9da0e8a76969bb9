"""Files of the first version still open, and a course that was tampered with is told of in one sentence."""

import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from bplab.engine import InputError
from bplab.lab.experiment import Experiment
from bplab.lab.fork import fork
from bplab.lab.project import Project
from bplab.lab.replay import restored
from bplab.lab.run import Run
from bplab.lab.runner import train_to_end

SECONDS = 30.0


def change(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


@pytest.fixture
def old(tmp_path: Path, circle: Experiment) -> Path:
    """A file as the first version wrote it, with one run."""
    path = tmp_path / "old.bplab"
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), train_to_end(circle, 50).save_point(), "paused")
    change(path, "DROP TABLE leg", "DROP TABLE waypoint", "PRAGMA user_version = 1")
    return path


@pytest.fixture
def kept(tmp_path: Path, circle: Experiment) -> Path:
    """A file with a fork in it."""
    path, parent = tmp_path / "fork.bplab", train_to_end(circle, 60)
    with fork(parent, restored(parent, 40), circle, 5) as child, Project.create(path, circle) as project:
        child.step(20)
        assert child.wait_idle(SECONDS)
        project.update_run(project.add_run(circle, child.runner.origin), child.save_point(), "paused")
    return path


def test_a_file_of_the_first_version_is_read_as_it_is_and_brought_up_to_date_when_opened_for_writing(old: Path) -> None:
    before = old.read_bytes()
    with Project.open(old, read_only=True) as project:
        assert (project.load_run(1).origin, project.load_run(1).waypoints) == (None, ())
        assert project.runs()[0].branch is None
    assert old.read_bytes() == before
    with Project.open(old) as project:
        saved = project.load_run(1)
        with Run(saved.experiment, None, saved.record, saved.checkpoint, saved.updates) as run:
            run.step(30)
            assert run.wait_idle(SECONDS)
            project.update_run(1, run.save_point(), "paused")
        assert project.load_run(1).waypoints
    with Project.open(old, read_only=True) as project:
        assert project.runs()[0].updates == 80


def test_states_over_the_whole_run_are_kept_with_it_so_that_early_updates_come_soon(
    tmp_path: Path, circle: Experiment
) -> None:
    runner = train_to_end(circle)
    with Project.create(tmp_path / "p.bplab", circle) as project:
        run_id = project.add_run(circle)
        for _ in range(2):
            project.update_run(run_id, runner.save_point(), "finished")
        saved = project.load_run(run_id)
    moments = [state.updates for state in saved.waypoints]
    assert moments[0] == 0
    assert 16 <= len(moments) <= 33
    assert max(np.diff([*moments, runner.updates])) <= runner.updates / 8
    for state in saved.waypoints[::5]:
        assert np.array_equal(state.parameters, train_to_end(circle, state.updates).network.parameters)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM leg", "its course is damaged"),
        ("DELETE FROM waypoint WHERE leg = 1", "where it was forked off is not kept"),
        ("DELETE FROM waypoint WHERE leg = 0", "where it was forked off is not kept"),
        ("UPDATE leg SET until = 41", "where it was forked off is not kept"),
        ("UPDATE leg SET until = -1", "its course is damaged"),
        ("UPDATE leg SET number = 3", "its course is damaged"),
        ("UPDATE leg SET blas_threads = 1000000", "its course is damaged"),
        ("UPDATE leg SET events = x'00'", "what was changed by hand is damaged"),
        ("UPDATE leg SET experiment = '{}'", "object missing required field"),
        ("UPDATE waypoint SET state = x'00'", "a checkpoint is damaged"),
        ("UPDATE waypoint SET updates = updates + 1", "its course is damaged"),
        ("UPDATE waypoint SET leg = 9 WHERE leg = 1", "its course is damaged"),
    ],
)
def test_a_damaged_course_is_refused(kept: Path, statement: str, said: str) -> None:
    change(kept, statement)
    with Project.open(kept) as project, pytest.raises(InputError) as error:
        project.load_run(1)
    assert str(error.value).startswith("run 1: ")
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_course_too_large_to_be_ours_is_not_even_read(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bplab.lab.saved_courses.MAX_BYTES", 1_000)
    with Project.open(kept) as project, pytest.raises(InputError, match="larger than any that bplab writes"):
        project.load_run(1)
