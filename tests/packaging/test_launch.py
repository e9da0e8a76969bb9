"""What the start of bplab decides from the arguments, the display and the Python."""

import ast
import sys
from pathlib import Path

import pytest

import launch


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 6, 15), (3, 10, 13)])
def test_a_python_too_old_is_sent_away_in_one_line_that_names_both_versions(version: tuple[int, int, int]) -> None:
    line = launch.refusal(version)
    assert "3.11 or newer" in line
    assert "Python {}.{}.{}".format(*version) in line
    assert "\n" not in line


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 13, 0), (4, 0, 0)])
def test_a_python_from_3_11_on_is_accepted(version: tuple[int, int, int]) -> None:
    assert launch.refusal(version) == ""


def test_the_launcher_is_read_by_a_python_too_old_so_that_the_line_can_be_printed() -> None:
    source = Path(launch.__file__).read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 7))
    before_check = tree.body[: next(i for i, node in enumerate(tree.body) if isinstance(node, ast.If))]
    imported = [name.name for node in before_check if isinstance(node, ast.Import) for name in node.names]
    assert imported == ["sys"]
    # An annotation such as list[str] is evaluated there, and a walrus or a match is not even read.
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.Match)]
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.returns]


@pytest.mark.parametrize(
    ("platform", "variables", "display"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": "", "WAYLAND_DISPLAY": ""}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_only_linux_without_x_and_wayland_has_no_display(
    platform: str, variables: dict[str, str], display: bool
) -> None:
    assert launch.has_display(platform, variables) is display


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True),
        (["work.bplab"], True),
        (["Circle.JSON"], True),
        (["train", "circle"], False),
        (["report", "work.bplab"], False),
        (["list"], False),
        (["--version"], False),
    ],
)
def test_the_window_opens_for_no_argument_or_a_document_alone(arguments: list[str], window: bool) -> None:
    assert launch.opens_window(arguments) is window


def test_without_a_display_digits_is_trained_and_its_report_written() -> None:
    assert launch.without_window([]) == ["train", "digits", "--report", "digits-report.html"]


def test_without_a_display_a_document_is_trained_and_its_report_written_into_the_current_folder() -> None:
    document = str(Path("lessons") / "two arms.bplab")
    assert launch.without_window([document]) == ["train", document, "--report", "two arms-report.html"]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    """What a start asks for: the groups of packages and, last, the command that it becomes."""
    asked: dict[str, object] = {}

    def set_up(needed: list[object], wished: list[object] | None = None) -> tuple[Path, str]:
        asked.update(needed=needed, wished=wished)
        return Path("python"), "sudo ..." if wished else ""

    monkeypatch.setattr(launch, "set_up", set_up)
    monkeypatch.setattr(launch, "become", lambda command: asked.update(command=command) or 0)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    return asked


def test_with_x_the_window_needs_the_libraries_of_x(
    started: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("DISPLAY", ":0")
    assert launch.main(["work.bplab"]) == 0
    assert started["needed"] == [launch.BASE, launch.X11]
    assert started["command"] == ["python", "-m", "bplab", "work.bplab"]


def test_with_wayland_alone_the_window_needs_the_libraries_of_wayland(
    started: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    launch.main([])
    assert started["needed"] == [launch.BASE, launch.WAYLAND]


def test_without_a_display_it_says_so_and_lacking_qt_stops_nothing(
    started: dict[str, object], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    launch.main([])
    said = capsys.readouterr()
    assert said.out == "No display here: bplab trains digits without a window and writes digits-report.html.\n"
    assert "sudo ..." in said.err
    assert started["needed"] == []
    assert started["command"] == ["python", "-m", "bplab", "train", "digits", "--report", "digits-report.html"]


def test_a_shell_command_leaves_stdout_to_bplab(
    started: dict[str, object], capsys: pytest.CaptureFixture[str]
) -> None:
    launch.main(["train", "circle", "--json"])
    assert capsys.readouterr().out == ""
    assert started["command"] == ["python", "-m", "bplab", "train", "circle", "--json"]


def test_a_failed_set_up_is_one_line_on_stderr_and_exit_code_1(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def set_up(*_: object, **__: object) -> None:
        raise launch.SetupError("the disk is full")

    monkeypatch.setattr(launch, "set_up", set_up)
    assert launch.main(["list"]) == 1
    assert capsys.readouterr() == ("", "bplab: the disk is full\n")
