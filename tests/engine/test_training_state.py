"""A run is its parameters, its slots and its count: from there it goes on to the bit."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    SGD,
    Adam,
    BinaryCrossEntropy,
    ConstantRate,
    CosineDecay,
    CrossEntropy,
    Dense,
    DivergenceError,
    EarlyStopping,
    ExponentialDecay,
    HalfSquaredError,
    Identity,
    InputError,
    Momentum,
    Network,
    OneCycle,
    Optimizer,
    ReduceOnPlateau,
    ReLU,
    Rules,
    Schedule,
    Sigmoid,
    Softmax,
    StepDecay,
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
SCHEDULES = [
    ConstantRate(),
    ConstantRate(warm_up=1.5),
    StepDecay(every=2, factor=0.5, warm_up=0.5),
    ExponentialDecay(0.8),
    CosineDecay(minimum_rate=0.001, warm_up=1.0),
    OneCycle(),
    ReduceOnPlateau(factor=0.5, patience=0, threshold=0.05, cooldown=1),
]
RULES = [Rules(), Rules(l1=0.01, l2=0.02), Rules(max_norm=1.0, clip_value=0.1), Rules(clip_norm=0.2)]


def make(samples, batch, shuffle, optimizer, head="half squared error", dtype="float64", seed=1, **more):
    random = np.random.default_rng(samples)
    output, loss = HEADS[head]
    network = Network(3, [Dense(4, ReLU()), output], loss, dtype, seed)
    classes = np.eye(2)[random.integers(0, 2, samples)]
    x = random.normal(size=(samples, 3))
    return Trainer(network, x, classes, optimizer, batch, shuffle, seed, epochs=6, **more)


def run(trainer, steps):
    return [trainer.step() for _ in range(steps)]


def whole_state(trainer):
    state = trainer.state()
    return state.updates, state.parameters.tobytes(), state.slots.tobytes(), state.rate, state.watch


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
    schedule=st.sampled_from(SCHEDULES),
    rules=st.sampled_from(RULES),
    patience=st.integers(0, 2),
)
def test_a_restored_run_goes_on_to_the_bit(
    samples, batch, shuffle, optimizer, head, dtype, before, after, per_page, schedule, rules, patience
):
    more = {"schedule": schedule, "rules": rules, "early_stopping": EarlyStopping(patience)}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pages, "PAGE_BATCHES", per_page)
        first, second = (make(samples, batch, shuffle, optimizer, head, dtype, **more) for _ in range(2))
    run(first, before)
    state = first.state()
    losses = run(first, after)
    second.restore(state)
    assert second.updates == before
    assert run(second, after) == losses
    assert whole_state(second) == whole_state(first)
    assert (second.learning_rate, second.stop_due) == (first.learning_rate, first.stop_due)
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


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda it: f"{it.title()} {it.warm_up:g}")
def test_a_training_taken_up_again_after_any_update_has_the_same_rates_and_weights(schedule):
    first, second = (make(10, 4, True, Momentum(0.3), schedule=schedule) for _ in range(2))
    states, rates = [first.state()], [first.learning_rate]
    for _ in range(18):
        first.step()
        states.append(first.state())
        rates.append(first.learning_rate)
    for at in range(18):
        second.restore(states[at])
        found = [second.learning_rate]
        for _ in range(at, 18):
            second.step()
            found.append(second.learning_rate)
        assert found == rates[at:]
        assert whole_state(second) == whole_state(first)


def test_every_schedule_is_taken_up_again_here():
    assert {type(schedule) for schedule in SCHEDULES} == set(Schedule.members().values())


def test_a_rate_set_by_hand_under_a_schedule_is_part_of_the_state():
    first, second = (make(20, 5, True, SGD(0.1), schedule=StepDecay(1, 0.5)) for _ in range(2))
    run(first, 5)
    first.set_learning_rate(0.8)
    assert (first.state().rate, first.learning_rate) == (0.8, 0.4)
    second.restore(first.state())
    assert run(second, 9) == run(first, 9)
    assert whole_state(second) == whole_state(first)


def test_a_divergence_behind_drops_of_a_plateau_is_repeated_at_the_rates_it_came_from():
    more = {"schedule": ReduceOnPlateau(factor=0.9, patience=0), "validation": (np.ones((1, 3)), np.full((1, 2), 1e9))}
    random = np.random.default_rng(0)
    x, y = random.normal(size=(4, 3)), random.normal(size=(4, 2))

    def diverging():
        network = Network(3, [Dense(2, Identity())], HalfSquaredError(), seed=1)
        return Trainer(network, x, y, SGD(1e5), 2, shuffle=False, **more)

    trainer = diverging()
    with pytest.raises(DivergenceError) as found:
        run(trainer, 500)
    again = diverging()
    run(again, found.value.step - 1)
    assert whole_state(again) == whole_state(trainer)
    assert again.learning_rate < 1e5


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
