"""A look at a project that another window holds: a copy of its file as it is between two of that window's writes.

The other window's locks keep everybody from reading through SQLite. The bytes can be read all the same, and while no
write is under way the file alone is the whole project.
"""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from bplab.engine import InputError

from .database import InUseError
from .files import reason

PATIENCE_SECONDS = 2.0
RETRY_SECONDS = 0.02
_State = tuple[int, int, int, int]


def copy_of_project(path: Path, target: Path, patience: float = PATIENCE_SECONDS) -> None:
    """Copy the project ``path`` to ``target`` without asking for its lock.

    ``InUseError`` if it was being written for all of ``patience`` seconds; ``InputError`` if it cannot be copied.
    """
    until = time.monotonic() + patience
    try:
        while True:
            before = _state_at_rest(path)
            if before is not None:
                shutil.copyfile(path, target)
                if _state_at_rest(path) == before:
                    return
            if time.monotonic() >= until:
                raise InUseError(f"{path.name} is being written by another window; try again in a moment")
            time.sleep(RETRY_SECONDS)
    except OSError as error:
        raise InputError(f"{path.name} could not be copied: {reason(error)}") from None


def _state_at_rest(path: Path) -> _State | None:
    """Size and time of the file and of its journal; None while a write is under way."""
    journal, size, moment = path.with_name(path.name + "-journal"), 0, 0
    try:
        with journal.open("rb") as opened:
            if any(opened.read(8)):  # a journal that is over is empty, or its first bytes are 0
                return None
        size, moment = journal.stat().st_size, journal.stat().st_mtime_ns
    except FileNotFoundError:
        pass
    state = path.stat()
    return state.st_size, state.st_mtime_ns, size, moment
