"""``bplab train``: trains an experiment, prints what came of it, and keeps it where that is asked for."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import threading
from pathlib import Path
from typing import Any

import msgspec

from bplab.lab.outcome import outcome_of, outcome_text
from bplab.lab.progress import ProgressBar
from bplab.lab.project import SUFFIX, Project
from bplab.lab.report import subject_of, write_report
from bplab.lab.runner import Runner, train_to_end

from .arguments import PAGE, add_experiment, add_json, check_target, chosen_experiment, count
from .shell import DONE, FAILED, INTERRUPTED, complain, is_terminal


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """An experiment, how long to train it, and what to write."""
    add_experiment(parser)
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=count, metavar="N", help="passes over the training data")
    length.add_argument("--steps", type=count, metavar="N", help="updates, instead of whole epochs")
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report of the run")
    parser.add_argument(
        "--save",
        type=Path,
        metavar=f"FILE{SUFFIX}",
        help="keep experiment and run in a project; a project that exists gets the run added",
    )
    add_json(parser)


def run(choice: argparse.Namespace) -> int:
    """Train, print and keep."""
    experiment = chosen_experiment(choice, () if choice.epochs is None else [f"training.epochs={choice.epochs}"])
    check_target(choice.report, PAGE)
    check_target(choice.save, (SUFFIX,))
    if choice.save and choice.save.exists():
        Project.open(choice.save).close()  # better refused now than after the training
    bar = ProgressBar(experiment.name, choice.steps, sys.stderr) if is_terminal(sys.stderr) else None
    keeping = [f"{what} {path}" for what, path in (("saved to", choice.save), ("reported in", choice.report)) if path]
    watch = _Interruptible(bar) if keeping else bar
    try:
        with watch if isinstance(watch, _Interruptible) else contextlib.nullcontext():
            runner = train_to_end(experiment, choice.steps, watch)
    except _PutDownError as put_down:
        runner = put_down.runner
        runner.check_finite()
        _keep(runner, choice)
        complain(f"interrupted after {runner.updates:,} updates; the run so far was {' and '.join(keeping)}")
        return INTERRUPTED
    finally:
        if bar:
            bar.clear()
    _keep(runner, choice)
    print(msgspec.json.encode(outcome_of(runner)).decode() if choice.json else outcome_text(runner))
    if runner.record.divergence is None:
        return DONE
    sys.stdout.flush()
    print(f"bplab: diverged at {runner.record.divergence.sentence}", file=sys.stderr)
    return FAILED


def _keep(runner: Runner, choice: argparse.Namespace) -> None:
    """Write what was asked for."""
    if choice.save:
        _save(runner, choice.save)
    if choice.report:
        write_report(choice.report, subject_of(runner))


class _PutDownError(Exception):
    """Somebody has interrupted the training of ``runner``, which stands between two updates."""

    def __init__(self, runner: Runner) -> None:
        super().__init__()
        self.runner = runner


class _Interruptible:
    """Lets Ctrl-C end a training between two updates, so that it can be kept; a second one ends it at once."""

    def __init__(self, bar: ProgressBar | None) -> None:
        self._bar = bar
        self._asked = False
        self._earlier: Any = None

    def __call__(self, runner: Runner) -> None:
        if self._asked:
            raise _PutDownError(runner)
        if self._bar:
            self._bar(runner)

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():  # no other may
            self._earlier = signal.signal(signal.SIGINT, self._ask)

    def __exit__(self, *_: object) -> None:
        if self._earlier is not None:
            signal.signal(signal.SIGINT, self._earlier)

    def _ask(self, *_: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


def _save(runner: Runner, path: Path) -> None:
    with Project.open(path) if path.exists() else Project.create(path, runner.experiment) as project:
        untouched = not project.modified
        point = runner.save_point()
        state = "diverged" if runner.record.divergence else "finished" if runner.finished() else "paused"
        project.update_run(project.add_run(runner.experiment), point, state)
        if untouched:  # else the run stands with the edits that wait to be saved
            project.save()
