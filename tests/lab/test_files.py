"""Files are written whole or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from bplab.engine import InputError
from bplab.lab.files import replacing, write_atomically


def test_text_is_written_as_utf8_with_its_line_ends_as_they_are(tmp_path: Path) -> None:
    write_atomically(tmp_path / "a.txt", "δ → 0\r\nend\n")
    assert (tmp_path / "a.txt").read_bytes() == "δ → 0\r\nend\n".encode()


def test_a_file_is_replaced_in_one_step_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    write_atomically(path, b"old")
    before = path.stat().st_ino
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert path.stat().st_ino != before
    assert list(tmp_path.iterdir()) == [path]


def test_the_old_file_stays_whatever_happens_while_the_new_one_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"old")

    def write_half() -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            assert path.read_bytes() == b"old"
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_half()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_new_file_is_complete_before_it_takes_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append("fsync")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append(f"replace by {self.read_text(encoding='utf-8')}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    write_atomically(tmp_path / "a.txt", "all")
    assert steps[:2] == ["fsync", "replace by all"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right there, and permissions differ")
def test_a_link_stays_a_link_and_permissions_stay(tmp_path: Path) -> None:
    real, link = tmp_path / "real.txt", tmp_path / "link.txt"
    real.write_bytes(b"old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640


def test_a_missing_folder_and_a_folder_in_the_way_are_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^a\.txt could not be written: no such file or directory$"):
        write_atomically(tmp_path / "none" / "a.txt", b"")
    (tmp_path / "folder.txt").mkdir()
    with pytest.raises(InputError, match=r"^folder\.txt could not be written: "):
        write_atomically(tmp_path / "folder.txt", b"x")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.txt"]


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(small_disk: Path) -> None:
    path = small_disk / "report.html"
    write_atomically(path, b"old")
    with pytest.raises(InputError, match=r"^report\.html could not be written: no space left on device$"):
        write_atomically(path, bytes(10**6))
    assert path.read_bytes() == b"old"
    assert list(small_disk.iterdir()) == [path]


LIMITED = """
import resource, sys
from pathlib import Path
from bplab.lab.files import write_atomically
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))
try:
    write_atomically(Path(sys.argv[1]), bytes(20_000))
except ValueError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_file_larger_than_allowed_is_one_sentence_and_the_old_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_bytes(b"old")
    said = subprocess.run([sys.executable, "-c", LIMITED, path], capture_output=True, encoding="utf-8", check=True)
    assert said.stdout == "report.html could not be written: file too large\n"
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
