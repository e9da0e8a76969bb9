"""From a subject to a file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bplab.engine import InputError
from bplab.lab.files import write_atomically

from .subject import ReportSubject

SUFFIXES = (".html", ".htm")


def write_report(path: Path, subject: ReportSubject, now: datetime | None = None) -> None:
    """Write the report of ``subject``; ``now`` (with time zone) dates it, by default this moment.

    Raises ``InputError`` for a file name that does not end in .html, and where the file cannot be written.
    """
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path.name}: a report is a web page; give it a name that ends in .html")
    write_atomically(path, report_page(subject, now))


def report_page(subject: ReportSubject, now: datetime | None = None) -> str:
    """The page itself as HTML text."""
    from .page import render  # loads Matplotlib and Jinja, which most starts of bplab do not need

    return render(subject, now or datetime.now().astimezone())
