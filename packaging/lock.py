"""One start of bplab at a time sets it up: a lock of the system's own, which ends with the process that holds it."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from messages import tell


@contextlib.contextmanager
def locked(path: Path) -> Iterator[int]:
    """Hold the lock on this existing file, waiting (and saying so) while another process has it.

    Yields the descriptor that carries the lock. On Unix a program that inherits it holds the lock as well, so that an
    installer which outlives a killed start is still waited for.
    """
    with path.open("rb") as held:
        if not _lock(held.fileno(), wait=False):
            tell("Another start is setting bplab up: waiting for it to end.")
            _lock(held.fileno(), wait=True)
        yield held.fileno()


def _lock(descriptor: int, wait: bool) -> bool:
    """Take the lock; False if another process has it and ``wait`` is off."""
    take = _lock_on_unix if os.name == "posix" else _lock_on_windows
    try:
        take(descriptor, wait)
    except OSError:
        return False
    return True


def _lock_on_unix(descriptor: int, wait: bool) -> None:
    import fcntl

    fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def _lock_on_windows(descriptor: int, wait: bool) -> None:
    """Lock a byte far behind the file's end, since on Windows nobody else can read one that is locked."""
    import msvcrt

    os.lseek(descriptor, 1 << 30, os.SEEK_SET)
    while True:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
            return
        except OSError:  # LK_LOCK gives up after ten seconds
            if not wait:
                raise
