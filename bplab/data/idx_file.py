"""Images of one's own: MNIST, or any other pair of IDX files, as a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, ClassVar

import msgspec
import numpy as np
from msgspec import Meta

from bplab.engine.errors import InputError

from .base import Samples, Seed, Shape, Split, TestFraction
from .file_dataset import FileDataset
from .files import MAX_VALUES, MIN_SAMPLES, Watch
from .idx_reader import MAX_BYTES, Bytes, opened_idx
from .pixels import check_image, pixel_names
from .splitting import divide


class Idx(FileDataset, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="idx"):
    """Images with labels in two IDX files such as MNIST's, plain or .gz.

    Images of bytes (n, rows, columns), and a label from 0 to 255 for each. Pixels run from 0 to 1. The classes are
    the labels that stand in the file of labels, whether or not the samples in use have all of them.
    """

    path_fields: ClassVar[tuple[str, ...]] = ("images", "labels")
    file_kind: ClassVar[str] = "IDX file"
    max_bytes: ClassVar[int] = MAX_BYTES

    images: Annotated[str, Meta(max_length=4096, description="the file of images; relative to the working folder")] = ""
    labels: Annotated[str, Meta(max_length=4096, description="the file of their labels, in the same order")] = ""
    samples: Annotated[
        int, Meta(ge=MIN_SAMPLES, le=1_000_000, description="at most this many are used, from the start of the files")
    ] = 10_000
    test_fraction: TestFraction = 0.2
    seed: Seed = 0

    @classmethod
    def title(cls) -> str:
        return "Images (IDX)"

    def read_files(self, watch: Watch) -> Samples:
        """The first images, row by row from the top left; ``InputError`` names the file."""
        images, labels = self.paths()
        marks = _read_labels(labels)
        pixels = _read_images(images, labels, len(marks), self.samples, watch)
        present, classes = np.unique(marks, return_inverse=True)
        if len(present) < 2:
            raise InputError(f"{labels}: every image has the label {present[0]}; at least two classes are needed")
        image = (1, pixels.shape[1], pixels.shape[2])
        return Samples(
            inputs=pixels.reshape(len(pixels), -1) / 255.0,
            targets=classes[: len(pixels)].astype(np.int64),
            task="classification",
            class_names=tuple(map(str, present.tolist())),
            input_names=pixel_names(image),
            image=image,
        )

    def split(self) -> Split:
        """The images, shuffled and divided; pixels are not standardized."""
        return divide(self.load(), self.seed, self.test_fraction)

    def describe(self) -> Shape:
        """What the files hold; reads them if they have changed since."""
        samples = self.load()
        return Shape.of(samples.input_names, samples.class_names, image=samples.image)


def labels_beside(images: Path) -> Path | None:
    """The file of labels that stands beside the images under the name that goes with theirs, as MNIST's do."""
    name = images.name.replace("images", "labels").replace("idx3", "idx1")
    found = images.with_name(name)
    return found if name != images.name and found.is_file() else None


def _read_labels(path: Path) -> Bytes:
    with opened_idx(path) as file:
        if len(file.shape) != 1:
            raise InputError(f"{path}: the file has {_dimensions(file.shape)}; labels have one")
        return file.read(file.shape[0], Watch())


def _read_images(path: Path, labels: Path, count: int, samples: int, watch: Watch) -> Bytes:
    """At most ``samples`` of the ``count`` images that there must be, ``(n, rows, columns)``."""
    with opened_idx(path) as file:
        if len(file.shape) != 3:
            raise InputError(f"{path}: the file has {_dimensions(file.shape)}; images have three")
        found, rows, columns = file.shape
        if found != count:
            raise InputError(f"{path}: there are {found:,} images, but {count:,} labels in {labels.name}")
        if found < MIN_SAMPLES:
            raise InputError(f"{path}: there are {found} images; at least {MIN_SAMPLES} are needed")
        check_image(str(path), (1, rows, columns))
        used = min(samples, found)
        if used * rows * columns > MAX_VALUES:
            most = MAX_VALUES // (rows * columns)
            raise InputError(f"{path}: {used:,} images are too many; at most {most:,} of this size can be used")
        return file.read(used, watch)


def _dimensions(shape: tuple[int, ...]) -> str:
    return f"{len(shape)} dimension{'s' * (len(shape) != 1)}"
