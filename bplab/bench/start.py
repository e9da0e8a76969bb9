"""What starting costs: the import of the engine, and the way from a command to a window that is drawn.

Each start is a process of its own, as a person's is. The first one may have to read everything from the disk and is
told apart; the median of the others is what somebody meets who has started bplab before.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import time
from typing import Any

STARTS = 5
IMPORT = "from time import perf_counter as t; a = t(); import bplab.engine; print(t() - a)"
WINDOW = "from bplab.bench.start import draw_window; draw_window()"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``bplab bench start``."""
    parser.add_argument("--starts", type=_count, default=STARTS, help="how often each is started")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of text")


def _count(text: str) -> int:
    if not text.isdecimal() or not 2 <= int(text) <= 100:
        raise argparse.ArgumentTypeError(f"expected a number of starts from 2 to 100, got {text}")
    return int(text)


def main(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    with TemporaryDirectory(prefix="bplab-bench-", ignore_cleanup_errors=True) as home:
        environment = _environment(Path(home))
        result = {
            "import_engine": _summary([_seconds_inside(environment) for _ in range(arguments.starts)]),
            "window": _summary([_seconds_to_window(environment) for _ in range(arguments.starts)]),
        }
    print(json.dumps(result) if arguments.json else as_text(result))
    return 0


def draw_window() -> None:
    """In a process of its own: open the window as ``bplab`` does, and print the time at which it is drawn."""
    from PySide6.QtCore import QTimer

    from bplab.gui.app import Application, make_window
    from bplab.gui.errors import Hooks

    app, hooks = Application(["bplab"]), Hooks()
    hooks.install()
    window = make_window()
    window.show()
    window.repaint()

    def drawn() -> None:
        print(time(), flush=True)
        window.leave()
        app.quit()

    QTimer.singleShot(0, drawn)  # after the events with which a window system shows it
    app.exec()
    hooks.uninstall()


def _seconds_inside(environment: dict[str, str]) -> float:
    return float(_run(IMPORT, environment))


def _seconds_to_window(environment: dict[str, str]) -> float:
    begun = time()
    return float(_run(WINDOW, environment)) - begun


def _run(code: str, environment: dict[str, str]) -> str:
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise RuntimeError(f"a start failed:\n{done.stderr}")
    return done.stdout.split()[-1]


def _environment(home: Path) -> dict[str, str]:
    """That of this process, but with no settings or documents of the user's, and offscreen without a display."""
    folders = {f"XDG_{name}_HOME": str(home / name) for name in ("CONFIG", "DATA", "STATE")}
    folders |= {f"WIN_PD_OVERRIDE_{name}": str(home / name) for name in ("APPDATA", "LOCAL_APPDATA")}
    environment = {**os.environ, **folders, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    if sys.platform.startswith("linux") and not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    return environment


def _summary(seconds: list[float]) -> dict[str, float]:
    first, *others = seconds
    found = {"first_s": first, "median_s": statistics.median(others), "most_s": max(others)}
    return {name: round(value, 3) for name, value in found.items()}


def as_text(result: dict[str, Any]) -> str:
    """The result for people."""
    names = {"import_engine": "import of bplab.engine", "window": "start to a drawn window"}
    return "\n".join(
        f"{names[name]:<24} first {one['first_s']:.2f} s   median {one['median_s']:.2f} s   most {one['most_s']:.2f} s"
        for name, one in result.items()
    )
