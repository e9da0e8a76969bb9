"""Saxe et al. 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks"."""

import functools
import math

import numpy as np

from bplab.engine import Dense, Identity, LeCunNormal, Network, Orthogonal
from tests.engine.literature.bands import assert_in_band, assert_mean_is_near

WIDTH, DEPTH, SEEDS = 100, 50, range(30)


def product(weights, seed):
    """What the whole network does, as one matrix."""
    network = Network(WIDTH, [Dense(WIDTH, Identity(), weights) for _ in range(DEPTH)], seed=seed)
    return network.predict(np.eye(WIDTH))


def singular_values(matrix):
    return np.linalg.svd(matrix, compute_uv=False)


@functools.cache
def gaussian_products():
    return [product(LeCunNormal(), seed) for seed in SEEDS]


def mean_log_chi_square(freedom):
    """E ln χ² = ψ(k/2) + ln 2 for an even number k of degrees of freedom, and ψ(m) = 1 + 1/2 + … + 1/(m−1) − γ."""
    return math.fsum(1 / number for number in range(1, freedom // 2)) - np.euler_gamma + math.log(2)


def test_a_product_of_orthogonal_layers_keeps_every_singular_value_at_1():
    for seed in range(3):
        np.testing.assert_allclose(singular_values(product(Orthogonal(), seed)), 1.0, rtol=1e-12)


def test_the_published_singular_values_of_a_gaussian_product_lie_in_the_band_over_seeds():
    assert_in_band("5.9", [singular_values(matrix).max() for matrix in gaussian_products()])
    assert_in_band("1.7e-8", [np.median(singular_values(matrix)) for matrix in gaussian_products()])


def test_a_signal_leaves_a_gaussian_product_with_the_length_of_theory():
    """‖W·x‖²/‖x‖² is χ² with n degrees of freedom over n, in each layer, whatever the ones before made of x."""
    expected = 0.5 * DEPTH * (mean_log_chi_square(WIDTH) - math.log(WIDTH))
    lengths = [np.log(np.linalg.norm(matrix, axis=1)).mean() for matrix in gaussian_products()]
    assert_mean_is_near(expected, lengths, doubt=0.2)
