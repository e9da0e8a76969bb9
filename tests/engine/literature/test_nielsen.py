"""Nielsen, "Neural Networks and Deep Learning", chapter 5: the gradient vanishes layer by layer."""

import numpy as np
import pytest

from bplab.engine import Dense, HalfSquaredError, LeCunNormal, Network, Normal, Sigmoid
from tests.engine.literature.bands import assert_mean_is

SEEDS = range(40)
INK = 0.19
"""Share of a handwritten digit's pixels that are dark."""


def fall_per_layer(hidden, seed):
    """How many times smaller ∂C/∂b is a hidden layer further back: [784, 30, …, 10], W ~ N(0, 1/√n_in), b ~ N(0, 1)."""
    random = np.random.default_rng([seed, 99])
    layers = [Dense(units, Sigmoid(), LeCunNormal(), Normal()) for units in [30] * hidden + [10]]
    network = Network(784, layers, HalfSquaredError(), seed=seed)
    pixels = (random.random((200, 784)) < INK).astype(float)
    seen = network.backprop(pixels, np.eye(10)[random.integers(0, 10, 200)])
    norms = [np.linalg.norm(gradient) for gradient in seen.bias_gradients[:-1]]
    return (norms[-1] / norms[0]) ** (1 / (hidden - 1))


@pytest.mark.parametrize("hidden", [2, 3, 4])
def test_the_gradient_of_a_sigmoid_network_falls_by_about_5_a_layer(hidden):
    falls = [fall_per_layer(hidden, seed) for seed in SEEDS]
    assert_mean_is("5", falls, sharpness=0.2)
    low, high = np.percentile(falls, [5, 95])
    assert 3.8 < low < high < 6.6


def test_with_every_hidden_layer_the_first_learns_about_5_times_slower_again():
    sizes = [
        np.exp(np.mean([(hidden - 1) * np.log(fall_per_layer(hidden, seed)) for seed in SEEDS])) for hidden in (2, 3, 4)
    ]
    np.testing.assert_allclose(np.divide(sizes[1:], sizes[:-1]), 5.0, atol=0.5)
