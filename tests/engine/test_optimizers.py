"""Optimizers against the plainest NumPy that says the same."""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    Dense,
    HalfSquaredError,
    Lion,
    Momentum,
    NAdam,
    Network,
    Optimizer,
    RMSProp,
    Tanh,
    Trainer,
)
from bplab.engine.optimizers import base
from bplab.engine.optimizers.base import Vectors

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


def adagrad(w, rate, steps, epsilon):
    total = np.zeros_like(w)
    for _ in range(steps):
        g = gradient(w)
        total = total + g**2
        w = w - rate * g / (np.sqrt(total) + epsilon)
    return w


def rmsprop(w, rate, steps, decay, epsilon):
    v = np.zeros_like(w)
    for _ in range(steps):
        g = gradient(w)
        v = decay * v + (1 - decay) * g**2
        w = w - rate * g / (np.sqrt(v) + epsilon)
    return w


def adadelta(w, rate, steps, decay, epsilon):
    v, u = np.zeros_like(w), np.zeros_like(w)
    for _ in range(steps):
        g = gradient(w)
        v = decay * v + (1 - decay) * g**2
        step = np.sqrt(u + epsilon) / np.sqrt(v + epsilon) * g
        u = decay * u + (1 - decay) * step**2
        w = w - rate * step
    return w


IS_WEIGHT = np.repeat([True, False, True, False], [12, 4, 8, 2])


def adam(w, rate, steps, beta1, beta2, epsilon, weight_decay=0.0):
    m, v = np.zeros_like(w), np.zeros_like(w)
    for t in range(1, steps + 1):
        g = gradient(w)
        w = np.where(IS_WEIGHT, w * (1 - rate * weight_decay), w)
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        w = w - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return w


def nadam(w, rate, steps, beta1, beta2, warm_up, epsilon):
    m, v, product = np.zeros_like(w), np.zeros_like(w), 1.0
    for t in range(1, steps + 1):
        g = gradient(w)
        now, ahead = (beta1 * (1 - 0.5 * 0.96 ** (warm_up * s)) for s in (t, t + 1))
        product *= now
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g**2
        looking = ahead * m / (1 - product * ahead) + (1 - now) * g / (1 - product)
        w = w - rate * looking / (np.sqrt(v / (1 - beta2**t)) + epsilon)
    return w


def lion(w, rate, steps, beta1, beta2):
    m = np.zeros_like(w)
    for _ in range(steps):
        g = gradient(w)
        w = w - rate * np.sign(beta1 * m + (1 - beta1) * g)
        m = beta2 * m + (1 - beta2) * g
    return w


CASES = {
    "sgd": (SGD(0.3), lambda w, n: sgd(w, 0.3, n)),
    "momentum": (Momentum(0.1, 0.8), lambda w, n: momentum(w, 0.1, n, 0.8)),
    "momentum 0": (Momentum(0.1, 0.0), lambda w, n: sgd(w, 0.1, n)),
    "nesterov": (Momentum(0.1, 0.8, nesterov=True), lambda w, n: nesterov(w, 0.1, n, 0.8)),
    "adam": (Adam(0.01), lambda w, n: adam(w, 0.01, n, 0.9, 0.999, 1e-8)),
    "adam of another mind": (Adam(0.05, 0.5, 0.7, 1e-3), lambda w, n: adam(w, 0.05, n, 0.5, 0.7, 1e-3)),
    "adam without memory": (Adam(0.05, 0.0, 0.0, 1e-3), lambda w, n: adam(w, 0.05, n, 0.0, 0.0, 1e-3)),
    "adamw": (AdamW(0.01), lambda w, n: adam(w, 0.01, n, 0.9, 0.999, 1e-8, 0.01)),
    "adamw, strong": (AdamW(0.02, weight_decay=2.0), lambda w, n: adam(w, 0.02, n, 0.9, 0.999, 1e-8, 2.0)),
    "adamw without decay": (AdamW(0.01, weight_decay=0.0), lambda w, n: adam(w, 0.01, n, 0.9, 0.999, 1e-8)),
    "adagrad": (Adagrad(0.1), lambda w, n: adagrad(w, 0.1, n, 1e-10)),
    "rmsprop": (RMSProp(0.01), lambda w, n: rmsprop(w, 0.01, n, 0.99, 1e-8)),
    "rmsprop, short memory": (RMSProp(0.01, 0.5, 1e-3), lambda w, n: rmsprop(w, 0.01, n, 0.5, 1e-3)),
    "adadelta": (Adadelta(), lambda w, n: adadelta(w, 1.0, n, 0.9, 1e-6)),
    "adadelta, slow": (Adadelta(0.5, 0.8, 1e-4), lambda w, n: adadelta(w, 0.5, n, 0.8, 1e-4)),
    "nadam": (NAdam(0.01), lambda w, n: nadam(w, 0.01, n, 0.9, 0.999, 0.004, 1e-8)),
    "nadam, quick warm-up": (NAdam(0.01, 0.8, 0.9, 0.5), lambda w, n: nadam(w, 0.01, n, 0.8, 0.9, 0.5, 1e-8)),
    "lion": (Lion(0.003), lambda w, n: lion(w, 0.003, n, 0.9, 0.99)),
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
    monkeypatch.setattr(base, "BLOCK", 5)
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


@pytest.mark.parametrize("name", ["adam", "adamw, strong", "nadam"])
def test_a_new_rate_counts_in_the_corrections_too(name):
    ours, plain = trainer(CASES[name][0]), trainer(CASES[name][0])
    ours.step(), plain.step()
    before = ours.network.parameters.copy()
    ours.set_learning_rate(CASES[name][0].learning_rate / 4)
    ours.step(), plain.step()
    moved, whole = ours.network.parameters - before, plain.network.parameters - before
    np.testing.assert_allclose(moved, whole / 4, rtol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_a_run_that_goes_back_takes_the_same_steps_again(name):
    ours = trainer(CASES[name][0])
    for _ in range(7):
        ours.step()
    state = ours.state()
    losses = [ours.step() for _ in range(9)]
    ours.restore(state)
    assert [ours.step() for _ in range(9)] == losses


def test_decay_shrinks_weights_and_leaves_biases():
    ours = trainer(AdamW(0.1, weight_decay=1.0))
    for weights, biases in zip(ours.network.weights, ours.network.biases, strict=True):
        weights[...], biases[...] = 0.5, 0.25
    still = trainer(Adam(0.1))
    still.network.parameters[:] = ours.network.parameters
    ours.step(), still.step()
    difference = still.network.parameters - ours.network.parameters
    np.testing.assert_allclose(difference[IS_WEIGHT], 0.05, rtol=1e-12)
    np.testing.assert_array_equal(difference[~IS_WEIGHT], 0.0)


def test_a_network_tells_where_its_weights_lie():
    network = Network(3, [Dense(4, Tanh()), Dense(2, Tanh())])
    found = np.zeros(26, bool)
    for stretch in network.weight_stretches:
        found[stretch] = True
    np.testing.assert_array_equal(found, IS_WEIGHT)
    for stretch, weights in zip(network.weight_stretches, network.weights, strict=True):
        assert network.parameters[stretch].tolist() == weights.ravel().tolist()


@pytest.mark.parametrize("size", range(1, 30))
def test_blocks_hold_every_parameter_once_and_know_their_weights(size, monkeypatch):
    monkeypatch.setattr(base, "BLOCK", size)
    numbers = np.arange(26.0)
    vectors = Vectors(numbers, -numbers, np.stack([2 * numbers, 3 * numbers]), (slice(0, 12), slice(16, 24)))
    blocks = list(vectors.blocks())
    assert all(0 < block.parameters.size <= size for block in blocks)
    np.testing.assert_array_equal(np.concatenate([block.parameters for block in blocks]), numbers)
    np.testing.assert_array_equal(np.concatenate([block.gradients for block in blocks]), -numbers)
    np.testing.assert_array_equal(np.hstack([block.slots for block in blocks]), vectors.slots)
    weights = [block.parameters[stretch] for block in blocks for stretch in block.weights]
    np.testing.assert_array_equal(np.concatenate(weights), numbers[IS_WEIGHT])


def test_adagrad_slows_down_and_rmsprop_does_not():
    lengths = {}
    for optimizer in (Adagrad(0.05), RMSProp(0.05, 0.9)):
        vectors = Vectors(np.zeros(1), np.ones(1), np.zeros((1, 1)), ())
        calls = optimizer.update(vectors, base.Clock(0.05, np.dtype("float64")))
        places = [0.0]
        for _ in range(100):
            for function, arguments in calls:
                function(*arguments)
            places.append(float(vectors.parameters[0]))
        lengths[type(optimizer)] = -np.diff(places)
    np.testing.assert_allclose(lengths[Adagrad], 0.05 / np.sqrt(np.arange(1, 101)), rtol=1e-9)
    assert lengths[RMSProp][-1] == pytest.approx(0.05, rel=1e-3)


def test_every_step_of_lion_is_as_long_as_its_rate():
    ours = trainer(Lion(0.01))
    for _ in range(5):
        before = ours.network.parameters.copy()
        ours.step()
        np.testing.assert_allclose(np.abs(ours.network.parameters - before), 0.01, rtol=1e-12)
