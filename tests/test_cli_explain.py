"""``bplab explain``: one object for programs, an equation with its factors for people, of the very step asked for."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from bplab.cli import main
from bplab.lab.experiment import load_experiment
from bplab.lab.explaining import Target
from bplab.lab.explaining.at_step import explained_at, newest_run, trained_to
from bplab.lab.project import Project
from bplab.lab.runner import Runner

Capture = pytest.CaptureFixture[str]
DIVERGING = [word for number in range(3) for word in ("--set", f"network.layers[{number}].activation=identity")] + [
    "--set",
    "training.optimizer.learning_rate=10",
]


def printed(capsys: Capture, *words: str, code: int = 0) -> dict[str, Any]:
    assert main(["explain", *words, "--json"]) == code
    said = capsys.readouterr()
    assert said.out.count("\n") == 1
    assert bool(said.err) == bool(code)
    found: dict[str, Any] = json.loads(said.out, parse_constant=pytest.fail)
    return found


def test_explain_prints_exactly_the_documented_object(capsys: Capture) -> None:
    found = printed(capsys, "circle", "--step", "100", "--layer", "1", "--weight", "0,1")
    assert list(found) == [
        "step", "layer", "weight", "bias", "neuron", "sample", "gradient", "factors", "samples", "entries", "saturated",
        "dominant", "sentence", "path",
    ]  # fmt: skip
    assert list(found["factors"]) == [
        "input", "weights", "derivative", "delta_next", "delta", "agreement", "normalization",
    ]  # fmt: skip
    assert (found["step"], found["layer"], found["weight"], found["samples"]) == (100, 1, [0, 1], 128)
    assert (found["bias"], found["neuron"], found["sample"]) == (None, None, None)
    assert [(step["layer"], step["behind"]) for step in found["path"]] == [(1, 2), (2, 3), (3, None)]
    assert found["dominant"] == "none"
    assert found["sentence"].startswith("This weight learns: its gradient is ")


def test_the_factors_printed_multiply_to_the_gradient_printed(capsys: Capture) -> None:
    for words in (["--weight", "2,1"], ["--bias", "1"], ["--neuron", "0"], [], ["--weight", "2,1", "--sample", "5"]):
        found = printed(capsys, "circle", "--step", "20", "--layer", "2", *words)
        f = found["factors"]
        product = found["entries"] * f["input"] * f["delta"] * f["agreement"]
        assert found["gradient"] == pytest.approx(product, rel=1e-12)
        behind = f["weights"] * f["delta_next"] * f["normalization"]
        assert f["delta"] == pytest.approx(f["derivative"] * behind, rel=1e-12)


def test_for_one_sample_input_times_delta_is_its_part_of_the_gradient(capsys: Capture) -> None:
    found = printed(capsys, "iris", "--step", "7", "--layer", "1", "--weight", "3,0", "--sample", "2")
    assert (found["sample"], found["entries"]) == (2, 1)
    assert found["gradient"] == found["factors"]["input"] * found["factors"]["delta"]


def test_the_step_is_the_one_of_the_run_with_its_settings(capsys: Capture) -> None:
    words = ["--layer", "1", "--bias", "0", "--seed", "3", "--set", "training.batch_size=16"]
    before, later = (printed(capsys, "circle", "--step", step, *words) for step in ("0", "30"))
    assert before["gradient"] != later["gradient"]
    runner = trained_to(load_experiment("circle"), 30)
    assert runner.updates == 30
    plain = printed(capsys, "circle", "--step", "30", "--layer", "1", "--bias", "0")
    assert plain["gradient"] == explained_at(runner, Target("bias", 0, 0)).gradient


def test_a_stalled_layer_of_an_example_is_told_its_cause(capsys: Capture) -> None:
    found = printed(capsys, "vanishing", "--step", "300", "--layer", "1")
    assert found["dominant"] == "vanished_upstream"
    assert found["factors"]["delta_next"] < 1e-4
    shrunk = math.prod(step["weights"] * step["derivative"] for step in found["path"])
    assert shrunk * found["path"][-1]["delta_next"] == pytest.approx(found["factors"]["delta"], rel=1e-12)


def test_people_get_the_equation_the_factors_and_the_sentence(capsys: Capture) -> None:
    assert main(["explain", "circle", "--step", "3", "--layer", "2", "--weight", "0,1"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert lines[0] == "A disc in a ring: the weight from input 1 to h2, neuron 2, step 3, over 128 training samples"
    assert lines[2] == "  ∂C/∂w = Σ a_in · δ = n · |a_in| · |δ| · agreement"
    assert lines[3].startswith("  ∂C/∂w = 128 · ")
    assert "  factor        size  healthy      missing" in said.out
    assert "  down to the loss:" in lines
    assert lines[-1].startswith("  This weight learns: its gradient is ")
    assert (said.err, "\N{NO-BREAK SPACE}" in said.out) == ("", False)


def test_one_sample_is_told_to_people_too(capsys: Capture) -> None:
    assert main(["explain", "circle", "--step", "0", "--layer", "3", "--bias", "0", "--sample", "4"]) == 0
    said = capsys.readouterr().out
    assert "the bias of out, neuron 1, step 0, sample 4 of 128 training samples" in said
    assert "agreement" not in said
    assert "on this sample." in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--layer", "4"], "there is no layer 4; the network has 3"),
        (["--layer", "1", "--weight", "2,0"], "layer 1 has no weight 2,0; it is 2 × 4"),
        (["--layer", "1", "--weight", "0,4"], "layer 1 has no weight 0,4; it is 2 × 4"),
        (["--layer", "3", "--bias", "1"], "layer 3 has no unit 1; its units are 0 to 0"),
        (["--layer", "2", "--neuron", "9"], "layer 2 has no unit 9; its units are 0 to 1"),
        (["--layer", "2", "--sample", "128"], "there is no sample 128; the batch has 0 to 127"),
    ],
)
def test_what_is_not_there_is_refused_in_one_line_before_any_training(
    words: list[str], sentence: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Runner, "advance", lambda *_: pytest.fail("trained"))
    assert main(["explain", "circle", "--step", "5000", *words]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"bplab: {sentence}\n")


@pytest.mark.parametrize(
    "words",
    [
        ["circle", "--layer", "1"],
        ["circle", "--step", "5"],
        ["circle", "--step", "-1", "--layer", "1"],
        ["circle", "--step", "2.5", "--layer", "1"],
        ["circle", "--step", "5", "--layer", "0"],
        ["circle", "--step", "5", "--layer", "1", "--weight", "3"],
        ["circle", "--step", "5", "--layer", "1", "--weight", "a,b"],
        ["circle", "--step", "5", "--layer", "1", "--weight", "0,0", "--bias", "1"],
        ["nothing", "--step", "5", "--layer", "1"],
        ["digits-conv", "--step", "0", "--layer", "2"],
    ],
)
def test_bad_arguments_are_refused_in_one_line(words: list[str], capsys: Capture) -> None:
    assert main(["explain", *words]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)


def test_a_run_that_diverges_is_explained_where_it_was_last_finite(capsys: Capture) -> None:
    found = printed(capsys, "circle", "--step", "500", "--layer", "1", *DIVERGING, code=1)
    assert 0 < found["step"] < 500
    assert found["factors"]["delta"] > 1e300
    assert (found["dominant"], found["gradient"]) == ("exploding", None)


def test_a_run_that_stops_early_has_no_later_steps(capsys: Capture) -> None:
    stops = ["--set", 'training.early_stopping={"patience": 1, "min_delta": 100.0}']
    assert main(["explain", "circle", "--step", "3000", "--layer", "1", *stops]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert "early stopping ends this run with step" in said.err


def test_a_project_is_explained_as_its_newest_run_was(tmp_path: Path, capsys: Capture) -> None:
    runner = Runner(load_experiment("circle"))
    runner.advance(20)
    runner.set_learning_rate(0.3)
    runner.advance(30)
    at = {runner.updates: explained_at(runner, Target("layer", 0)).gradient}
    runner.advance(50)
    path = tmp_path / "circle.bplab"
    with Project.create(path, runner.experiment) as project:
        project.update_run(project.add_run(runner.experiment), runner.save_point(), "paused")
    at[100] = explained_at(runner, Target("layer", 0)).gradient
    runner.advance(25)
    at[125] = explained_at(runner, Target("layer", 0)).gradient
    for step, gradient in at.items():
        assert printed(capsys, str(path), "--step", str(step), "--layer", "1")["gradient"] == gradient
    changed = printed(capsys, str(path), "--step", "50", "--layer", "1", "--set", "training.batch_size=20")
    assert changed["gradient"] != at[50]


def test_a_project_without_a_run_is_trained_afresh(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "empty.bplab"
    Project.create(path, load_experiment("circle")).close()
    assert newest_run(path) is None
    found = printed(capsys, str(path), "--step", "10", "--layer", "1")
    assert found["gradient"] == printed(capsys, "circle", "--step", "10", "--layer", "1")["gradient"]
