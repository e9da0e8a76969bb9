"""Many networks at once: each is what its own trainer would have made of it, and none stands in another's way."""

import msgspec
import numpy as np
import pytest

from bplab.engine import (
    CELU,
    ELU,
    SGD,
    Activation,
    Adam,
    AdamW,
    BatchNorm,
    BinaryCrossEntropy,
    ConstantRate,
    CrossEntropy,
    Dense,
    ExponentialDecay,
    HalfSquaredError,
    Hinge,
    Huber,
    Identity,
    LeakyReLU,
    LogCosh,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Momentum,
    NAdam,
    Network,
    Optimizer,
    PReLU,
    ReduceOnPlateau,
    Rules,
    Sigmoid,
    SiLU,
    Sine,
    Softmax,
    Softsign,
    Tanh,
    Trainer,
    train_many,
)
from bplab.engine.many.fitting import _takes_arrays as takes_arrays
from bplab.engine.many.groups import OneByOne
from tests.engine.many_nets import BATCH, CLASSES, COUNT, ONE, SAMPLES, X, agree, is_batched, networks, run


@pytest.mark.parametrize("optimizer", Optimizer.members().values(), ids=Optimizer.members())
@pytest.mark.parametrize("seeds", [0, [4, 0, 1, 1, 2]], ids=["one order", "own orders"])
def test_each_network_is_what_it_would_be_alone_with_every_optimizer_and_its_own_rate(optimizer, seeds):
    rates = [optimizer(learning_rate=0.001 * (k + 1)) for k in range(COUNT)]
    assert is_batched(agree(networks, rates, seeds=seeds))
    assert is_batched(agree(networks, rates[1], seeds=seeds))


@pytest.mark.parametrize(
    "optimizers",
    [
        [Momentum(0.01, momentum=0.1 * k, nesterov=True) for k in range(COUNT)],
        [Adam(0.002, beta1=0.5 + 0.1 * k, beta2=0.9 + 0.01 * k, epsilon=10.0 ** (-4 - k)) for k in range(COUNT)],
        [AdamW(0.002, weight_decay=0.1 * k) for k in range(COUNT)],
        [NAdam(0.002, beta1=0.5 + 0.1 * k, momentum_decay=0.1 * k) for k in range(COUNT)],
    ],
    ids=["momentum", "adam", "adamw", "nadam"],
)
def test_every_number_of_an_optimizer_may_differ(optimizers):
    assert is_batched(agree(networks, optimizers))


@pytest.mark.parametrize("kind", Activation.members().values(), ids=Activation.members())
def test_each_network_is_what_it_would_be_alone_with_every_activation(kind):
    assert is_batched(agree(lambda: networks(lambda k: kind()))) == (kind is not PReLU)


@pytest.mark.parametrize(
    "hidden",
    [
        lambda k: LeakyReLU(0.05 * k),
        lambda k: ELU(0.5 + 0.2 * k),
        lambda k: CELU(0.5 + 0.2 * k),
        lambda k: Sine(0.5 + 0.2 * k),
    ],
    ids=["leaky_relu", "elu", "celu", "sine"],
)
@pytest.mark.parametrize("batch", [BATCH, SAMPLES])
def test_an_activations_numbers_may_differ(hidden, batch):
    assert is_batched(agree(lambda: networks(hidden), batch=batch))


def test_numbers_differ_in_wide_layers_too():
    def wide():
        return [Network(2, [Dense(60, LeakyReLU(0.1 * k)), Dense(1, ELU(1.0 + k))], seed=k) for k in range(COUNT)]

    assert is_batched(agree(wide, [Adam(0.001 * (k + 1)) for k in range(COUNT)]))


@pytest.mark.parametrize(
    ("output", "loss", "y"),
    [
        (Identity(), MeanSquaredError(), CLASSES),
        (Identity(), MeanAbsoluteError(), CLASSES),
        (Tanh(), Huber(0.3), CLASSES),
        (SiLU(), LogCosh(), CLASSES),
        (Softsign(), Hinge(), CLASSES),
        (Sigmoid(), BinaryCrossEntropy(), CLASSES),
        (Softmax(), BinaryCrossEntropy(), CLASSES),
        (Softmax(), CrossEntropy(), CLASSES),
        (Softmax(), CrossEntropy(smoothing=0.1), CLASSES),
        (Sigmoid(), CrossEntropy(), CLASSES),
        (Softmax(), HalfSquaredError(), CLASSES),
    ],
)
def test_each_network_is_what_it_would_be_alone_with_every_loss(output, loss, y):
    assert is_batched(agree(lambda: networks(output=output, loss=loss, outputs=3), y=y))


def test_no_loss_is_left_out_above():
    (mark,) = test_each_network_is_what_it_would_be_alone_with_every_loss.pytestmark
    assert {type(loss) for _, loss, _ in mark.args[1]} == set(Loss.members().values())


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("seeds", [7, [1, 2, 3, 4, 5]])
@pytest.mark.parametrize("batch", [1, 12, SAMPLES, 1000])
def test_batches_are_those_of_the_single_trainer(shuffle, seeds, batch):
    assert is_batched(agree(networks, SGD(0.02), seeds=seeds, shuffle=shuffle, batch=batch))


def test_single_precision_agrees_to_its_own_digits():
    make = lambda: networks(dtype="float32")  # noqa: E731
    assert is_batched(agree(make, [SGD(0.01 * (k + 1)) for k in range(COUNT)], tolerance=2e-5))


def test_one_network_and_one_layer_are_enough():
    agree(lambda: networks(count=1), [SGD(0.1)], seeds=[0])
    alone, together = (Network(2, [Dense(1, Tanh())], seed=1) for _ in range(2))
    *_, step = train_many([together], X, ONE, SGD(0.1), BATCH, 2)
    trainer = Trainer(alone, X, ONE, SGD(0.1), BATCH)
    run(trainer, step.number)
    np.testing.assert_allclose(together.parameters, alone.parameters, rtol=1e-12)


@pytest.mark.parametrize(
    "make",
    [
        lambda: networks(normalization=BatchNorm()),
        lambda: networks(dropout=0.3),
        lambda: networks(bias=False),
        lambda: networks(frozen=True),
        lambda: networks(lambda k: PReLU(0.1 * k)),
    ],
    ids=["normalization", "dropout", "no bias", "frozen", "learned activation"],
)
def test_layers_that_know_more_train_one_after_another_with_the_same_result(make):
    assert isinstance(agree(make, SGD(0.02), tolerance=0.0)._group, OneByOne)


@pytest.mark.parametrize(
    "options",
    [
        {"schedule": ExponentialDecay(), "rules": Rules(l2=0.01, clip_norm=0.5)},
        {"schedule": ReduceOnPlateau(patience=0, threshold=0.9)},
        {"schedule": ConstantRate(warm_up=2.0)},
    ],
    ids=["decay and rules", "plateau", "warm-up"],
)
def test_schedules_and_rules_hold_for_every_network(options):
    options = {"epochs": 3, **options}
    alone, together = networks(), networks()
    *_, step = train_many(together, X, ONE, SGD(0.1), BATCH, **options)
    for network in alone:
        trainer = Trainer(network, X, ONE, SGD(0.1), BATCH, **options)
        run(trainer, step.number)
    for mine, theirs in zip(together, alone, strict=True):
        np.testing.assert_array_equal(mine.parameters, theirs.parameters)


class Asking(msgspec.Struct, frozen=True):
    """Like an activation, but no member of the family; it looks at its number before it gives any call."""

    slope: float

    def forward(self, z, a):
        return LeakyReLU(self.slope if self.slope > 0.1 else 0.1).forward(z, a)

    def derivative(self, z, a, slope):
        return LeakyReLU(0.1).derivative(z, a, slope)

    def backward(self, z, a, error, slope, delta):
        return LeakyReLU(0.1).backward(z, a, error, slope, delta)


def test_an_activation_that_looks_at_its_number_cannot_take_an_array_for_it():
    assert takes_arrays([LeakyReLU(0.1), LeakyReLU(0.2)])
    assert takes_arrays([Asking(0.2), Asking(0.2)])
    assert not takes_arrays([Asking(0.1), Asking(0.2)])
