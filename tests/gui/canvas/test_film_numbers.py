"""Numbers of a training step stand where they can be read: in discs, below or beside them, and on their own lines."""

from itertools import combinations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QFont, QFontMetricsF
from PySide6.QtWidgets import QApplication

from bplab.gui.canvas.film_numbers import MOST_EDGES, Discs, Numbers
from bplab.gui.canvas.film_painting import ink_on
from bplab.gui.theme import Theme

VALUES = np.array([-0.123456, 12.3456, 1.0e-7])


@pytest.fixture
def numbers(qapp: QApplication) -> Numbers:
    return Numbers(QFontMetricsF(QFont(qapp.font())))


def discs(x: float, half: float, pitch: float, count: int) -> Discs:
    return Discs(x, half, 40.0 + pitch * np.arange(count))


def luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_they_have_three_digits_and_a_true_minus(numbers: Numbers) -> None:
    texts = [label.text for label in numbers.of_column(discs(100, 60, 200, 3), VALUES, left=False)]
    assert texts == ["−0.123", "12.3", "1.00e−7"]


def test_they_stand_in_large_discs_below_smaller_ones_beside_small_ones_and_nowhere_else(numbers: Numbers) -> None:
    high = numbers.metrics.height()
    large = numbers.of_column(discs(100, 60, 200, 3), VALUES, left=False)
    assert [label.inside for label in large] == [0, 1, 2]
    middle = discs(100, 12, 24 + high + 6, 3)
    below = numbers.of_column(middle, VALUES, left=False)
    assert all(label.place.top() > y + 12 for label, y in zip(below, middle.ys, strict=True))
    small = discs(100, 5, high + 2, 3)
    assert all(label.place.left() > 105 for label in numbers.of_column(small, VALUES, left=False))
    assert all(label.place.right() < 95 for label in numbers.of_column(small, VALUES, left=True))
    assert numbers.of_column(discs(100, 3, 0.5 * high, 3), VALUES, left=False) == []


def test_numbers_of_edges_keep_off_each_other_and_the_strongest_choose_first(numbers: Numbers) -> None:
    start, end = discs(0, 20, 70, 6), discs(300, 20, 70, 6)
    values = np.arange(1.0, 37.0).reshape(6, 6)
    found = numbers.on_edges(start, end, values)
    assert found[0].text == "36"
    assert 6 <= len(found) < 36
    assert not any(one.place.intersects(other.place) for one, other in combinations(found, 2))
    assert all(label.place.left() >= 20 and label.place.right() <= 280 for label in found)


def test_where_something_stands_already_or_edges_are_many_there_is_none(numbers: Numbers) -> None:
    start, end = discs(0, 20, 80, 1), discs(300, 20, 80, 1)
    (label,) = numbers.on_edges(start, end, np.array([[0.5]]))
    assert numbers.on_edges(start, end, np.ones((1, MOST_EDGES + 1))) == []
    numbers.block(label.place.adjusted(-300, -10, 300, 10))
    assert numbers.on_edges(start, end, np.array([[0.5]])) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_ink_can_be_read_on_every_colour_of_a_disc(dark: bool, theme: Theme) -> None:
    theme.set_dark(dark)
    for rgb in (*theme.diverging().tolist(), *theme.sequential().tolist()):
        ground = QColor(*rgb)
        low, high = sorted((luminance(ground), luminance(ink_on(ground))))
        assert (high + 0.05) / (low + 0.05) >= 4.5
