"""The rules on how the project is laid out: who may import whom, what lies where, and what no file may hold."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter import configuration
from importlinter.application.use_cases import lint_imports

from bplab.commands import COMMANDS

ROOT = Path(__file__).parents[1]
TOP_LEVEL = {"pyproject.toml", "README.md", "LICENSE", "bplab", "resources", "tests", "packaging"}
LONGEST_MODULE = 400

# Written so that this file does not hold what it looks for.
PERSONAL_PATH = re.compile(r"(?<![\w.~])/(?:home|root|work|Users)/\w|\b[A-Z]:\\+Users\\", re.ASCII)
REGISTRY = re.compile(r"(?:pypi|pythonhosted|npmjs|anaconda|deb\.debian)\.(?:org|com)|index[-]url|find[-]links")


@pytest.fixture(scope="module")
def tracked() -> list[Path]:
    """Every file that git keeps, relative to the top."""
    try:
        names = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, encoding="utf-8"
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout")
    files = [Path(name) for name in names.split("\0") if name and (ROOT / name).is_file()]
    if not files:
        pytest.skip("this git checkout keeps no file yet")
    return files


def texts(files: list[Path]) -> dict[Path, str]:
    """The files that are text, with their text."""
    read = {path: (ROOT / path).read_bytes() for path in files}
    return {path: data.decode("utf-8", "replace") for path, data in read.items() if b"\0" not in data}


def test_gui_and_shell_stand_on_lab_lab_on_data_and_data_on_engine(capsys: pytest.CaptureFixture[str]) -> None:
    """Every contract under [tool.importlinter] in pyproject.toml is kept."""
    configuration.configure()
    kept = lint_imports(config_filename=str(ROOT / "pyproject.toml"), cache_dir=None)
    said = capsys.readouterr().out
    assert kept, said
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    assert f"Contracts: {len(tools['importlinter']['contracts'])} kept, 0 broken." in said


COMMAND_MODULES = [f"bplab.commands.{name}" for name in COMMANDS]


@pytest.mark.parametrize("module", ["bplab.engine", "bplab.data", "bplab.lab", "bplab.cli", *COMMAND_MODULES])
def test_what_needs_no_window_loads_no_qt(module: str) -> None:
    program = f"import sys, {module}; print(sorted({{'PySide6', 'pyqtgraph', 'superqt'}} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8")
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_the_top_holds_the_few_known_entries_only(tracked: list[Path]) -> None:
    entries = {path.parts[0] for path in tracked}
    assert {entry for entry in entries if not entry.startswith(".")} - TOP_LEVEL == set()


def test_no_module_is_longer_than_400_lines(tracked: list[Path]) -> None:
    lengths = {str(path): text.count("\n") for path, text in texts(tracked).items() if path.suffix == ".py"}
    assert lengths
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_every_module_of_the_package_opens_by_saying_what_it_holds(tracked: list[Path]) -> None:
    modules = {path: text for path, text in texts(tracked).items() if path.suffix == ".py"}
    silent = [str(path) for path, text in modules.items() if path.parts[0] == "bplab" and not is_introduced(text)]
    assert silent == []


def is_introduced(source: str) -> bool:
    """Whether a module has a docstring; an empty one needs none."""
    return not source.strip() or source.lstrip().startswith('"""')


def test_no_file_names_a_place_on_somebodys_machine(tracked: list[Path]) -> None:
    found = {str(path): match[0] for path, text in texts(tracked).items() if (match := PERSONAL_PATH.search(text))}
    assert found == {}


def test_no_file_names_a_package_registry(tracked: list[Path]) -> None:
    found = {str(path): match[0] for path, text in texts(tracked).items() if (match := REGISTRY.search(text))}
    assert found == {}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("open('/" + "home/ann/x.csv')", True),
        ("C:" + "\\Users\\ann", True),
        ("the framework's /framework/ and network/layers", False),
        ("../work/x", False),
    ],
)
def test_a_place_on_a_machine_is_told_from_other_slashes(text: str, named: bool) -> None:
    assert bool(PERSONAL_PATH.search(text)) is named
