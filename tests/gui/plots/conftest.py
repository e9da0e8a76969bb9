"""Experiments that show something in the plots, and plots that have drawn them."""

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bplab.data import Circle
from bplab.engine import SGD, Constant, Dense, Identity, ReLU, Tanh
from bplab.gui.plots.live_plot import LivePlot
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan

LAYERS = (Dense(5, Tanh()), Dense(3, Tanh()), Dense(1, Tanh()))
MakePlot = Callable[..., LivePlot]


def small_experiment(*layers: Dense, rate: float = 0.1) -> Experiment:
    """The circle with the layers named, by default 5-3-1 tanh."""
    return Experiment(Circle(samples=80), NetworkDesign(layers or LAYERS), TrainingPlan(optimizer=SGD(rate)))


@pytest.fixture
def session(qapp: object) -> Iterator[Session]:
    """A session of the small experiment, closed afterwards."""
    made = Session(small_experiment())
    yield made
    made.close()


@pytest.fixture
def make_plot(qtbot: QtBot, session: Session, theme: Theme) -> MakePlot:
    """Makes a plot of a class named, shown at 420 by 260 pixels."""
    # pytest-qt holds its widgets weakly: without this list one could be collected while it paints itself.
    kept: list[QWidget] = []

    def make(kind: type[QWidget], width: int = 420, height: int = 260) -> QWidget:
        plot = kind(session, theme)
        kept.append(plot)
        qtbot.addWidget(plot)
        plot.resize(width, height)
        plot.show()
        qtbot.waitExposed(plot)
        return plot

    return make


def train(session: Session, updates: int) -> None:
    """Make updates, wait until they are made, and let the views know."""
    session.step(updates)
    assert session.run is not None
    session.run.wait_idle(20)
    session.tick()


def dead_experiment() -> Experiment:
    """Two layers of ReLU that never fire: no gradient reaches them."""
    layer = Dense(4, ReLU(), biases=Constant(-1000.0))
    return small_experiment(layer, layer, Dense(1, Tanh()))


def runaway_experiment() -> Experiment:
    """A rate that is far too high for what has no limits."""
    return small_experiment(Dense(8, Identity()), Dense(1, Identity()), rate=5.0)
