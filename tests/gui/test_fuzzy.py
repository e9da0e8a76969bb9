"""Fuzzy search: what is found by a few letters, and what comes first."""

import pytest

from bplab.gui.fuzzy import match


@pytest.mark.parametrize(
    ("query", "text"),
    [("play", "Play"), ("rwns", "Reset with new seed"), ("new seed", "Reset with new seed"), ("seed new", "New seed"),
     ("LOSS", "Close Loss"), ("opex", "Open example"), ("", "anything")],
)  # fmt: skip
def test_letters_in_their_order_are_found_whatever_their_case(query: str, text: str) -> None:
    assert match(query, text) is not None


@pytest.mark.parametrize(("query", "text"), [("yalp", "Play"), ("playing", "Play"), ("play undo", "Play"), ("ae", "1")])
def test_what_is_not_in_the_text_is_not_found(query: str, text: str) -> None:
    assert match(query, text) is None


def test_letters_scattered_inside_words_are_a_coincidence() -> None:
    assert match("oes", "Neuron in the saturated") is None


def test_beginnings_of_words_and_neighbours_are_worth_more() -> None:
    def score(query: str, text: str) -> float:
        found = match(query, text)
        assert found is not None
        return found.score

    assert score("play", "Play") > score("play", "Display")
    assert score("rs", "Reset seed") > score("re", "are")


def test_the_letters_found_are_the_best_ones_not_the_first() -> None:
    found = match("seed", "Reset with new seed")
    assert found is not None
    assert found.places == (15, 16, 17, 18)
