"""Kumar 2017, "On weight initialization in deep neural networks": Var w = 1/(N·f'(0)²·(1 + f(0)²))."""

import math

import numpy as np
import pytest

from bplab.engine import Activation, Dense, GlorotNormal, Kumar, Network, ReLU, Sigmoid, Tanh

UNITS = 1000
DRAWN = UNITS * UNITS


def spread(activation):
    """Standard deviation of the weights that a network draws, times √N."""
    network = Network(UNITS, [Dense(UNITS, activation, Kumar())], seed=0)
    return network.weights[0].std() * math.sqrt(UNITS)


def three_errors(value):
    """Three standard errors of a standard deviation estimated from so many Gaussian draws."""
    return 3 * value / math.sqrt(2 * DRAWN)


@pytest.mark.parametrize(("activation", "figure", "rounding"), [(Sigmoid(), 3.58, 0.005), (Tanh(), 1.0, 0.0)])
def test_the_weights_of_a_layer_have_the_published_spread(activation, figure, rounding):
    assert spread(activation) == pytest.approx(figure, abs=three_errors(figure) + rounding)


def test_relu_has_no_slope_at_0_and_takes_the_variance_that_the_paper_gives_it():
    """Section 4: 2/N, as He et al. found."""
    assert spread(ReLU()) == pytest.approx(math.sqrt(2), abs=three_errors(math.sqrt(2)))


SMOOTH = {
    name: kind()
    for name, kind in Activation.members().items()
    if kind.elementwise and 0.0 not in kind().kinks and kind().df(0.0)
}


@pytest.mark.parametrize("activation", SMOOTH.values(), ids=SMOOTH)
def test_weights_follow_the_formula_for_every_activation_with_a_slope_at_0(activation):
    step = 1e-5
    slope = (activation.f(step) - activation.f(-step)) / (2 * step)
    expected = 1 / math.sqrt(slope**2 * (1 + activation.f(0.0) ** 2))
    assert spread(activation) == pytest.approx(expected, abs=three_errors(expected) + 1e-8)


def spread_over_samples(weights):
    """How far the answers of six sigmoid layers to different samples lie apart."""
    x = np.random.default_rng(0).normal(0.5, 0.05, (100, UNITS))
    network = Network(UNITS, [Dense(UNITS, Sigmoid(), weights) for _ in range(6)], seed=0)
    return network.predict(x).std(axis=0).mean()


def test_deep_sigmoid_layers_still_tell_samples_apart_where_xaviers_weights_no_longer_do():
    """Section 5: ten sigmoid layers learn with 3.6/√N and not with 1/√N, which loses a factor of up to 3.6 a layer."""
    gain = spread_over_samples(Kumar()) / spread_over_samples(GlorotNormal())
    assert 100 < gain < 3.58**6
