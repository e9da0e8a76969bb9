"""Losses that are each finite may add up beyond the largest float on the way to divergence."""

import pytest

from bplab.lab.meter import LossMeter


@pytest.mark.parametrize("count", [3, 2_000])
def test_the_mean_of_huge_losses_is_their_mean(count):
    meter = LossMeter()
    meter.values += [1.5e308] * count
    mean, low, high = meter.take()
    assert mean == pytest.approx(1.5e308)
    assert (low, high) == (1.5e308, 1.5e308)
