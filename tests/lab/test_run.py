"""The run on its thread: it does what it is told between two updates, and trains as if nobody had looked."""

import math

import msgspec
import numpy as np
import pytest

from bplab.engine import InputError
from bplab.lab.experiment import Experiment
from bplab.lab.packing import record_to_bytes
from bplab.lab.record import RunRecord
from bplab.lab.run import Run, RunState
from bplab.lab.runner import train_to_end

SECONDS = 30.0


def packed(record: RunRecord) -> bytes:
    """Everything in a record but the time it took."""
    twin = record.copy()
    twin.seconds = 0.0
    return record_to_bytes(twin)


def endless(experiment: Experiment) -> Experiment:
    """The same, planned for longer than any test lasts."""
    plan = msgspec.structs.replace(experiment.training, epochs=100_000_000)
    return msgspec.structs.replace(experiment, training=plan)


def test_a_run_waits_to_be_told(circle: Experiment) -> None:
    with Run(circle) as run:
        assert run.wait_idle(SECONDS)
        assert (run.state, run.updates) == (RunState.PAUSED, 0)


def test_a_played_run_ends_as_one_without_a_thread(circle: Experiment) -> None:
    with Run(circle) as run:
        run.play()
        assert run.wait_idle(SECONDS)
        assert run.state is RunState.FINISHED
        parameters = run.latest().parameters
    expected = train_to_end(circle)
    assert np.array_equal(parameters, expected.network.parameters)
    assert packed(run.record) == packed(expected.record)


def test_pauses_steps_snapshots_and_the_frame_gate_change_no_bit(circle: Experiment) -> None:
    with Run(circle) as run:
        for updates in (1, 1, 13, 50):
            run.step(updates)
            assert run.wait_idle(SECONDS)
        for _ in range(10):
            run.play()
            run.ask_for_snapshot()
            with run.held():
                run.latest()
            run.pause()
            assert run.wait_idle(SECONDS)
            if run.updates == run.runner.planned_updates:
                break
        if run.updates < run.runner.planned_updates:
            run.play()
        assert run.wait_idle(SECONDS)
    expected = train_to_end(circle)
    assert np.array_equal(run.latest().parameters, expected.network.parameters)
    assert packed(run.record) == packed(expected.record)


def test_a_step_makes_exactly_its_updates(circle: Experiment) -> None:
    with Run(circle) as run:
        run.step(5)
        assert run.wait_idle(SECONDS)
        assert (run.updates, run.state) == (5, RunState.PAUSED)
        assert (run.latest().updates, run.latest().epoch) == (5, 5 / 7)


def test_a_finished_run_plays_for_as_long_once_more(circle: Experiment) -> None:
    with Run(circle) as run:
        for rounds in (1, 2):
            run.play()
            assert run.wait_idle(SECONDS)
            assert run.updates == rounds * run.runner.planned_updates


def test_pausing_ends_training_between_two_updates(circle: Experiment) -> None:
    with Run(endless(circle)) as run:
        run.play()
        run.ask_for_snapshot()
        run.pause()
        assert run.wait_idle(SECONDS)
        reached = run.updates
        assert run.state is RunState.PAUSED
        assert run.latest().updates == reached
        assert run.updates == reached


def test_playing_is_never_idle(circle: Experiment) -> None:
    for _ in range(50):
        with Run(endless(circle)) as run:
            run.play()
            assert not run.wait_idle(0.0)


def test_stopping_ends_the_thread_in_the_middle_of_training(circle: Experiment) -> None:
    run = Run(endless(circle))
    run.play()
    run.stop()
    assert run.join(SECONDS)
    assert run.state is RunState.STOPPED
    run.play()
    assert run.state is RunState.STOPPED


def test_a_stopped_run_passes_a_closed_gate(circle: Experiment) -> None:
    run = Run(endless(circle))
    run.play()
    with run.held():
        run.stop()
        assert run.join(SECONDS)


def test_a_rate_changed_while_paused_counts_from_the_next_update(circle: Experiment) -> None:
    with Run(circle) as run:
        run.step(10)
        assert run.wait_idle(SECONDS)
        run.set_learning_rate(0.0)
        held = run.latest().parameters
        run.step(5)
        assert run.wait_idle(SECONDS)
        assert np.array_equal(run.latest().parameters, held)
        assert [(event.updates, event.value) for event in run.record.events] == [(10, 0.0)]


def test_a_snapshot_is_a_copy(circle: Experiment) -> None:
    with Run(circle) as run:
        run.step()
        assert run.wait_idle(SECONDS)
        first = run.latest()
        before = first.parameters.copy()
        run.step(20)
        assert run.wait_idle(SECONDS)
        assert np.array_equal(first.parameters, before)
        assert not np.array_equal(run.latest().parameters, before)


def test_a_diverged_run_says_so_and_shows_the_last_finite_network(runaway: Experiment) -> None:
    with Run(runaway) as run:
        run.play()
        assert run.wait_idle(SECONDS)
        assert run.state is RunState.DIVERGED
        assert np.isfinite(run.latest().parameters).all()
        run.play()
        assert run.state is RunState.DIVERGED


def test_an_unexpected_failure_is_kept_for_whoever_looks(
    circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Run(circle) as run:
        assert run.wait_idle(SECONDS)
        failure = RuntimeError("out of luck")

        def fail(*_: object) -> int:
            raise failure

        monkeypatch.setattr(run.runner, "advance", fail)
        run.play()
        assert run.join(SECONDS)
        assert (run.state, run.state_at_rest(), run.error) == (RunState.FAILED, RunState.FAILED, failure)
        assert run.wait_idle(0.0)


@pytest.mark.parametrize("rate", [math.nan, math.inf, -1.0, 1.01e6])
def test_a_learning_rate_that_no_experiment_may_have_is_refused(circle: Experiment, rate: float) -> None:
    with Run(circle) as run:
        with pytest.raises(InputError, match=r"^a learning rate is a number from 0 to 1,000,000, not "):
            run.set_learning_rate(rate)
        run.step(5)
        assert run.wait_idle(SECONDS)
        assert (run.state, run.record.events) == (RunState.PAUSED, [])


# -- goals ----------------------------------------------------------------------------------------------------


def test_a_run_to_a_number_of_updates_pauses_there_and_not_again(circle: Experiment) -> None:
    with Run(circle) as run:
        run.run_to(37)
        assert run.wait_idle(SECONDS)
        assert (run.state, run.updates) == (RunState.PAUSED, 37)
        run.run_to(37)
        run.run_to(12)
        assert run.wait_idle(SECONDS)
        assert run.updates == 37


def test_a_run_until_a_loss_pauses_at_the_first_row_below_it(circle: Experiment) -> None:
    whole = train_to_end(circle).record
    steps, losses = whole.columns("step", "loss")
    goal = float(losses[1:].min() + losses[1]) / 2
    first = int(steps[1:][losses[1:] < goal][0])
    assert 0 < first < whole.last("step")
    for _ in range(2):
        with Run(circle) as run:
            run.run_until(goal)
            assert run.wait_idle(SECONDS)
            assert (run.state, run.updates) == (RunState.PAUSED, first)
            run.play()
            assert run.wait_idle(SECONDS)
            assert run.state is RunState.FINISHED
            assert packed(run.record) == packed(whole)


def test_a_loss_that_is_never_reached_is_trained_for_up_to_the_planned_end(circle: Experiment) -> None:
    with Run(circle) as run:
        run.run_until(0.0)
        assert run.wait_idle(SECONDS)
        assert (run.state, run.updates) == (RunState.FINISHED, run.runner.planned_updates)
