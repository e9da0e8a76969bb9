"""The network: one pass, whatever the number of samples, in both precisions."""

import numpy as np
import pytest

from bplab.engine import (
    BatchNorm,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    Loss,
    MeanSquaredError,
    Network,
    Normal,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    network,
)
from bplab.engine.calls import execute
from bplab.engine.passes import Pass
from bplab.engine.probes import Evaluation

LAYERS = [Dense(5, ReLU(), Normal(), Normal()), Dense(4, Tanh(), Normal(), Normal()), Dense(3, Sigmoid(), Normal())]


def samples(count, inputs=2, seed=0):
    return np.random.default_rng(seed).normal(size=(count, inputs))


def test_a_layer_computes_f_of_a_w_plus_b():
    net = Network(2, LAYERS, seed=1)
    x = samples(6)
    seen = net.backprop(x, np.zeros((6, 3)))
    a = x
    for layer, w, b, inputs, z, outputs in zip(
        LAYERS, net.weights, net.biases, seen.inputs, seen.weighted_inputs, seen.outputs, strict=True
    ):
        np.testing.assert_array_equal(inputs, a)
        np.testing.assert_allclose(z, a @ w + b, rtol=1e-13, atol=1e-14)
        np.testing.assert_allclose(outputs, layer.activation.f(z), rtol=1e-14)
        a = outputs
    np.testing.assert_array_equal(net.predict(x), a)


@pytest.mark.parametrize("count", [0, 1, 7, network.CHUNK - 1, network.CHUNK, 2 * network.CHUNK + 3])
def test_predictions_do_not_depend_on_how_many_are_asked_for_at_once(count):
    net = Network(2, LAYERS, seed=1)
    x = samples(count)
    together = net.predict(x)
    assert together.shape == (count, 3)
    singly = [net.predict(x[i : i + 1])[0] for i in range(0, count, 97)]
    if singly:
        np.testing.assert_allclose(together[::97], singly, rtol=1e-12)


@pytest.mark.parametrize(
    ("output", "loss"),
    [
        (Sigmoid(), HalfSquaredError()),
        (Sigmoid(), BinaryCrossEntropy()),
        (Softmax(), CrossEntropy()),
        (Tanh(), MeanSquaredError()),
    ],
)
def test_the_loss_of_many_samples_is_the_mean_over_all_of_them(output, loss):
    net = Network(2, [Dense(3, output, Normal())], loss, seed=1)
    x, y = samples(2 * network.CHUNK + 3), np.eye(3)[np.random.default_rng(1).integers(0, 3, 2 * network.CHUNK + 3)]
    each = [net.evaluate(x[i : i + 1], y[i : i + 1]) for i in range(len(x))]
    assert net.evaluate(x, y) == pytest.approx(np.mean(each), rel=1e-12)
    assert net.backprop(x, y).loss == pytest.approx(np.mean(each), rel=1e-12)
    outputs, mean = net.predict_and_evaluate(x, y)
    np.testing.assert_array_equal(outputs, net.predict(x))
    assert mean == net.evaluate(x, y)


@pytest.mark.parametrize("loss", Loss.members().values())
@pytest.mark.parametrize("output", [Tanh(), Sigmoid(), Softmax(), ReLU()], ids=lambda output: type(output).__name__)
def test_the_loss_alone_is_that_of_a_whole_pass_to_the_bit(output, loss):
    net = Network(2, [*LAYERS, Dense(3, output, Normal())], loss(), seed=1)
    inputs, targets = np.ones((3, 7)), np.eye(3)[np.arange(7) % 3].T.copy()
    inputs[:-1] = samples(7).T
    found = []
    for wanted in (Pass.judge, Pass.compare):
        step = net.make_pass(7)
        calls, total = wanted(step, targets)
        with np.errstate(all="ignore"):
            execute([*step.forward(inputs), *calls])
            found.append(total())
    assert found[0] == found[1]
    assert net.evaluate(samples(7), targets.T) == found[0] / 7


@pytest.mark.parametrize("normalization", [None, BatchNorm()])
def test_an_evaluation_takes_no_derivative_and_sends_no_error_back(normalization, monkeypatch):
    def forbidden(*arrays):
        raise AssertionError("an evaluation needs no f'")

    monkeypatch.setattr(Tanh, "derivative", lambda *arrays: [(forbidden, ())])
    net = Network(2, [Dense(4, Tanh(), normalization=normalization), Dense(3, Tanh(), normalization=normalization)])
    net.evaluate(samples(5), np.zeros((5, 3)))
    Evaluation(net, samples(5), np.zeros((5, 3))).run()
    with pytest.raises(AssertionError):
        net.backprop(samples(5), np.zeros((5, 3)))


def test_what_backprop_returns_stays_as_it_is():
    net = Network(2, LAYERS, seed=1)
    first = net.backprop(samples(5), np.zeros((5, 3)))
    kept = [array.copy() for name in vars(first) if name != "loss" for array in getattr(first, name)]
    net.backprop(samples(5, seed=9), np.ones((5, 3)))
    net.parameters[:] = 0
    again = [array for name in vars(first) if name != "loss" for array in getattr(first, name)]
    for ours, theirs in zip(kept, again, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_float32_networks_compute_and_answer_in_float32():
    double, single = Network(2, LAYERS, seed=1), Network(2, LAYERS, dtype="float32", seed=1)
    x = samples(9)
    assert single.predict(x).dtype == np.float32
    np.testing.assert_allclose(single.predict(x), double.predict(x), rtol=1e-4)
    seen = single.backprop(x, np.zeros((9, 3)))
    for name in ("inputs", "weighted_inputs", "outputs", "deltas", "weight_gradients", "bias_gradients"):
        assert {array.dtype for array in getattr(seen, name)} == {np.dtype("float32")}


def test_targets_of_one_output_may_be_a_flat_list():
    net = Network(2, [Dense(1, Tanh())], seed=1)
    x, y = samples(5), np.linspace(-1, 1, 5)
    assert net.evaluate(x, y) == net.evaluate(x, y[:, None])


def test_integers_and_views_of_other_arrays_are_taken_as_numbers():
    net = Network(2, LAYERS, seed=1)
    whole = np.arange(40).reshape(4, 10)
    np.testing.assert_array_equal(net.predict(whole[::2, 1:9:4]), net.predict([[1.0, 5.0], [21.0, 25.0]]))


def test_a_flat_vector_is_split_as_the_parameters_are():
    net = Network(2, LAYERS)
    parts = net.split_by_layer(np.arange(net.parameters.size))
    assert [part.shape for part in parts] == [(3, 5), (6, 4), (5, 3)]
    assert np.concatenate([part.ravel() for part in parts]).tolist() == list(range(net.parameters.size))


def test_the_buffers_of_a_few_batch_sizes_are_kept_and_no_more():
    net = Network(2, LAYERS)
    for count in range(1, 20):
        net.predict(samples(count))
    assert len(net._passes) <= 3
