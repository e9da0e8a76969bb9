"""Images in IDX files: what is read of them, and what is refused before memory is taken."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import CancelledError, Idx, idx_file, idx_reader, labels_beside
from bplab.engine.errors import InputError

from .idx_files import idx_bytes, write_pair


def pair(folder: Path, *, packed: bool = False, **fields: int) -> Idx:
    images, labels = write_pair(folder, packed=packed)
    return Idx(images=str(images), labels=str(labels), **fields)


def complaint(dataset: Idx) -> str:
    with pytest.raises(InputError) as caught:
        dataset.load()
    return str(caught.value)


@pytest.mark.parametrize("packed", [False, True])
def test_pixels_run_from_0_to_1_row_by_row_and_labels_are_classes(tmp_path, packed):
    samples = pair(tmp_path, packed=packed).load()
    assert samples.image == (1, 4, 3)
    assert samples.input_names[:4] == ("pixel 1,1", "pixel 1,2", "pixel 1,3", "pixel 2,1")
    np.testing.assert_array_equal(samples.inputs[5] * 255, np.arange(5, 17))
    np.testing.assert_array_equal(samples.targets, np.arange(30) % 3)
    assert samples.class_names == ("0", "1", "2")


def test_black_is_0_and_white_is_1(tmp_path):
    images, labels = write_pair(tmp_path)
    images.write_bytes(idx_bytes(np.array([0, 255] * 15, np.uint8).reshape(30, 1, 1)))
    assert set(Idx(images=str(images), labels=str(labels)).load().inputs.ravel()) == {0.0, 1.0}


def test_a_packed_pair_is_known_by_its_contents_not_by_its_name(tmp_path):
    packed = pair(tmp_path, packed=True)
    for name in (packed.images, packed.labels):
        Path(name).rename(name.removesuffix(".gz"))
    plain = Idx(images=packed.images.removesuffix(".gz"), labels=packed.labels.removesuffix(".gz"))
    assert len(plain.load().inputs) == 30


@pytest.mark.parametrize("packed", [False, True])
def test_the_first_samples_are_used_and_classes_are_those_of_the_whole_file(tmp_path, packed):
    dataset = pair(tmp_path, packed=packed, samples=4)
    samples = dataset.load()
    np.testing.assert_array_equal(samples.inputs[:, 0] * 255, np.arange(4))
    assert samples.class_names == ("0", "1", "2")
    assert len(dataset.split().train_inputs) == 3


def test_a_label_that_no_image_in_use_has_is_a_class_all_the_same(tmp_path):
    images, labels = write_pair(tmp_path)
    labels.write_bytes(idx_bytes(np.array([7] * 29 + [9], np.uint8)))
    samples = Idx(images=str(images), labels=str(labels), samples=10).load()
    assert samples.class_names == ("7", "9")
    assert set(samples.targets) == {0}


def test_progress_is_told_and_a_cancelled_reading_stops(tmp_path, monkeypatch):
    monkeypatch.setattr(idx_reader, "_CHUNK", 100)
    dataset, shares = pair(tmp_path), []
    with pytest.raises(CancelledError):
        dataset.read(cancelled=lambda: True)
    dataset.read(progress=shares.append)
    assert shares == [0, 100 / 360, 200 / 360, 300 / 360]


def test_labels_stand_beside_the_images_under_the_name_that_goes_with_theirs(tmp_path):
    for packed in (False, True):
        images, labels = write_pair(tmp_path, packed=packed)
        assert labels_beside(images) == labels
        labels.unlink()
        assert labels_beside(images) is None
    other = tmp_path / "pictures"
    other.write_bytes(b"x")
    assert labels_beside(other) is None


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"\x00\x00", "this is not an IDX file"),
        (b"PK\x03\x04 and more", "this is not an IDX file"),
        (b"\x00\x00\x08\x00", "this is not an IDX file"),
        (b"\x00\x00\x08\x03\x00\x00", "the file ends within its header"),
        (idx_bytes(np.zeros((30, 4, 3), np.uint8), kind=0x0D),
         "the numbers are of type 0x0d; only bytes, type 0x08, can be read"),
        (idx_bytes(np.zeros((30, 12), np.uint8)), "the file has 2 dimensions; images have three"),
        (idx_bytes(np.zeros(30, np.uint8)), "the file has 1 dimension; images have three"),
        (idx_bytes(np.zeros((29, 4, 3), np.uint8)), "there are 29 images, but 30 labels in train-labels-idx1-ubyte"),
        (idx_bytes(np.zeros((30, 4, 3), np.uint8))[:-1],
         "the header promises 376 bytes, but the file has 375"),
        (idx_bytes(np.zeros((30, 4, 3), np.uint8)) + b"x",
         "the header promises 376 bytes, but the file has 377"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 30, 2**32 - 1, 2**32 - 1),
         f"the header promises {30 * (2**32 - 1) ** 2 + 16:,} bytes; at most 1,073,741,824 can be read"),
        (idx_bytes(np.zeros((30, 0, 3), np.uint8)), "images of 0 × 3 pixels show nothing"),
        (idx_bytes(np.zeros((30, 257, 256), np.uint8)),
         "images of 257 × 256 pixels are too large; at most 65,536 inputs can be used"),
    ],
)  # fmt: skip
def test_a_file_of_images_that_is_none_is_refused_in_one_sentence(tmp_path, content, fault):
    images, labels = write_pair(tmp_path)
    images.write_bytes(content)
    assert complaint(Idx(images=str(images), labels=str(labels))) == f"{images}: {fault}"


@pytest.mark.parametrize(
    ("labels", "fault"),
    [
        (np.zeros((30, 1), np.uint8), "the file has 2 dimensions; labels have one"),
        (np.full(30, 4, np.uint8), "every image has the label 4; at least two classes are needed"),
    ],
)
def test_labels_that_are_none_are_refused(tmp_path, labels, fault):
    images, path = write_pair(tmp_path)
    path.write_bytes(idx_bytes(labels))
    assert complaint(Idx(images=str(images), labels=str(path))) == f"{path}: {fault}"


def test_too_few_images_are_refused(tmp_path):
    images, labels = write_pair(tmp_path, samples=3)
    assert complaint(Idx(images=str(images), labels=str(labels))) == (
        f"{images}: there are 3 images; at least 4 are needed"
    )


def test_more_pixels_than_can_be_kept_are_refused_before_they_are_read(tmp_path, monkeypatch):
    monkeypatch.setattr(idx_file, "MAX_VALUES", 100)
    dataset = pair(tmp_path)
    assert complaint(dataset) == f"{dataset.images}: 30 images are too many; at most 8 of this size can be used"
    assert len(pair(tmp_path, samples=8).load().inputs) == 8


def test_a_packed_file_that_promises_what_it_cannot_hold_is_refused_unread(tmp_path, monkeypatch):
    images, labels = write_pair(tmp_path, packed=True)
    images.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 30, 1000, 1000) + bytes(100)))
    monkeypatch.setattr(idx_reader.IdxReader, "read", lambda *_: pytest.fail("it was read"))
    monkeypatch.setattr(idx_file, "_read_labels", lambda _: np.arange(30, dtype=np.uint8))
    said = complaint(Idx(images=str(images), labels=str(labels)))
    size = images.stat().st_size
    assert said == f"{images}: the header promises 30,000,016 bytes, more than {size} packed ones can hold"


def test_a_packed_file_that_goes_on_for_ever_is_unpacked_no_further_than_it_promises(tmp_path, monkeypatch):
    images, labels = write_pair(tmp_path, packed=True)
    images.write_bytes(gzip.compress(idx_bytes(np.zeros((30, 4, 3), np.uint8)) + bytes(50 * 2**20)))
    read, unpacked = gzip.GzipFile.read, 0

    def counted(self: gzip.GzipFile, size: int) -> bytes:
        nonlocal unpacked
        chunk = read(self, size)
        unpacked += len(chunk)
        return chunk

    monkeypatch.setattr(gzip.GzipFile, "read", counted)
    assert complaint(Idx(images=str(images), labels=str(labels))) == (
        f"{images}: the file goes on beyond what its header promises"
    )
    assert unpacked == len(idx_bytes(np.zeros((30, 4, 3), np.uint8))) + 1 + len(idx_bytes(np.zeros(30, np.uint8)))


@pytest.mark.parametrize("cut", [1, 8, 40])
def test_a_packed_file_that_is_cut_off_or_damaged_is_said_to_be_so(tmp_path, cut):
    images, labels = write_pair(tmp_path, packed=True)
    content = images.read_bytes()
    images.write_bytes(content[:-cut])
    assert complaint(Idx(images=str(images), labels=str(labels))) == f"{images}: the packed file is cut off"
    images.write_bytes(content[:-6] + b"\0" + content[-5:])
    assert complaint(Idx(images=str(images), labels=str(labels))) == f"{images}: the packed file is damaged"


@pytest.mark.parametrize(
    ("behind", "fault"),
    [
        (b"\0" * 512, None),  # what a tape or a disk fills its blocks with, as gzip itself takes it
        (b"junk", "the packed file is damaged"),
        (b"\x1f\x8b", "the packed file is cut off"),
        (b"\x1f\x8b\x08\x00junk and more of it", "the packed file is damaged"),
        (gzip.compress(b"more"), "the file goes on beyond what its header promises"),
    ],
)
def test_what_stands_behind_a_packed_file_is_filling_or_refused_in_one_sentence(tmp_path, behind, fault):
    images, labels = write_pair(tmp_path, packed=True)
    for path in (images, labels):
        content = path.read_bytes()
        path.write_bytes(content + behind)
        if fault is None:
            assert len(Idx(images=str(images), labels=str(labels)).load().inputs) == 30
        else:
            assert complaint(Idx(images=str(images), labels=str(labels))) == f"{path}: {fault}"
        path.write_bytes(content)


def test_files_that_are_not_there_or_not_chosen_are_said_to_be_so(tmp_path):
    assert complaint(Idx()) == "no IDX file has been chosen yet"
    images, _ = write_pair(tmp_path)
    missing = tmp_path / "missing"
    assert complaint(Idx(images=str(images), labels=str(missing))) == f"{missing}: there is no such file"
    assert complaint(Idx(images=str(tmp_path), labels=str(images))) == (
        f"{tmp_path}: this is a folder, not an IDX file"
    )


def test_both_paths_are_taken_from_a_given_folder(tmp_path, monkeypatch):
    images, labels = write_pair(tmp_path)
    dataset = Idx(images=images.name, labels=labels.name)
    assert len(dataset.resolved(tmp_path).load().inputs) == 30
    monkeypatch.chdir(tmp_path)
    assert len(dataset.load().inputs) == 30


@given(st.binary(max_size=60), st.booleans(), st.integers(0, 30))
def test_any_bytes_are_images_or_refused_in_one_sentence(tmp_path_factory, noise, packed, place):
    folder = tmp_path_factory.getbasetemp() / "idx"
    folder.mkdir(exist_ok=True)
    images, labels = write_pair(folder, packed=packed)
    content = bytearray(images.read_bytes())
    content[place : place + len(noise)] = noise
    images.write_bytes(content)
    refusal, samples = "", None
    try:
        samples = Idx(images=str(images), labels=str(labels)).load()
    except InputError as error:
        refusal = str(error)
    if samples is None:
        assert refusal.startswith(str(images))
        assert refusal.isprintable()
    else:
        assert samples.inputs.shape == (30, np.prod(samples.image))
