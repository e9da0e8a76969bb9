"""One idea: a dataset is a frozen recipe that yields the same samples whenever it is asked.

A :class:`Dataset` holds only its parameters (kind, size, noise, seed, file …). ``load`` makes or reads
all samples, ``split`` gives what a network trains on and is tested with, ``describe`` tells the shape
of it without making it. Classes are plain indices here; how an index becomes a target of −1/+1, 0/1
or one-hot depends on the network and is decided where the network is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from msgspec import Meta

from bplab.engine.choices import Choice, from_builtins, to_builtins

Floats: TypeAlias = npt.NDArray[np.float64]
Targets: TypeAlias = npt.NDArray[np.int64] | npt.NDArray[np.float64]
Task: TypeAlias = Literal["classification", "regression"]
ImageShape: TypeAlias = tuple[int, int, int]
"""Channels, height and width."""

TestFraction = Annotated[float, Meta(ge=0, lt=1, description="share of the samples kept out of training, to test on")]
# A signed 32-bit number, so that every number field of a form can hold it.
Seed = Annotated[int, Meta(ge=0, le=2**31 - 1, description="start of the random numbers; same seed, same samples")]


@dataclass(frozen=True, slots=True, eq=False)
class Samples:
    """All samples of a dataset, in the order in which they were made or stand in the file.

    ``inputs`` is (n, columns); for data in the plane these are the points (n, 2), whatever the features.
    ``targets`` are class indices (n,) into ``class_names``, or numbers (n, 1) for regression, which has
    no class names. ``image`` is (channels, height, width) where the inputs are the pixels of an image, flat and
    row-major in this order.
    The arrays may be shared and read-only.
    """

    inputs: Floats
    targets: Targets
    task: Task
    class_names: tuple[str, ...]
    input_names: tuple[str, ...]
    image: ImageShape | None = None

    def locked(self) -> Self:
        """The same samples, the arrays made read-only: fit to be kept and shared."""
        self.inputs.flags.writeable = self.targets.flags.writeable = False
        return self


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Samples ready for a network: input columns (n, inputs), shuffled, a training and a test part.

    The test part may be empty, the training part never is. For data in the plane, ``train_points`` and
    ``test_points`` (n, 2) are where the samples lie, row by row with the inputs; otherwise None.
    """

    train_inputs: Floats
    train_targets: Targets
    test_inputs: Floats
    test_targets: Targets
    train_points: Floats | None
    test_points: Floats | None
    task: Task
    class_names: tuple[str, ...]
    input_names: tuple[str, ...]
    image: ImageShape | None = None

    @property
    def is_curve(self) -> bool:
        """True for one number to learn from one input, outside the plane: it can be drawn over the input."""
        return self.task == "regression" and len(self.input_names) == 1 and self.train_points is None


@dataclass(frozen=True, slots=True)
class Shape:
    """What a network must fit: ``inputs`` columns in, ``outputs`` units out.

    ``classes`` is 0 for regression. ``outputs`` is the customary number of output units: one for
    regression and for two classes, one for each class beyond that. ``image`` is (channels, height, width)
    where the inputs are the pixels of an image, flat and row-major in this order; otherwise None.
    """

    inputs: int
    classes: int
    outputs: int
    task: Task
    plane: bool
    input_names: tuple[str, ...]
    class_names: tuple[str, ...]
    image: ImageShape | None = None

    @classmethod
    def of(
        cls,
        input_names: Sequence[str],
        class_names: Sequence[str],
        *,
        plane: bool = False,
        image: ImageShape | None = None,
    ) -> Shape:
        """The shape that follows from the names; no class names mean regression to one number."""
        classes = len(class_names)
        return cls(
            inputs=len(input_names),
            classes=classes,
            outputs=classes if classes > 2 else 1,
            task="classification" if classes else "regression",
            plane=plane,
            input_names=tuple(input_names),
            class_names=tuple(class_names),
            image=image,
        )


class Dataset(Choice):
    """Family of the datasets. A member defines ``load``, ``split``, ``describe`` and a default for every field."""

    __slots__ = ()
    family = "dataset"
    # True where samples are points in the plane, and the inputs are features of their x and y.
    plane: ClassVar[bool] = False

    def load(self) -> Samples:
        """All samples, the same bits for the same fields; ``InputError`` says what keeps them from being made."""
        raise NotImplementedError

    def split(self) -> Split:
        """The samples as a network takes them, shuffled by the seed and divided by ``test_fraction``."""
        raise NotImplementedError

    def describe(self) -> Shape:
        """Inputs, classes and names; makes no samples (a file is read once and remembered)."""
        raise NotImplementedError

    def transform(self, points: Floats) -> Floats:
        """Input columns (n, inputs) of any points (n, 2) in the plane, exactly as ``split`` makes them."""
        raise TypeError(f"{self.title()}: the samples are not points in the plane")

    def resolved(self, base: Path) -> Self:
        """The same dataset, a relative path in it taken from the folder ``base``; most have no path."""
        return self

    def check(self) -> None:
        """Hold a value built in Python to the limits of one read from JSON; ``InputError`` names the field."""
        from_builtins(to_builtins(self), type(self))
