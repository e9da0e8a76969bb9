"""What the network answers, sample by sample: the confusion matrix of classes, prediction against truth of numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .chart import Chart, Margins, frame, name_values, new_chart, say_nothing_to_draw
from .look import QUIET, SHADES, TEST, TRAIN
from .subject import ReportSubject
from .words import SPACE, counted, percent, plain, three

SIZE = 430.0
MOST_POINTS = 800
MANY = 12
"""More classes than this make the confusion matrix tight."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cell:
    """One count of the confusion matrix; ``shade`` is its share of the row in steps of the map."""

    count: int
    shade: int
    right: bool
    says: str


@dataclass(frozen=True)
class ConfusionRow:
    """One true class."""

    name: str
    cells: list[Cell]
    total: int
    found: str
    """Share of the class that was recognized (recall)."""


@dataclass(frozen=True)
class Confusion:
    """Which class was taken for which; over the test samples, or the training samples where there are none."""

    part: str
    names: list[str]
    rows: list[ConfusionRow]
    totals: list[int]
    precision: list[str]
    """Per answer the share that was right."""
    many: bool
    """True where columns are numbered for want of room."""
    samples: int
    right: str


def confusion(subject: ReportSubject) -> Confusion:
    """The confusion matrix of a classification."""
    problem = subject.problem
    part, inputs, targets = _part(subject)
    counts = problem.confusion(subject.network.predict(inputs), targets)
    names = [plain(name) for name in problem.shape.class_names]
    totals, answers, hits = counts.sum(axis=1), counts.sum(axis=0), counts.diagonal()
    rows = [
        ConfusionRow(
            name=name,
            cells=[_cell(counts, true, answer, names) for answer in range(len(names))],
            total=int(totals[true]),
            found=_share(hits[true], totals[true]),
        )
        for true, name in enumerate(names)
    ]
    return Confusion(
        part=part,
        names=names,
        rows=rows,
        totals=[int(total) for total in answers],
        precision=[_share(hit, total, len(names) > MANY) for hit, total in zip(hits, answers, strict=True)],
        many=len(names) > MANY,
        samples=int(counts.sum()),
        right=_share(hits.sum(), counts.sum()),
    )


@dataclass(frozen=True)
class Fit:
    """A regression's errors in words and as a chart."""

    part: str
    chart: Chart
    sentence: str


def fit(subject: ReportSubject) -> Fit:
    """Prediction against truth of a regression."""
    part, inputs, targets = _part(subject)
    truth = np.asarray(targets, np.float64)
    predicted = np.asarray(subject.network.predict(inputs), np.float64)
    chart, axes = new_chart(SIZE, SIZE, Margins(bottom=44.0))
    known = np.isfinite(predicted).all(axis=1)
    name_values(axes, "network's output")
    axes.set_xlabel("target")
    frame(axes)
    if not known.any():
        say_nothing_to_draw(axes, "no output is finite")
        chart.alt = "No output is finite."
        return Fit(part, chart, "No output is finite.")
    x, y = truth[known][:MOST_POINTS].ravel(), predicted[known][:MOST_POINTS].ravel()
    low, high = min(x.min(), y.min()), max(x.max(), y.max())
    spare = 0.05 * (high - low) or 1.0
    axes.set(xlim=(low - spare, high + spare), ylim=(low - spare, high + spare))
    axes.plot([low, high], [low, high], color=QUIET, linewidth=1.0, linestyle=(0, (3, 3)))
    colour = TEST if part == "test" else TRAIN
    axes.plot(x, y, "o", color=colour, markersize=4.5, alpha=0.7, markeredgewidth=0)
    sentence = _fit_in_words(truth[known], predicted[known], part)
    shown = "" if len(truth) <= MOST_POINTS else f" {MOST_POINTS:,} of {len(truth):,} samples are drawn."
    chart.alt = f"Scatter of the network's output against the target. {sentence}"
    return Fit(part, chart, sentence + shown)


def _part(subject: ReportSubject) -> tuple[str, NDArray[np.floating], NDArray[np.floating]]:
    problem = subject.problem
    if len(problem.test_inputs):
        return "test", problem.test_inputs, problem.test_targets
    return "training", problem.train_inputs, problem.train_targets


def _cell(counts: NDArray[np.int64], true: int, answer: int, names: list[str]) -> Cell:
    count, total = int(counts[true, answer]), int(counts[true].sum())
    share = count / total if total else 0.0
    shade = max(1, round(share * (SHADES - 1))) if count else 0
    return Cell(count, shade, true == answer, f"{names[true]} taken for {names[answer]}: {counted(count, 'sample')}")


def _share(part: np.int64, whole: np.int64, coarse: bool = False) -> str:
    if coarse and whole:
        return f"{100 * part / whole:.0f}{SPACE}%"
    return percent(float(part / whole) if whole else None)


def _fit_in_words(truth: Floats, predicted: Floats, part: str) -> str:
    error = predicted - truth
    with np.errstate(over="ignore", invalid="ignore"):
        typical = float(np.sqrt(np.mean(error**2)))
        spread = float(np.sum((truth - truth.mean(axis=0)) ** 2))
        explained = 1.0 - float(np.sum(error**2)) / spread if spread else float("nan")
    samples = counted(len(truth), f"{part} sample")
    text = f"On {samples} the output misses its target by {three(typical)} (root mean square)"
    if np.isnan(explained):
        return text + "."
    return text + f"; R² is {three(explained)}, where 1 is perfect and 0 is no better than always answering the mean."
