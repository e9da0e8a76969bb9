"""Further problems in the plane: two moons, a checkerboard, and arms and blobs with as many classes as you like."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from msgspec import Meta

from .base import Floats, Targets
from .plane import REACH, PlaneDataset, PlaneFields, class_indices, shares
from .playground import spiral_arm

ClassCount = Annotated[int, Meta(ge=2, le=10, description="number of classes")]


class Moons(PlaneFields, PlaneDataset, frozen=True, tag="moons"):
    """Two half moons that reach into each other.

    Half circles of radius 3, one opening downwards, the other upwards and moved by one radius to the right
    and half a radius down; the whole is centred. Noise is the standard deviation, in radii, of a Gaussian shift.
    """

    names: ClassVar[tuple[str, ...]] = ("upper moon", "lower moon")
    radius: ClassVar[float] = 3.0

    @classmethod
    def title(cls) -> str:
        return "Two moons"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        targets = class_indices(shares(self.samples, 2))
        angle = random.uniform(0, np.pi, self.samples)
        side = np.where(targets == 0, 1.0, -1.0)[:, np.newaxis]
        # Turned half round about the common centre, the upper moon is the lower one.
        points = side * (np.column_stack((np.cos(angle), np.sin(angle))) - (0.5, 0.25))
        points += random.standard_normal(points.shape) * self.noise
        return points * self.radius, targets


class Arms(PlaneFields, PlaneDataset, frozen=True, tag="arms"):
    """Spiral arms, one for each class.

    The arms leave the centre evenly spread and end at radius 5; noise moves every point by up to itself
    along each axis. No point lies in the centre, where the classes could not be told apart.
    """

    classes: ClassCount = 3
    turns: Annotated[float, Meta(ge=0, le=3, description="turns of each arm about the centre")] = 0.75

    @classmethod
    def title(cls) -> str:
        return "Spiral arms"

    def class_names(self) -> tuple[str, ...]:
        return tuple(f"arm {number}" for number in range(1, self.classes + 1))

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        counts = shares(self.samples, self.classes)
        arms = [
            spiral_arm(np.arange(1, n + 1) / max(n, 1), turns=self.turns, phase=2 * np.pi * arm / self.classes)
            for arm, n in enumerate(counts)
        ]
        points = np.concatenate(arms)
        return points + random.uniform(-1, 1, points.shape) * self.noise, class_indices(counts)


class Blobs(PlaneFields, PlaneDataset, frozen=True, tag="blobs"):
    """Gaussian clouds around a ring, one for each class.

    The centres stand evenly on a circle of radius 4, the first at the top, then clockwise. The standard
    deviation grows from 0.4, where even ten blobs stand apart, to 1.6 as the noise goes from 0 to 0.5.
    """

    classes: ClassCount = 4
    ring: ClassVar[float] = 4.0

    @classmethod
    def title(cls) -> str:
        return "Blobs"

    def class_names(self) -> tuple[str, ...]:
        return tuple(f"blob {number}" for number in range(1, self.classes + 1))

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        targets = class_indices(shares(self.samples, self.classes))
        angle = 2 * np.pi * targets / self.classes
        points = self.ring * np.column_stack((np.sin(angle), np.cos(angle)))
        points += random.standard_normal(points.shape) * (0.4 + 2.4 * self.noise)
        return points, targets


class Checkerboard(PlaneFields, PlaneDataset, frozen=True, tag="checkerboard"):
    """The squares of a checkerboard, by turns of one class and the other.

    Points fill the square of ±6; the label is the colour of the square in which the point lies, moved by up to
    the noise, in squares, along each axis.
    """

    names: ClassVar[tuple[str, ...]] = ("light", "dark")
    squares: Annotated[int, Meta(ge=2, le=8, description="squares along each side")] = 4

    @classmethod
    def title(cls) -> str:
        return "Checkerboard"

    def draw(self, random: np.random.Generator) -> tuple[Floats, Targets]:
        points = random.uniform(-REACH, REACH, (self.samples, 2))
        side = 2 * REACH / self.squares
        judged = points + random.uniform(-1, 1, points.shape) * side * self.noise
        return points, np.floor((judged + REACH) / side).astype(np.int64).sum(axis=1) % 2
