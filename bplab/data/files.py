"""What readers of files share: their limits, who follows a long reading or stops it, and what is wrong with a file."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

from bplab.engine.errors import InputError

MAX_VALUES = 64_000_000
"""A file may bring this many inputs and targets together: 512 MB of float64."""
MIN_SAMPLES = 4
MAX_CLASSES = 1000
MAX_MAGNITUDE = 1e100
"""Beyond, sums and squares leave the finite numbers."""


class CancelledError(Exception):
    """A reading was told to stop; nothing has changed by it."""


class Watch:
    """Somebody who follows a long reading: is shown the share that is read, and is asked whether to go on."""

    def __init__(
        self, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None
    ) -> None:
        self._progress, self._cancelled = progress, cancelled

    def at(self, share: float) -> None:
        """The share ``share`` (0 to 1) is read; ``CancelledError`` if that is enough."""
        if self._cancelled is not None and self._cancelled():
            raise CancelledError
        if self._progress is not None:
            self._progress(min(share, 1.0))


def check_file(path: Path, kind: str, max_bytes: int) -> os.stat_result:
    """The state of a file that can be read; ``InputError`` when it is missing, a folder, empty or too large."""
    try:
        state = path.stat()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be opened: {reason(error)}") from None
    if stat.S_ISDIR(state.st_mode):
        raise InputError(f"{path}: this is a folder, not {a(kind)}")
    if not stat.S_ISREG(state.st_mode):
        raise InputError(f"{path}: this is not an ordinary file")
    if state.st_size == 0:
        raise InputError(f"{path}: the file is empty")
    if state.st_size > max_bytes:
        size = state.st_size // 2**20
        raise InputError(f"{path}: the file has {size:,} MB; at most {max_bytes // 2**20:,} MB can be read")
    return state


def reason(error: OSError | ValueError) -> str:
    """Why the system could not do it, to stand within a sentence."""
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return text[:1].lower() + text[1:]


def a(kind: str) -> str:
    """With its article: ``a CSV file``, ``an NPZ file``."""
    return f"an {kind}" if kind.startswith(("IDX", "NPZ")) else f"a {kind}"
