"""What the window costs: how evenly it redraws while a small net trains at full speed, and how much speed is left.

A frame ends when the event loop has run the handlers of a tick and every paint event that they caused. The
interval between two such ends is what an eye sees; a timer's own regularity would say nothing about it.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from bplab.data import Spiral
from bplab.engine import SGD, Dense, HalfSquaredError, Tanh
from bplab.gui.garbage import GuiGarbage
from bplab.gui.main_window import MainWindow
from bplab.gui.plots.plot_frame import PlotFrame
from bplab.gui.preferences import Preferences
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.blas import limited_blas
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.run import RunState
from bplab.lab.runner import Runner

HIDDEN = (8, 8, 8)
BATCH = 32
ENDLESS = 1_000_000
"""Epochs, so that no machine comes to the end of the run."""
SLICES, SLICE_SECONDS = 3, 0.7
"""Headless speed is the median of so many slices before the window and as many after it."""
WARM_UP_MS = 1_000
"""What is drawn for the first time takes longer, once; it is not counted."""
SIZE = (1600, 1000)


def _positive(text: str) -> float:
    """A length of time, for argparse."""
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= 3600.0:
        raise argparse.ArgumentTypeError(f"expected seconds, at most 3600, got {text}")
    return number


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``bplab bench window``."""
    parser.add_argument("--seconds", type=_positive, default=10.0, help="how long to train beside the window")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def main(arguments: argparse.Namespace) -> int:
    """Measure and print; 1 if the window did not show all plots or did not redraw."""
    app = application()
    experiment = bench_experiment()
    before = [headless_speed(experiment) for _ in range(SLICES)]
    frames, speed = measure(app, experiment, arguments.seconds)
    after = [headless_speed(experiment) for _ in range(SLICES)]
    if len(frames) < 2:
        print("the window did not redraw", file=sys.stderr)
        return 1
    middle, late, longest = (float(value) for value in np.percentile(frames, (50, 95, 100)))
    run = {
        "shape": "-".join(str(units) for units in (2, *HIDDEN, 1)),
        "batch": BATCH,
        "frames": {"p50_ms": round(middle, 2), "p95_ms": round(late, 2), "max_ms": round(longest, 2)},
        "steps_per_second": round(speed),
        "headless_steps_per_second": round(statistics.median(before + after)),
    }
    print(json.dumps({"runs": [run]}) if arguments.json else as_text(run))
    return 0


def application() -> QApplication:
    """The application; offscreen where there is no display."""
    no_display = not any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    if sys.platform.startswith("linux") and no_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    running = QApplication.instance()
    return running if isinstance(running, QApplication) else QApplication(sys.argv[:1])


def bench_experiment() -> Experiment:
    """2-8-8-8-1 on the spiral, batch 32, without an end."""
    layers = tuple(Dense(units, Tanh()) for units in (*HIDDEN, 1))
    plan = TrainingPlan(HalfSquaredError(), SGD(0.03), batch_size=BATCH, epochs=ENDLESS)
    return Experiment(Spiral(), NetworkDesign(layers), plan, name="Window benchmark")


def headless_speed(experiment: Experiment) -> float:
    """Updates per second of the same run, record and all, with no window about."""
    runner = Runner(experiment)
    with limited_blas(runner.record.blas_threads):
        begun = perf_counter()
        while perf_counter() - begun < SLICE_SECONDS:
            runner.advance(1_000)
        return runner.updates / (perf_counter() - begun)


def measure(app: QApplication, experiment: Experiment, seconds: float) -> tuple[list[float], float]:
    """Frame intervals in ms, and updates per second, of ``seconds`` of training in the real window.

    Nothing stays behind: neither the document nor the layout of the window, nor does the user's own layout count.
    """
    theme = Theme()
    theme.apply()
    session, garbage = Session(experiment), GuiGarbage()
    with TemporaryDirectory(prefix="bplab-bench-", ignore_cleanup_errors=True) as folder:
        window = MainWindow(session, theme, Preferences(Path(folder) / "bplab.ini"))
        session.set_tempo("full")
        garbage.start()
        try:
            window.resize(*SIZE)
            window.show()
            window.layouts.show_all()
            app.processEvents()
            hidden = [plot.title for plot in window.findChildren(PlotFrame) if hides(plot)]
            if hidden:
                raise RuntimeError(f"the window does not show: {', '.join(hidden)}")
            return watch(session, window, seconds)
        finally:
            garbage.stop()
            window.reports.close()
            window.documents.close(keep=False)
            window.hide()
            window.deleteLater()
            app.processEvents()


def hides(plot: PlotFrame) -> bool:
    """True if nobody can see the plot."""
    return not plot.isVisible() or plot.visibleRegion().isEmpty()


def watch(session: Session, window: QWidget, seconds: float) -> tuple[list[float], float]:
    """Train and let the event loop run; intervals in ms and updates per second after the warm-up."""
    clock = FrameClock(session, window)
    session.set_tempo("full")
    session.play()
    _spin(WARM_UP_MS)
    clock.ends.clear()
    assert session.run is not None
    begun, updates = perf_counter(), session.run.updates
    _spin(round(1000 * seconds))
    speed = (session.run.updates - updates) / (perf_counter() - begun)
    if session.run.state is not RunState.RUNNING:
        raise RuntimeError(f"the run did not last: it is {session.run.state.value}")
    session.pause()
    session.run.wait_idle()
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


def _spin(milliseconds: int) -> None:
    """Run the event loop; not the application's own, whose end would tell everyone to clean up."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def as_text(run: dict[str, Any]) -> str:
    """The result for people."""
    frames, speed, headless = run["frames"], run["steps_per_second"], run["headless_steps_per_second"]
    return "\n".join(
        [
            f"window     {run['shape']}, batch {run['batch']}, all plots visible",
            f"frames     p50 {frames['p50_ms']:.1f} ms   p95 {frames['p95_ms']:.1f} ms   max {frames['max_ms']:.1f} ms",
            f"training   {speed:,} steps/s in the window, {headless:,} headless ({100 * speed / headless:.0f} %)",
        ]
    )
