"""Regression in one input: the curves, and the noise about them."""

import numpy as np
import pytest

from bplab.data import CurveDataset, Dataset, Polynomial, Sine, Step

CURVES = [kind for kind in Dataset.members().values() if issubclass(kind, CurveDataset)]


@pytest.mark.parametrize("kind", CURVES)
def test_without_noise_the_targets_are_the_curve_and_stay_within_one(kind):
    samples = kind(noise=0.0, samples=2000).load()
    x, targets = samples.inputs[:, 0], samples.targets[:, 0]
    np.testing.assert_array_equal(targets, kind().curve(x))
    assert np.abs(targets).max() <= 1 + 1e-12
    assert targets.max() > 0.99
    assert targets.min() < -0.99


@pytest.mark.parametrize("kind", CURVES)
def test_points_fill_the_range_from_minus_six_to_six_without_holes(kind):
    x = kind(samples=300).load().inputs[:, 0]
    assert -6 <= x.min() < -5.96
    assert 5.96 < x.max() <= 6
    assert np.diff(x).min() > 0
    assert np.diff(x).max() < 2 * 12 / 300


@pytest.mark.parametrize("kind", CURVES)
def test_noise_is_the_deviation_of_the_targets_about_the_curve_and_moves_the_same_points(kind):
    clean, weak, strong = (kind(samples=5000, noise=noise).load() for noise in (0.0, 0.1, 0.3))
    assert clean.inputs.tobytes() == strong.inputs.tobytes()
    np.testing.assert_allclose(strong.targets - clean.targets, 3 * (weak.targets - clean.targets), atol=1e-12)
    assert np.std(strong.targets - clean.targets) == pytest.approx(0.3, rel=5 / np.sqrt(2 * 5000))


def test_a_sine_has_as_many_waves_as_asked_for():
    x = np.linspace(-6, 6, 100_001)
    values = Sine(periods=3).curve(x)
    rising = np.count_nonzero((values[:-1] < 0) & (values[1:] >= 0))
    assert rising == 3
    assert values[0] == pytest.approx(0, abs=1e-12)
    assert values[-1] == pytest.approx(0, abs=1e-12)


def test_one_step_jumps_in_the_middle():
    values = Step().curve(np.array([-6.0, -1e-9, 1e-9, 6.0]))
    assert values.tolist() == [-1, -1, 1, 1]


@pytest.mark.parametrize("steps", [1, 2, 3, 8])
def test_a_stair_has_its_jumps_evenly_spread_and_of_one_height(steps):
    x = np.linspace(-6, 6, 100_001)
    values = Step(steps=steps).curve(x)
    jumps = np.flatnonzero(np.diff(values))
    np.testing.assert_allclose(x[jumps], -6 + 12 * np.arange(1, steps + 1) / (steps + 1), atol=2e-4)
    np.testing.assert_allclose(np.diff(values)[jumps], 2 / steps)


def test_polynomials_are_those_of_chebyshev_over_the_range():
    x = np.linspace(-6, 6, 101)
    np.testing.assert_allclose(Polynomial(degree=1).curve(x), x / 6, atol=1e-12)
    np.testing.assert_allclose(Polynomial(degree=3).curve(x), 4 * (x / 6) ** 3 - 3 * (x / 6), atol=1e-12)
    swings = np.diff(np.sign(np.diff(Polynomial(degree=9).curve(np.linspace(-6, 6, 10_001)))))
    assert np.count_nonzero(swings) == 8


@pytest.mark.parametrize("kind", CURVES)
def test_a_curve_is_a_regression_from_one_input_to_one_number(kind):
    shape = kind().describe()
    assert (shape.inputs, shape.outputs, shape.classes, shape.plane, shape.image) == (1, 1, 0, False, None)
