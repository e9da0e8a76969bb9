"""Early stopping: when it ends a training, and that it does so at the same update after any interruption."""

import math

import numpy as np
import pytest

from bplab.engine import SGD, Dense, EarlyStopping, InputError, Network, Tanh, Trainer, train
from bplab.engine.monitor import Waiting

RANDOM = np.random.default_rng(4)
X, Y = RANDOM.normal(size=(20, 3)), np.tanh(RANDOM.normal(size=(20, 2)))
NOWHERE = (X[:4], np.full((4, 2), 1e30))
"""Validation samples on which the loss never becomes better."""


def network():
    return Network(3, [Dense(4, Tanh()), Dense(2, Tanh())], seed=2)


def waited_after(stopping, losses):
    seen, found = Waiting(), []
    for loss in losses:
        seen = stopping.after_epoch(seen, loss)
        found.append(seen.waited)
    return found


def test_every_loss_below_the_best_starts_the_count_anew():
    assert waited_after(EarlyStopping(3), [1.0, 1.1, 0.9, 0.9, 0.95, 0.8]) == [0, 1, 0, 1, 2, 0]


def test_a_loss_must_be_lower_by_more_than_min_delta():
    assert waited_after(EarlyStopping(3, min_delta=0.25), [1.0, 0.75, 0.7]) == [0, 1, 0]


def test_a_loss_that_is_no_number_is_never_better():
    assert waited_after(EarlyStopping(3), [1.0, math.nan, math.inf]) == [0, 1, 2]


def test_a_training_ends_when_the_validation_loss_has_not_improved_for_as_many_epochs_as_there_is_patience():
    validation = (X[:4], -Y[:4])  # learning the training samples makes these worse
    losses, net = [], network()
    trainer = Trainer(net, X, Y, SGD(0.05), 5, validation=validation, early_stopping=EarlyStopping(3))
    while not trainer.stop_due:
        trainer.step()
        if trainer.updates % 4 == 0:
            losses.append(net.evaluate(*validation))
    best = losses.index(min(losses))
    assert len(losses) == best + 4
    assert trainer.best_monitored == pytest.approx(min(losses), rel=1e-14)


def test_train_ends_with_the_epoch_that_was_one_too_many():
    steps = list(train(network(), X, Y, SGD(0.1), 5, 50, validation=NOWHERE, early_stopping=EarlyStopping(2)))
    assert (len(steps), steps[-1].epoch) == (12, 3)  # the first epoch is the best one there is


def test_without_validation_the_mean_training_loss_is_looked_at():
    steps = list(train(network(), X, Y, SGD(0.0), 5, 50, shuffle=False, early_stopping=EarlyStopping(4)))
    assert steps[-1].epoch == 5


def test_without_patience_nothing_ends_early():
    assert len(list(train(network(), X, Y, SGD(0.0), 5, 50, validation=NOWHERE))) == 200


def test_who_trains_on_after_the_end_is_not_stopped_again_before_the_loss_has_improved():
    trainer = Trainer(network(), X, Y, SGD(0.1), 5, validation=NOWHERE, early_stopping=EarlyStopping(2))
    stops = []
    for _ in range(60):
        trainer.step()
        if trainer.stop_due:
            stops.append(trainer.updates)
    assert stops == [12]


@pytest.mark.parametrize("at", [0, 1, 7, 8, 11, 12])
@pytest.mark.parametrize("validation", [NOWHERE, None], ids=["validation", "training loss"])
def test_a_training_taken_up_again_ends_where_it_would_have(at, validation):
    def make():
        stopping = EarlyStopping(2)
        rate = SGD(0.1 if validation else 0.0)
        return Trainer(network(), X, Y, rate, 5, False, validation=validation, early_stopping=stopping)

    whole, parts = make(), make()
    for _ in range(at):
        whole.step()
    parts.restore(whole.state())
    for trainer in (whole, parts):
        while not trainer.stop_due:
            trainer.step()
    assert (whole.updates, parts.updates) == (12, 12)
    assert parts.state().watch == whole.state().watch
    np.testing.assert_array_equal(parts.network.parameters, whole.network.parameters)


@pytest.mark.parametrize(
    ("validation", "said"),
    [
        ((X[:, :2], Y), "inputs have shape (20, 2); expected (samples, 3)"),
        ((X[:5], Y[:4]), "there are 5 inputs but 4 targets"),
        ((X[:0], Y[:0]), "there are no samples"),
        ((X, np.full_like(Y, np.nan)), "validation targets[0, 0] is nan; expected a finite number"),
    ],
)
def test_validation_samples_that_do_not_fit_are_refused(validation, said):
    with pytest.raises(InputError) as refused:
        Trainer(network(), X, Y, validation=validation, early_stopping=EarlyStopping(2))
    assert str(refused.value) == said
