"""Fuzzy search: a few letters in the right order find a text, and letters that begin words count most."""

from __future__ import annotations

from dataclasses import dataclass

WORD_START, ADJACENT, GAP = 1.2, 1.0, -0.2
"""What a letter is worth: at the start of a word, right after the letter before it, or anywhere else."""
LEAST = 0.35
"""Less than this a letter in the mean is a coincidence."""


@dataclass(frozen=True)
class Match:
    """How well a text answers a query, and which of its letters do."""

    score: float
    places: tuple[int, ...]


def match(query: str, text: str) -> Match | None:
    """How ``text`` answers ``query``, each word of which must be found in it; None if one is not.

    Case does not count. An empty query is answered by everything, with score 0.
    """
    letters = [letter.lower() for letter in text]
    starts = [index == 0 or not letters[index - 1].isalnum() for index in range(len(letters))]
    score, places = 0.0, set[int]()
    for word in query.lower().split():
        found = _best_way(word, letters, starts)
        if found is None or found.score < LEAST * len(word):
            return None
        score += found.score
        places.update(found.places)
    return Match(score, tuple(sorted(places)))


def _best_way(word: str, letters: list[str], starts: list[bool]) -> Match | None:
    """The best way to find the letters of ``word`` in their order, by way of the best to each place of each letter."""
    ways = {
        place: Match(WORD_START if starts[place] else GAP, (place,))
        for place, letter in enumerate(letters)
        if letter == word[0]
    }
    for sign in word[1:]:
        ways = {
            place: max((_longer(way, place, starts) for way in before), key=lambda way: way.score)
            for place, letter in enumerate(letters)
            if letter == sign and (before := [way for last, way in ways.items() if last < place])
        }
    return max(ways.values(), key=lambda way: way.score, default=None)


def _longer(way: Match, place: int, starts: list[bool]) -> Match:
    worth = ADJACENT if place == way.places[-1] + 1 else WORD_START if starts[place] else GAP
    return Match(way.score + worth, (*way.places, place))
