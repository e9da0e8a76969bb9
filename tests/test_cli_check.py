"""``bplab check``: the user's own net, checked in the shell."""

import io
import json
import sys
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.cli import main
from bplab.engine import Tanh
from bplab.lab.checking import check_weights
from bplab.lab.experiment import load_experiment
from bplab.lab.runner import train_to_end

Capture = pytest.CaptureFixture[str]


def test_a_net_that_is_right_gets_a_table_a_verdict_and_0(capsys: Capture) -> None:
    assert main(["check", "circle"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    lines = said.out.splitlines()
    assert lines[0] == "A disc in a ring: 32 training samples, weights as first drawn, in float64"
    assert lines[2].split() == ["layer", "relative", "error", "verdict", "compared", "skipped"]
    assert [line.split()[0] for line in lines[3:6]] == ["h1", "h2", "out"]
    assert [line.split()[2] for line in lines[3:6]] == ["good"] * 3
    assert lines[7].startswith("good: back-propagation gives the gradient of the loss; largest relative error ")


def test_json_is_one_object_with_the_numbers_of_the_lab(capsys: Capture) -> None:
    assert main(["check", "iris", "--steps", "20", "--seed", "3", "--json"]) == 0
    said = capsys.readouterr().out
    assert said.count("\n") == 1
    found = json.loads(said, parse_constant=pytest.fail)
    assert list(found) == ["name", "steps", "samples", "passed", "checks"]
    assert list(found["checks"][0]) == ["dtype", "relative_error", "verdict", "worst", "layers"]
    assert list(found["checks"][0]["layers"][0]) == [
        "layer", "name", "relative_error", "verdict", "compared", "skipped"
    ]  # fmt: skip
    iris = load_experiment("iris")
    runner = train_to_end(replace(iris, training=replace(iris.training, seed=3)), 20)
    expected = check_weights(runner.experiment, runner.problem, runner.network.parameters, 20)
    assert found["steps"] == 20
    assert found["checks"][0]["relative_error"] == expected.checks[0].relative_error


def test_float32_is_checked_in_both_precisions_and_says_so(capsys: Capture) -> None:
    assert main(["check", "circle", "--set", "training.dtype=float32"]) == 0
    said = capsys.readouterr().out
    assert "in float32 and float64" in said
    assert "float32 carries 7 digits" in said


def test_a_check_that_fails_exits_with_1(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    def twice_as_steep(self: Tanh, z: Any, a: Any, slope: Any) -> list[Any]:
        return [*right(self, z, a, slope), (np.add, (slope, slope, slope))]

    right = Tanh.derivative
    monkeypatch.setattr(Tanh, "derivative", twice_as_steep)
    assert main(["check", "circle"]) == 1
    said = capsys.readouterr().out
    assert "wrong: back-propagation does not give the gradient of the loss in h1" in said


def test_a_net_that_diverges_before_its_check_exits_with_1_and_says_where(capsys: Capture) -> None:
    settings = [f"network.layers[{layer}].activation=identity" for layer in range(3)]
    settings.append("training.optimizer.learning_rate=10")
    words = [word for setting in settings for word in ("--set", setting)]
    assert main(["check", "circle", "--steps", "5000", *words]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("bplab: diverged at step ")
    assert said.err.count("\n") == 1


def test_a_terminal_sees_how_far_the_check_is_and_then_only_the_result(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["check", "circle", "--steps", "30"]) == 0
    drawn = terminal.getvalue().split("\r")
    assert any("comparing gradients" in line and "100 %" in line for line in drawn)
    assert drawn[-2].strip() == drawn[-1] == ""
    assert "weights after 30 updates" in capsys.readouterr().out
