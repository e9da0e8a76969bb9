"""What a command says to its shell: exit codes, complaints of one line, arguments refused in one line.

Needs the standard library alone, so that it is there before anything else is loaded.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from typing import Any, NoReturn, TextIO

DONE, FAILED, BAD, INTERRUPTED, NOBODY_READS = 0, 1, 2, 130, 141
"""Exit codes. ``FAILED``: the run diverged, or a check found something; ``BAD``: arguments or a file."""


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


def complain(sentence: str) -> int:
    """Print one line on stderr; returns ``BAD``."""
    print(f"bplab: {' '.join(sentence.split())}", file=sys.stderr)
    return BAD


def is_terminal(stream: TextIO | None) -> bool:
    """Whether somebody watches."""
    return stream is not None and stream.isatty()


def as_sentence(text: str) -> str:
    """The text of a help line as a sentence of its own."""
    return text[:1].upper() + text[1:] + "."
