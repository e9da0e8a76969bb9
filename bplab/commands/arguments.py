"""Arguments that several commands take: an experiment and changes to it, counts, a file to write."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from bplab.engine import InputError
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.overrides import with_overrides
from bplab.lab.project import SUFFIX

PAGE = (".html", ".htm")
"""Endings of a report's name."""


def add_experiment(parser: argparse.ArgumentParser) -> None:
    """``EXPERIMENT``, ``--seed`` and ``--set``, which :func:`chosen_experiment` reads."""
    parser.add_argument("experiment", metavar="EXPERIMENT", help=f"an example's name, or a .json or {SUFFIX} file")
    parser.add_argument("--seed", type=int, metavar="S", help="seed of the first weights and the order of samples")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        dest="assignments",
        metavar="PATH=VALUE",
        help="change a setting, for example training.optimizer.learning_rate=0.1 or network.layers[0].activation=relu; "
        "may be given several times",
    )


def chosen_experiment(choice: argparse.Namespace, more: Sequence[str] = ()) -> Experiment:
    """The experiment asked for, with its changes and then the assignments in ``more``."""
    assignments = [*choice.assignments, *more]
    if choice.seed is not None:
        assignments.append(f"training.seed={choice.seed}")
    return with_overrides(load_experiment(choice.experiment), assignments).checked()


def add_json(parser: argparse.ArgumentParser) -> None:
    """``--json``."""
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def count(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:16]) < 2**53:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 up, got {text!r}")
    return int(text)


def check_target(path: Path | None, suffixes: tuple[str, ...]) -> None:
    """``InputError`` if a result cannot be written there anyway."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{path}: the name must end in {suffixes[0]}")
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")
