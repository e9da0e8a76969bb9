"""Files are read on a thread of their own: a dialog tells how far it is, and Cancel leaves all as it was."""

import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from bplab.data import CancelledError, Circle, Csv, Idx, Npz, Samples
from bplab.data.files import Watch
from bplab.engine import InputError
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.data_editors import ArrayEditor, FileEditor
from bplab.gui.reading import Reading, ReadingDialog, read_in_background

from ..data.idx_files import write_pair
from .acts import write_arrays

WAIT = 10


class Gate:
    """Work that tells a share and then waits to be let through, or to be stopped."""

    def __init__(self, share: float = 0.5) -> None:
        self._share, self._open = share, threading.Event()
        self.thread: threading.Thread | None = None
        self.ended = threading.Event()

    def open(self) -> None:
        """Let it go on to its end."""
        self._open.set()

    def __call__(self, progress: Callable[[float], None], cancelled: Callable[[], bool]) -> str:
        self.thread = threading.current_thread()
        progress(self._share)
        while not self._open.wait(0.01):
            if cancelled():
                self.ended.set()
                raise CancelledError
        return "made"


def when_dialog_is_there(act: Callable[[ReadingDialog], None]) -> None:
    """Do something with the dialog as soon as it is open."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if isinstance(dialog, ReadingDialog):
            act(dialog)
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def test_what_is_read_at_once_needs_no_dialog(window: MainWindow) -> None:
    threads: list[threading.Thread] = []

    def work(progress: Callable[[float], None], cancelled: Callable[[], bool]) -> str:
        threads.append(threading.current_thread())
        return "made"

    assert read_in_background(window, "table.csv", work) == "made"
    assert threads[0] is not threading.main_thread()
    assert not window.findChildren(ReadingDialog)


def test_the_dialog_tells_the_share_and_closes_by_itself(window: MainWindow, qtbot: QtBot) -> None:
    gate, seen = Gate(0.5), []

    def act(dialog: ReadingDialog) -> None:
        seen.extend([dialog.said.text(), dialog.progress.value() / dialog.progress.maximum(), dialog.isModal()])
        gate.open()

    when_dialog_is_there(act)
    assert read_in_background(window, "table.csv", gate) == "made"
    assert seen == ["Reading table.csv …", 0.5, True]


def test_what_comes_after_the_reading_is_said_to_be_of_unknown_length(window: MainWindow) -> None:
    gate, seen = Gate(1.0), []

    def act(dialog: ReadingDialog) -> None:
        seen.extend([dialog.said.text(), dialog.progress.maximum()])
        gate.open()

    when_dialog_is_there(act)
    assert read_in_background(window, "table.csv", gate) == "made"
    assert seen == ["Preparing the samples of table.csv …", 0]


@pytest.mark.parametrize("way", ["button", "escape", "close"])
def test_cancelling_stops_the_thread_and_makes_nothing(window: MainWindow, qtbot: QtBot, way: str) -> None:
    gate = Gate()

    def act(dialog: ReadingDialog) -> None:
        if way == "button":
            qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
        elif way == "escape":
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        else:
            dialog.close()

    when_dialog_is_there(act)
    assert read_in_background(window, "table.csv", gate) is None
    assert gate.ended.wait(WAIT)


@pytest.mark.parametrize("error", [InputError("line 3 is bad"), ZeroDivisionError("ours")])
def test_what_goes_wrong_on_the_thread_is_raised_where_the_work_was_asked_for(
    window: MainWindow, error: Exception
) -> None:
    def work(progress: Callable[[float], None], cancelled: Callable[[], bool]) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        read_in_background(window, "table.csv", work)
    assert caught.value is error


def test_a_window_that_has_to_close_does_not_wait_for_the_reading(window: MainWindow) -> None:
    gate = Gate()
    when_dialog_is_there(lambda dialog: window.leave())
    assert read_in_background(window, "table.csv", gate) is None
    assert gate.ended.wait(WAIT)


@pytest.fixture
def slow_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Gate]:
    """A table that is read when the gate opens."""
    path, gate = tmp_path / "table.csv", Gate()
    path.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,z\n7,8,y\n9,1,x\n", encoding="utf-8")
    read = Csv.read_files

    def slowly(self: Csv, watch: Watch) -> Samples:
        gate(lambda share: watch.at(share), lambda: _is_cancelled(watch))
        return read(self, watch)

    monkeypatch.setattr(Csv, "read_files", slowly)
    return path, gate


def _is_cancelled(watch: Watch) -> bool:
    try:
        watch.at(0.5)
    except CancelledError:
        return True
    return False


def test_a_cancelled_import_leaves_everything_as_it_was(
    window: MainWindow, qtbot: QtBot, slow_table: tuple[Path, Gate]
) -> None:
    path, gate = slow_table
    session = window.session
    before, problem, undo = session.experiment, session.problem, session.history.undo_label
    when_dialog_is_there(lambda dialog: dialog.reject())
    window.data.use_file(path)
    assert session.experiment is before
    assert session.problem is problem
    assert session.history.undo_label == undo
    assert window.data.picker.thumbnail("circle").isChecked()
    assert not window.notices.text.text()
    assert gate.ended.wait(WAIT)


def test_training_goes_on_while_a_file_is_read(window: MainWindow, qtbot: QtBot, slow_table: tuple[Path, Gate]) -> None:
    path, gate = slow_table
    window.session.edit_training("Change epochs", epochs=100_000)
    window.session.play()
    updates: list[int] = []

    def act(dialog: ReadingDialog) -> None:
        run = window.session.run
        assert run is not None
        updates.append(run.updates)
        if updates[-1] > updates[0] or len(updates) == 500:
            gate.open()
        else:
            QTimer.singleShot(10, lambda: act(dialog))

    when_dialog_is_there(act)
    window.data.use_file(path)
    assert updates[-1] > updates[0]
    assert window.session.experiment.data == Csv(path=str(path))
    window.session.end_run()


def test_a_file_is_read_and_split_once_and_not_by_the_window(
    window: MainWindow, slow_table: tuple[Path, Gate], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, gate = slow_table
    gate.open()
    split, threads = Csv.split, []

    def noted(self: Csv) -> object:
        threads.append(threading.current_thread())
        return split(self)

    monkeypatch.setattr(Csv, "split", noted)
    window.data.use_file(path)
    assert isinstance(window.session.experiment.data, Csv)
    assert len(threads) == 1
    assert threads[0] is not threading.main_thread()
    assert gate.thread is not threading.main_thread()


# -- images and arrays --------------------------------------------------------------------------------------


def test_images_are_chosen_with_the_labels_beside_them(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = write_pair(tmp_path)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(images), ""))
    window.data.picker.picked.emit(Idx)
    data = window.session.experiment.data
    assert data == Idx(images=str(images), labels=str(labels))
    assert window.session.problem.shape.image == (1, 4, 3)
    assert "3 classes" in window.data.view.facts.text()


def test_labels_that_stand_elsewhere_are_asked_for(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images, labels = write_pair(tmp_path)
    moved = labels.rename(tmp_path / "answers")
    asked: list[str] = []

    def answer(_parent: object, title: str, *_: object) -> tuple[str, str]:
        asked.append(title)
        return str(moved if "labels" in title else images), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", answer)
    window.data.picker.picked.emit(Idx)
    assert asked == ["Choose the IDX file of images", "Choose the IDX file of labels"]
    assert window.session.experiment.data == Idx(images=str(images), labels=str(moved))


def test_without_labels_nothing_changes(window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    images, labels = write_pair(tmp_path)
    labels.unlink()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    window.data.use_file(images)
    assert window.session.experiment.data == Circle()


def test_other_images_bring_the_labels_beside_them(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = [tmp_path / "train", tmp_path / "other"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        write_pair(folder, samples=30 + number)
    window.data.use_file(folders[0] / "train-images-idx3-ubyte")
    other = str(folders[1] / "train-images-idx3-ubyte")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (other, ""))
    assert window.data.form is not None
    editor = window.data.form.editor("images")
    assert isinstance(editor, FileEditor)
    editor.button.click()
    assert window.session.experiment.data == Idx(images=other, labels=str(folders[1] / "train-labels-idx1-ubyte"))


def test_arrays_are_chosen_by_their_names(window: MainWindow, tmp_path: Path) -> None:
    path = write_arrays(tmp_path)
    window.data.use_file(path)
    assert window.session.experiment.data == Npz(path=str(path))
    assert window.data.form is not None
    editor = window.data.form.editor("targets")
    assert isinstance(editor, ArrayEditor)
    assert [editor.box.itemText(row) for row in range(editor.box.count())] == ["usual name", "x", "y", "heights"]
    editor.box.setCurrentIndex(3)
    editor.box.activated.emit(3)
    assert window.session.experiment.data == Npz(path=str(path), targets="heights")
    assert window.session.problem.shape.task == "regression"


def test_a_bad_archive_is_one_sentence_and_the_data_stays(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    path.write_bytes(b"nothing")
    window.data.use_file(path)
    assert window.session.experiment.data == Circle()
    assert "bad.npz: this is not an NPZ file" in window.notices.text.text()


def test_colour_images_are_pictured_and_trained(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "colours.npz"
    pixels = np.random.default_rng(0).integers(0, 256, (20, 3, 4, 6)).astype(np.uint8)
    np.savez(path, x=pixels, y=np.arange(20) % 2)
    window.data.use_file(path)
    assert window.session.problem.shape.image == (3, 4, 6)
    assert not window.data.view.picture.grab().toImage().isGrayscale()
    window.session.step(2)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.updates == 2)


def test_settings_of_a_file_are_edited_on_the_thread_too(window: MainWindow, tmp_path: Path) -> None:
    window.data.use_file(write_arrays(tmp_path))
    data = window.session.experiment.data
    assert window.data.form is not None
    window.data.form.changed.emit(replace(data, seed=5), "Change seed", None)
    assert window.session.experiment.data == replace(data, seed=5)
    assert window.edits.undo.text() == "Undo Change seed"


def test_a_reading_that_is_stopped_late_makes_nothing() -> None:
    gate = Gate()
    reading: Reading[str] = Reading(gate)
    gate.open()
    assert reading.wait(WAIT)
    reading.stop()
    assert reading.take() is None
