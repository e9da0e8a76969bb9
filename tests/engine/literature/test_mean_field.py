"""Mean field theory (Poole et al. 2016; Schoenholz et al. 2017), measured in layers of finite width.

A layer passes the variance q of its weighted inputs on as q → σw²·E[f(√q·g)²] + σb², and a small error backwards as
χ1 = σw²·E[f'(√q·g)²] of its mean square. Networks here start at the fixed point q*, so every layer measures it anew;
what a seed says of all its layers is one draw.
"""

import functools
import math

import numpy as np
import pytest

from bplab.engine import Dense, MeanField, Network, ReLU, Tanh
from tests.engine.literature.bands import assert_mean_is, assert_mean_is_near, rounding

WIDTH, DEPTH, SEEDS = 400, 10, range(12)
POINTS, WEIGHTS = np.polynomial.hermite_e.hermegauss(100)


def mean_over_normal(f, variance):
    """E f(√variance·g) for a standard normal g, by Gauss–Hermite quadrature."""
    return float(WEIGHTS @ f(math.sqrt(variance) * POINTS) / WEIGHTS.sum())


@functools.cache
def fixed_point(weight_variance, bias_variance, activation):
    """q* and χ1."""
    q = 1.0
    for _ in range(400):
        q = weight_variance * mean_over_normal(lambda z: activation.f(z) ** 2, q) + bias_variance
    return q, weight_variance * mean_over_normal(lambda z: activation.df(z) ** 2, q)


@functools.cache
def measured(weight_variance, bias_variance, q, activation):
    """By seed: the mean square of z, σw²·mean f'(z)², and the share of its mean square that δ keeps in a layer."""
    found = []
    law = MeanField(math.sqrt(weight_variance), math.sqrt(bias_variance))
    for seed in SEEDS:
        random = np.random.default_rng([seed, 99])
        network = Network(WIDTH, [Dense(WIDTH, activation, law, law) for _ in range(DEPTH)], seed=seed)
        inputs = random.normal(0, math.sqrt((q - bias_variance) / weight_variance), (30, WIDTH))
        # Targets far from the outputs: what flows back is independent of what flowed forward.
        seen = network.backprop(inputs, random.normal(0, 1e3, (30, WIDTH)))
        slopes = [np.mean(activation.df(z) ** 2) for z in seen.weighted_inputs]
        first, last = (np.mean(seen.deltas[k] ** 2) for k in (0, -1))
        variance = np.mean([np.mean(z**2) for z in seen.weighted_inputs])
        found.append((variance, weight_variance * np.mean(slopes), (first / last) ** (1 / (DEPTH - 1))))
    return np.array(found).T


@pytest.mark.parametrize(
    ("weight_variance", "bias_variance", "variance", "growth"),
    [(1.3**2, 0.3**2, "0.607", "0.940"), (2.5**2, 0.3**2, "4.079", "1.585")],
)
def test_tanh_layers_stand_at_the_published_variance_and_pass_errors_on_by_the_published_factor(
    weight_variance, bias_variance, variance, growth
):
    q, by_slopes, by_errors = measured(weight_variance, bias_variance, float(variance), Tanh())
    assert_mean_is(variance, q, sharpness=0.03)
    assert_mean_is(growth, by_slopes, sharpness=0.02)
    assert_mean_is(growth, by_errors, sharpness=0.02)


@pytest.mark.parametrize(("weight_variance", "growth"), [(1.3, "0.880"), (1.7, "0.987"), (2.5, "1.134")])
def test_the_growth_of_an_error_in_a_layer_is_the_published_one(weight_variance, growth):
    q, _ = fixed_point(weight_variance, 0.05, Tanh())
    _, by_slopes, by_errors = measured(weight_variance, 0.05, q, Tanh())
    assert_mean_is(growth, by_slopes, sharpness=0.02)
    assert_mean_is(growth, by_errors, sharpness=0.02)


@pytest.mark.parametrize(("weight_variance", "bias_variance"), [(1.0, 0.0), (1.761, 0.05), (2.505, 0.3)])
def test_on_the_critical_line_an_error_keeps_its_size(weight_variance, bias_variance):
    # With σb = 0 the fixed point is 0: signals so small that tanh is a straight line.
    q = fixed_point(weight_variance, bias_variance, Tanh())[0] if bias_variance else 1e-6
    _, by_slopes, by_errors = measured(weight_variance, bias_variance, q, Tanh())
    assert_mean_is_near(1.0, by_slopes, doubt=0.02, rounded=1e-5)
    assert_mean_is_near(1.0, by_errors, doubt=0.02)


@pytest.mark.parametrize(
    ("weight_variance", "bias_variance", "figures"),
    [
        (1.3, 0.05, {"growth": "0.880", "depth": "7.8"}),
        (1.7, 0.05, {"growth": "0.987", "depth": "75"}),
        (2.5, 0.05, {"growth": "1.134"}),
        (1.761, 0.05, {"growth": "1.000"}),
        (2.505, 0.3, {"growth": "1.000"}),
        (1.3**2, 0.3**2, {"variance": "0.607", "growth": "0.940"}),
        (2.5**2, 0.3**2, {"variance": "4.079", "growth": "1.585"}),
    ],
)
def test_the_fixed_point_of_the_engines_tanh_has_the_published_digits(weight_variance, bias_variance, figures):
    q, growth = fixed_point(weight_variance, bias_variance, Tanh())
    found = {"variance": q, "growth": growth, "depth": -1 / math.log(growth)}
    for name, figure in figures.items():
        assert found[name] == pytest.approx(float(figure), abs=rounding(figure))


def test_errors_fade_by_e_within_the_depth_scale():
    """Schoenholz et al., equation 9: ξ = −1/ln χ1 is 7.8 layers at σw² = 1.3, σb² = .05."""
    q, _ = fixed_point(1.3, 0.05, Tanh())
    _, _, by_errors = measured(1.3, 0.05, q, Tanh())
    assert_mean_is("7.8", -1 / np.log(by_errors), sharpness=0.1)


@pytest.mark.parametrize("weight_variance", [1.8, 2.0, 2.2])
def test_relu_is_critical_at_a_weight_variance_of_2_and_no_other(weight_variance):
    _, by_slopes, by_errors = measured(weight_variance, 0.0, 1.0, ReLU())
    assert_mean_is_near(weight_variance / 2, by_slopes, doubt=0.02)
    assert_mean_is_near(weight_variance / 2, by_errors, doubt=0.02)


def test_relu_has_no_fixed_point_at_weight_variance_2_once_biases_have_a_variance():
    """q → q + σb²: critical exactly at (2, 0)."""
    law = MeanField(math.sqrt(2.0), 0.5)
    gains = []
    for seed in SEEDS:
        network = Network(WIDTH, [Dense(WIDTH, ReLU(), law, law) for _ in range(DEPTH)], seed=seed)
        inputs = np.random.default_rng([seed, 99]).normal(0, math.sqrt(0.5), (30, WIDTH))
        seen = network.backprop(inputs, np.zeros((30, WIDTH)))
        squares = [np.mean(z**2) for z in seen.weighted_inputs]
        gains.append((squares[-1] - squares[0]) / (DEPTH - 1))
    assert_mean_is_near(0.25, gains, doubt=0.15)
