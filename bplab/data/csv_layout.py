"""One idea: the first record of a table tells its columns, which of them is the target, and how to name a cell."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from bplab.engine.errors import InputError

from .csv_cells import short, tidy, to_number
from .csv_records import Record


class Layout(NamedTuple):
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


def layout_of(path: Path, first: Record, header: bool | None, target: int | str) -> Layout:
    """The layout that follows from the first record; ``InputError`` where there is no such target."""
    names, has_header = names_of(first, header)
    if len(names) < 2:
        where = f"{path}, line {first.line}"
        raise InputError(
            f"{where}: there is only one column, but inputs and a target are needed; is the delimiter right?"
        )
    index = _target_index(path, first.line, names, has_header, target)
    return Layout(path, names, first.line, has_header, index)


def names_of(first: Record, header: bool | None) -> tuple[list[str], bool]:
    """Names of the columns, and whether the first record holds them."""
    has_header = header if header is not None else all(to_number(cell) is None for cell in first.cells)
    names = [f"column {index}" for index in range(1, len(first.cells) + 1)]
    if has_header:
        names = [tidy(cell) or name for cell, name in zip(first.cells, names, strict=True)]
    return names, has_header


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
