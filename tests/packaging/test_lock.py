"""One start sets bplab up at a time."""

import subprocess
import sys
from pathlib import Path

import pytest

from lock import locked

HOLDER = """
import pathlib, sys
sys.path.insert(0, sys.argv[1])
from lock import locked
with locked(pathlib.Path(sys.argv[2])):
    print("has it", flush=True)
    sys.stdin.readline()
"""


def hold(path: Path) -> "subprocess.Popen[str]":
    """Another process that takes the lock, says so on stdout, and holds it until it reads a line."""
    packaging = str(Path(__file__).parents[2] / "packaging")
    command = [sys.executable, "-c", HOLDER, packaging, str(path)]
    return subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.touch()
    return file


def test_a_start_waits_and_says_so_while_another_one_sets_up(path: Path) -> None:
    with locked(path), hold(path) as other:
        assert other.stderr is not None
        assert other.stdout is not None
        said = other.stderr.readline()
        assert said == "Another start is setting bplab up: waiting for it to end.\n"
        assert other.poll() is None
        other.kill()
        assert other.stdout.read() == ""


def test_a_start_goes_on_as_soon_as_the_other_one_is_killed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with hold(path) as other:
        assert other.stdout is not None
        other.stdout.readline()
        other.kill()
        other.wait()
        with locked(path):
            pass
    assert capsys.readouterr().err == ""
