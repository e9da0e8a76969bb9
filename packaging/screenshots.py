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
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PySide6.QtGui import QAction
    from PySide6.QtWidgets import QApplication, QWidget

    from bplab.gui.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
LARGE, SMALL = (1440, 900), (1280, 720)
EXAMPLES = ("circle", "spiral", "digits", "digits-conv", "iris", "vanishing", "deep-skips", "dead-relu")
LAYOUTS = ("design", "train", "chain rule", "teach")
DOCKS = ("Data", "Inspector", "Layer table", "Loss", "Accuracy", "Confusion", "Surface", "Gradient", "Updates",
         "Saturation", "Activations", "Dead", "Layer numbers", "Chain rule")  # fmt: skip
TRAINED = 0.45
"""Share of the planned updates after which a picture of training is taken."""
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


Wait = Callable[[Callable[[], bool]], None]
"""Lets the window live until something is true."""


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
            self._take(app, f"small-{ground}", dark, SMALL, _trainer(app, "circle", 0))
            self._take(app, f"check-{ground}", dark, LARGE, _checker(app, "digits"))
            self._take(app, f"drawn-{ground}", dark, LARGE, _drawer(app))
            self._take(app, f"table-{ground}", dark, LARGE, _table_opener(app))
            for name in names:
                # The output layer of the one, a hidden layer of the other: so that both are seen inspected.
                layer = 0 if name in ("digits", "digits-conv", "vanishing", "dead-relu") else -1
                self._take(app, f"{name}-{ground}", dark, LARGE, _trainer(app, name, layer))
            for layout in LAYOUTS:
                name = f"layout-{layout.replace(' ', '-')}-{ground}"
                self._take(app, name, dark, LARGE, _layout_chooser(app, layout))
            for name, travel in TRAVELS.items():
                self._take(app, f"{name}-{ground}", dark, LARGE, _traveller(app, travel))
            self._take(app, f"time-travel-small-{ground}", dark, SMALL, _traveller(app, _look_back))
            self._take(app, f"large-type-{ground}", dark, SMALL, _large_type(app))
            for dock in DOCKS:
                name = f"dock-{dock.lower().replace(' ', '-')}-{ground}"
                self._take(app, name, dark, LARGE, _dock_opener(app, dock))
            for name, look in CHAINS.items():
                self._take(app, f"dock-chain-{name}-{ground}", dark, LARGE, _chain_opener(app, *look))
            for name, (example, phase) in FILMS.items():
                self._take(app, f"{name}-{ground}", dark, LARGE, _film_shower(app, example, phase))
            self._take(app, f"film-teach-{ground}", dark, SMALL, _film_shower(app, "circle", "h2: δ", teach=True))
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


def _trainer(app: QApplication, example: str, layer: int) -> Callable[[MainWindow], None]:
    """Opens an example, selects a layer (−1 for none) and trains until enough of it is to be seen."""

    def train(window: MainWindow) -> None:
        from PySide6.QtCore import QEventLoop

        window.documents.open_example(example)
        window.canvas.select_layer(layer)
        session = window.session
        session.play()
        run = session.run
        assert run is not None
        while run.updates < TRAINED * run.runner.planned_updates and session.is_training:
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    return train


def _drawer(app: QApplication) -> Callable[[MainWindow], None]:
    """Draws a third class around the points of two, while the network learns the two."""

    def draw(window: MainWindow) -> None:
        _trainer(app, "circle", -1)(window)
        desk = window.data.view.desk
        window.data.draw.click()
        desk.add_class.click()
        x_and_y = ((round(0.6 * step - 5.4, 2), 5.6) for step in range(19))
        desk.board.drawn.emit((*desk.board.points, *((x, y, 2) for x, y in x_and_y)), "Draw points")

    return draw


def _table_opener(app: QApplication) -> Callable[[MainWindow], QWidget]:
    """Looks at a table before it is used; the dialog is the picture."""

    def look(window: MainWindow) -> QWidget:
        from bplab.resources import resource

        window.data.offer_file(resource("datasets", "penguins.csv"))
        dialog = window.data.importing
        assert dialog is not None
        return dialog

    return look


def _layout_chooser(app: QApplication, layout: str) -> Callable[[MainWindow], None]:
    """A layout of the View menu, in training."""

    def choose(window: MainWindow) -> None:
        next(action for action in window.layouts.actions if action.text().lower() == layout).trigger()
        _trainer(app, "spiral", 0)(window)

    return choose


def _large_type(app: QApplication) -> Callable[[MainWindow], None]:
    """All panels in the type for a projector."""

    def enlarge(window: MainWindow) -> None:
        window.appearance.teach.trigger()
        _trainer(app, "circle", 0)(window)

    return enlarge


def _dock_opener(app: QApplication, name: str) -> Callable[[MainWindow], QWidget]:
    """One panel, in training."""

    def open_dock(window: MainWindow) -> QWidget:
        dock = window.docks[name]
        dock.show()
        dock.raise_()
        _trainer(app, "spiral", 0)(window)
        return dock

    return open_dock


def _traveller(
    app: QApplication, travel: Callable[[MainWindow, Wait], QWidget | None]
) -> Callable[[MainWindow], QWidget | None]:
    """Trains the first example, then goes back in its time."""

    def wait(until: Callable[[], bool]) -> None:
        from PySide6.QtCore import QEventLoop

        while not until():
            app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def prepare(window: MainWindow) -> QWidget | None:
        window.session.set_tempo("full")
        window.session.step(6_000)
        wait(lambda: not window.session.is_training)
        return travel(window, wait)

    return prepare


def _look_back(window: MainWindow, wait: Wait) -> None:
    """At an early update, with a layer inspected."""
    machine = window.travel.machine
    window.canvas.select_layer(0)
    machine.go_to(1_234)
    wait(lambda: not machine.on_the_way)


def _look_back_in_training(window: MainWindow, wait: Wait) -> None:
    """The same while the run trains on."""
    _look_back(window, wait)
    run = window.session.run
    assert run is not None
    window.session.play()
    wait(lambda: run.updates > 6_500)


def _prepare_fork(window: MainWindow, wait: Wait) -> None:
    """A fork there, with another learning rate."""
    from bplab.lab.by_hand import with_rate

    _look_back(window, wait)
    window.travel.actions.fork.trigger()
    wait(lambda: window.session.draft is not None)
    window.session.edit(with_rate(window.session.experiment, 0.2), "Change learning rate")


def _play_fork(window: MainWindow, wait: Wait) -> None:
    """It trains, beside its parent."""
    _prepare_fork(window, wait)
    window.session.step(4_000)
    wait(lambda: window.session.live.updates == 5_234 and window.documents.shown_run() == 2)


def _branches(window: MainWindow, wait: Wait) -> QWidget:
    """The menu of branches, open."""
    _play_fork(window, wait)
    menu = window.travel.branch_menu.both
    menu.popup(window.mapToGlobal(window.rect().center()))
    return menu


TRAVELS: dict[str, Callable[[MainWindow, Wait], QWidget | None]] = {
    "time-travel-past": _look_back,
    "time-travel-training": _look_back_in_training,
    "branch-prepared": _prepare_fork,
    "branch-trained": _play_fork,
    "branch-menu": _branches,
}


CHAINS = {
    "layer": ("circle", None, None, False),
    "weight": ("vanishing", ("weight", 0, 1, 0), None, False),
    "dead": ("dead-relu", ("neuron", 1, 0), None, False),
    "sample": ("circle", ("weight", 0, 1, 0), 20, True),
    "filter": ("digits-conv", ("weight", 0, 1, 3), None, False),
    "skip": ("deep-skips", ("bias", 3, 2), None, True),
    "pooling": ("digits-conv", ("layer", 1), None, False),
}
"""What the chain-rule panel is drawn looking at: example, target, sample, and whether it goes down to the loss."""


def _chain_opener(
    app: QApplication, example: str, target: tuple[Any, ...] | None, sample: int | None, unrolls: bool
) -> Callable[[MainWindow], QWidget]:
    """The panel in its own layout, in training."""

    def open_panel(window: MainWindow) -> QWidget:
        from bplab.lab.explaining import Target

        next(action for action in window.layouts.actions if action.text() == "Chain rule").trigger()
        _trainer(app, example, -1)(window)
        panel = window.chain
        panel.focus.look_at(None if target is None else Target(*target))
        panel.focus.choose_sample(sample)
        panel.unroll.setChecked(unrolls)
        while not panel.equations.is_ready:
            app.processEvents()
        return window.docks["Chain rule"]

    return open_panel


def _opened(window: MainWindow, action: QAction) -> QWidget:
    """The dialog that an action opens."""
    from PySide6.QtWidgets import QDialog

    window.canvas.select_layer(0)
    action.trigger()
    return next(dialog for dialog in window.findChildren(QDialog) if dialog.isVisible())


def _palette(window: MainWindow) -> QWidget:
    """The command palette with a few letters typed."""
    from bplab.gui.command_palette import CommandPalette

    palette = _opened(window, window.menus.palette)
    assert isinstance(palette, CommandPalette)
    palette.line.setText("act")
    return palette


def _shortcuts(window: MainWindow) -> QWidget:
    return _opened(window, window.menus.help.actions()[1])


def _about(window: MainWindow) -> QWidget:
    return _opened(window, window.menus.help.actions()[2])


def _preferences(window: MainWindow) -> QWidget:
    return _opened(window, window.menus.settings)


DIALOGS = {"palette": _palette, "shortcuts": _shortcuts, "about": _about, "preferences": _preferences}


FILMS = {
    "film-forward": ("circle", "h2: z"),
    "film-loss": ("circle", "loss C"),
    "film-backward": ("circle", "h2: ∂C/∂W"),
    "film-update": ("circle", "update"),
    "film-digits": ("digits", "out: δ"),
    "film-skips": ("deep-skips", "h5: skip"),
}
"""Pictures of step mode: the example, and the phase at which the film stands."""


def _film_shower(app: QApplication, example: str, phase: str, teach: bool = False) -> Callable[[MainWindow], None]:
    """Steps through one update of an example that has made a few, up to a phase."""

    def show(window: MainWindow) -> None:
        if teach:
            next(action for action in window.layouts.actions if action.text() == "Teach").trigger()
        window.documents.open_example(example)
        window.session.step(60)
        while window.session.is_training:
            app.processEvents()
        window.train.film.trigger()
        mode = window.film.mode
        while mode.film is None:
            app.processEvents()
        mode.go_to([one.short for one in mode.film.phases].index(phase))
        while window.film.stage.is_moving:
            app.processEvents()

    return show


def _checker(app: QApplication, example: str) -> Callable[[MainWindow], QWidget]:
    """Opens an example in float32 and checks its gradients; the dialog is the picture."""

    def check(window: MainWindow) -> QWidget:
        window.documents.open_example(example)
        window.session.edit_training("Number type", dtype="float32")
        window.train.check.trigger()
        dialog = window.checks.dialog
        assert dialog is not None
        while dialog.checked is None and dialog.isVisible():
            app.processEvents()
        return dialog

    return check


if __name__ == "__main__":
    sys.exit(main())
