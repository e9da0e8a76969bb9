"""The shell face: the same lab without a window. ``bplab`` alone opens the window.

Results go to stdout, everything else to stderr. Exit 0: done; 1: the run diverged, or a check failed; 2: bad
arguments or a bad file, with one line that says which; 130: interrupted; 143: terminated.

At import only the standard library is needed: NumPy and the lab are loaded when it is known what to do when somebody
presses Ctrl-C meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from bplab import __version__
from bplab.commands import COMMANDS
from bplab.commands.shell import (
    DONE,
    INTERRUPTED,
    NOBODY_READS,
    TERMINATED,
    LateParser,
    Parser,
    TerminatedError,
    as_sentence,
    asked_to_end,
    complain,
    end_by,
    leave_by,
)

Deed = Callable[[], int]
"""Does what was asked for; returns the exit code."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments ask; returns the exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # an old Windows code page has no δ
    with asked_to_end(leave_by):
        from bplab.engine import InputError
        from bplab.lab.files import reason
    try:
        with asked_to_end(leave_by):
            deed = _deed(words)
        with asked_to_end(end_by):
            code = deed()
            if sys.stdout is not None:
                sys.stdout.flush()
    except InputError as error:
        return complain(str(error))
    except KeyboardInterrupt:
        return complain("interrupted", INTERRUPTED)
    except TerminatedError:
        return complain("terminated", TERMINATED)
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):  # so that Python does not try it once more at its end
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except OSError as error:
        return complain(f"{error.filename or 'output'}: {reason(error)}")
    except MemoryError:
        return complain("there is not enough memory for this")
    return code


def _deed(words: list[str]) -> Deed:
    """What is asked for, with all that it needs loaded."""
    if not words or _is_document(words):
        return _window_on(words)
    if not words[0].startswith("-") and words[0] not in COMMANDS:
        commands = ", ".join(COMMANDS)
        return partial(complain, f"{words[0]}: neither a command nor a file; commands are {commands}")
    try:
        choice = _parser().parse_args(words)
    except SystemExit as end:  # argparse has said what there is to say
        return partial(int, end.code or DONE)
    return partial(choice.command, choice)


def _is_document(words: list[str]) -> bool:
    """Whether the window is asked for: one word that is no command but a document, or at least a file."""
    from bplab.lab.project import SUFFIX

    word = words[0]
    if len(words) != 1 or word.startswith("-") or word in COMMANDS:
        return False
    return word.lower().endswith((SUFFIX, ".json")) or Path(word).exists()


def _window_on(words: list[str]) -> Deed:
    if words and not Path(words[0]).exists():
        return partial(complain, f"{words[0]}: there is no such file")
    needed = sys.platform.startswith("linux") and "QT_QPA_PLATFORM" not in os.environ
    if needed and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        return partial(complain, "there is no display to open a window on; without one, try: bplab train digits")
    try:
        from bplab.gui.app import run_window
    except ImportError as error:
        return partial(complain, f"the window cannot be loaded: {error}")
    return partial(run_window, words[0] if words else None)


def _parser() -> Parser:
    parser = Parser(
        prog="bplab",
        description="A laboratory for backpropagation. Without a command, or with a file alone, it opens the window.",
        usage=f"bplab [FILE]\n       bplab {{{','.join(COMMANDS)}}} …",
        epilog="Exit codes: 0 done, 1 the run diverged or a check failed, 2 bad arguments or a bad file.",
    )
    parser.add_argument("--version", action="version", version=f"bplab {__version__}")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", parser_class=LateParser, required=True, prog="bplab"
    )
    for name, text in COMMANDS.items():
        commands.add_parser(name, help=text, description=as_sentence(text)).module = f"bplab.commands.{name}"
    return parser
