"""A table is looked at before it is used: rows, header, target and columns; faults are told and the dialog stays."""

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Csv
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.data_editors import ColumnEditor, InputsEditor, column_named, place_of_column
from bplab.gui.panels.data_import import ImportDialog

from .test_accessibility import silent

PEOPLE = "name,age,fare,city,kind\n" + "".join(f"p{n},{20 + n},{n * 1.5},{n % 3},{'ab'[n % 2]}\n" for n in range(30))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(PEOPLE, encoding="utf-8")
    return path


def pick(window: MainWindow, qtbot: QtBot, name: str) -> None:
    qtbot.mouseClick(window.data.picker.thumbnail(name), Qt.MouseButton.LeftButton)


def take_table(window: MainWindow) -> None:
    """Use the table that is looked at, as it is."""
    assert window.data.importing is not None
    window.data.importing.import_button.click()


def looked_at(window: MainWindow, path: Path) -> ImportDialog:
    window.data.offer_file(path)
    dialog = window.data.importing
    assert dialog is not None
    return dialog


def heads(dialog: ImportDialog) -> list[str]:
    items = [dialog.table.horizontalHeaderItem(index) for index in range(dialog.table.columnCount())]
    return [item.text().replace("\n", ": ") for item in items if item is not None]


def choose_target(dialog: ImportDialog, index: int) -> None:
    editor = dialog.form.editor("target")
    assert isinstance(editor, ColumnEditor)
    editor.box.setCurrentIndex(index)
    editor.box.activated.emit(index)


def test_the_first_rows_are_seen_and_columns_of_words_are_left_out_at_first(window: MainWindow, people: Path) -> None:
    dialog = looked_at(window, people)
    assert window.session.experiment.data == Circle(), "nothing is used before one says so"
    assert heads(dialog) == ["name: left out", "age: input", "fare: input", "city: input", "kind: target"]
    assert dialog.table.rowCount() == 30
    assert [dialog.table.item(0, column).text() for column in range(5)] == ["p0", "20", "0.0", "0", "a"]
    assert dialog.said.text() == "3 inputs of 5 columns; “kind” is to be learned."
    assert dialog.value == Csv(path=str(people), inputs=("age", "fare", "city"))


def test_numbers_end_below_each_other_and_words_begin_so(window: MainWindow, people: Path) -> None:
    table = looked_at(window, people).table
    sides = [table.item(0, column).textAlignment() & Qt.AlignmentFlag.AlignHorizontal_Mask for column in range(5)]
    left, right = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
    assert sides == [left, right, right, right, left]


def test_using_the_table_is_one_undo_step(window: MainWindow, qtbot: QtBot, people: Path) -> None:
    dialog = looked_at(window, people)
    qtbot.mouseClick(dialog.import_button, Qt.MouseButton.LeftButton)
    assert window.data.importing is None
    assert window.session.experiment.data == Csv(path=str(people), inputs=("age", "fare", "city"))
    assert window.session.problem.shape.inputs == 3
    assert window.session.history.undo_label == "Open people.csv"
    window.edits.undo.trigger()
    assert window.session.experiment.data == Circle()


def test_cancel_leaves_everything_as_it_was(window: MainWindow, qtbot: QtBot, people: Path) -> None:
    dialog = looked_at(window, people)
    qtbot.mouseClick(dialog.cancel_button, Qt.MouseButton.LeftButton)
    assert window.data.importing is None
    assert window.session.experiment.data == Circle()
    assert window.session.history.undo_label is None


def test_columns_are_chosen_by_key_in_the_list_or_by_a_click_on_the_heading(
    window: MainWindow, qtbot: QtBot, people: Path
) -> None:
    dialog = looked_at(window, people)
    dialog.columns.setCurrentRow(2)
    qtbot.keyClick(dialog.columns, Qt.Key.Key_Space)
    assert dialog.value.inputs == ("age", "city")
    header = dialog.table.horizontalHeader()
    place = header.viewport().rect().topLeft()
    place.setX(header.sectionViewportPosition(1) + 10)
    place.setY(5)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.value.inputs == ("city",)
    dialog.columns.setCurrentRow(3)
    qtbot.keyClick(dialog.columns, Qt.Key.Key_Space)
    assert dialog.said.text() == "Tick at least one input column."
    assert not dialog.import_button.isEnabled()


def test_a_column_that_cannot_be_an_input_is_told_with_line_and_column(window: MainWindow, people: Path) -> None:
    dialog = looked_at(window, people)
    item = dialog.columns.item(0)
    assert item.text() == "name (no numbers)"
    item.setCheckState(Qt.CheckState.Checked)
    assert dialog.said.text() == "people.csv, line 2, column 1 (name): 'p0' is not a number"
    assert not dialog.import_button.isEnabled()
    item.setCheckState(Qt.CheckState.Unchecked)
    assert dialog.import_button.isEnabled()


def test_another_target_changes_places_with_the_one_before(window: MainWindow, people: Path) -> None:
    dialog = looked_at(window, people)
    choose_target(dialog, 2)
    assert heads(dialog)[1] == "age: target"
    assert heads(dialog)[4] == "kind: left out", "it holds words"
    choose_target(dialog, 3)
    assert heads(dialog)[1:3] == ["age: input", "fare: target"]
    assert dialog.value == Csv(path=str(people), target="fare", inputs=("age", "city"))


def test_without_a_header_columns_have_numbers(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "bare.csv"
    path.write_text("1,2,a\n3,4,b\n5,6,a\n7,8,b\n9,1,a\n", encoding="utf-8")
    dialog = looked_at(window, path)
    assert heads(dialog) == ["column 1: input", "column 2: input", "column 3: target"]
    dialog.columns.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert dialog.value == Csv(path=str(path), inputs=(2,))
    box = dialog.form.editor("header").controls()[0]
    box.setCurrentIndex(1)  # type: ignore[attr-defined]  # a combo box
    box.activated.emit(1)  # type: ignore[attr-defined]
    assert heads(dialog) == ["1: input", "2: input", "a: target"]
    assert dialog.table.rowCount() == 4


def test_what_only_the_whole_file_shows_is_told_and_the_dialog_stays(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("a,b,kind\n" + "1,2,x\n3,4,y\n" * 40 + "oops,1,x\n", encoding="utf-8")
    dialog = looked_at(window, path)
    dialog.import_button.click()
    assert window.data.importing is dialog
    assert dialog.said.text() == "long.csv, line 82, column 1 (a): 'oops' is not a number"
    assert window.session.experiment.data == Circle()
    dialog.columns.item(0).setCheckState(Qt.CheckState.Unchecked)
    dialog.import_button.click()
    assert window.session.experiment.data == Csv(path=str(path), inputs=("b",))


def test_a_ragged_file_is_shown_up_to_the_row_that_is_told(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "ragged.csv"
    path.write_text("a,b,kind\n1,2,x\n3,y\n", encoding="utf-8")
    dialog = looked_at(window, path)
    assert dialog.table.rowCount() == 1
    assert dialog.said.text() == "ragged.csv, line 3, column 3 (kind): the row has 2 cells, but line 1 has 3"
    assert not dialog.import_button.isEnabled()


def test_a_file_that_is_no_table_is_told_in_the_dialog(window: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("", encoding="utf-8")
    dialog = looked_at(window, path)
    assert dialog.said.text() == "empty.csv: the file is empty"
    assert not dialog.import_button.isEnabled()


def test_the_columns_of_a_table_in_use_can_be_chosen_again(window: MainWindow, people: Path) -> None:
    looked_at(window, people).take()
    assert window.data.form is not None
    editor = window.data.form.editor("inputs")
    assert isinstance(editor, InputsEditor)
    assert editor.button.text() == "3 columns …"
    editor.button.click()
    dialog = window.data.importing
    assert dialog is not None
    assert heads(dialog)[0] == "name: left out"
    dialog.columns.item(1).setCheckState(Qt.CheckState.Unchecked)
    dialog.take()
    assert window.session.experiment.data == Csv(path=str(people), inputs=("fare", "city"))


def test_another_file_in_its_place_is_looked_at_first(
    window: MainWindow, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at(window, people).take()
    other = tmp_path / "other.csv"
    other.write_text("u,v,w\n" + "1,2,x\n3,4,y\n" * 4, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(other), ""))
    assert window.data.form is not None
    window.data.form.editor("path").controls()[0].click()  # type: ignore[attr-defined]  # a button
    assert window.data.importing is not None
    assert window.session.experiment.data.paths() == (people,)
    window.data.importing.take()
    assert window.session.experiment.data == Csv(path=str(other))


def test_every_control_of_the_dialog_has_a_name_and_a_tooltip(window: MainWindow, people: Path) -> None:
    assert silent(looked_at(window, people)) == []


@pytest.mark.parametrize(
    ("column", "place"), [("a", 0), ("b", 1), ("z", -1), (1, 0), (3, 2), (4, -1), (-1, 2), (-3, 0), (-4, -1), (0, -1)]
)
def test_a_column_is_found_by_name_and_by_number_from_both_ends(column: int | str, place: int) -> None:
    assert place_of_column(column, ["a", "b", "c"]) == place


def test_a_column_is_kept_by_a_name_that_is_its_own_or_else_by_number() -> None:
    names = ["a", "b", "b", "column 4"]
    assert [column_named(index, names) for index in range(4)] == ["a", 2, 3, 4]


# -- which file is looked at ----------------------------------------------------------------------------------


def test_a_csv_file_is_chosen_in_a_dialog(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flowers.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,z\n7,8,y\n9,1,x\n2,2,z\n", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    pick(window, qtbot, "csv")
    take_table(window)
    assert window.session.experiment.data == Csv(path=str(file))
    assert window.session.experiment.network.layers[-1].units == 3
    assert window.data.form is not None
    assert "3 classes" in window.data.view.facts.text()


def test_a_file_used_before_that_is_gone_is_asked_for_again(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, moved = tmp_path / "flowers.csv", tmp_path / "moved.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    window.data.use_file(file)
    pick(window, qtbot, "circle")
    file.rename(moved)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(moved), ""))
    pick(window, qtbot, "csv")
    take_table(window)
    assert window.session.experiment.data == Csv(path=str(moved))


def test_the_file_of_one_document_is_not_the_data_of_the_next(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "flowers.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    window.data.use_file(file)
    window.documents.new()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    pick(window, qtbot, "csv")
    assert window.session.experiment.data == Circle()


def test_no_file_chosen_changes_nothing(window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    pick(window, qtbot, "csv")
    assert window.session.experiment.data == Circle()
    assert window.data.picker.thumbnail("circle").isChecked()


# -- files dropped on the panel -------------------------------------------------------------------------------


def dropped(widget: QWidget, *paths: Path) -> bool:
    """True if the widget takes the files."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, button, keys)
    enter.ignore()
    widget.dragEnterEvent(enter)
    if enter.isAccepted():
        widget.dropEvent(QDropEvent(QPointF(9, 9), action, data, button, keys))
    return enter.isAccepted()


def test_a_table_dropped_on_the_data_panel_is_looked_at_first(window: MainWindow, people: Path) -> None:
    assert dropped(window.data, people)
    assert window.data.importing is not None
    assert window.data.importing.value.path == str(people)


@pytest.mark.parametrize("place", ["data", "canvas", "plot"])
def test_a_table_may_be_dropped_anywhere_in_the_window(place: str, window: MainWindow, people: Path) -> None:
    plot = window.docks["Loss"].content
    child = {"data": window.data.picker, "canvas": window.canvas.view, "plot": plot.view.viewport()}[place]
    data, middle = QMimeData(), QPointF(child.rect().center())
    data.setUrls([QUrl.fromLocalFile(str(people))])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(child, QDragEnterEvent(middle.toPoint(), action, data, button, keys))
    QApplication.sendEvent(child, QDropEvent(middle, action, data, button, keys))
    assert window.data.importing is not None
    assert window.data.importing.value.path == str(people)


def test_the_panel_shows_that_a_file_is_welcome_while_it_is_over_it(window: MainWindow, people: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(people))])
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.data.dragEnterEvent(QDragEnterEvent(QPointF(9, 9).toPoint(), action, data, button, keys))
    assert window.data.welcome.isVisible()
    assert "people.csv" in window.data.welcome.text()
    window.data.dropEvent(QDropEvent(QPointF(9, 9), action, data, button, keys))
    assert not window.data.welcome.isVisible()


def test_what_is_no_data_is_left_to_the_window(window: MainWindow, people: Path, tmp_path: Path) -> None:
    assert not dropped(window.data, tmp_path / "experiment.json")
    assert not dropped(window.data, people, people)
