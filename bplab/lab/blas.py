"""One rule for the number of BLAS threads, for window and shell alike.

A product over two threads differs in its last bits from the same product over one, so the number is part
of a run: it follows from experiment and machine, is written into the record, and a replay uses the run's.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from threadpoolctl import threadpool_limits

from .experiment import Experiment

WORTH_THREADS = 2e7
"""Multiplications per update above which a second thread pays for waking it."""
MOST_THREADS = 4


def blas_threads(experiment: Experiment) -> int:
    """Threads for this experiment on this machine: 1 for small networks, up to 4 for large ones."""
    widths = [experiment.data.describe().inputs, *(layer.units for layer in experiment.network.layers)]
    weights = sum(before * after for before, after in pairwise(widths))
    heavy = 3.0 * weights * experiment.training.batch_size > WORTH_THREADS
    return min(MOST_THREADS, os.cpu_count() or 1) if heavy else 1


@contextmanager
def limited_blas(threads: int) -> Iterator[None]:
    """BLAS uses ``threads`` threads, in the whole process, while the block runs."""
    with threadpool_limits(threads, user_api="blas"):
        yield
