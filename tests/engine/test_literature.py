"""Measurements that others published, made again with this engine. Wide layers or several seeds stand for the mean."""

import math

import numpy as np
import pytest

from bplab.engine import (
    CrossEntropy,
    Dense,
    GlorotNormal,
    GlorotUniform,
    HalfSquaredError,
    HeNormal,
    Identity,
    LeCunNormal,
    Network,
    Normal,
    Orthogonal,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Uniform,
)
from bplab.engine.probes import rms


@pytest.mark.parametrize(
    ("weights", "stds", "singular_value", "gradient_falls"),
    [
        (Uniform(-1 / math.sqrt(1000), 1 / math.sqrt(1000)), [0.269, 0.151, 0.087, 0.050, 0.029], 0.486, 10.0),
        (GlorotUniform(), [0.419, 0.364, 0.327, 0.300, 0.278], 0.762, 1.6),
    ],
    ids=["standard", "normalized"],
)
def test_five_tanh_layers_of_1000_are_those_of_glorot_and_bengio(weights, stds, singular_value, gradient_falls):
    """Glorot & Bengio 2010, sections 4.2 and 4.3: Gaussian inputs of standard deviation 0.5, biases 0."""
    random = np.random.default_rng(0)
    layers = [*(Dense(1000, Tanh(), weights) for _ in range(5)), Dense(10, Softmax())]
    network = Network(1000, layers, CrossEntropy(), seed=2)
    seen = network.backprop(random.normal(0, 0.5, (100, 1000)), np.eye(10)[random.integers(0, 10, 100)])
    np.testing.assert_allclose([outputs.std() for outputs in seen.outputs[:5]], stds, rtol=0.02)
    jacobians = [network.weights[k] * Tanh().df(seen.weighted_inputs[k][0]) for k in (1, 2, 3, 4)]
    values = [np.linalg.svd(jacobian, compute_uv=False).mean() for jacobian in jacobians]
    assert np.mean(values) == pytest.approx(singular_value, rel=0.02)  # one sample speaks for all
    assert rms(seen.deltas[4]) / rms(seen.deltas[0]) == pytest.approx(gradient_falls, rel=0.03)
    # The weight gradients are level all the same: equal weight gradients prove nothing.
    gradients = [rms(gradient) for gradient in seen.weight_gradients[:5]]
    assert max(gradients) / min(gradients) < 1.06


@pytest.mark.parametrize(
    ("weights", "last_rms", "delta_ratio", "slope"),
    [(GlorotNormal(), 2.7e-5, 4.4e-5, -0.5 * math.log(2)), (HeNormal(), 0.87, 1.09, 0.0)],
    ids=["Xavier", "He"],
)
def test_thirty_relu_layers_fade_with_xavier_and_last_with_he(weights, last_rms, delta_ratio, slope):
    """He et al. 2015, as a multilayer perceptron of width 256."""
    sizes, ratios, slopes = [], [], []
    for seed in range(8):
        random = np.random.default_rng([seed, 99])
        network = Network(256, [*(Dense(256, ReLU(), weights) for _ in range(30)), Dense(10, Identity())], seed=seed)
        # Targets far from the outputs: what flows back is independent of what flowed forward.
        seen = network.backprop(random.normal(size=(64, 256)), random.normal(0, 1e3, (64, 10)))
        sizes.append([rms(outputs) for outputs in seen.outputs[:30]])
        ratios.append(rms(seen.deltas[0]) / rms(seen.deltas[29]))
        slopes.append(np.polyfit(range(30), np.log(sizes[-1]), 1)[0])
    assert np.median(slopes) == pytest.approx(slope, abs=0.01)
    assert np.median([size[-1] for size in sizes]) == pytest.approx(last_rms, rel=0.2)
    assert np.median(ratios) == pytest.approx(delta_ratio, rel=0.2)


@pytest.mark.parametrize("hidden", [2, 3, 4])
def test_the_gradient_of_a_sigmoid_network_falls_by_about_5_a_layer(hidden):
    """Nielsen, chapter 5: [784, 30, …, 10], W ~ N(0, 1/√n_in), b ~ N(0, 1)."""
    falls = []
    for seed in range(10):
        random = np.random.default_rng([seed, 99])
        layers = [Dense(units, Sigmoid(), LeCunNormal(), Normal()) for units in [30] * hidden + [10]]
        network = Network(784, layers, HalfSquaredError(), seed=seed)
        ink = (random.random((200, 784)) < 0.19).astype(float)
        seen = network.backprop(ink, np.eye(10)[random.integers(0, 10, 200)])
        norms = [np.linalg.norm(gradient) for gradient in seen.bias_gradients[:-1]]
        falls.append((norms[-1] / norms[0]) ** (1 / (hidden - 1)))
    assert np.exp(np.mean(np.log(falls))) == pytest.approx(5.0, rel=0.12)
    assert 3.8 < np.median(falls) < 6.6


@pytest.mark.parametrize(("width", "share"), [(2, 0.878), (3, 0.573), (5, 0.130)])
def test_deep_thin_relu_networks_are_born_dead_as_often_as_simulated(width, share):
    """Lu et al. 2019: no biases, one input, ten layers; the share is at most 1 − (1 − 2^−N)^(L−1)."""
    draws, dead = 400, 0
    for seed in range(draws):
        layers = [*(Dense(width, ReLU(), HeNormal()) for _ in range(9)), Dense(1, Identity(), HeNormal())]
        dead += not Network(1, layers, seed=2000 + seed).predict([[-1.0], [1.0]]).any()
    assert dead / draws == pytest.approx(share, abs=2.5 * math.sqrt(share * (1 - share) / draws))
    assert dead / draws < 1 - (1 - 2.0**-width) ** 9


def test_tanh_layers_with_gain_five_thirds_settle_as_in_makemore():
    """Karpathy, makemore part 3: unit Gaussian inputs; the share of saturated outputs and the spread, by layer."""
    width = 600
    network = Network(width, [Dense(width, Tanh(), Normal(0, 5 / 3 / math.sqrt(width))) for _ in range(5)], seed=1)
    x = np.random.default_rng(0).normal(size=(300, width))
    outputs = network.backprop(x, np.zeros((300, width))).outputs
    shares = [100 * np.mean(np.abs(a) > 0.97) for a in outputs]
    np.testing.assert_allclose(shares, [20.93, 9.83, 7.00, 6.04, 5.66], atol=0.15)
    np.testing.assert_allclose([a.std() for a in outputs], [0.759, 0.693, 0.669, 0.659, 0.654], rtol=0.005)


def test_a_deep_linear_product_keeps_its_singular_values_only_if_orthogonal():
    """Saxe et al. 2013: fifty linear layers of 100."""

    def singular_values(weights, seed):
        network = Network(100, [Dense(100, Identity(), weights) for _ in range(50)], seed=seed)
        return np.linalg.svd(network.predict(np.eye(100)), compute_uv=False)

    np.testing.assert_allclose(singular_values(Orthogonal(), 0), 1.0, rtol=1e-12)
    gaussian = [singular_values(LeCunNormal(), seed) for seed in range(9)]
    assert np.median([values.max() for values in gaussian]) == pytest.approx(5.9, rel=0.1)
    assert np.log10(np.median([np.median(values) for values in gaussian])) == pytest.approx(math.log10(1.7e-8), abs=0.3)


@pytest.mark.parametrize(("spread", "variance", "growth"), [(1.3, 0.607, 0.940), (2.5, 4.079, 1.585)])
def test_wide_tanh_layers_settle_at_the_fixed_point_of_mean_field_theory(spread, variance, growth):
    """Poole et al. 2016: σ_b = 0.3; the variance of z, and how much a small difference grows in a layer."""
    width = 800
    layers = [Dense(width, Tanh(), Normal(0, spread / math.sqrt(width)), Normal(0, 0.3)) for _ in range(12)]
    network = Network(width, layers, seed=3)
    z = network.backprop(np.random.default_rng(0).normal(size=(40, width)), np.zeros((40, width))).weighted_inputs[-1]
    assert np.mean(z**2) == pytest.approx(variance, rel=0.04)
    assert spread**2 * np.mean(Tanh().df(z) ** 2) == pytest.approx(growth, rel=0.02)
