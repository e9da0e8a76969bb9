"""Numbers in the report's words."""

from datetime import datetime, timedelta, timezone

import pytest

from bplab.lab.report import words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0430499, "0.0430"),
        (0.99951, "1.00"),
        (31_415.9, "31,400"),
        (1.2e-5, "1.20e-5"),
        (-0.25, "−0.250"),
        (2.5e9, "2.50e9"),
        (9.996e-4, "0.00100"),
        (0.0, "0"),
        (float("inf"), "∞"),
        (float("-inf"), "−∞"),
        (float("nan"), "–"),
        (None, "–"),
    ],
)
def test_a_measured_number_has_three_significant_digits(value: float | None, text: str) -> None:
    assert words.three(value) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.9723, "97.2 %"),
        (1.0, "100 %"),
        (0.0, "0 %"),
        (0.99996, "> 99.9 %"),
        (0.0001, "< 0.05 %"),
        (0.5, "50.0 %"),
        (None, "–"),
        (float("nan"), "–"),
    ],
)
def test_a_share_reads_as_all_or_nothing_only_if_it_is(share: float | None, text: str) -> None:
    assert words.percent(share).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0003, "0.0003"), (1e-8, "1e-8"), (5.0, "5"), (1000, "1,000"), (-20.0, "−20"), (0.1, "0.1")]
)
def test_a_setting_is_shown_as_it_was_made(value: float, text: str) -> None:
    assert words.exact(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.001, "1e-3"), (0.003, "3e-3"), (0.01, "0.01"), (100, "100"), (1e4, "1e4"), (1e-12, "1e-12")]
)
def test_labels_of_a_log_axis_name_the_value_itself(value: float, text: str) -> None:
    assert words.tick(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "1 ms"), (0.0234, "23 ms"), (0.41, "0.410 s"), (75, "1 min 15 s"), (7500, "2 h 5 min")],
)
def test_a_duration_is_told_in_the_unit_that_fits(seconds: float, text: str) -> None:
    assert words.duration(seconds).replace("\N{NO-BREAK SPACE}", " ") == text


def test_a_date_is_told_in_english_with_its_zone_and_in_utc() -> None:
    moment = datetime(2024, 12, 31, 23, 30, 0, tzinfo=timezone(-timedelta(hours=3, minutes=30)))
    assert words.local_date(moment) == "31 December 2024, 23:30 (UTC-03:30)"
    assert words.utc_date(moment) == "2025-01-01T03:00:00Z"


def test_characters_that_control_instead_of_being_shown_are_replaced() -> None:
    assert words.plain("a\x00b\x1bc\u202ed\ud800") == "a�b�c�d?"
    assert words.plain("Zürich, 東京, مرحبا, \U0001f389") == "Zürich, 東京, مرحبا, \U0001f389"


def test_parts_are_listed_as_a_sentence_lists_them() -> None:
    assert [words.listed(parts) for parts in (["a"], ["a", "b"], ["a", "b", "c"])] == ["a", "a and b", "a, b and c"]
