"""What bplab needs from Linux itself: which of it is missing, and how Debian's apt-get brings it.

Qt's wheels carry Qt and leave the system's own libraries (OpenGL, fonts, the X protocol) to the system. A desktop has
them all; a server or a container has few. macOS and Windows lack none.
"""

import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from messages import tell


class Need(NamedTuple):
    """A shared library (``libX.so.N``), a Python module (``module NAME``) or a program, and Debian's package of it."""

    name: str
    package: str


class Group(NamedTuple):
    """Needs of one purpose, and the Qt platform plugin that loads when they are met."""

    name: str
    needs: tuple[Need, ...]
    plugin: str = ""


VENV = Group("venv", (Need("module ensurepip", f"python3.{sys.version_info[1]}-venv"),))
BASE = Group(
    "base",
    (
        Need("libGL.so.1", "libgl1"),
        Need("libEGL.so.1", "libegl1"),
        Need("libgthread-2.0.so.0", "libglib2.0-0"),
        Need("libfontconfig.so.1", "libfontconfig1"),
        Need("libdbus-1.so.3", "libdbus-1-3"),
        Need("libxkbcommon.so.0", "libxkbcommon0"),
    ),
    "libqoffscreen.so",
)
X11 = Group(
    "x11",
    (
        Need("libxcb-cursor.so.0", "libxcb-cursor0"),
        Need("libxcb-icccm.so.4", "libxcb-icccm4"),
        Need("libxcb-keysyms.so.1", "libxcb-keysyms1"),
        Need("libxcb-shape.so.0", "libxcb-shape0"),
        Need("libxkbcommon-x11.so.0", "libxkbcommon-x11-0"),
    ),
    "libqxcb.so",
)
WAYLAND = Group(
    "wayland",
    (
        Need("libwayland-client.so.0", "libwayland-client0"),
        Need("libwayland-cursor.so.0", "libwayland-cursor0"),
    ),
    "libqwayland.so",
)
XVFB = Group("xvfb", (Need("Xvfb", "xvfb"),))


def present(name: str) -> bool:
    """Whether the need of this name is met on this machine."""
    if name.startswith("module "):
        return importlib.util.find_spec(name.removeprefix("module ")) is not None
    if ".so." not in name:
        return shutil.which(name) is not None
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


def missing(groups: Iterable[Group], is_present: Callable[[str], bool] = present) -> list[Need]:
    """The needs of these groups that are not met, in their order; none on macOS and Windows."""
    if not sys.platform.startswith("linux"):
        return []
    return [need for group in groups for need in group.needs if not is_present(need.name)]


def install_missing(groups: Iterable[Group], log: Path) -> None:
    """Let apt-get bring what these groups lack, where it may be used without asking: on Debian, as root.

    What apt-get prints is added to ``log``. Whether it helped is for :func:`missing` to say.
    """
    needs = missing(groups)
    if not needs or not has_apt() or os.geteuid() != 0:
        return
    tell(f"Installing system packages: {_packages(needs)}")
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    with log.open("ab") as out:
        for step in ("update", f"install --yes --no-install-recommends {_packages(needs)}"):
            command = ["apt-get", *step.split()]
            if subprocess.run(command, env=quiet, stdin=subprocess.DEVNULL, stdout=out, stderr=out).returncode:
                tell(f"apt-get {step.split()[0]} failed; what it said: {log}")
    importlib.invalidate_caches()


def has_apt() -> bool:
    """Whether this is Debian or a system made from it (Ubuntu, Mint, ...)."""
    return sys.platform == "linux" and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def advice(groups: Iterable[Group], is_present: Callable[[str], bool] = present, apt: bool | None = None) -> str:
    """One line that says how to get what these groups lack, empty if they lack nothing.

    The exact command where there is apt-get (``apt``; None finds out), the names of what is lacking elsewhere.
    """
    needs = missing(groups, is_present)
    if not needs:
        return ""
    if has_apt() if apt is None else apt:
        return f"system packages are missing, install them with: sudo apt-get install {_packages(needs)}"
    names = ", ".join(need.name.removeprefix("module ") for need in needs)
    return f"the system's package manager must bring what is missing here: {names}"


def _packages(needs: Sequence[Need]) -> str:
    return " ".join(dict.fromkeys(need.package for need in needs))
