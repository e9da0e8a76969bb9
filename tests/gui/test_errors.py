"""Whatever fails ends in the log and in one dialog, and the window lives on."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer, Signal, qWarning
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.gui.error_dialog import ErrorDialog
from bplab.gui.errors import Hooks
from bplab.gui.main_window import MainWindow
from bplab.lab.experiment import load_experiment
from bplab.lab.project import Project
from bplab.lab.unsaved import recoverable, unsaved_folder


class Shown:
    """Stands where the dialog is made, and keeps what it was to show."""

    def __init__(self) -> None:
        self.details: list[str] = []
        self.dialogs: list[ErrorDialog] = []

    def __call__(self, details: str, folder: Path, parent: object) -> ErrorDialog:
        dialog = ErrorDialog(details, folder)
        self.details.append(details)
        self.dialogs.append(dialog)
        return dialog


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Shown:
    made = Shown()
    monkeypatch.setattr("bplab.gui.errors.ErrorDialog", made)
    return made


@pytest.fixture
def hooks(qapp: QApplication, qtbot: QtBot, tmp_path: Path) -> Iterator[Hooks]:
    """Hooks that write into the test's folder; pytest-qt's own are put back afterwards."""
    before = sys.excepthook
    with qtbot.captureExceptions():
        made = Hooks(tmp_path / "log")
        made.install(crashes=False)
        yield made
        made.uninstall()
    sys.excepthook = before


def log_text(hooks: Hooks) -> str:
    return (hooks.folder / "bplab.log").read_text(encoding="utf-8")


class Button(QObject):
    pressed = Signal()


def test_an_exception_in_a_slot_ends_in_the_dialog_and_the_window_lives_on(
    window: MainWindow, hooks: Hooks, shown: Shown, qtbot: QtBot
) -> None:
    button = Button()

    def slot() -> None:
        raise ZeroDivisionError("a slot that fails")

    button.pressed.connect(slot)
    button.pressed.emit()
    qtbot.waitUntil(lambda: len(shown.details) == 1)
    assert "ZeroDivisionError: a slot that fails" in shown.details[0]
    assert "bplab 0." in shown.details[0]
    assert "a slot that fails" in log_text(hooks)
    window.session.step(2)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.updates == 2)


def test_an_exception_in_a_thread_is_shown_on_the_windows_thread(hooks: Hooks, shown: Shown, qtbot: QtBot) -> None:
    def work() -> None:
        raise KeyError("a thread that fails")

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    thread.join()
    assert shown.details == []
    qtbot.waitUntil(lambda: len(shown.details) == 1)
    assert "a thread that fails" in shown.details[0]


def test_there_is_one_dialog_at_a_time_and_all_is_in_the_log(hooks: Hooks, shown: Shown, qtbot: QtBot) -> None:
    for number in range(3):
        hooks.report(ValueError(f"failure {number}"))
    qtbot.waitUntil(lambda: len(shown.details) == 1)
    assert [f"failure {number}" in log_text(hooks) for number in range(3)] == [True] * 3
    shown.dialogs[0].accept()
    hooks.report(ValueError("failure 4"))
    qtbot.waitUntil(lambda: len(shown.details) == 2)
    shown.dialogs[1].accept()


def test_the_details_can_be_copied(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = ErrorDialog("line one\nline two", tmp_path)
    qtbot.addWidget(dialog)
    dialog.copy_button.click()
    assert QApplication.clipboard().text() == "line one\nline two"
    assert dialog.text.toPlainText() == "line one\nline two"


def test_messages_of_qt_go_to_the_log(hooks: Hooks) -> None:
    logging.getLogger("bplab").setLevel(logging.INFO)
    qWarning("something about painting")
    assert "something about painting" in log_text(hooks)


def test_the_log_begins_anew_before_it_grows_large_and_keeps_a_few_old_ones(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bplab.gui.errors.LOG_BYTES", 1_000)
    made = Hooks(tmp_path)
    with qtbot.captureExceptions():
        made.install(crashes=False)
        for number in range(100):
            logging.getLogger("bplab").error("failure number %d of a long day", number)
        made.uninstall()
    kept = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(kept) == {"bplab.log", "bplab.log.1", "bplab.log.2", "bplab.log.3"}
    assert max(kept.values()) <= 1_000
    assert "number 99" in (tmp_path / "bplab.log").read_text(encoding="utf-8")


def test_without_a_folder_to_write_into_there_is_no_log_and_no_failure(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    made = Hooks(tmp_path / "file" / "log")
    with qtbot.captureExceptions():
        made.install(crashes=False)
        made.uninstall()
    assert "no log in" in caplog.text


def test_a_failed_run_is_shown(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> int:
        raise RuntimeError("the runner broke")

    told: list[object] = []
    window.advice.broke.connect(told.append)
    monkeypatch.setattr("bplab.lab.runner.Runner.advance", fail)
    window.session.play()
    qtbot.waitUntil(lambda: len(told) == 1)
    assert str(told[0]) == "the runner broke"
    assert window.isVisible()


PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from bplab.gui import app

def fail():
    raise RuntimeError("a timer that fails")

def say_when_kept(window):
    if [run.updates > 0 for run in window.documents.runs()] == [True]:
        print("ready", flush=True)
    else:
        QTimer.singleShot(20, lambda: say_when_kept(window))

def look():
    window = next(w for w in app.QApplication.topLevelWidgets() if isinstance(w, app.MainWindow))
    if "work" in sys.argv:  # the edit comes first: what is written later was said later
        window.session.edit_training("Change batch size", batch_size=77)
    window.session.play()
    if "crash" in sys.argv:
        import faulthandler
        faulthandler._sigsegv()
    if "work" in sys.argv:
        say_when_kept(window)
        return
    QTimer.singleShot(0, fail)
    QTimer.singleShot(0, lambda: print("ready", flush=True))

QTimer.singleShot(0, look)
sys.exit(app.main([]))
"""


@contextlib.contextmanager
def started(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    """The program in a process of its own, which does not outlive the block."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
    ) as program:
        try:
            yield program
        finally:
            program.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM to catch")
def test_the_whole_program_survives_an_error_and_ends_cleanly_when_told_to(own_user_folders: Path) -> None:
    with started() as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.send_signal(signal.SIGTERM)
        program.communicate(timeout=30)
    assert program.returncode == 0
    logs = [path.read_text(encoding="utf-8") for path in own_user_folders.rglob("bplab.log")]
    assert len(logs) == 1
    assert "a timer that fails" in logs[0]
    assert len(list(unsaved_folder().glob("*.bplab"))) == 1


def test_a_program_killed_in_the_middle_of_training_leaves_its_work_to_the_next(own_user_folders: Path) -> None:
    with started("work") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        program.kill()
        program.communicate(timeout=30)
    (left,) = recoverable()
    assert (left.name, left.runs) == (load_experiment("circle").name, 1)
    with Project.open(left.path) as project:
        assert project.working.training.batch_size == 77
        (run,) = project.runs()
        assert project.load_run(run.id).updates > 0


@pytest.mark.skipif(sys.platform == "win32", reason="a crash opens a dialog of the system's")
def test_a_crash_of_the_interpreter_leaves_its_traceback(own_user_folders: Path) -> None:
    with started("crash") as program:
        program.communicate(timeout=30)
    assert program.returncode == -signal.SIGSEGV
    (crash,) = own_user_folders.rglob("crash.log")
    assert "Segmentation fault" in crash.read_text(encoding="utf-8")


def test_a_timer_is_enough_to_show_that_the_loop_goes_on(hooks: Hooks, shown: Shown, qtbot: QtBot) -> None:
    beats = []

    def beat() -> None:
        beats.append(1)
        if len(beats) == 1:
            raise RuntimeError("the first beat fails")

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(1)
    qtbot.waitUntil(lambda: len(beats) >= 3)
    timer.stop()
    assert len(shown.details) == 1
