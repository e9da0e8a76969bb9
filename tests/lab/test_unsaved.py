"""Documents without a name: kept in the user's folder, offered again when their window is gone."""

import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from bplab.lab.experiment import Experiment, experiment_to_json
from bplab.lab.project import Project
from bplab.lab.runner import train_to_end
from bplab.lab.unsaved import create_unsaved, discard, is_unsaved, recoverable, unsaved_folder


def test_a_document_without_a_name_lives_in_the_users_data_folder(
    own_user_folders: Path, circle: Experiment, tmp_path: Path
) -> None:
    with create_unsaved(circle) as project, Project.create(tmp_path / "named.bplab", circle) as other:
        assert own_user_folders in project.path.parents
        assert (is_unsaved(project), is_unsaved(other)) == (True, False)


def test_two_documents_made_in_one_second_have_two_files(circle: Experiment) -> None:
    with create_unsaved(circle) as one, create_unsaved(circle) as other:
        assert one.path != other.path


def test_a_document_in_use_is_not_offered(circle: Experiment) -> None:
    with create_unsaved(circle) as project:
        project.add_run(circle)
        assert recoverable() == []


def test_a_document_left_behind_is_offered_with_what_is_in_it(circle: Experiment) -> None:
    with create_unsaved(circle) as project:
        project.set_working(msgspec.structs.replace(circle, name="Half done"))
        project.update_run(project.add_run(circle), train_to_end(circle, 9).save_point(), "paused")
    (found,) = recoverable()
    assert (found.path, found.name, found.runs) == (project.path, "Half done", 1)
    with Project.open(found.path) as again:
        assert again.load_run(1).updates == 9


WINDOW = """
import sys
from bplab.lab.experiment import experiment_from_json
from bplab.lab.unsaved import create_unsaved
project = create_unsaved(experiment_from_json(sys.argv[1]))
project.add_run(project.working)
print("there", flush=True)
sys.stdin.read()
"""


def test_a_document_is_offered_once_its_process_was_killed(circle: Experiment) -> None:
    command = [sys.executable, "-c", WINDOW, experiment_to_json(circle)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8") as window:
        assert window.stdout is not None
        assert window.stdout.readline() == "there\n"
        assert recoverable() == []
        window.kill()
        window.wait()
    assert [(found.name, found.runs) for found in recoverable()] == [("Circle", 1)]


def test_untouched_documents_are_cleared_away(circle: Experiment) -> None:
    project = create_unsaved(circle)
    project.close()
    hour_ago = time.time() - 3600.0
    os.utime(project.path, (hour_ago, hour_ago))
    assert recoverable() == []
    assert list(unsaved_folder().iterdir()) == []


def test_a_document_that_another_window_is_just_making_is_left_alone(circle: Experiment) -> None:
    project = create_unsaved(circle)
    project.close()
    assert recoverable() == []
    assert project.path.exists()


def test_damaged_documents_are_told_of_after_the_others_and_are_not_removed(circle: Experiment) -> None:
    with create_unsaved(circle) as damaged, create_unsaved(circle) as good:
        damaged.add_run(circle)
        good.add_run(circle)
    os.utime(good.path, (0.0, 0.0))
    damaged.path.write_bytes(damaged.path.read_bytes()[:5_000])
    first, second = recoverable()
    assert (first.path, first.problem) == (good.path, "")
    assert (second.path, second.name) == (damaged.path, damaged.path.name)
    assert second.problem.startswith(f"{damaged.path.name} is damaged")
    assert damaged.path.exists()


def test_there_is_nothing_to_recover_before_there_is_a_folder() -> None:
    assert not unsaved_folder().exists()
    assert recoverable() == []


def test_a_discarded_document_is_gone(circle: Experiment) -> None:
    with create_unsaved(circle) as project:
        project.add_run(circle)
    discard(project.path)
    assert recoverable() == []


def test_only_documents_without_a_name_can_be_discarded(tmp_path: Path) -> None:
    path = tmp_path / "thesis.bplab"
    path.write_bytes(b"")
    with pytest.raises(ValueError, match="is not in the folder of unsaved documents"):
        discard(path)
    assert path.exists()
