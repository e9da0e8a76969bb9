"""Shuffling, dividing and scaling samples."""

import numpy as np
import pytest

from bplab.data import Csv, Digits, Iris, Samples
from bplab.data.splitting import Scale, divide, size_of_test_part


def samples_of(inputs: np.ndarray, targets: np.ndarray | None = None) -> Samples:
    targets = np.zeros((len(inputs), 1)) if targets is None else targets
    names = tuple(f"column {index}" for index in range(inputs.shape[1]))
    return Samples(inputs, targets, "regression", (), names)


@pytest.mark.parametrize(
    ("samples", "fraction", "count"),
    [(500, 0.5, 250), (5, 0.5, 3), (150, 0.3, 45), (1797, 0.2, 359), (4, 0.0, 0), (4, 0.01, 1), (4, 0.99, 3)],
)
def test_a_test_part_is_the_nearest_whole_number_and_leaves_something_to_train_on(samples, fraction, count):
    assert size_of_test_part(samples, fraction) == count


def test_scaling_is_fitted_on_the_training_part_alone():
    random = np.random.default_rng(0)
    raw = samples_of(random.normal(5, 3, (200, 3)))
    plain, scaled = divide(raw, 0, 0.4), divide(raw, 0, 0.4, standardize=True)
    mean, deviation = plain.train_inputs.mean(axis=0), plain.train_inputs.std(axis=0)
    np.testing.assert_allclose(scaled.train_inputs, (plain.train_inputs - mean) / deviation, atol=1e-14)
    np.testing.assert_allclose(scaled.test_inputs, (plain.test_inputs - mean) / deviation, atol=1e-14)
    np.testing.assert_allclose(scaled.train_inputs.mean(axis=0), 0, atol=1e-14)
    np.testing.assert_allclose(scaled.train_inputs.std(axis=0), 1, atol=1e-14)


def test_what_the_test_part_holds_does_not_move_the_training_part():
    random = np.random.default_rng(1)
    inputs = random.normal(size=(50, 2))
    plain = divide(samples_of(inputs), 0, 0.5)
    changed = inputs.copy()
    changed[np.isin(inputs[:, 0], plain.test_inputs[:, 0])] *= 1000
    first = divide(samples_of(inputs), 0, 0.5, standardize=True)
    second = divide(samples_of(changed), 0, 0.5, standardize=True)
    assert first.train_inputs.tobytes() == second.train_inputs.tobytes()
    assert not np.allclose(first.test_inputs, second.test_inputs)


@pytest.mark.parametrize("value", [0.0, 0.1, -1e100, 1e-300])
def test_a_constant_column_becomes_zero(value):
    columns = np.full((1000, 1), value)
    Scale.fitted(columns).apply(columns)
    assert not columns.any()


def test_a_column_too_narrow_for_a_deviation_stays_finite():
    columns = np.array([[1e-200], [2e-200], [3e-200]])
    Scale.fitted(columns).apply(columns)
    assert np.isfinite(columns).all()


def test_a_constant_training_column_leaves_the_test_part_its_distance():
    inputs = np.array([[1.0]] * 9 + [[3.0]])
    for seed in range(20):
        split = divide(samples_of(inputs), seed, 0.2, standardize=True)
        if 3.0 in divide(samples_of(inputs), seed, 0.2).test_inputs:
            assert not split.train_inputs.any()
            assert sorted(split.test_inputs.ravel()) == [0.0, 2.0]
            return
    pytest.fail("no seed put the odd row into the test part")


def test_a_regression_target_is_scaled_on_request_and_by_the_training_part():
    targets = np.random.default_rng(2).normal(100, 20, (80, 1))
    raw = samples_of(np.arange(160.0).reshape(80, 2), targets)
    plain, scaled = divide(raw, 0, 0.25), divide(raw, 0, 0.25, standardize_target=True)
    mean, deviation = plain.train_targets.mean(), plain.train_targets.std()
    np.testing.assert_allclose(scaled.train_targets, (plain.train_targets - mean) / deviation, atol=1e-14)
    np.testing.assert_allclose(scaled.test_targets, (plain.test_targets - mean) / deviation, atol=1e-14)


def test_class_indices_are_never_scaled(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("1,a\n2,b\n3,a\n4,b\n", encoding="utf-8")
    split = Csv(path=str(path), standardize_target=True).split()
    assert sorted([*split.train_targets, *split.test_targets]) == [0, 0, 1, 1]


def test_the_samples_themselves_are_left_as_they_are():
    inputs = np.arange(20.0).reshape(10, 2)
    divide(samples_of(inputs), 0, 0.5, standardize=True, standardize_target=True)
    np.testing.assert_array_equal(inputs, np.arange(20.0).reshape(10, 2))


def test_the_shuffle_mixes_samples_that_come_class_by_class():
    for dataset in (Iris(), Digits()):
        split = dataset.split()
        assert set(split.train_targets) == set(split.test_targets) == set(range(len(split.class_names)))
