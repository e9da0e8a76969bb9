"""When .venv is left alone, brought up to date or made anew; nothing here asks a package server."""

import dataclasses
import re
import sys
import tomllib
from pathlib import Path

import pytest

import environment
from environment import Environment, Plan, Stamp, pip_failure, plan
from messages import SetupError

ROOT = Path(__file__).parents[2]
WANTED = Stamp("Python 3.11 for here", "abc")
WHOLE = dataclasses.replace(WANTED, complete=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Environment:
    """The environment, not yet made, of a checkout that holds what the stamp depends on."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "packaging" / "constraints.txt").write_text("numpy==2.0.0\n", encoding="utf-8")
    return Environment(tmp_path)


def make(checkout: Environment, **changes: object) -> None:
    """Make this environment look whole: a Python and a stamp, as changed."""
    checkout.python.parent.mkdir(parents=True)
    checkout.python.touch()
    dataclasses.replace(checkout.wanted([]), complete=True, **changes).write(checkout.folder / "bplab-stamp.json")


def test_a_whole_environment_of_the_wanted_recipe_is_kept() -> None:
    assert plan(WHOLE, WANTED, python_works=True) is Plan.KEEP


def test_a_changed_recipe_lets_pip_bring_the_environment_up_to_date() -> None:
    assert plan(dataclasses.replace(WHOLE, sources="older"), WANTED, python_works=True) is Plan.INSTALL


def test_an_extra_that_was_not_installed_is_installed_and_one_too_many_stays() -> None:
    with_dev = dataclasses.replace(WANTED, extras=("dev",))
    assert plan(WHOLE, with_dev, python_works=True) is Plan.INSTALL
    assert plan(dataclasses.replace(WHOLE, extras=("dev",)), WANTED, python_works=True) is Plan.KEEP


def test_an_install_that_never_ended_has_the_environment_made_anew() -> None:
    assert plan(dataclasses.replace(WHOLE, complete=False), WANTED, python_works=True) is Plan.REBUILD


def test_another_python_or_another_folder_has_the_environment_made_anew() -> None:
    assert plan(dataclasses.replace(WHOLE, made_by="Python 3.12 for here"), WANTED, True) is Plan.REBUILD


@pytest.mark.parametrize("found", [None, WHOLE])
def test_an_environment_whose_python_does_not_run_is_made_anew(found: Stamp | None) -> None:
    assert plan(found, WANTED, python_works=False) is Plan.REBUILD


def test_bplab_is_installed_into_an_environment_that_somebody_made_by_hand() -> None:
    assert plan(None, WANTED, python_works=True) is Plan.INSTALL


def test_a_second_start_finds_the_environment_ready_without_starting_a_program(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(checkout, qt=("libqoffscreen.so",))
    monkeypatch.setattr(environment.subprocess, "run", lambda *_, **__: pytest.fail("a program was started"))
    assert checkout.plan([]) is Plan.KEEP
    assert checkout.qt_problem(["libqoffscreen.so"]) == ""


def test_a_folder_that_holds_no_python_is_made_anew(checkout: Environment) -> None:
    make(checkout)
    checkout.python.unlink()
    assert checkout.plan([]) is Plan.REBUILD


@pytest.mark.parametrize("file", ["pyproject.toml", "packaging/constraints.txt"])
def test_a_change_of_what_to_install_changes_the_stamp(checkout: Environment, file: str) -> None:
    before = checkout.wanted([])
    path = checkout.root / file
    path.write_text(path.read_text(encoding="utf-8") + "# more\n", encoding="utf-8")
    assert checkout.wanted([]).sources != before.sources


def test_a_new_recipe_of_the_launcher_changes_the_stamp(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = checkout.wanted([])
    monkeypatch.setattr(environment, "RECIPE", environment.RECIPE + 1)
    assert checkout.wanted([]).sources != before.sources


def test_clearing_leaves_an_empty_folder_whose_stamp_says_that_it_is_not_whole(checkout: Environment) -> None:
    make(checkout)
    checkout.clear()
    stamp = Stamp.read(checkout.folder / "bplab-stamp.json")
    assert [path.name for path in checkout.folder.iterdir()] == ["bplab-stamp.json"]
    assert stamp is not None
    assert not stamp.complete
    assert checkout.plan([]) is Plan.REBUILD


def test_a_stamp_is_read_as_it_was_written(tmp_path: Path) -> None:
    stamp = Stamp("Python 3.12 for here", "abc", ("dev",), ("libqxcb.so",), True)
    stamp.write(tmp_path / "stamp.json")
    assert Stamp.read(tmp_path / "stamp.json") == stamp


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"extras": [], "qt": [], "unknown": 1}', "\0"])
def test_a_stamp_that_cannot_be_understood_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "stamp.json").write_text(text, encoding="utf-8")
    assert Stamp.read(tmp_path / "stamp.json") is None


def python_that(checkout: Environment, monkeypatch: pytest.MonkeyPatch, code: int, output: str) -> None:
    """Let every step of making the environment end with this code and output."""
    monkeypatch.setattr(checkout, "_run", lambda _: (code, output))


def test_an_install_that_succeeds_is_stamped_whole_with_its_extras(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(checkout, sources="older", extras=("dev",))
    python_that(checkout, monkeypatch, 0, "")
    checkout.install([])
    assert Stamp.read(checkout.folder / "bplab-stamp.json") == dataclasses.replace(
        checkout.wanted(["dev"]), complete=True
    )


def test_an_update_that_pip_refuses_leaves_the_environment_as_it_was(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(checkout, sources="older")
    before = Stamp.read(checkout.folder / "bplab-stamp.json")
    python_that(checkout, monkeypatch, 1, "WARNING: Retrying ... NewConnectionError")
    with pytest.raises(SetupError, match=r"no package server could be reached.*install\.log"):
        checkout.install([])
    assert Stamp.read(checkout.folder / "bplab-stamp.json") == before


def test_an_install_that_is_cut_short_leaves_a_stamp_that_says_so(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(_: object) -> None:
        raise KeyboardInterrupt

    make(checkout, sources="older")
    monkeypatch.setattr(checkout, "_run", cut_short)
    with pytest.raises(KeyboardInterrupt):
        checkout.install([])
    assert checkout.plan([]) is Plan.REBUILD


def test_what_a_step_prints_is_in_the_log_and_its_exit_code_comes_back(checkout: Environment) -> None:
    checkout.folder.mkdir()
    program = "print('one'); import sys; print('two', file=sys.stderr); sys.exit(3)"
    code, output = checkout._run([sys.executable, "-c", program])
    assert code == 3
    assert sorted(output.split()) == ["one", "two"]
    assert checkout.log.read_text(encoding="utf-8") == output


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("... NewConnectionError('...'): /simple/numpy/", "no package server could be reached (is there a network?)"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("ERROR: No matching distribution found for numpy==2.4.6", "there is no numpy==2.4.6 for this system"),
        ("ERROR: something else", "pip gave up"),
    ],
)
def test_why_pip_failed_is_said_in_a_few_words(output: str, reason: str) -> None:
    assert pip_failure(output).startswith(reason)


def test_qt_that_does_not_load_is_reported_with_what_it_lacks(
    checkout: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(checkout)
    checkout.python = Path(sys.executable)
    monkeypatch.setattr(environment, "QT_PROBE", "raise ImportError('libGL.so.1: cannot open shared object file')")
    problem = checkout.qt_problem(["libqoffscreen.so"])
    assert problem == "Qt does not load here: ImportError: libGL.so.1: cannot open shared object file"


def test_qt_that_loads_is_remembered_in_the_stamp(checkout: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    make(checkout, qt=("libqoffscreen.so",))
    checkout.python = Path(sys.executable)
    monkeypatch.setattr(environment, "QT_PROBE", "")
    assert checkout.qt_problem(["libqxcb.so"]) == ""
    stamp = Stamp.read(checkout.folder / "bplab-stamp.json")
    assert stamp is not None
    assert stamp.qt == ("libqoffscreen.so", "libqxcb.so")


def test_every_constraint_is_one_exact_version_of_one_package() -> None:
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.]*", line)] == []
    names = [line.split("==")[0] for line in lines]
    assert names == sorted(set(names))


def test_every_package_that_bplab_asks_for_has_its_constraint() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["dev"]
    names = {re.split(r"[<>=!~\[; ]", line)[0].lower().replace("_", "-") for line in asked}
    lines = (ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert names - {line.split("==")[0] for line in lines} == set()
