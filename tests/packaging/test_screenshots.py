"""The script that draws the window: its pictures are of the size and ground that their names say."""

import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage

import screenshots
from bplab.lab.experiment import example_names

ROOT = Path(__file__).parents[2]


def test_every_example_that_is_pictured_is_there() -> None:
    assert set(screenshots.EXAMPLES) <= set(example_names())


def test_the_window_is_drawn_light_and_dark_without_touching_the_users_files(
    tmp_path: Path, own_user_folders: Path
) -> None:
    command = [sys.executable, ROOT / "packaging" / "screenshots.py", tmp_path, "--only", "first-start"]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    light, dark = (QImage(str(tmp_path / f"first-start-{ground}.png")) for ground in ("light", "dark"))
    assert [(image.width(), image.height()) for image in (light, dark)] == [screenshots.LARGE] * 2
    assert light.pixelColor(4, 100).lightness() > 200 > 60 > dark.pixelColor(4, 100).lightness()
    assert not own_user_folders.exists()


@pytest.mark.parametrize("drawn", [0, 30, 90])
def test_the_empty_end_of_a_page_is_cut_off_but_for_a_margin(tmp_path: Path, drawn: int) -> None:
    image = QImage(20, 200, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    image.setPixelColor(3, drawn, QColor("black"))
    file = tmp_path / "page.png"
    image.save(str(file))
    screenshots._cut_empty_end(file)
    assert QImage(str(file)).height() == drawn + 40
