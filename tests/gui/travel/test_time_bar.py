"""The bar under the plots brings any update of a run back, by mouse, keys and number, and says truly what is shown."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.engine import InputError
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.past_mark import PastMark
from bplab.gui.panels.time_marks import What, marks_of
from bplab.gui.row_on_view import row_on_view
from bplab.lab.run import Run
from tests.gui.travel.driving import LEFT, click_at, fresh, restored, set_rate, train

ALT = Qt.KeyboardModifier.AltModifier
UPDATES = 400


@pytest.fixture
def trained(window: MainWindow, qtbot: QtBot) -> MainWindow:
    train(window.session, qtbot, UPDATES)
    return window


def run_of(window: MainWindow) -> Run:
    run = window.session.run
    assert run is not None
    return run


def test_a_click_on_the_line_brings_that_update_back_bit_for_bit(trained: MainWindow, qtbot: QtBot) -> None:
    session, machine = trained.session, trained.travel.machine
    for wanted in (333, 57, 58):
        restored(trained, qtbot, lambda wanted=wanted: click_at(trained, qtbot, wanted))
        assert machine.asked is not None
        assert session.live.updates == machine.asked == pytest.approx(wanted, abs=2)
        assert session.live.network.parameters.tobytes() == fresh(session, machine.asked).tobytes()
        assert f"update {machine.asked:,} of 400 · exact" in trained.travel.bar.said.text()
    assert trained.canvas._figures is not None
    assert trained.canvas._figures.live is session.live


def test_a_drag_to_the_end_is_now_again(trained: MainWindow, qtbot: QtBot) -> None:
    slider, session = trained.travel.bar.slider, trained.session
    high = slider.height() // 2
    qtbot.mousePress(slider, LEFT, pos=QPoint(40, high))
    qtbot.waitUntil(lambda: session.past is not None)
    QTest.mouseMove(slider, QPoint(slider.width() - 1, high))
    qtbot.mouseRelease(slider, LEFT, pos=QPoint(slider.width() - 1, high))
    assert session.past is None
    assert session.live.network.parameters.tobytes() == run_of(trained).latest().parameters.tobytes()
    assert trained.travel.bar.said.text() == "now: update 400"


def test_keys_go_by_an_update_and_by_a_row(trained: MainWindow, qtbot: QtBot) -> None:
    machine, slider, steps = trained.travel.machine, trained.travel.bar.slider, run_of(trained).record.column("step")
    slider.setFocus()
    restored(trained, qtbot, lambda: qtbot.keyClick(slider, Qt.Key.Key_Left))
    assert machine.asked == 399
    qtbot.keyClick(slider, Qt.Key.Key_PageDown)
    assert machine.asked == steps[steps < 399].max()
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    restored(trained, qtbot, lambda: qtbot.keyClick(slider, Qt.Key.Key_Right))
    assert machine.asked == trained.session.live.updates == 1
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert machine.asked is None


def test_the_same_keys_with_alt_do_so_wherever_the_focus_is(trained: MainWindow, qtbot: QtBot) -> None:
    machine = trained.travel.machine
    trained.activateWindow()
    restored(trained, qtbot, lambda: qtbot.keyClick(trained.canvas.view, Qt.Key.Key_Left, ALT))
    assert machine.asked == 399
    restored(trained, qtbot, lambda: qtbot.keyClick(trained.canvas.view, Qt.Key.Key_Home, ALT))
    assert machine.asked == 0
    qtbot.keyClick(trained.canvas.view, Qt.Key.Key_Escape)
    assert machine.asked is None


def test_an_update_is_found_by_its_number(trained: MainWindow, qtbot: QtBot) -> None:
    field = trained.travel.bar.field
    trained.travel.actions.go_to.trigger()
    qtbot.keyClicks(field, "123")
    restored(trained, qtbot, lambda: qtbot.keyClick(field, Qt.Key.Key_Return))
    assert trained.session.live.updates == 123
    field.selectAll()
    qtbot.keyClicks(field, "401")
    with qtbot.waitSignal(trained.session.refused) as told:
        qtbot.keyClick(field, Qt.Key.Key_Return)
    assert "at most 400" in told.args[0]
    assert field.text() == "123"


def test_a_click_in_a_plot_moves_the_line_and_brings_the_update_back(trained: MainWindow, qtbot: QtBot) -> None:
    loss = trained.docks["Loss"].content
    loss.grab()
    place = loss.view.mapFromScene(loss.pane.mapViewToScene(QPointF(150.0, sum(loss.pane.viewRange()[1]) / 2)))
    restored(trained, qtbot, lambda: qtbot.mouseClick(loss.view.viewport(), LEFT, pos=place))
    asked = trained.travel.machine.asked
    assert asked == pytest.approx(150, abs=3)
    assert trained.travel.bar.slider.value() == asked == trained.session.live.updates
    assert loss._cursor.value() == asked


def test_while_the_run_trains_on_the_past_stays_on_view_until_back_to_now(trained: MainWindow, qtbot: QtBot) -> None:
    session = trained.session
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(100))
    shown = session.live.network.parameters.copy()
    train(session, qtbot, 300)
    assert run_of(trained).updates == 700
    assert session.live.updates == 100
    assert session.live.network.parameters.tobytes() == shown.tobytes()
    assert "of 700" in trained.travel.bar.said.text()
    qtbot.mouseClick(trained.travel.bar.buttons[trained.travel.actions.now], LEFT)
    assert session.live.updates == 700


def test_the_past_is_marked_wherever_the_network_is_shown(trained: MainWindow, qtbot: QtBot) -> None:
    marks = trained.findChildren(PastMark)
    assert all(mark.isHidden() for mark in marks)
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(100))
    assert len(marks) >= 6
    assert {mark.text for mark in marks} == {"past: update 100", "update 100"}
    assert trained.travel.canvas_mark.isVisible()
    assert "Esc: back to now" in trained.travel.bar.said.text()
    trained.session.play()
    qtbot.waitUntil(lambda: "training goes on from the end" in trained.travel.bar.said.text())
    trained.session.pause()
    trained.time.go_live()
    assert all(mark.isHidden() for mark in marks)


def test_an_edit_of_the_network_shows_that_and_its_undo_brings_the_past_back(
    trained: MainWindow, qtbot: QtBot
) -> None:
    session = trained.session
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(100))
    session.edit_training("New seed", seed=5)
    assert (session.past, session.live.updates) == (None, 0)
    assert "not shown" in trained.travel.bar.said.text()
    restored(trained, qtbot, session.undo)
    assert session.live.updates == 100


def test_reset_and_another_document_are_seen_as_they_are(trained: MainWindow, qtbot: QtBot) -> None:
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(100))
    trained.train.reset.trigger()
    assert (trained.session.past, trained.time.now, trained.session.traveller) == (None, None, None)
    train(trained.session, qtbot, 50)
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(10))
    trained.documents.open_example("spiral")
    assert (trained.session.past, trained.session.live.updates) == (None, 0)
    assert trained.travel.bar.said.text() == "no updates yet"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("time travel")]


def test_numbers_of_a_row_are_told_beside_its_own_update_only(trained: MainWindow, qtbot: QtBot) -> None:
    session, steps = trained.session, run_of(trained).record.column("step")
    assert row_on_view(session) == len(steps) - 1
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(int(steps[2])))
    assert row_on_view(session) == 2
    between = int(np.setdiff1d(np.arange(steps[2], steps[3] + 400), steps)[0])
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(between))
    assert row_on_view(session) is None


def test_the_line_marks_what_was_changed_by_hand_and_tells_of_it(trained: MainWindow, qtbot: QtBot) -> None:
    set_rate(trained, 0.1)
    train(trained.session, qtbot, 100)
    (mark,) = marks_of(run_of(trained))
    assert (mark.updates, mark.what) == (400, What.CHANGE)
    slider = trained.travel.bar.slider
    slider.follow()
    told = slider.tip_at(slider.place_of(400))
    assert told.splitlines()[-1] == "learning rate 0.1 from here on"
    assert "update 400 · epoch 16" in told


def test_what_cannot_be_done_says_why(window: MainWindow, qtbot: QtBot) -> None:
    actions = window.travel.actions
    assert all(not action.isEnabled() and "no updates yet" in action.toolTip() for action in actions.all())
    train(window.session, qtbot, 30)
    assert [action.isEnabled() for action in actions.ways()] == [True] * 3 + [False] * 3
    restored(window, qtbot, actions.start.trigger)
    assert [action.isEnabled() for action in actions.ways()] == [False] * 3 + [True] * 3
    assert actions.back.toolTip() == "This is the start of the run"


def test_all_of_the_bar_is_seen_on_a_projector_in_large_type(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 720)
    window.appearance.teach.setChecked(True)
    bar = window.travel.bar
    QApplication.processEvents()
    for part in (*bar.buttons.values(), bar.slider, bar.field, bar.said, bar.fork, bar.branches):
        assert bar.rect().contains(part.geometry())
        assert part.width() > 0
    assert bar.slider.width() > 200
    window.appearance.teach.setChecked(False)


def test_a_past_that_cannot_be_restored_is_told_of_in_a_sentence_and_left(
    trained: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise InputError("rings.csv cannot be read: no such file")

    monkeypatch.setattr("bplab.lab.time_travel.Replay", gone)
    with qtbot.waitSignal(trained.session.refused) as told:
        trained.travel.machine.go_to(57)
    assert told.args == ["rings.csv cannot be read: no such file"]
    assert (trained.time.now, trained.session.past, trained.session.traveller) == (None, None, None)
    monkeypatch.undo()
    restored(trained, qtbot, lambda: trained.travel.machine.go_to(57))
    assert trained.session.live.updates == 57
