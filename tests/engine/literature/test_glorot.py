"""Glorot & Bengio 2010, "Understanding the difficulty of training deep feedforward neural networks"."""

import functools
import math

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    CrossEntropy,
    Dense,
    GlorotUniform,
    Network,
    Sigmoid,
    Softmax,
    Standard,
    Tanh,
    Trainer,
)
from bplab.engine.probes import rms
from tests.engine.literature.bands import assert_mean_is, assert_mean_is_near

LAYERS, WIDTH, SEEDS = 5, 1000, range(6)
WEIGHTS = {"standard": Standard(), "normalized": GlorotUniform()}
both_ways = pytest.mark.parametrize("way", WEIGHTS)


@functools.cache
def measured(way):
    """Section 4.2 on five tanh layers of 1000: Gaussian inputs with standard deviation 0.5, biases 0; by seed."""
    found = []
    for seed in SEEDS:
        random = np.random.default_rng([seed, 99])
        layers = [*(Dense(WIDTH, Tanh(), WEIGHTS[way]) for _ in range(LAYERS)), Dense(10, Softmax(), WEIGHTS[way])]
        network = Network(WIDTH, layers, CrossEntropy(), seed=seed)
        seen = network.backprop(random.normal(0, 0.5, (100, WIDTH)), np.eye(10)[random.integers(0, 10, 100)])
        found.append((network, seen))
    return found


def infinitely_wide(way):
    """RMS of the inputs and of every layer's outputs; and of δ, as a multiple of the last hidden layer's.

    Var z = n·Var w·E a², E a² = E tanh²(z) and E δ² = n·Var w·E δ_next²·E tanh'²(z): equations 5 and 6 of the paper
    without their linear regime, the means by Gauss–Hermite quadrature.
    """
    points, weights = np.polynomial.hermite_e.hermegauss(100)
    share = {"standard": 1 / 3, "normalized": 1.0}[way]  # n·Var w
    sizes, falls = [0.5], []
    for _ in range(LAYERS):
        z = sizes[-1] * math.sqrt(share) * points
        sizes.append(math.sqrt(weights @ np.tanh(z) ** 2 / weights.sum()))
        falls.append(math.sqrt(share * (weights @ (1 - np.tanh(z) ** 2) ** 2) / weights.sum()))
    # From layer 5 back to layer k stand the derivatives of layers 4 … k.
    return sizes, [math.prod(falls[layer : LAYERS - 1]) for layer in range(LAYERS)]


@both_ways
def test_activations_errors_and_weight_gradients_have_the_size_of_infinitely_wide_layers(way):
    sizes, errors = infinitely_wide(way)
    for layer in range(LAYERS):
        spreads = [seen.outputs[layer].std() for _, seen in measured(way)]
        assert_mean_is_near(sizes[layer + 1], spreads, doubt=0.02 * sizes[layer + 1])
    for layer in range(LAYERS - 1):
        kept = [rms(seen.deltas[layer]) / rms(seen.deltas[-2]) for _, seen in measured(way)]
        assert_mean_is_near(errors[layer], kept, doubt=0.1 * errors[layer])
        expected = sizes[layer] * errors[layer] / sizes[LAYERS - 1]
        kept = [rms(seen.weight_gradients[layer]) / rms(seen.weight_gradients[-2]) for _, seen in measured(way)]
        assert_mean_is_near(expected, kept, doubt=0.1 * expected)


@pytest.mark.parametrize(
    ("way", "figures"),
    [("standard", [0.269, 0.151, 0.087, 0.050, 0.029]), ("normalized", [0.419, 0.364, 0.327, 0.300, 0.278])],
)
def test_the_spread_of_the_activations_is_the_published_one_by_layer(way, figures):
    # The figures are one draw's: they stand within 1 % (and their rounding) of the mean that the test above derives.
    spreads = np.mean([[outputs.std() for outputs in seen.outputs[:LAYERS]] for _, seen in measured(way)], axis=0)
    assert np.all(np.abs(spreads - figures) <= 0.01 * np.array(figures) + 0.0005)


@pytest.mark.parametrize(("way", "figure"), [("standard", 0.486), ("normalized", 0.762)])
def test_the_mean_singular_value_of_a_layers_jacobian_is_the_published_one(way, figure):
    """∂z_next/∂z = f'(z)·W between hidden layers, at one sample. A matrix of 1000 is as good as many."""
    (network, seen), *_ = measured(way)
    jacobians = [network.weights[k] * Tanh().df(seen.weighted_inputs[k][0]) for k in range(1, LAYERS)]
    values = [np.linalg.svd(jacobian, compute_uv=False).mean() for jacobian in jacobians]
    assert np.mean(values) == pytest.approx(figure, rel=0.01)  # one sample of f' in a thousand units


@pytest.mark.parametrize(("way", "figure"), [("standard", "10"), ("normalized", "1.6")])
def test_the_error_that_flows_back_is_so_many_times_smaller_at_the_first_layer(way, figure):
    falls = [rms(seen.deltas[LAYERS - 1]) / rms(seen.deltas[0]) for _, seen in measured(way)]
    assert_mean_is(figure, falls, sharpness=0.12)


@both_ways
def test_the_weight_gradients_are_level_whatever_the_errors_do(way):
    """Section 4.2.1: what the errors lose backwards the inputs have lost forwards, all but 4 %.

    Equal weight gradients prove nothing: one of the two networks has errors that fall ten times.
    """
    gradients = np.mean([[rms(g) for g in seen.weight_gradients[:LAYERS]] for _, seen in measured(way)], axis=0)
    assert gradients.max() / gradients.min() < 1.05
    sizes, errors = infinitely_wide(way)
    theory = np.multiply(sizes[:LAYERS], errors)
    assert theory.max() / theory.min() < 1.04


def test_a_deep_sigmoid_network_saturates_its_top_hidden_layer_at_0_and_leaves_the_plateau_late():
    """Section 3.1, figure 2: four sigmoid layers with the standard initialization, trained on classes."""
    random = np.random.default_rng(0)
    classes = random.integers(0, 10, 2000)
    x = random.normal(size=(10, 32))[classes] + 0.5 * random.normal(size=(2000, 32))
    y = np.eye(10)[classes]
    layers = [*(Dense(100, Sigmoid(), Standard()) for _ in range(4)), Dense(10, Softmax(), Standard())]
    network = Network(32, layers, CrossEntropy(), seed=1)
    trainer = Trainer(network, x, y, SGD(0.3), batch_size=10)
    means, losses = [], []
    for _ in range(30):
        seen = network.backprop(x[:300], y[:300])
        means.append([outputs.mean() for outputs in seen.outputs[:4]])
        losses.append(seen.loss)
        for _ in range(trainer.steps_per_epoch):
            trainer.step()
    top = [mean[3] for mean in means]
    assert top[0] == pytest.approx(0.5, abs=0.02)
    assert max(top[5:15]) < 0.06  # pushed to 0 within five epochs, and held there
    assert all(0.45 < mean < 0.8 for layer_means in means[:15] for mean in layer_means[:3])
    assert max(abs(loss - math.log(10)) for loss in losses[5:15]) < 0.02  # as good as knowing nothing
    assert losses[-1] < 0.75 * math.log(10)
    assert top[-1] > 2 * min(top)
