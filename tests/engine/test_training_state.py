"""A run is its parameters, its slots and its count: from there it goes on to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    SGD,
    Adam,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    InputError,
    Momentum,
    Network,
    Optimizer,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    pages,
)

HEADS = {
    "half squared error": (Dense(2, Tanh()), HalfSquaredError()),
    "binary cross-entropy": (Dense(2, Sigmoid()), BinaryCrossEntropy()),
    "cross-entropy": (Dense(2, Softmax()), CrossEntropy()),
}
OPTIMIZERS = [
    SGD(0.1),
    Momentum(0.05, 0.9),
    Momentum(0.05, 0.9, nesterov=True),
    *(kind(0.01) for kind in Optimizer.members().values() if kind not in (SGD, Momentum)),
]
NAMES = ["sgd", "momentum", "nesterov", *(optimizer.title() for optimizer in OPTIMIZERS[3:])]


def make(samples, batch, shuffle, optimizer, head="half squared error", dtype="float64", seed=1):
    random = np.random.default_rng(samples)
    output, loss = HEADS[head]
    network = Network(3, [Dense(4, ReLU()), output], loss, dtype, seed)
    classes = np.eye(2)[random.integers(0, 2, samples)]
    return Trainer(network, random.normal(size=(samples, 3)), classes, optimizer, batch, shuffle, seed)


def run(trainer, steps):
    return [trainer.step() for _ in range(steps)]


def whole_state(trainer):
    state = trainer.state()
    return state.updates, state.parameters.tobytes(), state.slots.tobytes(), state.rate


@settings(max_examples=60)
@given(
    samples=st.integers(1, 40),
    batch=st.integers(1, 15),
    shuffle=st.booleans(),
    optimizer=st.sampled_from(OPTIMIZERS),
    head=st.sampled_from(sorted(HEADS)),
    dtype=st.sampled_from(["float64", "float32"]),
    before=st.integers(0, 60),
    after=st.integers(1, 60),
    per_page=st.sampled_from([2, 5, 256]),
)
def test_a_restored_run_goes_on_to_the_bit(samples, batch, shuffle, optimizer, head, dtype, before, after, per_page):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PAGE_BATCHES", per_page)
        first, second = (make(samples, batch, shuffle, optimizer, head, dtype) for _ in range(2))
    run(first, before)
    state = first.state()
    losses = run(first, after)
    second.restore(state)
    assert second.updates == before
    assert run(second, after) == losses
    assert whole_state(second) == whole_state(first)
    first.restore(state)  # and back again, in the run that went on
    assert run(first, after) == losses
    assert whole_state(first) == whole_state(second)


@pytest.mark.parametrize("steps", [3, 299, 300, 301, 620])
def test_a_restored_run_crosses_pages_and_epochs_as_the_first_did(steps):
    first, second = (make(601, 2, True, Adam(0.01)) for _ in range(2))
    run(first, steps)
    second.restore(first.state())
    assert run(second, 310) == run(first, 310)
    assert whole_state(second) == whole_state(first)


def test_a_state_is_a_copy_that_training_leaves_alone():
    trainer = make(20, 5, True, Momentum(0.1))
    run(trainer, 3)
    state = trainer.state()
    kept = state.parameters.copy(), state.slots.copy()
    run(trainer, 5)
    np.testing.assert_array_equal(state.parameters, kept[0])
    np.testing.assert_array_equal(state.slots, kept[1])
    trainer.restore(state)
    run(trainer, 5)
    np.testing.assert_array_equal(state.parameters, kept[0])


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=NAMES)
def test_a_changed_rate_is_part_of_the_state(optimizer):
    first, second = (make(20, 5, True, optimizer) for _ in range(2))
    run(first, 4)
    first.set_learning_rate(0.003)
    run(first, 4)
    state = first.state()
    assert state.rate == 0.003
    second.restore(state)
    assert run(second, 9) == run(first, 9)
    assert whole_state(second) == whole_state(first)


def test_two_runs_of_one_seed_agree_to_the_bit_and_of_two_seeds_do_not():
    first, again, other = make(30, 4, True, SGD(0.1)), make(30, 4, True, SGD(0.1)), make(30, 4, True, SGD(0.1), seed=2)
    assert run(first, 50) == run(again, 50)
    assert whole_state(first) == whole_state(again)
    assert run(other, 1) != run(make(30, 4, True, SGD(0.1)), 1)


def test_looking_at_the_network_between_steps_does_not_change_the_run():
    plain, watched = make(30, 7, True, Adam()), make(30, 7, True, Adam())
    x, y = np.ones((30, 3)), np.eye(2).repeat(15, 0)
    for _ in range(20):
        assert watched.step() == plain.step()
        watched.network.predict(x), watched.network.evaluate(x, y), watched.network.backprop(x[:7], y[:7])
    assert whole_state(watched) == whole_state(plain)


def test_weights_changed_by_hand_between_steps_are_trained_on():
    trainer = make(20, 20, False, SGD(0.1))
    run(trainer, 2)
    trainer.network.weights[0][...] = 0.0
    trainer.step()
    assert not trainer.network.weights[0].any()  # behind a ReLU at 0, nothing flows


def test_a_trainer_of_no_samples_is_refused():
    with pytest.raises(InputError, match="there are no samples"):
        Trainer(Network(2, [Dense(1, Tanh())]), np.zeros((0, 2)), np.zeros((0, 1)))
