"""The real data that is shipped: four tables and handwritten digits (``resources/datasets``, with their licences)."""

from __future__ import annotations

import functools
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from bplab.resources import resource

from .base import Dataset, Samples, Seed, Shape, Split, TestFraction
from .csv_table import read_table
from .csv_target import to_samples
from .pixels import pixel_names
from .splitting import divide

_IMAGE = (1, 8, 8)
_PIXELS = pixel_names(_IMAGE)
_DIGITS = tuple("0123456789")


class TableFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields that every shipped table has."""

    standardize: Annotated[bool, Meta(description="give every input mean 0 and variance 1")] = True
    test_fraction: TestFraction = 0.3
    seed: Seed = 0


class ShippedTable(Dataset):
    """Base of the shipped tables: ``class Kind(TableFields, ShippedTable, …)`` names its file.

    The bases stand in this order: the first one's annotations count, and only those carry the limits. The last
    column of the file is the class.
    """

    __slots__ = ()
    file: ClassVar[str]
    standardize: bool
    test_fraction: float
    seed: int

    def load(self) -> Samples:
        """All rows in the order of the file, in their own units; read-only arrays."""
        self.check()
        return _read_table(self.file)

    def split(self) -> Split:
        """The rows, shuffled and divided."""
        return divide(self.load(), self.seed, self.test_fraction, standardize=self.standardize)

    def describe(self) -> Shape:
        """What the file's header and classes tell."""
        samples = _read_table(self.file)
        return Shape.of(samples.input_names, samples.class_names)


class Iris(TableFields, ShippedTable, frozen=True, tag="iris"):
    """Fisher's iris flowers: three species told apart by four lengths in centimetres.

    150 flowers, 50 of each species (R. A. Fisher 1936, doi:10.24432/C56C76). One species stands apart, the
    other two overlap a little. With a test part of 45 flowers, one flower is 2 % of accuracy.
    """

    file: ClassVar[str] = "iris.csv"

    @classmethod
    def title(cls) -> str:
        return "Iris flowers"


class Penguins(TableFields, ShippedTable, frozen=True, tag="penguins"):
    """Three species of penguins told apart by bill, flipper and weight.

    342 penguins of the Palmer Archipelago (K. B. Gorman, T. D. Williams and W. R. Fraser 2014,
    doi:10.1371/journal.pone.0090081), without the two whose measurements are missing. The four
    measurements are the inputs; island, sex and year are left out.
    """

    file: ClassVar[str] = "penguins.csv"

    @classmethod
    def title(cls) -> str:
        return "Palmer penguins"


class Wine(TableFields, ShippedTable, frozen=True, tag="wine"):
    """Wines of one region: three cultivators told apart by thirteen chemical measures.

    178 wines (S. Aeberhard and M. Forina 1992, doi:10.24432/C5PC7J). The measures differ in scale by a factor of
    a thousand: with ``standardize`` off, proline alone drives the first layer into saturation.
    """

    file: ClassVar[str] = "wine.csv"

    @classmethod
    def title(cls) -> str:
        return "Wine"


class BreastCancer(TableFields, ShippedTable, frozen=True, tag="breast_cancer"):
    """Tumours, benign or malignant, told apart by thirty measures of cell nuclei.

    569 tumours, 357 benign and 212 malignant (W. H. Wolberg, O. L. Mangasarian, W. N. Street and W. Street 1993,
    doi:10.24432/C5DW2B). Of ten measures, mean, standard error and worst value; many rise and fall together.
    """

    file: ClassVar[str] = "breast_cancer.csv"

    @classmethod
    def title(cls) -> str:
        return "Breast cancer"


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
        return Shape.of(_PIXELS, _DIGITS, image=_IMAGE)


@functools.cache
def _read_table(file: str) -> Samples:
    return to_samples(read_table(resource("datasets", file), header=True, delimiter=","), "classification").locked()


@functools.cache
def _read_digits() -> Samples:
    path = resource("datasets", "digits.csv.gz")
    cells = np.loadtxt(path, dtype=np.int64, delimiter=",", skiprows=1, encoding="utf-8")
    inputs, targets = cells[:, :-1] / 16.0, cells[:, -1].copy()
    return Samples(inputs, targets, "classification", _DIGITS, _PIXELS, _IMAGE).locked()
