"""Points drawn by hand: the one dataset that holds its samples instead of a rule for making them.

So it is saved in the experiment's own file, undone and run like any other. Whether a point is one to train on or one
to test on follows from the seed and from where it lies, not from when it was drawn: to add, move or erase one leaves
the others what they are (but for the one at the border, where the share of the test part makes it change sides).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
import numpy.typing as npt
from msgspec import Meta

from bplab.engine.errors import InputError

from .base import Dataset, Floats, Samples, Seed, Shape, Split, TestFraction
from .features import FeatureNames, check_features, feature_columns, feature_labels
from .splitting import divide

MIN_POINTS, MAX_POINTS = 2, 4_000
MIN_DRAWN_CLASSES, MAX_DRAWN_CLASSES = 2, 6
FARTHEST = 100.0
"""Coordinates are at most this large; the picture of the plane ends at 6."""

Coordinate = Annotated[float, Meta(ge=-FARTHEST, le=FARTHEST)]
DrawnPoint = tuple[Coordinate, Coordinate, Annotated[int, Meta(ge=0, lt=MAX_DRAWN_CLASSES)]]
"""x, y and class index."""
ClassName = Annotated[str, Meta(min_length=1, max_length=40)]

_SCENE: tuple[tuple[float, float, int], ...] = (
    (-4.0, -1.5, 0), (-3.6, 0.4, 0), (-2.9, 1.9, 0), (-1.7, 2.9, 0), (0.0, 3.4, 0), (1.6, 3.0, 0),
    (2.9, 2.0, 0), (3.7, 0.3, 0), (4.1, -1.6, 0), (-3.2, 1.0, 0), (-0.8, 3.3, 0), (3.3, 1.2, 0),
    (-1.6, -1.7, 1), (-0.9, -0.6, 1), (0.1, 0.2, 1), (1.0, -0.5, 1), (1.7, -1.8, 1), (0.0, -1.3, 1),
    (-0.7, -2.2, 1), (0.8, -2.4, 1), (0.2, -3.1, 1), (-1.1, -2.9, 1), (1.4, -3.0, 1), (0.5, -0.9, 1),
)  # fmt: skip


class Drawn(Dataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="drawn"):
    """Points you draw yourself, each of a class of your choice.

    A point is x, y and the index of its class. Two to six classes; a class may be without points for a while.
    """

    plane: ClassVar[bool] = True

    points: Annotated[
        tuple[DrawnPoint, ...],
        Meta(min_length=MIN_POINTS, max_length=MAX_POINTS, description="x, y and class index of every point"),
    ] = _SCENE
    classes: Annotated[
        tuple[ClassName, ...],
        Meta(min_length=MIN_DRAWN_CLASSES, max_length=MAX_DRAWN_CLASSES, description="names of the classes"),
    ] = ("class 1", "class 2")
    test_fraction: TestFraction = 0.2
    seed: Seed = 0
    features: FeatureNames = ("x", "y")

    def __post_init__(self) -> None:
        check_features(self.features)
        for name in self.classes:
            if not name.isprintable():
                raise InputError("classes: control characters are no part of a name")
            if self.classes.count(name) > 1:
                raise InputError(f"classes: the name {name!r} is given twice")
        for place, (_, _, index) in enumerate(self.points):
            if index >= len(self.classes):
                raise InputError(f"points[{place}]: class {index} of {len(self.classes)}, counted from 0")

    @classmethod
    def title(cls) -> str:
        return "Drawn points"

    def load(self) -> Samples:
        """The points in the order in which they were drawn."""
        self.check()
        table = np.array(self.points, np.float64)
        # Adding 0 makes 0 of −0: they lie at the same place.
        points, classes = np.ascontiguousarray(table[:, :2]) + 0.0, table[:, 2].astype(np.int64)
        return Samples(points, classes, "classification", self.classes, ("x", "y"))

    def split(self) -> Split:
        """The chosen features of the points; two points at the same place are in the same part where that can be."""
        samples = self.load()
        return divide(
            samples,
            self.seed,
            self.test_fraction,
            transform=self.transform,
            input_names=feature_labels(self.features),
            order=np.argsort(_scattered(samples.inputs, self.seed), kind="stable"),
        )

    def describe(self) -> Shape:
        """Known from the fields alone."""
        return Shape.of(feature_labels(self.features), self.classes, plane=True)

    def transform(self, points: Floats) -> Floats:
        """The chosen features (n, inputs) of points (n, 2)."""
        return feature_columns(points, self.features)

    @classmethod
    def refusal(cls, dataset: Dataset) -> str:
        """Why the samples of ``dataset`` cannot be drawn points; empty if they can."""
        shape = dataset.describe() if dataset.plane else None
        if shape is None:
            return "Only points in the plane can be drawn"
        if not shape.classes:
            return "These points carry numbers; only classes can be drawn"
        if shape.classes > MAX_DRAWN_CLASSES:
            return f"There are {shape.classes} classes; at most {MAX_DRAWN_CLASSES} can be drawn"
        return ""

    @classmethod
    def of(cls, dataset: Dataset) -> Drawn:
        """The samples of a dataset in the plane as drawn points, rounded to two digits; ``InputError`` if refused.

        Of more than :data:`MAX_POINTS`, that many are taken, a fair share of training and test samples.
        """
        reason = cls.refusal(dataset)
        if reason:
            raise InputError(reason)
        samples, fields = dataset.load(), _plane_fields(dataset)
        rows = np.arange(len(samples.inputs))
        if len(rows) > MAX_POINTS:
            rows = np.sort(np.random.default_rng(fields["seed"]).permutation(rows)[:MAX_POINTS])
        places = np.clip(np.round(samples.inputs[rows], 2), -FARTHEST, FARTHEST).tolist()
        points = tuple((x, y, int(index)) for (x, y), index in zip(places, samples.targets[rows], strict=True))
        return cls(points=points, classes=samples.class_names, **fields)


def _plane_fields(dataset: Any) -> dict[str, Any]:
    """What drawn points and other data in the plane have in common."""
    return {name: getattr(dataset, name) for name in ("test_fraction", "seed", "features")}


def _scattered(points: Floats, seed: int) -> npt.NDArray[np.uint64]:
    """A number for each point (n, 2) that looks random and depends on its place and the seed alone, (n,)."""
    bits = np.ascontiguousarray(points).view(np.uint64)
    return _mixed(_mixed(bits[:, 0] + np.uint64(seed)) ^ bits[:, 1])


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Every bit of the result depends on every bit of a value (SplitMix64; Steele, Lea and Flood 2014)."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
