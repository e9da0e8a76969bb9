"""IDX files written by tests, byte for byte as the format says."""

import gzip
import struct
from pathlib import Path

import numpy as np


def idx_bytes(numbers: np.ndarray, kind: int = 0x08) -> bytes:
    """The contents of an IDX file of bytes."""
    return struct.pack(f">4B{numbers.ndim}I", 0, 0, kind, numbers.ndim, *numbers.shape) + numbers.tobytes()


def write_pair(folder: Path, samples: int = 30, rows: int = 4, columns: int = 3, *, packed: bool = False) -> list[Path]:
    """Images and labels, under the names of MNIST's; the pixels of each image are its number and those that follow."""
    pixels = (np.arange(samples)[:, None, None] + np.arange(rows * columns).reshape(rows, columns)).astype(np.uint8)
    labels = (np.arange(samples) % 3).astype(np.uint8)
    paths = []
    for name, numbers in (("train-images-idx3-ubyte", pixels), ("train-labels-idx1-ubyte", labels)):
        path = folder / (name + ".gz" * packed)
        content = idx_bytes(numbers)
        path.write_bytes(gzip.compress(content) if packed else content)
        paths.append(path)
    return paths
