"""How evenly the window redraws while a network trains at full speed, and how much of its speed is left.

A frame ends when the event loop has run the handlers of a tick and every paint event that they caused. The
interval between two such ends is what an eye sees; a timer's own regularity would say nothing about it.

Window and shell take turns, for what else the machine does falls on both of them then.
"""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from itertools import pairwise
from time import perf_counter

import numpy as np
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

from bplab.gui.session import Session
from bplab.lab.blas import limited_blas
from bplab.lab.run import RunState
from bplab.lab.runner import Runner

from .window_stage import Stage, spin

TURNS = 3
"""The window's time is divided into so many turns; headless ones stand between them, and at both ends."""
HEADLESS_SECONDS = 0.7
WARM_UP_MS = 1_000
"""What is drawn for the first time takes longer, once; it is not counted."""
GAP_MS = 100.0
"""A longer interval is seen as a stop."""


@dataclass(frozen=True)
class Frames:
    """Intervals between redraws, in ms."""

    p50_ms: float
    p95_ms: float
    max_ms: float
    gaps: int
    """Intervals of more than ``GAP_MS``."""


@dataclass(frozen=True)
class Speed:
    """Updates per second, medians over the turns."""

    steps_per_second: float
    headless_steps_per_second: float
    share: float
    """Of the headless speed, that is left in the window: the median of what each turn leaves."""


def measure_frames(stage: Stage, seconds: float) -> tuple[Frames, Speed]:
    """``seconds`` of training in the window; ``RuntimeError`` if it does not redraw or the run ends."""
    shell = [headless_speed(stage.session)]
    intervals: list[float] = []
    speeds: list[float] = []
    for _ in range(TURNS):
        taken, pace = watch(stage, seconds / TURNS)
        intervals += taken
        speeds.append(pace)
        shell.append(headless_speed(stage.session))
    if not intervals:
        raise RuntimeError("the window did not redraw")
    beside = [0.5 * (before + after) for before, after in pairwise(shell)]
    shares = [pace / headless for pace, headless in zip(speeds, beside, strict=True)]
    middle, late, longest = (float(value) for value in np.percentile(intervals, (50, 95, 100)))
    gaps = sum(interval > GAP_MS for interval in intervals)
    speed = Speed(*(statistics.median(values) for values in (speeds, beside, shares)))
    return Frames(middle, late, longest, gaps), speed


def headless_speed(session: Session) -> float:
    """Updates per second of the session's experiment, record and all, with no window about."""
    runner = Runner(session.experiment, problem=session.problem)
    with limited_blas(runner.record.blas_threads):
        runner.advance(1)
        updates, begun = runner.updates, perf_counter()
        while perf_counter() - begun < HEADLESS_SECONDS:
            runner.advance(100)
        return (runner.updates - updates) / (perf_counter() - begun)


def watch(stage: Stage, seconds: float) -> tuple[list[float], float]:
    """Train and let the event loop run; intervals in ms and updates per second after the warm-up."""
    session = stage.session
    clock = FrameClock(session, stage.window)
    session.play()
    spin(WARM_UP_MS)
    clock.ends.clear()
    assert session.run is not None
    begun, updates = perf_counter(), session.run.updates
    spin(1000.0 * seconds)
    speed = (session.run.updates - updates) / (perf_counter() - begun)
    if session.run.state is not RunState.RUNNING:
        raise RuntimeError(f"the run did not last: it is {session.run.state.value}")
    session.pause()
    session.run.wait_idle()
    session.tick()  # nothing of the window moves beside a headless turn
    clock.deleteLater()
    return clock.intervals(), speed


class FrameClock(QObject):
    """Notes when redraws are over, as the event loop sees it."""

    def __init__(self, session: Session, window: QWidget) -> None:
        super().__init__(window)
        self.ends: dict[int, float] = {}
        """Tick → time at which all that it caused had been drawn, in seconds."""
        self._tick = 0
        session.ticked.connect(self._on_ticked)
        window.installEventFilter(self)

    def intervals(self) -> list[float]:
        """Milliseconds between the ends of successive redraws."""
        ends = list(self.ends.values())
        return [1000.0 * (late - early) for early, late in pairwise(ends)]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window is about to paint: when the loop comes to a timer that is due at once, it has painted."""
        if event.type() == QEvent.Type.UpdateRequest and self._tick:
            QTimer.singleShot(0, self._on_drawn)
        return False

    def _on_ticked(self) -> None:
        self._tick += 1

    def _on_drawn(self) -> None:
        self.ends[self._tick] = perf_counter()
