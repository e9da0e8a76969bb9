"""``bplab list``: what there is to choose from, each with what it is."""

from __future__ import annotations

import argparse

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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which list."""
    parser.add_argument("what", nargs="?", choices=LISTS, metavar="WHAT", help=f"{', '.join(LISTS)}; by default all")


def run(choice: argparse.Namespace) -> int:
    """Print one list, or all under headings."""
    for number, what in enumerate([choice.what] if choice.what else LISTS):
        if not choice.what:
            print(("\n" if number else "") + what)
        rows = _examples() if what == "examples" else _members(what)
        print("\n".join(table(rows, left=(0, 1, 2))))
    return DONE


def _examples() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name in example_names():
        experiment = load_experiment(name)
        units = (experiment.data.describe().inputs, *(place.units for place in experiment.places()))
        found.append((name, experiment.name, f"{type_name(experiment.data)}, {'-'.join(map(str, units))}"))
    return found


def _members(what: str) -> list[tuple[str, ...]]:
    """Of an activation also, in a line of its own, when to use it and how it stalls."""
    rows: list[tuple[str, ...]] = []
    for name, member in FAMILIES[what].members().items():
        rows.append((name, member.summary()))
        if what == "activations" and member.hint():
            rows.append(("", member.hint()))
    return rows
