"""Targets as the output layer can reach them, and accuracy read back from outputs."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Circle, Digits, Iris, Plane
from bplab.engine import (
    ELU,
    GELU,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    HardTanh,
    Hinge,
    Identity,
    LeakyReLU,
    Loss,
    MeanSquaredError,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from bplab.engine.activations import Activation
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.problem import PROBE_SAMPLES, Problem, TargetCode, layer_names, make_problem, target_code


def problem_of(data: object, units: int, activation: object, loss: object = None, dtype: str = "float64") -> Problem:
    plan = TrainingPlan(loss=loss or HalfSquaredError(), dtype=dtype)  # type: ignore[arg-type]
    return make_problem(Experiment(data, NetworkDesign((Dense(units, activation),)), plan))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("activation", "loss", "units", "low"),
    [
        (Tanh(), HalfSquaredError(), 1, -1.0),
        (Tanh(), MeanSquaredError(), 2, -1.0),
        (Identity(), HalfSquaredError(), 1, -1.0),
        (LeakyReLU(), HalfSquaredError(), 1, -1.0),
        (ELU(), HalfSquaredError(), 1, -1.0),
        (ELU(), HalfSquaredError(), 2, -1.0),
        (ELU(0.5), HalfSquaredError(), 1, 0.0),
        (Identity(), HalfSquaredError(), 2, 0.0),
        (GELU(), HalfSquaredError(), 1, 0.0),
        (SiLU(), HalfSquaredError(), 2, 0.0),
        (HardTanh(), HalfSquaredError(), 2, -1.0),
        (ReLU6(), HalfSquaredError(), 1, 0.0),
        (Tanh(), Hinge(), 2, -1.0),
        (Sigmoid(), Hinge(), 1, 0.0),
        (Sigmoid(), HalfSquaredError(), 1, 0.0),
        (Softmax(), HalfSquaredError(), 2, 0.0),
        (ReLU(), HalfSquaredError(), 1, 0.0),
        (Softplus(), HalfSquaredError(), 1, 0.0),
        (Sigmoid(), BinaryCrossEntropy(), 1, 0.0),
        (Tanh(), BinaryCrossEntropy(), 1, 0.0),
        (Softmax(), CrossEntropy(), 2, 0.0),
    ],
)
def test_two_classes_are_written_with_levels_that_output_and_loss_can_reach(
    activation: Activation, loss: Loss, units: int, low: float
) -> None:
    problem = problem_of(Circle(), units, activation, loss)
    assert problem.code == TargetCode(2, units, low)
    assert set(np.unique(problem.train_targets)) == {low, 1.0}


def test_one_unit_says_the_second_class_with_its_high_level() -> None:
    problem = problem_of(Circle(), 1, Tanh())
    classes = problem.split.train_targets
    assert np.array_equal(problem.train_targets[:, 0], np.where(classes == 1, 1.0, -1.0))


def test_several_classes_are_written_one_unit_each() -> None:
    problem = problem_of(Iris(), 3, Softmax(), CrossEntropy())
    assert problem.train_targets.shape == (len(problem.train_inputs), 3)
    assert np.array_equal(problem.train_targets, np.eye(3)[problem.split.train_targets])


@given(
    st.integers(2, 12).flatmap(
        lambda classes: st.tuples(
            st.just(classes),
            st.sampled_from([1, 2] if classes == 2 else [classes]),
            st.sampled_from([-1.0, 0.0]),
            st.lists(st.integers(0, classes - 1), min_size=1, max_size=30),
        )
    )
)
def test_every_class_is_read_back_from_its_target(case: tuple[int, int, float, list[int]]) -> None:
    classes, units, low, labels = case
    code = TargetCode(classes, units, low)
    assert code.decode(code.encode(np.array(labels))).tolist() == labels


def test_the_border_of_one_unit_lies_half_way_between_its_levels() -> None:
    outputs = np.array([[0.49], [0.51]])
    assert TargetCode(2, 1, 0.0).decode(outputs).tolist() == [0, 1]
    assert TargetCode(2, 1, -1.0).decode(outputs - 0.5).tolist() == [0, 1]


def test_accuracy_is_the_share_of_samples_in_the_right_class() -> None:
    problem = problem_of(Iris(), 3, Softmax(), CrossEntropy())
    targets = np.eye(3)[[0, 1, 2, 2]]
    outputs = np.array([[0.9, 0.1, 0.0], [0.1, 0.2, 0.7], [0.0, 0.0, 1.0], [0.3, 0.3, 0.4]])
    assert problem.accuracy(outputs, targets) == 0.75
    assert problem.share_right(outputs, np.array([0, 1, 2, 2])) == 0.75
    assert problem.accuracy(outputs[:0], targets[:0]) is None
    assert problem.confusion(outputs, targets).tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 2]]


def test_regression_has_numbers_as_targets_and_no_accuracy() -> None:
    problem = problem_of(Plane(), 1, Identity())
    assert problem.code is None
    assert np.array_equal(problem.train_targets, problem.split.train_targets)
    assert problem.accuracy(problem.train_targets, problem.train_targets) is None
    with pytest.raises(TypeError):
        problem.confusion(problem.train_targets, problem.train_targets)
    with pytest.raises(TypeError):
        problem.share_right(problem.train_targets, np.zeros(3, np.int64))


def test_the_probe_samples_are_the_first_training_samples() -> None:
    problem = problem_of(Digits(), 10, Softmax(), CrossEntropy())
    assert len(problem.probe_inputs) == len(problem.probe_targets) == PROBE_SAMPLES
    assert np.array_equal(problem.probe_inputs, problem.train_inputs[:PROBE_SAMPLES])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_samples_have_the_numbers_of_the_plan(dtype: str) -> None:
    problem = problem_of(Circle(), 1, Tanh(), dtype=dtype)
    arrays = (problem.train_inputs, problem.train_targets, problem.test_inputs, problem.test_targets)
    assert {str(values.dtype) for values in arrays} == {dtype}


def test_a_regression_has_no_code() -> None:
    experiment = Experiment(Plane(), NetworkDesign((Dense(1, Tanh()),)))
    assert target_code(experiment, experiment.data.describe()) is None


def test_layers_are_named_h1_h2_and_out() -> None:
    assert layer_names([0, 0, 0]) == ["h1", "h2", "out"]
    assert layer_names([0]) == ["out"]


def test_an_unbounded_output_of_several_units_aims_at_zero_and_one() -> None:
    assert math.isinf(Identity.low)
    code = problem_of(Iris(), 3, Identity()).code
    assert code is not None
    assert code.low == 0.0
