"""What of the network is looked at, and what becomes of it when the network is edited."""

import pytest
from msgspec.structs import replace

from bplab.gui.focus import Focus, Lit
from bplab.gui.session import Session
from bplab.lab.editing import set_units
from bplab.lab.experiment import load_experiment
from bplab.lab.explaining import Target


def test_a_session_has_one_focus(session: Session) -> None:
    assert Focus.of(session) is Focus.of(session)


def test_where_nobody_chose_the_first_layer_is_shown(session: Session) -> None:
    focus = Focus.of(session)
    assert focus.target is None
    assert focus.shown == Target("layer", 0)


def test_an_edit_drops_what_it_takes_away_and_keeps_what_it_leaves(session: Session) -> None:
    focus, told = Focus.of(session), []
    focus.changed.connect(lambda: told.append(focus.target))
    focus.look_at(Target("weight", 1, 0, 3))
    session.edit(set_units(session.experiment, 0, 4), "Change units")
    assert focus.target == Target("weight", 1, 0, 3)
    session.edit(set_units(session.experiment, 0, 3), "Change units")
    assert told == [Target("weight", 1, 0, 3), None]


@pytest.mark.parametrize(
    "target",
    [Target("layer", 9), Target("neuron", 0, 99), Target("weight", 0, 0, 99), Target("bias", 1, 0), Target("bias", 0)],
)
def test_what_the_network_does_not_have_is_not_looked_at(session: Session, target: Target) -> None:
    session.edit_layer(1, "No biases", bias=False)
    focus = Focus.of(session)
    focus.look_at(target)
    assert focus.target is None


def test_a_layer_without_weights_can_be_looked_at_but_not_a_unit_of_it(session: Session) -> None:
    session.open(load_experiment("digits-conv"))
    pool = next(number for number, place in enumerate(session.experiment.places()) if not place.parts)
    focus = Focus.of(session)
    focus.look_at(Target("layer", pool))
    assert focus.target == Target("layer", pool)
    focus.look_at(Target("neuron", pool, 0))
    assert focus.target is None


def test_fewer_samples_drop_the_one_that_was_chosen(session: Session) -> None:
    focus = Focus.of(session)
    focus.choose_sample(200)
    assert focus.sample == 200
    session.edit(replace(session.experiment, data=replace(session.experiment.data, samples=100)), "Samples")
    assert focus.sample is None


def test_looking_at_something_else_puts_the_lights_out(session: Session) -> None:
    focus, told = Focus.of(session), []
    focus.lit_changed.connect(lambda: told.append(focus.lit))
    focus.light(Lit(-1), Lit(0, (1,)))
    focus.look_at(Target("neuron", 0, 1))
    assert told == [(Lit(-1), Lit(0, (1,))), ()]
