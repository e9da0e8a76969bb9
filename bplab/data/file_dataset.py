"""One's own files as data: read once, and remembered until they change on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, ClassVar, Self

import msgspec

from bplab.engine.errors import InputError

from .base import Dataset, Samples
from .files import Watch, check_file

_SPLIT_FIELDS = {"seed", "test_fraction", "standardize", "standardize_target"}
"""What is done with samples after they are read."""


class SampleMemory:
    """The samples that were read last: always the newest, and earlier ones while all fit into ``max_bytes``."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._kept: dict[Hashable, Samples] = {}
        self._lock = threading.Lock()

    def recall(self, key: Hashable, read: Callable[[], Samples]) -> Samples:
        """The samples kept under ``key``; read, and made read-only, if there are none."""
        with self._lock:
            known = self._kept.pop(key, None)
            if known is not None:
                self._kept[key] = known
                return known
        samples = read().locked()  # may take seconds: others need not wait
        with self._lock:
            self._kept[key] = samples
            while len(self._kept) > 1 and sum(map(_size, self._kept.values())) > self._max_bytes:
                del self._kept[next(iter(self._kept))]
        return samples


_memory = SampleMemory(max_bytes=2**28)


def _size(samples: Samples) -> int:
    return samples.inputs.nbytes + samples.targets.nbytes


class FileDataset(Dataset):
    """Base of the datasets in files. A member defines ``read_files``, and names the fields that hold paths.

    The samples of the files last read are remembered, whatever dataset asks for them, until a file changes on disk.
    """

    __slots__ = ()
    path_fields: ClassVar[tuple[str, ...]] = ("path",)
    file_kind: ClassVar[str]
    """What messages call such a file: ``CSV file``."""
    max_bytes: ClassVar[int]
    """A larger file is refused."""

    def read_files(self, watch: Watch) -> Samples:
        """Read the files, which are there and not too large; arrays to be kept."""
        raise NotImplementedError

    def paths(self) -> tuple[Path, ...]:
        """The files, absolute; ``InputError`` while one has not been chosen."""
        chosen = [getattr(self, field) for field in self.path_fields]
        if not all(chosen):
            raise InputError(f"no {self.file_kind} has been chosen yet")
        return tuple(Path(path).absolute() for path in chosen)

    def resolved(self, base: Path) -> Self:
        """The same dataset with relative paths taken from the folder ``base``."""
        chosen = {field: getattr(self, field) for field in self.path_fields}
        changes = {field: str(base.absolute() / path) for field, path in chosen.items() if path}
        same: Any = self
        return msgspec.structs.replace(same, **changes)  # type: ignore[no-any-return]

    def load(self) -> Samples:
        """All samples in the order of the file; read-only arrays."""
        return self.read()

    def read(
        self, progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None
    ) -> Samples:
        """``load``, watched: ``progress`` is told the share that is read, 0 to 1, and ``cancelled`` asked to go on.

        Both are called often, in the thread that reads. Raises ``CancelledError`` once ``cancelled`` says yes.
        """
        self.check()
        states = [check_file(path, self.file_kind, self.max_bytes) for path in self.paths()]
        kind: Any = type(self)
        apart = {*_SPLIT_FIELDS, *self.path_fields}
        how = (getattr(self, name) for name in kind.__struct_fields__ if name not in apart)
        key = (kind, self.paths(), tuple(how), tuple((state.st_mtime_ns, state.st_size) for state in states))
        return _memory.recall(key, lambda: self.read_files(Watch(progress, cancelled)))
