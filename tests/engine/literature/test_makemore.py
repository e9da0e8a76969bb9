"""Karpathy, "makemore, part 3": tanh layers with gain 5/3 over √n, unit Gaussian inputs."""

import functools
import math

import numpy as np
import pytest

from bplab.engine import Dense, Network, Normal, Tanh
from tests.engine.literature.bands import assert_mean_is

WIDTH, SEEDS = 500, range(9)
SATURATED = ["20.93", "9.83", "7.00", "6.04", "5.66"]
"""Percentage of outputs beyond ±.97 by layer."""
SPREAD = ["0.759", "0.693", "0.669", "0.659", "0.654"]


@functools.cache
def outputs():
    """The outputs of every layer, by seed."""
    law = Normal(0, 5 / 3 / math.sqrt(WIDTH))
    return [
        Network(WIDTH, [Dense(WIDTH, Tanh(), law) for _ in range(5)], seed=seed)
        .backprop(np.random.default_rng([seed, 99]).normal(size=(150, WIDTH)), np.zeros((150, WIDTH)))
        .outputs
        for seed in SEEDS
    ]


@pytest.mark.parametrize("layer", range(5))
def test_the_share_of_saturated_outputs_is_the_one_of_the_lecture(layer):
    assert_mean_is(SATURATED[layer], [100 * np.mean(np.abs(seen[layer]) > 0.97) for seen in outputs()], sharpness=0.03)


@pytest.mark.parametrize("layer", range(5))
def test_the_spread_of_the_outputs_is_the_one_of_the_lecture(layer):
    assert_mean_is(SPREAD[layer], [seen[layer].std() for seen in outputs()], sharpness=0.01)


@pytest.mark.parametrize("layer", range(5))
def test_a_derivative_below_5_percent_is_an_output_beyond_nearly_the_same_bound(layer):
    """1 − a² < .05 is |a| > .9747: the measure of saturation that holds for every activation, beside the lecture's."""
    seen = outputs()[0][layer]
    np.testing.assert_array_equal(Tanh().df(np.arctanh(seen)) < 0.05, np.abs(seen) > math.sqrt(0.95))
