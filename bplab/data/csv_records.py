"""One idea: a CSV file from anywhere becomes records that know their line, or one sentence that says why not.

Everything is read as a stream with bounds on the file, the record and the cell, so that no file can take
the memory of the machine. Lines are counted as an editor counts them, also inside quoted cells.
"""

from __future__ import annotations

import csv
import os
import re
import stat
from collections.abc import Generator
from pathlib import Path
from typing import NamedTuple, TextIO

from bplab.engine.errors import InputError

MAX_BYTES = 512 * 2**20
MAX_RECORD_CHARACTERS = 4_000_000

# In this order: cells often hold commas (1,5), rarely semicolons, hardly ever tabs.
DELIMITERS = ("\t", ";", ",")
_SAMPLE_BYTES, _SAMPLE_LINES = 2**16, 20
_LINE_END = re.compile(r"\r\n|\r|\n")
_QUOTED = re.compile(r'"[^"]*"')


class Record(NamedTuple):
    """One row of cells; ``line`` is where it begins, counted from 1."""

    line: int
    cells: list[str]

    def line_of(self, index: int) -> int:
        """The line on which the cell with this index (from 0) begins; quoted cells before it may span lines."""
        return self.line + sum(len(_LINE_END.findall(cell)) for cell in self.cells[:index])


def check_file(path: Path) -> os.stat_result:
    """The state of a file that can be read; ``InputError`` when it is missing, a folder, empty or too large."""
    try:
        state = path.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be opened: {_reason(error)}") from None
    if stat.S_ISDIR(state.st_mode):
        raise InputError(f"{path}: this is a folder, not a CSV file")
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{path}: this is not an ordinary file")
    if state.st_size == 0:
        raise InputError(f"{path}: the file is empty")
    if state.st_size > MAX_BYTES:
        size = state.st_size // 2**20
        raise InputError(f"{path}: the file has {size:,} MB; at most {MAX_BYTES // 2**20:,} MB can be read")
    return state


def read_records(path: Path, delimiter: str) -> Generator[Record, None, None]:
    """The records of a UTF-8 file, without blank lines; ``InputError`` names file and line."""
    start = 1
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            lines = _BoundedLines(path, stream)
            reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield Record(start, cells)
                start = reader.line_num + 1
                lines.begin_record()
    except csv.Error as error:
        raise InputError(f"{path}, line {start}: {_csv_reason(str(error))}") from None
    except UnicodeDecodeError:
        raise InputError(_undecodable(path)) from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {_reason(error)}") from None


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
        raise InputError(f"{path}: cannot be read: {_reason(error)}") from None
    lines = [line for line in _LINE_END.split(_QUOTED.sub("", text)) if line.strip()]
    return lines[:-1][:_SAMPLE_LINES] or lines  # the last one may be cut off


class _BoundedLines:
    """The lines of a text file for ``csv.reader``, refusing a record that would not end."""

    def __init__(self, path: Path, stream: TextIO) -> None:
        self._path, self._stream = path, stream
        self._line = 0
        self.begin_record()

    def begin_record(self) -> None:
        """The lines from here on belong to the next record."""
        self._spare = MAX_RECORD_CHARACTERS
        self._start = self._line + 1

    def __iter__(self) -> _BoundedLines:
        return self

    def __next__(self) -> str:
        line = self._stream.readline(self._spare + 1)
        if not line:
            raise StopIteration
        self._line += 1
        self._spare -= len(line)
        if self._spare < 0:
            limit = f"{MAX_RECORD_CHARACTERS:,} characters"
            raise InputError(f"{self._path}, line {self._start}: the row has more than {limit}; is this a CSV file?")
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


def _reason(error: OSError | ValueError) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return reason[:1].lower() + reason[1:]
