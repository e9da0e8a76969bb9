"""The shell face: the same lab without a window. ``bplab`` alone opens the window.

Results go to stdout, everything else to stderr. Exit 0: done; 1: the run diverged; 2: bad arguments or a bad file,
with one line that says which; 130: interrupted.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bplab import __version__
from bplab.commands import COMMANDS
from bplab.commands.shell import DONE, INTERRUPTED, NOBODY_READS, LateParser, Parser, as_sentence, complain
from bplab.engine import InputError
from bplab.lab.files import reason
from bplab.lab.project import SUFFIX

DOCUMENTS = (SUFFIX, ".json")


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
        return complain(str(error))
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # so that Python does not try it once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except OSError as error:
        return complain(f"{error.filename or 'output'}: {reason(error)}")
    except MemoryError:
        return complain("there is not enough memory for this")
    return code


def _run(words: list[str]) -> int:
    if not words or _is_document(words):
        return _open_window(words)
    if not words[0].startswith("-") and words[0] not in COMMANDS:
        raise InputError(f"{words[0]}: neither a command nor a file; commands are {', '.join(COMMANDS)}")
    try:
        choice = _parser().parse_args(words)
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


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="bplab",
        description="A laboratory for backpropagation. Without a command, or with a file alone, it opens the window.",
        usage=f"bplab [FILE]\n       bplab {{{','.join(COMMANDS)}}} …",
        epilog="Exit codes: 0 done, 1 the run diverged, 2 bad arguments or a bad file.",
    )
    parser.add_argument("--version", action="version", version=f"bplab {__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", parser_class=LateParser, required=True, prog="bplab"
    )
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, description=as_sentence(text)).module = f"bplab.commands.{name}"
    return parser
