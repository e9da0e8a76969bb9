"""A run put down anywhere and taken up again is the run that was never interrupted, to the bit."""

from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Circle
from bplab.engine import Adam, Dense, Momentum, Tanh
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.packing import record_to_bytes
from bplab.lab.project import Project
from bplab.lab.record import RunRecord
from bplab.lab.run import Run, RunState
from bplab.lab.runner import Runner, SavePoint, train_to_end

SECONDS = 30.0
PLANNED = 350
LONG = Experiment(
    data=Circle(samples=130),
    network=NetworkDesign((Dense(3, Tanh()), Dense(1, Tanh()))),
    training=TrainingPlan(optimizer=Adam(learning_rate=0.01), batch_size=10, epochs=50),
)


def packed(record: RunRecord) -> bytes:
    """Everything in a record but the time it took."""
    twin = record.copy()
    twin.seconds = 0.0
    return record_to_bytes(twin)


def taken_up(experiment: Experiment, point: SavePoint) -> Runner:
    runner = Runner(experiment, point.record, point.checkpoint)
    assert runner.replay_to(point.updates)
    return runner


@given(
    stops=st.lists(st.integers(0, PLANNED), max_size=4),
    changes=st.dictionaries(st.integers(0, PLANNED), st.sampled_from([0.0, 0.003, 0.02, 0.1]), max_size=4),
    capacity=st.sampled_from([4, 16, 4096]),
)
def test_a_run_taken_up_at_any_updates_is_the_one_never_put_down(
    stops: list[int], changes: dict[int, float], capacity: int
) -> None:
    whole, parts = Runner(LONG), Runner(LONG)
    whole.record.capacity = parts.record.capacity = capacity
    for at in range(PLANNED + 1):
        if at in changes:
            whole.set_learning_rate(changes[at])
            parts.set_learning_rate(changes[at])
        for _ in range(stops.count(at)):
            parts = taken_up(LONG, parts.save_point())
            parts.record.capacity = capacity
        if at < PLANNED:
            whole.advance(1)
            parts.advance(1)
    assert np.array_equal(parts.network.parameters, whole.network.parameters)
    assert np.array_equal(parts.trainer.slots, whole.trainer.slots)
    assert parts.trainer.clock.rate == whole.trainer.clock.rate
    assert packed(parts.record) == packed(whole.record)
    assert np.array_equal(parts.summary().update_ratio, whole.summary().update_ratio)


@pytest.mark.parametrize("stop", [1, 137, 222, 523])
def test_window_shell_and_a_resumed_project_give_the_same_bits(iris: Experiment, tmp_path: Path, stop: int) -> None:
    shell = train_to_end(iris)
    with Run(iris) as window:
        window.play()
        assert window.wait_idle(SECONDS)
    with Run(iris) as first, Project.create(tmp_path / "iris.bplab", iris) as project:
        first.step(stop)
        assert first.wait_idle(SECONDS)
        run_id = project.add_run(iris)
        project.update_run(run_id, first.save_point(), first.state.value)
    with Project.open(tmp_path / "iris.bplab") as project:
        saved = project.load_run(run_id)
    with Run(saved.experiment, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates) as resumed:
        resumed.play()
        assert resumed.wait_idle(SECONDS)
        assert resumed.state is RunState.FINISHED
    for run in (window, resumed):
        assert np.array_equal(run.latest().parameters, shell.network.parameters)
        assert packed(run.record) == packed(shell.record)


def test_a_rate_changed_in_the_window_is_repeated_where_it_was_changed(circle: Experiment) -> None:
    with Run(circle) as run:
        for rate, updates in ((0.1, 33), (0.01, 20), (0.2, 41)):
            run.set_learning_rate(rate)
            run.step(updates)
            assert run.wait_idle(SECONDS)
        run.set_learning_rate(0.5)
        run.step(1)
        assert run.wait_idle(SECONDS)
        point = run.save_point()
        run.step(100)
        assert run.wait_idle(SECONDS)
    with Run(circle, record=point.record, checkpoint=point.checkpoint, updates=point.updates) as again:
        again.step(100)
        assert again.wait_idle(SECONDS)
        assert np.array_equal(again.latest().parameters, run.latest().parameters)
        assert again.record.events == run.record.events


def test_a_save_point_taken_while_training_leads_to_the_same_run(circle: Experiment) -> None:
    plan = msgspec.structs.replace(circle.training, epochs=100_000_000, optimizer=Momentum())
    long = msgspec.structs.replace(circle, training=plan)
    points: list[SavePoint] = []
    with Run(long) as run:
        run.play()
        while len(points) < 20:
            if not points or run.updates > points[-1].updates + 150:
                points.append(run.save_point())
    for point in points[::4]:
        again, expected = taken_up(long, point), train_to_end(long, point.updates)
        assert again.updates == point.updates
        assert np.array_equal(again.network.parameters, expected.network.parameters)
        assert packed(again.record) == packed(expected.record)


def test_a_finished_run_is_finished_when_it_is_taken_up(circle: Experiment) -> None:
    point = train_to_end(circle).save_point()
    with Run(circle, record=point.record, checkpoint=point.checkpoint, updates=point.updates) as run:
        assert run.wait_idle(SECONDS)
        assert run.state is RunState.FINISHED


def test_a_diverged_run_is_diverged_when_it_is_taken_up(runaway: Experiment) -> None:
    runner = train_to_end(runaway)
    point = runner.save_point()
    with Run(runaway, record=point.record, checkpoint=point.checkpoint, updates=point.updates) as run:
        assert run.wait_idle(SECONDS)
        assert (run.state, run.updates) == (RunState.DIVERGED, runner.updates)
        assert run.record.divergence == runner.record.divergence
        assert np.array_equal(run.latest().parameters, runner.network.parameters)


def test_a_run_that_is_still_being_repeated_is_kept_as_far_as_it_was(circle: Experiment) -> None:
    runner = train_to_end(circle, 10)
    far = 7 * 2**40  # further than it will get here
    with Run(circle, record=runner.record, checkpoint=runner.checkpoints.newest(), updates=far) as run:
        point = run.save_point()
        assert (point.updates, point.epochs) == (far, 2**40)


def test_a_step_asked_for_while_a_run_is_still_being_repeated_comes_after_it(circle: Experiment) -> None:
    runner = train_to_end(circle, 600)
    first = runner.checkpoints.nearest(0)
    with Run(circle, record=runner.record.copy(), checkpoint=first, updates=600) as run:
        run.step(3)
        assert run.wait_idle(SECONDS)
        assert run.updates == 603
    assert np.array_equal(run.latest().parameters, train_to_end(circle, 603).network.parameters)


def test_stopping_ends_a_repetition_too(circle: Experiment) -> None:
    runner = train_to_end(circle, 10)
    run = Run(circle, record=runner.record, checkpoint=runner.checkpoints.newest(), updates=2**52)
    run.stop()
    assert run.join(SECONDS)
