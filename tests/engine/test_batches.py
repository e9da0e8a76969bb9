"""Which samples an update sees: batches in order, shuffled epochs, a smaller last batch, pages of many batches."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import SGD, Dense, HalfSquaredError, Identity, Network, Trainer, Zeros, pages, train
from bplab.engine.pages import SampleOrder


class Watched:
    """One weight per sample, so each update tells by the weights that it moves which samples it saw."""

    def __init__(self, samples, batch_size, shuffle=False, seed=0, dtype="float64"):
        self.network = Network(samples, [Dense(1, Identity(), Zeros())], HalfSquaredError(), dtype)
        self.targets = 1.0 + np.arange(samples)
        self.trainer = Trainer(self.network, np.eye(samples), self.targets, SGD(0.01), batch_size, shuffle, seed)

    def step(self):
        """Samples of the next batch, ascending; what each of their weights moved by is checked."""
        weights, bias = self.network.weights[0][:, 0], self.network.biases[0].item()
        before = weights.copy()
        loss = self.trainer.step()
        seen = np.flatnonzero(weights != before)
        errors = before[seen] + bias - self.targets[seen]
        tolerance = 1e-9 if weights.dtype == np.float64 else 1e-2
        np.testing.assert_allclose((before - weights)[seen], 0.01 * errors / len(seen), rtol=tolerance)
        assert loss == pytest.approx(0.5 * np.mean(errors**2), rel=tolerance)
        return seen.tolist()

    def epoch(self):
        return [self.step() for _ in range(self.trainer.steps_per_epoch)]


SIZES = [(7, 3), (8, 4), (5, 5), (5, 50), (1, 1), (300, 1), (599, 2), (515, 2), (1030, 4)]


@pytest.mark.parametrize(("samples", "batch"), SIZES)
def test_batches_come_in_order_and_the_last_holds_what_remains(samples, batch):
    watched = Watched(samples, batch)
    expected = [list(range(start, min(start + batch, samples))) for start in range(0, samples, batch)]
    assert watched.trainer.steps_per_epoch == len(expected)
    assert watched.epoch() == expected
    assert watched.epoch() == expected


@pytest.mark.parametrize(("samples", "batch"), SIZES)
def test_a_shuffled_epoch_sees_every_sample_exactly_once(samples, batch):
    watched = Watched(samples, batch, shuffle=True)
    epochs = [watched.epoch() for _ in range(3)]
    for seen in epochs:
        assert sorted(chain(*seen)) == list(range(samples))
        assert {len(one) for one in seen[:-1]} <= {min(batch, samples)}
    assert samples < 2 * batch or epochs[0] != epochs[1] != epochs[2]


def test_more_batches_than_a_page_holds_are_all_taken():
    watched = Watched(599, 2, shuffle=True)
    assert watched.trainer.steps_per_epoch > pages.PAGE_BATCHES
    assert sorted(chain(*watched.epoch())) == list(range(599))


def test_the_order_follows_the_seed_and_the_epoch_alone():
    orders = [[Watched(40, 4, True, seed).epoch() for _ in range(2)] for seed in (0, 1)]
    assert orders[0][0] == orders[0][1]
    assert orders[0][0] != orders[1][0]


def test_float32_takes_the_same_batches():
    double, single = Watched(61, 8, True, 5), Watched(61, 8, True, 5, "float32")
    assert [double.epoch(), double.epoch()] == [single.epoch(), single.epoch()]


@given(st.integers(1, 40), st.integers(0, 2**53 - 1), st.lists(st.integers(0, 60), min_size=1, max_size=12))
def test_the_order_of_an_epoch_does_not_depend_on_what_was_asked_before(samples, seed, epochs):
    order = SampleOrder(samples, seed)
    for epoch in epochs:
        assert order(epoch).tolist() == SampleOrder(samples, seed)(epoch).tolist()
        assert sorted(order(epoch).tolist()) == list(range(samples))


@given(st.integers(1, 30), st.integers(1, 12), st.booleans(), st.integers(1, 5))
def test_how_many_batches_a_page_holds_changes_nothing(samples, batch, shuffle, per_page):
    plain = Watched(samples, batch, shuffle)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PAGE_BATCHES", per_page)
        paged = Watched(samples, batch, shuffle)
    for _ in range(2 * plain.trainer.steps_per_epoch + 1):
        assert paged.step() == plain.step()
    assert paged.network.parameters.tobytes() == plain.network.parameters.tobytes()


def test_a_page_of_wide_samples_stays_within_its_bytes(monkeypatch):
    monkeypatch.setattr(pages, "PAGE_BYTES", 50_000)
    network = Network(100, [Dense(1, Identity())])
    trainer = Trainer(network, np.zeros((640, 100)), np.zeros((640, 1)), batch_size=10)
    assert trainer._pages._page_inputs.nbytes < 50_000 + 10 * 101 * 8


def test_what_happens_to_the_arrays_after_the_trainer_is_made_does_not_reach_it():
    x, y = np.eye(4), np.arange(4.0)[:, None] + 1
    kept, spoiled = (Network(4, [Dense(1, Identity(), Zeros())]) for _ in range(2))
    steady, other = Trainer(kept, x.copy(), y.copy(), SGD(0.1), 2), Trainer(spoiled, x, y, SGD(0.1), 2)
    x[...], y[...] = 9.0, 9.0
    for _ in range(6):
        assert steady.step() == other.step()


def test_train_counts_updates_and_epochs_from_1():
    network = Network(2, [Dense(1, Identity())])
    steps = list(train(network, np.eye(2).repeat(5, 0), np.ones((10, 1)), batch_size=4, epochs=3, shuffle=False))
    assert [step.number for step in steps] == list(range(1, 10))
    assert [step.epoch for step in steps] == [1, 1, 1, 2, 2, 2, 3, 3, 3]


def test_the_epoch_of_a_trainer_is_that_of_its_latest_update():
    trainer = Watched(7, 3).trainer
    epochs = [trainer.epoch]
    for _ in range(7):
        trainer.step()
        epochs.append(trainer.epoch)
    assert epochs == [0, 1, 1, 1, 2, 2, 2, 3]


def test_the_loss_of_a_step_is_that_of_its_batch_before_the_update():
    network = Network(2, [Dense(1, Identity())], seed=3)
    x, y = np.eye(2).repeat(2, 0), np.arange(4.0)[:, None]
    trainer = Trainer(network, x, y, SGD(0.5), batch_size=2, shuffle=False)
    for rows in (slice(0, 2), slice(2, 4), slice(0, 2)):
        expected = network.evaluate(x[rows], y[rows])
        assert trainer.step() == pytest.approx(expected, rel=1e-14)
