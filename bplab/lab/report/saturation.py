"""Saturation over the run: a band per layer, a line per neuron, darker where more samples are saturated."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.lab.layer_words import has_activation
from bplab.lab.palette import sequential

from .chart import FULL, Chart, Margins, Picture, add_axes, new_chart, shown_layers, updates_axis
from .look import INK, LINE, QUIET, layer_colour
from .png import palette_png
from .subject import ReportSubject
from .thinning import averaged
from .words import listed, percent

COLUMNS, MOST_ROWS = 400, 64
LEVELS = 33
"""Steps of colour: fewer compress better, and nobody sees 3 % of saturation."""
TALL, GAP = 380.0, 4.0
"""Height of all bands together, where there are many; room between two of them."""
LEFT, NOW_LEFT, NOW_WIDTH, TOP = 66.0, 872.0, 130.0, 34.0


def saturation_chart(subject: ReportSubject) -> Chart:
    """The heat map of neurons × updates in bands of layers, and beside it each layer's saturation at the end."""
    responding, units = _responding(subject), subject.units
    layers = [responding[place] for place in shown_layers(len(responding))]
    heights = [_band_height(units[layer], len(layers)) for layer in layers]
    inner = sum(heights) + GAP * (len(layers) - 1)
    width = NOW_LEFT - 44.0 - LEFT
    chart, axes = new_chart(FULL, TOP + inner + 46.0, Margins(LEFT, FULL - LEFT - width, TOP, 46.0))
    updates_axis(axes, subject.summary.updates)
    axes.grid(False)
    axes.set_ylim(inner, 0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    now = add_axes(chart, NOW_LEFT, TOP, NOW_WIDTH, inner)
    now.set(xlim=(0, 1), ylim=(inner, 0), xticks=[0, 0.5, 1], yticks=[])
    now.set_xticklabels(["0 %", "50 %", "100 %"])
    now.spines["left"].set_visible(False)
    now.set_xlabel("mean of its neurons")
    heading: dict[str, Any] = {"textcoords": "offset points", "color": QUIET, "annotation_clip": False}
    axes.annotate("each neuron over the updates", (0, 1), (0, 9), "axes fraction", **heading)
    now.annotate("each layer at the end", (0, 1), (0, 9), "axes fraction", **heading)
    top, told = 0.0, []
    for layer, height in zip(layers, heights, strict=True):
        name, colour = subject.layer_names[layer], layer_colour(layer, len(units))
        chart.pictures.append(_band(subject, layer, Picture(LEFT, TOP + top, width, height, b"")))
        middle = top + height / 2
        axes.annotate(
            name, (0, middle), (-10, 0), ("axes fraction", "data"), textcoords="offset points", color=colour,
            ha="right", va="center", fontweight="bold", annotation_clip=False,
        )  # fmt: skip
        axes.plot([-0.006, -0.006], [top, top + height], color=colour, linewidth=3.0, clip_on=False,
                  transform=axes.get_yaxis_transform(), solid_capstyle="butt")  # fmt: skip
        share = float(np.mean(subject.saturation_now(layer)))
        now.barh(middle, share, min(height, 16.0), color=colour)
        now.annotate(
            percent(share), (1, middle), (8, 0), ("axes fraction", "data"), textcoords="offset points", color=INK,
            va="center", annotation_clip=False,
        )  # fmt: skip
        told.append(f"{name} {percent(share)}")
        top += height + GAP
    now.tick_params(color=LINE)
    chart.alt = f"Heat map of each neuron's saturation over the updates. At the end: {listed(told)}."
    return chart


def most_neurons(subject: ReportSubject) -> int:
    """Of the largest layer in the heat map."""
    return max(subject.units[layer] for layer in _responding(subject))


def _responding(subject: ReportSubject) -> list[int]:
    """The layers with an activation; nothing can saturate in the others."""
    return [number for number, layer in enumerate(subject.network.layers) if has_activation(layer)]


def _band_height(units: int, layers: int) -> float:
    most = max(14.0, min(78.0, TALL / layers))
    return float(np.clip(8.0 * units, min(30.0, most), most))


def _band(subject: ReportSubject, layer: int, place: Picture) -> Picture:
    """One layer's heat map: a line of pixels per neuron (per few neurons in a wide layer), columns evenly in time."""
    shares = _evenly_in_time(subject.saturated(layer), subject.rows["step"], subject.summary.updates)
    in_time = averaged(np.ascontiguousarray(shares.T), COLUMNS)
    lines = averaged(np.ascontiguousarray(in_time.T), MOST_ROWS).T
    levels = np.rint(lines * (LEVELS - 1)).astype(np.uint8)
    entries = np.rint(np.linspace(0, 255, LEVELS)).astype(int)
    light, dark = (palette_png(levels, sequential(ground)[entries]) for ground in (False, True))
    return place._replace(light=light, dark=dark)


def _evenly_in_time(shares: NDArray[np.float64], steps: NDArray[np.int64], last: int) -> NDArray[np.float64]:
    """Each row is valid until the next one; as many columns as rows, evenly over the updates 0..last."""
    moments = np.linspace(0, last, len(steps))
    return shares[np.maximum(np.searchsorted(steps, moments, side="right") - 1, 0)]
