"""``bplab forecast``: how large signals and errors will be in every layer, before anything is trained."""

from __future__ import annotations

import argparse

import msgspec

from bplab.lab.forecasting import outlook_of, outlook_text

from .arguments import add_experiment, add_json, chosen_experiment
from .shell import DONE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An experiment."""
    add_experiment(parser)
    add_json(parser)


def run(choice: argparse.Namespace) -> int:
    """Print the forecast."""
    experiment = chosen_experiment(choice)
    outlook = outlook_of(experiment)
    print(msgspec.json.encode(outlook).decode() if choice.json else outlook_text(experiment, outlook))
    return DONE
