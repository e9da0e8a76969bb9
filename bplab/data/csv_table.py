"""One idea: a CSV file becomes a table, in blocks where its lines are plain and record by record where they are not."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from bplab.engine.errors import InputError

from .csv_blocks import BlockReader, PlainParser
from .csv_layout import layout_of, names_of
from .csv_records import Position, Record, detect_delimiter, read_records
from .csv_rows import Rows, Table, check_width, fault_of_column
from .files import Watch, reason


def read_table(
    path: Path,
    *,
    header: bool | None = None,
    target: int | str = -1,
    inputs: Sequence[int | str] = (),
    delimiter: str | None = None,
    watch: Watch | None = None,
) -> Table:
    """Read a CSV file, every cell of an input column a finite number.

    ``header`` None: the first row is a header if none of its cells is a number. ``target`` is a column's name,
    or its number counted from 1, from the end where negative; so are ``inputs``, and none of them means all but the
    target. ``delimiter`` None: comma, semicolon or tab is detected.
    ``watch`` is told how far it is and may stop it. Takes 8 bytes for each number and about 80 for each row's target
    (a million rows of 50 columns: 0.5 GB, all of bplab included); while its array grows, a system that cannot extend
    it in place holds it twice. ``InputError`` names file, line and column.
    """
    watch = watch or Watch()
    mark = delimiter or detect_delimiter(path)
    first = _first(path, mark)
    layout = layout_of(path, first, header, target, inputs)
    rows = Rows(layout)
    if not layout.has_header:
        rows.add(first)
    parser = PlainParser(mark, len(layout.names), layout.target, layout.inputs)
    try:
        size = max(path.stat().st_size, 1)
        with BlockReader(path) as blocks:
            place: Position | None = first.end
            while place is not None:
                watch.at(place.byte / size)
                block = blocks.at(place)
                plain = parser.parse(block.text) if block is not None else None
                if block is not None and plain is not None and rows.has_room_for(len(plain.texts)):
                    rows.add_block(place.line, *plain)
                    place = block.end
                else:
                    place = _read_exactly(path, mark, rows, place, block.end.byte if block is not None else 0)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from None
    return rows.table()


def _read_exactly(path: Path, mark: str, rows: Rows, start: Position, until: int) -> Position | None:
    """Add the records from ``start`` on until one ends at or beyond byte ``until``; None at the end of the file."""
    with closing(read_records(path, mark, start)) as records:
        for record in records:
            rows.add(record)
            if record.end.byte >= until:
                return record.end
    return None


def column_names(path: Path, *, header: bool | None = None, delimiter: str | None = None) -> list[str]:
    """Names of all columns in the order of the file, ``column 1`` … where there is no header.

    Reads the first record alone; ``header`` and ``delimiter`` are those of :func:`read_table`.
    """
    return names_of(_first(path, delimiter or detect_delimiter(path)), header)[0]


class Preview(NamedTuple):
    """The beginning of a table: names of all columns, and the first rows below a header, cells as they stand there.

    ``complaints`` says for each column what is wrong with it as an input, with file and line; empty if nothing is.
    ``fault`` is what keeps the rows after these from being read; empty if nothing does.
    """

    names: list[str]
    has_header: bool
    rows: list[list[str]]
    complaints: list[str]
    fault: str


def preview(path: Path, *, header: bool | None = None, delimiter: str | None = None, rows: int = 50) -> Preview:
    """Look at the first rows of a CSV file, read as :func:`read_table` does; ``InputError`` if there is no table."""
    mark = delimiter or detect_delimiter(path)
    with closing(read_records(path, mark)) as records:
        first = next(records, None)
        if first is None:
            raise InputError(f"{path}: the file has only blank lines")
        layout = layout_of(path, first, header, -1)
        found, fault = [] if layout.has_header else [first], ""
        try:
            for record in itertools.islice(records, rows - len(found)):
                check_width(layout, record)
                found.append(record)
        except InputError as error:
            fault = str(error)
    complaints = [fault_of_column(layout, found, column) for column in range(len(layout.names))]
    return Preview(layout.names, layout.has_header, [record.cells for record in found], complaints, fault)


def _first(path: Path, mark: str) -> Record:
    records: Iterator[Record]
    with closing(read_records(path, mark)) as records:
        first = next(records, None)
    if first is None:
        raise InputError(f"{path}: the file has only blank lines")
    return first
