"""The frame gate: whatever a tick has drawn is painted while training rests."""

import pytest
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bplab.gui.session import Session


class View(QWidget):
    """Asks to be painted at every tick, and notes whether training rested then."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self.rested: list[bool] = []
        session.ticked.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        run = self._session.run
        if run is not None and self._session.is_training:
            self.rested.append(not run._gate_open.is_set())


@pytest.fixture
def view(session: Session, qtbot: QtBot) -> View:
    made = View(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_training_rests_until_the_views_are_painted_and_then_goes_on(
    session: Session, view: View, qtbot: QtBot
) -> None:
    session.edit_training("No end", epochs=1_000_000)
    session.play()
    qtbot.waitUntil(lambda: len(view.rested) > 5)
    assert session.run is not None
    seen = session.run.updates
    qtbot.waitUntil(lambda: session.run is not None and session.run.updates > seen)
    session.pause()
    assert all(view.rested[1:])


def test_a_run_that_ends_while_views_are_painted_leaves_the_session_at_rest(
    session: Session, view: View, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.edit_training("No end", epochs=1_000_000)
    session.play()
    qtbot.waitUntil(lambda: len(view.rested) > 2)
    monkeypatch.setattr(view, "paintEvent", lambda event: session.end_run())
    qtbot.waitUntil(lambda: session.run is None)
    session.tick()
    assert not session._timer.isActive()
