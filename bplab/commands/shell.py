"""What a command says to its shell: exit codes, complaints of one line, arguments refused in one line; and signals.

Needs the standard library alone, so that it is there before anything else is loaded.
"""

from __future__ import annotations

import argparse
import importlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

DONE, FAILED, BAD, INTERRUPTED, NOBODY_READS, TERMINATED = 0, 1, 2, 130, 141, 143
"""Exit codes. ``FAILED``: the run diverged, or a check found something; ``BAD``: arguments or a file."""
ENDS = {signal.SIGINT: (INTERRUPTED, "interrupted"), signal.SIGTERM: (TERMINATED, "terminated")}
"""Signals that ask for an end, with the exit code and the word for it."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, and takes no abbreviations that a later option could make ambiguous."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, **options)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD, f"{self.prog}: {message}\n")


class LateParser(Parser):
    """Takes its arguments from a module that it loads when it is asked for, and then only that one.

    The module has ``add_arguments(parser)`` and, unless those are commands of their own, a function ``entry`` that
    takes what was parsed and returns the exit code; it is found as ``command`` in what was parsed.
    """

    module, entry = "", "run"

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        module, self.module = self.module, ""
        if module:
            loaded = importlib.import_module(module)
            loaded.add_arguments(self)
            self.set_defaults(command=getattr(loaded, self.entry, None))
        return super().parse_known_args(args, namespace)


def complain(sentence: str, code: int = BAD) -> int:
    """Print one line on stderr; returns the exit code."""
    print(f"bplab: {' '.join(sentence.split())}", file=sys.stderr)
    return code


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches."""
    return stream is not None and stream.isatty()


def as_sentence(text: str) -> str:
    """The text of a help line as a sentence of its own."""
    return text[:1].upper() + text[1:] + "."


class TerminatedError(BaseException):
    """A polite kill (SIGTERM), as ``KeyboardInterrupt`` is Ctrl-C."""


def end_by(number: int, *_: object) -> NoReturn:
    """The exception of a signal that asks for an end; a handler for it."""
    raise TerminatedError if number == signal.SIGTERM else KeyboardInterrupt


def leave_by(number: int, *_: object) -> NoReturn:
    """End the process at once, with one line: a handler for the time in which modules are loaded.

    What is being imported might swallow an exception, or print it.
    """
    code, word = ENDS[signal.Signals(number)]
    os.write(2, f"bplab: {word}\n".encode())
    os._exit(code)


@contextmanager
def asked_to_end(handler: Callable[..., Any]) -> Iterator[None]:
    """While the block runs, ``handler`` gets the signals that ask for an end; those that are ignored stay so.

    Off the main thread, which alone may handle signals, nothing changes.
    """
    numbers = ENDS if threading.current_thread() is threading.main_thread() else ()
    wanted = [number for number in numbers if signal.getsignal(number) not in (signal.SIG_IGN, None)]
    earlier = {number: signal.signal(number, handler) for number in wanted}
    try:
        yield
    finally:
        for number, its in earlier.items():
            signal.signal(number, its)
