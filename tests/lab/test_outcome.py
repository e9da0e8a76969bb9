"""What is told of a training when it is over."""

import json

import msgspec
import numpy as np

from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.outcome import outcome_of, outcome_text, table
from bplab.lab.runner import train_to_end


def test_the_outcome_has_the_numbers_of_the_summary(iris: Experiment) -> None:
    runner = train_to_end(iris)
    outcome, summary = outcome_of(runner), runner.summary()
    assert (outcome.name, outcome.steps, outcome.epochs) == ("Iris", 525, 35.0)
    assert (outcome.train_loss, outcome.test_loss) == (summary.train_loss, summary.test_loss)
    assert outcome.accuracy == summary.test_accuracy
    assert (outcome.diverged, outcome.seconds) == (False, runner.record.seconds)
    assert [(layer.layer, layer.units, layer.activation) for layer in outcome.layers] == [
        (1, 5, "tanh"),
        (2, 3, "softmax"),
    ]
    assert [layer.delta_rms for layer in outcome.layers] == summary.reading.delta_rms.tolist()
    assert [layer.weight_gradient_rms for layer in outcome.layers] == summary.reading.weight_gradient_rms.tolist()
    assert [layer.update_ratio for layer in outcome.layers] == runner.record.last("update_ratio").tolist()
    assert [layer.dead for layer in outcome.layers] == summary.reading.dead.tolist()
    h1 = summary.reading.saturated[:5]
    assert outcome.layers[0].saturation == np.sum(h1) / (5 * runner.probe.samples)


def test_what_a_layer_does_not_have_is_none_in_the_object_and_a_dash_in_the_text() -> None:
    runner = train_to_end(load_experiment("digits-conv"), 2)
    pooling = outcome_of(runner).layers[1]
    assert (pooling.activation, pooling.saturation, pooling.dead) == (None, None, None)
    assert (pooling.weight_gradient_rms, pooling.update_ratio) == (None, None)
    assert pooling.delta_rms
    lines = [line.split() for line in outcome_text(runner).splitlines()[-5:]]
    assert lines[0][2:6] == ["3×3", "conv", "·", "ReLU"]
    assert lines[1][2:6] == ["max", "pooling", "2×2", "–"]
    assert lines[1][-3:] == ["–", "–", "–"]
    assert lines[3][2] == "relu"


def test_regression_has_no_accuracy_and_no_accuracy_line(plane: Experiment) -> None:
    runner = train_to_end(plane)
    assert outcome_of(runner).accuracy is None
    assert "accuracy" not in outcome_text(runner)


def test_without_test_samples_the_accuracy_is_that_of_the_training_samples(circle: Experiment) -> None:
    alone = msgspec.structs.replace(circle, data=msgspec.structs.replace(circle.data, test_fraction=0.0))
    runner = train_to_end(alone)
    assert outcome_of(runner).accuracy == runner.summary().train_accuracy
    assert outcome_of(runner).test_loss is None
    assert "of the training samples; none are kept to test on" in outcome_text(runner)


def test_the_outcome_of_a_diverged_run_is_json_without_nan(runaway: Experiment) -> None:
    text = msgspec.json.encode(outcome_of(train_to_end(runaway))).decode()

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    assert json.loads(text, parse_constant=refuse)["diverged"] is True


def test_the_text_says_what_was_trained_and_how_it_went(iris: Experiment) -> None:
    lines = outcome_text(train_to_end(iris)).splitlines()
    assert lines[0] == "Iris: iris, 4-5-3, cross-entropy, momentum 0.02, batch 7, seed 0"
    assert "  trained        525 updates (35 epochs)" in lines
    assert lines[-2].split()[:3] == ["h1", "5", "tanh"]
    assert lines[-1].split()[:3] == ["out", "3", "softmax"]


def test_a_table_is_aligned_left_or_right() -> None:
    assert table([("a", "bb", 1), ("ccc", "d", 22)], left=(0, 1)) == ["  a    bb   1", "  ccc  d   22"]


def test_a_number_that_is_not_finite_is_none_in_the_object_and_a_dash_in_the_text(circle: Experiment) -> None:
    runner = train_to_end(circle, 5)
    runner.network.parameters[...] = np.nan
    outcome = outcome_of(runner)
    assert (outcome.train_loss, outcome.layers[0].delta_rms) == (None, None)
    assert json.loads(msgspec.json.encode(outcome))["train_loss"] is None
    assert "training loss  –" in outcome_text(runner)
