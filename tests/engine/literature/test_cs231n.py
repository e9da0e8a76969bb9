"""Stanford's CS231n on sanity checks: the first loss of a softmax, and a gradient check that finds a wrong gradient."""

import math

import numpy as np
import pytest

from bplab.engine import (
    CrossEntropy,
    Dense,
    HalfSquaredError,
    Identity,
    Network,
    Normal,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Zeros,
    check_gradients,
)
from tests.engine.literature.bands import assert_mean_is_near

X = np.random.default_rng(0).normal(size=(16, 3))
Y = np.random.default_rng(1).normal(size=(16, 2))


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_the_first_loss_of_a_softmax_that_knows_nothing_is_minus_log_of_one_in_k(classes, dtype):
    network = Network(5, [Dense(7, ReLU()), Dense(classes, Softmax(), Zeros())], CrossEntropy(), dtype)
    random = np.random.default_rng(0)
    loss = network.evaluate(random.normal(size=(20, 5)), np.eye(classes)[random.integers(0, classes, 20)])
    assert loss == pytest.approx(-math.log(1 / classes), rel=4 * float(np.finfo(dtype).eps))


@pytest.mark.parametrize("classes", [2, 10, 100])
def test_small_random_weights_cost_half_the_variance_of_the_scores_more(classes):
    """ln Σe^z − z_y for z ~ N(0, s²) has the mean ln K + s²/2·(1 − 1/K), up to s⁴."""
    spread, inputs, losses = 0.1, 50, []
    for seed in range(40):
        random = np.random.default_rng([seed, 99])
        layers = [Dense(classes, Softmax(), Normal(0, spread / math.sqrt(inputs)))]
        network = Network(inputs, layers, CrossEntropy(), seed=seed)
        targets = np.eye(classes)[random.integers(0, classes, 200)]
        losses.append(network.evaluate(random.normal(size=(200, inputs)), targets))
    expected = math.log(classes) + spread**2 / 2 * (1 - 1 / classes)
    assert_mean_is_near(expected, losses, doubt=0.01, rounded=spread**4)


HONEST_LOSS = HalfSquaredError.compare


def plus_for_minus(self, z, a, slope):
    """1 + a² for tanh' = 1 − a²."""
    return [(np.multiply, (a, a, slope)), (np.add, (slope, np.ones_like(slope), slope))]


def a_factor_forgotten(self, z, a, slope):
    """a for σ' = a·(1 − a)."""
    return [(np.copyto, (slope, a))]


def the_half_forgotten(self, outputs, targets, error):
    """2(a − y) for the derivative of ½(a − y)²."""
    calls, total = HONEST_LOSS(self, outputs, targets, error)
    doubled = (np.multiply, (error, np.full_like(error, 2.0), error))
    return [*calls, doubled], lambda: total() / 4.0  # the loss, summed from the doubled error, stays right


def three_layers(activation):
    return Network(3, [Dense(4, activation), Dense(4, activation), Dense(2, Identity())], HalfSquaredError(), seed=3)


@pytest.mark.parametrize(
    ("activation", "kind", "method", "mistake", "layers"),
    [
        (Tanh(), Tanh, "derivative", plus_for_minus, {1, 2}),
        (Sigmoid(), Sigmoid, "derivative", a_factor_forgotten, {1, 2}),
        (Tanh(), HalfSquaredError, "compare", the_half_forgotten, {1, 2, 3}),
    ],
    ids=["a sign", "a factor", "a half"],
)
def test_a_derivative_with_a_mistake_is_found_as_wrong_and_without_it_as_good(
    monkeypatch, activation, kind, method, mistake, layers
):
    """A relative error above 1e-2 is wrong, below 1e-7 good."""
    assert check_gradients(three_layers(activation), X, Y).verdict == "good"
    monkeypatch.setattr(kind, method, mistake)
    check = check_gradients(three_layers(activation), X, Y)
    assert check.verdict == "wrong"
    assert check.relative_error > 1e-2
    assert check.layer in layers  # a wrong f' spoils its own layer and those before, never those behind


@pytest.mark.parametrize(("off", "verdict"), [(0.0, "good"), (1e-5, "acceptable"), (1e-3, "uneasy"), (0.1, "wrong")])
def test_the_verdict_follows_how_far_a_derivative_is_off(monkeypatch, off, verdict):
    """1e-7, 1e-4 and 1e-2 are the bounds; a factor 1 + off in f' of one layer is an error of off before it."""

    def nearly(self, z, a, slope):
        square = [(np.multiply, (a, a, slope)), (np.subtract, (np.ones_like(slope), slope, slope))]
        return [*square, (np.multiply, (slope, np.full_like(slope, 1.0 + off), slope))]

    monkeypatch.setattr(Tanh, "derivative", nearly)
    network = Network(3, [Dense(4, Tanh()), Dense(4, Sigmoid()), Dense(2, Identity())], HalfSquaredError(), seed=3)
    check = check_gradients(network, X, Y)
    assert check.verdict == verdict
    if off:
        assert check.layer == 1
        assert check.relative_error == pytest.approx(off / (1 + off), rel=1e-2)
