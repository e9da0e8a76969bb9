"""A file that another window has open: the second one is told in a sentence, and may look at a copy or let it be."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton

from bplab.gui.main_window import MainWindow
from bplab.lab.experiment import load_experiment
from bplab.lab.project import Project

from .acts import choose, rename

HOLDER = """
import sys
from pathlib import Path
from bplab.lab.project import Project
with Project.open(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Path]:
    """A project that another process has open."""
    path = tmp_path / "rings.bplab"
    Project.create(path, load_experiment("iris")).close()
    command = [sys.executable, "-c", HOLDER, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path.cwd()) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"held"
        yield path


def button(window: MainWindow, text: str) -> QPushButton:
    (found,) = [each for each in window.notices.findChildren(QPushButton) if each.text() == text]
    return found


def test_the_second_window_is_told_and_keeps_what_is_open(window: MainWindow, held: Path) -> None:
    before = window.session.experiment
    window.open_file(str(held))
    assert window.notices.text.text() == "rings.bplab is open in another window."
    assert window.session.experiment is before
    assert window.documents.path is None


def test_it_can_look_at_a_copy_which_is_saved_under_another_name_only(
    window: MainWindow, held: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = held.read_bytes()
    window.open_file(str(held))
    button(window, "Open read-only").click()
    assert window.session.experiment == load_experiment("iris")
    assert window.windowTitle().startswith("rings – read-only copy")
    assert not window.documents.modified
    rename(window, "Other")
    choose(monkeypatch, tmp_path / "mine.bplab")
    window.files.save.trigger()
    assert window.documents.path == tmp_path / "mine.bplab"
    assert window.windowTitle().startswith("mine")
    assert held.read_bytes() == before


def test_the_file_itself_cannot_be_written_from_the_copy(
    window: MainWindow, held: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.open_file(str(held))
    button(window, "Open read-only").click()
    rename(window, "Other")
    choose(monkeypatch, held)
    window.files.save.trigger()
    assert window.notices.text.text() == "rings.bplab is open in another window."
    assert window.documents.path is None
