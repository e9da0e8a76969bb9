"""One subject whatever the way to it: a runner, a live run's copy, a saved run taken up again."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bplab.data import Circle, Csv, MultiGauss
from bplab.engine import SGD, Dense, Identity, InputError, Momentum, ReLU, Tanh
from bplab.lab.record import RunRecord
from bplab.lab.report import ReportSubject, subject_from, subject_of, subject_of_saved
from bplab.lab.run import Run
from bplab.lab.runner import Runner


@pytest.fixture
def runner(build: Callable[..., Any]) -> Runner:
    """A runner after 300 updates, the rate changed twice."""
    layers = [Dense(5, Tanh()), Dense(1, Tanh())]
    made = Runner(build(Circle(samples=60), layers, optimizer=Momentum(0.02), batch_size=7, epochs=200))
    made.advance(100)
    made.set_learning_rate(0.05)
    made.advance(150)
    made.set_learning_rate(0.01)
    made.advance(50)
    return made


def assert_same(one: ReportSubject, other: ReportSubject) -> None:
    """Both tell the same, to the bit."""
    assert np.array_equal(one.network.parameters, other.network.parameters)
    assert one.rows.keys() == other.rows.keys()
    assert all(np.array_equal(one.rows[name], other.rows[name], equal_nan=True) for name in one.rows)
    for name in ("updates", "epochs", "train_loss", "test_loss", "train_accuracy", "test_accuracy"):
        assert getattr(one.summary, name) == getattr(other.summary, name)
    assert np.array_equal(one.summary.reading.delta_rms, other.summary.reading.delta_rms, equal_nan=True)
    assert np.array_equal(one.summary.update_ratio, other.summary.update_ratio)
    assert (one.events, one.divergence, one.planned_updates) == (other.events, other.divergence, other.planned_updates)


def test_a_subject_has_the_numbers_of_the_runners_summary(runner: Runner) -> None:
    summary, subject = runner.summary(), subject_of(runner)
    assert subject.summary.train_loss == summary.train_loss
    assert subject.summary.test_accuracy == summary.test_accuracy
    assert (subject.summary.updates, subject.summary.epochs) == (summary.updates, summary.epochs)
    assert np.array_equal(subject.summary.reading.weight_gradient_rms, summary.reading.weight_gradient_rms)
    assert np.array_equal(subject.summary.update_ratio, summary.update_ratio)
    assert subject.planned_updates == runner.planned_updates
    assert [event.value for event in subject.events] == [0.05, 0.01]


def test_a_subject_does_not_change_when_its_run_goes_on(runner: Runner) -> None:
    subject = subject_of(runner)
    before, rows = subject.network.parameters.copy(), len(subject.rows["step"])
    runner.advance(60)
    assert np.array_equal(subject.network.parameters, before)
    assert len(subject.rows["step"]) == rows
    assert subject.summary.updates == 300


def test_a_saved_run_is_replayed_to_where_it_stood(runner: Runner) -> None:
    point = runner.save_point()
    saved = subject_of_saved(runner.experiment, point.record, runner.checkpoints.nearest(120), point.updates)
    assert_same(saved, subject_of(runner))


def test_a_saved_run_that_diverged_still_says_so(build: Callable[..., Any]) -> None:
    layers = [Dense(8, ReLU()), Dense(1, Identity())]
    runner = Runner(build(MultiGauss(samples=60), layers, optimizer=SGD(500.0)))
    runner.advance(50)
    assert runner.record.divergence is not None
    point = runner.save_point()
    assert_same(subject_of_saved(runner.experiment, point.record, point.checkpoint, point.updates), subject_of(runner))


def test_a_live_run_is_reported_as_it_was_at_its_snapshot(runner: Runner) -> None:
    parameters, updates, expected = runner.network.parameters.copy(), runner.updates, subject_of(runner)
    runner.advance(80)
    runner.set_learning_rate(0.5)
    runner.advance(1)
    assert_same(subject_from(runner.experiment, runner.record, parameters, updates), expected)


def test_a_run_and_the_shell_hand_on_the_same_subject(runner: Runner) -> None:
    experiment = runner.experiment
    alone = Runner(experiment)
    alone.advance(90)
    with Run(experiment) as run:
        run.step(90)
        assert run.wait_idle(20)
        latest = run.latest()
        live = subject_from(experiment, run.record, latest.parameters, latest.updates)
    assert_same(live, subject_of(alone))


def test_a_saved_run_whose_table_has_gone_is_one_sentence(build: Callable[..., Any], tmp_path: Any) -> None:
    path = tmp_path / "gone.csv"
    path.write_text("a,b\n1,2\n2,3\n3,4\n4,5\n", encoding="utf-8")
    runner = Runner(build(Csv(path=str(path), task="regression"), [Dense(1, Identity())]))
    runner.advance(3)
    point = runner.save_point()
    path.unlink()
    with pytest.raises(InputError, match=r"gone\.csv"):
        subject_of_saved(runner.experiment, point.record, point.checkpoint, point.updates)


def test_saturation_of_a_layer_is_cut_from_the_record(runner: Runner) -> None:
    subject, record = subject_of(runner), runner.record
    assert isinstance(record, RunRecord)
    for layer in (0, 1):
        means = subject.saturated(layer).mean(axis=1)
        np.testing.assert_allclose(means, record.layer_means(record.column("saturated"))[:, layer], rtol=1e-12)
        assert subject.saturation_now(layer).shape == (subject.units[layer],)
