"""``bplab check``: is what an experiment's net learns from really the gradient of its loss?"""

from __future__ import annotations

import argparse
import sys

import msgspec

from bplab.lab.checking import check_text, check_weights
from bplab.lab.progress import ProgressBar, ShareBar
from bplab.lab.runner import Runner, train_to_end

from .arguments import add_experiment, add_json, chosen_experiment, count
from .shell import DONE, FAILED, complain, is_terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An experiment, and how long to train it first."""
    add_experiment(parser)
    parser.add_argument(
        "--steps", type=count, metavar="N", help="train N updates first; by default the weights are as first drawn"
    )
    add_json(parser)


def run(choice: argparse.Namespace) -> int:
    """Check and print; 1 if the gradients are not right."""
    experiment = chosen_experiment(choice)
    shown = is_terminal(sys.stderr)
    bar = ProgressBar(experiment.name, choice.steps, sys.stderr) if shown and choice.steps else None
    try:
        runner = train_to_end(experiment, choice.steps, bar) if choice.steps else Runner(experiment)
    finally:
        if bar:
            bar.clear()
    line = ShareBar("comparing gradients", sys.stderr) if shown else None
    try:
        threads = runner.record.blas_threads
        checked = check_weights(experiment, runner.problem, runner.network.parameters, runner.updates, threads, line)
    finally:
        if line:
            line.clear()
    print(msgspec.json.encode(checked).decode() if choice.json else check_text(checked))
    if runner.record.divergence:
        sys.stdout.flush()
        complain(f"diverged at {runner.record.divergence.sentence}; checked is what was there before")
        return FAILED
    return DONE if checked.passed else FAILED
