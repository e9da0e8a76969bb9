"""The gradient check in the window: its dialog, its thread, and the network that it checks."""

from collections.abc import Callable
from typing import Any, NoReturn

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from bplab.gui import checks
from bplab.gui.check_dialog import CheckDialog
from bplab.gui.main_window import MainWindow
from bplab.lab.checking import Checked, check_text
from bplab.lab.editing import set_units

from .acts import train
from .test_accessibility import silent


def click(qtbot: QtBot, button: QPushButton) -> None:
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def opened(window: MainWindow) -> CheckDialog:
    window.train.check.trigger()
    dialog = window.checks.dialog
    assert dialog is not None
    return dialog


def result(window: MainWindow, qtbot: QtBot) -> tuple[CheckDialog, Checked]:
    dialog = opened(window)
    qtbot.waitUntil(lambda: dialog.checked is not None)
    assert dialog.checked is not None
    return dialog, dialog.checked


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check gets to a quarter and never further."""

    def work(*what: Any) -> NoReturn:
        watch: Callable[[float], None] = what[-1]
        while True:
            watch(0.25)

    monkeypatch.setattr(checks, "check_weights", work)


def test_a_key_opens_the_check_and_shows_verdict_table_and_meaning(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.keyClick(window, Qt.Key.Key_F9)
    dialog = window.checks.dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: dialog.checked is not None)
    assert dialog.verdict.text().startswith("Good: back-propagation gives the gradient of the loss; ")
    assert "below 1e-7 good" in dialog.meaning.text()
    assert dialog.about.text() == "A disc in a ring: 32 training samples, weights as first drawn, in float64"
    assert dialog.table.isVisible()
    assert not dialog.progress.isVisible()


def test_each_layer_stands_in_the_table_with_its_colour_and_name(window: MainWindow, qtbot: QtBot) -> None:
    dialog, checked = result(window, qtbot)
    table = dialog.table

    def first_column() -> list[tuple[str, QColor]]:
        items = [table.item(row, 0) for row in range(table.rowCount())]
        return [(item.text(), item.data(Qt.ItemDataRole.DecorationRole)) for item in items]

    names = [layer.name for layer in checked.checks[0].layers]
    assert first_column() == list(zip(names, window.theme.layer_colours(3), strict=True))
    window.theme.set_dark(True)
    assert first_column() == list(zip(names, window.theme.layer_colours(3), strict=True))
    assert [table.item(row, 2).text() for row in range(3)] == ["good"] * 3


def test_the_runs_present_weights_are_checked_and_first_ones_after_an_edit(window: MainWindow, qtbot: QtBot) -> None:
    train(window, qtbot, 30)
    dialog, checked = result(window, qtbot)
    assert checked.steps == 30
    assert "weights after 30 updates" in dialog.about.text()
    window.session.edit(set_units(window.session.experiment, 0, 6), "units")
    click(qtbot, dialog.again_button)
    assert dialog.checked is None
    qtbot.waitUntil(lambda: dialog.checked is not None)
    assert "weights as first drawn" in dialog.about.text()


def test_float32_has_a_column_for_each_precision(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("Number type", dtype="float32")
    dialog, checked = result(window, qtbot)
    heads = [dialog.table.horizontalHeaderItem(column).text().strip() for column in range(dialog.table.columnCount())]
    assert heads == ["layer", "float32", "verdict", "float64", "verdict", "compared", "skipped"]
    assert [check.dtype for check in checked.checks] == ["float32", "float64"]
    assert "float32 carries 7 digits" in dialog.meaning.text()


def test_the_result_is_copied_as_the_shell_prints_it(window: MainWindow, qtbot: QtBot) -> None:
    dialog, checked = result(window, qtbot)
    click(qtbot, dialog.copy_button)
    assert QApplication.clipboard().text() == check_text(checked)


def test_a_bad_verdict_is_said_in_words_and_in_the_warnings_colour(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, good = result(window, qtbot)
    check = good.checks[0]
    layers = [replace(check.layers[0], verdict="wrong", relative_error=0.5), *check.layers[1:]]
    bad = replace(check, layers=layers, verdict="wrong", relative_error=0.5, worst="h1")
    monkeypatch.setattr(checks, "check_weights", lambda *_: replace(good, passed=False, checks=[bad]))
    dialog, _ = result(window, qtbot)
    assert dialog.verdict.text().startswith("Wrong: back-propagation does not give the gradient of the loss in h1")
    item = dialog.table.item(0, 2)
    assert (item.text(), item.foreground().color()) == ("wrong", QColor(window.theme.colours.warning))


@pytest.mark.usefixtures("endless")
def test_a_check_under_way_shows_how_far_it_is_and_can_be_cancelled(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window)
    qtbot.waitUntil(lambda: dialog.progress.value() == dialog.progress.maximum() // 4)
    assert dialog.progress.isVisible()
    assert not dialog.copy_button.isEnabled()
    assert dialog.close_button.text() == "Cancel"
    (check,) = window.checks._checks
    assert check.busy
    click(qtbot, dialog.close_button)
    assert window.checks.dialog is None
    qtbot.waitUntil(lambda: not check.busy)
    assert (check.checked, check.error) == (None, None)


@pytest.mark.usefixtures("endless")
def test_the_window_trains_and_takes_edits_while_a_check_is_under_way(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window)
    train(window, qtbot, 20)
    window.session.edit(set_units(window.session.experiment, 0, 7), "units")
    assert window.session.experiment.network.layers[0].units == 7
    assert dialog.checked is None
    assert dialog.isVisible()


@pytest.mark.usefixtures("endless")
def test_no_check_outlives_the_window(window: MainWindow) -> None:
    opened(window)
    (check,) = window.checks._checks
    window.leave()
    assert not check.busy


@pytest.mark.usefixtures("endless")
def test_asking_again_ends_the_check_under_way(window: MainWindow, qtbot: QtBot) -> None:
    dialog = opened(window)
    (first,) = window.checks._checks
    assert opened(window) is dialog
    qtbot.waitUntil(lambda: not first.busy)
    assert window.checks._checks[-1].busy


def test_a_check_that_breaks_is_handed_on_and_leaves_no_dialog(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = RuntimeError("nobody knows why")

    def work(*_: Any) -> NoReturn:
        raise error

    monkeypatch.setattr(checks, "check_weights", work)
    with qtbot.waitSignal(window.checks.broke) as told:
        opened(window)
    assert told.args == [error]
    assert window.checks.dialog is None


@pytest.mark.parametrize("is_done", [True, False])
def test_every_control_of_the_dialog_says_what_it_is(
    window: MainWindow, qtbot: QtBot, is_done: bool, request: pytest.FixtureRequest
) -> None:
    if is_done:
        dialog, _ = result(window, qtbot)
    else:
        request.getfixturevalue("endless")
        dialog = opened(window)
    assert silent(dialog) == []
    assert dialog.progress.accessibleName()


def test_no_line_of_the_dialog_is_cut_off(window: MainWindow, qtbot: QtBot) -> None:
    window.session.edit_training("Number type", dtype="float32")
    dialog, _ = result(window, qtbot)
    for label in (dialog.verdict, dialog.about, dialog.meaning):
        qtbot.waitUntil(lambda label=label: label.height() >= label.heightForWidth(label.width()) > 0)
