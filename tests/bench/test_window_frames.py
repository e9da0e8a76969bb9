"""Frames and edits are timed by what is painted, not by what is asked for."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bplab.bench import window_edits
from bplab.bench.window_edits import Edit, latency
from bplab.bench.window_frames import FrameClock
from bplab.gui.session import Session


@pytest.fixture
def session(qapp: QObject) -> Iterator[Session]:
    made = Session()
    yield made
    made.close()


def test_a_frame_ends_only_after_the_paint_that_its_tick_has_caused(session: Session, qtbot: QtBot) -> None:
    painted: list[int] = []

    class View(QWidget):
        def paintEvent(self, event: QEvent) -> None:
            painted.append(len(clock.ends))

    view = View()
    qtbot.addWidget(view)
    clock = FrameClock(session, view)
    view.show()
    qtbot.waitExposed(view)
    painted.clear()
    for number in range(3):
        session.ticked.emit()
        view.update()
        qtbot.waitUntil(lambda expected=number + 1: len(clock.ends) == expected)
    assert painted == [0, 1, 2]
    assert len(clock.intervals()) == 2


def test_a_tick_that_paints_nothing_is_no_frame(session: Session, qtbot: QtBot) -> None:
    view = shown(qtbot)
    clock = FrameClock(session, view)
    session.ticked.emit()
    session.ticked.emit()
    view.update()
    qtbot.waitUntil(lambda: bool(clock.ends))
    assert list(clock.ends) == [2]


def test_an_edit_is_seen_when_its_text_is_painted_and_no_earlier(qtbot: QtBot) -> None:
    view, texts = shown(qtbot), ["before"]

    def act() -> None:
        view.update()  # painted with the old text
        QTimer.singleShot(60, lambda: (texts.append("after"), view.update()))

    assert latency(Edit("slow", act, view, lambda: texts[-1]), 1.0) > 55.0


def test_the_time_that_a_key_waits_for_a_busy_window_counts(qtbot: QtBot) -> None:
    view, texts = shown(qtbot), ["before"]

    def act() -> None:
        texts.append("after")
        view.update()

    def be_busy() -> None:
        begun = window_edits.perf_counter()
        while window_edits.perf_counter() - begun < 0.08:
            pass

    QTimer.singleShot(1, be_busy)
    assert latency(Edit("late", act, view, lambda: texts[-1]), 20.0) > 55.0


def test_an_edit_that_is_never_painted_is_told(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_edits, "PATIENCE_MS", 50)
    view = shown(qtbot)
    with pytest.raises(RuntimeError, match="an edit was never painted: nothing"):
        latency(Edit("nothing", view.update, view, lambda: "the same"), 1.0)


def shown(qtbot: QtBot) -> QWidget:
    view = QWidget()
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    return view
