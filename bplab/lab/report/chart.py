"""A chart: a Matplotlib figure with fixed margins, pictures under its axes, and the sentence that describes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator
from numpy.typing import NDArray

from .look import INK, LINE, QUIET
from .words import tick

POINTS_PER_INCH = 72
HALF, FULL = 520.0, 1064.0
"""Widths of a chart in half a row and in a whole row, in points = CSS pixels of a wide page."""

Floats = NDArray[np.float64]


class Picture(NamedTuple):
    """A picture under the axes: its box in chart points from the top left, its PNG for light and for dark ground."""

    left: float
    top: float
    width: float
    height: float
    light: bytes
    dark: bytes | None = None
    """None: one picture does for both."""
    smooth: bool = False


class Margins(NamedTuple):
    """Room around the axes, in points."""

    left: float = 56.0
    right: float = 24.0
    top: float = 26.0
    bottom: float = 42.0


@dataclass
class Chart:
    """One figure of the report; ``alt`` says in words what it shows."""

    figure: Figure
    alt: str
    pictures: list[Picture] = field(default_factory=list)

    @property
    def size(self) -> tuple[float, float]:
        """Width and height in points."""
        width, height = self.figure.get_size_inches() * POINTS_PER_INCH
        return float(width), float(height)


def new_chart(width: float, height: float, margins: Margins = Margins()) -> tuple[Chart, Axes]:  # noqa: B008  # frozen
    """An empty chart with one pair of axes; sizes in points."""
    chart = Chart(Figure(figsize=(width / POINTS_PER_INCH, height / POINTS_PER_INCH), dpi=POINTS_PER_INCH), "")
    inner = width - margins.left - margins.right, height - margins.top - margins.bottom
    return chart, add_axes(chart, margins.left, margins.top, *inner)


def add_axes(chart: Chart, left: float, top: float, width: float, height: float) -> Axes:
    """Axes in a box given in points from the top left."""
    full_width, full_height = chart.size
    bottom = full_height - top - height
    axes: Axes = chart.figure.add_axes(
        (left / full_width, bottom / full_height, width / full_width, height / full_height)
    )
    return axes


def name_values(axes: Axes, text: str) -> None:
    """Name the vertical axis in a line above it, where it can be read without turning the head."""
    axes.annotate(
        text, (0, 1), (-54, 10), "axes fraction", textcoords="offset points", color=QUIET, annotation_clip=False
    )


def updates_axis(axes: Axes, last: int) -> None:
    """A horizontal axis of updates from 0 to ``last``."""
    axes.set_xlim(0, max(last, 1))
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axes.set_xlabel("updates")


def log_axis(axes: Axes, low: float, high: float) -> None:
    """A vertical log axis that holds ``low`` to ``high``, both above 0, and shows a decade at least."""
    bottom, top = np.log10(low), np.log10(high)
    spare = max(0.06 * (top - bottom), (1.0 - (top - bottom)) / 2, 0.0)
    bottom, top = max(bottom - spare, -320.0), min(top + spare, 307.0)
    axes.set_yscale("log")
    axes.set_ylim(10.0**bottom, 10.0**top)
    first, final = int(np.ceil(bottom)), int(np.floor(top))
    stride = max(1, -(-(final - first + 1) // 7))
    places = [10.0**power for power in range(first, final + 1, stride)]
    for parts in ((1.0, 3.0), (1.0, 2.0, 5.0)):
        if len(places) < 3:  # so few say nothing about a log axis
            decades = range(first - 1, final + 1)
            places = [part * 10.0**power for power in decades for part in parts]
            places = [place for place in places if 10.0**bottom <= place <= 10.0**top]
    axes.yaxis.set_major_locator(FixedLocator(places))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))


def mark_events(axes: Axes, updates: Sequence[int]) -> None:
    """A dotted line where something was changed by hand."""
    for update in updates:
        axes.axvline(update, color=QUIET, linewidth=1.0, linestyle=(0, (1, 2)))


def say_nothing_to_draw(axes: Axes, text: str) -> None:
    """A sentence in place of curves that do not exist."""
    axes.set_yticks([])
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=QUIET)


def label_ends(axes: Axes, ends: Sequence[tuple[str, float, str]], room: float = 13.0) -> None:
    """Write each line's name beside its right end, names ``room`` points apart; ends as (name, value, colour)."""
    height = axes.get_window_extent().height
    at = np.array([axes.transAxes.inverted().transform(axes.transData.transform((0, end[1])))[1] for end in ends])
    for (name, _, colour), line_end, place in zip(ends, at, spread(at * height, room, height) / height, strict=True):
        axes.plot(
            [1.004, 1.018, 1.028],
            [line_end, place, place],
            color=colour,
            linewidth=0.8,
            transform=axes.transAxes,
            clip_on=False,
        )
        axes.text(1.034, place, name, transform=axes.transAxes, color=colour, va="center_baseline", fontweight="bold")


def spread(places: Floats, room: float, height: float) -> Floats:
    """``places`` moved as little as needed to stand ``room`` apart within 0..``height``, in the same order.

    Neighbours that are too close are pushed apart around their common mean (pool-adjacent-violators).
    """
    order = np.argsort(places, kind="stable")
    groups: list[list[float]] = []  # [sum of wanted starts, members]
    for rank, index in enumerate(order):
        groups.append([float(places[index]) - rank * room, 1.0])
        while len(groups) > 1 and groups[-2][0] / groups[-2][1] > groups[-1][0] / groups[-1][1]:
            total, members = groups.pop()
            groups[-1][0] += total
            groups[-1][1] += members
    starts = np.concatenate([np.full(int(members), total / members) for total, members in groups])
    starts = np.clip(starts, 0.0, max(0.0, height - (len(order) - 1) * room))
    result = np.empty(len(order))
    result[order] = starts + room * np.arange(len(order))
    return result


def shown_layers(layers: int, most: int = 24) -> list[int]:
    """Which layers (from 0) a chart draws: all, or ``most`` of them evenly, first and last included."""
    return sorted({round(place) for place in np.linspace(0, layers - 1, min(layers, most))})


def frame(axes: Axes) -> None:
    """A hairline on all four sides, for pictures."""
    for spine in axes.spines.values():
        spine.set_visible(True)
        spine.set_color(LINE)
    axes.tick_params(colors=LINE, labelcolor=QUIET)
    axes.xaxis.label.set_color(QUIET)
    axes.title.set_color(INK)
