"""The IDX format of MNIST's files, plain or packed with gzip.

An IDX file is a magic number (two zeros, the type of the numbers, the number of dimensions), the length of each
dimension as a big-endian 32-bit integer, and the numbers, the last dimension running fastest (Y. LeCun, C. Cortes and
C. J. C. Burges, The MNIST database of handwritten digits). What the header promises is held against the size of the
file, and against a limit, before memory is taken; of a packed file no more is unpacked than its header promises.
"""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NoReturn, cast

import numpy as np
import numpy.typing as npt

from bplab.engine.errors import InputError

from .files import Watch, reason

MAX_BYTES = 2**30
"""The most that a header may promise."""
_BYTE_TYPE = 0x08
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_MOST = 1032
"""What gzip packs best comes out this many times as large, and nothing larger (M. Adler, zlib's technical details)."""
_CHUNK = 2**20

Bytes = npt.NDArray[np.uint8]


@contextmanager
def opened_idx(path: Path) -> Iterator[IdxReader]:
    """The IDX file, its header read; whatever goes wrong inside is an ``InputError`` that names the file."""
    try:
        with path.open("rb") as stream:
            yield IdxReader(path, stream)
    except EOFError:
        raise InputError(f"{path}: the packed file is cut off") from None
    except (gzip.BadGzipFile, zlib.error):
        raise InputError(f"{path}: the packed file is damaged") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None


class IdxReader:
    """An open IDX file of bytes whose header has been found true; ``shape`` is what it promises."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._path = path
        packed = stream.read(len(_GZIP_MAGIC)) == _GZIP_MAGIC
        stream.seek(0)
        self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=stream)) if packed else stream
        self.shape = self._read_header()
        size = path.stat().st_size
        promised = 4 + 4 * len(self.shape) + math.prod(self.shape)
        if promised > MAX_BYTES:
            self._refuse(f"the header promises {promised:,} bytes; at most {MAX_BYTES:,} can be read")
        if promised != size and not packed:
            self._refuse(f"the header promises {promised:,} bytes, but the file has {size:,}")
        if promised > size * _GZIP_MOST:
            self._refuse(f"the header promises {promised:,} bytes, more than {size:,} packed ones can hold")

    def read(self, rows: int, watch: Watch) -> Bytes:
        """The first ``rows`` along the first dimension, ``(rows, …)``; the rest is read too, but not kept."""
        shape, total = (rows, *self.shape[1:]), math.prod(self.shape)
        kept = bytearray(math.prod(shape))
        for start in range(0, total, _CHUNK):
            watch.at(start / total)
            chunk = self._stream.read(min(_CHUNK, total - start))
            if len(chunk) < min(_CHUNK, total - start):
                self._refuse("the file ends before all that its header promises")
            part = chunk[: max(0, len(kept) - start)]
            kept[start : start + len(part)] = part
        if self._stream.read(1):
            self._refuse("the file goes on beyond what its header promises")
        return np.frombuffer(kept, np.uint8).reshape(shape)

    def _read_header(self) -> tuple[int, ...]:
        magic = self._stream.read(4)
        if len(magic) < 4 or magic[:2] != b"\0\0" or not magic[3]:
            self._refuse("this is not an IDX file")
        if magic[2] != _BYTE_TYPE:
            self._refuse(f"the numbers are of type 0x{magic[2]:02x}; only bytes, type 0x08, can be read")
        lengths = self._stream.read(4 * magic[3])
        if len(lengths) < 4 * magic[3]:
            self._refuse("the file ends within its header")
        return tuple(np.frombuffer(lengths, ">u4").tolist())

    def _refuse(self, fault: str) -> NoReturn:
        raise InputError(f"{self._path}: {fault}")
