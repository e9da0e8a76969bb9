"""The data in numbers and small pictures: classes, columns of a table, images with the network's reading."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from bplab.lab.palette import class_colour

from .markers import legend_mark
from .plane_picture import misread
from .png import data_uri, palette_png
from .subject import ReportSubject
from .svg import Element, add, as_markup
from .words import percent, plain, three

MOST_COLUMNS = 12
MOST_IMAGES, MOST_WRONG = 10, 20
BINS = 24
HISTOGRAM = (150.0, 30.0)
COLOUR_STEPS = (6, 7, 6)
"""Steps of red, green and blue in a picture of 252 colours."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class ClassRow:
    """One class of the data."""

    mark: Markup
    name: str
    train: int
    test: int


def class_rows(subject: ReportSubject) -> list[ClassRow]:
    """The classes with their numbers of samples; empty for regression."""
    split = subject.problem.split
    names = split.class_names
    train, test = (
        np.bincount(np.asarray(targets, np.int64).ravel(), minlength=len(names)) if names else np.zeros(0, np.int64)
        for targets in (split.train_targets, split.test_targets)
    )
    return [
        ClassRow(legend_mark(index), plain(name), int(train[index]), int(test[index]))
        for index, name in enumerate(names)
    ]


@dataclass(frozen=True)
class ColumnRow:
    """One input column in its own unit."""

    name: str
    low: str
    mean: str
    high: str
    deviation: str
    histogram: Markup


def column_rows(subject: ReportSubject) -> list[ColumnRow]:
    """The first columns of a table, as they stand in the file, before any scaling."""
    samples = subject.problem.read or subject.experiment.data.load()
    classes = samples.targets if samples.class_names else np.zeros(len(samples.inputs), np.int64)
    rows = []
    for name, values in zip(samples.input_names[:MOST_COLUMNS], samples.inputs.T, strict=False):
        figures = values.min(), values.mean(), values.max(), values.std()
        low, mean, high, deviation = (three(float(figure)) for figure in figures)
        picture = _histogram(values, np.asarray(classes, np.int64), max(1, len(samples.class_names)))
        rows.append(ColumnRow(plain(name), low, mean, high, deviation, picture))
    return rows


@dataclass(frozen=True)
class ImageSample:
    """One image, what it is and what the network takes it for."""

    picture: str
    true: str
    predicted: str

    @property
    def right(self) -> bool:
        """True if the network is right."""
        return self.true == self.predicted


@dataclass(frozen=True)
class Gallery:
    """Some images of one part of the data, and some of those that are taken for something else."""

    part: str
    first: list[ImageSample]
    wrong: list[ImageSample]
    wrong_count: int
    samples: int


def gallery(subject: ReportSubject) -> Gallery:
    """Images with the network's reading; only for data that are images of classes."""
    problem, split = subject.problem, subject.problem.split
    code, shape = problem.code, split.image
    assert code is not None
    assert shape is not None
    part, inputs, targets, raw = "test", problem.test_inputs, problem.test_targets, split.test_inputs
    wrong = np.flatnonzero(misread(subject))
    if not len(inputs):
        part, inputs, targets, raw = "training", problem.train_inputs, problem.train_targets, split.train_inputs
        wrong = np.flatnonzero(code.decode(subject.network.predict(inputs)) != code.decode(targets))
    low = min(float(raw.min()), 0.0)
    reach = float(raw.max()) - low or 1.0

    def images(chosen: NDArray[np.int64]) -> list[ImageSample]:
        if not len(chosen):
            return []
        predicted = code.decode(subject.network.predict(inputs[chosen]))
        true = code.decode(targets[chosen])
        names = [plain(name) for name in split.class_names]
        return [
            ImageSample(_image((raw[index].reshape(shape) - low) / reach), names[really], names[said])
            for index, really, said in zip(chosen, true, predicted, strict=True)
        ]

    first = np.arange(min(MOST_IMAGES, len(inputs)))
    return Gallery(part, images(first), images(wrong[:MOST_WRONG]), len(wrong), len(inputs))


def most_frequent(subject: ReportSubject) -> str:
    """Accuracy on the test samples of always answering the class most frequent in training; empty without classes."""
    problem = subject.problem
    if problem.code is None or not len(problem.test_targets):
        return ""
    frequent = np.argmax(np.bincount(problem.code.decode(problem.train_targets)))
    return percent(float(np.mean(problem.code.decode(problem.test_targets) == frequent)))


def _image(values: Floats) -> str:
    """A picture of ``values (channels, height, width)`` from 0 to 1: ink on paper, or in colour for three channels."""
    if len(values) == 3:
        steps = np.array(COLOUR_STEPS)
        codes = np.rint(values * (steps - 1)[:, None, None]).astype(np.int64)
        palette = np.indices(COLOUR_STEPS).reshape(3, -1).T * 255.0 / (steps - 1)
        pixels = np.ravel_multi_index(tuple(codes), COLOUR_STEPS).astype(np.uint8)
        return data_uri(palette_png(pixels, np.rint(palette).astype(np.uint8)))
    grey = np.clip(np.rint(255 * (1 - values.mean(axis=0))), 0, 255).astype(np.uint8)
    return data_uri(palette_png(grey, np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)))


def _histogram(values: Floats, classes: NDArray[np.int64], count: int) -> Markup:
    """How the values are spread between minimum and maximum, the classes stacked."""
    width, height = HISTOGRAM
    low, high = float(values.min()), float(values.max())
    edges = np.linspace(low, high if high > low else low + 1.0, BINS + 1)
    stacks = np.array([np.histogram(values[classes == index], edges)[0] for index in range(count)])
    tallest = max(1, int(stacks.sum(axis=0).max()))
    root = Element("svg", {"viewBox": f"0 0 {width:g} {height:g}", "class": "histogram", "aria-hidden": "true"})
    ground = np.zeros(BINS)
    for index, stack in enumerate(stacks):
        bars = "".join(
            f"M{place * width / BINS + 0.4:.1f} {height * (1 - low_end):.1f}v{-height * share:.1f}"
            f"h{width / BINS - 0.8:.1f}v{height * share:.1f}z"
            for place, (low_end, share) in enumerate(zip(ground / tallest, stack / tallest, strict=True))
            if share
        )
        add(root, "path", d=bars, fill=class_colour(index) if count > 1 else "var(--train)")
        ground += stack
    return as_markup(root)
