"""LSUV: weights that are scaled to the data before training."""

import numpy as np
import pytest

from bplab.engine import LSUV, Dense, Identity, Network, Normal, ReLU, Sigmoid, Tanh

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(9, 16))
CLASSES = np.eye(3)[GENERATOR.integers(0, 3, 9)]


def made(inputs, layers, output=None, dtype="float64"):
    return Network(inputs, [*layers, output or Dense(3, Identity())], dtype=dtype, seed=1)


def test_lsuv_gives_every_layer_weighted_inputs_of_variance_1():
    layers = [Dense(30, Tanh(), LSUV()), Dense(20, ReLU(), LSUV(), skip=0), Dense(9, Sigmoid(), LSUV())]
    network = made(16, layers, Dense(3, Identity(), Normal(0.0, 7.0)))
    last = network.weights[3].copy()
    network.fit_initialization(X)
    spreads = [z.std() for z in network.backprop(X, CLASSES).weighted_inputs[:3]]
    np.testing.assert_allclose(spreads, 1.0, rtol=1e-12)
    assert np.array_equal(network.weights[3], last)  # not its business


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_lsuv_leaves_weights_alone_where_the_inputs_are_all_the_same(dtype):
    network = made(2, [Dense(4, Tanh(), LSUV()), Dense(5, Tanh(), LSUV())], dtype=dtype)
    before = network.parameters.copy()
    network.fit_initialization(np.tile([0.1, 0.3], (28, 1)))
    assert np.array_equal(network.parameters, before) or np.abs(network.parameters).max() < 10.0
