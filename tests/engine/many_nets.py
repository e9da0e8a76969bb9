"""Networks that differ in little, trained together and alone, for the tests of training many at once."""

import numpy as np

from bplab.engine import (
    SGD,
    Dense,
    HalfSquaredError,
    ManyTrainer,
    Network,
    Tanh,
    Trainer,
)
from bplab.engine.many.groups import Together

COUNT, SAMPLES, BATCH, UPDATES = 5, 47, 10, 200
RANDOM = np.random.default_rng(3)
RATE = SGD(0.03)
X = RANDOM.standard_normal((SAMPLES, 2))
ONE = np.tanh(X[:, :1] * X[:, 1:])
CLASSES = np.eye(3)[(X.sum(axis=1) > 0).astype(int) + (X[:, 0] > 1)]


def networks(hidden=lambda k: Tanh(), output=None, loss=None, outputs=1, dtype="float64", count=COUNT, **options):
    """``count`` nets 2-6-6-``outputs`` that differ in their seeds and, if ``hidden`` says so, in activations."""
    return [
        Network(
            2,
            [Dense(6, hidden(k), **options), Dense(6, hidden(k)), Dense(outputs, output or Tanh())],
            loss or HalfSquaredError(),
            dtype,
            seed=k,
        )
        for k in range(count)
    ]


def each(value, count=COUNT):
    return value if isinstance(value, list) else [value] * count


def run(trainer, updates):
    return [trainer.step() for _ in range(updates)]


def agree(make, optimizers=RATE, y=ONE, seeds=0, shuffle=True, batch=BATCH, tolerance=1e-12):
    """Train alone and together, and compare all losses and parameters; what trained together."""
    alone, together = make(), make()
    trainer = ManyTrainer(together, X, y, optimizers, batch, shuffle, seeds)
    trainers = [
        Trainer(network, X, y, optimizer, batch, shuffle, seed)
        for network, optimizer, seed in zip(alone, each(optimizers), each(seeds), strict=True)
    ]
    losses = np.array(run(trainer, UPDATES))
    expected = np.array([[one.step() for one in trainers] for _ in range(UPDATES)])
    np.testing.assert_allclose(losses, expected, rtol=tolerance)
    trainer.store()
    for mine, theirs in zip(together, alone, strict=True):
        size = np.abs(theirs.parameters).max()
        np.testing.assert_allclose(mine.parameters, theirs.parameters, rtol=tolerance, atol=tolerance * size)
    return trainer


def is_batched(trainer):
    return isinstance(trainer._group, Together)
