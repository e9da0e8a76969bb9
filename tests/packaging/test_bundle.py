"""What is handed out: the wheel holds the resources, and desktop entry, metainfo and package agree."""

import configparser
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

import pytest

import bplab
import bplab.resources
from bplab.resources import resource

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The names of what the wheel of this checkout holds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    build = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert build.returncode == 0, build.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        return archive.namelist()


def test_the_wheel_holds_every_resource(wheel: list[str]) -> None:
    resources = [path for path in (ROOT / "resources").rglob("*") if path.is_file()]
    names = {f"bplab/_resources/{path.relative_to(ROOT / 'resources').as_posix()}" for path in resources}
    assert names
    assert names - set(wheel) == set()


def test_the_wheel_holds_the_package_and_nothing_beside_it(wheel: list[str]) -> None:
    tops = {name.split("/")[0] for name in wheel}
    assert tops == {"bplab", f"bplab-{bplab.__version__}.dist-info"}
    assert "bplab/__main__.py" in wheel


def test_resources_are_read_from_the_package_when_it_has_them_and_else_from_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "bplab"
    package.mkdir()
    monkeypatch.setattr(bplab.resources, "__file__", str(package / "resources.py"))
    assert resource("icons", "bplab.svg") == tmp_path / "resources" / "icons" / "bplab.svg"
    (package / "_resources").mkdir()
    assert resource("icons", "bplab.svg") == package / "_resources" / "icons" / "bplab.svg"


def test_desktop_entry_and_metainfo_name_the_same_program_and_its_icon_is_there() -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str
    entry.read(ROOT / "packaging" / "bplab.desktop", encoding="utf-8")
    metainfo = ElementTree.parse(ROOT / "packaging" / "io.github.bplab.bplab.metainfo.xml")
    assert metainfo.findtext("launchable") == "bplab.desktop"
    assert metainfo.findtext("icon") == entry["Desktop Entry"]["Icon"]
    assert metainfo.findtext("name") == entry["Desktop Entry"]["Name"]
    assert resource("icons", f"{entry['Desktop Entry']['Icon']}.svg").is_file()


def test_the_newest_release_of_the_metainfo_is_this_version() -> None:
    metainfo = ElementTree.parse(ROOT / "packaging" / "io.github.bplab.bplab.metainfo.xml")
    release = metainfo.find("releases/release")
    assert release is not None
    assert release.get("version") == bplab.__version__
