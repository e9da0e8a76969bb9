"""The weights as lines: grouped by level, strongest on top, the strongest alone where there are too many."""

from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QLineF, QSize
from PySide6.QtGui import QColor, QPainter, QPixmap, QTransform

from bplab.gui.canvas.arrangement import Arrangement, TextSizes
from bplab.gui.canvas.blueprint import Blueprint, LayerText
from bplab.gui.canvas.edge_picture import (
    LEVELS,
    MOST_LINES,
    STRONGEST,
    EdgePicture,
    Pens,
    largest_weight,
    levels_of,
    round_limit,
    strokes,
)
from bplab.gui.theme import Theme

SIZE = QSize(600, 400)


def picture(theme: Theme, *columns: int) -> EdgePicture:
    layers = tuple(LayerText(f"h{index}", units, "tanh") for index, units in enumerate(columns[1:], 1))
    blueprint = Blueprint(tuple(f"i{index}" for index in range(columns[0])), layers, (), None, plane=False)
    made = EdgePicture(theme)
    made.arrange(Arrangement(blueprint, SIZE.width(), SIZE.height(), TextSizes(14.0, 10.0, 0.0)))
    made.aim(SIZE, 1.0, QTransform())
    return made


def weights(*columns: int, seed: int = 0) -> list[np.ndarray]:
    draw = np.random.default_rng(seed).normal
    return [draw(size=(inputs, units)) for inputs, units in pairwise(columns)]


@pytest.mark.parametrize(
    ("largest", "limit"), [(0.0, 1.0), (1.0, 1.0), (1.2, 1.5), (0.13, 0.15), (7.0, 8.0), (9.1, 10.0), (np.nan, 1.0)]
)
def test_the_scale_ends_at_the_next_short_number(largest: float, limit: float) -> None:
    assert round_limit(largest) == limit


@pytest.mark.parametrize("largest", np.logspace(-9, 9, 37).tolist())
def test_no_weight_lies_beyond_the_scale_and_the_scale_is_not_half_empty(largest: float) -> None:
    assert largest <= round_limit(largest) * (1 + 1e-6)
    assert round_limit(largest) <= 1.51 * largest


def test_levels_follow_sign_and_size_and_end_at_the_limit() -> None:
    found = levels_of(np.array([-9.0, -1.0, -0.5, 0.0, 0.5, 1.0, np.inf, np.nan]), 1.0)
    half = LEVELS // 2
    assert found.tolist() == [-LEVELS, -LEVELS, -half, 0, half, LEVELS, LEVELS, 0]


def test_lines_of_one_level_share_a_pen_and_weak_ones_come_first(theme: Theme) -> None:
    lines = [QLineF(0, index, 1, index) for index in range(5)]
    pens = Pens(theme).of(5, 40.0)
    groups = strokes(lines, np.array([3, -12, 0, 3, -3]), pens)
    assert [[line.y1() for line in some] for _, some in groups] == [[2], [4], [0, 3], [1]]
    assert [pen for pen, _ in groups] == [pens[LEVELS], pens[LEVELS - 3], pens[LEVELS + 3], pens[0]]


def test_pens_are_wider_for_strong_weights_and_thinner_where_lines_crowd(theme: Theme) -> None:
    pens = Pens(theme)
    few, many = pens.of(20, 48.0), pens.of(1_000, 48.0)
    assert few[0].widthF() == few[-1].widthF() > few[LEVELS].widthF()
    assert many[0].widthF() == 1.0


def test_negative_weights_are_dashed_where_lines_are_few_and_shares_never(theme: Theme) -> None:
    few, many, shares = Pens(theme).of(96, 40.0), Pens(theme).of(97, 40.0), Pens(theme, signed=False).of(96, 40.0)
    assert [bool(pen.dashPattern()) for pen in few] == [True] * LEVELS + [False] * (LEVELS + 1)
    assert not any(pen.dashPattern() for pen in many + shares)


def test_the_largest_weight_is_found_whatever_its_sign() -> None:
    assert largest_weight([np.array([[0.5, -3.0]]), np.array([[2.0]])]) == 3.0


def test_a_bundle_of_too_many_weights_draws_the_strongest_and_says_so(theme: Theme) -> None:
    columns = 100, 50, 3
    made, matrices = picture(theme, *columns), weights(*columns)
    made.advance(matrices, most=None)
    bundle = made.bundles[0]
    drawn = sum(len(lines) for _, lines in bundle.strokes(matrices[0], made.limit, made.pens, fresh=True))
    assert bundle.total == 5_000 > MOST_LINES
    assert drawn == bundle.shown == STRONGEST
    assert made.bundles[1].shown == 150
    assert made.note() == "strongest 800 weights"


def test_every_weight_has_its_line_where_there_are_few(theme: Theme) -> None:
    made = picture(theme, 3, 4, 2)
    matrices = weights(3, 4, 2)
    pairs = zip(made.bundles, matrices, strict=True)
    drawn = [bundle.strokes(matrix, 1.0, made.pens, fresh=True) for bundle, matrix in pairs]
    assert [sum(len(lines) for _, lines in some) for some in drawn] == [12, 8]
    assert made.note() == ""


def test_the_lines_of_a_neuron_are_those_that_reach_it_or_leave_it(theme: Theme) -> None:
    made, matrices = picture(theme, 3, 4, 2), weights(3, 4, 2)
    reaching = made.bundles[0].touching(matrices[0], 1.0, made.pens, -1, 1)
    leaving = made.bundles[1].touching(matrices[1], 1.0, made.pens, 1, -1)
    ends = {line.p2().toTuple() for _, lines in reaching for line in lines}
    starts = {line.p1().toTuple() for _, lines in leaving for line in lines}
    assert sum(len(lines) for _, lines in reaching) == 3
    assert sum(len(lines) for _, lines in leaving) == 2
    assert len(ends) == len(starts) == 1
    assert ends.pop()[1] == starts.pop()[1]


def test_a_strong_weight_stands_in_its_colour_between_its_neurons(theme: Theme) -> None:
    made = picture(theme, 1, 1)
    made.advance([np.array([[2.0]])], most=None)
    assert made.shown is not None
    line = made.bundles[0].strokes(np.array([[2.0]]), made.limit, made.pens, fresh=True)[0][1][0]
    seen = made.shown.toImage().pixelColor(line.center().toPoint())
    assert seen == QColor(*theme.diverging()[255].tolist())


def test_a_picture_drawn_in_parts_is_shown_only_when_it_is_complete(theme: Theme) -> None:
    columns = 20, 20, 10
    made, first, second = picture(theme, *columns), weights(*columns), weights(*columns, seed=1)
    made.advance(first, most=None)
    assert made.shown is not None
    before = made.shown.toImage()
    made.advance(second, most=100)
    assert not made.complete
    assert made.shown.toImage() == before
    for _ in range(10):
        if made.complete:
            break
        made.advance(weights(*columns, seed=2), most=100)
    assert made.complete
    parts = made.shown.toImage()
    made.advance(second, most=None)
    assert parts == made.shown.toImage()


def test_weights_that_left_the_finite_numbers_are_drawn_all_the_same(theme: Theme) -> None:
    made = picture(theme, 2, 2)
    made.advance([np.array([[np.inf, np.nan], [-np.inf, 1.0]])], most=None)
    assert made.complete
    assert made.limit == 1.0


def test_a_panned_picture_is_shown_moved_until_the_next_one_is_complete(theme: Theme) -> None:
    columns = 20, 20, 10
    made, values = picture(theme, *columns), weights(*columns)
    made.advance(values, most=None)
    assert made.sharp
    first = made.shown
    made.aim(made._size, made._ratio, QTransform.fromTranslate(30, 0))
    assert not made.sharp
    made.advance(values, most=100)
    assert made.shown is first
    seen = QPixmap(made._size)
    with QPainter(seen) as painter:
        made.paint(painter)
    assert first is not None
    assert seen.toImage().copy(30, 0, 200, 300) == first.toImage().copy(0, 0, 200, 300)
    while not made.sharp:
        made.advance(values, most=100)
    assert made.complete
