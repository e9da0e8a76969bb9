"""Histograms of a layer's values: nothing is counted twice, and flat stretches are where f' is small."""

from itertools import pairwise

import numpy as np
import pytest

from bplab.engine import GELU, HardSigmoid, Identity, ReLU, Sigmoid, Softmax, Tanh
from bplab.gui.plots.densities import BINS, common_range, saturated_stretches, spread_of


def test_every_value_within_the_axis_is_counted_once() -> None:
    values = np.linspace(-1.0, 1.0, 501)
    spread = spread_of(values, values > 0.5, -1.0, 1.0)
    assert spread.counts.sum() == spread.total == 501
    assert spread.saturated.sum() == np.count_nonzero(values > 0.5)
    assert (spread.saturated <= spread.counts).all()
    np.testing.assert_allclose(spread.shares().sum(), 1.0)


def test_values_outside_the_axis_and_those_that_are_no_numbers_stand_in_no_bin() -> None:
    values = np.array([-3.0, 0.5, np.nan, np.inf, 7.0])
    spread = spread_of(values, np.ones(5, bool), 0.0, 1.0)
    assert (spread.counts.sum(), spread.total, len(spread.counts)) == (1, 5, BINS)


def test_the_axis_has_round_ends_holds_zero_and_lets_far_values_go() -> None:
    few_far = np.concatenate([np.linspace(-0.9, 1.9, 5_000), [1e6]])
    assert common_range([few_far, np.full(10, 0.3)]) == (-1.0, 2.0)
    assert common_range([np.full(10, np.nan)]) == (0.0, 1.0)
    assert common_range([np.zeros(10)]) == (0.0, 1.0)


def test_tanh_is_flat_where_its_slope_is_below_a_twentieth() -> None:
    (low, left), (right, high) = saturated_stretches(Tanh(), of_outputs=False)
    assert (low, high) == (-np.inf, np.inf)
    assert 1.0 - np.tanh(left) ** 2 == pytest.approx(0.05, abs=0.004)
    assert left == pytest.approx(-right)
    (_, below), (above, _) = saturated_stretches(Tanh(), of_outputs=True)
    assert above == pytest.approx(-below)
    assert above == pytest.approx(np.sqrt(0.95), abs=0.002)


def test_the_flat_stretch_of_relu_is_the_single_output_zero() -> None:
    assert saturated_stretches(ReLU(), of_outputs=True) == [(0.0, 0.0)]
    ((low, high),) = saturated_stretches(ReLU(), of_outputs=False)
    assert low == -np.inf
    assert high == pytest.approx(0.0, abs=0.03)


def test_what_is_never_flat_has_no_flat_stretch() -> None:
    assert saturated_stretches(Identity(), of_outputs=True) == []
    assert saturated_stretches(Softmax(), of_outputs=False) == []


def test_softmax_is_flat_near_certainty() -> None:
    (low, left), (right, high) = saturated_stretches(Softmax(), of_outputs=True)
    assert (low, high) == (0.0, 1.0)
    assert left * (1 - left) == pytest.approx(0.0125, abs=2e-4)
    assert right == pytest.approx(1 - left)


@pytest.mark.parametrize("activation", [Sigmoid(), HardSigmoid(), GELU()], ids=lambda one: type(one).__name__)
def test_stretches_of_outputs_do_not_overlap(activation: Sigmoid) -> None:
    stretches = saturated_stretches(activation, of_outputs=True)
    assert stretches
    assert all(low <= high for low, high in stretches)
    assert all(before[1] < after[0] for before, after in pairwise(stretches))
