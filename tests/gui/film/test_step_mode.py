"""Step mode shows the coming update as a film; the run makes exactly that update, and leaving changes nothing."""

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from bplab.data import Digits
from bplab.engine import (
    SGD,
    Adam,
    BatchNorm,
    Conv2D,
    CosineDecay,
    CrossEntropy,
    Dense,
    Flatten,
    Identity,
    MaxPool,
    ReLU,
    Softmax,
    Tanh,
)
from bplab.gui.film.mode import StepMode
from bplab.gui.session import Session
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.film import Film
from bplab.lab.run import RunState

AROUND = (
    Dense(6, ReLU(), normalization=BatchNorm(), dropout=0.3),
    Dense(6, ReLU(), skip=1),
    Dense(1, Tanh()),
)
IMAGES = Conv2D(2, ReLU()), MaxPool(), Flatten(), Dense(10, Softmax())


def changed(experiment: Experiment, *layers: object, **plan: object) -> Experiment:
    design = NetworkDesign(layers) if layers else experiment.network  # type: ignore[arg-type]
    training = msgspec.structs.replace(experiment.training, **plan)
    return msgspec.structs.replace(experiment, network=design, training=training)


@pytest.fixture
def mode(session: Session) -> Iterator[StepMode]:
    made = StepMode(session)
    yield made
    made.leave()


def rest(session: Session, qtbot: QtBot) -> None:
    assert session.run is not None
    qtbot.waitUntil(lambda: session.run is not None and session.run.wait_idle(0))
    session.tick()


def enter(mode: StepMode, session: Session, qtbot: QtBot) -> Film:
    mode.enter()
    rest(session, qtbot)
    assert mode.film is not None
    return mode.film


def train(session: Session, updates: int, qtbot: QtBot) -> None:
    session.step(updates)
    rest(session, qtbot)


@pytest.mark.parametrize("kind", ["as it is", "one sample", "adam", "all around", "images"])
def test_the_films_end_is_the_runs_state_after_that_update_to_the_bit(
    kind: str, mode: StepMode, session: Session, qtbot: QtBot
) -> None:
    first = session.experiment
    images = Experiment(Digits(), NetworkDesign(IMAGES), TrainingPlan(loss=CrossEntropy(), batch_size=16))
    session.open({
        "as it is": first,
        "one sample": changed(first, batch_size=1),
        "adam": changed(first, optimizer=Adam(0.01), schedule=CosineDecay(), l2=0.01),
        "all around": changed(first, *AROUND),
        "images": images,
    }[kind])  # fmt: skip
    train(session, 7, qtbot)
    film = enter(mode, session, qtbot)
    for updates in (8, 9):
        mode.go_to_end()
        mode.forward()
        rest(session, qtbot)
        assert session.run is not None
        state, end = session.run.runner.trainer.state(), film.end
        assert end is not None
        assert state.updates == end.updates == updates
        assert np.array_equal(state.parameters, end.state.parameters)
        assert np.array_equal(state.slots, end.state.slots)
        assert mode.film is not None
        assert mode.film is not film
        film = mode.film
        assert (film.at, film.start.updates) == (0, updates)


def test_entering_makes_a_run_ready_and_leaving_changes_nothing(mode: StepMode, session: Session, qtbot: QtBot) -> None:
    assert session.run is None
    film = enter(mode, session, qtbot)
    run = session.run
    assert run is not None
    assert (run.updates, film.start.updates, mode.is_on) == (0, 0, True)
    before = run.runner.network.parameters.copy()
    while not mode.at_end:
        mode.forward()
    mode.leave()
    assert (mode.film, mode.is_on, session.run) == (None, False, run)
    assert run.updates == 0
    assert np.array_equal(run.runner.network.parameters, before)
    assert run.state is RunState.PAUSED


def test_entering_pauses_a_run_and_films_the_update_that_comes_next(
    mode: StepMode, session: Session, qtbot: QtBot
) -> None:
    session.set_tempo("full")
    session.play()
    run = session.run
    assert run is not None
    qtbot.waitUntil(lambda: run.updates > 20)
    film = enter(mode, session, qtbot)
    assert not session.is_training
    assert film.start.updates == run.updates
    assert np.array_equal(film.start.state.parameters, run.runner.network.parameters)


def test_play_and_an_edit_of_the_network_end_the_film(mode: StepMode, session: Session, qtbot: QtBot) -> None:
    session.set_tempo("1")
    enter(mode, session, qtbot)
    session.play()
    session.tick()
    assert not mode.is_on
    assert session.is_training
    session.pause()
    rest(session, qtbot)
    enter(mode, session, qtbot)
    session.edit_layer(0, "Change units", units=5)
    assert not mode.is_on


def test_a_single_update_made_elsewhere_brings_the_next_film(mode: StepMode, session: Session, qtbot: QtBot) -> None:
    enter(mode, session, qtbot)
    mode.go_to(5)
    train(session, 1, qtbot)
    assert mode.film is not None
    assert (mode.film.start.updates, mode.film.at) == (1, 0)


def test_another_learning_rate_belongs_into_the_film_where_it_stands(
    mode: StepMode, session: Session, qtbot: QtBot
) -> None:
    train(session, 3, qtbot)
    enter(mode, session, qtbot)
    mode.go_to_end()
    session.edit_training("Change learning rate", optimizer=SGD(0.5))
    rest(session, qtbot)
    film = mode.film
    assert film is not None
    assert film.phase.title == "The update: SGD at rate 0.5"
    mode.forward()
    rest(session, qtbot)
    assert session.run is not None
    assert film.end is not None
    assert np.array_equal(session.run.runner.network.parameters, film.end.state.parameters)


def test_one_sample_is_looked_at_or_the_whole_batch(mode: StepMode, session: Session, qtbot: QtBot) -> None:
    film = enter(mode, session, qtbot)
    assert mode.sample == 0
    mode.look_at(99)
    assert mode.sample == len(film.take.samples) - 1
    mode.look_at(None)
    assert mode.scene is not None
    assert mode.scene.sample is None


def test_it_plays_by_itself_up_to_the_last_phase_and_no_further(
    mode: StepMode, session: Session, qtbot: QtBot
) -> None:
    film = enter(mode, session, qtbot)
    mode.set_seconds(0.001)
    mode.play(True)
    qtbot.waitUntil(lambda: mode.at_end)
    qtbot.waitUntil(lambda: not mode.plays)
    assert mode.film is film
    assert session.run is not None
    assert session.run.updates == 0
    mode.set_seconds(60.0)
    mode.play(True)
    assert (film.at, mode.plays) == (0, True)


def test_of_a_run_that_diverged_the_step_is_shown_that_cannot_be_made(
    mode: StepMode, session: Session, qtbot: QtBot
) -> None:
    session.open(changed(session.experiment, Dense(4, Identity()), Dense(1, Identity()), optimizer=SGD(10.0)))
    refusals: list[str] = []
    session.refused.connect(refusals.append)
    train(session, 10_000, qtbot)
    run = session.run
    assert run is not None
    assert run.state is RunState.DIVERGED
    film = enter(mode, session, qtbot)
    assert session.run is run
    assert film.end is None
    mode.go_to_end()
    mode.forward()
    assert mode.film is film
    assert refusals == [f"{film.divergence}. There is no update to make."]
