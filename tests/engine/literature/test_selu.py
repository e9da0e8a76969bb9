"""Klambauer et al. 2017, "Self-normalizing neural networks": SELU keeps mean 0 and variance 1."""

import functools
from itertools import pairwise

import numpy as np
import pytest

from bplab.engine import SELU, Dense, LeCunNormal, Network
from tests.engine.literature.bands import assert_mean_is_near

WIDTH, DEPTH, SEEDS = 600, 20, range(8)


def moments_over_normal(mean, variance):
    """Mean and variance of SELU(z) for z ~ N(``mean``, ``variance``): Gauss–Legendre on each side of the kink."""
    nodes, weights = np.polynomial.legendre.leggauss(200)
    z = np.concatenate([6.5 * (nodes - 1), 6.5 * (nodes + 1)])  # from −13 to 13
    density = np.tile(weights, 2) * np.exp(-0.5 * (z - mean) ** 2 / variance)
    a, density = SELU().f(z), density / density.sum()
    return density @ a, density @ a**2 - (density @ a) ** 2


def test_mean_0_and_variance_1_are_the_fixed_point():
    np.testing.assert_allclose(moments_over_normal(0.0, 1.0), (0.0, 1.0), atol=1e-12)


@pytest.mark.parametrize("variance", [0.8, 1.3])
def test_another_variance_comes_nearer_to_1_in_every_layer(variance):
    """Theorem 1: the fixed point attracts. z has mean 0 under weights of mean 0, and the variance of E a²."""
    away = [abs(variance - 1)]
    for _ in range(30):
        mean, spread = moments_over_normal(0.0, variance)
        variance = spread + mean**2
        away.append(abs(variance - 1))
    assert all(after < before for before, after in pairwise(away))
    assert away[-1] < 0.1 * away[0]


@functools.cache
def measured(input_spread):
    """Mean and variance of the outputs by layer, ``(2, seeds, layers)``."""
    found = []
    for seed in SEEDS:
        network = Network(WIDTH, [Dense(WIDTH, SELU(), LeCunNormal()) for _ in range(DEPTH)], seed=seed)
        x = np.random.default_rng([seed, 99]).normal(0, input_spread, (30, WIDTH))
        outputs = network.backprop(x, np.zeros((30, WIDTH))).outputs
        found.append([[a.mean() for a in outputs], [a.var() for a in outputs]])
    return np.array(found).transpose(1, 0, 2)


@pytest.mark.parametrize("layer", [1, 5, 10, 20])
def test_a_deep_network_keeps_mean_0_and_variance_1(layer):
    means, variances = measured(1.0)
    assert_mean_is_near(0.0, means[:, layer - 1], doubt=0.1)
    assert_mean_is_near(1.0, variances[:, layer - 1], doubt=0.15)


@pytest.mark.parametrize("spread", [0.5, 1.5])
def test_inputs_of_another_variance_are_brought_back(spread):
    _, variances = measured(spread)
    assert_mean_is_near(1.0, variances[:, -1], doubt=0.2)
