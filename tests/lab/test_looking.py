"""A project that another window holds can be looked at: a copy of it as it is, which never reaches its file."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from bplab.engine import InputError
from bplab.lab.database import InUseError
from bplab.lab.experiment import load_experiment
from bplab.lab.looking import copy_of_project
from bplab.lab.project import Project
from bplab.lab.unsaved import create_copy, is_unsaved, recoverable, unsaved_folder


def test_a_copy_of_a_held_project_has_the_latest_edit_and_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "rings.bplab"
    edited = replace(load_experiment("circle"), name="Rings")
    with Project.create(path, load_experiment("circle")) as held:
        held.set_working(edited)
        before = path.read_bytes()
        with pytest.raises(InUseError):
            Project.open(path, wait=0.0)
        with create_copy(path) as copy:
            assert is_unsaved(copy)
            assert copy.working == copy.saved == edited
            assert not copy.modified
            copy.set_working(replace(edited, name="Other"))
        assert path.read_bytes() == before
        assert held.modified


def test_a_copy_that_was_only_looked_at_is_not_offered_again(tmp_path: Path) -> None:
    path = tmp_path / "rings.bplab"
    Project.create(path, load_experiment("circle")).close()
    create_copy(path).close()
    assert recoverable() == []


def test_a_project_in_the_middle_of_a_write_is_not_copied(tmp_path: Path) -> None:
    path = tmp_path / "rings.bplab"
    Project.create(path, load_experiment("circle")).close()
    path.with_name("rings.bplab-journal").write_bytes(b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7 and more")
    with pytest.raises(InUseError, match="is being written by another window"):
        copy_of_project(path, tmp_path / "copy.bplab", patience=0.0)


def test_what_is_no_project_is_refused_by_its_own_name_and_leaves_no_copy(tmp_path: Path) -> None:
    path = tmp_path / "text.bplab"
    path.write_text("no project", encoding="utf-8")
    with pytest.raises(InputError, match=r"^text\.bplab is not a bplab project"):
        create_copy(path)
    assert list(unsaved_folder().iterdir()) == []
    with pytest.raises(InputError, match=r"^gone\.bplab could not be copied: no such file"):
        create_copy(tmp_path / "gone.bplab")
