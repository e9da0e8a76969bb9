"""An equation in LaTeX taken apart: atoms that are typeset once and kept, and the places where a line may break.

Numbers come apart into their digits, so that an equation whose numbers change all the time needs nothing new to be
typeset. Spaces are those of TeX: wide around relations, less wide around operations, thin behind sums and commas.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

RELATION, OPERATION, THIN, QUAD = 5 / 18, 4 / 18, 3 / 18, 1.0
"""Spaces, in sizes of the font."""
_RELATIONS = {"=", r"\leftarrow", r"\in", r"\approx", r"\le", r"\ge"}
_OPERATIONS = {"+", "-", r"\cdot", r"\ast", r"\odot", r"\times"}
_BIG = {r"\sum", r"\prod", r"\max", r"\min"}
_ARGUMENTS = {r"\frac": 2, r"\sqrt": 1, r"\mathrm": 1, r"\hat": 1, r"\bar": 1}
_PAIRS = {r"\|": r"\|", r"\left": r"\right"}
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)


class Break(Enum):
    """Where a line may be broken, the best places first."""

    QUAD = auto()
    RELATION = auto()
    OPERATION = auto()
    NEVER = auto()


@dataclass(frozen=True, slots=True)
class Atom:
    """A piece of LaTeX that is typeset by itself; empty for a space."""

    latex: str
    before: float = 0.0
    """Space in front of it, in sizes of the font; none at the beginning of a line."""
    after: float = 0.0
    breaks: Break = Break.NEVER
    """Whether a line may be broken in front of it."""


def atoms_of(latex: str) -> list[Atom]:
    """The atoms of an equation, from left to right."""
    tokens = [token for token in _TOKEN.findall(latex) if not token.isspace()]
    found: list[Atom] = []
    gap, breaks = 0.0, Break.NEVER
    for piece in _pieces(tokens):
        if piece in (r"\,", r"\quad"):
            gap += THIN if piece == r"\," else QUAD
            breaks = Break.QUAD if piece == r"\quad" else breaks
            continue
        atom = _spaced(piece, unary=not found or found[-1].latex in ("(", "{-}"))
        if found and piece.startswith("10^") and found[-1].latex == r"\cdot":
            found[-1] = Atom(r"\cdot", THIN, THIN)  # part of a number
        if gap or breaks is not Break.NEVER:
            atom = Atom(atom.latex, gap + atom.before, atom.after, breaks)
        found.append(atom)
        gap, breaks = 0.0, Break.NEVER
    for index in range(1, len(found) - 1):
        if found[index].latex == "," and found[index - 1].latex.isdigit() and found[index + 1].latex.isdigit():
            found[index] = Atom(",")  # of a number in thousands
    return found


def _spaced(piece: str, *, unary: bool) -> Atom:
    if piece in _RELATIONS:
        return Atom(piece, RELATION, RELATION, Break.RELATION)
    if piece in _OPERATIONS and not unary:
        return Atom(piece, OPERATION, OPERATION, Break.OPERATION)
    big = any(piece.startswith(name) for name in _BIG)
    return Atom(piece, 0.0, THIN if big or piece == "," else 0.0)


def _pieces(tokens: list[str]) -> Iterator[str]:
    """A nucleus with its scripts each; of a number every digit."""
    at = 0
    while at < len(tokens):
        start, at = at, _behind_nucleus(tokens, at)
        if tokens[start] == "1" and tokens[start + 1 : start + 3] == ["0", "^"]:
            at = start + 2  # a power of ten stays together
        while at < len(tokens) and tokens[at] in ("_", "^", "'"):
            at = at + 1 if tokens[at] == "'" else _behind_nucleus(tokens, at + 1)
        yield _joined(tokens[start:at])


def _joined(tokens: list[str]) -> str:
    """LaTeX of tokens again: a command is kept apart from a letter behind it."""
    text = ""
    for token in tokens:
        text += " " + token if token[0].isalpha() and re.search(r"\\[a-zA-Z]+$", text) else token
    return text


def _behind_nucleus(tokens: list[str], at: int) -> int:
    """The index behind the group, pair of fences, command with its arguments, or sign that begins at ``at``."""
    token = tokens[at]
    if token == "{":
        return _behind_group(tokens, at)
    if token in _PAIRS:
        end, depth = at + 1, 1
        while end < len(tokens) and depth:
            if tokens[end] == _PAIRS[token]:
                depth -= 1
            elif tokens[end] == token:
                depth += 1
            end += 1
        return min(end + (token == r"\left"), len(tokens))
    at += 1
    for _ in range(_ARGUMENTS.get(token, 0)):
        at = _behind_group(tokens, at)
    return at


def _behind_group(tokens: list[str], at: int) -> int:
    depth = 0
    for index in range(at, len(tokens)):
        depth += {"{": 1, "}": -1}.get(tokens[index], 0)
        if depth <= 0:
            return index + 1
    return len(tokens)
