"""One idea: records become a table of finite numbers beside one target column, or the first bad cell is named."""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bplab.engine.errors import InputError

from .base import Floats
from .csv_records import Record, check_file, detect_delimiter, read_records

MAX_CELLS = 50_000_000
MIN_ROWS = 4
MAX_MAGNITUDE = 1e100  # beyond, sums and squares leave the finite numbers

_MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "?"}


class Word(NamedTuple):
    """A target that is not a number, and the line on which it stands."""

    line: int
    text: str


@dataclass(slots=True, eq=False)
class TargetColumn:
    """The target's cells, a row each: the text, and the number it holds, NaN where it is a word.

    ``place`` names the column for messages; ``words`` counts the words and ``first_word`` is the first of them.
    """

    place: str
    texts: list[str] = field(default_factory=list)
    numbers: array[float] = field(default_factory=lambda: array("d"))
    words: int = 0
    first_word: Word | None = None
    _names: dict[str, str] = field(default_factory=dict)  # a name is kept once, however many rows have it

    def add(self, line: int, text: str, number: float | None) -> None:
        """Append the cell that stands on ``line``."""
        name = self._names.get(text) or self._names.setdefault(text, tidy(text))
        if number is None:
            self.words += 1
            self.first_word = self.first_word or Word(line, name)
        self.texts.append(name)
        self.numbers.append(np.nan if number is None else number)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The cells of a CSV file: ``inputs`` (rows, columns) float64, all finite, and the target column beside them."""

    path: Path
    inputs: Floats
    input_names: tuple[str, ...]
    target: TargetColumn


class _Layout(NamedTuple):
    """What the first record tells: names of all columns and which of them is the target (index from 0)."""

    path: Path
    names: list[str]
    first_line: int
    has_header: bool
    target: int

    def place(self, index: int) -> str:
        """``column 3 (width)``, or ``column 3`` where there is no header."""
        return f"column {index + 1} ({short(self.names[index])})" if self.has_header else f"column {index + 1}"

    def error(self, record: Record, index: int, message: str) -> InputError:
        """An error about one cell, with file, line and column."""
        place = self.place(index) if index < len(self.names) else f"column {index + 1}"
        return InputError(f"{self.path}, line {record.line_of(index)}, {place}: {message}")


def read_table(
    path: Path, *, header: bool | None = None, target: int | str = -1, delimiter: str | None = None
) -> Table:
    """Read a CSV file, every cell but the target's a finite number.

    ``header`` None: the first row is a header if none of its cells is a number. ``target`` is a column's name,
    or its number counted from 1, from the end where negative. ``delimiter`` None: comma, semicolon or tab is detected.
    ``InputError`` names file, line and column.
    """
    check_file(path)
    with closing(read_records(path, delimiter or detect_delimiter(path))) as records:
        first = _first(path, records)
        layout = _layout(path, first, header, target)
        return _read_rows(layout, records if layout.has_header else itertools.chain([first], records))


def column_names(path: Path, *, header: bool | None = None, delimiter: str | None = None) -> list[str]:
    """Names of all columns in the order of the file, ``column 1`` … where there is no header.

    Reads the first record alone; ``header`` and ``delimiter`` are those of :func:`read_table`.
    """
    check_file(path)
    with closing(read_records(path, delimiter or detect_delimiter(path))) as records:
        return _names(_first(path, records), header)[0]


def to_number(text: str) -> float | None:
    """The number a cell holds, None if it holds none; digits grouped by ``_`` are not a number here."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def tidy(text: str) -> str:
    """A name fit for one line of a label: control characters and runs of white space become one space."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def _first(path: Path, records: Iterator[Record]) -> Record:
    first = next(records, None)
    if first is None:
        raise InputError(f"{path}: the file has only blank lines")
    return first


def _names(first: Record, header: bool | None) -> tuple[list[str], bool]:
    """Names of the columns, and whether the first record holds them."""
    has_header = header if header is not None else all(to_number(cell) is None for cell in first.cells)
    names = [f"column {index}" for index in range(1, len(first.cells) + 1)]
    if has_header:
        names = [tidy(cell) or name for cell, name in zip(first.cells, names, strict=True)]
    return names, has_header


def _layout(path: Path, first: Record, header: bool | None, target: int | str) -> _Layout:
    names, has_header = _names(first, header)
    if len(names) < 2:
        where = f"{path}, line {first.line}"
        raise InputError(
            f"{where}: there is only one column, but inputs and a target are needed; is the delimiter right?"
        )
    index = _target_index(path, first.line, names, has_header, target)
    return _Layout(path, names, first.line, has_header, index)


def _target_index(path: Path, line: int, names: list[str], has_header: bool, target: int | str) -> int:
    if isinstance(target, int):
        if not 1 <= abs(target) <= len(names):
            columns = f"columns are 1 to {len(names)}, or -1 for the last"
            raise InputError(f"{path}, line {line}: there is no target column {target}; {columns}")
        return target - 1 if target > 0 else len(names) + target
    if not has_header:
        raise InputError(
            f"{path}, line {line}: this is no header, so the target {target!r} cannot be found by name; give its number"
        )
    found = [index for index, name in enumerate(names) if name == tidy(target)]
    if len(found) == 1:
        return found[0]
    if found:
        first, second = found[0] + 1, found[1] + 1
        raise InputError(
            f"{path}, line {line}: columns {first} and {second} are both named {target!r}; give the target's number"
        )
    known = ", ".join(map(short, names[:20])) + (", …" if len(names) > 20 else "")
    raise InputError(f"{path}, line {line}: there is no target column {target!r}; columns are {known}")


def _read_rows(layout: _Layout, records: Iterator[Record]) -> Table:
    width, values = len(layout.names), array("d")
    target, rows = TargetColumn(layout.place(layout.target)), 0
    for record in records:
        rows += 1
        if len(record.cells) != width:
            raise _ragged(layout, record)
        if rows * width > MAX_CELLS:
            raise InputError(f"{layout.path}, line {record.line}: the table goes on beyond {MAX_CELLS:,} cells")
        values.extend(_inputs_of(layout, record))
        text = record.cells[layout.target]
        target.add(record.line_of(layout.target), text, _target_number(layout, record, text))
    if rows < MIN_ROWS:
        count = "is 1 row" if rows == 1 else f"are {rows} rows"
        header = " below the header" if layout.has_header else ""
        raise InputError(f"{layout.path}: there {count}{header}; at least {MIN_ROWS} are needed")
    names = tuple(name for index, name in enumerate(layout.names) if index != layout.target)
    return Table(layout.path, np.frombuffer(values).reshape(rows, width - 1), names, target)


def _inputs_of(layout: _Layout, record: Record) -> list[float]:
    """The numbers of one row without its target."""
    cells = record.cells[: layout.target] + record.cells[layout.target + 1 :]
    try:
        row = list(map(float, cells))
    except ValueError:
        raise _bad_input(layout, record) from None
    if "_" in "".join(cells) or not all(-MAX_MAGNITUDE <= value <= MAX_MAGNITUDE for value in row):
        raise _bad_input(layout, record)
    return row


def _bad_input(layout: _Layout, record: Record) -> InputError:
    """Which of the inputs of a row is at fault, and why."""
    complaints = ((index, _complaint(cell)) for index, cell in enumerate(record.cells) if index != layout.target)
    index, complaint = next((index, complaint) for index, complaint in complaints if complaint)
    if record.line == layout.first_line and not layout.has_header and "is not a number" in complaint:
        complaint += "; if this row is a header, say so"
    return layout.error(record, index, complaint)


def _target_number(layout: _Layout, record: Record, text: str) -> float | None:
    """The target as a number, None for a word; a missing or infinite one is refused."""
    number = to_number(text)
    complaint = _complaint(text)
    if complaint and (number is not None or tidy(text).lower() in _MISSING):
        raise layout.error(record, layout.target, complaint)
    return number


def _complaint(cell: str) -> str:
    """What keeps a cell from being a usable number; empty if nothing does."""
    text = cell.strip()
    number = to_number(text)
    if not tidy(text):
        return "the cell is empty"
    if text.lower() in _MISSING or (number is not None and math.isnan(number)):
        return f"{short(text)!r} stands for a missing value; fill it in or leave the row out"
    if number is None:
        hint = "; write a decimal point, not a comma" if to_number(text.replace(",", ".", 1)) is not None else ""
        return f"{short(text)!r} is not a number{hint}"
    if math.isinf(number) and "inf" in text.lower():
        return f"{short(text)!r} is not a finite number"
    if not -MAX_MAGNITUDE <= number <= MAX_MAGNITUDE:
        return f"{short(text)!r} is too large; numbers up to {MAX_MAGNITUDE:.0e} can be used"
    return ""


def short(text: str) -> str:
    """At most 40 characters of a cell, for a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def _ragged(layout: _Layout, record: Record) -> InputError:
    width, cells = len(layout.names), len(record.cells)
    count = "1 cell" if cells == 1 else f"{cells} cells"
    message = f"the row has {count}, but line {layout.first_line} has {width}"
    return layout.error(record, min(width, cells), message)
