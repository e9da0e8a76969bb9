"""The shell face: the same lab without a window. ``bplab`` alone opens the window.

Results go to stdout, everything else to stderr. Exit 0: done; 1: the run diverged; 2: bad arguments or a bad file,
with one line that says which; 130: interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn, TextIO

import msgspec

from bplab import __version__
from bplab.data import Dataset
from bplab.engine import Activation, Initializer, InputError, Loss, Optimizer
from bplab.engine.choices import type_name
from bplab.lab.experiment import Experiment, example_names, load_experiment
from bplab.lab.files import reason
from bplab.lab.outcome import outcome_of, outcome_text, table
from bplab.lab.overrides import with_overrides
from bplab.lab.progress import ProgressBar
from bplab.lab.project import SUFFIX, Project
from bplab.lab.report import subject_of, subject_of_saved, write_report
from bplab.lab.runner import Runner, train_to_end

DONE, DIVERGED, BAD, INTERRUPTED, NOBODY_READS = 0, 1, 2, 130, 141
FAMILIES = {
    "datasets": Dataset,
    "activations": Activation,
    "initializations": Initializer,
    "losses": Loss,
    "optimizers": Optimizer,
}
LISTS = ("examples", *FAMILIES)
BENCHES = {"engine": "time of a training step beside its floor", "window": "frames and steps of the real window"}
DOCUMENTS = (SUFFIX, ".json")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and takes no abbreviations that a later option could make ambiguous."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old Windows code page has no δ
    try:
        code = _run(words)
        if sys.stdout is not None:
            sys.stdout.flush()
    except InputError as error:
        return _complain(str(error))
    except KeyboardInterrupt:
        _complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # so that Python does not try it once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except OSError as error:
        return _complain(f"{error.filename or 'output'}: {reason(error)}")
    except MemoryError:
        return _complain("there is not enough memory for this")
    return code


def _complain(sentence: str) -> int:
    print(f"bplab: {' '.join(sentence.split())}", file=sys.stderr)
    return BAD


def _run(words: list[str]) -> int:
    if not words or _is_document(words):
        return _open_window(words)
    if not words[0].startswith("-") and words[0] not in COMMANDS:
        raise InputError(f"{words[0]}: neither a command nor a file; commands are {', '.join(COMMANDS)}")
    try:
        choice = _parser(words).parse_args(words)
    except SystemExit as end:  # argparse has said what there is to say
        return int(end.code or DONE)
    command: Callable[[argparse.Namespace], int] = choice.command
    return command(choice)


def _is_document(words: list[str]) -> bool:
    """Whether the window is asked for: one word that is no command but a document, or at least a file."""
    word = words[0]
    if len(words) != 1 or word.startswith("-") or word in COMMANDS:
        return False
    return word.lower().endswith(DOCUMENTS) or Path(word).exists()


def _open_window(words: list[str]) -> int:
    if words and not Path(words[0]).exists():
        raise InputError(f"{words[0]}: there is no such file")
    needed = sys.platform.startswith("linux") and "QT_QPA_PLATFORM" not in os.environ
    if needed and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        raise InputError("there is no display to open a window on; without one, try: bplab train digits")
    try:
        from bplab.gui.app import run_window
    except ImportError as error:
        raise InputError(f"the window cannot be loaded: {error}") from None
    code: int = run_window(words[0] if words else None)
    return code


# -- train -----------------------------------------------------------------------------------------------


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_train)
    parser.add_argument("experiment", metavar="EXPERIMENT", help=f"an example's name, or a .json or {SUFFIX} file")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--epochs", type=_count, metavar="N", help="passes over the training data")
    length.add_argument("--steps", type=_count, metavar="N", help="updates, instead of whole epochs")
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
    parser.add_argument("--report", type=Path, metavar="FILE.html", help="write a report of the run")
    parser.add_argument(
        "--save",
        type=Path,
        metavar=f"FILE{SUFFIX}",
        help="keep experiment and run in a project; a project that exists gets the run added",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of a table")


def _train(choice: argparse.Namespace) -> int:
    experiment = _changed(load_experiment(choice.experiment), choice)
    _check_target(choice.report, (".html", ".htm"))
    _check_target(choice.save, (SUFFIX,))
    if choice.save and choice.save.exists():
        Project.open(choice.save).close()  # better refused now than after the training
    bar = ProgressBar(experiment.name, choice.steps, sys.stderr) if _is_terminal(sys.stderr) else None
    keeping = [f"{what} {path}" for what, path in (("saved to", choice.save), ("reported in", choice.report)) if path]
    watch = _Interruptible(bar) if keeping else bar
    try:
        with watch if isinstance(watch, _Interruptible) else contextlib.nullcontext():
            runner = train_to_end(experiment, choice.steps, watch)
    except _PutDownError as put_down:
        runner = put_down.runner
        runner.check_finite()
        _keep(runner, choice)
        _complain(f"interrupted after {runner.updates:,} updates; the run so far was {' and '.join(keeping)}")
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
    return DIVERGED


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


def _changed(experiment: Experiment, choice: argparse.Namespace) -> Experiment:
    assignments = list(choice.assignments)
    if choice.epochs is not None:
        assignments.append(f"training.epochs={choice.epochs}")
    if choice.seed is not None:
        assignments.append(f"training.seed={choice.seed}")
    return with_overrides(experiment, assignments).checked()


def _check_target(path: Path | None, suffixes: tuple[str, ...]) -> None:
    """``InputError`` if a result cannot be written there anyway."""
    if path is None:
        return
    if path.suffix.lower() not in suffixes:
        raise InputError(f"{path}: the name must end in {suffixes[0]}")
    if path.is_dir():
        raise InputError(f"{path} is a folder")
    if not path.absolute().parent.is_dir():
        raise InputError(f"{path}: there is no folder {path.parent}")


def _save(runner: Runner, path: Path) -> None:
    with Project.open(path) if path.exists() else Project.create(path, runner.experiment) as project:
        untouched = not project.modified
        point = runner.save_point()
        state = "diverged" if runner.record.divergence else "finished" if runner.finished() else "paused"
        project.update_run(project.add_run(runner.experiment), point, state)
        if untouched:  # else the run stands with the edits that wait to be saved
            project.save()


def _is_terminal(stream: TextIO | None) -> bool:
    return stream is not None and stream.isatty()


# -- report, list, bench ---------------------------------------------------------------------------------


def _add_report(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_report)
    parser.add_argument("project", type=Path, metavar=f"FILE{SUFFIX}", help="the project")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.html", help="where to write it")
    parser.add_argument("--run", type=_count, metavar="N", help="which run of the project; by default the newest")


def _report(choice: argparse.Namespace) -> int:
    _check_target(choice.output, (".html", ".htm"))
    with Project.open(choice.project, read_only=True) as project:
        kept = [info.id for info in project.runs() if info.updates]
        if not kept and choice.run is None:
            raise InputError(f"{choice.project.name} holds no run yet; train it first")
        run = project.load_run(choice.run or kept[-1])
    write_report(choice.output, subject_of_saved(run.experiment, run.record, run.checkpoint, run.updates))
    return DONE


def _add_list(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(command=_list)
    parser.add_argument("what", nargs="?", choices=LISTS, metavar="WHAT", help=f"{', '.join(LISTS)}; by default all")


def _list(choice: argparse.Namespace) -> int:
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
        units = (experiment.data.describe().inputs, *(layer.units for layer in experiment.network.layers))
        found.append((name, experiment.name, f"{type_name(experiment.data)}, {'-'.join(map(str, units))}"))
    return found


def _members(what: str) -> list[tuple[str, ...]]:
    return [(name, member.summary()) for name, member in FAMILIES[what].members().items()]


def _add_bench(parser: argparse.ArgumentParser, words: list[str]) -> None:
    which = parser.add_subparsers(metavar="WHICH", required=True, parser_class=Parser)
    for name, text in BENCHES.items():
        bench = which.add_parser(name, help=text, description=_sentence(text))
        if words[1:2] == [name]:  # loaded when it is asked for, and then only that one
            module = importlib.import_module(f"bplab.bench.{name}")
            module.add_arguments(bench)
            bench.set_defaults(command=module.main)


# -- the arguments ---------------------------------------------------------------------------------------

COMMANDS = {
    "train": "train an experiment and print what came of it",
    "report": "write the report of a project's run",
    "list": "what there is to choose from",
    "bench": "measure this machine",
}


def _parser(words: list[str]) -> argparse.ArgumentParser:
    parser = Parser(
        prog="bplab",
        description="A laboratory for backpropagation. Without a command, or with a file alone, it opens the window.",
        usage=f"bplab [FILE]\n       bplab {{{','.join(COMMANDS)}}} …",
        epilog="Exit codes: 0 done, 1 the run diverged, 2 bad arguments or a bad file.",
    )
    parser.add_argument("--version", action="version", version=f"bplab {__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", parser_class=Parser, required=True, prog="bplab"
    )
    made = {
        name: commands.add_parser(name, help=text, description=_sentence(text))
        for name, text in COMMANDS.items()
    }
    _add_train(made["train"])
    _add_report(made["report"])
    _add_list(made["list"])
    _add_bench(made["bench"], words)
    return parser


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _count(text: str) -> int:
    """A whole number from 1 up."""
    if not text.isascii() or not text.isdecimal() or not 0 < int(text[:16]) < 2**53:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1 up, got {text!r}")
    return int(text)
