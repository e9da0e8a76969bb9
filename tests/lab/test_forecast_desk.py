"""The desk answers the newest question: theory first, bands after, in the end what the shell prints."""

import threading
from collections.abc import Iterator

import pytest
from msgspec.structs import replace

from bplab.engine.forecast import Forecaster
from bplab.lab import forecast_desk
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.forecast_desk import Answer, ForecastDesk
from bplab.lab.forecasting import outlook_from, outlook_of
from bplab.lab.problem import make_problem

CIRCLE = load_experiment("circle")


@pytest.fixture
def desk() -> Iterator[ForecastDesk]:
    made = ForecastDesk()
    yield made
    made.close()


def answered(desk: ForecastDesk) -> Answer:
    assert desk.wait_idle(30)
    answer = desk.latest()
    assert answer is not None
    return answer


def test_nothing_is_known_before_anything_is_asked(desk: ForecastDesk) -> None:
    assert desk.latest() is None
    assert desk.wait_idle(0)


def test_the_last_answer_is_what_the_shell_prints(desk: ForecastDesk) -> None:
    desk.ask(CIRCLE)
    answer = answered(desk)
    assert answer.experiment is CIRCLE
    assert (answer.whole, answer.trouble) == (True, "")
    assert answer.outlook == outlook_of(CIRCLE)


def test_theory_comes_first_and_then_bands(desk: ForecastDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    given = []

    def noting(experiment: Experiment, forecaster: Forecaster) -> object:
        given.append(outlook_from(experiment, forecaster))
        return given[-1]

    monkeypatch.setattr(forecast_desk, "outlook_from", noting)
    desk.ask(CIRCLE, make_problem(CIRCLE))
    answered(desk)
    assert [outlook.draws for outlook in given] == [0, 46, 128]
    first = given[0].layers[0].activation_std
    assert (first.low, first.high, first.mean) == (None, None, first.expected)


def test_an_experiment_that_cannot_be_run_is_answered_by_a_sentence_and_the_next_one_by_a_forecast(
    desk: ForecastDesk,
) -> None:
    layers = list(CIRCLE.network.layers)
    layers[2] = replace(layers[2], units=7)
    desk.ask(replace(CIRCLE, network=replace(CIRCLE.network, layers=tuple(layers))))
    answer = answered(desk)
    assert answer.outlook is None
    assert answer.whole
    assert "network.layers[2].units" in answer.trouble
    desk.ask(CIRCLE)
    assert answered(desk).outlook is not None


def test_a_new_question_ends_the_work_on_an_older_one(desk: ForecastDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    drawing, go_on, draws = threading.Event(), threading.Event(), []
    draw = Forecaster.draw

    def held(forecaster: Forecaster, networks: int = 1) -> None:
        draws.append(forecaster)
        drawing.set()
        assert go_on.wait(10)
        draw(forecaster, networks)

    monkeypatch.setattr(Forecaster, "draw", held)
    other = load_experiment("dead-relu")
    desk.ask(CIRCLE)
    assert drawing.wait(10)
    early = desk.latest()
    assert early is not None
    assert (early.experiment, early.whole) == (CIRCLE, False)
    desk.ask(load_experiment("iris"))  # never begun: the next question takes its place
    desk.ask(other)
    go_on.set()
    assert answered(desk).experiment is other
    assert len({id(forecaster) for forecaster in draws}) == 2
    assert sum(forecaster is draws[0] for forecaster in draws) == 1


def test_a_desk_that_is_closed_amid_its_work_leaves_no_thread_and_takes_no_question() -> None:
    desk = ForecastDesk()
    desk.ask(CIRCLE)
    desk.close()
    desk.close()
    with pytest.raises(RuntimeError, match="the desk is closed"):
        desk.ask(CIRCLE)
