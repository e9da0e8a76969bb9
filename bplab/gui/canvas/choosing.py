"""What a click or a key selects: layers as files are, Ctrl adding one, Shift reaching up to one; neurons by arrows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt


def chosen_by_click(chosen: frozenset[int], present: int, clicked: int, reaches: bool) -> tuple[frozenset[int], int]:
    """All selected layers and the one in hand (−1 for none) after a click on layer ``clicked`` with Shift or Ctrl."""
    if reaches:
        start = present if present >= 0 else clicked
        return frozenset(range(min(start, clicked), max(start, clicked) + 1)), start
    if clicked not in chosen:
        return chosen | {clicked}, clicked
    left = chosen - {clicked}
    return left, present if present in left else max(left, default=-1)


def chosen_by_key(
    key: Qt.Key, reaches: bool, chosen: frozenset[int], layer: int, neuron: int, units: Sequence[int]
) -> tuple[int, int, frozenset[int]] | None:
    """Layer, neuron (−1 for none) and all selected layers after a key, with Shift if it ``reaches``; None as below."""
    last = len(units) - 1
    if reaches and layer >= 0:
        far = min(chosen) if min(chosen) < layer else max(chosen)
        ends = {Qt.Key.Key_Left: max(far - 1, 0), Qt.Key.Key_Right: min(far + 1, last)}
        end = (ends | {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}).get(key)
        if end is not None:
            return layer, -1, frozenset(range(min(layer, end), max(layer, end) + 1))
    found = stepped_to(key, layer, neuron, units)
    return None if found is None else (*found, frozenset())


def stepped_to(key: Qt.Key, layer: int, neuron: int, units: Sequence[int]) -> tuple[int, int] | None:
    """Layer and neuron that a key selects, coming from these (−1 for none); None: the key means something else."""
    last = len(units) - 1
    layers = {
        Qt.Key.Key_Left: layer - 1 if layer > 0 else (last if layer < 0 else 0),
        Qt.Key.Key_Right: min(layer + 1, last),
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: last,
    }
    if layer >= 0:
        layers[Qt.Key.Key_Escape] = -1
    if key in layers:
        return layers[key], -1
    if key not in (Qt.Key.Key_Up, Qt.Key.Key_Down) or layer < 0:
        return None
    by = 1 if key == Qt.Key.Key_Down else -1
    start = neuron if neuron >= 0 else (-1 if by > 0 else units[layer])
    return layer, min(max(start + by, 0), units[layer] - 1)
