"""The shell refuses in one line on stderr, exit code 2; interrupts and closed pipes leave no traceback."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest

from bplab.cli import main
from bplab.commands import COMMANDS
from bplab.lab.experiment import example_names, experiment_to_json, load_experiment
from bplab.lab.project import Project

EXAMPLES = ", ".join(example_names())


@pytest.fixture
def refusal_of(capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command that must be refused; returns its one line."""

    def run(*words: str | Path) -> str:
        assert main([str(word) for word in words]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.endswith("\n")
        assert said.err.count("\n") == 1
        return said.err.strip()

    return run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trian", "circle"], f"bplab: trian: neither a command nor a file; commands are {', '.join(COMMANDS)}"),
        (["train"], "bplab train: the following arguments are required: EXPERIMENT"),
        (
            ["train", "circel"],
            f"bplab: circel: neither a file nor a built-in example; examples are {EXAMPLES}",
        ),
        (
            ["train", "circle", "--steps", "0"],
            "bplab train: argument --steps: expected a whole number from 1 up, got '0'",
        ),
        (
            ["train", "circle", "--steps", "1e3"],
            "bplab train: argument --steps: expected a whole number from 1 up, got '1e3'",
        ),
        (
            ["train", "circle", "--epochs", "2", "--steps", "3"],
            "bplab train: argument --steps: not allowed with argument --epochs",
        ),
        (["train", "circle", "--epochs", "200000000"], "bplab: training.epochs: expected int ≤ 100000000"),
        (["train", "circle", "--seed", "-1"], "bplab: training.seed: expected int ≥ 0"),
        (["train", "circle", "--seed", "x"], "bplab train: argument --seed: invalid int value: 'x'"),
        (["train", "circle", "--step", "3"], "bplab: unrecognized arguments: --step 3"),
        (["train", "circle", "--set", "training.rate=3"], "bplab: training: object contains unknown field rate"),
        (
            ["train", "circle", "--set", "network.layers[0].units=1000000000"],
            "bplab: network.layers[0].units: expected int ≤ 65536",
        ),
        (
            ["train", "circle", "--set", "data=iris"],
            "bplab: network.layers[2].units: the data has 3 classes, so the last layer needs 3 units, not 1",
        ),
        (["train", "circle", "--report", "a.pdf"], "bplab: a.pdf: the name must end in .html"),
        (["train", "circle", "--save", "a.json"], "bplab: a.json: the name must end in .bplab"),
        (["train", "circle", "--report", "no/a.html"], "bplab: no/a.html: there is no folder no"),
        (["train", "none.bplab"], "bplab: none.bplab could not be opened: no such file or directory"),
        (
            ["train", "none.json"],
            f"bplab: none.json: neither a file nor a built-in example; examples are {EXAMPLES}",
        ),
        (["report", "none.bplab", "-o", "a.html"], "bplab: none.bplab could not be opened: no such file or directory"),
        (["report", "none.bplab"], "bplab report: the following arguments are required: -o/--output"),
        (["none.bplab"], "bplab: none.bplab: there is no such file"),
        (["bench", "nothing"], "bplab bench: argument WHICH: invalid choice: 'nothing' (choose from "),
        (["list", "nothing"], "bplab list: argument WHAT: invalid choice: 'nothing' (choose from "),
    ],
)
def test_what_cannot_be_done_is_refused_in_one_line(
    refusal_of: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: list[str], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal_of(*words).startswith(said)
    assert list(tmp_path.iterdir()) == []


def test_a_csv_error_names_file_line_and_column(refusal_of: Any, tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("a,b,c\n" + "1,2,3\n" * 5 + "1,nan,3\n", encoding="utf-8")
    data = json.dumps({"type": "csv", "path": str(tmp_path / "points.csv")})
    said = refusal_of("train", "circle", "--set", f"data={data}")
    assert "points.csv, line 7, column 2" in said


@pytest.mark.parametrize("contents", [b"", b"{}", b"SQLite format 3\0" + bytes(5_000)])
def test_a_foreign_project_is_refused_and_stays_as_it_was(refusal_of: Any, tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "foreign.bplab"
    path.write_bytes(contents)
    for words in (["train", path], ["report", path, "-o", tmp_path / "a.html"], ["train", "circle", "--save", path]):
        assert refusal_of(*words).startswith("bplab: foreign.bplab is ")
    assert path.read_bytes() == contents


def test_a_project_open_elsewhere_is_refused_before_anything_is_trained(refusal_of: Any, tmp_path: Path) -> None:
    path = tmp_path / "mine.bplab"
    with Project.create(path, load_experiment("circle")):
        said = refusal_of("train", "digits", "--epochs", "100000", "--save", path)
    assert said == "bplab: mine.bplab is open in another window"


def test_a_project_without_a_run_has_nothing_to_report(refusal_of: Any, tmp_path: Path) -> None:
    Project.create(tmp_path / "mine.bplab", load_experiment("circle")).close()
    said = refusal_of("report", tmp_path / "mine.bplab", "-o", tmp_path / "a.html")
    assert said == "bplab: mine.bplab holds no run yet; train it first"


@pytest.mark.skipif(sys.platform != "linux", reason="a display is looked for on Linux only")
def test_without_a_display_the_window_is_refused_with_what_to_do_instead(
    refusal_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    assert refusal_of() == "bplab: there is no display to open a window on; without one, try: bplab train digits"


def test_a_reader_that_goes_away_is_no_error() -> None:
    command = [sys.executable, "-m", "bplab", "list"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_an_output_that_cannot_be_written_is_one_line() -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "bplab", "list"]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8")
    assert (run.returncode, run.stderr) == (2, "bplab: output: no space left on device\n")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be written to a file."""

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", refuse)


@pytest.mark.usefixtures("full_disk")
def test_a_report_on_a_full_disk_is_one_line_after_the_result(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", "circle", "--steps", "3", "--report", str(tmp_path / "a.html")]) == 2
    said = capsys.readouterr()
    assert said.err == "bplab: a.html could not be written: no space left on device\n"
    assert "3 updates" in said.out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("full_disk")
def test_a_report_that_fails_leaves_the_object_and_the_project(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    project, page = tmp_path / "a.bplab", tmp_path / "a.html"
    words = ["train", "circle", "--steps", "3", "--json", "--save", str(project), "--report", str(page)]
    assert main(words) == 2
    assert json.loads(capsys.readouterr().out)["steps"] == 3
    with Project.open(project) as kept:
        assert [run.updates for run in kept.runs()] == [3]


def test_a_project_that_fails_leaves_the_result_and_the_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Project, "create", refuse)
    project, page = tmp_path / "a.bplab", tmp_path / "a.html"
    assert main(["train", "circle", "--steps", "3", "--save", str(project), "--report", str(page)]) == 2
    said = capsys.readouterr()
    assert said.err == "bplab: a.bplab could not be written: permission denied\n"
    assert "3 updates" in said.out
    assert "A disc in a ring" in page.read_text(encoding="utf-8")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_a_result_that_cannot_be_printed_leaves_the_project(tmp_path: Path) -> None:
    project = tmp_path / "a.bplab"
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "bplab", "train", "circle", "--steps", "3", "--save", str(project)]
        run = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, encoding="utf-8")
    assert (run.returncode, run.stderr) == (2, "bplab: output: no space left on device\n")
    with Project.open(project) as kept:
        assert [info.updates for info in kept.runs()] == [3]


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
@pytest.mark.parametrize(
    ("number", "code", "word"), [("SIGINT", 130, "interrupted"), ("SIGTERM", 143, "terminated")]
)
@pytest.mark.parametrize("module", ["numpy", "bplab.commands.train"])
def test_a_signal_while_modules_are_loaded_is_one_line(module: str, number: str, code: int, word: str) -> None:
    program = (
        "import os, signal, sys\n"
        "class Finder:\n"
        "    def find_spec(self, name, *_):\n"
        f"        if name == {module!r}: os.kill(os.getpid(), signal.{number})\n"
        "sys.meta_path.insert(0, Finder())\n"
        "from bplab.cli import main\n"
        "sys.exit(main(['train', 'circle']))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8")
    assert (run.returncode, run.stdout, run.stderr) == (code, "", f"bplab: {word}\n")


@pytest.fixture
def interrupted(tmp_path: Path) -> Any:
    """Ends an endless training with some more words; returns its exit code and what it said on stderr."""

    def run(*words: str, by: signal.Signals = signal.SIGINT) -> tuple[int, str]:
        endless = load_experiment("circle")
        plan = msgspec.structs.replace(endless.training, epochs=100_000_000)
        path = tmp_path / "endless.json"
        path.write_text(experiment_to_json(msgspec.structs.replace(endless, training=plan)), encoding="utf-8")
        program = (
            "import sys, bplab.cli, bplab.lab.runner as r\n"
            "advance = r.Runner.advance\n"
            "def told(*words):\n    print('training', flush=True); return advance(*words)\n"
            "r.Runner.advance = told\n"
            "sys.exit(bplab.cli.main(['train', *sys.argv[1:]]))"
        )
        command = [sys.executable, "-c", program, str(path), *words]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8") as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "training\n"
            process.send_signal(by)
            _, said = process.communicate()
        return process.returncode, said

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_an_interrupt_is_one_line_and_130(interrupted: Any) -> None:
    assert interrupted() == (130, "bplab: interrupted\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_a_polite_kill_is_one_line_and_143(interrupted: Any) -> None:
    assert interrupted(by=signal.SIGTERM) == (143, "bplab: terminated\n")


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_a_training_that_is_killed_politely_is_saved_as_far_as_it_came(interrupted: Any, tmp_path: Path) -> None:
    project = tmp_path / "run.bplab"
    code, said = interrupted("--save", str(project), by=signal.SIGTERM)
    with Project.open(project) as kept:
        (info,) = kept.runs()
    assert said == f"bplab: terminated after {info.updates:,} updates; the run so far was saved to {project}\n"
    assert code == 143


@pytest.mark.skipif(sys.platform == "win32", reason="signals differ there")
def test_an_interrupted_training_is_saved_and_reported_as_far_as_it_came(interrupted: Any, tmp_path: Path) -> None:
    project, report = tmp_path / "run.bplab", tmp_path / "run.html"
    code, said = interrupted("--save", str(project), "--report", str(report))
    with Project.open(project) as kept:
        (info,) = kept.runs()
        assert (info.state, info.updates > 0, kept.load_run(info.id).updates) == ("paused", True, info.updates)
    assert said == (
        f"bplab: interrupted after {info.updates:,} updates; "
        f"the run so far was saved to {project} and reported in {report}\n"
    )
    assert code == 130
    assert f"{info.updates:,}" in report.read_text(encoding="utf-8")
