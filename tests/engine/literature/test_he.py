"""He et al. 2015, "Delving deep into rectifiers": thirty ReLU layers, as a multilayer perceptron of width 256."""

import functools
import math

import numpy as np
import pytest

from bplab.engine import Dense, GlorotNormal, HeNormal, Identity, Network, ReLU
from bplab.engine.probes import rms
from tests.engine.literature.bands import assert_in_band, assert_mean_is_near

WIDTH, DEPTH, SEEDS = 256, 30, range(40)
WEIGHTS = {"Xavier": GlorotNormal(), "He": HeNormal()}
LOSS_BY_LAYER = {"Xavier": -0.5 * math.log(2.0), "He": 0.0}
"""ln of what one layer leaves of the RMS: n·Var w/2 is 1/2 with Xavier and 1 with He (equation 7)."""
FLUCTUATION = -5.0 / (4.0 * WIDTH)
"""What the ln of the RMS loses a layer because n is finite: half of ln of a mean of n terms 2·relu(g)², variance 5."""
both_ways = pytest.mark.parametrize("way", WEIGHTS)


@functools.cache
def measured(way):
    """RMS of the outputs by layer ``(seeds, layers)``, and ‖δ1‖/‖δ30‖ ``(seeds,)``."""
    sizes, falls = [], []
    for seed in SEEDS:
        random = np.random.default_rng([seed, 99])
        layers = [*(Dense(WIDTH, ReLU(), WEIGHTS[way]) for _ in range(DEPTH)), Dense(10, Identity())]
        # Targets far from the outputs: what flows back is independent of what flowed forward.
        seen = Network(WIDTH, layers, seed=seed).backprop(
            random.normal(size=(32, WIDTH)), random.normal(0, 1e3, (32, 10))
        )
        sizes.append([rms(outputs) for outputs in seen.outputs[:DEPTH]])
        falls.append(rms(seen.deltas[0]) / rms(seen.deltas[DEPTH - 1]))
    return np.array(sizes), np.array(falls)


@pytest.mark.parametrize(("way", "last_rms", "fall"), [("Xavier", "2.7e-5", "4.4e-5"), ("He", "0.87", "1.09")])
def test_the_published_ends_of_thirty_layers_lie_in_the_band_over_seeds(way, last_rms, fall):
    sizes, falls = measured(way)
    assert_in_band(last_rms, sizes[:, -1])
    assert_in_band(fall, falls)


@both_ways
def test_the_slope_of_the_log_norm_is_that_of_the_weights_variance(way):
    sizes, _ = measured(way)
    slopes = np.polyfit(range(DEPTH), np.log(sizes).T, 1)[0]
    assert_mean_is_near(LOSS_BY_LAYER[way] + FLUCTUATION, slopes, doubt=0.01)


@both_ways
def test_the_outputs_of_the_last_layer_have_the_size_that_thirty_layers_leave(way):
    sizes, _ = measured(way)
    # The first layer sees unit inputs and halves their mean square like every other.
    expected = DEPTH * (LOSS_BY_LAYER[way] + FLUCTUATION)
    assert_mean_is_near(expected, np.log(sizes[:, -1]), doubt=0.2)
    assert {"Xavier": 2.7e-5, "He": 0.87}[way] == pytest.approx(math.exp(expected), rel=0.03)


@both_ways
def test_the_mean_square_of_the_errors_keeps_the_same_share_in_every_layer(way):
    """Section 2.2, equation 14: backwards the same product n·Var w/2 decides; the mean square has it exactly."""
    _, falls = measured(way)
    assert_mean_is_near(1.0, falls**2 / math.exp(2 * (DEPTH - 1) * LOSS_BY_LAYER[way]), doubt=0.25)
