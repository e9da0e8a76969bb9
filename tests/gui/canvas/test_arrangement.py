"""Where everything stands: columns from left to right, nothing on top of anything, folded where it gets too much."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF

from bplab.gui.canvas.arrangement import LEAST_PITCH, Arrangement, Hit, Kind, TextSizes
from bplab.gui.canvas.blueprint import Blueprint, LayerText

TEXT = TextSizes(line=14.0, input_label=9.0, answer_label=0.0)
NETS = ((2, 4, 2, 1), (2, 8, 8, 8, 1), (2, 8, 8, 8, 8, 8, 8, 1), (4, 8, 3), (64, 64, 32, 10), (784, 512, 512, 10))
SIZES = ((469, 377), (700, 400), (1000, 560), (1600, 900))


def blueprint(*columns: int, image: tuple[int, int] | None = None) -> Blueprint:
    names = tuple(f"input {index}" for index in range(columns[0]))
    layers = tuple(LayerText(f"h{index}", units, "tanh") for index, units in enumerate(columns[1:], 1))
    return Blueprint(names, layers, (), image, plane=columns[0] == 2)


def arranged(*columns: int, size: tuple[int, int] = (1000, 560), image: tuple[int, int] | None = None) -> Arrangement:
    return Arrangement(blueprint(*columns, image=image), *size, TEXT)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("columns", NETS)
def test_columns_headers_and_nodes_stay_inside_and_apart(columns: tuple[int, ...], size: tuple[int, int]) -> None:
    made = arranged(*columns, size=size)
    inside = QRectF(0, 0, made.width, made.height)
    for column in made.columns:
        assert inside.contains(column.body)
        assert inside.contains(column.header)
        assert column.body.top() >= column.header.bottom()
        if not column.folded and len(column.ys) > 1:
            assert np.diff(column.ys).min() >= 2 * column.half
    for one, next_one in itertools.pairwise(made.columns):
        assert not one.zone.intersects(next_one.zone)
        assert not one.header.intersects(next_one.header)
        assert one.body.right() < next_one.body.left()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("columns", NETS)
def test_usual_networks_fit_the_window(columns: tuple[int, ...], size: tuple[int, int]) -> None:
    made = arranged(*columns, size=size)
    assert (made.width, made.height) == size
    assert not made.wider_than_asked


def test_a_column_of_more_than_24_neurons_is_folded_and_so_are_more_than_16_inputs() -> None:
    assert [column.folded for column in arranged(16, 24, 25, 1).columns] == [False, False, True, False]
    assert arranged(17, 4, 1).columns[0].folded


def test_an_image_is_one_square_block() -> None:
    column = arranged(64, 16, 10, image=(1, 8, 8)).columns[0]
    assert column.folded
    assert column.body.width() == pytest.approx(column.body.height())


def test_an_image_keeps_its_proportions() -> None:
    for rows, columns in ((8, 16), (16, 8)):
        body = arranged(128, 16, 10, image=(1, rows, columns)).columns[0].body
        assert body.width() / body.height() == pytest.approx(columns / rows)


def test_neurons_too_low_to_tell_apart_are_folded() -> None:
    made = arranged(2, 24, 1, size=(600, 240))
    assert made.column(0).folded
    assert not made.column(1).folded


def test_all_neurons_have_one_size() -> None:
    halves = {column.half for column in arranged(2, 8, 3, 5, 1).columns}
    assert len(halves) == 1


def test_where_the_fullest_column_makes_neurons_tiny_others_keep_theirs_comfortable() -> None:
    made = arranged(2, 24, 1, size=(700, 400))
    assert made.column(0).half < 7.0
    assert made.column(1).half == 12.0


def test_more_layers_than_fit_make_the_drawing_wider_than_the_window() -> None:
    made = arranged(2, *[4] * 40, 1)
    assert made.wider_than_asked
    assert made.width > 1000
    assert made.pitch == LEAST_PITCH


def test_headers_stay_near_a_network_that_needs_little_height() -> None:
    made = arranged(2, 2, 1, size=(1000, 900))
    first = made.column(0)
    assert first.body.top() - first.header.bottom() < 40
    assert first.header.top() > 100


def test_a_point_finds_its_neuron_header_column_gap_or_nothing() -> None:
    made = arranged(2, 4, 3, 1)
    h1 = made.column(0)
    assert made.hit(h1.node(2).center()) == Hit(Kind.NEURON, 0, 2)
    assert made.hit(h1.header.center()) == Hit(Kind.HEADER, 0)
    between = QPointF(h1.x, 0.5 * (h1.ys[0] + h1.ys[1]))
    assert made.hit(between) == Hit(Kind.COLUMN, 0)
    assert made.hit(made.columns[0].node(1).center()) == Hit(Kind.INPUT, -1, 1)
    assert made.hit(made.gap(1).center()) == Hit(Kind.GAP, 1)
    assert made.hit(QPointF(1.0, 1.0)) == Hit()


def test_every_row_of_a_folded_column_can_be_found() -> None:
    column = arranged(2, 100, 1).column(0)
    made = arranged(2, 100, 1)
    found = [made.hit(QPointF(column.x, y)).neuron for y in column.ys]
    assert found == list(range(100))
