"""Files that are no project, are damaged, or were made to do harm: one sentence, and the file stays as it was."""

import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bplab.engine import InputError
from bplab.lab.experiment import Experiment, experiment_to_json
from bplab.lab.project import Project
from bplab.lab.runner import train_to_end

Attack = Callable[..., str]


@pytest.fixture
def good(tmp_path: Path, circle: Experiment) -> Path:
    """A project with one run."""
    path = tmp_path / "good.bplab"
    with Project.create(path, circle) as project:
        project.update_run(project.add_run(circle), train_to_end(circle, 50).save_point(), "paused")
    return path


@pytest.fixture
def opening(good: Path) -> Attack:
    """What opening says after some statements have been run on a good project."""

    def attack(*statements: str) -> str:
        with closing(sqlite3.connect(good)) as connection:
            for statement in statements:
                connection.execute(statement)
            connection.commit()
        return refusal_of(good)

    return attack


@pytest.fixture
def loading(good: Path) -> Attack:
    """What loading the run says after that."""

    def attack(statement: str, *values: object) -> str:
        with closing(sqlite3.connect(good)) as connection:
            connection.execute(statement, values)
            connection.commit()
        with Project.open(good) as project, pytest.raises(InputError) as error:
            project.load_run(1)
        return str(error.value)

    return attack


def refusal_of(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(InputError) as error:
        Project.open(path)
    assert path.read_bytes() == before
    assert "\n" not in str(error.value)
    return str(error.value)


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "bad.bplab is not a bplab project"),
        (b"{}", "bad.bplab is not a bplab project"),
        (b"PK\x03\x04" + bytes(5_000), "bad.bplab is not a bplab project"),
        (bytes(100_000), "bad.bplab is not a bplab project"),
        (b"SQLite format 3\0", "bad.bplab is not a bplab project"),
    ],
)
def test_a_foreign_file_is_no_project(tmp_path: Path, contents: bytes, said: str) -> None:
    path = tmp_path / "bad.bplab"
    path.write_bytes(contents)
    assert refusal_of(path) == said


def test_another_programs_database_is_no_project(tmp_path: Path) -> None:
    path = tmp_path / "bad.bplab"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE document (saved, working, changed)")
    assert refusal_of(path) == "bad.bplab is not a bplab project"


@pytest.mark.parametrize("share", [0.01, 0.1, 0.3, 0.5, 0.9, 0.99])
def test_a_truncated_project_is_damaged(good: Path, share: float) -> None:
    contents = good.read_bytes()
    good.write_bytes(contents[: int(share * len(contents))])
    assert refusal_of(good).startswith("good.bplab is damaged")


def test_a_newer_project_says_so(opening: Attack) -> None:
    said = opening("PRAGMA user_version = 3")
    assert said == "good.bplab was made by a newer bplab: project version 3, this one reads 2"


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER UPDATE ON document BEGIN DELETE FROM run; END",
        "CREATE VIEW v AS SELECT * FROM run",
        "CREATE INDEX i ON run (abs(id))",
        "CREATE TABLE extra (x)",
        "ALTER TABLE run ADD COLUMN more TEXT DEFAULT 'x'",
        "ALTER TABLE run ADD COLUMN more AS (hex(zeroblob(1000000000)))",
        "DROP TABLE save_point",
    ],
)
def test_other_tables_than_ours_are_refused(opening: Attack, statement: str) -> None:
    assert opening(statement) == "good.bplab is not a project that bplab has written: its tables are others"


def test_a_table_replaced_by_a_view_is_refused(opening: Attack) -> None:
    said = opening("ALTER TABLE document RENAME TO d", "CREATE VIEW document AS SELECT * FROM d")
    assert said == "good.bplab is not a project that bplab has written: its tables are others"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM document", "good.bplab is damaged: its experiment is missing"),
        ("UPDATE document SET saved = zeroblob(5000000)", "good.bplab is damaged: its experiment is missing or"),
        ("UPDATE document SET working = x'7b7d'", "good.bplab: its experiment is damaged"),
        ("UPDATE document SET working = '{\"a\": NaN}'", "good.bplab: this is not valid JSON"),
        ("UPDATE document SET working = '{}'", "good.bplab: object missing required field"),
        ("UPDATE document SET working = replace(working, '\"units\": 4', '\"units\": 1000000000')", "good.bplab: net"),
    ],
)
def test_an_impossible_experiment_is_refused(opening: Attack, statement: str, said: str) -> None:
    assert opening(statement).startswith(said)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE save_point SET record = zeroblob(100)", "run 1: the record of a run is damaged"),
        ("UPDATE save_point SET record = 'text'", "run 1: its record is damaged"),
        ("UPDATE save_point SET checkpoint = 7", "run 1: its checkpoint is damaged"),
        ("UPDATE save_point SET checkpoint = record", "run 1: a checkpoint is damaged"),
        ("UPDATE run SET experiment = ?", "run 1: network.layers[1]"),
        ("UPDATE run SET updates = 1 << 52", "run 1: its record and its checkpoint do not belong to the updates"),
    ],
)
def test_a_damaged_run_is_refused_and_the_rest_stays(
    loading: Attack, good: Path, circle: Experiment, statement: str, said: str
) -> None:
    layers = (circle.network.layers[0], msgspec.structs.replace(circle.network.layers[1], units=9))
    other = msgspec.structs.replace(circle, network=msgspec.structs.replace(circle.network, layers=layers))
    assert loading(statement, *([experiment_to_json(other)] if "?" in statement else [])).startswith(said)
    with Project.open(good) as project:
        assert project.working == circle


def test_a_run_too_large_to_be_ours_is_not_even_read(loading: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bplab.lab.saved_runs.MAX_BYTES", 10**6)
    said = loading("UPDATE save_point SET record = zeroblob(1000001)")
    assert said == "run 1: it is larger than any that bplab writes"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE run SET state = 'on fire'",
        "UPDATE run SET updates = -1",
        "UPDATE run SET updates = 'many'",
        "UPDATE run SET name = x'00'",
        "UPDATE run SET loss = 'low'",
    ],
)
def test_an_impossible_line_in_the_list_of_runs_is_refused(good: Path, statement: str) -> None:
    with closing(sqlite3.connect(good)) as connection:
        connection.execute(statement)
        connection.commit()
    with Project.open(good) as project, pytest.raises(InputError, match=r"^the list of runs is damaged$"):
        project.runs()


def test_an_endless_name_is_cut(good: Path) -> None:
    with closing(sqlite3.connect(good)) as connection:
        connection.execute("UPDATE run SET name = printf('%.*c', 10000000, 'x'), note = name")
        connection.commit()
    with Project.open(good) as project:
        assert len(project.runs()[0].name) == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_stretch_of_the_file_is_refused_or_harmless(good: Path, data: st.DataObject) -> None:
    contents = bytearray(good.read_bytes())
    start = data.draw(st.integers(0, len(contents) - 1))
    stretch = data.draw(st.binary(min_size=1, max_size=300))
    contents[start : start + len(stretch)] = stretch[: len(contents) - start]
    changed = good.with_name("changed.bplab")
    changed.write_bytes(contents)
    with suppress(InputError), Project.open(changed) as project:
        for info in project.runs():
            assert project.load_run(info.id).record.probe_samples == 65
