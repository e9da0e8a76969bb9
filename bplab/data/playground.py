"""The six problems of TensorFlow Playground, by their geometry (Smilkov and Carter 2016, playground.tensorflow.org).

Class index 1 is the playground's label +1, index 0 its −1. Where a problem gives points one label by a
rule of geometry (``circle``, ``xor``, ``plane``, ``multi_gauss``), noise moves the point for the rule only:
it is drawn where it was, but may carry a wrong label. In ``gauss`` and ``spiral`` noise moves the points.
"""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from .base import Floats, Targets
from .plane import REACH, PlaneDataset, PlaneFields, class_indices, shares

_RADIUS = 5.0  # of the circle, the spiral and the exclusive or


def _displaced(random: np.random.Generator, points: Floats, reach: float, noise: float) -> Floats:
    """The points moved by up to ``noise · reach`` along each axis."""
    return points + random.uniform(-reach, reach, points.shape) * noise


class Circle(PlaneFields, PlaneDataset, frozen=True, tag="circle"):
    """A disc of one class inside a ring of the other.

    Inner points have a radius below 2.5, outer ones between 3.5 and 5. The label asks whether the point,
    moved by the noise, lies within radius 2.5.
    """

    names: ClassVar[tuple[str, ...]] = ("outside", "inside")

    @classmethod
    def title(cls) -> str:
        return "Two circles"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        inside, outside = shares(self.samples, 2)
        radius = np.concatenate(
            (random.uniform(0, 0.5 * _RADIUS, inside), random.uniform(0.7 * _RADIUS, _RADIUS, outside))
        )
        angle = random.uniform(0, 2 * np.pi, self.samples)
        points = np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
        judged = _displaced(random, points, _RADIUS, self.noise)
        return points, (np.hypot(judged[:, 0], judged[:, 1]) < 0.5 * _RADIUS).astype(np.int64)


class Xor(PlaneFields, PlaneDataset, frozen=True, tag="xor"):
    """Exclusive or: opposite quadrants belong together.

    Points fill the square of ±5 and are then pushed 0.3 away from both axes; the label is the sign of x·y.
    """

    names: ClassVar[tuple[str, ...]] = ("signs differ", "signs agree")

    @classmethod
    def title(cls) -> str:
        return "Exclusive or"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        points = random.uniform(-_RADIUS, _RADIUS, (self.samples, 2))
        points += np.where(points > 0, 0.3, -0.3)
        judged = _displaced(random, points, _RADIUS, self.noise)
        return points, (judged[:, 0] * judged[:, 1] >= 0).astype(np.int64)


class Gauss(PlaneFields, PlaneDataset, frozen=True, tag="gauss"):
    """Two Gaussian clouds that a straight line separates.

    Centres (2, 2) and (−2, −2); the variance grows from 0.5 to 4 as the noise goes from 0 to 0.5.
    """

    names: ClassVar[tuple[str, ...]] = ("lower left", "upper right")

    @classmethod
    def title(cls) -> str:
        return "Two Gaussians"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        targets = class_indices(shares(self.samples, 2))
        variance = 0.5 + 7 * self.noise
        points = random.standard_normal((self.samples, 2)) * np.sqrt(variance)
        points += np.where(targets == 1, 2.0, -2.0)[:, np.newaxis]
        return points, targets


class Spiral(PlaneFields, PlaneDataset, frozen=True, tag="spiral"):
    """Two spiral arms wound into each other, the classic hard case.

    Each arm makes 1.75 turns out to radius 5; noise moves every point by up to itself along each axis.
    """

    names: ClassVar[tuple[str, ...]] = ("first arm", "second arm")

    @classmethod
    def title(cls) -> str:
        return "Two spirals"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        counts = shares(self.samples, 2)
        arms = [spiral_arm(np.arange(n) / n, turns=1.75, phase=np.pi * (1 - arm)) for arm, n in enumerate(counts)]
        return _displaced(random, np.concatenate(arms), 1.0, self.noise), class_indices(counts)


class Plane(PlaneFields, PlaneDataset, frozen=True, tag="plane"):
    """Regression to a tilted plane: the target grows with x + y.

    The target is (x + y) / 10 of the point moved by the noise.
    """

    @classmethod
    def title(cls) -> str:
        return "Plane (regression)"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        points = random.uniform(-REACH, REACH, (self.samples, 2))
        judged = _displaced(random, points, REACH, self.noise)
        return points, judged.sum(axis=1, keepdims=True) / 10


class MultiGauss(PlaneFields, PlaneDataset, frozen=True, tag="multi_gauss"):
    """Regression to six hills and hollows, alternating.

    At each centre the target is ±1; it falls off linearly and is 0 from a distance of 2 on.
    """

    hills: ClassVar[tuple[tuple[float, float, float], ...]] = (
        (-4, 2.5, 1), (0, 2.5, -1), (4, 2.5, 1), (-4, -2.5, -1), (0, -2.5, 1), (4, -2.5, -1),
    )  # fmt: skip

    @classmethod
    def title(cls) -> str:
        return "Six Gaussians (regression)"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        points = random.uniform(-REACH, REACH, (self.samples, 2))
        judged = _displaced(random, points, REACH, self.noise)
        targets = np.zeros(self.samples)
        for x, y, sign in self.hills:  # the hills nowhere overlap, so that adding them up is choosing one
            targets += sign * np.maximum(1 - np.hypot(judged[:, 0] - x, judged[:, 1] - y) / 2, 0)
        return points, targets[:, np.newaxis]


def spiral_arm(share: Floats, *, turns: float, phase: float) -> Floats:
    """Points (n, 2) at the shares (n,) of the way out along an arm that ends at radius 5."""
    angle = 2 * np.pi * turns * share + phase
    radius = _RADIUS * share
    return np.column_stack((radius * np.sin(angle), radius * np.cos(angle)))
