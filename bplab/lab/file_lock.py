"""A lock on a file that belongs to one open handle, not to the process.

SQLite's own lock on POSIX goes as soon as the process closes *any* handle of the file, and a file dialog that
lists a folder opens and closes every file in it to see what it is. So a project is also held by ``flock``, which
nothing but this handle gives up, and which the system takes back from a process that is killed. Windows' locks
belong to handles anyway.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

if sys.platform != "win32":
    import fcntl

RETRY_SECONDS = 0.02


class FileLock:
    """Holds ``path``, alone if ``exclusive``; ``BlockingIOError`` if somebody else still does after ``wait`` seconds.

    A file system without such locks is taken as it is: SQLite's lock is still there.
    """

    def __init__(self, path: Path, *, exclusive: bool, wait: float) -> None:
        self._handle = -1
        if sys.platform != "win32":
            self._handle = os.open(path, os.O_RDONLY)
            try:
                self._take(fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH, time.monotonic() + wait)
            except BaseException:
                self.release()
                raise

    def _take(self, kind: int, until: float) -> None:
        if sys.platform == "win32":
            return
        while True:
            try:
                fcntl.flock(self._handle, kind | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    raise
                time.sleep(RETRY_SECONDS)
            except OSError:
                return
            else:
                return

    def release(self) -> None:
        """Give the file free; may be called again."""
        handle, self._handle = self._handle, -1
        if handle >= 0:
            os.close(handle)
