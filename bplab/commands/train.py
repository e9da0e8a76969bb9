"""``bplab train``: trains an experiment, prints what came of it, and keeps it where that is asked for."""

from __future__ import annotations

import argparse
import contextlib
import sys
from pathlib import Path
from signal import Signals

import msgspec

from bplab.engine import InputError
from bplab.lab.files import reason
from bplab.lab.outcome import outcome_of, outcome_text
from bplab.lab.progress import ProgressBar
from bplab.lab.project import SUFFIX, Project
from bplab.lab.report import subject_of, write_report
from bplab.lab.runner import Runner, train_to_end

from .arguments import PAGE, add_experiment, add_json, check_target, chosen_experiment, count
from .shell import DONE, ENDS, FAILED, asked_to_end, complain, end_by, is_terminal


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
    watch = _Interruptible(bar) if choice.save or choice.report else bar
    put_down = None
    try:
        with asked_to_end(watch.ask) if isinstance(watch, _Interruptible) else contextlib.nullcontext():
            runner = train_to_end(experiment, choice.steps, watch)
    except _PutDownError as error:
        put_down = error
    finally:
        if bar:
            bar.clear()
    return _put_down(put_down, choice) if put_down else _tell(runner, choice)


def _tell(runner: Runner, choice: argparse.Namespace) -> int:
    """The result first, and nothing that fails takes the rest with it."""
    unread = None
    try:
        print(msgspec.json.encode(outcome_of(runner)).decode() if choice.json else outcome_text(runner), flush=True)
    except OSError as error:  # nobody reads, or the disk is full: what is to be kept is kept all the same
        unread = error
    _, failures = _keep(runner, choice)
    if runner.record.divergence:
        complain(f"diverged at {runner.record.divergence.sentence}")
    if failures:
        return complain("; ".join(failures))
    if unread:
        raise unread
    return FAILED if runner.record.divergence else DONE


def _put_down(put_down: _PutDownError, choice: argparse.Namespace) -> int:
    runner, (code, word) = put_down.runner, ENDS[put_down.signal]
    runner.check_finite()
    kept, failures = _keep(runner, choice)
    so_far = [f"the run so far was {' and '.join(kept)}"] if kept else []
    return complain("; ".join([f"{word} after {runner.updates:,} updates", *failures, *so_far]), code)


def _keep(runner: Runner, choice: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Write what was asked for, as far as that can be done; returns what was done and what was not."""
    kept, failures = [], []
    for path, word, write in ((choice.save, "saved to", _save), (choice.report, "reported in", _report)):
        if path is None:
            continue
        try:
            write(runner, path)
        except InputError as error:
            failures.append(str(error))
        except OSError as error:
            failures.append(f"{path.name} could not be written: {reason(error)}")
        except MemoryError:
            failures.append(f"{path.name} could not be written: there is not enough memory for it")
        else:
            kept.append(f"{word} {path}")
    return kept, failures


class _PutDownError(Exception):
    """Somebody has ended the training of ``runner``, which stands between two updates, by ``signal``."""

    def __init__(self, runner: Runner, signal: Signals) -> None:
        super().__init__()
        self.runner, self.signal = runner, signal


class _Interruptible:
    """Lets a signal end a training between two updates, so that it can be kept; a second one ends it at once."""

    def __init__(self, bar: ProgressBar | None) -> None:
        self._bar = bar
        self._asked: Signals | None = None

    def __call__(self, runner: Runner) -> None:
        if self._asked is not None:
            raise _PutDownError(runner, self._asked)
        if self._bar:
            self._bar(runner)

    def ask(self, number: int, *_: object) -> None:
        """A handler of signals."""
        if self._asked is not None:
            end_by(number)
        self._asked = Signals(number)


def _report(runner: Runner, path: Path) -> None:
    write_report(path, subject_of(runner))


def _save(runner: Runner, path: Path) -> None:
    with Project.open(path) if path.exists() else Project.create(path, runner.experiment) as project:
        untouched = not project.modified
        point = runner.save_point()
        state = "diverged" if runner.record.divergence else "finished" if runner.finished() else "paused"
        project.update_run(project.add_run(runner.experiment), point, state)
        if untouched:  # else the run stands with the edits that wait to be saved
            project.save()
