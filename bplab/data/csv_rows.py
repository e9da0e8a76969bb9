"""One idea: rows are gathered into a table of finite numbers beside one target column, or the first bad cell is named.

Rows come one by one, every cell checked and named if it is bad, or as blocks that :mod:`.csv_blocks` has read.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import numpy as np

from bplab.engine.errors import InputError

from .base import Floats
from .csv_cells import complaint, is_usable, stands_for_nothing, tidy, to_number
from .csv_layout import Layout
from .csv_records import Record
from .files import MAX_VALUES, MIN_SAMPLES


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
    _known: dict[str, str] = field(default_factory=dict)  # a word is kept once, however many rows have it

    def add(self, line: int, text: str, number: float | None) -> None:
        """Append the cell that stands on ``line``."""
        if number is None:
            self.words += 1
            self.first_word = self.first_word or Word(line, tidy(text))
            text = self._known.setdefault(text, text)
        self.texts.append(text)
        self.numbers.append(np.nan if number is None else number)


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The cells of a CSV file: ``inputs`` (rows, columns) float64, all finite, and the target column beside them."""

    path: Path
    inputs: Floats
    input_names: tuple[str, ...]
    target: TargetColumn


class Rows:
    """The rows of one file so far."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._target = TargetColumn(layout.place(layout.target))
        self._values = array("d")
        self._count = 0

    def has_room_for(self, rows: int) -> bool:
        """True if the table stays within what can be kept."""
        return (self._count + rows) * (len(self._layout.inputs) + 1) <= MAX_VALUES

    def add(self, record: Record) -> None:
        """Append one row; ``InputError`` names the cell that is at fault."""
        layout = self._layout
        check_width(layout, record)
        if not self.has_room_for(1):
            raise InputError(f"{layout.path}, line {record.line}: the table goes on beyond {MAX_VALUES:,} cells")
        values = _inputs_of(layout, record)
        text = record.cells[layout.target]
        number = _target_number(layout, record, text)
        self._count += 1
        self._values.extend(values)
        self._target.add(record.line_of(layout.target), text, number)

    def add_block(self, line: int, inputs: Floats, texts: list[str], numbers: list[float | None]) -> None:
        """Append rows that stand on lines of their own from ``line`` on: inputs (rows, columns) and their targets."""
        self._count += len(inputs)
        self._values.frombytes(np.ascontiguousarray(inputs).view(np.uint8).data)
        for offset, (text, number) in enumerate(zip(texts, numbers, strict=True)):
            self._target.add(line + offset, text, number)

    def table(self) -> Table:
        """All rows; ``InputError`` where they are too few."""
        layout, rows = self._layout, self._count
        if rows < MIN_SAMPLES:
            count = "is 1 row" if rows == 1 else f"are {rows} rows"
            header = " below the header" if layout.has_header else ""
            raise InputError(f"{layout.path}: there {count}{header}; at least {MIN_SAMPLES} are needed")
        names = tuple(layout.names[index] for index in layout.inputs)
        return Table(layout.path, np.frombuffer(self._values).reshape(rows, len(names)), names, self._target)


def _inputs_of(layout: Layout, record: Record) -> list[float]:
    """The inputs of one row."""
    cells = [record.cells[index] for index in layout.inputs]
    try:
        row = list(map(float, cells))
    except ValueError:
        raise _bad_input(layout, record) from None
    if "_" in "".join(cells) or not all(map(is_usable, row)):
        raise _bad_input(layout, record)
    return row


def _bad_input(layout: Layout, record: Record) -> InputError:
    """Which of the inputs of a row is at fault, and why."""
    complaints = ((index, complaint(record.cells[index])) for index in layout.inputs)
    return _fault(layout, record, *next((index, fault) for index, fault in complaints if fault))


def _fault(layout: Layout, record: Record, index: int, fault: str) -> InputError:
    if record.line == layout.first_line and not layout.has_header and "is not a number" in fault:
        fault += "; if this row is a header, say so"
    return layout.error(record, index, fault)


def fault_of_column(layout: Layout, records: Sequence[Record], index: int) -> str:
    """What is wrong with the first bad cell of a column as an input, with file and line; empty if none is bad."""
    faults = ((record, complaint(record.cells[index])) for record in records)
    return next((str(_fault(layout, record, index, fault)) for record, fault in faults if fault), "")


def _target_number(layout: Layout, record: Record, text: str) -> float | None:
    """The target as a number, None for a word; a missing or infinite one is refused."""
    number = to_number(text)
    if not is_target(text, number):
        raise layout.error(record, layout.target, complaint(text))
    return number


def is_target(text: str, number: float | None) -> bool:
    """True if a cell can be a target: a word (``number`` is None) that means something, or a usable number."""
    return not stands_for_nothing(text) if number is None else is_usable(number)


def check_width(layout: Layout, record: Record) -> None:
    """``InputError`` if a row has more or fewer cells than the first one."""
    width, cells = len(layout.names), len(record.cells)
    if cells == width:
        return
    count = "1 cell" if cells == 1 else f"{cells} cells"
    message = f"the row has {count}, but line {layout.first_line} has {width}"
    raise layout.error(record, min(width, cells), message)
