"""The fitted curve: the network's answers along one input, through the samples, and no work while it is hidden."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from bplab.data import Circle, Iris, Polynomial, Sine, Step
from bplab.gui.canvas import NetworkCanvas
from bplab.gui.canvas.fitted_curve import FittedCurve
from bplab.gui.session import Session
from bplab.gui.theme import Theme
from bplab.lab.experiment import Experiment, fitted_to_data

Make = Callable[..., Experiment]
Show = Callable[[Experiment], FittedCurve]


@pytest.fixture
def show(qtbot: QtBot, theme: Theme) -> Iterator[Show]:
    sessions: list[Session] = []

    def build(experiment: Experiment) -> FittedCurve:
        sessions.append(Session(experiment))
        curve = FittedCurve(sessions[-1], theme)
        qtbot.addWidget(curve)
        curve.resize(320, 420)
        curve.show()
        qtbot.waitExposed(curve)
        return curve

    yield build
    for session in sessions:
        session.close()


def step(curve: FittedCurve, updates: int) -> None:
    session = curve._session
    session.step(updates)
    assert session.run is not None
    assert session.run.wait_idle(10)
    session.tick()


@pytest.mark.parametrize("data", [Sine(), Step(), Polynomial()])
def test_the_curve_is_the_networks_answer_before_and_after_training(show: Show, make: Make, data: object) -> None:
    curve = show(make(6, data=data))
    first = curve.answers.copy()
    np.testing.assert_array_equal(first, curve._session.live.network.predict(curve.inputs[:, None])[:, 0])
    step(curve, 20)
    np.testing.assert_array_equal(curve.answers, curve._session.live.network.predict(curve.inputs[:, None])[:, 0])
    assert not np.array_equal(first, curve.answers)


def test_the_picture_covers_all_samples_with_some_air(show: Show, make: Make) -> None:
    curve = show(make(6, data=Sine()))
    problem = curve._session.problem
    inputs = np.concatenate([problem.train_inputs, problem.test_inputs])[:, 0]
    targets = np.concatenate([problem.train_targets, problem.test_targets])[:, 0]
    assert curve._range is not None
    places = curve._range.places(inputs, targets, curve.frame())
    inner = curve.frame().adjusted(1, 1, -1, -1)
    assert all(inner.contains(QPointF(x, y)) for x, y in places.tolist())
    assert curve.inputs[0] < inputs.min()
    assert curve.inputs[-1] > inputs.max()


def test_more_of_the_target_is_further_up(show: Show, make: Make) -> None:
    curve = show(make(6, data=Sine()))
    assert curve._range is not None
    low, high = curve._range.places(np.array([-1.0, 1.0]), np.array([-1.0, 1.0]), curve.frame()).tolist()
    assert low[0] < high[0]
    assert low[1] > high[1]


def test_the_tooltip_reads_the_answer_under_the_mouse(show: Show, make: Make) -> None:
    curve = show(make(6, data=Sine()))
    middle = 0.5 * (curve.inputs[0] + curve.inputs[-1])
    answer = curve._session.live.network.predict(np.array([[middle]]))[0, 0]
    said = curve.answer_at(curve.frame().center()).replace("−", "-")
    assert said.startswith("x ")
    assert float(said.split("answer ")[1]) == pytest.approx(answer, rel=0.01, abs=1e-3)
    assert curve.answer_at(QPointF(0, 0)) == ""


def test_data_that_is_no_curve_is_said_to_be_none(show: Show, make: Make) -> None:
    for data in (Circle(), Iris()):
        curve = show(make(6, data=data))
        assert curve._live is None
        assert curve.answer_at(curve.frame().center()) == ""
        assert not curve.grab().isNull()


def test_a_hidden_curve_asks_nothing_and_catches_up_when_it_is_shown(show: Show, make: Make) -> None:
    curve = show(make(6, data=Sine()))
    curve.hide()
    before = curve.answers.copy()
    step(curve, 10)
    np.testing.assert_array_equal(curve.answers, before)
    curve.show()
    assert curve._session.live.updates == 10
    assert not np.array_equal(curve.answers, before)


def test_a_network_that_diverges_is_drawn_without_complaint(show: Show, make: Make) -> None:
    curve = show(make(6, data=Sine()))
    for value in (np.nan, np.inf, 1e300):
        curve.answers = np.full_like(curve.answers, value)
        assert not curve.grab().isNull()


def test_the_canvas_shows_the_curve_the_surface_or_neither(qtbot: QtBot, theme: Theme, make: Make) -> None:
    session = Session(make(6, data=Sine()))
    canvas = NetworkCanvas(session, theme)
    qtbot.addWidget(canvas)
    canvas.resize(900, 500)
    canvas.show()
    qtbot.waitExposed(canvas)
    for data, seen in ((Sine(), (True, False)), (Circle(), (False, True)), (Iris(), (False, False))):
        session.edit(fitted_to_data(replace(session.experiment, data=data)), "Change data")
        assert (canvas.curve.isVisible(), canvas.surface.isVisible()) == seen
    session.close()
