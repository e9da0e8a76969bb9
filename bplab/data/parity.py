"""Parity: whether the number of ones among n bits is odd, the problem that no single layer can solve."""

from __future__ import annotations

from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from .base import Dataset, Samples, Seed, Shape, Split, TestFraction
from .splitting import divide


class Parity(Dataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="parity"):
    """Is the number of ones among the bits odd? Every bit counts, and none tells anything alone.

    Every pattern of the bits once, a bit as −1 or +1 (as 0, an input would leave its weights without a gradient).
    Two bits are the exclusive or. A pattern kept out of training cannot be guessed from its neighbours, all of which
    have the other class: so by default all patterns are trained on (M. Minsky and S. Papert 1969, Perceptrons).
    """

    bits: Annotated[int, Meta(ge=2, le=12, description="number of inputs; there are 2 to the power of it patterns")] = 4
    test_fraction: TestFraction = 0.0
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "Parity"

    def load(self) -> Samples:
        """All patterns (2^bits, bits), counted up in binary, the first bit the highest."""
        self.check()
        ones = np.arange(2**self.bits)[:, np.newaxis] >> np.arange(self.bits)[::-1] & 1
        return Samples(np.where(ones, 1.0, -1.0), ones.sum(axis=1) % 2, "classification", _NAMES, self._inputs())

    def split(self) -> Split:
        """The patterns, shuffled and divided."""
        return divide(self.load(), self.seed, self.test_fraction)

    def describe(self) -> Shape:
        """An input for each bit, two classes."""
        return Shape.of(self._inputs(), _NAMES)

    def _inputs(self) -> tuple[str, ...]:
        return tuple(f"bit {number}" for number in range(1, self.bits + 1))


_NAMES = ("even", "odd")
