"""One idea: most of a large table is plain numbers, and a block of such lines is read as one JSON array of arrays.

JSON's decoder is compiled and rounds every number as ``float`` does; cell by cell in Python, a large table takes
several times as long. What is not plain (a quoted cell, ``+1``, ``.5``, a missing value, a ragged row …) is not JSON,
or is looked for here. Then the block is left alone: its records (:mod:`.csv_records`) are read one by one instead,
which gives the exact meaning of every cell or the exact complaint. Numbers and messages do not depend on the way.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated, NamedTuple, Self

import msgspec
import numpy as np

from .base import Floats
from .csv_cells import to_number
from .csv_records import MAX_RECORD_CHARACTERS, Position
from .csv_rows import is_target
from .files import MAX_MAGNITUDE

BLOCK_BYTES = 2**17
"""Small enough to stay in the processor's cache, and to hand Python's lock on every few milliseconds."""

# As JSON's integer, it loses its sign.
_MINUS_ZERO = re.compile(rb"-0(?![.0-9eE])")


class Block(NamedTuple):
    """Some lines of a file: the bytes, without what ends the last line, and where the line after them begins."""

    text: bytes
    end: Position


class PlainRows(NamedTuple):
    """Rows of plain numbers: inputs (rows, columns), and the targets as text and, but for words, as numbers."""

    inputs: Floats
    texts: list[str]
    numbers: list[float | None]


class BlockReader:
    """Hands out the lines of a file in blocks, from any position on."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("rb")
        self._place = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stream.close()

    def at(self, start: Position) -> Block | None:
        """The block that begins at ``start``; empty at the end of the file, None where a line does not end."""
        if self._place != start.byte:
            self._stream.seek(start.byte)
        text = self._stream.read(BLOCK_BYTES)
        if len(text) == BLOCK_BYTES and not text.endswith(b"\n"):
            rest = self._stream.readline(MAX_RECORD_CHARACTERS)
            text += rest
            if len(rest) == MAX_RECORD_CHARACTERS and not rest.endswith(b"\n"):
                text = b""
        self._place = start.byte + len(text)
        return Block(text.removesuffix(b"\n"), Position(self._place, start.line + text.count(b"\n"))) if text else None


class PlainParser:
    """Reads blocks of plain numbers, ``width`` cells a line of which number ``target`` (from 0) is the target.

    ``inputs`` are the numbers of the cells to read beside it, in their order; None: all others.
    """

    def __init__(self, delimiter: str, width: int, target: int, inputs: Sequence[int] | None = None) -> None:
        self._delimiter = delimiter.encode()
        self._width, self._target = width, target
        count = width - 1 if inputs is None else len(inputs)
        self._chosen = inputs if count < width - 1 else None
        row = Annotated[list[float], msgspec.Meta(min_length=count, max_length=count)]
        self._decoder = msgspec.json.Decoder(list[row])

    def parse(self, text: bytes) -> PlainRows | None:
        """The rows of whole lines; None if any of them is not plain."""
        if b'"' in text:
            return None
        if b"\r" in text:
            text = text.removesuffix(b"\r").replace(b"\r\n", b"\n")
            if b"\r" in text:
                return None
        lines = text.split(b"\n")
        if not self._are_short(lines):
            return None
        parted = self._parted(lines)
        if parted is None:
            return None
        inputs = self._inputs(parted[0])
        if inputs is None:
            return None
        numbers = list(map(to_number, parted[1]))
        return PlainRows(inputs, parted[1], numbers) if all(map(is_target, parted[1], numbers)) else None

    def _are_short(self, lines: list[bytes]) -> bool:
        """True if no line and no cell is longer than the reader of records takes."""
        most, longest = csv.field_size_limit(), max(map(len, lines))
        if longest <= most:
            return True
        cells = (cell for line in lines if len(line) > most for cell in line.split(self._delimiter))
        return longest <= MAX_RECORD_CHARACTERS and max(map(len, cells)) <= most

    def _parted(self, lines: list[bytes]) -> tuple[list[bytes], list[str]] | None:
        """Each line without its target, and the targets."""
        mark, target = self._delimiter, self._target
        if self._chosen is not None:
            found = self._chosen_parts(lines)
            if found is None:
                return None
            parts = found
        elif target == self._width - 1:
            parts = [line.rpartition(mark)[::2] for line in lines]
        elif target == 0:
            parts = [line.partition(mark)[::-2] for line in lines]
        else:
            rows = [line.split(mark, target + 1) for line in lines]
            if any(len(row) != target + 2 for row in rows):
                return None
            parts = [(mark.join(row[:target] + row[-1:]), row[target]) for row in rows]
        try:
            # White space before a cell is not part of it.
            return [inputs for inputs, _ in parts], [cell.decode().lstrip(" ") for _, cell in parts]
        except UnicodeDecodeError:
            return None

    def _chosen_parts(self, lines: list[bytes]) -> list[tuple[bytes, bytes]] | None:
        """The inputs that are wanted of each line, and its target; cells of other columns only have to be text."""
        mark, target, chosen = self._delimiter, self._target, self._chosen
        assert chosen is not None
        cells = [line.split(mark) for line in lines]
        try:
            _ = [line.decode() for line in lines if not line.isascii()]
        except UnicodeDecodeError:
            return None
        if any(len(row) != self._width for row in cells):
            return None
        return [(mark.join([row[index] for index in chosen]), row[target]) for row in cells]

    def _inputs(self, rows: list[bytes]) -> Floats | None:
        text = b"\n".join(rows)
        if b"[" in text or b"]" in text or _has_minus_zero(text):
            return None
        if self._delimiter != b",":
            if b"," in text:
                return None
            text = text.replace(self._delimiter, b",")
        try:
            inputs = np.array(self._decoder.decode(b"[[" + text.replace(b"\n", b"],[") + b"]]"), np.float64)
        except msgspec.DecodeError:  # ValidationError, for a row of another width, is one of them
            return None
        return inputs if max(inputs.max(), -inputs.min()) <= MAX_MAGNITUDE else None


def _has_minus_zero(text: bytes) -> bool:
    """True if a cell is the integer −0. Counting first is cheap, and rules it out for most text."""
    return text.count(b"-0") != text.count(b"-0.") and _MINUS_ZERO.search(text) is not None
