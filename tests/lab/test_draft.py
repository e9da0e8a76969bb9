"""A fork under preparation says what cannot be, shows what it begins with, and begins as it was shown."""

import dataclasses
from collections.abc import Iterator

import msgspec
import pytest
from msgspec.structs import replace

from bplab.data import Circle
from bplab.engine import Dense, InputError, LayerNorm, OwnValues, ReLU, Tanh
from bplab.lab.branch_words import changes_in_words
from bplab.lab.course import Leg
from bplab.lab.draft import Draft
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.problem import make_problem
from bplab.lab.record import Event
from bplab.lab.replay import restored
from bplab.lab.run import Run

SMALL = Experiment(data=Circle(samples=60), network=NetworkDesign((Dense(3, Tanh()), Dense(1, Tanh()))))


@pytest.fixture
def draft() -> Iterator[Draft]:
    with Run(SMALL) as run:
        run.step(20)
        assert run.wait_idle(30)
        yield Draft(run, restored(run.runner, 12))


def first_layer(layer: Dense) -> Experiment:
    return replace(SMALL, network=NetworkDesign((layer, Dense(1, Tanh()))))


def test_a_fork_begins_with_the_parameters_that_were_shown(draft: Draft) -> None:
    experiment = first_layer(Dense(3, ReLU(), normalization=LayerNorm()))
    shown = draft.view(experiment, make_problem(experiment))
    assert (shown.updates, shown.epoch) == (12, draft.moment.epoch)
    with draft.begin(experiment) as run:
        assert run.updates == 12
        assert run.latest().parameters.tobytes() == shown.network.parameters.tobytes()


def test_weights_set_by_hand_are_refused_as_a_fork_has_its_runs(draft: Draft) -> None:
    own = OwnValues(((0.5, 0.0, 0.0), (0.0, 0.0, 0.0)))
    with pytest.raises(InputError, match="goes on with the weights of its run: those of h1 cannot be set"):
        draft.check(first_layer(Dense(3, Tanh(), weights=own)))


def test_another_shape_is_refused_before_anything_begins(draft: Draft) -> None:
    with pytest.raises(InputError, match="h1 has 3 neurons, not 4"):
        draft.begin(first_layer(Dense(4, Tanh())))


def last_leg(draft: Draft) -> Leg:
    """What the parent trained up to the fork."""
    with draft.begin(SMALL) as fork:
        assert fork.runner.origin is not None
        return fork.runner.origin.legs[-1]


def plan(**changes: object) -> Experiment:
    return replace(SMALL, training=msgspec.structs.replace(TrainingPlan(), **changes))


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        (replace(SMALL, name="Another name"), "nothing changed"),
        (plan(batch_size=5), "batch size 5"),
        (plan(batch_size=5, epochs=7, seed=3), "batch size 5, epochs 7 and 1 more"),
        (plan(l2=0.001), "l2 0.001"),
        (plan(shuffle=False), "shuffle off"),
        (first_layer(Dense(3, ReLU())), "h1 activation relu"),
        (first_layer(Dense(3, Tanh(), normalization=LayerNorm())), "h1 normalization layer norm"),
    ],
)
def test_what_a_fork_changes_is_said_in_a_few_words(draft: Draft, experiment: Experiment, words: str) -> None:
    assert changes_in_words(last_leg(draft), experiment) == words


def test_what_was_changed_by_hand_before_is_no_change_of_the_forks(draft: Draft) -> None:
    by_hand = dataclasses.replace(last_leg(draft), events=(Event(5, "l2", 0.01),))
    assert changes_in_words(by_hand, plan(l2=0.01)) == "nothing changed"
    assert changes_in_words(by_hand, SMALL) == "l2 0"
