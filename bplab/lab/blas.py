"""One rule for the number of BLAS threads, for window and shell alike.

A product over two threads differs in its last bits from the same product over one, so the number is part
of a run: it follows from experiment and machine, is written into the record, and a replay uses the run's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_info, threadpool_limits

from .experiment import Experiment

WORTH_THREADS = 2e7
"""Multiplications per update above which a second thread pays for waking it."""
MOST_THREADS = 4


def blas_threads(experiment: Experiment, batch: int) -> int:
    """Threads for batches of ``batch`` samples on this machine: 1 for small networks, up to 4 for large ones."""
    heavy = 3.0 * sum(place.products for place in experiment.places()) * batch > WORTH_THREADS
    return min(MOST_THREADS, os.cpu_count() or 1) if heavy else 1


def blas_name() -> str:
    """The library that multiplies matrices, and the processor that its kernels are made for."""
    found = [library for library in threadpool_info() if library["user_api"] == "blas"]
    if not found:
        return "a library that does not tell its name"
    return f"{found[0]['internal_api']} {found[0].get('version', '')} for {found[0].get('architecture', 'any')}"


class Hold:
    """A block's wish for a number of threads."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self.overridden = False
        """True once a later block has wished for another number: products since then may have other last bits."""


class _Holders:
    """Who wants how many threads now. The number is the process's, so the newest one counts for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted: list[Hold] = []
        self._before: threadpool_limits | None = None

    def enter(self, threads: int, only_if_free: bool = False) -> Hold | None:
        """Apply a number; what is returned gives it back. None, if it shall be free and others want another one."""
        holder = Hold(threads)
        with self._lock:
            others = [other for other in self._wanted if other.threads != threads]
            if others and only_if_free:
                return None
            for other in others:
                other.overridden = True
            if self._before is None:
                self._before = threadpool_limits(None, user_api="blas")
            self._wanted.append(holder)
            self._apply(threads)
        return holder

    def leave(self, holder: Hold | None) -> None:
        """Back to the newest number that is still wanted, or to what was before all of them."""
        if holder is None:
            return
        with self._lock:
            self._wanted = [other for other in self._wanted if other is not holder]
            if self._wanted:
                self._apply(self._wanted[-1].threads)
            elif self._before is not None:
                self._before.restore_original_limits()
                self._before = None

    @staticmethod
    def _apply(threads: int) -> None:
        threadpool_limits(threads, user_api="blas")


_HOLDERS = _Holders()


@contextmanager
def limited_blas(threads: int) -> Iterator[None]:
    """BLAS uses ``threads`` threads, in the whole process, while the block runs; blocks of two threads may overlap."""
    holder = _HOLDERS.enter(threads)
    try:
        yield
    finally:
        _HOLDERS.leave(holder)


@contextmanager
def blas_if_free(threads: int) -> Iterator[Hold | None]:
    """The same for work that can wait: nothing changes, and it gets None, while blocks elsewhere use another number.

    What it gets otherwise tells if such a block has begun since.
    """
    holder = _HOLDERS.enter(threads, only_if_free=True)
    try:
        yield holder
    finally:
        _HOLDERS.leave(holder)
