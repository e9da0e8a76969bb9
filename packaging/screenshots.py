#!/usr/bin/env python3
"""Draw the window, its layouts, panels and dialogs, light and dark, and the report's page, as PNG files.

    python packaging/screenshots.py DIR [--platform offscreen|xcb|...] [--only NAME ...] [--scale FACTOR ...]

Needs what bplab needs (the Python of .venv has it). Without --platform nothing appears on any screen. The user's own
settings and documents are neither read nor written. The report's page is drawn where a Chromium is found.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scenes import (
    CHAINS,
    DIALOGS,
    FILMS,
    TRAVELS,
    chain_opener,
    checker,
    dock_opener,
    drawer,
    film_shower,
    large_type,
    layout_chooser,
    look_back,
    table_opener,
    trainer,
    traveller,
)

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from bplab.gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
LARGE, SMALL = (1440, 900), (1280, 720)
EXAMPLES = ("circle", "spiral", "digits", "digits-conv", "iris", "vanishing", "deep-skips", "dead-relu")
LAYOUTS = ("design", "train", "chain rule", "teach")
DOCKS = ("Data", "Inspector", "Layer table", "Loss", "Accuracy", "Confusion", "Surface", "Gradient", "Updates",
         "Saturation", "Activations", "Dead", "Layer numbers", "Chain rule")  # fmt: skip
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
PAGE = (1100, 12_000)
"""Size in which the report's page is drawn: as wide as a reader's window, long enough for all of it."""


def main() -> int:
    """Draw what was asked for; prints a line for each file."""
    parser = argparse.ArgumentParser(description="Draw bplab's window and report as PNG files.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--platform", default="offscreen", help="Qt's platform: offscreen, or xcb under an X server")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="pictures whose name begins so")
    parser.add_argument("--scale", nargs="+", type=float, default=[1.0], metavar="FACTOR", help="as on sharper screens")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    if len(arguments.scale) > 1:  # Qt takes the scale once, when it begins
        return max(_run_at(scale, arguments) for scale in arguments.scale)
    (scale,) = arguments.scale
    os.environ["QT_QPA_PLATFORM"] = arguments.platform
    os.environ["QT_SCALE_FACTOR"] = f"{scale:g}"
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="bplab-screenshots-", ignore_cleanup_errors=True) as home:
        _live_in(Path(home))
        camera = Camera(arguments.folder, tuple(arguments.only or ("",)), "" if scale == 1 else f"@{scale:g}x")
        camera.take_windows()
        if scale == 1:
            camera.take_report(Path(home))
    return 0


def _run_at(scale: float, arguments: argparse.Namespace) -> int:
    """The same at one scale, in a process of its own; returns its exit code."""
    command = [sys.executable, __file__, str(arguments.folder), "--platform", arguments.platform]
    command += ["--scale", str(scale), *(["--only", *arguments.only] if arguments.only else [])]
    return subprocess.run(command).returncode


def _live_in(home: Path) -> None:
    """Every folder of the user's is in ``home`` for this process."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "WIN_PD_OVERRIDE_APPDATA",
                 "WIN_PD_OVERRIDE_LOCAL_APPDATA", "WIN_PD_OVERRIDE_PERSONAL"):  # fmt: skip
        os.environ[name] = str(home / name.lower())
    if sys.platform == "darwin":
        os.environ["HOME"] = str(home)


class Camera:
    """Takes the pictures whose names begin with one of ``wanted``; ``mark`` ends the names of the files."""

    def __init__(self, folder: Path, wanted: tuple[str, ...], mark: str = "") -> None:
        self._folder, self._wanted, self._mark = folder, wanted, mark

    def take_windows(self) -> None:
        """The first start, every example in training, layouts, panels and dialogs, on both grounds."""
        from bplab.gui.app import Application
        from bplab.lab.experiment import example_names

        app = Application(["bplab"])
        names = [name for name in EXAMPLES if name in example_names()]
        for dark in (False, True):
            ground = "dark" if dark else "light"
            self._take(app, f"first-start-{ground}", dark, LARGE, lambda window: None)
            self._take(app, f"small-{ground}", dark, SMALL, trainer(app, "circle", 0))
            self._take(app, f"check-{ground}", dark, LARGE, checker(app, "digits"))
            self._take(app, f"drawn-{ground}", dark, LARGE, drawer(app))
            self._take(app, f"table-{ground}", dark, LARGE, table_opener(app))
            for name in names:
                # The output layer of the one, a hidden layer of the other: so that both are seen inspected.
                layer = 0 if name in ("digits", "digits-conv", "vanishing", "dead-relu") else -1
                self._take(app, f"{name}-{ground}", dark, LARGE, trainer(app, name, layer))
            for layout in LAYOUTS:
                name = f"layout-{layout.replace(' ', '-')}-{ground}"
                self._take(app, name, dark, LARGE, layout_chooser(app, layout))
            for name, travel in TRAVELS.items():
                self._take(app, f"{name}-{ground}", dark, LARGE, traveller(app, travel))
            self._take(app, f"time-travel-small-{ground}", dark, SMALL, traveller(app, look_back))
            self._take(app, f"large-type-{ground}", dark, SMALL, large_type(app))
            for dock in DOCKS:
                name = f"dock-{dock.lower().replace(' ', '-')}-{ground}"
                self._take(app, name, dark, LARGE, dock_opener(app, dock))
            for name, look in CHAINS.items():
                self._take(app, f"dock-chain-{name}-{ground}", dark, LARGE, chain_opener(app, *look))
            for name, (example, phase) in FILMS.items():
                self._take(app, f"{name}-{ground}", dark, LARGE, film_shower(app, example, phase))
            self._take(app, f"film-teach-{ground}", dark, SMALL, film_shower(app, "circle", "h2: δ", teach=True))
            for name, open_dialog in DIALOGS.items():
                self._take(app, f"{name}-{ground}", dark, LARGE, open_dialog)

    def take_report(self, home: Path) -> None:
        """The page of a report of digits."""
        from bplab.lab.experiment import load_experiment
        from bplab.lab.report import subject_of, write_report
        from bplab.lab.runner import train_to_end

        if not self._wants("report"):
            return
        browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
        if browser is None:
            print("report: left out, there is no Chromium here to draw it")
            return
        page = home / "report.html"
        write_report(page, subject_of(train_to_end(load_experiment("digits"))))
        picture = (self._folder / "report.png").resolve()
        command = [browser, "--headless", "--disable-gpu", "--hide-scrollbars", f"--screenshot={picture}"]
        command += [f"--window-size={PAGE[0]},{PAGE[1]}", f"--user-data-dir={home / 'browser'}", page.as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # Chromium has no sandbox for root
        done = subprocess.run(command, capture_output=True, timeout=120)
        if done.returncode == 0 and picture.is_file():
            _cut_empty_end(picture)
            print(picture)
        else:
            print("report: the browser did not draw it")

    def _wants(self, name: str) -> bool:
        return name.startswith(self._wanted)

    def _take(
        self,
        app: QApplication,
        name: str,
        dark: bool,
        size: tuple[int, int],
        prepare: Callable[[MainWindow], QWidget | None],
    ) -> None:
        """``prepare`` says which part of the window to draw; None is the whole."""
        if not self._wants(name):
            return
        from bplab.gui.app import make_window

        window = make_window()
        window.appearance.actions[2 if dark else 1].trigger()
        window.resize(*size)
        window.show()
        window.reset_layout()
        app.processEvents()
        part = prepare(window) or window
        for _ in range(5):
            app.processEvents()
        file = self._folder / f"{name}{self._mark}.png"
        part.grab().save(str(file))
        print(file)
        window.appearance.teach.setChecked(False)
        window.documents.close(keep=False)
        window.hide()
        window.deleteLater()


def _cut_empty_end(picture: Path) -> None:
    """Drop the rows below the last thing that is drawn, but for a margin."""
    from PySide6.QtGui import QImage

    image = QImage(str(picture)).convertToFormat(QImage.Format.Format_RGB32)
    row, pixels = image.bytesPerLine(), image.constBits().tobytes()
    empty = pixels[-row:]
    last = next((y for y in reversed(range(image.height())) if pixels[y * row : (y + 1) * row] != empty), 0)
    image.copy(0, 0, image.width(), min(image.height(), last + 40)).save(str(picture))


if __name__ == "__main__":
    sys.exit(main())
