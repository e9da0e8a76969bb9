"""One idea: the first record of a table tells its columns, which of them is the target, and how to name a cell."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from bplab.engine.errors import InputError

from .csv_cells import short, tidy, to_number
from .csv_records import Record


class Layout(NamedTuple):
    """What the first record tells: names of all columns, which of them is the target and which are inputs.

    Columns are counted from 0, inputs in the order of the file; cells of the others are not looked at.
    """

    path: Path
    names: list[str]
    first_line: int
    has_header: bool
    target: int
    inputs: tuple[int, ...]

    def place(self, index: int) -> str:
        """``column 3 (width)``, or ``column 3`` where there is no header."""
        return f"column {index + 1} ({short(self.names[index])})" if self.has_header else f"column {index + 1}"

    def error(self, record: Record, index: int, message: str) -> InputError:
        """An error about one cell, with file, line and column."""
        place = self.place(index) if index < len(self.names) else f"column {index + 1}"
        return InputError(f"{self.path}, line {record.line_of(index)}, {place}: {message}")


def layout_of(
    path: Path, first: Record, header: bool | None, target: int | str, inputs: Sequence[int | str] = ()
) -> Layout:
    """The layout that follows from the first record; ``InputError`` where there is no such column.

    ``inputs`` are columns by name or number, as ``target`` is; none: all but the target. The target is never an input.
    """
    names, has_header = names_of(first, header)
    if len(names) < 2:
        where = f"{path}, line {first.line}"
        raise InputError(
            f"{where}: there is only one column, but inputs and a target are needed; is the delimiter right?"
        )
    header_row = _Names(path, first.line, names, has_header)
    index = header_row.find(target, "target")
    used = [header_row.find(each, "input") for each in inputs] or list(range(len(names)))
    if len(set(used)) < len(used):
        twice = next(each for each in used if used.count(each) > 1)
        raise InputError(f"{path}, line {first.line}: the input column {twice + 1} is given twice")
    used = sorted(set(used) - {index})
    if not used:
        raise InputError(f"{path}, line {first.line}: there is no input column beside the target")
    return Layout(path, names, first.line, has_header, index, tuple(used))


def names_of(first: Record, header: bool | None) -> tuple[list[str], bool]:
    """Names of the columns, and whether the first record holds them."""
    has_header = header if header is not None else all(to_number(cell) is None for cell in first.cells)
    names = [f"column {index}" for index in range(1, len(first.cells) + 1)]
    if has_header:
        names = [tidy(cell) or name for cell, name in zip(first.cells, names, strict=True)]
    return names, has_header


class _Names(NamedTuple):
    """The names of the columns, to find one among."""

    path: Path
    line: int
    names: list[str]
    has_header: bool

    def find(self, wanted: int | str, kind: str) -> int:
        """Index from 0 of the ``kind`` (target, input) that is wanted by name or by number from 1 or from the end."""
        where, names = f"{self.path}, line {self.line}", self.names
        if isinstance(wanted, int):
            if not 1 <= abs(wanted) <= len(names):
                columns = f"columns are 1 to {len(names)}, or -1 for the last"
                raise InputError(f"{where}: there is no {kind} column {wanted}; {columns}")
            return wanted - 1 if wanted > 0 else len(names) + wanted
        if not self.has_header:
            raise InputError(
                f"{where}: this is no header, so the {kind} {wanted!r} cannot be found by name; give its number"
            )
        found = [index for index, name in enumerate(names) if name == tidy(wanted)]
        if len(found) == 1:
            return found[0]
        if found:
            both = f"columns {found[0] + 1} and {found[1] + 1}"
            raise InputError(f"{where}: {both} are both named {wanted!r}; give the {kind}'s number")
        known = ", ".join(map(short, names[:20])) + (", …" if len(names) > 20 else "")
        raise InputError(f"{where}: there is no {kind} column {wanted!r}; columns are {known}")
