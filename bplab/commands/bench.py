"""``bplab bench``: one of the benchmarks of :mod:`bplab.bench`."""

from __future__ import annotations

import argparse

from .shell import LateParser, as_sentence

BENCHES = {
    "engine": "time of a training step beside its floor",
    "start": "time to import the engine, and to a drawn window",
    "window": "frames and steps of the real window",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which benchmark; it tells its own arguments."""
    which = parser.add_subparsers(metavar="WHICH", required=True, parser_class=LateParser)
    for name, text in BENCHES.items():
        bench = which.add_parser(name, help=text, description=as_sentence(text))
        bench.module, bench.entry = f"bplab.bench.{name}", "main"
