"""The real data that is shipped: iris flowers and handwritten digits (``resources/datasets``, with their licences)."""

from __future__ import annotations

import functools
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from bplab.resources import resource

from .base import Dataset, Samples, Seed, Shape, Split, TestFraction
from .csv_table import read_table
from .csv_target import to_samples
from .splitting import divide

_IRIS_INPUTS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
_IRIS_CLASSES = ("setosa", "versicolor", "virginica")
_IMAGE = (8, 8)
_PIXELS = tuple(f"pixel {row},{column}" for row in range(1, 9) for column in range(1, 9))
_DIGITS = tuple("0123456789")


class Iris(Dataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="iris"):
    """Fisher's iris flowers: three species told apart by four lengths in centimetres.

    150 flowers, 50 of each species (R. A. Fisher 1936, doi:10.24432/C56C76). One species stands apart, the
    other two overlap a little. With a test part of 45 flowers, one flower is 2 % of accuracy.
    """

    standardize: Annotated[bool, Meta(description="give every input mean 0 and variance 1")] = True
    test_fraction: TestFraction = 0.3
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "Iris flowers"

    def load(self) -> Samples:
        """All flowers in centimetres, species by species; read-only arrays."""
        self.check()
        return _read_iris()

    def split(self) -> Split:
        """The flowers, shuffled and divided."""
        return divide(self.load(), self.seed, self.test_fraction, standardize=self.standardize)

    def describe(self) -> Shape:
        """Four inputs, three classes."""
        return Shape.of(_IRIS_INPUTS, _IRIS_CLASSES)


class Digits(Dataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="digits"):
    """Real handwritten digits, 0 to 9, as pictures of 8×8 pixels.

    1,797 digits written by 13 people (E. Alpaydin and C. Kaynak 1998, doi:10.24432/C50P49). Pixels run from
    0, paper, to 1, ink. The file does not say who wrote which digit, so training and test part are divided
    by a plain shuffle: the test accuracy is a fair estimate for new digits of these writers, and too
    good a one for the hand of a stranger.
    """

    test_fraction: TestFraction = 0.2
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "Handwritten digits"

    def load(self) -> Samples:
        """All digits in the order of the file, pixels row by row from the top left; read-only arrays."""
        self.check()
        return _read_digits()

    def split(self) -> Split:
        """The digits, shuffled and divided."""
        return divide(self.load(), self.seed, self.test_fraction)

    def describe(self) -> Shape:
        """64 inputs, the pixels of a grey image; ten classes."""
        return Shape.of(_PIXELS, _DIGITS, image=(1, *_IMAGE))


@functools.cache
def _read_iris() -> Samples:
    table = read_table(resource("datasets", "iris.csv"), header=True, target="species", delimiter=",")
    return to_samples(table, "classification")


@functools.cache
def _read_digits() -> Samples:
    path = resource("datasets", "digits.csv.gz")
    cells = np.loadtxt(path, dtype=np.int64, delimiter=",", skiprows=1, encoding="utf-8")
    inputs, targets = cells[:, :-1] / 16.0, cells[:, -1].copy()
    inputs.flags.writeable = targets.flags.writeable = False
    return Samples(inputs, targets, "classification", _DIGITS, _PIXELS, _IMAGE)
