"""Penalties and clipping changed while a run is on count from the next update, and a run taken up repeats them."""

import msgspec
import numpy as np
import pytest

from bplab.data import Circle
from bplab.engine import SGD, Adam, Dense, Optimizer, Rules, Tanh
from bplab.lab.by_hand import as_reached, only_by_hand_differs, with_rate
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.record import Event
from bplab.lab.runner import Runner

STRICT = Rules(l1=0.001, l2=0.01, max_norm=1.5, clip_value=0.5, clip_norm=0.8)
OPTIMIZERS = [SGD(0.1), Adam(0.01)]


def planned(optimizer: Optimizer, rules: Rules) -> Experiment:
    plan = TrainingPlan(optimizer=optimizer, batch_size=10, epochs=50, **msgspec.structs.asdict(rules))
    return Experiment(Circle(samples=130), NetworkDesign((Dense(3, Tanh()), Dense(1, Tanh()))), plan)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("first", "then"), [(Rules(), STRICT), (STRICT, Rules()), (Rules(), Rules(max_norm=0.4))])
def test_rules_set_before_the_first_update_are_those_of_the_plan(
    optimizer: Optimizer, first: Rules, then: Rules
) -> None:
    changed, expected = Runner(planned(optimizer, first)), Runner(planned(optimizer, then))
    changed.set_rules(then)
    for runner in (changed, expected):
        runner.advance(120)
    assert np.array_equal(changed.network.parameters, expected.network.parameters)


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("stop", [5, 90, 211])
def test_a_run_taken_up_repeats_every_change_by_hand(optimizer: Optimizer, stop: int) -> None:
    experiment = planned(optimizer, Rules())
    whole = Runner(experiment)
    changes = {3: Rules(l2=0.01), 50: STRICT, 90: Rules(), 200: Rules(l2=0.5, clip_norm=0.1)}
    point = None
    for at in range(300):
        if at in changes:
            whole.set_rules(changes[at])
        if at == stop:
            point = whole.save_point()
        whole.advance(1)
    assert point is not None
    part = Runner(experiment, point.record, point.checkpoint)
    assert part.replay_to(point.updates)
    for at in range(stop, 300):
        if at in changes and at > stop:
            part.set_rules(changes[at])
        part.advance(1)
    assert np.array_equal(part.network.parameters, whole.network.parameters)
    assert part.record.events == whole.record.events


def test_only_what_is_new_is_noted_and_it_tells_what_the_run_has_come_to() -> None:
    experiment = planned(SGD(0.1), Rules(l2=0.01))
    runner = Runner(experiment)
    runner.advance(4)
    runner.set_rules(Rules(l2=0.02))
    runner.set_rules(Rules(l2=0.02))
    runner.set_learning_rate(0.5)
    assert runner.record.events == [Event(4, "l2", 0.02), Event(4, "learning_rate", 0.5)]
    assert as_reached(experiment, runner.record) == planned(SGD(0.5), Rules(l2=0.02))


def test_rate_and_rules_can_change_during_a_run_and_the_batch_size_cannot() -> None:
    one = planned(SGD(0.1), Rules())
    assert only_by_hand_differs(one, with_rate(planned(SGD(0.1), STRICT), 2.0))
    other = msgspec.structs.replace(one, training=msgspec.structs.replace(one.training, batch_size=11))
    assert not only_by_hand_differs(one, other)
