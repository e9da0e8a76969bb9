"""The network as a picture: columns of neurons in the layers' colours, edges by the weights they carry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from .chart import FULL
from .subject import ReportSubject
from .svg import Element, add, as_markup, picture_root
from .words import counted, plain, shortened

MOST_NEURONS, MOST_LAYERS = 12, 10
TAIL = 3
"""Neurons or layers still shown behind a fold."""
SIDE, TOP, PITCH, RADIUS = 122.0, 70.0, 25.0, 8.0
LEVELS = 6
"""Steps of width and strength by which weights are told apart."""
FAINTEST = 0.02
"""Weights below this share of their layer's largest are not drawn."""
LABEL = 14

Slots = list[int | None]
Place = tuple[float, float]


def folded(count: int, most: int) -> Slots:
    """Numbers 0..count−1 to show, None where some are left out."""
    if count <= most:
        return list(range(count))
    return [*range(most - TAIL - 1), None, *range(count - TAIL, count)]


def is_folded(subject: ReportSubject) -> bool:
    """True if the picture leaves neurons or layers out."""
    widths = [subject.network.inputs, *subject.units]
    return len(widths) > MOST_LAYERS + 1 or max(widths) > MOST_NEURONS


def network_picture(subject: ReportSubject) -> Markup:
    """The drawing, edges below neurons, a header over each column."""
    widths = [subject.network.inputs, *subject.units]
    columns = folded(len(widths), MOST_LAYERS + 1)
    slots: list[Slots] = [folded(widths[column], MOST_NEURONS) if column is not None else [None] for column in columns]
    tallest = max(len(column) for column in slots)
    height = TOP + PITCH * tallest + 12
    middle = TOP + PITCH * tallest / 2
    root = picture_root(FULL, height, _told(subject), "network")
    across = np.linspace(SIDE, FULL - SIDE, len(columns))
    places = [_places(float(x), column, middle) for x, column in zip(across, slots, strict=True)]
    gap = float(across[1] - across[0])
    for (left, before), (right, after) in pairwise(zip(columns, places, strict=True)):
        if left is not None and right is not None:
            _draw_edges(root, subject.network.weights[right - 1], before, after, float(np.clip(gap / 180, 0.4, 1.0)))
    for x, column, layer in zip(across, places, columns, strict=True):
        if layer is None:
            _draw_fold(root, float(x), middle - 8, "")
            add(root, "text", f"{len(widths) - len(columns) + 1} more layers", x=float(x), y=middle + 14,
                class_="fold-text", text_anchor="middle")  # fmt: skip
        else:
            _draw_header(root, float(x), subject, layer)
            _draw_neurons(root, column, layer, widths[layer] if gap > 110 else 0)
    _draw_names(root, places[0], [plain(name) for name in subject.problem.shape.input_names], -1)
    _draw_names(root, places[-1], _answers(subject), 1)
    return as_markup(root)


def _places(x: float, slots: Slots, middle: float) -> list[tuple[int | None, Place]]:
    top = middle - PITCH * (len(slots) - 1) / 2
    return [(slot, (x, top + PITCH * row)) for row, slot in enumerate(slots)]


def _draw_edges(root: Element, weights: NDArray[Any], before: Any, after: Any, thickness: float) -> None:
    """One path for each sign and strength: thousands of edges stay a few elements."""
    largest = float(np.abs(weights).max())
    paths: dict[tuple[int, bool], list[str]] = {}
    for (start, (x1, y1)), (end, (x2, y2)) in _pairs(before, after):
        weight = float(weights[start, end])
        if abs(weight) > FAINTEST * largest:
            level = min(LEVELS, int(abs(weight) / largest * LEVELS) + 1)
            line = f"M{x1 + RADIUS:.0f} {y1:.1f}L{x2 - RADIUS:.0f} {y2:.1f}"
            paths.setdefault((level, weight > 0), []).append(line)
    for (level, positive), lines in sorted(paths.items()):
        strength = level / LEVELS
        add(root, "path", d="".join(lines), class_=f"edge {'positive' if positive else 'negative'}",
            stroke_width=(0.4 + 2.6 * strength) * thickness, stroke_opacity=0.15 + 0.75 * strength)  # fmt: skip


def _pairs(before: Any, after: Any) -> Iterator[tuple[tuple[int, Place], tuple[int, Place]]]:
    for start in before:
        for end in after:
            if start[0] is not None and end[0] is not None:
                yield start, end


def _draw_neurons(root: Element, column: list[tuple[int | None, Place]], layer: int, count: int) -> None:
    """``count`` says how many there are, for the words beside a fold; 0 where there is no room for words."""
    colour = f"var(--layer-{layer})" if layer else "var(--quiet)"
    for slot, (x, y) in column:
        if slot is None:
            _draw_fold(root, x, y, f"{count - len(column) + 1:,} more" if count else "")
        elif layer:
            add(root, "circle", cx=x, cy=y, r=RADIUS, class_="neuron", style=f"stroke:{colour};fill:{colour}")
        else:
            add(root, "rect", x=x - 6, y=y - 6, width=12.0, height=12.0, rx=2.0, class_="neuron",
                style=f"stroke:{colour};fill:{colour}")  # fmt: skip


def _draw_fold(root: Element, x: float, y: float, text: str) -> None:
    for offset in (-7.0, -1.0, 5.0):
        add(root, "circle", cx=x, cy=y + offset - 0.5, r=1.6, class_="fold")
    if text:
        add(root, "text", text, x=x + 8, y=y + 3, class_="fold-text")


def _draw_header(root: Element, x: float, subject: ReportSubject, layer: int) -> None:
    if not layer:
        lines, colour = ["inputs", f"{subject.network.inputs:,}", ""], "var(--quiet)"
    else:
        part = subject.network.layers[layer - 1]
        lines = [subject.layer_names[layer - 1], f"{subject.units[layer - 1]:,}", part.in_brief()]
        colour = f"var(--layer-{layer})"
    add(root, "text", lines[0], x=x, y=16.0, class_="layer-name", style=f"fill:{colour}")
    add(root, "text", lines[1], x=x, y=33.0, class_="layer-fact")
    add(root, "text", lines[2], x=x, y=49.0, class_="layer-fact")


def _draw_names(root: Element, column: list[tuple[int | None, Place]], names: list[str], side: int) -> None:
    """Names beside a column, to its left (−1) or right (1)."""
    anchor = "start" if side > 0 else "end"
    for slot, (x, y) in column:
        if slot is not None and slot < len(names):
            add(root, "text", shortened(names[slot], LABEL), x=x + 14 * side, y=y + 4, text_anchor=anchor)


def _answers(subject: ReportSubject) -> list[str]:
    """What each output says."""
    names, outputs = [plain(name) for name in subject.problem.shape.class_names], subject.network.outputs
    if not names:
        return ["prediction"] if outputs == 1 else [f"prediction {number}" for number in range(1, outputs + 1)]
    return names if outputs == len(names) else [f"high: {names[1]}"]


def _told(subject: ReportSubject) -> str:
    layers = [
        f"{name} with {counted(units, 'neuron')} ({layer.in_brief()})"
        for name, units, layer in zip(subject.layer_names, subject.units, subject.network.layers, strict=True)
    ]
    shown = layers if len(layers) <= MOST_LAYERS else [*layers[:5], f"{len(layers) - 6} more layers", layers[-1]]
    return f"The network: {counted(subject.network.inputs, 'input')}, then {', '.join(shown)}."
