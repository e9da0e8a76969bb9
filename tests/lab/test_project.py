"""The project file: everything in it, durable, one writer, one file."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import msgspec
import numpy as np
import pytest

from bplab.data import Csv
from bplab.engine import InputError
from bplab.lab.database import InUseError
from bplab.lab.experiment import Experiment, experiment_to_json
from bplab.lab.project import Project
from bplab.lab.runner import SavePoint, train_to_end
from bplab.lab.saved_runs import MAX_NOTE


def named(experiment: Experiment, name: str) -> Experiment:
    return msgspec.structs.replace(experiment, name=name)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work.bplab"


@pytest.fixture
def point(circle: Experiment) -> SavePoint:
    return train_to_end(circle).save_point()


def refusal_of(path: Path) -> str:
    """What opening says, in one sentence, leaving the file as it was."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(InputError) as error:
        Project.open(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert "\n" not in str(error.value)
    return str(error.value)


# -- the experiment ------------------------------------------------------------------------------------


def test_a_new_project_holds_its_experiment_saved_and_working(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        assert (project.saved, project.working, project.modified, project.runs()) == (circle, circle, False, [])


def test_an_edit_is_there_after_closing_and_is_not_saved(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        project.set_working(named(circle, "Edited"))
    with Project.open(path) as project:
        assert (project.saved.name, project.working.name, project.modified) == ("Circle", "Edited", True)


def test_saving_makes_what_is_working_what_is_saved(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        project.set_working(named(circle, "Edited"))
        project.save()
        assert not project.modified
    with Project.open(path) as project:
        assert (project.saved.name, project.modified) == ("Edited", False)


def test_an_edit_taken_back_leaves_nothing_to_save(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        project.set_working(named(circle, "Edited"))
        project.set_working(circle)
        assert not project.modified


def test_reverting_forgets_edits_and_the_runs_begun_since_the_save(
    path: Path, circle: Experiment, point: SavePoint
) -> None:
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), point, "paused")
        project.save()
        project.update_run(project.add_run(circle), point, "paused")
        project.set_working(named(circle, "Edited"))
        project.revert()
        assert (project.working, project.modified, [run.id for run in project.runs()]) == (circle, False, [1])
        with pytest.raises(InputError, match="there is no run 2"):
            project.load_run(2)


def test_a_csv_path_is_kept_as_it_stands_even_if_the_file_is_gone(path: Path, circle: Experiment) -> None:
    elsewhere = msgspec.structs.replace(circle, data=Csv(path="somewhere/else.csv"))
    with Project.create(path, elsewhere) as project:
        project.set_working(named(elsewhere, "Edited"))
    with Project.open(path) as project:
        assert project.working.data == Csv(path="somewhere/else.csv")


# -- the runs ------------------------------------------------------------------------------------------


def test_several_runs_stand_in_one_file(path: Path, circle: Experiment, iris: Experiment) -> None:
    runners = [train_to_end(circle), train_to_end(iris)]
    with Project.create(path, circle) as project:
        for runner in runners:
            project.update_run(project.add_run(runner.experiment), runner.save_point(), "finished")
        assert project.modified
    with Project.open(path) as project:
        assert project.modified
        for info, runner in zip(project.runs(), runners, strict=True):
            saved = project.load_run(info.id)
            assert saved.info == info
            assert (info.name, info.state) == (runner.experiment.name, "finished")
            assert (info.updates, info.epochs) == (runner.updates, runner.epochs)
            assert info.loss == runner.record.last("loss")
            assert info.test_loss == runner.record.last("test_loss")
            assert info.accuracy == runner.record.last("test_accuracy")
            assert info.created.endswith("Z")
            assert saved.experiment == runner.experiment
            assert saved.updates == runner.updates
            assert np.array_equal(saved.checkpoint.parameters, runner.checkpoints.newest().parameters)
            assert np.array_equal(saved.record.column("saturated"), runner.record.column("saturated"))


def test_a_run_that_goes_on_replaces_what_was_kept_of_it(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        run_id = project.add_run(circle)
        for updates in (10, 200):
            project.update_run(run_id, train_to_end(circle, updates).save_point(), "paused")
        assert [run.updates for run in project.runs()] == [200]
        assert project.load_run(run_id).updates == 200


def test_regression_without_test_samples_has_neither_accuracy_nor_test_loss(path: Path, plane: Experiment) -> None:
    alone = msgspec.structs.replace(plane, data=msgspec.structs.replace(plane.data, test_fraction=0.0))
    with Project.create(path, alone) as project:
        project.update_run(project.add_run(alone), train_to_end(alone).save_point(), "finished")
        assert (project.runs()[0].accuracy, project.runs()[0].test_loss) == (None, None)


def test_without_test_samples_the_accuracy_is_that_of_the_probe_samples(path: Path, circle: Experiment) -> None:
    alone = msgspec.structs.replace(circle, data=msgspec.structs.replace(circle.data, test_fraction=0.0))
    runner = train_to_end(alone)
    with Project.create(path, alone) as project:
        project.update_run(project.add_run(alone), runner.save_point(), "finished")
        assert project.runs()[0].accuracy == runner.record.last("train_accuracy")


def test_a_run_of_which_nothing_was_kept_says_so(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        run_id = project.add_run(circle)
        assert project.runs()[0].loss is None
        with pytest.raises(InputError, match=r"^run 1: it was begun, but nothing of it was kept$"):
            project.load_run(run_id)


def test_a_run_in_training_is_kept_as_paused(path: Path, circle: Experiment, point: SavePoint) -> None:
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), point, "running")
        assert project.runs()[0].state == "paused"


def test_an_id_is_never_given_twice(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        project.add_run(circle)
        project.revert()
        assert (project.runs(), project.add_run(circle)) == ([], 2)


def test_a_note_stays_with_its_run(path: Path, circle: Experiment, point: SavePoint) -> None:
    with Project.create(path, circle) as project:
        run_id = project.add_run(circle)
        project.set_note(run_id, "too fast: δ → 0")
        project.update_run(run_id, point, "paused")
    with Project.open(path) as project:
        assert project.runs()[0].note == "too fast: δ → 0"
        with pytest.raises(InputError, match="at most 10,000 characters"):
            project.set_note(run_id, "x" * (MAX_NOTE + 1))


def test_a_missing_run_is_named(path: Path, circle: Experiment, point: SavePoint) -> None:
    with Project.create(path, circle) as project:
        for attempt in (
            lambda: project.load_run(7),
            lambda: project.set_note(7, "x"),
            lambda: project.update_run(7, point, "paused"),
        ):
            with pytest.raises(InputError, match=r"^there is no run 7 in the project$"):
                attempt()
        assert not project.modified


# -- the file ------------------------------------------------------------------------------------------


def test_after_closing_there_is_one_file(path: Path, circle: Experiment, point: SavePoint) -> None:
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), point, "paused")
    assert list(path.parent.iterdir()) == [path]


def test_opening_and_closing_leaves_the_file_as_it_was(path: Path, circle: Experiment) -> None:
    Project.create(path, circle).close()
    before, changed = path.read_bytes(), path.stat().st_mtime_ns
    Project.open(path).close()
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (before, changed)


def test_a_second_opening_is_told_that_the_project_is_open(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle):
        for read_only in (False, True):
            with pytest.raises(InUseError, match=r"^work\.bplab is open in another window$"):
                Project.open(path, read_only=read_only, wait=0.0)
    Project.open(path).close()


def test_another_process_is_told_that_the_project_is_open(path: Path, circle: Experiment) -> None:
    program = (
        "import sys; from pathlib import Path; from bplab.lab.project import Project\n"
        "try: Project.open(Path(sys.argv[1]), wait=0.0)\nexcept ValueError as error: print(error)"
    )
    with Project.create(path, circle):
        with pytest.raises(InUseError):  # an attempt from this process must not open the way for others
            Project.open(path, wait=0.0)
        said = subprocess.run([sys.executable, "-c", program, path], capture_output=True, encoding="utf-8", check=True)
    assert said.stdout == "work.bplab is open in another window\n"


def test_readers_do_not_keep_each_other_out(path: Path, circle: Experiment) -> None:
    Project.create(path, circle).close()
    with Project.open(path, read_only=True) as one, Project.open(path, read_only=True) as other:
        assert one.working == other.working
        with pytest.raises(InputError, match=r"^work\.bplab was opened for reading only$"):
            one.set_working(circle)


def test_a_project_is_not_overwritten_unasked(path: Path, circle: Experiment) -> None:
    Project.create(path, circle).close()
    with pytest.raises(InputError, match=r"^work\.bplab exists already$"):
        Project.create(path, circle)
    with Project.create(path, named(circle, "New"), overwrite=True) as project:
        assert project.working.name == "New"


def test_an_open_project_is_not_overwritten_even_when_asked(path: Path, circle: Experiment, tmp_path: Path) -> None:
    with Project.create(path, circle), Project.create(tmp_path / "other.bplab", circle) as other:
        with pytest.raises(InUseError):
            Project.create(path, circle, overwrite=True)
        with pytest.raises(InUseError):
            other.save_as(path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["other.bplab", "work.bplab"]


def test_saving_under_another_name_takes_everything_along(
    path: Path, circle: Experiment, point: SavePoint, tmp_path: Path
) -> None:
    with Project.create(path, circle) as project:
        project.set_note(project.add_run(circle), "first")
        project.update_run(1, point, "finished")
        project.set_working(named(circle, "Edited"))
        with project.save_as(tmp_path / "copy.bplab") as copy:
            assert (copy.saved.name, copy.working.name, copy.modified) == ("Edited", "Edited", False)
            assert copy.runs() == project.runs()
            assert np.array_equal(copy.load_run(1).checkpoint.parameters, point.checkpoint.parameters)
            assert (project.saved.name, project.modified) == ("Circle", True)


def test_a_project_opened_for_reading_can_be_saved_elsewhere(path: Path, circle: Experiment, tmp_path: Path) -> None:
    Project.create(path, circle).close()
    with Project.open(path, read_only=True) as project, project.save_as(tmp_path / "copy.bplab") as copy:
        copy.set_working(named(circle, "Mine"))
        assert project.runs() == []


def test_a_project_is_not_saved_as_itself(path: Path, circle: Experiment) -> None:
    with (
        Project.create(path, circle) as project,
        pytest.raises(InputError, match=r"^work\.bplab is the project's own file$"),
    ):
        project.save_as(path)


@pytest.mark.skipif(sys.platform == "win32", reason="an open file cannot be moved there")
def test_a_project_moved_while_it_is_open_says_so_and_can_be_saved_elsewhere(
    path: Path, circle: Experiment, tmp_path: Path
) -> None:
    with Project.create(path, circle) as project:
        path.rename(tmp_path / "moved.bplab")
        with pytest.raises(InputError, match=r"^work\.bplab was moved or deleted while it was open"):
            project.set_working(named(circle, "Lost?"))
        assert project.working == circle
        with project.save_as(path) as again:
            again.set_working(named(circle, "Saved"))
            assert again.working.name == "Saved"


def test_a_file_grows_smaller_when_much_was_deleted(
    path: Path, circle: Experiment, point: SavePoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bplab.lab.project.WASTE_BYTES", 2**16)
    with Project.create(path, circle) as project:
        for _ in range(8):
            project.update_run(project.add_run(circle), point, "finished")
        full = path.stat().st_size
        project.revert()
        project.save()
        assert path.stat().st_size < full / 4


def test_a_project_is_used_from_several_threads(path: Path, circle: Experiment, point: SavePoint) -> None:
    failures: list[BaseException] = []

    def use(project: Project) -> None:
        try:
            for _ in range(5):
                run_id = project.add_run(circle)
                project.update_run(run_id, point, "paused")
                project.load_run(run_id)
                project.set_working(circle)
        except BaseException as error:
            failures.append(error)

    with Project.create(path, circle) as project:
        threads = [threading.Thread(target=use, args=(project,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert failures == []
        assert [run.id for run in project.runs()] == list(range(1, 21))


def test_a_copied_project_is_a_project(path: Path, circle: Experiment, tmp_path: Path) -> None:
    Project.create(path, circle).close()
    shutil.copy(path, tmp_path / "copy.bplab")
    with Project.open(path), Project.open(tmp_path / "copy.bplab") as copy:
        assert copy.working == circle


@pytest.mark.parametrize("name", ["a b?c#d%20.bplab", "δ – Ünïcode.bplab", "file:x.bplab", "'quoted\".bplab"])
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_any_file_name_will_do(tmp_path: Path, circle: Experiment, name: str) -> None:
    with Project.create(tmp_path / name, circle) as project, project.save_as(tmp_path / f"2 {name}") as copy:
        copy.set_working(circle)
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted([name, f"2 {name}"])


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert refusal_of(tmp_path / "none.bplab") == "none.bplab could not be opened: no such file or directory"
    assert refusal_of(tmp_path) == f"{tmp_path.name} is a folder, not a bplab project"


def test_the_experiment_in_a_project_is_the_same_strict_json_as_in_a_file(path: Path, circle: Experiment) -> None:
    with Project.create(path, circle) as project:
        text = project._connection.execute("SELECT working FROM document").fetchone()[0]
    assert text == experiment_to_json(circle)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions bind neither root nor Windows")
def test_a_project_that_may_not_be_changed_is_told_so_and_can_be_read(
    path: Path, circle: Experiment, tmp_path: Path
) -> None:
    Project.create(path, circle).close()
    path.chmod(0o444)
    assert refusal_of(path) == "work.bplab could not be opened: you may not change it or its folder"
    with Project.open(path, read_only=True) as project:
        assert project.working == circle
    tmp_path.chmod(0o555)
    try:
        with Project.open(path, read_only=True) as project:
            assert project.working == circle
    finally:
        tmp_path.chmod(0o755)
    path.chmod(0o000)
    with pytest.raises(InputError, match=r"^work\.bplab could not be opened: you may not read it$"):
        Project.open(path, read_only=True)
