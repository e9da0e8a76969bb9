"""Several layers are selected as files are: Ctrl+click adds or takes away one, Shift+click reaches up to one."""

from __future__ import annotations


def chosen_by_click(chosen: frozenset[int], present: int, clicked: int, reaches: bool) -> tuple[frozenset[int], int]:
    """All selected layers and the one in hand (−1 for none) after a click on layer ``clicked`` with Shift or Ctrl."""
    if reaches:
        start = present if present >= 0 else clicked
        return frozenset(range(min(start, clicked), max(start, clicked) + 1)), start
    if clicked not in chosen:
        return chosen | {clicked}, clicked
    left = chosen - {clicked}
    return left, present if present in left else max(left, default=-1)
