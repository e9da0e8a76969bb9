"""What the window costs: how evenly it redraws while a network trains, what speed that leaves, how soon an edit is
seen, and how smoothly the canvas moves.

Two networks train in the real window with every panel in sight and the canvas coloured by gradients: a small one,
whose updates are many and short, and one for images, whose updates and pictures are large. Two more fill the canvas.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from PySide6.QtWidgets import QApplication

from bplab.lab.experiment import Experiment

from .window_edits import measure_edits
from .window_frames import GAP_MS, measure_frames
from .window_moves import measure_moves
from .window_nets import images, shape_of, spiral
from .window_stage import COLOUR_BY, application, staged, without_idle_talk

ROUNDS = 3
"""Each makes ten edits."""


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
    parser.add_argument("--seconds", type=_positive, default=10.0, help="how long each network trains in the window")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def main(arguments: argparse.Namespace) -> int:
    """Measure and print; 1 if the window did not show all panels, or did not redraw."""
    app = application()
    try:
        with TemporaryDirectory(prefix="bplab-bench-", ignore_cleanup_errors=True) as folder, without_idle_talk():
            home = Path(folder)
            trained, moved = networks(home)
            result = {
                "runs": [run_of(app, one, home, arguments.seconds) for one in trained],
                "canvas": [canvas_of(app, one, home) for one in moved],
            }
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    print(json.dumps(rounded(result)) if arguments.json else as_text(result))
    return 0


def networks(home: Path) -> tuple[list[Experiment], list[Experiment]]:
    """Those that train, and those that are zoomed and panned; a file of images is written to ``home``."""
    return [spiral(8, 8, 8), images(home, 128, 64)], [spiral(*10 * (64,)), images(home, 512, 512)]


def run_of(app: QApplication, experiment: Experiment, home: Path, seconds: float) -> dict[str, Any]:
    """Frames, speed and edits while ``experiment`` trains in the window."""
    with staged(app, experiment, home) as stage:
        frames, speed = measure_frames(stage, seconds)
        edits = measure_edits(stage, ROUNDS)
        return {
            "shape": shape_of(experiment),
            "batch": experiment.training.batch_size,
            "colour_by": COLOUR_BY.title,
            "seconds": seconds,
            "panels": len(stage.window.docks),
            "frames": asdict(frames),
            **asdict(speed),
            "edits": asdict(edits),
        }


def canvas_of(app: QApplication, experiment: Experiment, home: Path) -> dict[str, Any]:
    """How smoothly the drawing of ``experiment`` is zoomed and panned."""
    with staged(app, experiment, home) as stage:
        moves = measure_moves(stage.window)
        return {"shape": shape_of(experiment)} | {way: asdict(found) for way, found in moves.items()}


def rounded(value: Any) -> Any:
    """The same with as many digits as mean something."""
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def as_text(result: dict[str, Any]) -> str:
    """The result for people."""
    runs = [line for run in result["runs"] for line in _run_lines(run)]
    return "\n".join(runs + [_canvas_line(canvas) for canvas in result["canvas"]])


def _run_lines(run: dict[str, Any]) -> list[str]:
    frames, edits = run["frames"], run["edits"]
    speed, headless = run["steps_per_second"], run["headless_steps_per_second"]
    kinds = ", ".join(f"{name} {taken:.0f}" for name, taken in edits["by_kind"].items())
    seen = f"{run['panels']} panels in sight, coloured by {run['colour_by']}"
    return [
        f"window     {run['shape']}, batch {run['batch']}, {seen}, {run['seconds']:g} s",
        f"frames     {_times(frames)}   gaps over {GAP_MS:.0f} ms: {frames['gaps']}",
        f"training   {speed:,.0f} steps/s in the window, {headless:,.0f} headless ({100 * run['share']:.0f} %)",
        f"edits      {_times(edits)}   from key or click to the painted frame, {edits['count']} of them",
        f"           medians in ms: {kinds}",
    ]


def _times(found: dict[str, Any]) -> str:
    return "   ".join(f"{name} {found[f'{name}_ms']:.1f} ms" for name in ("p50", "p95", "max"))


def _canvas_line(canvas: dict[str, Any]) -> str:
    told = (
        f"{way} {canvas[way]['fps']:.0f} fps (slowest {canvas[way]['max_ms']:.0f} ms, "
        f"sharp after {canvas[way]['settled_ms']:.0f} ms)"
        for way in ("zoom", "pan")
    )
    return f"canvas     {canvas['shape']}: {', '.join(told)}"
