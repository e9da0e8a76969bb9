"""Decimation keeps what a reader must not miss, and forgets nothing that it sums."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from bplab.gui.plots.decimation import GrowingMeans, envelope, extreme_rows, line_sizes, line_starts, smoothed, spread

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False)
MATRICES = arrays(np.float64, array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=90), elements=NUMBERS)


@given(MATRICES, st.integers(4, 40))
def test_decimated_curves_keep_both_ends_and_both_extremes(values: np.ndarray, most: int) -> None:
    rows = extreme_rows(values, most)
    assert len(rows) <= most
    for column, chosen in enumerate(rows.T):
        assert chosen[0] == 0
        assert chosen[-1] == len(values) - 1
        assert (np.diff(chosen) >= 0).all()
        kept, all_values = values[chosen, column], values[:, column]
        assert (kept.min(), kept.max()) == (all_values.min(), all_values.max())


def test_a_short_curve_is_drawn_row_by_row() -> None:
    assert extreme_rows(np.zeros((7, 2)), 7).T.tolist() == [list(range(7))] * 2


def test_a_gap_of_a_whole_bucket_stays_a_gap_and_a_single_gap_hides_no_extreme() -> None:
    values = np.arange(100.0)[:, None]
    values[40:80] = np.nan
    values[10] = np.nan
    chosen = values[extreme_rows(values, 22)[:, 0], 0]
    assert np.isnan(chosen).any()
    assert np.nanmax(chosen) == 99.0
    assert {39.0, 80.0} <= set(chosen.tolist())


@given(arrays(np.float64, st.integers(1, 300), elements=NUMBERS), st.integers(1, 50))
def test_a_band_covers_every_row_it_stands_for(middle: np.ndarray, most: int) -> None:
    lows, highs = middle - 1.0, middle + 1.0
    rows, low, high = envelope(lows, highs, most)
    assert len(rows) == len(low) == len(high) <= most
    assert low.min() == lows.min()
    assert high.max() == highs.max()
    assert (np.diff(rows) > 0).all()


@given(st.lists(st.integers(0, 30), max_size=12), st.sampled_from([2, 4, 16]))
def test_means_that_grow_are_the_means_of_all_rows_however_they_came(parts: list[int], most: int) -> None:
    random = np.random.default_rng(len(parts))
    means = GrowingMeans(3, most)
    taken = np.zeros((0, 3))
    for count in parts:
        rows = random.random((count, 3))
        before = means.means()
        first = means.add(rows)
        taken = np.concatenate([taken, rows])
        np.testing.assert_array_equal(means.means()[:first], before[:first])
    assert means.columns <= most
    size = means.rows_per_column
    expected = [taken[start : start + size].mean(axis=0) for start in range(0, len(taken), size)]
    np.testing.assert_allclose(means.means(), np.array(expected).reshape(-1, 3), rtol=1e-12)


def test_each_neuron_has_a_line_of_its_own_where_there_is_room() -> None:
    assert [starts.tolist() for starts in line_starts((3, 1), 200)] == [[0, 1, 2], [0]]


def test_many_neurons_share_about_two_hundred_lines_and_every_layer_keeps_one() -> None:
    units = (784, 512, 10, 1)
    starts = line_starts(units, 200)
    assert sum(map(len, starts)) <= 201
    assert min(map(len, starts)) == 1
    sizes = line_sizes(units, starts)
    assert sizes.sum() == sum(units)
    assert sizes.min() >= 1


@given(st.lists(st.floats(0, 100), max_size=12))
def test_labels_stand_apart_in_the_order_of_what_they_name(places: list[float]) -> None:
    found = spread(places, 8.0, 0.0, 100.0)
    assert all(0.0 <= place <= 100.0 for place in found)
    order = sorted(range(len(places)), key=lambda index: (places[index], found[index]))
    apart = np.diff([found[index] for index in order])
    assert (apart >= 8.0 - 1e-9).all()


def test_labels_that_have_room_stay_where_they_are() -> None:
    assert spread([10.0, 90.0, 50.0], 8.0, 0.0, 100.0) == [10.0, 90.0, 50.0]


def test_labels_without_room_share_it_evenly() -> None:
    assert spread([1.0, 2.0, 0.0], 60.0, 0.0, 100.0) == pytest.approx([50.0, 100.0, 0.0])


def test_smoothing_is_the_mean_of_the_known_neighbours() -> None:
    values = np.array([1.0, 3.0, np.nan, 5.0, 7.0])
    np.testing.assert_allclose(smoothed(values, 1), [2.0, 2.0, np.nan, 6.0, 6.0])
    np.testing.assert_array_equal(smoothed(values, 0), values)
