"""An error's way from the loss back to one δ: every step starts where the one behind it ended, and all multiply."""

import itertools
import math

import numpy as np
import pytest

from bplab.engine import (
    BatchNorm,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Flatten,
    HalfSquaredError,
    Identity,
    InputError,
    LayerNorm,
    MaxPool,
    Network,
    Normal,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.engine.error_path import error_path, gradient_size, input_size

IMAGE = (2, 6, 6)
NETWORKS = {
    "plain": (5, [Dense(4, Tanh()), Dense(3, Sigmoid())]),
    "softmax inside": (5, [Dense(4, Tanh()), Dense(3, Softmax()), Dense(4, Tanh())]),
    "batch norm before": (5, [Dense(4, ReLU(), normalization=BatchNorm("before")), Dense(3, Tanh())]),
    "batch norm after": (5, [Dense(4, ReLU(), normalization=BatchNorm("after")), Dense(3, Tanh())]),
    "layer norm before": (5, [Dense(4, ReLU(), normalization=LayerNorm("before")), Dense(3, Tanh())]),
    "skips": (5, [Dense(4, Tanh(), skip=0), Dense(4, PReLU(), skip=1), Dense(4, Tanh(), skip=1)]),
    "images": (IMAGE, [Conv2D(3, ReLU(), 2, padding=1), MaxPool(2), Flatten(), Dense(4, Tanh())]),
}
SAMPLES = 9


def case(name, output=None, loss=None):
    inputs, layers = NETWORKS[name]
    last = Dense(2, output or Identity(), Normal(0, 0.8))
    network = Network(inputs, [*layers, last], loss or HalfSquaredError(), seed=3)
    random = np.random.default_rng(4)
    x, y = random.normal(size=(SAMPLES, network.inputs)), random.random(size=(SAMPLES, 2))
    return network, network.backprop(x, y)


def rms(values):
    return float(np.sqrt(np.mean(np.asarray(values) ** 2)))


@pytest.mark.parametrize("sample", [None, 2])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_steps_link_up_and_multiply_to_every_delta(name, sample):
    network, passed = case(name)
    for layer, place in enumerate(network.places):
        for unit in (None, *range(place.channels)):
            path = error_path(network, passed, layer, unit, sample)
            for step, behind in itertools.pairwise(path):
                assert step.delta_next == behind.delta
                assert step.source == behind.layer
            assert (path[-1].layer, path[-1].source) == (len(network.layers) - 1, None)
            product = path[-1].delta_next * math.prod(s.weights * s.derivative * s.normalization for s in path)
            assert path[0].delta == pytest.approx(product, rel=1e-12)


def test_sizes_are_those_of_the_pass():
    network, passed = case("plain")
    whole = error_path(network, passed, 0)
    assert [step.delta for step in whole] == pytest.approx([rms(delta) for delta in passed.deltas], rel=1e-14)
    assert error_path(network, passed, 0, unit=2)[0].delta == pytest.approx(rms(passed.deltas[0][:, 2]), rel=1e-14)
    one = error_path(network, passed, 0, unit=2, sample=4)[0]
    assert one.delta == passed.deltas[0][4, 2]
    assert one.derivative == pytest.approx(passed.derivatives[0][4, 2], rel=1e-12)
    assert one.weights * one.delta_next == pytest.approx(network.weights[1][2] @ passed.deltas[1][4], rel=1e-12)


def test_a_derivative_over_samples_is_the_rms_of_f_weighted_by_the_errors_that_meet_it():
    network, passed = case("plain")
    slopes, errors = passed.derivatives[0][:, 1], passed.activated_errors[0][:, 1]
    expected = math.sqrt(np.average(slopes**2, weights=errors**2))
    assert error_path(network, passed, 0, unit=1)[0].derivative == pytest.approx(expected, rel=1e-12)


def test_a_loss_computed_from_z_leaves_no_derivative_at_the_output():
    network, passed = case("plain", Sigmoid(), BinaryCrossEntropy())
    last = error_path(network, passed, 2)[0]
    assert (last.weights, last.derivative, last.normalization) == (1.0, 1.0, 1.0)
    assert last.delta == last.delta_next == pytest.approx(rms(passed.deltas[2]), rel=1e-14)
    behind_a_skip = Network(2, [Dense(2, Tanh()), Dense(2, Sigmoid(), skip=1)], BinaryCrossEntropy())
    passed = behind_a_skip.backprop([[0.3, -0.2]], [[1.0, 0.0]])
    assert error_path(behind_a_skip, passed, 1)[0].derivative < 1.0


def test_an_error_that_comes_by_a_skip_alone_is_followed_past_the_dead_layer():
    network = Network(2, [Dense(3, Tanh()), Dense(4, ReLU()), Dense(3, Tanh(), skip=1), Dense(1, Identity())])
    network.biases[1][...] = -100.0
    passed = network.backprop([[0.3, -0.2], [1.0, 0.5]], [[1.0], [0.0]])
    path = error_path(network, passed, 0)
    assert [(step.layer, step.source, step.by_skip) for step in path] == [(0, 2, True), (2, 3, False), (3, None, False)]
    assert path[0].weights == pytest.approx(1.0)
    product = path[-1].delta_next * math.prod(step.weights * step.derivative for step in path)
    assert path[0].delta == pytest.approx(product, rel=1e-12)


def test_what_would_let_an_error_through_is_told_where_none_comes():
    network = Network(2, [Dense(3, Tanh()), Dense(4, ReLU()), Dense(1, Identity())])
    network.biases[1][...] = -100.0
    first, dead, last = error_path(network, network.backprop([[0.3, -0.2]], [[1.0]]), 0)
    assert (first.delta_next, dead.derivative) == (0.0, 0.0)
    assert 0.0 < first.derivative <= 1.0
    assert first.weights == pytest.approx(2.0 * rms(network.weights[1]))
    assert last.delta_next != 0.0


@pytest.mark.parametrize("name", ["plain", "images"])
def test_gradients_and_inputs_have_their_rms_over_the_batch_and_for_the_sum_of_all_samples(name):
    network, passed = case(name)
    assert gradient_size(network, passed, 0) == pytest.approx(rms(passed.weight_gradients[0]), rel=1e-13)
    assert gradient_size(network, passed, 0, 1) == pytest.approx(rms(passed.weight_gradients[0][:, 1]), rel=1e-13)
    alone = [gradient_size(network, passed, 0, 1, sample) for sample in range(SAMPLES)]
    assert sum(alone) >= gradient_size(network, passed, 0, 1)
    squares = [input_size(network, passed, 0, sample) ** 2 for sample in range(SAMPLES)]
    assert input_size(network, passed, 0) ** 2 == pytest.approx(np.mean(squares), rel=1e-13)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ((3, None, None), "there is no layer 4; the network has 3"),
        ((0, 4, None), "layer 1 has no unit 4; its units are 0 to 3"),
        ((0, -1, None), "layer 1 has no unit -1; its units are 0 to 3"),
        ((0, 0, 9), "there is no sample 9; the batch has 0 to 8"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(place, sentence):
    network, passed = case("plain")
    with pytest.raises(InputError, match=f"^{sentence}$"):
        error_path(network, passed, *place)
