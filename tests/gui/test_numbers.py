"""Numbers as they are shown and typed."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from bplab.gui.numbers import Limits, NumberField, duration_text, number_text, percent_text, short_text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_the_text_of_a_number_reads_back_as_the_same_number(value: float) -> None:
    assert float(number_text(value)) == value


@pytest.mark.parametrize(
    ("value", "text"), [(0.03, "0.03"), (1e-8, "1e-08"), (250.0, "250"), (0.0, "0"), (-0.5, "-0.5")]
)
def test_the_text_of_a_number_is_as_short_as_can_be(value: float, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0123456, "0.0123"),
        (1234.5, "1230"),
        (2.64e-4, "2.64e-4"),
        (5e7, "5.00e7"),
        (0, "0"),
        (None, "–"),
        (math.nan, "–"),
    ],
)
def test_numbers_to_look_at_have_three_significant_digits(value: float | None, text: str) -> None:
    assert short_text(value) == text


def test_shares_are_shown_as_per_cent() -> None:
    assert [percent_text(share) for share in (0.9722, 1.0, None)] == ["97.2 %", "100 %", "–"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.2, "1 s"), (42.4, "42 s"), (134, "2 min 10 s"), (11_100, "3 h 5 min"), (900_000, "10 days")],
)
def test_the_time_left_is_as_coarse_as_it_is_uncertain(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


@pytest.mark.parametrize(
    ("limits", "value", "words"),
    [
        (Limits(at_least=0.0), -1.0, "at least 0"),
        (Limits(above=0.0), 0.0, "above 0"),
        (Limits(at_most=10.0), 11.0, "at most 10"),
        (Limits(below=1.0), 1.0, "below 1"),
        (Limits(), math.inf, "finite"),
        (Limits(), math.nan, "finite"),
    ],
)
def test_a_refused_number_is_told_the_limit_that_it_breaks(limits: Limits, value: float, words: str) -> None:
    assert words in limits.refusal(value)


def test_the_limits_are_written_for_a_tooltip() -> None:
    assert Limits(at_least=0.0, below=1.0).text() == "0 ≤ value < 1"
    assert Limits(above=0.0).text() == "0 < value"
    assert Limits().text() == ""


@pytest.fixture
def field(qtbot: QtBot) -> NumberField:
    made = NumberField(Limits(at_least=0.0, at_most=100.0))
    qtbot.addWidget(made)
    made.setAccessibleName("Learning rate")
    made.show_number(0.5)
    return made


@pytest.mark.parametrize(("typed", "number"), [("3e-2", 0.03), ("0,25", 0.25), (" .5e1 ", 5.0), ("1e-3", 0.001)])
def test_a_number_may_be_typed_however_it_is_written(
    field: NumberField, qtbot: QtBot, typed: str, number: float
) -> None:
    field.selectAll()
    with qtbot.waitSignal(field.number_changed) as told:
        qtbot.keyClicks(field, typed)
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args == [number]
    assert field.text() == number_text(number)


@pytest.mark.parametrize("typed", ["-1", "1000", "abc", "nan", ""])
def test_what_cannot_be_used_is_refused_in_a_sentence_and_the_old_number_comes_back(
    field: NumberField, qtbot: QtBot, typed: str
) -> None:
    field.selectAll()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClicks(field, typed)
    with qtbot.waitSignal(field.refused) as told, qtbot.assertNotEmitted(field.number_changed):
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told.args[0].startswith("Learning rate: ")
    assert (field.text(), field.number) == ("0.5", 0.5)


def test_escape_takes_back_what_is_being_typed(field: NumberField, qtbot: QtBot) -> None:
    field.selectAll()
    qtbot.keyClicks(field, "77")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.text() == "0.5"


def test_the_arrow_keys_change_the_second_digit_and_stop_at_the_limits(field: NumberField, qtbot: QtBot) -> None:
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.number == 0.51
    field.show_number(100.0)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.number == 100.0
    field.show_number(0.0)
    qtbot.keyClick(field, Qt.Key.Key_Up)
    assert field.number == 0.01
