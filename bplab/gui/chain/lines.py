"""Equations broken into lines of a width: between two equations first, then in front of ``=``, then of operations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .atoms import Atom, Break
from .typeset import outline

INDENT = 1.4
"""How far lines are moved in that go on with what another one began, in sizes of the font."""
LEAST_ASCENT, LEAST_DESCENT = 0.95, 0.4
_ORDER = (Break.QUAD, Break.RELATION, Break.OPERATION)


@dataclass(frozen=True, slots=True)
class Placed:
    """An atom and where its origin is from the left, in sizes of the font."""

    latex: str
    x: float


@dataclass(frozen=True, slots=True)
class Row:
    """One line; all in sizes of the font."""

    pieces: tuple[Placed, ...]
    width: float
    ascent: float
    descent: float


def rows_of(atoms: Sequence[Atom], width: float) -> list[Row]:
    """The lines of an equation in a width; a line that has no place to break may be wider."""
    return [_row(line, INDENT if number else 0.0) for number, line in enumerate(_broken(list(atoms), width, 0.0, 0))]


def _broken(atoms: list[Atom], width: float, indent: float, kind: int) -> list[list[Atom]]:
    if indent + _length(atoms) <= width or kind == len(_ORDER):
        return [atoms]
    if _ORDER[kind] is Break.QUAD:
        parts = _split(atoms, Break.QUAD)
        return [
            line for number, part in enumerate(parts) for line in _broken(part, width, INDENT if number else indent, 1)
        ]
    lines: list[list[Atom]] = [[]]
    for part in _split(atoms, _ORDER[kind]):
        room = width - (INDENT if len(lines) > 1 else indent)
        if not lines[-1] or _length([*lines[-1], *part]) <= room:
            lines[-1] = [*lines[-1], *part]
        elif INDENT + _length(part) <= width:
            lines.append(part)
        else:  # it has to be broken itself, so it may as well begin here
            *done, last = _broken([*lines[-1], *part], width, indent if len(lines) == 1 else INDENT, kind + 1)
            lines = [*lines[:-1], *done, last]
    return lines


def _split(atoms: list[Atom], at: Break) -> list[list[Atom]]:
    parts: list[list[Atom]] = [[]]
    for atom in atoms:
        if atom.breaks is at and parts[-1]:
            parts.append([])
        parts[-1].append(atom)
    return parts


def _length(atoms: list[Atom]) -> float:
    return sum(atom.before + outline(atom.latex).advance + atom.after for atom in atoms) - atoms[0].before


def _row(atoms: list[Atom], indent: float) -> Row:
    x, pieces = indent - (atoms[0].before if atoms else 0.0), []
    ascent, descent = LEAST_ASCENT, LEAST_DESCENT
    for atom in atoms:
        set_piece = outline(atom.latex)
        x += atom.before
        pieces.append(Placed(atom.latex, x))
        x += set_piece.advance + atom.after
        ascent, descent = max(ascent, -set_piece.box.top()), max(descent, set_piece.box.bottom())
    return Row(tuple(pieces), x, ascent, descent)
