"""``bplab bench start``: each start is a process of its own, and touches nothing of the user's."""

import argparse
import json
from pathlib import Path

import pytest

from bplab.bench import start


def test_first_start_and_the_others_are_told_apart() -> None:
    assert start._summary([3.0, 1.0, 1.4, 1.2]) == {"first_s": 3.0, "median_s": 1.2, "most_s": 1.4}


def test_a_start_that_fails_is_not_taken_for_a_time(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no such engine"):
        start._run("raise SystemExit('no such engine')", start._environment(tmp_path))


def test_a_window_is_drawn_in_a_home_of_its_own(tmp_path: Path) -> None:
    environment = start._environment(tmp_path) | {"QT_QPA_PLATFORM": "offscreen"}
    assert start._seconds_to_window(environment) > 0.0
    assert start._seconds_inside(environment) > 0.0


def test_the_result_is_one_line_for_each_kind_of_start_or_one_object(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(start, "_seconds_inside", lambda environment: 0.125)
    monkeypatch.setattr(start, "_seconds_to_window", lambda environment: 1.0)
    assert start.main(argparse.Namespace(starts=3, json=False)) == 0
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "import of bplab.engine", "start to a drawn window",
    ]  # fmt: skip
    assert start.main(argparse.Namespace(starts=3, json=True)) == 0
    assert json.loads(capsys.readouterr().out)["window"]["median_s"] == 1.0


@pytest.mark.parametrize("text", ["1", "0", "-3", "1e2", "many", "101"])
def test_a_number_of_starts_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected a number of starts from 2 to 100"):
        start._count(text)
