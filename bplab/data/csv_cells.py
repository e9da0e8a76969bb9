"""One idea: what a cell of a table holds: a usable number, a name, or something to complain about."""

from __future__ import annotations

import math

from .files import MAX_MAGNITUDE

MISSING = {"", "na", "n/a", "#n/a", "nan", "null", "?"}


def to_number(text: str) -> float | None:
    """The number a cell holds, None if it holds none; digits grouped by ``_`` are not a number here."""
    try:
        return None if "_" in text else float(text)
    except ValueError:
        return None


def is_usable(number: float) -> bool:
    """True for what one can calculate with: finite and not too large."""
    return -MAX_MAGNITUDE <= number <= MAX_MAGNITUDE


def stands_for_nothing(text: str) -> bool:
    """True for an empty cell and the usual words for a missing value."""
    return tidy(text).lower() in MISSING


def complaint(cell: str) -> str:
    """What keeps a cell from being a usable number; empty if nothing does."""
    # Not all that str.strip takes for white space is so to float: U+001C to U+001F are characters, and told.
    text = cell.strip(" \t\r\n\f\v") if cell.isascii() else cell.strip()
    number = to_number(text)
    if not tidy(text):
        return "the cell is empty"
    if text.lower() in MISSING or (number is not None and math.isnan(number)):
        return f"{short(text)!r} stands for a missing value; fill it in or leave the row out"
    if number is None:
        hint = "; write a decimal point, not a comma" if to_number(text.replace(",", ".", 1)) is not None else ""
        return f"{short(text)!r} is not a number{hint}"
    if math.isinf(number) and "inf" in text.lower():
        return f"{short(text)!r} is not a finite number"
    if not is_usable(number):
        return f"{short(text)!r} is too large; numbers up to {MAX_MAGNITUDE:.0e} can be used"
    return ""


def tidy(text: str) -> str:
    """A name fit for one line of a label: control characters and runs of white space become one space."""
    if not text.isprintable():
        text = "".join(sign if sign.isprintable() else " " for sign in text)
    return " ".join(text.split())


def short(text: str) -> str:
    """At most 40 characters of a cell, for a message."""
    return text if len(text) <= 40 else text[:39] + "…"


def shown(text: str) -> str:
    """What a stranger's file calls something, fit for a message."""
    return short(tidy(text))
