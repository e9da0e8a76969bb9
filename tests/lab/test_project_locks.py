"""The two locks of a project: the file's, that keeps others out, and the one between threads."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from bplab.lab.database import InUseError
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.project import Project
from bplab.lab.runner import train_to_end


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work.bplab"


def test_loading_the_experiment_of_a_project_leaves_the_lock_of_the_one_who_has_it_open(
    path: Path, circle: Experiment
) -> None:
    with Project.create(path, circle):
        with pytest.raises(InUseError):
            load_experiment(path)
        probe = "import sys, pathlib, bplab.lab.project as p; p.Project.open(pathlib.Path(sys.argv[1]), wait=0.0)"
        other = subprocess.run([sys.executable, "-c", probe, path], capture_output=True, encoding="utf-8")
        assert "work.bplab is open in another window" in other.stderr
    assert load_experiment(path) == circle


def test_what_is_saved_and_what_is_said_to_be_saved_agree_whoever_comes_between(
    path: Path, circle: Experiment
) -> None:
    point = train_to_end(circle, 20).save_point()
    with Project.create(path, circle) as project:
        run_id = project.add_run(circle)

        def keep() -> None:
            for _ in range(50):
                project.update_run(run_id, point, "paused")

        keeper = threading.Thread(target=keep)
        keeper.start()
        while keeper.is_alive():
            project.save()
        said = project.modified
    with Project.open(path) as project:
        assert project.modified == said
