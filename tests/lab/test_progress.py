"""The progress bar of the shell."""

import io
from types import SimpleNamespace

import pytest

from bplab.lab.experiment import load_experiment
from bplab.lab.progress import ProgressBar
from bplab.lab.runner import Runner


class Terminal(io.StringIO):
    """What looks like a terminal and remembers what was written to it."""

    encoding = "utf-8"


def test_the_progress_bar_shows_share_loss_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter([0.0, 10.0])
    monkeypatch.setattr("bplab.lab.progress.time", SimpleNamespace(monotonic=lambda: next(moments)))
    terminal = Terminal()
    bar = ProgressBar("Circle", 100, terminal)
    runner = Runner(load_experiment("circle"))
    runner.advance(25)
    bar(runner)
    line = terminal.getvalue().strip()
    assert line.startswith("Circle  ███████░░░░░░░░░░░░░░░░░░░░░  25 %  loss 0.")
    assert line.endswith("30.0 s left")


def test_a_terminal_without_block_characters_gets_a_bar_of_ascii() -> None:
    terminal = Terminal()
    terminal.encoding = "cp1252"  # type: ignore[misc]
    bar = ProgressBar("Circle", 100, terminal)
    runner = Runner(load_experiment("circle"))
    runner.advance(50)
    bar(runner)
    assert "##############.............." in terminal.getvalue()
