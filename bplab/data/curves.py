"""Regression in one input: a curve to be found from noisy points on it, which a plot shows whole.

Inputs are spread evenly over [−6, 6], each somewhere in its own share of it, so that there are no holes. The
curves stay within ±1. Noise is the standard deviation of what is added to the targets; the number of random
draws never depends on it, so that its slider moves the same points.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from .base import Dataset, Floats, Samples, Seed, Shape, Split, TestFraction
from .plane import REACH
from .splitting import divide

Noise = Annotated[float, Meta(ge=0, le=0.5, description="standard deviation of the targets about the curve")]


class CurveFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that every curve has."""

    samples: Annotated[int, Meta(ge=4, le=1_000_000, description="number of points, training and test together")] = 200
    noise: Noise = 0.1
    test_fraction: TestFraction = 0.5
    seed: Seed = 0


class CurveDataset(Dataset):
    """Base of the curves: ``class Kind(CurveFields, CurveDataset, …)`` defines ``curve``.

    The bases stand in this order: the first one's annotations count, and only those carry the limits.
    """

    __slots__ = ()
    samples: int
    noise: float
    test_fraction: float
    seed: int

    def curve(self, x: Floats) -> Floats:
        """The targets (n,) without noise of inputs (n,), each within [−6, 6]."""
        raise NotImplementedError

    def load(self) -> Samples:
        """The points from left to right: inputs (samples, 1), targets (samples, 1)."""
        self.check()
        random = np.random.default_rng(self.seed)
        x = (np.arange(self.samples) + random.random(self.samples)) / self.samples * (2 * REACH) - REACH
        targets = self.curve(x) + random.standard_normal(self.samples) * self.noise
        return Samples(x[:, np.newaxis], targets[:, np.newaxis], "regression", (), ("x",))

    def split(self) -> Split:
        """The points, shuffled and divided; x is not standardized."""
        return divide(self.load(), self.seed, self.test_fraction)

    def describe(self) -> Shape:
        """One input, one number to learn."""
        return Shape.of(("x",), ())


class Sine(CurveFields, CurveDataset, frozen=True, tag="sine"):
    """Regression to a sine in one input."""

    periods: Annotated[float, Meta(ge=0.5, le=10, description="waves between the first and the last point")] = 2.0

    @classmethod
    def title(cls) -> str:
        return "Sine (regression)"

    def curve(self, x: Floats) -> Floats:
        return np.sin(np.pi * self.periods * x / REACH)


class Step(CurveFields, CurveDataset, frozen=True, tag="step"):
    """Regression to a stair in one input, whose jumps a smooth network can only make steep.

    ``steps`` jumps of one height lead from −1 to +1, evenly spread; one jump alone stands in the middle.
    """

    steps: Annotated[int, Meta(ge=1, le=8, description="number of jumps")] = 1

    @classmethod
    def title(cls) -> str:
        return "Step (regression)"

    def curve(self, x: Floats) -> Floats:
        jumped = np.floor((x + REACH) / (2 * REACH) * (self.steps + 1))
        # Rounding may put the very last point one step beyond the last one.
        return 2 * np.minimum(jumped, self.steps) / self.steps - 1


class Polynomial(CurveFields, CurveDataset, frozen=True, tag="polynomial"):
    """Regression to a noisy polynomial in one input.

    The Chebyshev polynomial of the degree, over [−6, 6]: of all polynomials that stay within ±1 the one that
    swings most often.
    """

    degree: Annotated[int, Meta(ge=1, le=9, description="highest power of x")] = 3

    @classmethod
    def title(cls) -> str:
        return "Polynomial (regression)"

    def curve(self, x: Floats) -> Floats:
        values: Floats = np.cos(self.degree * np.arccos(np.clip(x / REACH, -1, 1)))
        return values
