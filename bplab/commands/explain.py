"""``bplab explain``: why a gradient is what it is at a step of the training, factor by factor."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from bplab.lab.explaining import Target
from bplab.lab.explaining.at_step import check_target, explained_at, newest_run, replayed_to, trained_to
from bplab.lab.explaining.telling import told_of, told_text
from bplab.lab.progress import ProgressBar
from bplab.lab.runner import Runner

from .arguments import add_experiment, add_json, chosen_experiment, count
from .shell import DONE, FAILED, complain, is_terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An experiment, how far to train it, and whose gradient to explain."""
    add_experiment(parser)
    parser.add_argument(
        "--step", type=whole, required=True, metavar="N", help="after N updates; 0 is before training. Of a project, "
        "the newest run is taken to there"
    )  # fmt: skip
    parser.add_argument(
        "--layer",
        type=count,
        required=True,
        metavar="L",
        help="layer, 1 for the first hidden one; by itself: all of it",
    )
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--weight", type=pair, metavar="I,J", help="the weight from input I to neuron J, both from 0, as in net.weights"
    )
    which.add_argument("--bias", type=whole, metavar="J", help="the bias of neuron J, from 0")
    which.add_argument("--neuron", type=whole, metavar="J", help="all weights into neuron J, from 0")
    parser.add_argument("--sample", type=whole, metavar="K", help="for one of the probe samples, from 0, not all")
    add_json(parser)


def run(choice: argparse.Namespace) -> int:
    """Train, explain and print."""
    runner = _runner(choice)
    explanation = explained_at(runner, _target(choice), choice.sample)
    name = runner.experiment.name
    if choice.json:
        print(msgspec.json.encode(told_of(explanation, runner.updates)).decode())
    else:
        print(told_text(name, runner.updates, explanation))
    if runner.updates < choice.step and runner.record.divergence:
        sys.stdout.flush()
        complain(f"diverged at {runner.record.divergence.sentence}; explained is what was there before")
        return FAILED
    return DONE


def whole(text: str) -> int:
    """A whole number from 0 up."""
    if text.isascii() and text.isdecimal() and int(text[:16]) == 0:
        return 0
    try:
        return count(text)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 up, got {text!r}") from None


def pair(text: str) -> tuple[int, int]:
    """Two whole numbers with a comma between."""
    first, comma, second = text.partition(",")
    if not comma:
        raise argparse.ArgumentTypeError(f"expected I,J, for example 0,2, got {text!r}")
    return whole(first.strip()), whole(second.strip())


def _runner(choice: argparse.Namespace) -> Runner:
    """The run at the step that was asked for."""
    changed = choice.assignments or choice.seed is not None
    saved = None if changed else newest_run(Path(choice.experiment))
    if saved is not None:
        return replayed_to(saved, choice.step)
    experiment = chosen_experiment(choice)
    check_target(experiment, _target(choice), choice.sample)
    bar = ProgressBar(experiment.name, choice.step, sys.stderr) if choice.step and is_terminal(sys.stderr) else None
    try:
        return trained_to(experiment, choice.step, bar)
    finally:
        if bar:
            bar.clear()


def _target(choice: argparse.Namespace) -> Target:
    layer = choice.layer - 1
    if choice.weight is not None:
        return Target("weight", layer, unit=choice.weight[1], source=choice.weight[0])
    if choice.bias is not None:
        return Target("bias", layer, unit=choice.bias)
    return Target("layer", layer) if choice.neuron is None else Target("neuron", layer, unit=choice.neuron)
