"""The steady step lives in buffers that exist already."""

import gc
import tracemalloc
from contextlib import contextmanager

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Activation,
    Adam,
    BinaryCrossEntropy,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HalfSquaredError,
    Loss,
    MaxPool,
    MeanPool,
    Momentum,
    Network,
    Normalization,
    Optimizer,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
)

BATCH, UNITS = 512, 16
SMALLEST_ARRAY = 8 * BATCH
"""Bytes of an array with one number per sample, the smallest that a step could make."""
NUMPYS_OWN = 0 if np.lib.NumpyVersion(np.__version__) >= "2.0.0" else 8 * BATCH * UNITS + 2048
"""NumPy 1 reduces an axis, for the largest of softmax's units, through a buffer of its own."""


def trainer(hidden, output, loss, optimizer, shuffle=False):
    layers = [Dense(UNITS, hidden), Dense(UNITS, hidden), Dense(3, output)]
    return trainer_of(Network(20, layers, loss, seed=0), optimizer, shuffle)


def trainer_of(network, optimizer, shuffle=False):
    random = np.random.default_rng(0)
    x, y = random.normal(size=(3 * BATCH, 20)), np.eye(3)[random.integers(0, 3, 3 * BATCH)]
    made = Trainer(network, x, y, optimizer, BATCH, shuffle)
    for _ in range(130):  # past the first pages, epochs and copies of the state
        made.step()
    return made


@contextmanager
def traced():
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()
        gc.enable()


def largest_extra(made, steps):
    """Most bytes that any one step held beyond what stood before it."""
    largest = 0
    for _ in range(steps):
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        made.step()
        largest = max(largest, tracemalloc.get_traced_memory()[1] - before)
    return largest


def case(name, hidden=Tanh(), output=Tanh(), loss=HalfSquaredError(), optimizer=SGD(1e-3)):  # noqa: B008
    return pytest.param(hidden, output, loss, optimizer, id=name)


COMBINATIONS = [
    *(case(f"hidden {name}", hidden=kind()) for name, kind in Activation.members().items()),
    *(case(f"output {name}", output=kind()) for name, kind in Activation.members().items()),
    *(case(f"{name} of tanh", loss=kind()) for name, kind in Loss.members().items()),
    *(case(f"{name} of softmax", output=Softmax(), loss=kind()) for name, kind in Loss.members().items()),
    case("binary cross-entropy of sigmoid", output=Sigmoid(), loss=BinaryCrossEntropy()),
    *(case(name, optimizer=kind(1e-3)) for name, kind in Optimizer.members().items()),
    case("nesterov", optimizer=Momentum(1e-3, nesterov=True)),
]


@pytest.mark.parametrize(("hidden", "output", "loss", "optimizer"), COMBINATIONS)
def test_no_array_is_made_in_a_step(hidden, output, loss, optimizer):
    made = trainer(hidden, output, loss, optimizer)
    with traced():
        made._rescue = made.state()  # the next copy of the state is 64 updates away
        assert largest_extra(made, 60) < SMALLEST_ARRAY + NUMPYS_OWN


AROUND = {
    **{name: {"normalization": kind()} for name, kind in Normalization.members().items()},
    "dropout": {"dropout": 0.3},
    "skip": {"skip": 1},
    "projected skip": {"skip": 0},
    "no bias": {"bias": False},
    "frozen": {"frozen": True},
}


@pytest.mark.parametrize("name", AROUND)
def test_no_array_is_made_by_what_stands_around_a_layer(name):
    layers = [Dense(UNITS, Tanh()), Dense(UNITS, Tanh(), **AROUND[name]), Dense(3, Tanh())]
    made = trainer_of(Network(20, layers), SGD())
    with traced():
        made._rescue = made.state()
        assert largest_extra(made, 60) < SMALLEST_ARRAY + NUMPYS_OWN


def test_layers_for_images_make_no_array_of_their_own():
    layers = [Conv2D(9, Tanh(), 2), MaxPool(2, 1), MeanPool(2, 1), Flatten(), Dense(3, Tanh())]
    network = Network((1, 4, 5), layers)
    made = trainer_of(network, SGD())
    # NumPy adds and compares windows, which lie apart in memory, through buffers of a fixed size.
    buffers = 3 * np.getbufsize() * 8
    assert buffers < 0.5 * 8 * BATCH * network.units[0]
    with traced():
        made._rescue = made.state()
        assert largest_extra(made, 60) < SMALLEST_ARRAY + buffers


def test_an_array_of_one_number_per_sample_would_be_noticed():
    made = trainer(Tanh(), Tanh(), HalfSquaredError(), SGD(1e-3))
    calls, *rest = made._programs[0]
    made._programs[0] = ([*calls, (np.zeros, (BATCH,))], *rest)
    with traced():
        assert largest_extra(made, 3) >= SMALLEST_ARRAY


@pytest.mark.parametrize("shuffle", [False, True], ids=["in order", "shuffled"])
@pytest.mark.parametrize("optimizer", [SGD(1e-3), Adam(1e-4)], ids=["sgd", "adam"])
def test_a_thousand_steps_leave_no_memory_behind(optimizer, shuffle):
    made = trainer(ReLU(), Softmax(), CrossEntropy(), optimizer, shuffle)
    state = made.state()
    kept = 2 * (state.parameters.nbytes + state.slots.nbytes)
    with traced():
        for _ in range(200):
            made.step()
        settled = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        for _ in range(1_000):
            made.step()
        now, peak = tracemalloc.get_traced_memory()
        assert now - settled < SMALLEST_ARRAY
        # At the turn of a page a copy of the state replaces the one before; a shuffled epoch draws its order.
        assert peak - settled < kept + 16 * made.samples + SMALLEST_ARRAY + NUMPYS_OWN
