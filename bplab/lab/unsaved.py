"""Documents that have no name yet: they live as projects in the user's data folder, so that a crash loses nothing.

A file there whose window is gone is what a crash has left behind; the operating system's lock tells.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import platformdirs

from bplab.engine import InputError

from .experiment import Experiment
from .files import reason
from .project import SUFFIX, Project


@dataclass(frozen=True)
class Recoverable:
    """A document that can be had back: open it with ``Project.open(path)``."""

    path: Path
    name: str
    """Of its experiment."""
    changed: datetime
    """When something was last written to it, UTC."""
    runs: int


def unsaved_folder() -> Path:
    """Where documents without a name are kept; it may not exist yet."""
    return platformdirs.user_data_path("bplab", appauthor=False) / "unsaved"


def create_unsaved(experiment: Experiment) -> Project:
    """A new document without a name, open; give it one with ``save_as``, then :func:`discard` it."""
    folder = unsaved_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} could not be made: {reason(error)}") from None
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return Project.create(folder / f"untitled-{moment}-{secrets.token_hex(3)}{SUFFIX}", experiment)


def is_unsaved(project: Project) -> bool:
    """True for a document that has no name yet."""
    return project.path.parent == unsaved_folder()


def recoverable() -> list[Recoverable]:
    """What crashes have left behind, newest first. Documents that nobody had touched are cleared away."""
    found = []
    for path in unsaved_folder().glob(f"*{SUFFIX}"):
        with suppress(InputError, OSError):  # in use by another window, or not to be read: not ours to offer
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            with Project.open(path, wait=0.0) as project:
                touched, name, runs = project.modified, project.working.name, len(project.runs())
            if touched:
                found.append(Recoverable(path, name, changed, runs))
            else:
                discard(path)
    return sorted(found, key=lambda document: document.changed, reverse=True)


def discard(path: Path) -> None:
    """Remove a document without a name for good; close it first."""
    if path.parent != unsaved_folder():
        raise ValueError(f"{path} is not in the folder of unsaved documents")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path.name} could not be removed: {reason(error)}") from None
