"""Charts: what is drawn is what was recorded, thinned without loss of spikes, in colours that follow the page."""

import dataclasses
import re
import struct
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Circle
from bplab.engine import Constant, Dense, ReLU, Tanh
from bplab.lab.report import ReportSubject, report_page, subject_of
from bplab.lab.report.chart import log_axis, new_chart, shown_layers, spread
from bplab.lab.report.curves import loss_chart, wants_log
from bplab.lab.report.gradients import layers_chart
from bplab.lab.report.look import chart_style, colours, variables
from bplab.lab.report.network_picture import MOST_LAYERS, MOST_NEURONS, folded
from bplab.lab.report.png import palette_png
from bplab.lab.report.results import confusion
from bplab.lab.report.saturation import saturation_chart
from bplab.lab.report.svg import inline
from bplab.lab.report.thinning import averaged, envelope, thinned
from bplab.lab.runner import Runner, train_to_end


def test_thinning_keeps_every_spike_and_both_ends() -> None:
    x = np.arange(20_000)
    y = np.random.default_rng(0).normal(size=20_000)
    y[7_777], y[12_345] = 50.0, -50.0
    shown_x, shown_y = thinned(x, y)
    assert len(shown_x) <= 502
    assert {0, 7_777, 12_345, 19_999} <= set(shown_x)
    assert np.array_equal(shown_y, y[shown_x])
    assert (np.diff(shown_x) > 0).all()


def test_thinning_leaves_a_gap_where_nothing_was_measured() -> None:
    x, y = np.arange(3_000), np.ones(3_000)
    y[1_000:1_200] = np.nan
    shown_x, shown_y = thinned(x, y)
    inside = (shown_x >= 1_000) & (shown_x < 1_200)
    assert inside.any()
    assert np.array_equal(np.isnan(shown_y), inside)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 60))
def test_a_thinned_band_still_encloses_all_of_it(values: list[float], most: int) -> None:
    low, high = np.array(values), np.array(values) + 1.0
    x, lows, highs = envelope(np.arange(len(values)), low, high, most)
    assert len(x) == len(lows) == len(highs) <= max(most, 1)
    assert (lows.min(), highs.max()) == (low.min(), high.max())


def test_averaging_columns_keeps_the_mean() -> None:
    values = np.random.default_rng(1).random((3, 1_000))
    assert averaged(values, 250).shape == (3, 250)
    np.testing.assert_allclose(averaged(values, 250).mean(axis=1), values.mean(axis=1), rtol=1e-12)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=9))
def test_labels_stand_apart_in_order_and_inside(places: list[float]) -> None:
    at = spread(np.array(places), 10.0, 100.0)
    ordered = at[np.argsort(np.array(places), kind="stable")]
    assert (np.diff(ordered) >= 10.0 - 1e-9).all()
    assert -1e-9 <= at.min() <= at.max() <= 100.0 + 1e-9


def test_labels_with_room_stay_where_their_lines_end() -> None:
    assert spread(np.array([90.0, 10.0, 50.0]), 13.0, 100.0).tolist() == [90.0, 10.0, 50.0]


@pytest.mark.parametrize(("low", "high"), [(1e-3, 1.1e-3), (0.5, 40.0), (1e-9, 1.0), (1e-300, 1e200), (2.0, 2.0)])
def test_a_log_axis_holds_the_values_and_labels_at_least_two_of_its_places(low: float, high: float) -> None:
    with chart_style():
        _, axes = new_chart(300, 200)
        log_axis(axes, low, high)
        bottom, top = axes.get_ylim()
        labelled = [place for place in axes.get_yticks() if bottom <= place <= top]
    assert bottom <= low <= high <= top
    assert 2 <= len(labelled) <= 9


def test_a_loss_gets_a_log_axis_only_if_it_spans_more_than_two_decades_above_zero() -> None:
    assert not wants_log(np.array([1.0, 0.02]))
    assert wants_log(np.array([1.0, 0.002]))
    assert not wants_log(np.array([1.0, 0.0]))
    assert not wants_log(np.array([]))


def test_a_deep_network_shows_some_layers_and_always_the_first_and_the_last() -> None:
    assert shown_layers(5) == [0, 1, 2, 3, 4]
    some = shown_layers(256)
    assert (len(some), some[0], some[-1]) == (24, 0, 255)


@pytest.mark.parametrize("count", [1, MOST_NEURONS, MOST_NEURONS + 1, 784])
def test_a_wide_layer_is_folded_once_and_keeps_both_ends(count: int) -> None:
    slots = folded(count, MOST_NEURONS)
    assert len(slots) == min(count, MOST_NEURONS)
    assert (slots[0], slots[-1]) == (0, count - 1)
    assert slots.count(None) == (count > MOST_NEURONS)


def test_every_colour_of_a_chart_follows_light_and_dark(subject: ReportSubject) -> None:
    layers = len(subject.units)
    with chart_style():
        for draw in (loss_chart, saturation_chart, lambda s: layers_chart(s, "delta_rms", "δ")):
            svg = inline(draw(subject), "key", variables(layers))
            assert re.findall(r"(?:stroke|fill):\s*#\w+", svg) == []
            named = set(re.findall(r"var\(--([\w-]+)\)", svg))
            assert named
            assert named <= set(colours(layers))


def test_two_charts_share_no_id(subject: ReportSubject) -> None:
    with chart_style():
        one, other = (inline(loss_chart(subject), key, variables(len(subject.units))) for key in ("one", "other"))
    ids = [set(re.findall(r'id="([^"]*)"', svg)) for svg in (one, other)]
    assert ids[0]
    assert not ids[0] & ids[1]


def test_a_picture_survives_the_way_into_a_png() -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    png = palette_png(pixels, np.repeat(np.arange(12, dtype=np.uint8)[:, None], 3, axis=1))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + content),)
        chunks[name] = content
        at += 12 + length
    assert struct.unpack(">2I", chunks[b"IHDR"][:8]) == (4, 3)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(3, 5)
    assert np.array_equal(lines[:, 1:], pixels)


def test_the_confusion_matrix_counts_every_test_sample_once(subjects: dict[str, ReportSubject]) -> None:
    for name in ("two classes", "six classes", "table"):
        subject = subjects[name]
        found = confusion(subject)
        counts = np.array([[cell.count for cell in row.cells] for row in found.rows])
        tested = len(subject.problem.test_inputs)
        assert (found.part, found.samples, counts.sum()) == ("test", tested, tested)
        assert counts.diagonal().sum() / tested == subject.summary.test_accuracy
        assert [row.total for row in found.rows] == counts.sum(axis=1).tolist()
        assert found.totals == counts.sum(axis=0).tolist()


def test_a_gradient_that_is_exactly_zero_is_said_and_not_drawn(
    build: Callable[..., Any], read: Callable[[ReportSubject], Any]
) -> None:
    layers = [Dense(3, ReLU(), biases=Constant(-100.0)), Dense(1, Tanh())]
    page = read(subject_of(train_to_end(build(Circle(samples=40), layers, epochs=2))))
    assert "Exactly 0, which a log axis cannot show: h1 (100 % of the points)." in page.text
    assert "∂C/∂W was 0 in every layer throughout." in page.html
    assert "3 neurons are dead" in page.text


def test_a_run_of_one_row_shows_points_instead_of_lines(
    build: Callable[..., Any], subjects: dict[str, ReportSubject]
) -> None:
    runner = Runner(build(Circle(samples=40), [Dense(1, Tanh())]))
    with chart_style():
        svg = inline(loss_chart(subject_of(runner)), "key", variables(1))
    assert svg.count("<use") > loss_ticks(svg)


def loss_ticks(svg: str) -> int:
    """Tick marks of both axes: one for each label that is a number."""
    return len(re.findall(r">−?[\d.,e-]+</text>", svg))


def test_a_wide_and_deep_network_with_a_full_record_makes_a_page_below_two_megabytes(
    build: Callable[..., Any],
) -> None:
    runner = Runner(build(Circle(samples=60), [*[Dense(64, Tanh())] * 7, Dense(1, Tanh())], batch_size=30))
    runner.record.stride = 1
    runner.advance(600)
    subject = subject_of(runner)
    noise = np.random.default_rng(0)
    rows = {name: _noisy(values, noise) for name, values in subject.rows.items()}
    rows["step"] = np.arange(4_096)
    full = dataclasses.replace(subject, rows=rows, summary=dataclasses.replace(subject.summary, updates=4_095))
    assert len(report_page(full)) < 2_000_000


def _noisy(values: np.ndarray, noise: np.random.Generator) -> np.ndarray:
    shape = (4_096, *values.shape[1:])
    if values.dtype.kind == "f":
        return noise.lognormal(size=shape)
    return noise.integers(0, 30, shape).astype(values.dtype)


def test_a_network_of_256_layers_is_folded_and_its_table_is_not(
    build: Callable[..., Any], read: Callable[[ReportSubject], Any]
) -> None:
    layers = [*[Dense(2, Tanh())] * 255, Dense(1, Tanh())]
    page = read(subject_of(Runner(build(Circle(samples=20), layers))))
    assert f"{256 - MOST_LAYERS + 1} more layers" in page.text
    assert "24 of the 256 layers are drawn" in page.text
    assert len([row for row in page.all("th", scope="row") if re.fullmatch(r"h\d+|out", row.text)]) == 2 * 256
