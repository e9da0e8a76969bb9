"""Which kind of data a file is, told from its name."""

from __future__ import annotations

from pathlib import Path

from .csv_file import Csv
from .file_dataset import FileDataset
from .idx_file import Idx, labels_beside
from .npz_file import Npz

TABLES = (".csv", ".tsv")


def is_data_file(path: Path) -> bool:
    """True for a file of data by its name: a table, arrays, or images (``…idx3-ubyte``, also ``.gz``)."""
    return path.suffix.lower() in (*TABLES, ".npz") or _holds_images(path)


def dataset_in(path: Path) -> FileDataset:
    """The dataset that the file is, a table if its name tells nothing; labels of images are those beside them."""
    where = str(path.absolute())
    if path.suffix.lower() == ".npz":
        return Npz(path=where)
    if _holds_images(path):
        labels = labels_beside(path.absolute())
        return Idx(images=where, labels=str(labels) if labels else "")
    return Csv(path=where)


def _holds_images(path: Path) -> bool:
    return "idx3" in path.name.lower()
