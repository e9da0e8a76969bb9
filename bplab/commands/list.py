"""``bplab list``: what there is to choose from, each with what it is."""

from __future__ import annotations

import argparse
import re

from bplab.data import Dataset
from bplab.engine import Activation, Initializer, Layer, Loss, Normalization, Optimizer, Schedule
from bplab.engine.choices import type_name
from bplab.lab.experiment import example_names, load_experiment
from bplab.lab.outcome import table

from .shell import DONE

FAMILIES = {
    "datasets": Dataset,
    "layers": Layer,
    "normalizations": Normalization,
    "activations": Activation,
    "initializations": Initializer,
    "losses": Loss,
    "optimizers": Optimizer,
    "schedules": Schedule,
}
LISTS = ("examples", *FAMILIES)
_MARKS = re.compile(r"[|*_`<\\[\]]")
HEADS = {
    "examples": ("name", "title", "data and units"),
    "activations": ("name", "what it is", "when to use it, and how it stalls"),
}
"""Of a table's columns; the other lists have name and summary."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which list, and in which form."""
    parser.add_argument("what", nargs="?", choices=LISTS, metavar="WHAT", help=f"{', '.join(LISTS)}; by default all")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown, for documents")


def run(choice: argparse.Namespace) -> int:
    """Print one list, or all under headings."""
    for number, what in enumerate([choice.what] if choice.what else LISTS):
        if not choice.what:
            print(("\n" if number else "") + (f"## {what}\n" if choice.markdown else what))
        rows = _examples() if what == "examples" else _members(what)
        print("\n".join(_markdown(what, rows) if choice.markdown else _text(what, rows)))
    return DONE


def _examples() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in example_names():
        experiment = load_experiment(name)
        units = (experiment.data.describe().inputs, *(place.units for place in experiment.places()))
        found.append((name, experiment.name, f"{type_name(experiment.data)}, {'-'.join(map(str, units))}"))
    return found


def _members(what: str) -> list[tuple[str, ...]]:
    """Name and summary; of an activation also when to use it and how it stalls."""
    members = FAMILIES[what].members().items()
    if what == "activations":
        return [(name, member.summary(), member.hint()) for name, member in members]
    return [(name, member.summary()) for name, member in members]


def _text(what: str, rows: list[tuple[str, ...]]) -> list[str]:
    """Aligned lines; what is told of an activation besides stands in a line of its own."""
    if what != "activations":
        return table(rows, left=(0, 1, 2))
    lines: list[tuple[str, ...]] = []
    for name, summary, hint in rows:
        lines += [(name, summary), *([("", hint)] if hint else [])]
    return table(lines, left=(0, 1))


def _markdown(what: str, rows: list[tuple[str, ...]]) -> list[str]:
    """A table; a bar within a cell would end it, and what else Markdown takes for a mark is said to be text."""
    heads = HEADS.get(what, ("name", "what it is"))
    names = [(f"`{name}`", *(_MARKS.sub(r"\\\g<0>", cell) for cell in cells)) for name, *cells in rows]
    return [f"| {' | '.join(row)} |" for row in (heads, ["---"] * len(heads), *names)]
