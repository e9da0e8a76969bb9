"""Images from files in a report: in grey or in colour, as they are, and without the folders they lie in."""

import struct
import zlib
from base64 import b64decode
from pathlib import Path

import numpy as np

from bplab.data import Dataset, Idx, Npz
from bplab.engine import CrossEntropy, Dense, Softmax
from bplab.lab.report import ReportSubject, subject_of
from bplab.lab.report.samples import gallery
from bplab.lab.runner import train_to_end

from ...data.idx_files import write_pair
from .conftest import experiment


def trained(data: Dataset, classes: int) -> ReportSubject:
    layers = [Dense(classes, Softmax())]
    return subject_of(train_to_end(experiment(data, layers, loss=CrossEntropy(), epochs=1)))


def decoded(uri: str) -> np.ndarray:
    """Colours ``(height, width, 3)`` of a PNG with a palette."""
    png, chunks, place = b64decode(uri.partition(",")[2]), {}, 8
    while place < len(png):
        (size,) = struct.unpack_from(">I", png, place)
        chunks[png[place + 4 : place + 8]] = png[place + 8 : place + 8 + size]
        place += size + 12
    width, height = struct.unpack_from(">2I", chunks[b"IHDR"])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return palette[lines[:, 1:]]


def test_images_of_three_channels_are_shown_in_colours_close_to_their_own(tmp_path: Path) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (24, 3, 4, 5)).astype(np.uint8)
    pixels[:, 0, 0, 0], pixels[:, 0, 0, 1] = 0, 255
    np.savez(tmp_path / "colours.npz", x=pixels, y=np.arange(24) % 2)
    subject = trained(Npz(path=str(tmp_path / "colours.npz"), test_fraction=0.25), 2)
    shown = gallery(subject)
    for sample, raw in zip(shown.first, subject.problem.split.test_inputs, strict=False):
        true = 255 * raw.reshape(3, 4, 5).transpose(1, 2, 0)
        assert np.abs(decoded(sample.picture) - true).max() <= 26


def test_images_of_one_channel_are_ink_on_paper(tmp_path: Path) -> None:
    images, labels = write_pair(tmp_path)
    subject = trained(Idx(images=str(images), labels=str(labels)), 3)
    shown, inputs = gallery(subject), subject.problem.split.test_inputs
    for sample, raw in zip(shown.first, inputs, strict=False):
        grey = 255 * (1 - raw.reshape(4, 3) / inputs.max())
        assert np.abs(decoded(sample.picture) - grey[..., None]).max() <= 0.5


def test_of_images_and_labels_a_report_tells_the_names_and_not_the_folders(tmp_path: Path) -> None:
    images, labels = write_pair(tmp_path)
    subject = trained(Idx(images=str(images), labels=str(labels)), 3)
    assert subject.experiment.data == Idx(images=images.name, labels=labels.name)
