"""Autosave: what was noted is on the disk after a flush, newest only, and nobody waits for it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bplab.engine import InputError
from bplab.lab.autosave import Autosaver
from bplab.lab.experiment import Experiment
from bplab.lab.project import Project
from bplab.lab.run import Run
from bplab.lab.runner import SavePoint

SECONDS = 30.0
NEVER = 1e6


def named(experiment: Experiment, name: str) -> Experiment:
    return msgspec.structs.replace(experiment, name=name)


def trained(run: Run, updates: int) -> None:
    run.step(updates)
    assert run.wait_idle(SECONDS)


@pytest.fixture
def project(tmp_path: Path, circle: Experiment) -> Iterator[Project]:
    with Project.create(tmp_path / "work.bplab", circle) as project:
        yield project


@pytest.fixture
def endless(circle: Experiment) -> Experiment:
    plan = msgspec.structs.replace(circle.training, epochs=100_000_000)
    return msgspec.structs.replace(circle, training=plan)


def test_an_edit_is_in_the_file_after_a_flush(project: Project, circle: Experiment) -> None:
    with Autosaver(project) as autosaver:
        autosaver.note_edit(named(circle, "Edited"))
        autosaver.flush()
        assert project.working.name == "Edited"


def test_edits_that_wait_are_replaced_by_newer_ones(
    project: Project, circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    started, go_on = threading.Event(), threading.Event()

    def slow(experiment: Experiment) -> None:
        started.set()
        assert go_on.wait(SECONDS)
        written.append(experiment.name)

    monkeypatch.setattr(project, "set_working", slow)
    with Autosaver(project) as autosaver:
        autosaver.note_edit(named(circle, "First"))
        assert started.wait(SECONDS)
        for number in range(100):
            autosaver.note_edit(named(circle, f"Number {number}"))
        go_on.set()
        autosaver.flush()
    assert written == ["First", "Number 99"]


def test_a_run_becomes_a_run_of_the_project_at_its_first_update(project: Project, circle: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as run:
        autosaver.note_run(run)
        autosaver.flush()
        assert (project.runs(), autosaver.id_of(run)) == ([], None)
        trained(run, 5)
        autosaver.note_run(run)
        autosaver.flush()
        assert [(info.id, info.updates, info.state) for info in project.runs()] == [(1, 5, "paused")]
        assert autosaver.id_of(run) == 1


def test_two_runs_are_kept_apart(project: Project, circle: Experiment, iris: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as one, Run(iris) as other:
        for run, updates in ((one, 5), (other, 7), (one, 3)):
            trained(run, updates)
            autosaver.note_run(run)
            autosaver.flush()
        assert [(info.name, info.updates) for info in project.runs()] == [("Circle", 8), ("Iris", 7)]


def test_a_run_at_rest_is_written_at_once(project: Project, circle: Experiment) -> None:
    written = threading.Event()
    update_run = project.update_run

    def noted(run_id: int, point: SavePoint, state: str) -> None:
        update_run(run_id, point, state)
        written.set()

    project.update_run = noted  # type: ignore[method-assign]
    with Autosaver(project, run_seconds=NEVER) as autosaver, Run(circle) as run:
        for updates in (5, 10):
            trained(run, 5)
            written.clear()
            autosaver.note_run(run)
            assert written.wait(SECONDS)
            assert project.runs()[0].updates == updates


def test_a_run_in_training_is_written_again_when_its_time_has_come_or_at_a_flush(
    project: Project, endless: Experiment
) -> None:
    with Autosaver(project, run_seconds=NEVER) as autosaver, Run(endless) as run:
        trained(run, 1)
        autosaver.note_run(run)
        autosaver.flush()
        run.play()
        while run.updates < 10:
            autosaver.note_run(run)
        assert project.runs()[0].updates == 1
        reached = run.updates
        autosaver.flush()
        assert project.runs()[0].updates >= reached
        assert project.runs()[0].state == "paused"


def test_a_run_in_training_is_written_when_its_time_has_come_without_a_flush(
    project: Project, endless: Experiment
) -> None:
    written = threading.Semaphore(0)
    update_run = project.update_run

    def noted(run_id: int, point: SavePoint, state: str) -> None:
        update_run(run_id, point, state)
        written.release()

    project.update_run = noted  # type: ignore[method-assign]
    with Autosaver(project, run_seconds=0.05) as autosaver, Run(endless) as run:
        trained(run, 1)
        run.play()
        for _ in range(3):
            autosaver.note_run(run)
            assert written.acquire(timeout=SECONDS)


def test_what_has_not_changed_is_not_written_again(project: Project, circle: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as run:
        trained(run, 5)
        for _ in range(2):
            autosaver.note_run(run)
            autosaver.note_edit(circle)
            autosaver.flush()
            project.save()
        autosaver.note_run(run)
        autosaver.flush()
        assert not project.modified


def test_a_rate_changed_at_rest_is_kept(project: Project, circle: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as run:
        trained(run, 5)
        autosaver.note_run(run)
        autosaver.flush()
        run.runner.set_learning_rate(0.5)
        autosaver.note_run(run)
        autosaver.flush()
        assert [event.value for event in project.load_run(1).record.events] == [0.5]


def test_the_end_of_a_run_is_kept(project: Project, circle: Experiment, runaway: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as run, Run(runaway) as diverging:
        for each in (run, diverging):
            each.play()
            assert each.wait_idle(SECONDS)
            autosaver.note_run(each)
        autosaver.flush()
        assert [info.state for info in project.runs()] == ["finished", "diverged"]


def test_an_adopted_run_goes_on_in_its_place_and_only_when_it_moves(project: Project, circle: Experiment) -> None:
    with Autosaver(project) as autosaver, Run(circle) as run:
        trained(run, 20)
        autosaver.note_run(run)
    project.save()
    saved = project.load_run(1)
    with (
        Autosaver(project) as autosaver,
        Run(circle, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates) as run,
    ):
        autosaver.adopt(run, 1)
        assert run.wait_idle(SECONDS)
        autosaver.note_run(run)
        autosaver.flush()
        assert not project.modified
        trained(run, 1)
        autosaver.note_run(run)
        autosaver.flush()
        assert [(info.id, info.updates) for info in project.runs()] == [(1, 21)]


def test_closing_writes_what_waits(project: Project, circle: Experiment) -> None:
    with Run(circle) as run:
        trained(run, 5)
        autosaver = Autosaver(project, run_seconds=NEVER)
        autosaver.note_edit(named(circle, "Edited"))
        autosaver.note_run(run)
        autosaver.close()
    assert (project.working.name, [info.updates for info in project.runs()]) == ("Edited", [5])
    with pytest.raises(InputError, match=r"^work\.bplab is no longer kept"):
        autosaver.flush()


def test_what_is_kept_while_training_is_one_moment_of_the_run(project: Project, endless: Experiment) -> None:
    with Autosaver(project, run_seconds=0.0) as autosaver, Run(endless) as run:
        run.play()
        while run.updates < 2_000:
            autosaver.note_run(run)
        autosaver.flush()
    saved = project.load_run(1)
    assert saved.checkpoint.updates <= saved.updates
    assert saved.record.last("step") == saved.checkpoint.updates
    with Run(endless, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates) as again:
        assert again.wait_idle(SECONDS)
    with Run(endless) as expected:
        trained(expected, saved.updates)
    assert np.array_equal(again.latest().parameters, expected.latest().parameters)
