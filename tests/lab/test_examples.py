"""The examples keep what they promise, whatever the seed."""

import msgspec
import numpy as np
import pytest

from bplab.lab.experiment import Experiment, NetworkDesign, example_names, load_experiment
from bplab.lab.runner import Runner, train_to_end
from bplab.resources import resource

SEEDS = range(5)


def trained(name: str, seed: int) -> Runner:
    experiment = load_experiment(name)
    plan = msgspec.structs.replace(experiment.training, seed=seed)
    return train_to_end(msgspec.structs.replace(experiment, training=plan))


def test_there_are_eight_examples_and_each_stands_beside_what_it_answers() -> None:
    assert example_names() == [
        "circle", "spiral", "digits", "digits-conv", "iris", "vanishing", "deep-skips", "dead-relu",
    ]  # fmt: skip


def test_every_example_has_a_name_for_people_and_is_laid_out_for_them() -> None:
    names = [load_experiment(name).name for name in example_names()]
    assert len(set(names)) == len(names)
    assert "Untitled" not in names
    for name in example_names():
        lines = resource("examples", f"{name}.json").read_text(encoding="utf-8").splitlines()
        assert len(lines) > 15
        assert max(len(line) for line in lines) <= 140


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    ("name", "accuracy"),
    [("circle", 0.95), ("spiral", 0.97), ("digits", 0.96), ("digits-conv", 0.97), ("iris", 0.93), ("deep-skips", 0.99)],
)
def test_what_should_be_learned_is_learned(name: str, accuracy: float, seed: int) -> None:
    tested = trained(name, seed).summary().test_accuracy
    assert tested is not None
    assert tested >= accuracy


@pytest.mark.parametrize("seed", SEEDS)
def test_the_vanishing_example_stalls_because_its_first_errors_have_vanished(seed: int) -> None:
    runner = trained("vanishing", seed)
    delta = runner.record.last("delta_rms")
    assert runner.summary().train_loss > 0.69
    assert delta[0] < 1e-3 * delta[-1]
    assert np.all(np.diff(delta) > 0)


def test_filters_read_digits_better_than_98_percent() -> None:
    tested = train_to_end(load_experiment("digits-conv")).summary().test_accuracy
    assert tested is not None
    assert tested >= 0.98


@pytest.mark.parametrize("seed", SEEDS)
def test_the_deep_example_learns_because_of_its_skips_alone(seed: int) -> None:
    experiment, vanishing = load_experiment("deep-skips"), load_experiment("vanishing")
    assert len(experiment.network.layers) == 20
    assert (experiment.data, experiment.training) == (vanishing.data, vanishing.training)
    plan = msgspec.structs.replace(experiment.training, seed=seed, epochs=40)
    layers = tuple(msgspec.structs.replace(layer, skip=None) for layer in experiment.network.layers)
    bare = msgspec.structs.replace(experiment, network=NetworkDesign(layers), training=plan)
    runner = train_to_end(bare)
    delta = runner.record.last("delta_rms")
    assert delta[0] < 1e-12 * delta[-1]
    assert runner.summary().train_loss > 0.69
    first = train_to_end(msgspec.structs.replace(experiment, training=plan), 1).record.column("delta_rms")[0]
    assert first[0] > 1e-2 * first[-1]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_dead_relu_example_stalls_because_a_whole_layer_has_died_on_the_way(seed: int) -> None:
    runner = trained("dead-relu", seed)
    dead = runner.record.column("dead")
    assert dead[0, 2] < 10
    assert dead[-1, 2] == 10
    assert runner.summary().train_loss > 0.49
    assert runner.record.divergence is None
    assert np.all(runner.record.last("weight_gradient_rms")[:3] == 0)


def test_every_example_can_be_run_by_its_name() -> None:
    for name in example_names():
        assert isinstance(load_experiment(name), Experiment)
        assert train_to_end(load_experiment(name), 3).updates == 3
