"""From a subject to a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from bplab.engine import InputError
from bplab.lab.files import write_atomically

from .subject import ReportSubject

SUFFIXES = (".html", ".htm")
Watch = Callable[[float], None]
"""Is told now and then the share of the work that is done, from 0 to 1; may end the work by raising something."""


def nobody(share: float) -> None:
    """Watches nothing."""


def write_report(
    path: Path, subject: ReportSubject, now: datetime | None = None, watch: Watch = nobody
) -> None:
    """Write the report of ``subject``; ``now`` (with time zone) dates it, by default this moment.

    ``watch`` is told the share that is done; what it raises ends the work before anything is written.

    Raises ``InputError`` for a file name that does not end in .html, and where the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name}: a report is a web page; give it a name that ends in .html")
    page = report_page(subject, now, watch)
    watch(1.0)
    write_atomically(path, page)


def report_page(subject: ReportSubject, now: datetime | None = None, watch: Watch = nobody) -> str:
    """The page itself as HTML text."""
    from .page import render  # loads Matplotlib and Jinja, which most starts of bplab do not need

    return render(subject, now or datetime.now().astimezone(), watch)
