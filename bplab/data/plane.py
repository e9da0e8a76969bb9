"""One idea: toy problems are points in the plane, so that a network's whole decision can be seen as a picture.

Points lie in about [−6, 6]². A kind says only how its points and targets are drawn; features, splitting
and shapes are the same for all of them. The number of random draws never depends on ``noise``: with the
same seed, the slider of the noise moves or relabels the same points instead of drawing new ones.
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from .base import Dataset, Floats, Samples, Seed, Shape, Split, Targets, TestFraction
from .features import FeatureNames, check_features, feature_columns, feature_labels
from .splitting import divide

REACH = 6.0  # the picture of the plane is [−REACH, REACH]²


class PlaneFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that every dataset in the plane has."""

    samples: Annotated[int, Meta(ge=4, le=1_000_000, description="number of points, training and test together")] = 500
    noise: Annotated[float, Meta(ge=0, le=0.5, description="0 is the clean problem, 0.5 the hardest")] = 0.0
    test_fraction: TestFraction = 0.5
    seed: Seed = 0
    features: FeatureNames = ("x", "y")

    def __post_init__(self) -> None:
        check_features(self.features)


class PlaneDataset(Dataset):
    """Base of the datasets in the plane: ``class Kind(PlaneFields, PlaneDataset, …)`` defines ``draw``.

    The bases stand in this order: the first one's annotations count, and only those carry the limits.
    """

    __slots__ = ()
    plane: ClassVar[bool] = True
    names: ClassVar[tuple[str, ...]] = ()  # of the classes, where their number is fixed
    samples: int
    noise: float
    test_fraction: float
    seed: int
    features: tuple[str, ...]

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        """Points (samples, 2) with their class indices (samples,) or numbers (samples, 1)."""
        raise NotImplementedError

    def class_names(self) -> tuple[str, ...]:
        """One name for each class, none for regression."""
        return self.names

    def load(self) -> Samples:
        """The points and their targets, class by class."""
        self.check()
        points, targets = self.draw(np.random.default_rng(self.seed))
        names = self.class_names()
        return Samples(points, targets, "classification" if names else "regression", names, ("x", "y"))

    def split(self) -> Split:
        """The chosen features of the points, shuffled and divided; the features are not standardized."""
        return divide(
            self.load(),
            self.seed,
            self.test_fraction,
            transform=self.transform,
            input_names=feature_labels(self.features),
        )

    def describe(self) -> Shape:
        """Known from the fields alone."""
        return Shape.of(feature_labels(self.features), self.class_names(), plane=True)

    def transform(self, points: Floats) -> Floats:
        """The chosen features (n, inputs) of points (n, 2)."""
        return feature_columns(points, self.features)


def shares(samples: int, parts: int) -> list[int]:
    """``samples`` divided into ``parts`` as evenly as whole numbers allow, the first ones larger."""
    return [samples // parts + (part < samples % parts) for part in range(parts)]


def class_indices(counts: list[int]) -> Targets:
    """``counts[0]`` zeros, then ``counts[1]`` ones, and so on: (sum of counts,)."""
    return np.repeat(np.arange(len(counts), dtype=np.int64), counts)
