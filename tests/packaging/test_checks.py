"""The checks run one after the other, and none hides another's failure."""

import sys
from pathlib import Path

import pytest

import checks
from checks import Result


@pytest.fixture
def no_xvfb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks.shutil, "which", lambda name: None)


def commands_that(monkeypatch: pytest.MonkeyPatch, codes: dict[str, int]) -> list[list[str]]:
    """Let each check's module end with its code (0 if unnamed); the commands are collected in the returned list."""
    started: list[list[str]] = []

    class Done:
        def __init__(self, code: int) -> None:
            self.returncode = code

    def run(command: list[object], **_: object) -> Done:
        started.append([str(word) for word in command])
        return Done(codes.get(started[-1][2], 0))

    monkeypatch.setattr(checks.subprocess, "run", run)
    return started


def test_every_check_runs_though_an_earlier_one_failed_and_the_exit_code_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str], no_xvfb: None
) -> None:
    started = commands_that(monkeypatch, {"ruff": 1})
    assert checks.run_all(Path("python"), tmp_path, "") == 1
    assert [command[2] for command in started] == ["ruff", "mypy", "pytest"]
    last = capfd.readouterr().out.splitlines()[-4:]
    assert [line.split()[:2] for line in last[:2]] == [["ruff", "FAILED"], ["mypy", "ok"]]


def test_all_is_well_when_no_check_failed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_xvfb: None) -> None:
    commands_that(monkeypatch, {})
    assert checks.run_all(Path("python"), tmp_path, "") == 0


def test_a_window_that_cannot_be_tried_is_skipped_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    commands_that(monkeypatch, {})
    monkeypatch.setattr(sys, "platform", "linux")
    assert checks.run_all(Path("python"), tmp_path, "sudo apt-get install xvfb") == 0
    assert "real window  skipped  sudo apt-get install xvfb" in capfd.readouterr().out.splitlines()


def test_the_summary_has_a_line_for_each_check() -> None:
    results = [Result("ruff", True, "1 s"), Result("tests", False, "2 s, exit code 1"), Result("x", None, "no Xvfb")]
    assert [line.split()[:2] for line in checks.summary(results).splitlines()] == [
        ["ruff", "ok"],
        ["tests", "FAILED"],
        ["x", "skipped"],
    ]


def test_arguments_go_to_pytest_whose_exit_code_comes_back(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    started = commands_that(monkeypatch, {"pytest": 5})
    assert checks.run_tests(Path("python"), tmp_path, ["-k", "one"]) == 5
    assert started == [["python", "-m", "pytest", "-k", "one"]]
