"""What tests of time travel do: train, click on the line of time, and wait until all is there."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from bplab.engine.calls import Array
from bplab.gui.main_window import MainWindow
from bplab.gui.session import Session
from bplab.lab.by_hand import with_rate
from bplab.lab.runner import Runner

LEFT = Qt.MouseButton.LeftButton


def train(session: Session, qtbot: QtBot, updates: int) -> None:
    """So many updates, at rest afterwards."""
    session.step(updates)
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.wait_idle(0) and session.record is not None and not session.is_training)
    session.tick()


def restored(window: MainWindow, qtbot: QtBot, do: Callable[[], object]) -> None:
    """Do it, and wait until what it asks for is on view."""
    do()
    machine = window.travel.machine
    qtbot.waitUntil(lambda: machine.asked is not None and not machine.on_the_way)


def click_at(window: MainWindow, qtbot: QtBot, updates: int) -> None:
    """Click on the line of time where an update stands."""
    slider = window.travel.bar.slider
    qtbot.mouseClick(slider, LEFT, pos=QPoint(round(slider.place_of(updates)), slider.height() // 2))


def set_rate(window: MainWindow, rate: float) -> None:
    session = window.session
    session.edit(with_rate(session.experiment, rate), "Change learning rate")


def fresh(session: Session, updates: int) -> Array:
    """The parameters of a run of the session's experiment, stopped there, without any window."""
    run = session.run
    assert run is not None
    runner = Runner(run.experiment)
    runner.advance(updates)
    return runner.network.parameters
