"""What a person does to a window, for tests of its documents."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from bplab.gui.file_actions import Answer
from bplab.gui.main_window import MainWindow
from bplab.gui.preferences_dialog import PreferencesDialog
from bplab.lab.experiment import Experiment


def renamed(experiment: Experiment, name: str) -> Experiment:
    return replace(experiment, name=name)


def rename(window: MainWindow, name: str) -> None:
    window.session.edit(renamed(window.session.experiment, name), "Change name")


def train(window: MainWindow, qtbot: QtBot, updates: int) -> None:
    window.session.step(updates)
    qtbot.waitUntil(lambda: not window.session.is_training)
    assert window.session.run is not None
    qtbot.waitUntil(lambda: window.session.live.updates >= updates)


def choose(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Whatever a file dialog is asked, it answers with ``path``."""
    for dialog in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, dialog, lambda *_: (str(path), ""))


def preferences_of(window: MainWindow) -> PreferencesDialog:
    """The dialog that the Edit menu opens."""
    window.menus.settings.trigger()
    (dialog,) = window.findChildren(PreferencesDialog)
    return dialog


def answer(monkeypatch: pytest.MonkeyPatch, window: MainWindow, *answers: Answer) -> list[Answer]:
    """The question about unsaved work is answered with these; returns those not used yet."""
    left = list(answers)
    monkeypatch.setattr(window.files, "ask", lambda: left.pop(0))
    return left


def write_arrays(folder: Path) -> Path:
    """An NPZ file with inputs ``x``, classes ``y`` and, as another target, numbers ``heights``."""
    path = folder / "arrays.npz"
    np.savez(path, x=np.arange(60.0).reshape(20, 3), y=np.arange(20) % 2, heights=np.linspace(0, 1, 20))
    return path
