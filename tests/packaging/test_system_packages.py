"""Which packages of the system are asked for, and how."""

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import system_packages
from system_packages import BASE, VENV, WAYLAND, X11, XVFB, advice, missing, present


@pytest.fixture(autouse=True)
def on_linux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")


def all_but(lacking: Iterable[str]) -> Callable[[str], bool]:
    """A machine that has everything but these."""
    return lambda name: name not in set(lacking)


def test_the_command_for_debian_names_exactly_the_packages_that_are_missing() -> None:
    machine = all_but(["libEGL.so.1", "libxcb-cursor.so.0", "Xvfb"])
    assert advice([BASE, X11, XVFB], machine, apt=True) == (
        "system packages are missing, install them with: sudo apt-get install libegl1 libxcb-cursor0 xvfb"
    )


def test_a_machine_without_apt_get_is_told_the_names_of_the_libraries() -> None:
    line = advice([VENV, BASE], all_but(["libGL.so.1", "module ensurepip"]), apt=False)
    assert line.endswith(": ensurepip, libGL.so.1")
    assert "apt" not in line


@pytest.mark.parametrize("apt", [True, False])
def test_a_machine_that_lacks_nothing_is_told_nothing(apt: bool) -> None:
    assert advice([VENV, BASE, X11, WAYLAND, XVFB], all_but([]), apt=apt) == ""


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_macos_and_windows_lack_nothing(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert missing([VENV, BASE, X11], lambda _: False) == []


def test_a_bare_debian_is_asked_for_every_package_once() -> None:
    packages = [need.package for need in missing([VENV, BASE, X11, XVFB], lambda _: False)]
    assert len(packages) == len(set(packages)) == 13
    assert packages[0] == f"python3.{sys.version_info.minor}-venv"


@pytest.mark.parametrize(
    ("name", "there"),
    [
        ("module json", True),
        ("module no_such_module", False),
        ("no-such-program", False),
        ("libno-such-library.so.0", False),
    ],
)
def test_modules_programs_and_libraries_are_looked_for_where_they_live(name: str, there: bool) -> None:
    assert present(name) is there


def test_a_person_who_is_not_root_is_never_asked_by_apt_get(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(system_packages, "missing", lambda groups: list(BASE.needs))
    monkeypatch.setattr(system_packages, "has_apt", lambda: True)
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(system_packages.subprocess, "run", lambda *_, **__: pytest.fail("apt-get was started"))
    system_packages.install_missing([BASE], tmp_path / "log")


def test_root_gets_the_missing_packages_after_an_update_and_is_asked_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    commands: list[tuple[list[str], str]] = []

    class Done:
        returncode = 0

    def run(command: list[str], env: dict[str, str], **_: object) -> Done:
        commands.append((command, env["DEBIAN_FRONTEND"]))
        return Done()

    monkeypatch.setattr(system_packages, "missing", lambda groups: list(XVFB.needs))
    monkeypatch.setattr(system_packages, "has_apt", lambda: True)
    monkeypatch.setattr(system_packages.os, "geteuid", lambda: 0, raising=False)
    monkeypatch.setattr(system_packages.subprocess, "run", run)
    system_packages.install_missing([XVFB], tmp_path / "log")
    assert commands == [
        (["apt-get", "update"], "noninteractive"),
        (["apt-get", "install", "--yes", "--no-install-recommends", "xvfb"], "noninteractive"),
    ]
    assert capsys.readouterr().err == "Installing system packages: xvfb\n"
