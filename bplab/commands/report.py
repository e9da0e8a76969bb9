"""``bplab report``: writes the report of a run that a project holds."""

from __future__ import annotations

import argparse
from pathlib import Path

from bplab.engine import InputError
from bplab.lab.project import SUFFIX, Project
from bplab.lab.report import subject_of_saved, write_report

from .arguments import PAGE, check_target, count
from .shell import DONE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """A project, the page to write, and which run."""
    parser.add_argument("project", type=Path, metavar=f"FILE{SUFFIX}", help="the project")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE.html", help="where to write it")
    parser.add_argument("--run", type=count, metavar="N", help="which run of the project; by default the newest")


def run(choice: argparse.Namespace) -> int:
    """Write the page."""
    check_target(choice.output, PAGE)
    with Project.open(choice.project, read_only=True) as project:
        kept = [info.id for info in project.runs() if info.updates]
        if not kept and choice.run is None:
            raise InputError(f"{choice.project.name} holds no run yet; train it first")
        saved = project.load_run(choice.run or kept[-1])
    write_report(choice.output, subject_of_saved(saved.experiment, saved.record, saved.checkpoint, saved.updates))
    return DONE
