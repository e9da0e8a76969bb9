"""A project that is open stays locked, whatever else its process does with the file."""

import subprocess
import sys
from pathlib import Path

import pytest

from bplab.lab.database import InUseError
from bplab.lab.experiment import load_experiment
from bplab.lab.project import Project

LOOK = """
import sys
from pathlib import Path
from bplab.lab.database import InUseError
from bplab.lab.project import Project
try:
    Project.open(Path(sys.argv[1]), wait=0.0).close()
except InUseError:
    print("in use")
else:
    print("free")
"""


def seen_from_another_process(path: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return done.stdout.strip()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "circle.bplab"


def test_a_handle_opened_and_closed_in_the_same_process_leaves_the_project_locked(path: Path) -> None:
    with Project.create(path, load_experiment("circle")):
        path.read_bytes()  # what a file dialog does with every file of a folder
        assert seen_from_another_process(path) == "in use"
    assert seen_from_another_process(path) == "free"


def test_the_same_process_cannot_open_it_twice_and_the_first_stays_locked(path: Path) -> None:
    with Project.create(path, load_experiment("circle")):
        with pytest.raises(InUseError):
            Project.open(path, wait=0.0)
        assert seen_from_another_process(path) == "in use"


def test_two_may_look_at_once(path: Path) -> None:
    Project.create(path, load_experiment("circle")).close()
    with Project.open(path, read_only=True), Project.open(path, read_only=True) as second:
        assert second.working == load_experiment("circle")
