"""Documents that have no name yet: they live as projects in the user's data folder, so that a crash loses nothing.

A file there whose window is gone is what a crash has left behind; the operating system's lock tells.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import platformdirs

from bplab.engine import InputError

from .database import InUseError
from .experiment import Experiment
from .files import reason
from .looking import copy_of_project
from .project import SUFFIX, Project

YOUNG = timedelta(minutes=1)
"""An untouched document this young may be one that another window is just making."""


@dataclass(frozen=True)
class Recoverable:
    """A document that was left behind: unless it is damaged, open it with ``Project.open(path)``."""

    path: Path
    name: str
    """Of its experiment; of the file if that cannot be read."""
    changed: datetime
    """When something was last written to it, UTC."""
    runs: int
    problem: str = ""
    """Why it cannot be had back; empty if it can."""


def unsaved_folder() -> Path:
    """Where documents without a name are kept; it may not exist yet."""
    return platformdirs.user_data_path("bplab", appauthor=False) / "unsaved"


def create_unsaved(experiment: Experiment) -> Project:
    """A new document without a name, open; give it one with ``save_as``, then :func:`discard` it."""
    return Project.create(_new_path(), experiment)


def create_copy(path: Path) -> Project:
    """A new document without a name that begins as a copy of the project ``path``, which may be open elsewhere.

    All that was in the project counts as saved; nothing done to the copy reaches ``path``.
    """
    target = _new_path()
    try:
        copy_of_project(path, target)
        copy = Project.open(target)
        copy.save()
    except InputError as error:
        with suppress(InputError):
            discard(target)
        raise InputError(str(error).replace(target.name, path.name)) from None
    return copy


def _new_path() -> Path:
    folder = unsaved_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder} could not be made: {reason(error)}") from None
    moment = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    return folder / f"untitled-{moment}-{secrets.token_hex(3)}{SUFFIX}"


def is_unsaved(project: Project) -> bool:
    """True for a document that has no name yet."""
    return project.path.parent == unsaved_folder()


def recoverable() -> list[Recoverable]:
    """What crashes have left behind: the newest first, those that are damaged last.

    Documents that nobody had touched are cleared away; those that a window has open are not ours to tell of.
    """
    found = []
    for path in unsaved_folder().glob(f"*{SUFFIX}"):
        with suppress(InUseError, OSError):  # OSError: gone in the meantime
            changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            document = _looked_at(path, changed)
            if document is not None:
                found.append(document)
            elif datetime.now(UTC) - changed > YOUNG:
                with suppress(InputError):
                    discard(path)
    found.sort(key=lambda document: document.changed, reverse=True)
    return sorted(found, key=lambda document: bool(document.problem))


def _looked_at(path: Path, changed: datetime) -> Recoverable | None:
    """What is in a document; None if nobody had touched it, ``InUseError`` if a window has it open."""
    try:
        with Project.open(path, wait=0.0) as project:
            name, runs = project.working.name, len(project.runs())
            return Recoverable(path, name, changed, runs) if project.modified else None
    except InUseError:
        raise
    except InputError as error:
        if not path.exists():
            return None
        return Recoverable(path, path.name, changed, 0, str(error))


def discard(path: Path) -> None:
    """Remove a document without a name for good; close it first."""
    if path.parent != unsaved_folder():
        raise ValueError(f"{path} is not in the folder of unsaved documents")
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise InputError(f"{path.name} could not be removed: {reason(error)}") from None
