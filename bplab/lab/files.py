"""Writing a file so that it is either all there or not there at all, whatever happens meanwhile.

The new contents go to a temporary beside the target, reach the disk, and only then take the target's name.
A full disk, an interrupt or a kill leaves the old file as it was.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bplab.engine import InputError


def write_atomically(path: Path, data: bytes | str) -> None:
    """Make ``data`` (text as UTF-8, line ends as they are) the contents of ``path``.

    Raises ``InputError``, with one sentence that names the file, if that cannot be done; then what was there
    before is untouched and no temporary is left.
    """
    with replacing(path) as temporary:
        temporary.write_bytes(data.encode("utf-8") if isinstance(data, str) else data)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write to the path that this yields; when the block ends it becomes ``path``, when it raises it is gone.

    An ``OSError`` from the block, too, becomes an ``InputError`` that names ``path``.
    """
    try:
        target = path.resolve()  # a link stays a link, to a new file
        temporary = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.tmp")
        try:
            yield temporary
            with suppress(FileNotFoundError):
                shutil.copymode(target, temporary)
            _reach_the_disk(temporary)
            temporary.replace(target)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        with suppress(OSError):
            _reach_the_disk(target.parent)
    except OSError as error:
        raise InputError(f"{path.name or path} could not be written: {reason(error)}") from None


def reason(error: OSError) -> str:
    """Why the system refused, for use inside a sentence."""
    text = error.strerror or str(error) or type(error).__name__
    return text[:1].lower() + text[1:]


def _reach_the_disk(path: Path) -> None:
    """Wait until what was written is on the disk; folders only where the system can (Windows cannot)."""
    folder = path.is_dir()
    if folder and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if folder else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
