"""An optimizer whose memory is empty at some later update steps as it would at the first one."""

import numpy as np
import pytest

from bplab.engine import (
    Adam,
    Dense,
    HalfSquaredError,
    Identity,
    NAdam,
    Network,
    Optimizer,
    Tanh,
    Trainer,
    TrainingState,
)


def trainer_of(optimizer):
    random = np.random.default_rng(3)
    x, y = random.normal(size=(12, 3)), random.normal(size=(12, 2))
    network = Network(3, [Dense(4, Tanh()), Dense(2, Identity())], HalfSquaredError(), seed=1)
    return Trainer(network, x, y, optimizer, batch_size=12)


@pytest.mark.parametrize("optimizer", Optimizer.members().values(), ids=lambda kind: kind.title())
def test_a_memory_that_starts_later_is_corrected_from_its_own_start(optimizer):
    first, later = trainer_of(optimizer()), trainer_of(optimizer())
    start = first.state()
    later.restore(TrainingState(1000, start.parameters, start.slots, start.rate, memory_from=1000))
    for _ in range(20):
        assert later.step() == first.step()
    assert np.array_equal(later.network.parameters, first.network.parameters)
    assert (later.updates, later.state().memory_from) == (1020, 1000)


@pytest.mark.parametrize("optimizer", [Adam(), NAdam()], ids=["adam", "nadam"])
def test_a_state_with_such_a_memory_goes_on_to_the_bit(optimizer):
    first, second = trainer_of(optimizer), trainer_of(optimizer)
    start = first.state()
    first.restore(TrainingState(500, start.parameters, start.slots, start.rate, memory_from=500))
    for _ in range(7):
        first.step()
    second.restore(first.state())
    for _ in range(9):
        assert second.step() == first.step()
    assert np.array_equal(second.network.parameters, first.network.parameters)


def test_the_samples_of_any_update_can_be_had():
    random = np.random.default_rng(0)
    x = random.normal(size=(23, 3))
    network = Network(3, [Dense(1, Tanh())], seed=1)
    trainer = Trainer(network, x, np.zeros((23, 1)), batch_size=5, seed=2)
    for epoch in range(3):
        taken = [trainer.samples_of(5 * epoch + batch) for batch in range(5)]
        assert [len(part) for part in taken] == [5, 5, 5, 5, 3]
        assert sorted(np.concatenate(taken)) == list(range(23))
    for updates in (7, 2, 11, 4):
        own = network.copy()
        lone = Trainer(own, x, np.zeros((23, 1)), batch_size=5, seed=2)
        lone.restore(TrainingState(updates, own.parameters.copy(), np.empty((0, own.parameters.size)), 0.1))
        batch = lone.samples_of(updates)
        assert lone.step() == pytest.approx(network.evaluate(x[batch], np.zeros((len(batch), 1))), rel=1e-12)
