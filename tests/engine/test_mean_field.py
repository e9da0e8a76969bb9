"""Mean-field theory of one layer: integrals against closed forms, fixed points against published ones."""

import math

import numpy as np
import pytest

from bplab.engine import (
    SELU,
    Activation,
    Gaussian,
    Identity,
    ReLU,
    Sine,
    Tanh,
    depth_scale,
    fixed_point,
    response,
)

ELEMENTWISE = {name: kind() for name, kind in Activation.members().items() if kind.elementwise}
VARIANCES = np.array([1e-12, 0.3, 1.0, 9.0, 400.0])
PRINTED = {"abs": 0.5e-3}
"""Three decimals of a figure."""


def test_relu_answers_to_half_of_a_gaussian():
    found = response(ReLU(), 0.0, VARIANCES)
    np.testing.assert_allclose(found.mean, np.sqrt(VARIANCES / (2 * np.pi)), rtol=1e-12)
    np.testing.assert_allclose(found.mean_square, VARIANCES / 2, rtol=1e-12)
    for half in (found.slope, found.slope_square, found.saturated):
        np.testing.assert_allclose(half, 0.5, rtol=1e-12)


@pytest.mark.parametrize("frequency", [1.0, 30.0])
def test_a_sine_answers_as_the_characteristic_function_of_a_gaussian_says(frequency):
    variances = np.array([0.01, 0.3, 1.0])
    found = response(Sine(frequency), 0.4, variances)
    faded = np.exp(-2 * frequency**2 * variances) * np.cos(0.8 * frequency)
    np.testing.assert_allclose(found.mean_square, (1 - faded) / 2, rtol=1e-9)
    np.testing.assert_allclose(found.slope_square, frequency**2 * (1 + faded) / 2, rtol=1e-9)
    wave = np.sin(0.4 * frequency) * np.exp(-(frequency**2) * variances / 2)
    np.testing.assert_allclose(found.mean, wave, rtol=1e-9, atol=1e-10)


def test_a_bump_answers_as_the_product_of_two_gaussians_says():
    found = response(Gaussian(), 0.0, VARIANCES)
    np.testing.assert_allclose(found.mean, 1 / np.sqrt(1 + 2 * VARIANCES), rtol=1e-10)
    np.testing.assert_allclose(found.mean_square, 1 / np.sqrt(1 + 4 * VARIANCES), rtol=1e-10)


def test_identity_keeps_mean_and_variance():
    found = response(Identity(), [-2.0, 0.0, 3.0], [1.0, 4.0, 0.0])
    np.testing.assert_allclose(found.mean, [-2, 0, 3], rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(found.mean_square, [5, 4, 9], rtol=1e-12)


def test_tanh_saturates_as_often_as_a_gaussian_leaves_the_interval_of_large_slopes():
    edge = math.acosh(math.sqrt(20))  # 1/cosh² is 5 % there
    expected = [math.erfc(edge / math.sqrt(2 * variance)) for variance in VARIANCES]
    np.testing.assert_allclose(response(Tanh(), 0.0, VARIANCES).saturated, expected, rtol=1e-9, atol=1e-18)


@pytest.mark.parametrize("activation", ELEMENTWISE.values(), ids=ELEMENTWISE)
@pytest.mark.parametrize(("mean", "variance"), [(0.0, 1.0), (0.7, 0.1), (-1.0, 9.0)])
def test_the_means_of_every_activation_are_those_of_a_fine_sum(activation, mean, variance):
    t = np.linspace(-9, 9, 360_001)
    weights = np.exp(-0.5 * t**2)
    weights /= weights.sum()
    z = mean + math.sqrt(variance) * t
    f, slope = activation.f(z), activation.df(z)
    sums = [weights @ values for values in (f, f**2, slope, slope**2, np.abs(slope) < 0.05 * activation.steepest)]
    np.testing.assert_allclose(np.ravel(response(activation, mean, variance)), sums, rtol=2e-5, atol=2e-5)


def test_a_variance_of_0_is_the_activation_at_the_mean():
    found = response(Tanh(), [0.5], [0.0])
    assert found.mean[0] == pytest.approx(math.tanh(0.5), rel=1e-12)
    assert found.slope_square[0] == pytest.approx((1 - math.tanh(0.5) ** 2) ** 2, rel=1e-12)


# -- fixed points --------------------------------------------------------------------------------------


def critical_weight_variance(bias_variance):
    """σw² of tanh layers at which χ₁ is 1, between order and chaos."""
    low, high = 0.5, 5.0
    for _ in range(50):
        middle = (low + high) / 2
        chi1 = fixed_point(Tanh(), middle, bias_variance).chi1
        low, high = (middle, high) if chi1 < 1.0 else (low, middle)
    return high


@pytest.mark.parametrize(("bias_variance", "weight_variance"), [(0.05, 1.761), (0.3, 2.505)])
def test_tanh_is_critical_where_schoenholz_found_it(bias_variance, weight_variance):
    assert critical_weight_variance(bias_variance) == pytest.approx(weight_variance, **PRINTED)


def test_tanh_without_biases_is_critical_at_weight_variance_1():
    assert fixed_point(Tanh(), 1.0) == fixed_point(Tanh(), 1.0, start=0.01)
    at, above = fixed_point(Tanh(), 1.0), fixed_point(Tanh(), 1.01)
    assert (at.mean_square, at.chi1, at.depth_scale) == (0.0, pytest.approx(1.0, rel=1e-12), math.inf)
    assert fixed_point(Tanh(), 0.99).chi1 == pytest.approx(0.99, rel=1e-9)
    assert above.mean_square > 0.0
    assert above.chi1 > 1.0


@pytest.mark.parametrize(
    ("weight_variance", "chi1", "depth"), [(1.3, 0.880, 7.8), (1.7, 0.987, 75.0), (2.5, 1.134, 8.0)]
)
def test_errors_in_tanh_layers_reach_as_deep_as_schoenholz_found(weight_variance, chi1, depth):
    found = fixed_point(Tanh(), weight_variance, 0.05)
    assert found.chi1 == pytest.approx(chi1, **PRINTED)
    assert found.depth_scale == pytest.approx(depth, abs=0.5 if depth > 10 else 0.05)


@pytest.mark.parametrize(("spread", "mean_square", "chi1"), [(1.3, 0.607, 0.940), (2.5, 4.079, 1.585)])
def test_tanh_layers_settle_where_poole_found_them(spread, mean_square, chi1):
    for start in (1e-3, 1.0, 100.0):
        found = fixed_point(Tanh(), spread**2, 0.3**2, start=start)
        assert found.mean_square == pytest.approx(mean_square, **PRINTED)
        assert found.chi1 == pytest.approx(chi1, **PRINTED)


def test_relu_is_critical_exactly_at_weight_variance_2_without_biases():
    kept = fixed_point(ReLU(), 2.0, start=0.37)
    assert (kept.mean_square, kept.chi1, kept.depth_scale) == (0.37, pytest.approx(1.0, rel=1e-12), math.inf)
    assert fixed_point(ReLU(), 2.0, 1e-4) is None
    assert fixed_point(ReLU(), 2.01) is None
    fading = fixed_point(ReLU(), 1.9)
    assert (fading.mean_square, fading.chi1) == (0.0, pytest.approx(0.95, rel=1e-12))
    assert fixed_point(ReLU(), 1.9, 0.1).mean_square == pytest.approx(2.0, rel=1e-9)  # q = 0.95·q + 0.1


def test_selu_settles_at_mean_0_and_variance_1():
    at_one = response(SELU(), 0.0, 1.0)
    assert at_one.mean[0] == pytest.approx(0.0, abs=1e-12)
    for start in (0.2, 4.0):
        assert fixed_point(SELU(), 1.0, start=start).mean_square == pytest.approx(1.0, rel=1e-9)


def test_a_fixed_point_maps_to_itself_with_biases_of_any_mean():
    found = fixed_point(Tanh(), 1.6, 0.04, bias_mean=0.5)
    variance = found.mean_square - 0.25
    again = 1.6 * response(Tanh(), 0.5, variance).mean_square[0] + 0.04
    assert again == pytest.approx(variance, rel=1e-12)


@pytest.mark.parametrize(
    ("chi1", "scale"), [(1.0, math.inf), (0.0, 0.0), (math.exp(-0.1), 10.0), (math.exp(0.25), 4.0)]
)
def test_the_depth_scale_is_the_layers_in_which_a_square_changes_by_e(chi1, scale):
    assert depth_scale(chi1) == pytest.approx(scale, rel=1e-12)


@pytest.mark.parametrize("spread", [0.0, 0.01, 1.0, 3.0])
@pytest.mark.parametrize("activation", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_many_variances_are_answered_as_each_by_itself(activation, spread):
    variances = 0.7 * np.exp(np.random.default_rng(0).uniform(-spread / 2, spread / 2, 128))
    together = response(activation, 0.3, variances)
    alone = [response(activation, 0.3, variance) for variance in variances[:5]]
    for ours, theirs in zip(together, zip(*alone, strict=True), strict=True):
        np.testing.assert_allclose(ours[:5], np.concatenate(theirs), rtol=1e-9, atol=1e-12)
