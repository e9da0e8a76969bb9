"""Documents: nothing that was done is lost without a question, and what fails leaves all as it was."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QMimeData, QObject, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from bplab.data import Csv, dataset_in
from bplab.gui.documents import Documents
from bplab.gui.file_actions import Answer, file_name
from bplab.gui.main_window import MainWindow
from bplab.gui.preferences import Preferences
from bplab.gui.session import Session
from bplab.lab.experiment import experiment_to_json, load_experiment
from bplab.lab.project import Project
from bplab.lab.unsaved import unsaved_folder
from tests.data.idx_files import write_pair
from tests.gui.acts import choose, rename, renamed, train, write_arrays


@pytest.fixture
def never_asked(monkeypatch: pytest.MonkeyPatch, window: MainWindow) -> None:
    def refuse() -> Answer:
        raise AssertionError("the question was asked")

    monkeypatch.setattr(window.files, "ask", refuse)


# -- saved or not -------------------------------------------------------------------------------------------


def test_a_first_start_has_nothing_to_save_and_closes_without_a_question(window: MainWindow, never_asked: None) -> None:
    assert not window.isWindowModified()
    assert window.close()
    assert list(unsaved_folder().glob("*.bplab")) == []


def test_an_edit_marks_the_title_and_undo_takes_the_mark_away(window: MainWindow, qtbot: QtBot) -> None:
    rename(window, "Rings")
    assert window.isWindowModified()
    assert window.windowTitle() == "Rings[*] – bplab"
    window.edits.undo.trigger()
    qtbot.waitUntil(lambda: not window.documents.modified)
    window.documents.changed.emit()
    assert not window.isWindowModified()


def test_training_is_work_that_can_be_saved(window: MainWindow, qtbot: QtBot) -> None:
    train(window, qtbot, 10)
    assert window.documents.modified
    qtbot.waitUntil(window.isWindowModified)


def test_save_asks_for_a_name_once_and_then_saves_there(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "rings")
    rename(window, "Rings")
    train(window, qtbot, 30)
    window.files.save.trigger()
    path = tmp_path / "rings.bplab"
    assert window.documents.path == path
    assert window.windowTitle() == "rings[*] – bplab"
    assert not window.isWindowModified()
    assert list(unsaved_folder().glob("*.bplab")) == []
    assert Preferences().recent == [path]

    rename(window, "Rings again")
    assert window.isWindowModified()
    window.files.save.trigger()
    assert not window.isWindowModified()
    window.close()
    with Project.open(path) as project:
        assert project.saved.name == project.working.name == "Rings again"
        assert [(info.updates, info.name) for info in project.runs()] == [(30, "Rings")]


def test_save_as_goes_on_under_the_new_name_and_leaves_the_old_file_as_saved(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    window.documents.save_as(tmp_path / "one.bplab")
    rename(window, "Two")
    window.documents.save_as(tmp_path / "two.bplab")
    assert window.documents.path == tmp_path / "two.bplab"
    with Project.open(tmp_path / "one.bplab") as project:
        assert project.saved == project.working == load_experiment("circle")
    assert window.session.experiment.name == "Two"


def test_a_run_goes_on_in_the_copy_after_save_as(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    train(window, qtbot, 10)
    window.documents.save_as(tmp_path / "one.bplab")
    assert window.documents.shown_run() == 1
    train(window, qtbot, 10)
    window.documents.save()
    assert [info.updates for info in window.documents.runs()] == [20]


def test_saving_where_nothing_can_be_written_is_one_sentence(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(monkeypatch, tmp_path / "missing" / "x.bplab")
    rename(window, "Rings")
    window.files.save.trigger()
    assert window.documents.path is None
    assert window.notices.isVisible()
    assert "x.bplab" in window.notices.text.text()
    assert window.session.experiment.name == "Rings"


# -- opening ------------------------------------------------------------------------------------------------


def test_a_project_opens_with_its_experiment_and_its_latest_run(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    rename(window, "Rings")
    train(window, qtbot, 40)
    assert window.session.run is not None
    parameters = window.session.run.latest().parameters.copy()
    window.documents.save_as(tmp_path / "rings.bplab")
    window.documents.new()
    assert window.session.run is None
    assert window.session.experiment.name == "Untitled"

    window.files.open_path(tmp_path / "rings.bplab")
    assert window.session.experiment.name == "Rings"
    run = window.session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.latest().updates == 40)
    assert (run.latest().parameters == parameters).all()
    assert not window.documents.modified
    assert len(run.record) > 1


def test_an_experiment_file_opens_as_a_new_document(window: MainWindow, tmp_path: Path) -> None:
    file = tmp_path / "mine.json"
    file.write_text(experiment_to_json(renamed(load_experiment("circle"), "Mine")), encoding="utf-8")
    window.open_file(str(file))
    assert window.session.experiment.name == "Mine"
    assert window.documents.path is None
    assert not window.documents.modified


@pytest.mark.parametrize(
    ("name", "contents"),
    [
        ("bad.json", b'{"format": "bplab-experiment", "what": 1}'),
        ("cut.bplab", b"SQLite format 3\x00 and then no more"),
        ("foreign.bplab", b"\x89PNG\r\n"),
        ("missing.bplab", None),
    ],
)
def test_a_bad_file_is_one_sentence_and_leaves_all_that_is_open(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, name: str, contents: bytes | None
) -> None:
    train(window, qtbot, 5)
    window.documents.save_as(tmp_path / "kept.bplab")
    experiment, run = window.session.experiment, window.session.run
    if contents is not None:
        (tmp_path / name).write_bytes(contents)
    window.open_file(str(tmp_path / name))
    assert window.session.experiment == experiment
    assert window.session.run is run
    assert window.documents.path == tmp_path / "kept.bplab"
    assert window.notices.isVisible()
    assert name in window.notices.text.text()
    assert window.notices.text.text().count(".") <= 6
    rename(window, "still alive")
    window.documents.save()


def test_a_project_whose_csv_file_is_gone_is_refused_by_name(window: MainWindow, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    table.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    window.data.use_file(table)
    window.documents.save_as(tmp_path / "mine.bplab")
    window.documents.new()
    table.unlink()
    window.open_file(str(tmp_path / "mine.bplab"))
    assert not isinstance(window.session.experiment.data, Csv)
    assert "mine.bplab" in window.notices.text.text()
    assert "table.csv" in window.notices.text.text()


def test_a_project_that_is_open_in_another_window_is_refused(window: MainWindow, tmp_path: Path) -> None:
    with Project.create(tmp_path / "busy.bplab", load_experiment("circle")):
        window.open_file(str(tmp_path / "busy.bplab"))
        assert "busy.bplab" in window.notices.text.text()
    assert window.documents.path is None


def test_opening_the_open_document_again_does_nothing(window: MainWindow, tmp_path: Path) -> None:
    window.documents.save_as(tmp_path / "mine.bplab")
    rename(window, "Edited")
    window.documents.open(tmp_path / "mine.bplab")
    assert window.session.experiment.name == "Edited"


def test_examples_and_recent_files_are_in_their_menus(window: MainWindow, tmp_path: Path) -> None:
    window.menus.examples.aboutToShow.emit()
    names = [action.data() for action in window.menus.examples.actions()]
    assert names[:3] == ["circle", "spiral", "digits"]
    window.menus.examples.actions()[1].trigger()
    assert window.session.experiment == load_experiment("spiral")

    window.documents.save_as(tmp_path / "mine.bplab")
    window._preferences.add_recent(tmp_path / "mine.bplab")
    window.documents.new()
    window.menus.recent.aboutToShow.emit()
    mine, _, clear = window.menus.recent.actions()
    mine.trigger()
    assert window.documents.path == tmp_path / "mine.bplab"
    clear.trigger()
    window.menus.recent.aboutToShow.emit()
    assert len(window.menus.recent.actions()) == 2


@pytest.mark.parametrize("name", ["mine.bplab", "table.csv", "arrays.npz", "train-images-idx3-ubyte"])
def test_a_file_can_be_dropped_on_the_window(window: MainWindow, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    if name.endswith(".csv"):
        file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    elif name.endswith(".npz"):
        write_arrays(tmp_path)
    elif name.endswith("ubyte"):
        write_pair(tmp_path)
    else:
        Project.create(file, renamed(load_experiment("circle"), "Dropped")).close()
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file))])
    copy = Qt.DropAction.CopyAction
    event = QDropEvent(QPointF(QPoint(5, 5)), copy, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    window.dropEvent(event)
    assert event.isAccepted()
    if name.endswith(".csv"):  # a table is looked at first
        assert window.data.importing is not None
        window.data.importing.take()
    if not name.endswith(".bplab"):
        assert window.session.experiment.data == dataset_in(file)
    else:
        assert window.session.experiment.name == "Dropped"


# -- runs ---------------------------------------------------------------------------------------------------


def test_an_earlier_run_can_be_looked_at_and_its_settings_come_back(window: MainWindow, qtbot: QtBot) -> None:
    first = window.session.experiment
    train(window, qtbot, 20)
    window.session.edit_training("Change batch size", batch_size=50)
    train(window, qtbot, 5)
    qtbot.waitUntil(lambda: [info.updates for info in window.documents.runs()] == [20, 5])
    window.menus.runs.aboutToShow.emit()
    latest, earlier = window.menus.runs.actions()
    assert latest.isChecked()
    assert earlier.text().startswith(f"1  {first.name} · 20 updates · test loss ")

    earlier.trigger()
    assert window.session.experiment == first
    assert not window.session.edited_since_run
    qtbot.waitUntil(lambda: window.session.live.updates == 20)
    assert window.documents.shown_run() == 1
    assert window.edits.undo.text() == "Undo Show run 1"


def test_looking_at_an_earlier_run_leaves_the_one_before_as_it_was(window: MainWindow, qtbot: QtBot) -> None:
    train(window, qtbot, 20)
    window.session.reset()
    window.bar.rate.rate_changed.emit(0.1)
    train(window, qtbot, 5)
    latest = window.session.run
    qtbot.waitUntil(lambda: [info.updates for info in window.documents.runs()] == [20, 5])
    window.files.show_run(1)
    assert latest is not None
    assert latest.record.events == []
    assert window.bar.rate.field.text() == "0.03"
    window.edits.undo.trigger()
    window.files.show_run(2)
    assert window.documents.shown_run() == 2
    assert window.session.record is not None
    assert window.session.record.events == []


def test_the_rate_of_a_run_that_is_looked_at_is_the_one_it_trains_at(window: MainWindow, qtbot: QtBot) -> None:
    train(window, qtbot, 20)
    window.bar.rate.rate_changed.emit(0.2)
    train(window, qtbot, 5)
    qtbot.waitUntil(lambda: [info.updates for info in window.documents.runs()] == [25])
    window.session.reset()
    window.bar.rate.rate_changed.emit(0.01)
    window.files.show_run(1)
    assert window.bar.rate.field.text() == "0.2"
    assert not window.session.edited_since_run
    train(window, qtbot, 5)
    assert window.session.record is not None
    assert [event.value for event in window.session.record.events] == [0.2]


def test_a_run_whose_data_is_gone_is_refused_by_name_and_the_one_on_view_trains_on(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    first, table = window.session.experiment, tmp_path / "table.csv"
    table.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    window.data.use_file(table)
    train(window, qtbot, 5)
    qtbot.waitUntil(lambda: [info.updates for info in window.documents.runs()] == [5])
    window.session.edit(replace(first, training=replace(first.training, epochs=1_000_000)), "Change data to Circle")
    window.session.play()
    run, experiment = window.session.run, window.session.experiment
    table.unlink()
    window.files.show_run(1)
    assert "table.csv" in window.notices.text.text()
    assert window.session.run is run
    assert window.session.is_training
    assert window.session.experiment == experiment


def test_a_document_without_runs_says_so_in_the_menu(window: MainWindow) -> None:
    window.menus.runs.aboutToShow.emit()
    assert [(action.text(), action.isEnabled()) for action in window.menus.runs.actions()] == [("No runs yet", False)]


def test_opening_the_menu_of_runs_again_leaves_nothing_of_the_time_before(window: MainWindow, qtbot: QtBot) -> None:
    train(window, qtbot, 3)
    qtbot.waitUntil(lambda: len(window.documents.runs()) == 1)
    window.menus.fill_runs()
    children = len(window.menus.findChildren(QObject)), len(window.menus.runs.findChildren(QObject))
    for _ in range(3):
        window.menus.fill_runs()
    assert (len(window.menus.findChildren(QObject)), len(window.menus.runs.findChildren(QObject))) == children
    assert len(window.menus.runs.actions()) == 1


def test_names_of_files_are_such_that_every_system_takes_them() -> None:
    assert [file_name(name) for name in ("Two circles", "a/b:c", "..", "Größe 2")] == [
        "Two circles", "a-b-c", "untitled", "Größe 2",
    ]  # fmt: skip


def test_a_document_of_a_session_needs_no_window(session: Session, tmp_path: Path) -> None:
    documents = Documents(session)
    documents.save_as(tmp_path / "x.bplab")
    documents.close(keep=False)
    assert (tmp_path / "x.bplab").is_file()
