"""Leaving a document: with a question where something would be lost, and after a crash."""

import threading
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QMessageBox
from pytestqt.qtbot import QtBot

from bplab.engine import SGD, InputError
from bplab.gui.file_actions import Answer
from bplab.gui.main_window import MainWindow
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.project import Project
from bplab.lab.unsaved import recoverable, unsaved_folder
from tests.gui.acts import answer, choose, rename, train

# -- leaving ------------------------------------------------------------------------------------------------


def test_closing_with_unsaved_changes_asks_and_cancel_keeps_the_window(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(window, "Rings")
    asked = answer(monkeypatch, window, Answer.CANCEL, Answer.DISCARD)
    assert not window.close()
    assert window.isVisible()
    assert window.session.experiment.name == "Rings"
    assert window.close()
    assert asked == []
    assert recoverable() == []


def test_save_in_the_question_saves_and_closes(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename(window, "Rings")
    choose(monkeypatch, tmp_path / "kept.bplab")
    answer(monkeypatch, window, Answer.SAVE)
    assert window.close()
    with Project.open(tmp_path / "kept.bplab") as project:
        assert project.saved.name == "Rings"


def test_no_name_given_in_the_question_keeps_the_window(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(window, "Rings")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: ("", ""))
    answer(monkeypatch, window, Answer.SAVE)
    assert not window.close()


def test_discard_in_the_question_leaves_a_named_file_as_it_was_saved(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.documents.save_as(tmp_path / "kept.bplab")
    rename(window, "Rings")
    answer(monkeypatch, window, Answer.DISCARD)
    assert window.close()
    with Project.open(tmp_path / "kept.bplab") as project:
        assert not project.modified
        assert project.working == load_experiment("circle")


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        (QMessageBox.StandardButton.Save, Answer.SAVE),
        (QMessageBox.StandardButton.Discard, Answer.DISCARD),
        (QMessageBox.StandardButton.Cancel, Answer.CANCEL),
    ],
)
def test_the_question_names_the_document_and_gives_three_answers(
    window: MainWindow, monkeypatch: pytest.MonkeyPatch, button: QMessageBox.StandardButton, expected: Answer
) -> None:
    texts = []

    def execute(box: QMessageBox) -> int:
        texts.append(box.text())
        return button.value

    monkeypatch.setattr(QMessageBox, "exec", execute)
    rename(window, "Rings")
    assert window.files.ask() is expected
    assert texts == ["Save the changes to “Rings”?"]


def test_closing_in_the_middle_of_training_leaves_no_thread(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.edit_training("long", epochs=1_000_000)
    window.session.play()
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.updates > 10)
    answer(monkeypatch, window, Answer.DISCARD)
    assert window.close()
    names = [thread.name for thread in threading.enumerate()]
    assert not [name for name in names if name.startswith(("training", "autosave"))]


@pytest.mark.parametrize("begin", ["close", "new"])
def test_told_to_leave_while_the_question_is_open_the_window_goes_and_the_work_stays(
    window: MainWindow, qtbot: QtBot, begin: str
) -> None:
    rename(window, "Rings")
    QTimer.singleShot(0, window.leave)  # the first that happens in the question's event loop
    with qtbot.waitSignal(window.closed):
        window.close() if begin == "close" else window.files.new.trigger()
    assert not window.isVisible()
    assert [document.name for document in recoverable()] == ["Rings"]


def test_a_number_typed_but_not_entered_is_saved_and_is_work_to_be_asked_about(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "mine.bplab")
    field = window.bar.rate.field
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    field.selectAll()
    qtbot.keyClicks(field, "0.0123")
    window.files.save_as.trigger()
    assert window.documents._project.saved.training.optimizer == SGD(0.0123)
    field.selectAll()
    qtbot.keyClicks(field, "0.5")
    asked = answer(monkeypatch, window, Answer.CANCEL)
    assert not window.close()
    assert asked == []
    assert window.session.experiment.training.optimizer == SGD(0.5)


def test_opening_another_document_asks_first_too(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    rename(window, "Rings")
    answer(monkeypatch, window, Answer.CANCEL, Answer.CANCEL)
    window.files.open_example("spiral")
    window.files.new.trigger()
    assert window.session.experiment.name == "Rings"


# -- after a crash ------------------------------------------------------------------------------------------


def test_work_left_behind_is_offered_at_the_next_start_and_recovered(
    window: MainWindow, qtbot: QtBot, theme: Theme
) -> None:
    rename(window, "Rings")
    train(window, qtbot, 15)
    window.leave()

    session = Session()
    again = MainWindow(session, theme)
    qtbot.addWidget(again, before_close_func=MainWindow.leave)
    again.show()
    again.begin(None)
    assert again.notices.isVisible()
    assert "“Rings” was not saved" in again.notices.text.text()
    recover, discard = again.notices._offers
    assert (recover.text(), discard.text()) == ("Recover", "Discard")
    qtbot.mouseClick(recover, Qt.MouseButton.LeftButton)
    assert session.experiment.name == "Rings"
    qtbot.waitUntil(lambda: session.live.updates == 15)
    assert again.documents.path is None
    assert again.documents.modified
    assert not again.notices.isVisible()
    again.leave()


def test_work_left_behind_can_be_discarded(window: MainWindow, qtbot: QtBot, theme: Theme) -> None:
    rename(window, "Rings")
    window.leave()
    again = MainWindow(Session(), theme)
    qtbot.addWidget(again, before_close_func=MainWindow.leave)
    again.begin(None)
    qtbot.mouseClick(again.notices._offers[1], Qt.MouseButton.LeftButton)
    assert recoverable() == []
    again.leave()


def test_a_named_file_left_without_saving_opens_with_the_work_and_offers_the_saved_one(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, theme: Theme
) -> None:
    window.documents.save_as(tmp_path / "mine.bplab")
    rename(window, "Rings")
    window.leave()
    again = MainWindow(Session(), theme)
    qtbot.addWidget(again, before_close_func=MainWindow.leave)
    again.begin(str(tmp_path / "mine.bplab"))
    assert again.session.experiment.name == "Rings"
    assert again.documents.modified
    (back,) = again.notices._offers
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    assert again.session.experiment == load_experiment("circle")
    assert not again.documents.modified
    again.leave()


def test_the_offer_of_the_saved_one_goes_with_its_document(window: MainWindow, tmp_path: Path) -> None:
    with Project.create(tmp_path / "mine.bplab", load_experiment("circle")) as project:
        project.set_working(load_experiment("spiral"))
    window.begin(str(tmp_path / "mine.bplab"))
    assert window.notices.topic == "reversion"
    window.documents.save()
    assert window.notices.topic == ""


def test_what_another_window_has_open_is_not_offered(window: MainWindow, qtbot: QtBot, theme: Theme) -> None:
    rename(window, "Rings")
    other = MainWindow(Session(), theme)
    qtbot.addWidget(other, before_close_func=MainWindow.leave)
    other.begin(None)
    assert other.notices.topic == ""
    other.leave()


def test_every_edit_and_the_training_reach_the_disk_by_themselves(window: MainWindow, qtbot: QtBot) -> None:
    rename(window, "Rings")
    train(window, qtbot, 12)
    (file,) = unsaved_folder().glob("*.bplab")
    project = window.documents._project
    qtbot.waitUntil(lambda: project.working.name == "Rings")
    qtbot.waitUntil(lambda: [info.updates for info in project.runs()] == [12])
    assert project.path == file


def test_a_disk_that_takes_nothing_is_told_once_and_the_window_goes_on(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(experiment: Experiment) -> None:
        raise InputError("untitled.bplab could not be written: no space left on device")

    monkeypatch.setattr(window.documents._project, "set_working", full)
    rename(window, "Rings")
    qtbot.waitUntil(lambda: window.notices.topic == "file")
    assert "no space left on device" in window.notices.text.text()
    monkeypatch.undo()
    window.session.step(3)
    qtbot.waitUntil(lambda: window.session.run is not None and window.session.run.updates == 3)
