"""The gradient check one direction at a time agrees with the one that only tells the worst."""

import math

import numpy as np
import pytest

from bplab.engine import CrossEntropy, Dense, HalfSquaredError, Identity, Network, ReLU, Softmax, Tanh, check_gradients
from bplab.engine.gradient_check import Comparison, compare_gradients, summed_up
from bplab.engine.layers import Conv2D, Flatten, MaxPool

RANDOM = np.random.default_rng(5)
X = RANDOM.normal(size=(8, 3))
NETWORKS = {
    "each parameter too": Network(3, [Dense(4, Tanh()), Dense(1, Identity())], HalfSquaredError(), seed=2),
    "random directions only": Network(3, [Dense(30, ReLU()), Dense(9, Softmax())], CrossEntropy(), seed=2),
}


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_the_worst_of_the_layers_is_what_the_whole_check_finds(network):
    y = RANDOM.uniform(size=(8, network.outputs))
    whole = check_gradients(network, X, y, directions=3, seed=1)
    comparisons = list(compare_gradients(network, X, y, directions=3, seed=1))
    layers = [summed_up(number, comparisons) for number in (1, 2)]
    assert max(layer.relative_error for layer in layers) == whole.relative_error
    assert layers[whole.layer - 1].relative_error == whole.relative_error
    assert sum(layer.compared for layer in layers) == whole.compared
    assert sum(layer.skipped for layer in layers) == whole.skipped


@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_the_share_that_is_done_grows_evenly_to_one(network):
    y = RANDOM.uniform(size=(8, network.outputs))
    shares = [comparison.share for comparison in compare_gradients(network, X, y, directions=3)]
    assert np.allclose(np.diff([0.0, *shares]), 1.0 / len(shares))
    assert shares[-1] == 1.0


def test_whoever_stops_asking_leaves_the_network_as_it_was():
    network = NETWORKS["each parameter too"]
    before = network.parameters.copy()
    next(compare_gradients(network, X, np.ones((8, 1))))
    assert np.array_equal(network.parameters, before)


def test_what_has_nothing_to_learn_is_left_out_and_a_frozen_layer_is_not():
    layers = [
        Conv2D(2, Tanh()), MaxPool(), Flatten(), Dense(3, Tanh(), bias=False, frozen=True), Dense(1, Identity())
    ]  # fmt: skip
    network = Network((1, 6, 6), layers, HalfSquaredError(), seed=2)
    comparisons = list(compare_gradients(network, RANDOM.normal(size=(4, 36)), RANDOM.normal(size=(4, 1))))
    checks = [summed_up(number, comparisons) for number in range(1, 6)]
    assert [check.compared + check.skipped for check in checks] == [4 + 20, 0, 0, 4 + 24, 4 + 4]
    assert [check.verdict for check in checks] == ["good", "undecided", "undecided", "good", "good"]
    assert comparisons[-1].share == 1.0


def test_a_layer_is_judged_by_its_own_comparisons_alone():
    found = [(1, 1e-9), (1, None), (2, 0.5), (3, None)]
    comparisons = [Comparison(layer, error, 1.0) for layer, error in found]
    first, second, third = (summed_up(number, comparisons) for number in (1, 2, 3))
    assert (first.verdict, first.compared, first.skipped, first.layer) == ("good", 1, 1, 1)
    assert (second.verdict, second.compared, second.skipped, second.layer) == ("wrong", 1, 0, 2)
    assert (third.verdict, third.compared, third.skipped, third.layer) == ("undecided", 0, 1, 0)
    assert math.isnan(third.relative_error)
