"""The plane with the points in it, over what the trained network answers at every place."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MultipleLocator
from numpy.typing import NDArray

from bplab.data.plane import REACH
from bplab.lab.palette import class_colour, diverging
from bplab.lab.problem import TargetCode

from .chart import Chart, Margins, Picture, frame, new_chart
from .look import GROUND, INK, SHADES
from .markers import shape
from .png import palette_png
from .subject import ReportSubject
from .words import counted

SIZE, MARGINS = 470.0, Margins(34.0, 8.0, 8.0, 28.0)
GRID = 128
MOST_POINTS = 300
"""Points shown of each part."""
STRONGEST = 0.5
"""Opacity of the surface where the network is sure of a class."""

Floats = NDArray[np.float64]


def plane_picture(subject: ReportSubject) -> Chart:
    """Points and decision surface of data in the plane."""
    problem, split = subject.problem, subject.problem.split
    assert split.train_points is not None
    assert split.test_points is not None
    points = np.concatenate([split.train_points[:MOST_POINTS], split.test_points[:MOST_POINTS]])
    reach = max(REACH, float(np.abs(points).max()) * 1.03)
    chart, axes = new_chart(SIZE, SIZE, MARGINS)
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach))
    axes.grid(False)
    frame(axes)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MultipleLocator(2.0 if reach < 8 else 5.0 * np.ceil(reach / 30)))
    chart.pictures.append(_surface(subject, reach))
    tested = min(len(split.test_points), MOST_POINTS)
    if problem.code is None:
        _draw_values(axes, subject)
        chart.alt = "The plane in the colours of the network's output, with the points in the colours of their targets."
        return chart
    _draw_classes(axes, subject)
    wrong = misread(subject)[:MOST_POINTS]
    if wrong.any():
        ring = split.test_points[:MOST_POINTS][wrong]
        axes.plot(*ring.T, "o", markersize=12, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.1)
    chart.alt = (
        f"The plane in the colour of the class that the network answers at each place, with "
        f"{counted(len(points), 'point')} in the colours of their classes; "
        f"{int(wrong.sum())} of the {tested} test points shown lie in a wrong colour."
    )
    return chart


def misread(subject: ReportSubject) -> NDArray[np.bool_]:
    """Which test samples the network puts into a wrong class, ``(n,)``; classification only."""
    problem = subject.problem
    code = problem.code
    assert code is not None
    if not len(problem.test_inputs):
        return np.zeros(0, np.bool_)
    predicted = code.decode(subject.network.predict(problem.test_inputs))
    return np.asarray(predicted != code.decode(problem.test_targets))


def value_limit(subject: ReportSubject) -> float:
    """The size of a target that takes the strongest colour."""
    targets = np.concatenate([subject.problem.train_targets, subject.problem.test_targets])
    return float(np.abs(targets).max()) or 1.0


def _draw_classes(axes: Axes, subject: ReportSubject) -> None:
    split = subject.problem.split
    for points, targets, edge in (
        (split.train_points, split.train_targets, GROUND),
        (split.test_points, split.test_targets, INK),
    ):
        assert points is not None
        shown, classes = points[:MOST_POINTS], targets[:MOST_POINTS]
        for index in range(len(split.class_names)):
            _scatter(axes, shown[classes == index], class_colour(index), shape(index), edge)


def _draw_values(axes: Axes, subject: ReportSubject) -> None:
    split, limit = subject.problem.split, value_limit(subject)
    entries = np.rint(np.linspace(0, 255, SHADES)).astype(int)
    for points, targets, edge in (
        (split.train_points, split.train_targets, GROUND),
        (split.test_points, split.test_targets, INK),
    ):
        assert points is not None
        shown = points[:MOST_POINTS]
        steps = np.rint((targets[:MOST_POINTS, 0] / limit + 1) * 0.5 * (SHADES - 1)).astype(int)
        for step, entry in enumerate(entries):
            colour = "#{:02x}{:02x}{:02x}".format(*diverging(False)[entry])
            _scatter(axes, shown[steps == step], colour, "o", edge)


def _scatter(axes: Axes, points: Floats, colour: str, marker: str, edge: str) -> None:
    if len(points):
        axes.plot(
            *points.T, marker, color=colour, markersize=6.5, markeredgecolor=edge, markeredgewidth=0.8, clip_on=True
        )


def _surface(subject: ReportSubject, reach: float) -> Picture:
    middles = (np.arange(GRID) + 0.5) / GRID * 2 * reach - reach
    x, y = np.meshgrid(middles, -middles)
    points = np.column_stack([x.ravel(), y.ravel()])
    outputs = subject.network.predict(subject.experiment.data.transform(points)).astype(np.float64)
    side = SIZE - MARGINS.left - MARGINS.right, SIZE - MARGINS.top - MARGINS.bottom
    place = Picture(MARGINS.left, MARGINS.top, *side, b"", smooth=True)
    code = subject.problem.code
    if code is None:
        scaled = np.clip(np.nan_to_num(outputs[:, 0] / value_limit(subject), nan=0.0), -1.0, 1.0)
        pixels = np.clip(scaled * 127.5 + 128.0, 0, 255).astype(np.uint8).reshape(GRID, GRID)
        return place._replace(
            light=palette_png(pixels, diverging(False)), dark=palette_png(pixels, diverging(True)), smooth=True
        )
    levels = min(24, 255 // code.classes)
    winner = code.decode(outputs)
    level = np.rint(_sureness(outputs, code) * (levels - 1)).astype(np.int64)
    pixels = (winner * levels + level).astype(np.uint8).reshape(GRID, GRID)
    colours = np.array([list(bytes.fromhex(class_colour(index)[1:])) for index in range(code.classes)], np.uint8)
    alpha = 255 * np.tile(np.linspace(0.06, STRONGEST, levels), code.classes)
    return place._replace(light=palette_png(pixels, np.repeat(colours, levels, axis=0), alpha.astype(np.uint8)))


def _sureness(outputs: Floats, code: TargetCode) -> Floats:
    """Lead of the winning class over the next, 0 to 1, ``(n,)``."""
    span = code.high - code.low
    if code.units == 1:
        lead = np.abs(outputs[:, 0] - 0.5 * (code.low + code.high)) * 2
    else:
        ordered = np.sort(outputs, axis=1)
        lead = ordered[:, -1] - ordered[:, -2]
    return np.asarray(np.clip(np.nan_to_num(lead / span, nan=0.0), 0.0, 1.0))
