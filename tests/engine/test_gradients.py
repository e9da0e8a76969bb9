"""Back-propagation's gradient, for every activation with every loss, against differences of the loss."""

import numpy as np
import pytest

from bplab.engine import (
    Activation,
    BinaryCrossEntropy,
    Dense,
    GlorotNormal,
    HalfSquaredError,
    Identity,
    Loss,
    Network,
    Normal,
    Tanh,
    check_gradients,
)

ACTIVATIONS = [pytest.param(kind, id=name) for name, kind in Activation.members().items()]
LOSSES = [pytest.param(kind, id=name) for name, kind in Loss.members().items()]
X = np.random.default_rng(3).normal(size=(9, 3))
CLASSES = np.eye(3)[np.random.default_rng(4).integers(0, 3, 9)]


def with_outputs_inside_the_probabilities(hidden, output, loss, seed=0):
    """3-5-4-3; the last layer's weights are small and its biases such that all outputs lie well inside (0, 1)."""
    layers = [Dense(5, hidden, Normal(0, 0.6), Normal(0, 0.5)), Dense(4, hidden, Normal(0, 0.6)), Dense(3, output)]
    network = Network(3, layers, loss, seed=seed)
    network.weights[-1][...] *= 0.05
    network.biases[-1][...] = {"softplus": -0.5}.get(output.__struct_config__.tag, 0.5)
    outputs = network.predict(X)
    assert outputs.min() > 0.1
    assert outputs.max() < 0.9
    return network


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_through_a_hidden_activation_is_the_slope_of_the_loss(hidden, loss):
    network = with_outputs_inside_the_probabilities(hidden(), Identity(), loss())
    check = check_gradients(network, X, CLASSES)
    assert check.relative_error < 1e-7
    assert check.verdict == "good"
    assert check.compared > 4 * check.skipped


@pytest.mark.parametrize("output", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_the_gradient_of_an_output_activation_with_a_loss_is_the_slope_of_the_loss(output, loss):
    network = with_outputs_inside_the_probabilities(Tanh(), output(), loss(), seed=1)
    check = check_gradients(network, X, CLASSES)
    assert check.relative_error < 1e-7
    assert check.verdict == "good"
    assert check.compared > 4 * check.skipped


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_deep_network_passes_in_every_layer(activation):
    layers = [Dense(6, activation(), GlorotNormal(), Normal(0, 0.3)) for _ in range(6)]
    network = Network(3, [*layers, Dense(2, Tanh())], HalfSquaredError(), seed=2)
    check = check_gradients(network, X, CLASSES[:, :2])
    assert check.verdict == "good"
    assert check.compared > check.skipped


def test_one_sample_and_one_unit_are_enough():
    network = Network(1, [Dense(1, Tanh())], HalfSquaredError(), seed=1)
    assert check_gradients(network, [[0.7]], [[0.2]]).verdict == "good"


def test_a_gradient_is_the_mean_over_the_batch_of_what_enters_times_what_leaves():
    network = Network(3, [Dense(4, Tanh()), Dense(3, Tanh())], HalfSquaredError(), seed=5)
    result = network.backprop(X, CLASSES)
    for inputs, deltas, weights, biases in zip(
        result.inputs, result.deltas, result.weight_gradients, result.bias_gradients, strict=True
    ):
        np.testing.assert_allclose(weights, inputs.T @ deltas, rtol=1e-13, atol=1e-16)
        np.testing.assert_allclose(biases, deltas.sum(axis=0), rtol=1e-13, atol=1e-16)
    np.testing.assert_allclose(
        result.deltas[1], (result.outputs[1] - CLASSES) / 9 * Tanh().df(result.weighted_inputs[1])
    )
    back = result.deltas[1] @ network.weights[1].T
    np.testing.assert_allclose(result.deltas[0], back * Tanh().df(result.weighted_inputs[0]), rtol=1e-13)


def test_float32_gradients_are_those_of_float64_to_single_precision():
    layers = [Dense(5, Tanh()), Dense(3, Tanh())]
    double = Network(3, layers, BinaryCrossEntropy(), "float64", seed=0)
    single = Network(3, layers, BinaryCrossEntropy(), "float32", seed=0)
    double.parameters[:] = np.abs(double.parameters)  # positive inputs and weights: outputs inside (0, 1)
    single.parameters[:] = double.parameters
    x = np.abs(X)
    for exact, rounded in zip(
        double.backprop(x, CLASSES).weight_gradients, single.backprop(x, CLASSES).weight_gradients, strict=True
    ):
        assert rounded.dtype == np.float32
        np.testing.assert_allclose(rounded, exact, rtol=2e-4, atol=1e-5)
