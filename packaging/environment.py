"""The checkout's ``.venv``: made once, brought up to date when its recipe changes, made anew when it is broken.

A stamp inside it says what it was made from and whether the making came to its end. A start that finds the stamp
as it should be does nothing else, so it costs no time.
"""

import dataclasses
import enum
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from messages import SetupError, show_progress, tell

RECIPE = 1  # raised when what this module does to make the environment changes
QT_PROBE = """
import ctypes, pathlib, sys
import PySide6.QtSvg, PySide6.QtWidgets
for plugin in sys.argv[1:] if sys.platform == "linux" else ():
    ctypes.CDLL(str(pathlib.Path(PySide6.__file__).parent / "Qt" / "plugins" / "platforms" / plugin))
"""
# What pip writes when it fails for a reason that a person can do something about.
PIP_FAILURES = {
    "No space left on device": "the disk is full",
    "NewConnectionError": "no package server could be reached (is there a network?)",
    "NameResolutionError": "no package server could be reached (is there a network?)",
    "ConnectTimeoutError": "no package server could be reached (is there a network?)",
    "ReadTimeoutError": "the package server stopped answering",
    "ProxyError": "the network's proxy refused",
    "SSLError": "the package server's certificate was refused",
    "DO NOT MATCH THE HASHES": "a download arrived damaged",
    "(from versions: none)": "the package server could not be reached or does not have every library",
}


class Plan(enum.Enum):
    """What a start has to do about ``.venv``."""

    KEEP = "nothing"
    INSTALL = "let pip bring it up to date"
    REBUILD = "make it anew"


@dataclasses.dataclass(frozen=True)
class Stamp:
    """What ``.venv`` was made from.

    ``made_by`` is the Python and the folder, ``sources`` a digest of the files that say what to install, ``qt`` the
    Qt plugins that have been seen to load; ``complete`` is off from an install's beginning to its end.
    """

    made_by: str
    sources: str
    extras: tuple[str, ...] = ()
    qt: tuple[str, ...] = ()
    complete: bool = False

    @classmethod
    def read(cls, path: Path) -> "Stamp | None":
        """The stamp in this file; None where there is none or it cannot be understood."""
        try:
            values = json.loads(path.read_text(encoding="utf-8"))
            return cls(**values | {name: tuple(values[name]) for name in ("extras", "qt")})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def write(self, path: Path) -> None:
        """Put the stamp into this file, whole or not at all."""
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(dataclasses.asdict(self), indent=1), encoding="utf-8")
        beside.replace(path)


def plan(found: Stamp | None, wanted: Stamp, python_works: bool) -> Plan:
    """What to do, given the stamp that was found, the one wanted, and whether ``.venv``'s Python and pip run.

    An environment without a stamp was made by hand: if it works, bplab is installed into it. One whose stamp says
    that an install began and never ended may lack any file, and pip would not notice: it is made anew.
    """
    if not python_works or (found and (not found.complete or found.made_by != wanted.made_by)):
        return Plan.REBUILD
    if found and found.sources == wanted.sources and set(wanted.extras) <= set(found.extras):
        return Plan.KEEP
    return Plan.INSTALL


def pip_failure(output: str) -> str:
    """Why pip failed, in a few words, from what it wrote."""
    for sign, reason in PIP_FAILURES.items():
        if sign in output:
            return reason
    lacking = re.search(r"No matching distribution found for (\S+)", output)
    if lacking:
        return f"there is no {lacking[1]} for this system with Python {sys.version_info[0]}.{sys.version_info[1]}"
    return "pip gave up"


class Environment:
    """The ``.venv`` of the checkout at ``root``; ``inherited`` are open descriptors that its installers hold on to."""

    def __init__(self, root: Path, inherited: Sequence[int] = ()) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        self.log = self.folder / "install.log"
        self._stamp_path = self.folder / "bplab-stamp.json"
        self._inherited = tuple(inherited) if os.name == "posix" else ()

    def wanted(self, extras: Sequence[str]) -> Stamp:
        """The stamp of an environment that is as it should be now."""
        sources = [str(RECIPE).encode()]
        sources += [(self.root / name).read_bytes() for name in ("pyproject.toml", "packaging/constraints.txt")]
        made_by = f"Python {sys.version_info[0]}.{sys.version_info[1]} for {self.root}"
        return Stamp(made_by, hashlib.sha256(b"\0".join(sources)).hexdigest(), tuple(extras))

    def plan(self, extras: Sequence[str]) -> Plan:
        """What has to be done for these extras (``dev`` or none)."""
        found, wanted = Stamp.read(self._stamp_path), self.wanted(extras)
        if self.python.exists() and plan(found, wanted, python_works=True) is Plan.KEEP:
            return Plan.KEEP  # without starting a Python to see that it starts
        return plan(found, wanted, self._python_works())

    def clear(self) -> None:
        """Leave an empty folder, marked as being made."""
        if (self.folder / "pyvenv.cfg").exists():
            tell("The .venv here is unfinished, broken or made by another Python: making it anew.")
        try:
            if self.folder.exists():
                shutil.rmtree(self.folder)
            self.folder.mkdir()
            self.wanted(()).write(self._stamp_path)
        except OSError as error:
            raise SetupError(f"cannot make {self.folder}: {error.strerror or error}") from error

    def create(self) -> None:
        """Put a Python with pip into the empty folder."""
        tell(f"Making .venv with Python {'.'.join(map(str, sys.version_info[:3]))}.")
        base = getattr(sys, "_base_executable", None) or sys.executable
        failed, _ = self._run([base, "-m", "venv", "--prompt", "bplab", str(self.folder)])
        if failed:
            raise SetupError(f"Python could not make .venv; what it said is in {self.log}")

    def install(self, extras: Sequence[str]) -> None:
        """Let pip install bplab, editable, and what it needs; extras that were there stay."""
        found, wanted = Stamp.read(self._stamp_path), self.wanted(extras)
        kept = tuple(sorted({*extras, *(found.extras if found else ())}))
        stamp = dataclasses.replace(wanted, extras=kept)
        stamp.write(self._stamp_path)
        tell("Installing bplab and its libraries into .venv (a minute or two the first time).")
        options = ["--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
        what = ["--constraint", "packaging/constraints.txt", "--editable", f".[{','.join(kept)}]" if kept else "."]
        failed, output = self._run([str(self.python), "-m", "pip", "install", *options, *what])
        if failed:
            if found and found.complete:
                found.write(self._stamp_path)  # pip leaves what was there untouched when it fails by itself
            raise SetupError(f"could not install the libraries: {pip_failure(output)}. What pip said: {self.log}")
        dataclasses.replace(stamp, complete=True).write(self._stamp_path)

    def qt_problem(self, plugins: Sequence[str]) -> str:
        """Why Qt does not load with these platform plugins, as one sentence; empty if it does, which is remembered."""
        stamp = Stamp.read(self._stamp_path)
        if stamp and set(plugins) <= set(stamp.qt):
            return ""
        probe = subprocess.run([self.python, "-c", QT_PROBE, *plugins], capture_output=True, text=True)
        if probe.returncode:
            last = (probe.stderr.strip().splitlines() or [f"exit code {probe.returncode}"])[-1]
            return f"Qt does not load here: {last}"
        if stamp:
            dataclasses.replace(stamp, qt=tuple(sorted({*plugins, *stamp.qt}))).write(self._stamp_path)
        return ""

    def _python_works(self) -> bool:
        """Whether the environment's Python is of this version and has pip."""
        probe = f"import sys, pip; sys.exit(sys.version_info[:2] != {sys.version_info[:2]!r})"
        try:
            return subprocess.run([self.python, "-c", probe], capture_output=True).returncode == 0
        except OSError:
            return False

    def _run(self, command: Sequence[str]) -> tuple[int, str]:
        """Run a step of the making: its exit code and output, which is also logged and, on a terminal, shown."""
        output = []
        with self.log.open("a", encoding="utf-8") as log, subprocess.Popen(
            command,
            cwd=self.root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
            pass_fds=self._inherited,
        ) as process:
            for line in process.stdout or ():
                log.write(line)
                output.append(line)
                show_progress(line)
        show_progress("")
        return process.returncode, "".join(output)
