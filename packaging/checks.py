"""Every check of the project, one after the other, each run whatever became of the one before."""

import contextlib
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

MONKEY = "5000"
"""Random actions in the window; a run of pytest alone takes fewer."""


class Result(NamedTuple):
    """What became of a check: ``passed`` is None where it could not be made here."""

    name: str
    passed: bool | None
    remark: str


def run_all(python: Path, root: Path, no_window: str) -> int:
    """Run the checks with this Python; the exit code is 0 if none failed.

    ``no_window`` says why the real window cannot be tried here; empty if it can.
    """
    results = [
        _check("ruff", [python, "-m", "ruff", "check", "."], root),
        _check("mypy", [python, "-m", "mypy"], root),
        _real_window(python, root, no_window),
        _check("tests", [python, "-m", "pytest"], root, QT_QPA_PLATFORM="offscreen", BPLAB_MONKEY=MONKEY),
    ]
    print(f"\n{summary(results)}", flush=True)
    return int(any(result.passed is False for result in results))


def run_tests(python: Path, root: Path, arguments: Sequence[str]) -> int:
    """Run pytest with these arguments, offscreen, and return its exit code."""
    offscreen = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    return subprocess.run([python, "-m", "pytest", *arguments], cwd=root, env=offscreen).returncode


def summary(results: Sequence[Result]) -> str:
    """A line for each check, with its name, what became of it and the remark."""
    words = {True: "ok", False: "FAILED", None: "skipped"}
    return "\n".join(f"{result.name:<12} {words[result.passed]:<8} {result.remark}" for result in results)


def _real_window(python: Path, root: Path, obstacle: str) -> Result:
    """The tests that want a real X server, under Xvfb."""
    name = "real window"
    if not sys.platform.startswith("linux"):
        return Result(name, None, "Xvfb is for Linux")
    if obstacle or not shutil.which("Xvfb"):
        return Result(name, None, obstacle or "there is no Xvfb")
    with _virtual_display() as display:
        if not display:
            return Result(name, False, "Xvfb did not start")
        return _check(name, [python, "-m", "pytest", "-m", "xserver"], root, DISPLAY=display, QT_QPA_PLATFORM="xcb")


@contextlib.contextmanager
def _virtual_display() -> Iterator[str]:
    """An X server without a screen; yields its display, e.g. ``:99``, empty if it did not start in 30 s."""
    reading, writing = os.pipe()
    options = ["-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset", "-displayfd", str(writing)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(["Xvfb", *options], pass_fds=(writing,), stdout=quiet, stderr=quiet)
    os.close(writing)
    try:
        with os.fdopen(reading) as numbers:
            ready, _, _ = select.select([numbers], [], [], 30)
            number = numbers.readline().strip() if ready else ""
        yield f":{number}" if number else ""
    finally:
        server.terminate()
        server.wait()


def _check(name: str, command: Sequence[str | Path], root: Path, **variables: str) -> Result:
    """Run one check, its output as it comes."""
    print(f"\n--- {name}", flush=True)
    began = time.monotonic()
    code = subprocess.run(command, cwd=root, env=os.environ | variables).returncode
    remark = f"{time.monotonic() - began:.0f} s" + (f", exit code {code}" if code else "")
    return Result(name, code == 0, remark)
