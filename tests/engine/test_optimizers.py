"""Optimizers against the plainest NumPy that says the same."""

import numpy as np
import pytest

from bplab.engine import SGD, Adam, Dense, HalfSquaredError, Momentum, Network, Optimizer, Tanh, Trainer, optimizers

RANDOM = np.random.default_rng(7)
X, Y = RANDOM.normal(size=(6, 3)), RANDOM.normal(size=(6, 2))


def gradient(parameters):
    """∂C/∂(W1, b1, W2, b2) of a 3-4-2 tanh network with half squared error, written out."""
    w1, b1 = parameters[:12].reshape(3, 4), parameters[12:16]
    w2, b2 = parameters[16:24].reshape(4, 2), parameters[24:]
    a1 = np.tanh(X @ w1 + b1)
    a2 = np.tanh(a1 @ w2 + b2)
    d2 = (a2 - Y) * (1 - a2**2) / len(X)
    d1 = d2 @ w2.T * (1 - a1**2)
    return np.concatenate([(X.T @ d1).ravel(), d1.sum(axis=0), (a1.T @ d2).ravel(), d2.sum(axis=0)])


def sgd(w, rate, steps):
    for _ in range(steps):
        w = w - rate * gradient(w)
    return w


def momentum(w, rate, steps, keep):
    v = np.zeros_like(w)
    for _ in range(steps):
        v = keep * v + gradient(w)
        w = w - rate * v
    return w


def nesterov(w, rate, steps, keep):
    v = np.zeros_like(w)
    for _ in range(steps):
        g = gradient(w)
        v = keep * v + g
        w = w - rate * (g + keep * v)
    return w


def adam(w, rate, steps, beta1, beta2, epsilon):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        g = gradient(w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        w = w - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return w


CASES = {
    "sgd": (SGD(0.3), lambda w, n: sgd(w, 0.3, n)),
    "momentum": (Momentum(0.1, 0.8), lambda w, n: momentum(w, 0.1, n, 0.8)),
    "momentum 0": (Momentum(0.1, 0.0), lambda w, n: sgd(w, 0.1, n)),
    "nesterov": (Momentum(0.1, 0.8, nesterov=True), lambda w, n: nesterov(w, 0.1, n, 0.8)),
    "adam": (Adam(0.01), lambda w, n: adam(w, 0.01, n, 0.9, 0.999, 1e-8)),
    "adam of another mind": (Adam(0.05, 0.5, 0.7, 1e-3), lambda w, n: adam(w, 0.05, n, 0.5, 0.7, 1e-3)),
    "adam without memory": (Adam(0.05, 0.0, 0.0, 1e-3), lambda w, n: adam(w, 0.05, n, 0.0, 0.0, 1e-3)),
}


def trainer(optimizer, dtype="float64"):
    network = Network(3, [Dense(4, Tanh()), Dense(2, Tanh())], HalfSquaredError(), dtype, seed=4)
    return Trainer(network, X, Y, optimizer, batch_size=6)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("steps", [1, 2, 60])
def test_an_optimizer_takes_the_steps_of_its_formula(name, steps):
    optimizer, reference = CASES[name]
    ours = trainer(optimizer)
    expected = reference(ours.network.parameters.copy(), steps)
    for _ in range(steps):
        ours.step()
    np.testing.assert_allclose(ours.network.parameters, expected, rtol=1e-11, atol=1e-13)


def test_every_optimizer_is_compared_here():
    assert {type(optimizer) for optimizer, _ in CASES.values()} == set(Optimizer.members().values())


@pytest.mark.parametrize("name", CASES)
def test_updates_in_blocks_are_those_of_the_whole_vector(name, monkeypatch):
    whole = trainer(CASES[name][0])
    monkeypatch.setattr(optimizers, "BLOCK", 5)
    blocks = trainer(CASES[name][0])
    for _ in range(20):
        whole.step(), blocks.step()
    assert blocks.network.parameters.tobytes() == whole.network.parameters.tobytes()


@pytest.mark.parametrize("name", CASES)
def test_float32_follows_float64_to_single_precision(name):
    double, single = trainer(CASES[name][0]), trainer(CASES[name][0], "float32")
    for _ in range(30):
        double.step(), single.step()
    assert single.network.parameters.dtype == single.slots.dtype == np.float32
    np.testing.assert_allclose(single.network.parameters, double.network.parameters, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_a_rate_of_0_changes_nothing(name):
    ours = trainer(CASES[name][0])
    ours.set_learning_rate(0.0)
    before = ours.network.parameters.copy()
    losses = [ours.step() for _ in range(3)]
    np.testing.assert_array_equal(ours.network.parameters, before)
    assert losses[0] == losses[2] > 0


def test_a_new_rate_counts_from_the_next_update_on():
    ours, w, v = trainer(Momentum(0.1, 0.8)), trainer(SGD()).network.parameters.copy(), np.zeros(26)
    plain = trainer(SGD(0.1))
    plain_w = w.copy()
    for step in range(1, 21):
        rate = 0.1 if step <= 10 else 0.02
        if step == 11:
            ours.set_learning_rate(rate), plain.set_learning_rate(rate)
        ours.step(), plain.step()
        v = 0.8 * v + gradient(w)
        w = w - rate * v
        plain_w = plain_w - rate * gradient(plain_w)
    np.testing.assert_allclose(ours.network.parameters, w, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(plain.network.parameters, plain_w, rtol=1e-11, atol=1e-13)


def test_adam_moves_every_weight_by_about_its_rate_at_first():
    ours = trainer(Adam(0.01))
    before = ours.network.parameters.copy()
    ours.step()
    np.testing.assert_allclose(np.abs(ours.network.parameters - before), 0.01, rtol=1e-4)
