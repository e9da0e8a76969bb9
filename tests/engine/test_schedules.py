"""Schedules: every rate against its formula, written out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import (
    SGD,
    Adam,
    AdamW,
    ConstantRate,
    CosineDecay,
    Dense,
    ExponentialDecay,
    InputError,
    Momentum,
    Network,
    OneCycle,
    ReduceOnPlateau,
    Schedule,
    StepDecay,
    Tanh,
    Trainer,
)
from bplab.engine.choices import from_json, to_json
from bplab.engine.schedules import Plateau, Span

SPAN = Span(epoch=10, total=100)
RANDOM = np.random.default_rng(3)
X, Y = RANDOM.normal(size=(12, 3)), RANDOM.normal(size=(12, 2))


def rates(schedule, base=0.5, span=SPAN, updates=None):
    return [schedule.rate(base, update, span) for update in range(span.total if updates is None else updates)]


def trainer(schedule, optimizer=None, epochs=10, **more):
    network = Network(3, [Dense(4, Tanh()), Dense(2, Tanh())], seed=5)
    return Trainer(network, X, Y, optimizer or SGD(0.2), 4, schedule=schedule, epochs=epochs, **more)


def test_a_constant_rate_is_the_base_at_every_update():
    assert rates(ConstantRate()) == [0.5] * 100


def test_a_step_decay_drops_after_every_few_epochs():
    found = rates(StepDecay(every=3, factor=0.5))
    assert found == [0.5] * 30 + [0.25] * 30 + [0.125] * 30 + [0.0625] * 10


def test_an_exponential_decay_has_the_factor_behind_it_after_each_epoch_and_its_root_after_half_of_one():
    found = rates(ExponentialDecay(factor=0.81))
    np.testing.assert_allclose(found[::10], [0.5 * 0.81**epoch for epoch in range(10)], rtol=1e-15)
    assert found[5] == pytest.approx(0.5 * 0.9, rel=1e-15)


def test_a_cosine_goes_from_the_base_through_the_middle_to_the_minimum_and_stays_there():
    schedule = CosineDecay(minimum_rate=0.1)
    assert schedule.rate(0.5, 0, SPAN) == 0.5
    assert schedule.rate(0.5, 50, SPAN) == pytest.approx(0.3, rel=1e-15)
    assert schedule.rate(0.5, 25, SPAN) == pytest.approx(0.1 + 0.2 * (1 + math.sqrt(0.5)), rel=1e-15)
    assert [schedule.rate(0.5, update, SPAN) for update in (100, 101, 1000)] == [0.1] * 3


def test_a_cosine_whose_base_is_set_below_the_minimum_stays_at_that_base():
    assert rates(CosineDecay(minimum_rate=0.1), base=0.02) == [0.02] * 100


def test_one_cycle_rises_to_the_base_at_its_peak_and_ends_next_to_nothing():
    found = rates(OneCycle(rise=0.3, start_divisor=20.0, end_divisor=100.0))
    first, last = 0.5 / 20, 0.5 / 2000
    assert found[0] == pytest.approx(first, rel=1e-15)
    assert found[29] == max(found) == 0.5
    assert found[99] == pytest.approx(last, rel=1e-12)
    assert found[64] == pytest.approx(0.5 * (0.5 + last), rel=1e-12)  # half way from update 29 to update 99
    assert np.all(np.diff(found[:30]) > 0)
    assert np.all(np.diff(found[29:]) < 0)
    assert OneCycle().rate(0.5, 5_000, SPAN) == OneCycle().rate(0.5, 99, SPAN)


@given(st.floats(0.01, 0.99), st.integers(1, 40), st.integers(0, 60))
def test_one_cycle_stays_between_its_last_rate_and_the_base_however_short_it_is(rise, total, update):
    rate = OneCycle(rise=rise).rate(1.0, update, Span(1, total))
    assert 1.0 / (25 * 1e4) * (1 - 1e-9) <= rate <= 1.0


@pytest.mark.parametrize("schedule", [ConstantRate, StepDecay, ExponentialDecay, CosineDecay, ReduceOnPlateau])
def test_a_warm_up_rises_in_equal_steps_and_then_the_schedule_begins(schedule):
    warm, cold = schedule(warm_up=1.9), schedule()
    found = rates(warm)
    np.testing.assert_allclose(found[:19], [0.5 * step / 20 for step in range(1, 20)], rtol=1e-15)
    assert found[19:] == rates(cold, span=Span(10, 81))


def test_a_warm_up_longer_than_the_training_never_reaches_the_base():
    assert rates(CosineDecay(warm_up=20.0))[-1] == pytest.approx(0.5 * 100 / 201, rel=1e-15)


def seen_after(schedule, losses, base=1.0):
    """The reduction after each of the epochs with these losses."""
    seen, found = Plateau(), []
    for loss in losses:
        seen = schedule.after_epoch(seen, loss, base)
        found.append(seen.reduction)
    return found


def test_a_plateau_is_borne_with_for_as_many_epochs_as_there_is_patience():
    schedule = ReduceOnPlateau(factor=0.5, patience=2)
    losses = [1.0, 0.9, 0.9, 0.95, 0.9, 0.9, 0.9, 0.9]
    assert seen_after(schedule, losses) == [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25]


def test_epochs_of_the_cooldown_are_not_counted():
    schedule = ReduceOnPlateau(factor=0.5, patience=1, cooldown=3)
    assert seen_after(schedule, [1.0] * 9) == [1.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25]


def test_a_loss_is_better_only_below_the_threshold():
    schedule = ReduceOnPlateau(factor=0.5, patience=0, threshold=0.1)
    assert seen_after(schedule, [1.0, 0.89]) == [1.0, 1.0]
    assert seen_after(schedule, [1.0, 0.91]) == [1.0, 0.5]


def test_a_loss_that_is_no_number_is_never_better():
    assert seen_after(ReduceOnPlateau(factor=0.5, patience=0), [1.0, math.nan, 0.5]) == [1.0, 0.5, 0.5]


def test_a_plateau_lowers_the_rate_to_the_minimum_and_no_further():
    assert seen_after(ReduceOnPlateau(factor=0.1, patience=0, minimum_rate=0.05), [1.0] * 4) == [1.0, 0.1, 0.05, 0.05]
    assert seen_after(ReduceOnPlateau(factor=0.1, patience=0), [1.0] * 4, base=1e-7) == [1.0, 0.1, 0.1, 0.1]
    assert seen_after(ReduceOnPlateau(patience=0), [1.0] * 3, base=0.0) == [1.0] * 3


@pytest.mark.parametrize("schedule", [StepDecay(2), CosineDecay(warm_up=1.0), OneCycle()], ids=lambda it: it.title())
@pytest.mark.parametrize("optimizer", [SGD(0.2), Momentum(0.2), Adam(0.02), AdamW(0.02, weight_decay=0.5)])
def test_every_update_is_made_at_the_rate_of_its_number(schedule, optimizer):
    scheduled, by_hand = trainer(schedule, optimizer), trainer(ConstantRate(), optimizer)
    for update in range(30):
        rate = schedule.rate(optimizer.learning_rate, update, Span(3, 30))
        assert scheduled.learning_rate == rate
        by_hand.set_learning_rate(rate)
        assert scheduled.step() == by_hand.step()
        assert scheduled.clock.rate == rate
    np.testing.assert_array_equal(scheduled.network.parameters, by_hand.network.parameters)


def test_a_rate_set_by_hand_is_a_new_base_from_which_the_schedule_goes_on():
    live = trainer(StepDecay(every=1, factor=0.5))
    for _ in range(4):
        live.step()
    assert live.learning_rate == 0.1
    live.set_learning_rate(0.8)
    assert live.learning_rate == 0.4
    for _ in range(2):
        live.step()
    assert live.learning_rate == 0.2


def test_a_plateau_of_the_validation_loss_lowers_the_rate_at_the_end_of_an_epoch():
    far = np.full_like(Y, 1e6)  # a validation loss that no update improves by a ten-thousandth
    live = trainer(ReduceOnPlateau(factor=0.5, patience=1), validation=(X, far))
    found = []
    for _ in range(12):
        found.append(live.learning_rate)
        live.step()
    assert found == [0.2] * 9 + [0.1] * 3


def test_without_validation_a_plateau_looks_at_the_mean_training_loss_of_the_epoch():
    live, plain = (trainer(schedule, SGD(0.05)) for schedule in (ReduceOnPlateau(), ConstantRate()))
    losses = [plain.step() for _ in range(3)]
    for _ in range(3):
        live.step()
    assert live.state().watch.plateau.best == pytest.approx(sum(losses) / 3, rel=1e-15)


def test_the_last_batch_of_an_epoch_counts_by_its_samples():
    network = Network(3, [Dense(2, Tanh())], seed=5)
    live = Trainer(network, X, Y, SGD(0.05), 5, schedule=ReduceOnPlateau())
    first, second, third = (live.step() for _ in range(3))
    assert live.state().watch.plateau.best == pytest.approx((5 * first + 5 * second + 2 * third) / 12, rel=1e-15)


def test_a_schedule_that_needs_a_length_is_refused_without_one():
    for schedule in (CosineDecay(), OneCycle()):
        with pytest.raises(InputError, match=f"^a {schedule.title()} schedule depends on how long the training is"):
            trainer(schedule, epochs=None)
    assert trainer(StepDecay(), epochs=None).learning_rate == 0.2


@pytest.mark.parametrize("kind", Schedule.members().values())
def test_a_schedule_comes_back_from_json(kind):
    assert from_json(to_json(kind()), Schedule) == kind()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"type": "step", "every": 0}', "every: expected int ≥ 1"),
        ('{"type": "exponential", "factor": 1.5}', "factor: expected float ≤ 1.0"),
        ('{"type": "cosine", "warm_up": -1.0}', "warm_up: expected float ≥ 0.0"),
        ('{"type": "one_cycle", "rise": 1.0}', "rise: expected float < 1.0"),
        ('{"type": "one_cycle", "warm_up": 1.0}', "object contains unknown field warm_up"),
        ('{"type": "linear"}', "type: there is no schedule of type 'linear'; known are constant, cosine, exponential"),
    ],
)
def test_a_schedule_out_of_its_limits_is_refused_with_its_path(text, said):
    with pytest.raises(InputError) as refused:
        from_json(text, Schedule)
    assert str(refused.value).startswith(said)


def test_one_cycle_says_in_its_one_line_that_it_leaves_momentum_alone():
    assert "momentum stays as it is" in OneCycle.summary()
    assert len(OneCycle.summary()) <= 120
