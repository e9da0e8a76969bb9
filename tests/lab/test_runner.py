"""A run's result depends on nothing but its experiment; its record and checkpoints are exact."""

import math
from collections.abc import Callable

import msgspec
import numpy as np
import pytest

from bplab.engine import InputError, Trainer
from bplab.lab.experiment import Experiment, NetworkDesign
from bplab.lab.packing import record_to_bytes
from bplab.lab.problem import make_problem
from bplab.lab.record import RunRecord
from bplab.lab.runner import Runner, run_experiment, train_to_end


class AskingEvery:
    """Asks for attention at every ``n``-th look."""

    def __init__(self, n: int) -> None:
        self._n, self._looks = n, 0

    @property
    def attention(self) -> bool:
        self._looks += 1
        return self._looks % self._n == 0


def packed(record: RunRecord) -> bytes:
    """Everything in a record but the time it took."""
    twin = record.copy()
    twin.seconds = 0.0
    return record_to_bytes(twin)


def losses_of_all_updates(experiment: Experiment, updates: int) -> list[float]:
    """What every batch lost, from the engine alone."""
    problem, plan = make_problem(experiment), experiment.training
    trainer = Trainer(
        experiment.build_network(),
        problem.train_inputs,
        problem.train_targets,
        plan.optimizer,
        plan.batch_size,
        plan.shuffle,
        plan.seed,
    )
    return [trainer.step() for _ in range(updates)]


def test_two_runs_of_one_experiment_have_the_same_bits(iris: Experiment) -> None:
    one, other = train_to_end(iris), train_to_end(iris)
    assert np.array_equal(one.network.parameters, other.network.parameters)
    assert packed(one.record) == packed(other.record)


def test_another_seed_is_another_run(iris: Experiment) -> None:
    other = msgspec.structs.replace(iris, training=msgspec.structs.replace(iris.training, seed=1))
    assert not np.array_equal(train_to_end(iris).network.parameters, train_to_end(other).network.parameters)


def test_the_lab_trains_exactly_as_the_engine_alone(circle: Experiment) -> None:
    runner = train_to_end(circle)
    problem, plan = make_problem(circle), circle.training
    network = circle.build_network()
    trainer = Trainer(
        network, problem.train_inputs, problem.train_targets, plan.optimizer, plan.batch_size, plan.shuffle, plan.seed
    )
    for _ in range(runner.planned_updates):
        trainer.step()
    assert np.array_equal(network.parameters, runner.network.parameters)


@pytest.mark.parametrize("every", [2, 3, 50])
def test_interruptions_change_no_bit_of_network_or_record(circle: Experiment, every: int) -> None:
    whole, parts = train_to_end(circle), Runner(circle)
    asking = AskingEvery(every)
    while parts.updates < parts.planned_updates:
        parts.advance(parts.planned_updates - parts.updates, asking)
    assert np.array_equal(whole.network.parameters, parts.network.parameters)
    assert packed(whole.record) == packed(parts.record)


def test_advance_makes_as_many_updates_as_asked(circle: Experiment) -> None:
    runner = Runner(circle)
    assert [runner.advance(5), runner.advance(1), runner.updates, runner.epochs] == [5, 1, 6, 6 / 7]


def test_a_run_has_a_first_row_before_its_first_update(circle: Experiment) -> None:
    record = Runner(circle).record
    assert record.column("step").tolist() == [0]
    assert record.column("update_ratio").tolist() == [[0.0, 0.0]]


def test_loss_mean_minimum_and_maximum_of_a_row_are_those_of_all_batches_since_the_row_before(
    circle: Experiment, small_records: Callable[[int], None]
) -> None:
    small_records(8)
    runner = train_to_end(circle)
    losses = losses_of_all_updates(circle, runner.planned_updates)
    steps, mean, lowest, highest = runner.record.columns("step", "loss", "loss_min", "loss_max")
    assert len(steps) <= 8
    for row in range(1, len(steps)):
        batch_losses = losses[steps[row - 1] : steps[row]]
        assert lowest[row] == min(batch_losses)
        assert highest[row] == max(batch_losses)
        assert mean[row] == pytest.approx(math.fsum(batch_losses) / len(batch_losses), rel=1e-12)


def test_which_rows_there_are_follows_from_the_number_of_updates_alone(
    circle: Experiment, small_records: Callable[[int], None]
) -> None:
    small_records(8)
    whole, steps = Runner(circle), Runner(circle)
    whole.advance(611)
    for _ in range(611):
        steps.advance(1)
    assert whole.record.column("step").tolist() == steps.record.column("step").tolist()
    assert packed(whole.record) == packed(steps.record)


def test_rows_stand_at_multiples_of_the_stride(circle: Experiment, small_records: Callable[[int], None]) -> None:
    small_records(8)
    record = train_to_end(circle).record
    assert record.column("step").tolist() == [record.stride * row for row in range(len(record))]
    assert 4 < len(record) <= 8


def test_the_update_ratio_of_a_row_is_that_of_the_update_it_follows(circle: Experiment) -> None:
    runner = Runner(circle)
    runner.advance(runner.record.stride - 1)
    before = [weights.copy() for weights in runner.network.weights]
    runner.advance(1)
    after = runner.network.weights
    expected = [
        np.linalg.norm(new - old) / np.linalg.norm(old) for old, new in zip(before, after, strict=True)
    ]
    assert runner.record.last("update_ratio") == pytest.approx(expected, rel=1e-9)


def test_a_rows_test_loss_and_accuracy_are_those_of_the_network_at_that_update(iris: Experiment) -> None:
    runner = Runner(iris)
    runner.advance(3 * runner.record.stride)
    problem, network = runner.problem, runner.network
    assert runner.record.last("test_loss") == pytest.approx(
        network.evaluate(problem.test_inputs, problem.test_targets), rel=1e-12
    )
    outputs = network.predict(problem.test_inputs)
    assert runner.record.last("test_accuracy") == problem.accuracy(outputs, problem.test_targets)
    probe = network.predict(problem.probe_inputs)
    assert runner.record.last("train_accuracy") == problem.accuracy(probe, problem.probe_targets)


def test_regression_has_no_accuracy(plane: Experiment) -> None:
    runner = train_to_end(plane, 10)
    assert np.isnan(runner.record.column("test_accuracy")).all()
    assert runner.summary().test_accuracy is None
    assert runner.summary().train_accuracy is None


def test_without_test_samples_there_is_no_test_loss(circle: Experiment) -> None:
    alone = msgspec.structs.replace(circle, data=msgspec.structs.replace(circle.data, test_fraction=0.0))
    runner = train_to_end(alone, 10)
    assert math.isnan(runner.record.last("test_loss"))
    assert runner.summary().test_loss is None
    assert runner.summary().train_accuracy is not None


def test_the_summary_measures_all_samples(iris: Experiment) -> None:
    runner = train_to_end(iris)
    summary, problem = runner.summary(), runner.problem
    assert summary.updates == runner.planned_updates == 525
    assert summary.epochs == 35
    assert summary.train_loss == runner.network.evaluate(problem.train_inputs, problem.train_targets)
    outputs = runner.network.predict(problem.test_inputs)
    assert summary.test_accuracy == np.mean(outputs.argmax(axis=1) == problem.split.test_targets)


def test_a_diverged_run_names_the_place_and_keeps_the_last_finite_network(runaway: Experiment) -> None:
    runner = train_to_end(runaway)
    divergence = runner.record.divergence
    assert divergence is not None
    assert divergence.step == runner.updates + 1
    assert divergence.sentence.startswith(f"step {divergence.step}: the {divergence.quantity}")
    assert np.isfinite(runner.network.parameters).all()
    assert runner.finished()


def test_the_record_of_a_diverged_run_ends_before_the_divergence(runaway: Experiment) -> None:
    runner = train_to_end(runaway)
    steps, ratios = runner.record.columns("step", "update_ratio")
    assert steps[-1] <= runner.updates
    assert np.isfinite(ratios).all()
    assert runner.checkpoints.newest().updates <= runner.updates


def test_training_ends_at_the_divergence(runaway: Experiment) -> None:
    runner = train_to_end(runaway)
    assert 0 < runner.updates < runner.planned_updates


def test_a_rate_changed_by_hand_counts_from_the_next_update_on_and_is_noted(circle: Experiment) -> None:
    changed, plain = Runner(circle), Runner(circle)
    for runner in (changed, plain):
        runner.advance(10)
    changed.set_learning_rate(0.0)
    held = changed.network.parameters.copy()
    changed.advance(3)
    plain.advance(3)
    assert np.array_equal(changed.network.parameters, held)
    assert not np.array_equal(plain.network.parameters, held)
    assert [(event.updates, event.setting, event.value) for event in changed.record.events] == [
        (10, "learning_rate", 0.0)
    ]


def test_any_earlier_update_can_be_rebuilt_from_the_nearest_checkpoint(iris: Experiment) -> None:
    runner = Runner(iris)
    seen = {}
    for _ in range(iris.training.epochs):
        runner.advance(15)
        seen[runner.updates] = runner.network.parameters.copy()
    for updates, parameters in seen.items():
        nearest = runner.checkpoints.nearest(updates)
        assert nearest.updates <= updates
        again = Runner(iris, runner.record.copy(), nearest)
        assert again.replay_to(updates)
        assert np.array_equal(again.network.parameters, parameters)


def test_watching_changes_no_bit(iris: Experiment) -> None:
    seen: list[int] = []
    watched = train_to_end(iris, watch=lambda runner: seen.append(runner.updates))
    assert packed(watched.record) == packed(run_experiment(iris))
    assert seen == sorted(seen)
    assert seen[-1] == watched.planned_updates


def test_an_experiment_that_cannot_run_is_refused_before_anything_is_trained(circle: Experiment) -> None:
    three = msgspec.structs.replace(circle.network.layers[-1], units=3)
    with pytest.raises(InputError, match=r"^network\.layers\[1\]\.units: the data has 2 classes"):
        Runner(msgspec.structs.replace(circle, network=NetworkDesign((circle.network.layers[0], three))))


def test_a_runner_holds_a_bounded_number_of_rows_and_checkpoints(
    circle: Experiment, small_records: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_records(16)
    monkeypatch.setattr("bplab.lab.checkpoints.MOST", 5)
    runner = Runner(circle)
    for _ in range(40):
        runner.advance(97)
        assert len(runner.record) <= 16
        assert len(runner.checkpoints) <= 5
