"""A project on a full disk: one sentence, and everything that was kept stays kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from bplab.engine import InputError
from bplab.lab.autosave import Autosaver
from bplab.lab.experiment import Experiment
from bplab.lab.project import Project
from bplab.lab.run import Run
from bplab.lab.runner import train_to_end

NO_SPACE = r"^work\.bplab could not be written: no space left on device$"


@contextmanager
def filled(disk: Path) -> Iterator[None]:
    """No byte is left on the disk while the block runs."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    yield
    filler.unlink()


def named(experiment: Experiment, name: str) -> Experiment:
    return msgspec.structs.replace(experiment, name=name)


@pytest.fixture
def attempts(circle: Experiment) -> dict[str, Callable[[Project], object]]:
    point = train_to_end(circle).save_point()
    return {
        "edit": lambda project: project.set_working(named(circle, "Edited")),
        "begin a run": lambda project: project.add_run(circle),
        "keep a run": lambda project: project.update_run(1, point, "paused"),
        "write a note": lambda project: project.set_note(1, "much " * 1_000),
    }


@pytest.mark.parametrize("what", ["edit", "begin a run", "keep a run", "write a note"])
def test_what_cannot_be_written_changes_nothing_and_can_be_done_later(
    small_disk: Path, circle: Experiment, attempts: dict[str, Callable[[Project], object]], what: str
) -> None:
    path = small_disk / "work.bplab"
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), train_to_end(circle, 10).save_point(), "paused")
        project.save()
        before = project.runs()
    with Project.open(path) as project:
        with filled(small_disk):
            with pytest.raises(InputError, match=NO_SPACE):
                attempts[what](project)
            assert (project.working, project.runs(), project.modified) == (circle, before, False)
        attempts[what](project)
        assert project.modified
    with Project.open(path) as project:
        assert project.modified


def test_saving_as_on_a_full_disk_leaves_the_target_as_it_was(
    small_disk: Path, tmp_path: Path, circle: Experiment
) -> None:
    target = small_disk / "work.bplab"
    Project.create(target, named(circle, "Old")).close()
    with Project.create(tmp_path / "here.bplab", circle) as project:
        point = train_to_end(circle).save_point()
        project.update_run(project.add_run(circle), point, "paused")
        with filled(small_disk), pytest.raises(InputError, match=NO_SPACE):
            project.save_as(target)
        assert [file.name for file in small_disk.iterdir()] == ["work.bplab"]
        with Project.open(target) as old:
            assert old.working.name == "Old"
        with project.save_as(target) as copy:
            assert copy.runs() == project.runs()


def test_a_project_is_not_created_on_a_full_disk(small_disk: Path, circle: Experiment) -> None:
    with filled(small_disk), pytest.raises(InputError, match=NO_SPACE):
        Project.create(small_disk / "work.bplab", circle)
    assert list(small_disk.iterdir()) == []


def test_autosave_tells_a_full_disk_once_and_goes_on_when_there_is_space(
    small_disk: Path, circle: Experiment
) -> None:
    told: list[str] = []
    path = small_disk / "work.bplab"
    with Project.create(path, circle) as project, Autosaver(project, told.append) as autosaver, Run(circle) as run:
        run.step(50)
        assert run.wait_idle(30)
        with filled(small_disk):
            for _ in range(3):
                autosaver.note_edit(named(circle, "Edited"))
                autosaver.note_run(run)
                with pytest.raises(InputError, match=NO_SPACE):
                    autosaver.flush()
            assert told == ["work.bplab could not be written: no space left on device"] == [autosaver.problem]
        autosaver.flush()
        assert autosaver.problem is None
        assert (project.working.name, project.runs()[0].updates) == ("Edited", 50)
