"""Timing contenders in turns: what else the machine does then falls on all of them alike."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

TURN_SECONDS = 0.03
"""Short turns: what else the machine does then falls on all contenders alike."""
WARM_UP_STEPS = 20

Work = Callable[[int], Any]
"""Does so many steps of one kind."""


def repeated(step: Callable[[], Any]) -> Work:
    """The work that takes ``step`` so many times."""

    def work(count: int) -> None:
        for _ in range(count):
            step()

    return work


def medians(works: dict[str, tuple[Work, int]], repeats: int, seconds: float) -> dict[str, float]:
    """µs a step of each work, taking turns of about ``seconds``, a multiple of its unit of steps each."""
    counts = {}
    for name, (work, unit) in works.items():
        work(max(unit, WARM_UP_STEPS))
        begun = perf_counter()
        work(unit * -(-WARM_UP_STEPS // unit))
        units = seconds / (perf_counter() - begun) * -(-WARM_UP_STEPS // unit)
        counts[name] = unit * max(1, round(units))
    times: dict[str, list[float]] = {name: [] for name in works}
    gc.collect()
    for turn in range(repeats):
        for name in list(works)[:: -1 if turn % 2 else 1]:  # nobody always follows the same one
            work = works[name][0]
            begun = perf_counter()
            work(counts[name])
            times[name].append((perf_counter() - begun) / counts[name] * 1e6)
    return {name: statistics.median(values) for name, values in times.items()}
