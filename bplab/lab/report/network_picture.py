"""The network as a picture: columns in the layers' colours, edges by the weights they carry, arcs for skips."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bplab.engine import Conv2D, Dense, MaxPool, MeanPool
from bplab.lab.layer_words import badges, extras, kind_text, maps_of, size_in_words, size_text

from .chart import FULL
from .columns import (
    ARC_ROOM,
    RADIUS,
    Column,
    Place,
    Slots,
    draw_band,
    draw_bar,
    draw_maps,
    draw_skip,
    skip_span,
    square_of,
)
from .subject import ReportSubject
from .svg import Element, add, as_markup, picture_root
from .words import counted, plain, shortened

MOST_NEURONS, MOST_LAYERS = 12, 10
TAIL = 3
"""Neurons or layers still shown behind a fold."""
SIDE, TOP, BADGE_LINE = 122.0, 70.0, 16.0
LEVELS = 6
"""Steps of width and strength by which weights are told apart."""
FAINTEST = 0.02
"""Weights below this share of their layer's largest are not drawn."""
LABEL = 14


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
    layers = [None, *subject.network.layers]
    numbers = folded(len(layers), MOST_LAYERS + 1)
    skips = [(layer.skip, at) for at, layer in enumerate(layers) if isinstance(layer, Dense) and layer.skip is not None]
    lift = ARC_ROOM if skips else 0.0
    top = lift + TOP + (BADGE_LINE if any(layer and _remarks(layer) for layer in layers) else 0.0)
    across = np.linspace(SIDE, FULL - SIDE, len(numbers)).tolist()
    tallest = max(_column(subject, number, 0.0, 0.0).height for number in numbers)
    middle = top + tallest / 2
    columns = [_column(subject, number, x, middle) for number, x in zip(numbers, across, strict=True)]
    root = picture_root(FULL, top + tallest + 12, _told(subject), "network")
    gap = across[1] - across[0]
    for (left, before), (right, after) in pairwise(zip(numbers, columns, strict=True)):
        if left is not None and right is not None:
            _connect(root, subject, right - 1, before, after, float(np.clip(gap / 180, 0.4, 1.0)))
    for number, column in zip(numbers, columns, strict=True):
        if number is None:
            _draw_fold(root, column.x, middle - 8, "")
            add(root, "text", f"{len(layers) - len(numbers) + 1} more layers", x=column.x, y=middle + 14,
                class_="fold-text", text_anchor="middle")  # fmt: skip
        else:
            _draw_header(root, column.x, lift, subject, number)
            _draw_column(root, subject, number, column, wordy=gap > 110)
    places = {number: column.x for number, column in zip(numbers, columns, strict=True)}
    for source, target in skips:
        if source in places and target in places:
            widths = [subject.network.inputs, *subject.units]
            share = (target - source) / skip_span(skips)
            draw_skip(root, places[source], places[target], share, widths[source] != widths[target])
    if not columns[0].maps:
        _draw_names(root, columns[0].places, [plain(name) for name in subject.problem.shape.input_names], -1)
    _draw_names(root, columns[-1].places, _answers(subject), 1)
    return as_markup(root)


def _column(subject: ReportSubject, number: int | None, x: float, middle: float) -> Column:
    """Column ``number``, 0 for the inputs; None for what stands in place of the layers left out."""
    if number is None:
        return Column(x, middle, [None])
    network = subject.network
    units = [network.inputs, *subject.units][number]
    maps, is_bar = None, False
    if number:
        maps = maps_of(network.places[number - 1])
        is_bar = maps is None and not isinstance(network.layers[number - 1], Dense)
    elif isinstance(network.layers[0], (Conv2D, MaxPool, MeanPool)):
        channels, rows, columns = network.input_shape
        maps = channels, rows, columns
    if maps is None:
        return Column(x, middle, folded(units, MOST_NEURONS), None, is_bar)
    largest = max(max(shape[1:]) for shape in (network.input_shape, *(p.outputs for p in network.places))
                  if len(shape) == 3)  # fmt: skip
    return Column(x, middle, [None], maps, square=square_of(maps, largest))


def _connect(
    root: Element, subject: ReportSubject, layer: int, before: Column, after: Column, thickness: float
) -> None:
    """Edges to a dense layer; a band where weights are shared by all places or where there are none."""
    if isinstance(subject.network.layers[layer], Dense) and not before.maps:
        _draw_edges(root, subject.network.weights[layer], before.places, after.places, thickness)
    else:
        draw_band(root, before, after)


def _draw_column(root: Element, subject: ReportSubject, number: int, column: Column, *, wordy: bool) -> None:
    colour = f"var(--layer-{number})" if number else "var(--quiet)"
    if column.maps:
        draw_maps(root, column, colour)
    elif column.is_bar:
        draw_bar(root, column, colour)
    else:
        count = [subject.network.inputs, *subject.units][number]
        _draw_neurons(root, column.places, number, count if wordy else 0)


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


def _draw_header(root: Element, x: float, lift: float, subject: ReportSubject, layer: int) -> None:
    if not layer:
        lines, colour = ["inputs", _input_size(subject)], "var(--quiet)"
    else:
        part = subject.network.layers[layer - 1]
        size = size_text(subject.network.places[layer - 1])
        lines = [subject.layer_names[layer - 1], size, kind_text(part), " · ".join(_remarks(part))]
        colour = f"var(--layer-{layer})"
    add(root, "text", lines[0], x=x, y=lift + 16.0, class_="layer-name", style=f"fill:{colour}")
    for row, line in enumerate(lines[1:]):
        if line:
            add(root, "text", line, x=x, y=lift + 33.0 + 16.0 * row, class_="layer-fact")


def _input_size(subject: ReportSubject) -> str:
    """``2``, ``8 × 8``, ``3 × 32 × 32``."""
    shape = subject.network.input_shape
    return " × ".join(f"{count:,}" for count in (shape[1:] if len(shape) == 3 and shape[0] == 1 else shape))


def _remarks(layer: Any) -> list[str]:
    """What stands in a line of its own below a layer's activation."""
    return [*badges(layer), *(["frozen"] if layer.frozen else [])]


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
    places = subject.network.places
    layers = []
    for number, (name, place) in enumerate(zip(subject.layer_names, places, strict=True)):
        about = "; ".join([kind_text(place.layer), *extras(places, number)])
        layers.append(f"{name} with {size_in_words(place)} ({about})")
    shown = layers if len(layers) <= MOST_LAYERS else [*layers[:5], f"{len(layers) - 6} more layers", layers[-1]]
    return f"The network: {counted(subject.network.inputs, 'input')}, then {', '.join(shown)}."
