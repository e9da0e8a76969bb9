"""Data in files: remembered while there is room, known by the name of the file, and found again from another folder."""

from pathlib import Path

import numpy as np
import pytest

from bplab.data import Csv, FileDataset, Idx, Npz, Samples, dataset_in, is_data_file
from bplab.data.base import Dataset
from bplab.data.file_dataset import SampleMemory

from .idx_files import write_pair

FILES = [kind for kind in Dataset.members().values() if issubclass(kind, FileDataset)]


def samples_of(count: int) -> Samples:
    """Samples of 16 bytes each."""
    return Samples(np.zeros((count, 1)), np.zeros((count, 1)), "regression", (), ("x",))


def test_memory_keeps_what_fits_and_always_the_newest():
    memory, read = SampleMemory(max_bytes=160), []

    def ask(name: str, count: int) -> Samples:
        return memory.recall(name, lambda: read.append(name) or samples_of(count))

    first, second = ask("first", 4), ask("second", 6)
    assert ask("first", 4) is first
    assert ask("second", 6) is second
    ask("first", 4)
    ask("third", 5)  # the one that was asked for longest ago goes
    ask("first", 4)
    ask("second", 6)
    large = ask("large", 1000)
    assert ask("large", 1000) is large
    assert read == ["first", "second", "third", "second", "large"]


def test_what_is_remembered_cannot_be_changed_by_accident():
    samples = SampleMemory(1).recall("x", lambda: samples_of(3))
    with pytest.raises(ValueError, match="read-only"):
        samples.inputs[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        samples.targets[0, 0] = 1


def test_a_reading_that_fails_is_not_remembered():
    memory = SampleMemory(100)
    with pytest.raises(ZeroDivisionError):
        memory.recall("x", lambda: samples_of(1 // 0))
    assert len(memory.recall("x", lambda: samples_of(3)).inputs) == 3


@pytest.mark.parametrize("kind", FILES)
def test_every_path_field_is_a_field_that_is_empty_at_first(kind):
    assert all(getattr(kind(), field) == "" for field in kind.path_fields)
    assert kind().resolved(Path("folder")) == kind()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("table.csv", Csv), ("TABLE.CSV", Csv), ("table.tsv", Csv), ("arrays.npz", Npz),
        ("train-images-idx3-ubyte", Idx), ("train-images-idx3-ubyte.gz", Idx), ("images.idx3", Idx),
    ],
)  # fmt: skip
def test_the_kind_of_a_file_is_told_from_its_name(name, kind):
    assert is_data_file(Path(name))
    assert type(dataset_in(Path(name))) is kind


@pytest.mark.parametrize("name", ["notes.txt", "project.bplab", "experiment.json", "labels-idx1-ubyte", "no ending"])
def test_a_file_whose_name_tells_nothing_is_no_data_file_but_may_be_a_table(name):
    assert not is_data_file(Path(name))
    assert isinstance(dataset_in(Path(name)), Csv)


def test_images_come_with_the_labels_beside_them_or_with_none(tmp_path):
    images, labels = write_pair(tmp_path)
    assert dataset_in(images) == Idx(images=str(images), labels=str(labels))
    labels.unlink()
    assert dataset_in(images) == Idx(images=str(images))
