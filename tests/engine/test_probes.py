"""Probes: what is measured inside the network, against the definitions written out."""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Activation,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    Network,
    Normal,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)
from bplab.engine.probes import Probe, rms, update_ratios

X = np.random.default_rng(0).normal(size=(40, 3))
CLASSES = np.eye(2)[np.random.default_rng(1).integers(0, 2, 40)]
HEADS = [(Tanh(), HalfSquaredError()), (Sigmoid(), BinaryCrossEntropy()), (Softmax(), CrossEntropy())]


def network(hidden=Tanh(), output=Tanh(), loss=HalfSquaredError(), dtype="float64"):  # noqa: B008
    return Network(
        3, [Dense(6, hidden, Normal(0, 2)), Dense(5, hidden, Normal(0, 2)), Dense(2, output)], loss, dtype, 1
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(("output", "loss"), HEADS, ids=["squared", "binary", "classes"])
@pytest.mark.parametrize("hidden", [kind() for kind in Activation.members().values()], ids=list(Activation.members()))
def test_a_reading_is_what_backprop_and_the_slopes_say(hidden, output, loss, dtype):
    net = network(hidden, output, loss, dtype)
    seen, reading = net.backprop(X, CLASSES), Probe(net, X, CLASSES).read()
    tolerance = 1e-12 if dtype == "float64" else 1e-4
    assert reading.loss == pytest.approx(seen.loss, rel=tolerance)
    spread = [np.sqrt(np.mean(array.astype(float) ** 2)) for array in seen.weight_gradients]
    np.testing.assert_allclose(reading.weight_gradient_rms, spread, rtol=tolerance)
    spread = [np.sqrt(np.mean(array.astype(float) ** 2)) for array in seen.deltas]
    np.testing.assert_allclose(reading.delta_rms, spread, rtol=tolerance)
    saturated, dead = [], []
    for layer, z in zip(net.layers, seen.weighted_inputs, strict=True):
        slope = np.abs(layer.activation.df(z))
        saturated += np.sum(slope < 0.05 * layer.activation.steepest, axis=0).tolist()
        dead.append(np.sum((slope == 0).all(axis=0)))
    assert reading.saturated.tolist() == saturated
    assert reading.dead.tolist() == dead


def test_a_dead_neuron_is_saturated_on_every_sample():
    net = network(ReLU())
    net.biases[0][[1, 4]] = -1e3
    reading = Probe(net, X, CLASSES).read()
    assert reading.dead[0] == 2
    assert reading.saturated[[1, 4]].tolist() == [40, 40]
    assert (reading.saturated[:6] == 40).sum() >= 2


def test_a_saturated_tanh_neuron_is_not_called_dead_while_its_slope_is_not_0():
    net = network(Tanh())
    net.weights[0][...], net.biases[0][...] = 0.0, 5.0
    reading = Probe(net, X, CLASSES).read()
    assert reading.saturated[:6].tolist() == [40] * 6
    assert reading.dead[0] == 0


def test_a_probe_follows_the_network_as_it_trains_and_leaves_it_alone():
    watched, plain = network(), network()
    probe = Probe(watched, X, CLASSES)
    ours, theirs = (Trainer(net, X, CLASSES, SGD(0.1), 8) for net in (watched, plain))
    losses = []
    for _ in range(10):
        assert ours.step() == theirs.step()
        losses.append(probe.read().loss)
        assert losses[-1] == pytest.approx(plain.evaluate(X, CLASSES), rel=1e-13)
    assert len(set(losses)) == 10


def test_the_buffers_of_the_latest_reading_can_be_looked_at():
    net = network()
    probe = Probe(net, X, CLASSES)
    probe.read()
    for layer, z in zip(probe.layers, net.backprop(X, CLASSES).weighted_inputs, strict=True):
        np.testing.assert_allclose(layer.z.T, z, rtol=1e-13)
        np.testing.assert_allclose(layer.slope.T, layer.activation.df(z), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize(
    ("values", "expected"), [([3.0, -4.0], np.sqrt(12.5)), ([[2.0, 2.0], [2.0, 2.0]], 2.0), ([], 0.0)]
)
def test_rms_is_the_root_of_the_mean_square(values, expected):
    assert rms(np.array(values)) == pytest.approx(expected, rel=1e-15)


def test_the_update_ratio_compares_the_change_of_the_weights_with_the_weights_biases_aside():
    before = [np.array([[3.0], [4.0], [100.0]]), np.zeros((3, 2))]
    after = [np.array([[3.0], [4.5], [-100.0]]), np.ones((3, 2))]
    np.testing.assert_allclose(update_ratios(before, after), [0.1, 0.0], rtol=1e-14)


def test_the_update_ratio_of_sgd_is_the_rate_times_the_gradient_over_the_weights():
    net = network()
    before, seen = net.parameters.copy(), net.backprop(X, CLASSES)
    Trainer(net, X, CLASSES, SGD(0.03), len(X)).step()
    ratios = update_ratios(net.split_by_layer(before), net.split_by_layer(net.parameters))
    weights = [layer[:-1] for layer in net.split_by_layer(before)]
    expected = [0.03 * rms(g) / rms(w) for g, w in zip(seen.weight_gradients, weights, strict=True)]
    np.testing.assert_allclose(ratios, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("size", "dtype"),
    [(1e-24, "float32"), (1e-30, "float32"), (1e25, "float32"), (1e-200, "float64"), (1e200, "float64")],
)
def test_the_root_mean_square_reaches_as_far_as_the_numbers_do(size, dtype):
    with np.errstate(over="ignore", under="ignore"):
        assert rms(np.full((3, 4), size, dtype)) == pytest.approx(size, rel=1e-6)
