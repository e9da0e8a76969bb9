"""Checkpoints: few, spread over the whole run, the first and the newest always among them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import TrainingState
from bplab.lab.checkpoints import BUDGET_BYTES, MOST, Checkpoints


def state(updates: int) -> TrainingState:
    return TrainingState(updates, np.zeros(3), np.zeros((0, 3)), 0.1)


def kept(checkpoints: Checkpoints, updates: int) -> list[int]:
    """The updates of all states kept, up to ``updates``."""
    return sorted({checkpoints.nearest(at).updates for at in range(updates + 1)})


@given(st.lists(st.integers(1, 50), min_size=1, max_size=300), st.integers(2, 20))
def test_the_first_and_the_newest_state_stay_and_the_budget_holds(gaps: list[int], most: int) -> None:
    checkpoints = Checkpoints(BUDGET_BYTES // most)
    moments = [0, *np.cumsum(gaps).tolist()]
    for updates in moments:
        checkpoints.offer(state(updates))
        assert len(checkpoints) <= most
        assert checkpoints.newest().updates == updates
    assert checkpoints.nearest(0).updates == 0


@pytest.mark.parametrize("offered", [100, 1_000, 5_000])
def test_states_are_spread_evenly_over_the_run(offered: int) -> None:
    checkpoints = Checkpoints(BUDGET_BYTES // 16)
    for updates in range(0, 10 * offered, 10):
        checkpoints.offer(state(updates))
    moments = kept(checkpoints, 10 * offered)
    assert 6 <= len(moments) <= 16
    assert max(np.diff(moments)) <= 10 * offered / 4


def test_small_networks_do_not_keep_more_than_a_few_hundred_states() -> None:
    checkpoints = Checkpoints(24)
    for updates in range(10_000):
        checkpoints.offer(state(updates))
    assert len(checkpoints) <= MOST


def test_before_the_first_state_there_is_the_first_state() -> None:
    checkpoints = Checkpoints(24)
    checkpoints.offer(state(5))
    assert checkpoints.nearest(3).updates == 5


def test_truncating_forgets_the_later_states() -> None:
    checkpoints = Checkpoints(24)
    for updates in range(10):
        checkpoints.offer(state(updates))
    checkpoints.truncate_after(6)
    assert checkpoints.newest().updates == 6
