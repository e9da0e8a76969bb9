"""How much reaches each layer: δ, and the weight gradients that follow from it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bplab.lab.layer_words import has_weights

from .chart import (
    HALF,
    Chart,
    Margins,
    label_ends,
    log_axis,
    mark_events,
    name_values,
    new_chart,
    say_nothing_to_draw,
    shown_layers,
    updates_axis,
)
from .look import layer_colour
from .subject import ReportSubject
from .thinning import MOST_POINTS, thinned
from .words import listed, percent, three

HEIGHT = 320.0
POINTS = 5_000
"""Points of all lines of one chart together."""
MOST_LABELS = 18


def layers_chart(subject: ReportSubject, column: str, quantity: str) -> Chart:
    """A line per layer over the updates on a log axis; ``column`` is ``delta_rms`` or ``weight_gradient_rms``."""
    steps, values = subject.rows["step"], subject.rows[column]
    chart, axes = new_chart(HALF, HEIGHT, Margins(right=46.0))
    layers, names = values.shape[1], subject.layer_names
    positive = np.where(np.isfinite(values) & (values > 0), values, np.nan)
    shown = [layer for layer in shown_layers(layers) if np.isfinite(positive[:, layer]).any()]
    name_values(axes, f"{quantity}, root mean square, log axis")
    updates_axis(axes, subject.summary.updates)
    if not shown:
        why = "0 in every layer throughout" if np.isfinite(values).any() else "not finite in any layer"
        say_nothing_to_draw(axes, why)
        chart.alt = f"{quantity} was {why}."
        return chart
    drawn = positive[:, shown]
    log_axis(axes, float(np.nanmin(drawn)), float(np.nanmax(drawn)))
    most = max(40, min(MOST_POINTS, POINTS // len(shown)))
    for layer in shown:
        line = positive[:, layer]
        x, y = thinned(steps, line, most)
        lonely = np.count_nonzero(np.isfinite(line)) == 1
        (curve,) = axes.plot(x, y, color=layer_colour(layer, layers), linewidth=1.5, clip_on=not lonely)
        curve.set_marker("o" if lonely else "")
    label_ends(axes, [_end(positive, layer, names, layers) for layer in shown_of(shown, MOST_LABELS)])
    mark_events(axes, [event.updates for event in subject.events])
    told = [f"{names[layer]} {three(float(values[-1, layer]))}" for layer in shown]
    chart.alt = f"{quantity} of each layer over {steps[-1]:,} updates on a log axis; at the end {listed(told)}."
    return chart


def zeros_sentence(subject: ReportSubject, column: str) -> str:
    """Which lines have gaps because the value is exactly 0; empty if none has."""
    shares = np.mean(subject.rows[column] == 0, axis=0)
    measured = [column == "delta_rms" or has_weights(layer) for layer in subject.network.layers]
    if (shares[measured] == 1).all():
        return ""  # the chart itself says so
    parts = [
        f"{name} ({percent(float(share))} of the points)"
        for name, share, there in zip(subject.layer_names, shares, measured, strict=True)
        if share and there
    ]
    if not parts:
        return ""
    if len(parts) > 6:
        parts = [*parts[:5], f"{len(parts) - 5} more layers"]
    return f"Exactly 0, which a log axis cannot show: {listed(parts)}."


def shown_of(layers: list[int], most: int) -> list[int]:
    """``most`` of the layers, evenly, the ends included."""
    return [layers[place] for place in shown_layers(len(layers), most)]


def _end(positive: NDArray[np.float64], layer: int, names: list[str], layers: int) -> tuple[str, float, str]:
    line = positive[:, layer]
    return names[layer], float(line[np.isfinite(line)][-1]), layer_colour(layer, layers)
