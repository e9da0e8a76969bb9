"""Arrays of one's own: two arrays in an NPZ file as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from bplab.engine.errors import InputError

from .base import Floats, ImageShape, Samples, Seed, Shape, Split, TestFraction
from .csv_cells import shown, tidy
from .file_dataset import FileDataset
from .files import MAX_CLASSES, MAX_MAGNITUDE, MIN_SAMPLES, Watch, check_file
from .npz_reader import AnyArray, ArrayHeader, NpzReader, opened_npz
from .pixels import MAX_PIXELS, check_image, pixel_names
from .splitting import divide

USUAL_NAMES = (
    ("inputs", "targets"),
    ("x", "y"),
    ("X", "y"),
    ("x_train", "y_train"),
    ("X_train", "y_train"),
    ("images", "labels"),
    ("train_images", "train_labels"),
    ("data", "target"),
    ("data", "labels"),
)
"""What people call inputs and targets; the first pair that a file has is taken where no name is given."""


class Npz(FileDataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="npz"):
    """Arrays of NumPy: inputs and targets in one NPZ file.

    Inputs are (n,) or (n, columns), or images (n, height, width) or (n, channels, height, width): of bytes, their
    pixels are divided by 255, of other numbers they are taken as they are, and never standardized. Targets are (n,)
    or (n, 1): whole numbers or true and false are classes, floating-point numbers quantities.
    """

    file_kind: ClassVar[str] = "NPZ file"
    max_bytes: ClassVar[int] = 2**30

    path: Annotated[str, Meta(max_length=4096, description="the file; relative to the folder one works in")] = ""
    inputs: Annotated[
        str, Meta(max_length=200, description="name of the array of inputs; empty: the usual names are tried")
    ] = ""
    targets: Annotated[
        str, Meta(max_length=200, description="name of the array of targets; empty: the one that goes with the inputs")
    ] = ""
    samples: Annotated[
        int, Meta(ge=MIN_SAMPLES, le=1_000_000, description="at most this many are used, from the start of the arrays")
    ] = 1_000_000
    standardize: Annotated[bool, Meta(description="give every input mean 0 and variance 1; not to images")] = True
    standardize_target: Annotated[bool, Meta(description="the same for the target of a regression")] = False
    test_fraction: TestFraction = 0.3
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "NumPy arrays (NPZ)"

    def read_files(self, watch: Watch) -> Samples:
        """The first samples of the arrays; ``InputError`` names file and array."""
        (path,) = self.paths()
        with opened_npz(path) as file:
            inputs, targets = self._headers(file, path)
            count = inputs.shape[0] if inputs.shape else 0
            where = f"{path}, array {shown(inputs.name)!r}"
            image = _image_of(inputs, where)
            if targets.shape not in ((count,), (count, 1)):
                raise InputError(
                    f"{path}, array {shown(targets.name)!r}: the shape is {targets.shape}; for {count:,} inputs it "
                    f"must be ({count},) or ({count}, 1)"
                )
            if count < MIN_SAMPLES:
                raise InputError(f"{where}: there are {count} samples; at least {MIN_SAMPLES} are needed")
            answers = file.read(targets, count, Watch()).reshape(count)
            values = file.read(inputs, min(count, self.samples), watch)
        columns = _columns(values, image is not None, where)
        names = _input_names(inputs, image)
        where = f"{path}, array {shown(targets.name)!r}"
        if answers.dtype.kind == "f":
            numbers = _finite(answers[: len(columns), np.newaxis].astype(np.float64), where)
            return Samples(columns, numbers, "regression", (), names, image)
        classes, class_names = _classes(answers, where)
        return Samples(columns, classes[: len(columns)], "classification", class_names, names, image)

    def split(self) -> Split:
        """The samples, shuffled and divided, scaled by what the training part alone shows."""
        samples = self.load()
        return divide(
            samples,
            self.seed,
            self.test_fraction,
            standardize=self.standardize and samples.image is None,
            standardize_target=self.standardize_target,
        )

    def array_names(self) -> list[str]:
        """Names of all arrays in the file."""
        (path,) = self.paths()
        check_file(path, self.file_kind, self.max_bytes)
        with opened_npz(path) as file:
            return file.names

    def describe(self) -> Shape:
        """What the file holds; reads it if it has changed since."""
        samples = self.load()
        return Shape.of(samples.input_names, samples.class_names, image=samples.image)

    def _headers(self, file: NpzReader, path: Path) -> tuple[ArrayHeader, ArrayHeader]:
        """Inputs and targets by the names given, by the usual ones, or of two arrays first that of more dimensions."""
        given = {name: file.header(name) for name in (self.inputs, self.targets) if name}
        pairs = list(USUAL_NAMES)
        pairs += [(self.inputs or one, self.targets or other) for one, other in USUAL_NAMES]
        if len(file.names) == 2:
            one, other = sorted(file.names, key=lambda name: -len(file.header(name).shape))
            pairs += [(one, other), (other, one)]
        if self.inputs and self.targets:
            pairs = [(self.inputs, self.targets)]
        for inputs, targets in pairs:
            known = inputs in file.names and targets in file.names and inputs != targets
            if known and self.inputs in ("", inputs) and self.targets in ("", targets):
                return given.get(inputs) or file.header(inputs), given.get(targets) or file.header(targets)
        raise InputError(f"{path}: name the arrays of inputs and targets; there are {file.listing()}")


def _image_of(header: ArrayHeader, where: str) -> ImageShape | None:
    """The shape of one image where an input has two or three dimensions of its own; ``InputError`` on no inputs."""
    if header.dtype.kind not in "biuf":
        raise InputError(f"{where}: it holds {header.dtype}; inputs must be numbers")
    own = header.shape[1:]
    if not 1 <= len(header.shape) <= 4:
        raise InputError(f"{where}: it has {len(header.shape)} dimensions; inputs have one to four, samples first")
    if len(own) < 2:
        if own and not 1 <= own[0] <= MAX_PIXELS:
            raise InputError(f"{where}: there are {own[0]:,} columns; there must be 1 to {MAX_PIXELS:,}")
        return None
    image = (1, own[0], own[1]) if len(own) == 2 else (own[0], own[1], own[2])
    check_image(where, image)
    return image


def _input_names(header: ArrayHeader, image: ImageShape | None) -> tuple[str, ...]:
    if image:
        return pixel_names(image)
    if len(header.shape) == 1:
        return (tidy(header.name) or "column 1",)
    return tuple(f"column {number}" for number in range(1, header.shape[1] + 1))


def _columns(values: AnyArray, images: bool, where: str) -> Floats:
    """Inputs (samples, columns), bytes of images brought to 0..1."""
    if images and values.dtype == np.uint8:
        return np.ascontiguousarray(values.reshape(len(values), -1) / 255.0)
    flat = _finite(values.astype(np.float64, order="C"), where)
    return flat.reshape(len(values), -1)


def _finite(values: Floats, where: str) -> Floats:
    """``values``, every one of them found usable."""
    if not (values.min() >= -MAX_MAGNITUDE and values.max() <= MAX_MAGNITUDE):  # also where there is a NaN
        place = np.argwhere(~(np.abs(values) <= MAX_MAGNITUDE))[0]
        number, at = values[tuple(place)], ", ".join(map(str, place.tolist()))
        raise InputError(f"{where}: [{at}] is {number:g}; only finite numbers up to {MAX_MAGNITUDE:.0e} can be used")
    return values


def _classes(answers: AnyArray, where: str) -> tuple[Any, tuple[str, ...]]:
    """Class index of each sample (samples,), and the class names."""
    if answers.dtype.kind not in "biu":
        raise InputError(f"{where}: it holds {answers.dtype}; targets must be whole numbers or floating-point numbers")
    present, indices = np.unique(answers, return_inverse=True)
    if len(present) < 2:
        raise InputError(f"{where}: every sample has the class {present[0]}; at least two classes are needed")
    if len(present) > MAX_CLASSES:
        raise InputError(
            f"{where}: there are {len(present):,} classes; at most {MAX_CLASSES:,} can be told apart "
            "(as floating-point numbers, the targets would be quantities)"
        )
    return indices.astype(np.int64), tuple(map(str, present.tolist()))
