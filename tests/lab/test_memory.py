"""A run of any length fits: its memory stops growing."""

import tracemalloc
from collections.abc import Callable

import pytest

from bplab.lab.experiment import Experiment
from bplab.lab.runner import Runner


def test_a_long_run_takes_no_more_memory_once_its_record_is_full(
    circle: Experiment, small_records: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    small_records(64)
    monkeypatch.setattr("bplab.lab.checkpoints.MOST", 16)
    runner = Runner(circle)
    tracemalloc.start()
    try:
        runner.advance(5_000)
        before, _ = tracemalloc.get_traced_memory()
        runner.advance(20_000)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Six times as many numbers are held between two rows now, at 32 bytes each: the only thing that may grow.
    assert after - before < 64 * 1024
