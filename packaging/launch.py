#!/usr/bin/env python3
"""Set bplab up and start it, from nothing but a checkout and Python.

    python3 packaging/launch.py              open the window (without a display: train digits, write a report)
    python3 packaging/launch.py FILE         open a .bplab project or a .json experiment
    python3 packaging/launch.py COMMAND ...  any command of the shell: train, report, list, ...
    python3 packaging/launch.py test         run every check; arguments after "test" go to pytest, which then runs alone

The first start makes .venv beside this folder and installs bplab there; later starts find it ready.
"""

import sys

OLDEST = (3, 11)


def refusal(version):
    """The line that sends an older Python away; empty for one that will do."""
    if tuple(version[:2]) >= OLDEST:
        return ""
    return "bplab needs Python {}.{} or newer, and this is Python {}.{}.{}: start it with a newer one.".format(
        *(OLDEST + tuple(version[:3]))
    )


# Before the other imports, which use what older Pythons lack; this file keeps to what Python 3.6 can read.
if refusal(sys.version_info):
    sys.exit(refusal(sys.version_info))

import contextlib
import os
import subprocess
from pathlib import Path

import checks
import lock
import system_packages
from environment import Environment, Plan
from messages import SetupError, tell
from system_packages import BASE, VENV, WAYLAND, X11, XVFB

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = (".bplab", ".json")


def has_display(platform, variables):
    """Whether a window can be seen: always on macOS and Windows, elsewhere where X or Wayland is named."""
    return platform in ("darwin", "win32") or bool(variables.get("DISPLAY") or variables.get("WAYLAND_DISPLAY"))


def opens_window(arguments):
    """Whether bplab, given these arguments, opens its window: with none at all or with a document."""
    return not arguments or (len(arguments) == 1 and arguments[0].lower().endswith(DOCUMENTS))


def without_window(arguments):
    """Arguments that do the same work in the shell: train the document (or digits) and write its report."""
    experiment = arguments[0] if arguments else "digits"
    return ["train", experiment, "--report", Path(experiment).stem + "-report.html"]


def start(arguments):
    """Start bplab with these arguments; on Unix this process becomes bplab, so that it returns only on Windows."""
    window = opens_window(arguments)
    display = has_display(sys.platform, os.environ)
    if window and display:
        python, _ = set_up([BASE, X11 if os.environ.get("DISPLAY") else WAYLAND])
    else:
        python, problem = set_up([], wished=[BASE])
        if problem:
            tell("This will do without a window. Before the window can open: {}".format(problem))
    if window and not display:
        arguments = without_window(arguments)
        print("No display here: bplab trains {1} without a window and writes {3}.".format(*arguments), flush=True)
    return become([str(python), "-m", "bplab", *arguments])


def test(arguments):
    """Run every check, or pytest alone with these arguments; the exit code is 0 when all is well."""
    python, problem = set_up([BASE], wished=[X11, XVFB], extras=["dev"])
    if arguments:
        return checks.run_tests(python, ROOT, arguments)
    return checks.run_all(python, ROOT, problem)


def set_up(needed, wished=(), extras=()):
    """Make ``.venv`` and the system's packages ready, one start at a time.

    Returns the environment's Python, and a line on what keeps Qt from working with the wished groups (empty if
    nothing does). Raises SetupError where a needed group keeps it.
    """
    with lock.locked(Path(__file__)) as held:
        environment = Environment(ROOT, [held])
        plan = environment.plan(extras)
        if plan is Plan.REBUILD:
            environment.clear()
            needed = [VENV, *needed]
        system_packages.install_missing(needed + list(wished), environment.log)
        if system_packages.missing(needed):
            raise SetupError(system_packages.advice(needed + list(wished)))
        if plan is Plan.REBUILD:
            environment.create()
        if plan is not Plan.KEEP:
            environment.install(extras)
        if obstacle(environment, needed):
            raise SetupError(obstacle(environment, needed))
        return environment.python, obstacle(environment, wished)


def obstacle(environment, groups):
    """What keeps Qt from working with these groups of system packages, in one line; empty if nothing does."""
    plugins = [group.plugin for group in groups if group.plugin]
    return system_packages.advice(groups) or (environment.qt_problem(plugins) if plugins else "")


def become(command):
    """Become this program (Unix), or run it to its end and return its exit code (Windows)."""
    if os.name == "posix":
        os.execv(command[0], command)
    process = subprocess.Popen(command)
    while True:
        with contextlib.suppress(KeyboardInterrupt):  # Ctrl+C reaches the program too, which ends if it wants to
            return process.wait()


def main(arguments):
    """Do what the arguments ask; returns the exit code."""
    if arguments[:1] in (["-h"], ["--help"]):
        print(__doc__.strip())
        return 0
    try:
        return test(arguments[1:]) if arguments[:1] == ["test"] else start(arguments)
    except (SetupError, OSError) as error:
        tell("bplab: {}".format(error))
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
