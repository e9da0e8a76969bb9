"""The SQLite side of a project file: opened exclusively, trusted in nothing, every error one sentence.

A rollback journal, not a write-ahead log: between two commits NAME.bplab alone is the whole project, so it can be
copied or moved even after a crash. While it is open for writing, SQLite and a :class:`~.file_lock.FileLock` hold
it. That is the sign for a second window, and it ends with the process, even a killed one.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from bplab.engine import InputError

from .file_lock import FileLock
from .files import reason

T = TypeVar("T")

class InUseError(InputError):
    """The project is open in another window."""


APPLICATION_ID = 0x62706C62
"""``bplb``, in the header of every project file."""
VERSION = 2
"""Version 1 knew neither forks nor waypoints; such a file gets their tables when it is opened for writing."""
WAIT_SECONDS = 1.0
"""How long to wait for somebody who is only having a look at the file."""
CHECKED_BYTES = 64 * 2**20
"""Files up to this size are checked as a whole when they are opened; it takes a blink."""
LEFT_BYTES = 2**20
"""The journal is cut to this size after a large change, as long as the project is open."""

_FIRST = (
    "CREATE TABLE document (id INTEGER PRIMARY KEY CHECK (id = 1), saved TEXT NOT NULL, working TEXT NOT NULL, "
    "changed INTEGER NOT NULL)",
    "CREATE TABLE run (id INTEGER PRIMARY KEY AUTOINCREMENT, kept INTEGER NOT NULL, name TEXT NOT NULL, "
    "created TEXT NOT NULL, state TEXT NOT NULL, updates INTEGER NOT NULL, epochs REAL NOT NULL, loss REAL, "
    "test_loss REAL, accuracy REAL, note TEXT NOT NULL, experiment TEXT NOT NULL)",
    "CREATE TABLE save_point (run INTEGER PRIMARY KEY, record BLOB NOT NULL, checkpoint BLOB NOT NULL)",
)
_SECOND = (
    "CREATE TABLE leg (run INTEGER NOT NULL, number INTEGER NOT NULL, parent INTEGER, until INTEGER NOT NULL, "
    "blas_threads INTEGER NOT NULL, events BLOB NOT NULL, experiment TEXT NOT NULL, PRIMARY KEY (run, number)) "
    "WITHOUT ROWID",
    "CREATE TABLE waypoint (run INTEGER NOT NULL, leg INTEGER NOT NULL, updates INTEGER NOT NULL, "
    "state BLOB NOT NULL, PRIMARY KEY (run, leg, updates)) WITHOUT ROWID",
)
SCHEMA = (*_FIRST, *_SECOND)
_KNOWN = {
    1: {*_FIRST, "CREATE TABLE sqlite_sequence(name,seq)"},
    2: {*SCHEMA, "CREATE TABLE sqlite_sequence(name,seq)"},
}


def connect(
    path: Path, *, writable: bool, new: bool = False, name: str | None = None, wait: float = WAIT_SECONDS
) -> sqlite3.Connection:
    """A connection to the project file ``path``, checked to be one; ``InputError`` if it is not or is in use.

    Made ``writable`` it holds the file's lock until it is closed; ``new`` makes an empty project. ``name`` is what
    the file is called in messages, if not by its own name.
    """
    name = name or path.name or str(path)
    lock = None if new else _locked(path, writable, name, wait)
    try:
        with explained(name):
            connection = sqlite3.connect(
                path, timeout=wait, isolation_level=None, check_same_thread=False, factory=_Connection
            )
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    connection.lock = lock
    try:
        with explained(name):
            for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0"):
                connection.execute(f"PRAGMA {pragma}")
            if new:
                _make(connection)
            if writable:
                connection.execute("PRAGMA locking_mode=EXCLUSIVE")
                connection.execute(f"PRAGMA journal_size_limit={LEFT_BYTES}")
            else:
                connection.execute("PRAGMA query_only=ON")
                connection.execute("BEGIN")  # all reads see one moment
            _check_identity(connection, name)
            if writable:
                connection.execute("PRAGMA journal_mode=DELETE")
                connection.execute("BEGIN EXCLUSIVE")
                connection.execute("COMMIT")
            _check_soundness(connection, path, name)
            if writable:
                _bring_up_to_date(connection)
    except BaseException:
        connection.close()
        raise
    return connection


class _Connection(sqlite3.Connection):
    """A connection that gives the file's lock back after itself."""

    lock: FileLock | None = None

    def close(self) -> None:
        super().close()
        if self.lock is not None:
            self.lock.release()


def _locked(path: Path, writable: bool, name: str, wait: float) -> FileLock:
    _check_reachable(path, writable, name)
    try:
        return FileLock(path, exclusive=writable, wait=wait)
    except BlockingIOError:
        raise InUseError(f"{name} is open in another window") from None
    except OSError as error:
        raise InputError(f"{name} could not be opened: {reason(error)}") from None


def _make(connection: sqlite3.Connection) -> None:
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={VERSION}")
    with transaction(connection):
        for statement in SCHEMA:
            connection.execute(statement)


def _bring_up_to_date(connection: sqlite3.Connection) -> None:
    if number(connection, "PRAGMA user_version") == VERSION:
        return
    with transaction(connection):
        for statement in _SECOND:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={VERSION}")


def _check_reachable(path: Path, writable: bool, name: str) -> None:
    try:
        if path.is_dir():
            raise InputError(f"{name} is a folder, not a bplab project")
        path.stat()
    except OSError as error:
        raise InputError(f"{name} could not be opened: {reason(error)}") from None
    if not os.access(path, os.R_OK):
        raise InputError(f"{name} could not be opened: you may not read it")
    if writable and not (os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)):
        raise InputError(f"{name} could not be opened: you may not change it or its folder")


def _check_identity(connection: sqlite3.Connection, name: str) -> None:
    try:
        identity = number(connection, "PRAGMA application_id")
        version = number(connection, "PRAGMA user_version")
        if identity == APPLICATION_ID and version > VERSION:
            raise InputError(f"{name} was made by a newer bplab: project version {version}, this one reads {VERSION}")
        found = [row[0] for row in connection.execute("SELECT substr(sql, 1, 1000) FROM sqlite_master LIMIT 10")]
    except sqlite3.DatabaseError as error:
        if _code(error) == sqlite3.SQLITE_NOTADB:
            raise InputError(f"{name} is not a bplab project") from None
        raise
    if identity != APPLICATION_ID or version not in _KNOWN:
        raise InputError(f"{name} is not a bplab project")
    # Nothing but our own tables, word for word: no trigger, view, index or computed column can lie in wait.
    if len(found) != len(_KNOWN[version]) or set(found) != _KNOWN[version]:
        raise InputError(f"{name} is not a project that bplab has written: its tables are others")


def _check_soundness(connection: sqlite3.Connection, path: Path, name: str) -> None:
    size = number(connection, "PRAGMA page_count") * number(connection, "PRAGMA page_size")
    if path.stat().st_size < size:  # SQLite fills up a last page that was cut
        raise InputError(f"{name} is damaged: its end is missing")
    if size > CHECKED_BYTES:
        return
    if connection.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise InputError(f"{name} is damaged")


def number(connection: sqlite3.Connection, query: str) -> int:
    """The one whole number that a query gives."""
    value = connection.execute(query).fetchone()[0]
    if not isinstance(value, int):
        raise sqlite3.DataError("a number was expected")
    return value


def typed(value: object, kind: type[T], what: str) -> T:
    """``value``, which must be of this kind: SQLite keeps anything in any column."""
    if type(value) is not kind:
        raise InputError(f"{what} is damaged")
    return value


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All changes in the block, durably, or none of them."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):  # SQLite rolls some failures back itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(name: str) -> Iterator[None]:
    """Errors of SQLite inside the block become one sentence that names the file."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # nobody's file is at fault
    except sqlite3.Error as error:
        if _code(error) == sqlite3.SQLITE_BUSY:
            raise InUseError(f"{name} is open in another window") from None
        raise InputError(f"{name} {_trouble(error)}") from None
    except UnicodeDecodeError:  # from SQLite's own message about what it found
        raise InputError(f"{name} is damaged") from None


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary code; 0 where the file was read but holds what is not to be used."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _trouble(error: sqlite3.Error) -> str:
    sentences = {
        0: "is damaged",
        sqlite3.SQLITE_NOTADB: "is not a bplab project",
        sqlite3.SQLITE_CORRUPT: "is damaged",
        sqlite3.SQLITE_FULL: "could not be written: no space left on device",
        sqlite3.SQLITE_READONLY: "could not be written: permission denied",
        sqlite3.SQLITE_CANTOPEN: "could not be opened",
        sqlite3.SQLITE_PERM: "could not be opened: permission denied",
        sqlite3.SQLITE_TOOBIG: "cannot hold something so large",
    }
    return sentences.get(_code(error)) or f"could not be read or written: {error}"
