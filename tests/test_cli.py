"""The shell: results on stdout, the same numbers as in the lab, exit codes that mean something."""

import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bplab import __version__
from bplab.cli import main
from bplab.commands import COMMANDS
from bplab.commands.bench import BENCHES
from bplab.commands.list import FAMILIES, LISTS
from bplab.lab.experiment import example_names, experiment_to_json, load_experiment
from bplab.lab.project import Project
from bplab.lab.runner import train_to_end

DIVERGING = [
    "--set",
    "network.layers[0].activation=identity",
    "--set",
    "network.layers[1].activation=identity",
    "--set",
    "network.layers[2].activation=identity",
    "--set",
    "training.optimizer.learning_rate=10",
]


class Terminal(io.StringIO):
    """What looks like a terminal and remembers what was written to it."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


@pytest.fixture
def json_of(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command; returns the one JSON object that it prints."""

    def run(*words: str | Path, code: int = 0) -> dict[str, Any]:
        assert main([str(word) for word in words]) == code
        said = capsys.readouterr().out
        assert said.count("\n") == 1
        found: dict[str, Any] = json.loads(said, parse_constant=pytest.fail)
        return found

    return run


# -- train ---------------------------------------------------------------------------------------------


def test_train_prints_exactly_the_documented_object(json_of: Any) -> None:
    found = json_of("train", "circle", "--steps", "100", "--json")
    assert list(found) == [
        "name", "steps", "epochs", "train_loss", "test_loss", "accuracy", "diverged", "stopped_early",
        "seconds", "layers",
    ]  # fmt: skip
    assert list(found["layers"][0]) == [
        "layer", "units", "activation", "weight_gradient_rms", "delta_rms", "saturation", "dead", "update_ratio"
    ]  # fmt: skip
    assert (found["name"], found["steps"], found["epochs"], found["diverged"]) == ("A disc in a ring", 100, 4.0, False)
    assert [(layer["layer"], layer["units"], layer["activation"]) for layer in found["layers"]] == [
        (1, 4, "tanh"),
        (2, 2, "tanh"),
        (3, 1, "tanh"),
    ]


def test_train_gives_the_numbers_of_the_lab_to_the_bit(json_of: Any) -> None:
    found = json_of("train", "iris", "--json")
    summary = train_to_end(load_experiment("iris")).summary()
    assert (found["train_loss"], found["test_loss"]) == (summary.train_loss, summary.test_loss)
    assert found["accuracy"] == summary.test_accuracy


def test_digits_are_read_at_96_percent_with_the_examples_own_settings(json_of: Any) -> None:
    found = json_of("train", "digits", "--json")
    assert found["accuracy"] >= 0.96
    assert [layer["units"] for layer in found["layers"]][-1] == 10


def test_train_prints_a_table_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "circle", "--epochs", "2"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("A disc in a ring: circle, 2-4-2-1, ")
    assert "50 updates (2 epochs)" in said.out
    assert said.err == ""


def test_epochs_steps_seed_and_settings_are_taken(json_of: Any) -> None:
    assert json_of("train", "circle", "--epochs", "3", "--json")["steps"] == 75
    assert json_of("train", "circle", "--steps", "7", "--json")["steps"] == 7
    one, other = (json_of("train", "circle", "--steps", "7", "--seed", seed, "--json") for seed in ("1", "2"))
    assert one["train_loss"] != other["train_loss"]
    changed = json_of(
        "train", "circle", "--steps", "7", "--json",
        "--set", "network.layers[1].units=5", "--set", "network.layers[1].activation=relu", "--set", "name=Mine",
    )  # fmt: skip
    assert (changed["name"], changed["layers"][1]["units"], changed["layers"][1]["activation"]) == ("Mine", 5, "relu")


def test_regression_has_no_accuracy(json_of: Any) -> None:
    found = json_of("train", "circle", "--steps", "3", "--set", "data=plane", "--json")
    assert found["accuracy"] is None


def test_a_file_is_trained_like_an_example(tmp_path: Path, json_of: Any) -> None:
    path = tmp_path / "mine.json"
    path.write_text(experiment_to_json(load_experiment("circle")), encoding="utf-8")
    example, file = (json_of("train", name, "--steps", "30", "--json") for name in ("circle", path))
    assert example["train_loss"] == file["train_loss"]


def test_a_diverged_run_exits_with_1_and_says_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "circle", *DIVERGING]) == 1
    said = capsys.readouterr()
    assert said.err.startswith("bplab: diverged at step ")
    assert said.err.endswith(" left the finite numbers\n")
    assert "A disc in a ring" in said.out


def test_a_diverged_run_still_prints_one_object(json_of: Any) -> None:
    assert json_of("train", "circle", *DIVERGING, "--json", code=1)["diverged"] is True


def test_a_diverged_run_is_still_saved_and_reported(tmp_path: Path) -> None:
    project, page = tmp_path / "a.bplab", tmp_path / "a.html"
    assert main(["train", "circle", *DIVERGING, "--save", str(project), "--report", str(page)]) == 1
    with Project.open(project) as saved:
        assert [run.state for run in saved.runs()] == ["diverged"]
    assert "Training diverged" in page.read_text(encoding="utf-8")


# -- projects and reports ------------------------------------------------------------------------------


def test_save_makes_a_project_with_the_run_in_it(tmp_path: Path) -> None:
    path = tmp_path / "mine.bplab"
    assert main(["train", "circle", "--steps", "30", "--save", str(path)]) == 0
    with Project.open(path) as project:
        assert (project.working, project.modified) == (load_experiment("circle"), False)
        assert [(run.updates, run.state) for run in project.runs()] == [(30, "paused")]
        assert project.load_run(1).updates == 30


def test_save_adds_a_run_to_a_project_that_exists(tmp_path: Path) -> None:
    path = str(tmp_path / "mine.bplab")
    assert main(["train", "circle", "--steps", "30", "--save", path]) == 0
    assert main(["train", path, "--epochs", "2", "--seed", "5", "--save", path]) == 0
    with Project.open(Path(path)) as project:
        assert [(run.updates, run.state) for run in project.runs()] == [(30, "paused"), (50, "finished")]
        assert project.load_run(2).experiment.training.seed == 5
        assert (project.saved, project.modified) == (load_experiment("circle"), False)


def test_edits_that_wait_to_be_saved_still_wait_after_a_run_was_added(tmp_path: Path) -> None:
    path, circle = tmp_path / "mine.bplab", load_experiment("circle")
    with Project.create(path, circle) as project:
        project.set_working(msgspec.structs.replace(circle, name="Edited"))
    assert main(["train", "iris", "--steps", "3", "--save", str(path)]) == 0
    with Project.open(path) as project:
        assert (project.saved.name, project.working.name, len(project.runs())) == (circle.name, "Edited", 1)


def test_train_takes_what_a_project_is_working_on(tmp_path: Path, json_of: Any) -> None:
    path, circle = tmp_path / "mine.bplab", load_experiment("circle")
    with Project.create(path, circle) as project:
        project.set_working(msgspec.structs.replace(circle, name="Edited"))
    assert json_of("train", path, "--steps", "3", "--json")["name"] == "Edited"


def test_report_writes_the_page_of_the_newest_run_or_of_the_one_asked_for(tmp_path: Path) -> None:
    path, page = str(tmp_path / "mine.bplab"), tmp_path / "mine.html"
    for name in ("circle", "iris"):
        assert main(["train", name, "--steps", "30", "--save", path]) == 0
    assert main(["report", path, "-o", str(page)]) == 0
    assert "Iris flowers" in page.read_text(encoding="utf-8")
    assert main(["report", path, "-o", str(page), "--run", "1"]) == 0
    assert "A disc in a ring" in page.read_text(encoding="utf-8")


def test_a_report_of_a_saved_run_tells_the_numbers_of_the_training_itself(tmp_path: Path) -> None:
    project, one, other = (tmp_path / name for name in ("a.bplab", "one.html", "other.html"))
    words = ["train", "circle", "--steps", "777", "--save", str(project), "--report", str(one)]
    assert main(words) == 0
    assert main(["report", str(project), "-o", str(other)]) == 0
    runner = train_to_end(load_experiment("circle"), 777)
    for page in (one, other):
        assert "777" in page.read_text(encoding="utf-8")
    with Project.open(project) as saved:
        assert saved.load_run(1).record.last("loss") == runner.record.last("loss")


# -- list ----------------------------------------------------------------------------------------------


def test_list_names_every_member_with_its_summary(capsys: pytest.CaptureFixture[str]) -> None:
    for what, family in FAMILIES.items():
        assert main(["list", what]) == 0
        lines = [line for line in capsys.readouterr().out.splitlines() if not line.startswith("   ")]
        assert [line.split()[0] for line in lines] == list(family.members())
        for line, member in zip(lines, family.members().values(), strict=True):
            assert line.endswith(member.summary())
            assert member.summary()


def test_list_tells_of_every_activation_when_to_use_it_and_how_it_stalls(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "activations"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for member in FAMILIES["activations"].members().values():
        at = next(number for number, line in enumerate(lines) if line.endswith(member.summary()))
        assert lines[at + 1].strip() == member.hint()
        assert lines[at + 1].index(member.hint()) == lines[at].index(member.summary())


def test_list_shows_the_examples_and_all_headings(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "examples"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == example_names()
    assert main(["list"]) == 0
    headings = [line for line in capsys.readouterr().out.splitlines() if line and not line.startswith(" ")]
    assert headings == list(LISTS)


@pytest.mark.parametrize("what", LISTS)
def test_list_as_markdown_is_a_table_whose_rows_have_as_many_cells(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["list", what, "--markdown"]) == 0
    rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in capsys.readouterr().out.splitlines()]
    assert len({len(cells) for cells in rows}) == 1
    assert {cell.strip() for cell in rows[1]} == {"---"}
    names = example_names() if what == "examples" else list(FAMILIES[what].members())
    assert [cells[0].strip() for cells in rows[2:]] == [f"`{name}`" for name in names]
    if what != "examples":
        for cells, member in zip(rows[2:], FAMILIES[what].members().values(), strict=True):
            assert re.sub(r"\\(.)", r"\1", cells[1]).strip() == member.summary()
    if what == "activations":
        assert [re.sub(r"\\(.)", r"\1", cells[2]).strip() for cells in rows[2:]] == [
            member.hint() for member in FAMILIES[what].members().values()
        ]


# -- help and progress ---------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS), *(["bench", name] for name in BENCHES)])
def test_every_command_explains_itself(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main([*words, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"usage: {' '.join(['bplab', *words])}")
    assert all(command in said for command in COMMANDS if not words)


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"bplab {__version__}\n"


def test_a_terminal_gets_a_progress_bar_that_is_gone_at_the_end(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["train", "circle", "--steps", "2000", "--json"]) == 0
    drawn = terminal.getvalue().split("\r")
    assert any("100 %" in line and "loss " in line for line in drawn)
    assert "\n" not in terminal.getvalue()
    assert drawn[-2].strip() == drawn[-1] == ""
    assert json.loads(capsys.readouterr().out)["steps"] == 2000


def test_a_pipe_gets_no_progress_bar() -> None:
    command = [sys.executable, "-m", "bplab", "train", "circle", "--epochs", "10", "--json"]
    run = subprocess.run(command, capture_output=True, encoding="utf-8")
    assert (run.returncode, run.stderr) == (0, "")
    assert json.loads(run.stdout)["steps"] == 250
