"""The command for the shell: it names an example with what is changed, or a file, and gives exactly the run."""

import json
import shlex
from pathlib import Path

import msgspec
import platformdirs
import pytest
from msgspec.structs import replace

from bplab.cli import main
from bplab.data import Csv
from bplab.engine import Adam, Dense, LeakyReLU, ReLU
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.outcome import outcome_of
from bplab.lab.runner import train_to_end
from bplab.lab.shell_command import changes_of_an_example, shell_command


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, for this test alone."""
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: tmp_path)
    return tmp_path


def planned(experiment: Experiment, **changes: object) -> Experiment:
    return replace(experiment, training=replace(experiment.training, **changes))


def outcome(experiment: Experiment, updates: int | None = None) -> dict[str, object]:
    """What the shell prints of this run, without how long it took."""
    found: dict[str, object] = json.loads(msgspec.json.encode(outcome_of(train_to_end(experiment, updates))))
    return {key: value for key, value in found.items() if key not in ("seconds", "experiment")}


def printed(text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """What the shell prints when it is told ``text``."""
    program, *words = shlex.split(text)
    assert program == "bplab"
    assert main([*words, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return {key: value for key, value in found.items() if key not in ("seconds", "experiment")}


def changed_circle() -> Experiment:
    start = planned(load_experiment("circle"), epochs=3, seed=5, batch_size=20, optimizer=Adam(0.004), l2=0.001)
    first = replace(start.network.layers[0], activation=ReLU())
    return replace(start, network=replace(start.network, layers=(first, *start.network.layers[1:])))


def test_an_example_as_it_is_needs_its_name_and_seed_only() -> None:
    assert shell_command(load_experiment("circle")).text == "bplab train circle --seed 0"


def test_what_is_changed_in_an_example_is_set_by_path(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = changed_circle()
    command = shell_command(experiment)
    assert command.file is None
    assert command.words[:3] == ("bplab", "train", "circle")
    assert "network.layers[0].activation=relu" in command.words
    assert "training.batch_size=20" in command.words
    assert command.words[-2:] == ("--seed", "5")
    assert printed(command.text, capsys) == outcome(experiment)


def test_a_run_of_another_length_says_how_many_updates(capsys: pytest.CaptureFixture[str]) -> None:
    experiment = changed_circle()
    command = shell_command(experiment, 17)
    assert command.words[-2:] == ("--steps", "17")
    assert printed(command.text, capsys) == outcome(experiment, 17)


def test_an_experiment_far_from_every_example_is_written_to_a_file_that_gives_its_run(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    layers = tuple(Dense(3, LeakyReLU(0.1 * place)) for place in range(1, 6))
    start = planned(load_experiment("circle"), epochs=2)
    experiment = replace(start, name="Mein Netz: ü", network=replace(start.network, layers=(*layers, Dense(1, ReLU()))))
    command = shell_command(experiment)
    assert command.file is not None
    assert command.file.parent == folder / "commands"
    assert command.file.name.startswith("mein-netz-")
    assert printed(command.text, capsys) == outcome(experiment)
    assert shell_command(experiment) == command
    assert shell_command(planned(experiment, epochs=1)).file != command.file


def test_data_in_a_file_of_the_users_is_found_from_any_folder(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    table = folder / "points.csv"
    table.write_text("x,y,class\n" + "".join(f"{n},{n % 3},{n % 2}\n" for n in range(30)), encoding="utf-8")
    experiment = replace(planned(load_experiment("circle"), epochs=2), data=Csv(str(table)))
    command = shell_command(experiment)
    assert changes_of_an_example(load_experiment("circle")) == ("circle", [])
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    assert printed(command.text, capsys) == outcome(experiment)
