"""Axes: round ends, few ticks, 1e-3 where others write −3, and a place for 0 on a log axis."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bplab.gui.plots.scales import (
    LinearScale,
    LogScale,
    linear_ticks,
    magnitude_text,
    round_above,
    share_ticks,
    update_text,
    update_ticks,
)

MAGNITUDES = st.floats(1e-30, 1e30)


def texts(ticks: list[tuple[float, str]]) -> list[str]:
    return [text for _, text in ticks]


@pytest.mark.parametrize(
    ("exponent", "text"),
    [(-3, "1e-3"), (-12, "1e-12"), (-2, "0.01"), (0, "1"), (3, "1000"), (4, "1e4"), (math.log10(5e-7), "5e-7"),
     (math.log10(0.2), "0.2")],
)  # fmt: skip
def test_a_log_axis_is_labelled_in_numbers_not_in_exponents(exponent: float, text: str) -> None:
    assert magnitude_text(exponent) == text


def test_a_log_axis_over_many_decades_labels_each_of_them_where_there_is_room() -> None:
    assert texts(LogScale(-5.0, 0.0).ticks(-5.0, 0.0, 200.0)) == ["1e-5", "1e-4", "1e-3", "0.01", "0.1", "1"]


def test_a_short_log_axis_labels_every_second_or_third_decade() -> None:
    assert texts(LogScale(-12.0, 0.0).ticks(-12.0, 0.0, 90.0)) == ["1e-12", "1e-9", "1e-6", "1e-3", "1"]


def test_a_log_axis_within_a_decade_labels_twos_and_fives() -> None:
    assert texts(LogScale(-1.0, 0.0).ticks(-1.0, 0.0, 200.0)) == ["0.1", "0.2", "0.5", "1"]


@given(arrays(np.float64, st.integers(1, 60), elements=MAGNITUDES))
def test_a_log_scale_holds_all_magnitudes_but_runaways(values: np.ndarray) -> None:
    scale = LogScale.around(values)
    places = scale.place(values)
    assert scale.zero is None
    assert places.min() >= scale.low - 1e-9
    if values.max() <= 1e6 * values[0]:
        assert places.max() <= scale.high + 1e-9


def test_zeros_stand_below_every_other_value_and_say_so() -> None:
    values = np.array([1e-3, 0.0, 1e-5, np.nan, np.inf])
    scale = LogScale.around(values)
    assert scale.zero is not None
    places = scale.place(values)
    assert places[1] == scale.zero < places[2] < places[0]
    assert np.isnan(places[3:]).all()
    assert "0" in texts(scale.ticks(scale.low, scale.high, 200.0))


def test_a_gradient_of_nothing_but_zeros_still_has_an_axis() -> None:
    scale = LogScale.around(np.zeros((5, 3)))
    assert scale.low < scale.high
    assert (scale.place(np.zeros(3)) == scale.zero).all()


def test_magnitudes_that_single_precision_cannot_hold_count_as_zero() -> None:
    scale = LogScale.around(np.array([1e-60, 1.0]))
    assert scale.zero is not None
    assert scale.low > -10


def test_a_runaway_leaves_the_axis_and_flattens_nothing() -> None:
    values = np.concatenate([np.full(200, 0.5), [1e3, 1e90, np.inf]])
    assert LinearScale.around(values).high <= 2.0
    assert LogScale.around(values).high <= 4.0


def test_a_loss_that_explodes_at_once_is_shown_from_its_beginning() -> None:
    values = np.array([5.5, 2.5, 1e5, 1e20, 1e65, 1e201])
    assert 5.5 <= LinearScale.around(values).high <= 20.0


def test_a_loss_that_rises_and_stays_is_no_runaway() -> None:
    values = np.concatenate([np.full(100, 0.05), np.full(50, 5.0)])
    assert LinearScale.around(values).high >= 5.0


def test_a_high_beginning_is_no_runaway() -> None:
    values = np.concatenate([[100.0], np.full(200, 0.01)])
    assert LinearScale.around(values).high >= 100.0


@given(st.floats(1e-9, 1e12))
def test_a_round_end_is_at_least_the_value_and_at_most_a_third_above(value: float) -> None:
    assert value <= round_above(value) <= value * 4 / 3 * (1 + 1e-9)


@pytest.mark.parametrize(
    ("updates", "text"), [(0, "0"), (500, "500"), (2000, "2,000"), (20_000, "20k"), (1_500_000, "1.5M"), (2e9, "2G")]
)
def test_updates_are_written_short(updates: float, text: str) -> None:
    assert update_text(updates) == text


@given(st.floats(0, 1e9), st.floats(0.5, 1e9), st.floats(50, 2000))
def test_ticks_of_updates_are_whole_numbers_within_the_range(low: float, span: float, pixels: float) -> None:
    places = [place for place, _ in update_ticks(low, low + span, pixels)]
    assert all(place == round(place) for place in places)
    assert all(low - 1e-6 * span <= place <= low + span * (1 + 1e-6) for place in places)
    assert len(places) <= pixels / 64 + 2


def test_linear_ticks_keep_as_many_decimals_as_their_step_needs() -> None:
    assert texts(linear_ticks(0.0, 0.8, 150.0)) == ["0.0", "0.2", "0.4", "0.6", "0.8"]
    assert texts(linear_ticks(0.0, 3000.0, 150.0)) == ["0", "1,000", "2,000", "3,000"]


def test_shares_are_labelled_in_per_cent() -> None:
    assert texts(share_ticks(0.0, 1.0, 100.0)) == ["0", "50", "100 %"]
