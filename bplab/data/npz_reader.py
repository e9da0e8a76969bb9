"""The NPZ format of ``numpy.savez``: a ZIP archive with an array, ``name.npy``, in each member.

No pickle is ever opened: an array of Python objects is known by its header. What archive and headers promise is held
against each other and against the limits before memory is taken (NumPy's NEP 1 tells the format of an array).
"""

from __future__ import annotations

import io
import math
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from bplab.engine.errors import InputError

from .csv_cells import shown
from .files import MAX_VALUES, Watch, reason

MAX_ARRAYS = 1000
_MAX_DIRECTORY = 2**20
_END, _END_SIZE, _LONGEST_COMMENT = b"PK\x05\x06", 22, 2**16
_LARGE_END, _LARGE_END_SIZE = b"PK\x06\x07", 20
_CHUNK = 2**20
_HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}

AnyArray = npt.NDArray[Any]


class ArrayHeader(NamedTuple):
    """What is known of an array before it is read. ``fortran``: the first index runs fastest."""

    name: str
    shape: tuple[int, ...]
    fortran: bool
    dtype: np.dtype[Any]
    start: int
    """The byte of the member at which the numbers begin."""


class NpzReader:
    """An open NPZ file; ``arrays`` are the headers by name."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self._path, self._archive = path, archive
        members = {info.filename.removesuffix(".npy"): info for info in archive.infolist()}
        if not members:
            raise InputError(f"{path}: there is no array in the file")
        if len(members) > MAX_ARRAYS:
            raise InputError(f"{path}: there are more than {MAX_ARRAYS:,} arrays in the file")
        self._members = members
        self.names = list(members)

    def listing(self) -> str:
        """The names of the arrays, for a message."""
        return ", ".join(map(shown, self.names[:20])) + (", …" if len(self.names) > 20 else "")

    def header(self, name: str) -> ArrayHeader:
        """The header of an array; ``InputError`` if there is no such array, or it is not what it promises."""
        if name not in self._members:
            raise InputError(f"{self._path}: there is no array {shown(name)!r}; there are {self.listing()}")
        member, where = self._members[name], f"{self._path}, array {shown(name)!r}"
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):  # others may claim much memory
            raise InputError(f"{where}: it is packed in a way that NumPy does not use")
        with self._archive.open(member) as stream:
            try:
                version = np.lib.format.read_magic(stream)
                shape, fortran, dtype = _HEADERS[version](stream)
            except (ValueError, KeyError):
                raise InputError(f"{where}: this is not an array as NumPy writes it") from None
            start = stream.tell()
        if dtype.hasobject:
            raise InputError(f"{where}: it holds Python objects, which are never read from a file")
        promised = start + math.prod(shape) * dtype.itemsize
        if promised != member.file_size:
            raise InputError(f"{where}: the header promises {promised:,} bytes, but there are {member.file_size:,}")
        return ArrayHeader(name, shape, fortran, dtype, start)

    def read(self, header: ArrayHeader, rows: int, watch: Watch) -> AnyArray:
        """The first ``rows`` along the first dimension; an array in Fortran's order is read whole and then cut."""
        shape = header.shape if header.fortran else (rows, *header.shape[1:])
        count = math.prod(shape)
        if count > MAX_VALUES:
            size = " × ".join(f"{length:,}" for length in shape)
            raise InputError(
                f"{self._path}, array {shown(header.name)!r}: {size} numbers are too many; at most {MAX_VALUES:,} "
                "can be used"
            )
        block = bytearray(count * header.dtype.itemsize)
        with self._archive.open(self._members[header.name]) as stream:
            stream.read(header.start)
            for start in range(0, len(block), _CHUNK):
                watch.at(start / len(block))
                _fill(stream, memoryview(block)[start : start + _CHUNK])
        return np.frombuffer(block, header.dtype).reshape(shape, order="F" if header.fortran else "C")[:rows]


@contextmanager
def opened_npz(path: Path) -> Iterator[NpzReader]:
    """The NPZ file; whatever goes wrong inside is an ``InputError`` that names the file."""
    try:
        with path.open("rb") as stream:
            _check_directory(path, stream)
            with zipfile.ZipFile(stream) as archive:
                yield NpzReader(path, archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, struct.error, NotImplementedError, RuntimeError):
        raise InputError(f"{path}: this is not an NPZ file, or it is damaged") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None


def _check_directory(path: Path, stream: IO[bytes]) -> None:
    """Refuse a list of members that is too long before all of it is read (PKWARE's APPNOTE.TXT, 4.3.16)."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(max(0, size - _LONGEST_COMMENT - _END_SIZE - _LARGE_END_SIZE))
    tail = stream.read()
    plain = tail[-_END_SIZE:]
    start = len(tail) - _END_SIZE if plain.startswith(_END) and plain.endswith(b"\0\0") else tail.rfind(_END)
    end = tail[start : start + _END_SIZE] if start >= 0 else b""
    if len(end) < _END_SIZE:
        raise InputError(f"{path}: this is not an NPZ file, or it is damaged")
    (directory,) = struct.unpack_from("<L", end, 12)
    if directory > _MAX_DIRECTORY or tail[max(0, start - _LARGE_END_SIZE) : start].startswith(_LARGE_END):
        raise InputError(f"{path}: there are more than {MAX_ARRAYS:,} arrays in the file")
    stream.seek(0)


def _fill(stream: IO[bytes], part: memoryview) -> None:
    """Read exactly as many bytes as ``part`` has."""
    filled = 0
    while filled < len(part):
        chunk = stream.read(len(part) - filled)
        if not chunk:
            raise EOFError
        part[filled : filled + len(chunk)] = chunk
        filled += len(chunk)
