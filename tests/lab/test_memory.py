"""A run of any length fits: its memory stops growing."""

import subprocess
import sys
import tracemalloc
from collections.abc import Callable

import pytest

from bplab.lab.experiment import Experiment, experiment_to_json
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


TRAINING = """
import os, pathlib, sys
from bplab.lab.experiment import experiment_from_json
from bplab.lab.runner import Runner

def resident():
    pages = pathlib.Path("/proc/self/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")

runner = Runner(experiment_from_json(sys.argv[1]))
runner.advance(1_000)  # what is loaded and made once is there now
before = resident()
runner.advance(300_000)
print(runner.updates, resident() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process's resident memory in a file")
def test_a_process_that_trains_for_long_hardly_grows(circle: Experiment) -> None:
    command = [sys.executable, "-c", TRAINING, experiment_to_json(circle)]
    told = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    updates, growth = map(int, told.split())
    assert updates == 301_000
    assert growth < 50 * 10**6
