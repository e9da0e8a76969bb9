"""One idea: a CSV file from anywhere becomes records that know their line, or one sentence that says why not.

Everything is read as a stream with bounds on the file, the record and the cell, so that no file can take
the memory of the machine. Lines are counted as an editor counts them, also inside quoted cells.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Generator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from bplab.engine.errors import InputError

from .files import reason

MAX_RECORD_CHARACTERS = 4_000_000

# In this order: cells often hold commas (1,5), rarely semicolons, hardly ever tabs.
DELIMITERS = ("\t", ";", ",")
_SAMPLE_BYTES, _SAMPLE_LINES = 2**16, 20
_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')


class Position(NamedTuple):
    """A place in a file: the byte, counted from 0, and the line, counted from 1, that begins there."""

    byte: int = 0
    line: int = 1


START = Position()


class Record(NamedTuple):
    """One row of cells; ``line`` is where it begins, counted from 1, and ``end`` where the next one does."""

    line: int
    cells: list[str]
    end: Position

    def line_of(self, index: int) -> int:
        """The line on which the cell with this index (from 0) begins; quoted cells before it may span lines."""
        return self.line + sum(len(_LINE_END.findall(cell)) for cell in self.cells[:index])


def read_records(path: Path, delimiter: str, start: Position = START) -> Generator[Record, None, None]:
    """The records of a UTF-8 file from ``start`` on, without blank lines; ``InputError`` names file and line."""
    line = start.line
    try:
        with path.open("rb") as stream:
            lines = _BoundedLines(path, stream, start)
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
            for cells in reader:
                end = lines.end_record()
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield Record(line, cells, end)
                line = end.line
    except csv.Error as error:
        raise InputError(f"{path}, line {line}: {_csv_reason(str(error))}") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None


def detect_delimiter(path: Path) -> str:
    """The delimiter that stands equally often, and at all, in each of the first lines; quoted cells do not count.

    Where none does, the most frequent one of the first line: reading on will say what is wrong.
    """
    lines = _first_lines(path)
    for delimiter in DELIMITERS:
        counts = {line.count(delimiter) for line in lines}
        if len(counts) == 1 and 0 not in counts:
            return delimiter
    return max(reversed(DELIMITERS), key=lambda delimiter: "".join(lines[:1]).count(delimiter))


def _first_lines(path: Path) -> list[str]:
    """Some whole lines of the file, without blank lines and what stands in quotes."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_SAMPLE_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    lines = [line for line in _LINE_END.split(_QUOTED.sub("", text)) if line.strip()]
    return lines[:-1][:_SAMPLE_LINES] or lines  # the last one may be cut off


class _BoundedLines:
    """The lines of a text file for ``csv.reader``, refusing a record that would not end, and what is not UTF-8."""

    def __init__(self, path: Path, stream: BinaryIO, start: Position) -> None:
        self._path = path
        mark = b"" if start.byte else stream.read(len(codecs.BOM_UTF8))
        self._byte, self._line = start.byte + len(codecs.BOM_UTF8) * (mark == codecs.BOM_UTF8), start.line
        stream.seek(self._byte)
        # Bad bytes are let through, and found line by line: so the first fault of a file is the one that is told.
        self._text = io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", newline="")
        self.end_record()

    def end_record(self) -> Position:
        """The lines from here on belong to the next record; where it begins."""
        self._spare = MAX_RECORD_CHARACTERS
        self._first = self._line
        return Position(self._byte, self._line)

    def __iter__(self) -> _BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._text.readline(self._spare + 1)
        if not line:
            raise StopIteration
        self._spare -= len(line)
        if self._spare < 0:
            limit = f"{MAX_RECORD_CHARACTERS:,} characters"
            raise InputError(f"{self._path}, line {self._first}: the row has more than {limit}; is this a CSV file?")
        try:
            self._byte += len(line) if line.isascii() else len(line.encode())
        except UnicodeEncodeError:
            raise InputError(_undecodable(self._path)) from None
        self._line += 1
        return line


def _undecodable(path: Path) -> str:
    """Where the first byte stands that is not UTF-8."""
    where = str(path)
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            try:
                line.decode("utf-8")
            except UnicodeDecodeError as error:
                where = f"{path}, line {number}, byte {error.start + 1}"
                break
    return f"{where}: this is not UTF-8 text; save the table as CSV in UTF-8"


def _csv_reason(message: str) -> str:
    if "field larger" in message:
        return f"a cell has more than {csv.field_size_limit():,} characters; is a quotation mark left open?"
    if "unexpected end" in message:
        return "a quotation mark is opened here and never closed"
    return "a closing quotation mark is followed by something other than the delimiter"
