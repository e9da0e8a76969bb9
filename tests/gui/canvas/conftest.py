"""Canvases to test: made from a few words, shown, and closed with their session afterwards."""

from collections.abc import Callable, Iterator

import pytest
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Dataset
from bplab.engine import Dense, Tanh
from bplab.engine.activations import Activation
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan

Make = Callable[..., Experiment]
Show = Callable[[Experiment], NetworkCanvas]


@pytest.fixture
def make() -> Make:
    """``make(4, 2)``: an experiment with hidden tanh layers of 4 and 2 units on the circle, one tanh output."""

    def build(
        *hidden: int,
        data: Dataset | None = None,
        activation: Activation = Tanh(),  # noqa: B008  # a frozen value
        output: Dense = Dense(1, Tanh()),  # noqa: B008
        training: TrainingPlan = TrainingPlan(),  # noqa: B008
    ) -> Experiment:
        layers = *(Dense(units, activation) for units in hidden), output
        return Experiment(data or Circle(samples=60), NetworkDesign(layers), training)

    return build


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Iterator[Show]:
    """Shows an experiment on a canvas of 1000 × 560 pixels that has the focus."""
    sessions: list[Session] = []

    def build(experiment: Experiment) -> NetworkCanvas:
        session = Session(experiment)
        sessions.append(session)
        canvas = NetworkCanvas(session, theme)
        qtbot.addWidget(canvas)
        canvas.resize(1000, 560)
        canvas.show()
        qtbot.waitExposed(canvas)
        canvas.activateWindow()
        canvas.view.setFocus()
        qtbot.waitUntil(canvas.view.hasFocus)
        return canvas

    yield build
    for session in sessions:
        session.close()
