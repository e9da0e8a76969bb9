"""Any earlier update of a run is restored to the bit, while the run trains, rests or has been taken up again."""

import random
import threading
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.data import Circle
from bplab.engine import Adam, BatchNorm, Dense, Momentum, ReduceOnPlateau, ReLU, Rules, Tanh
from bplab.lab import checkpoints, state_cache
from bplab.lab.blas import blas_if_free, limited_blas
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.replay import Moment, restored
from bplab.lab.run import Run
from bplab.lab.runner import Runner, train_to_end
from bplab.lab.time_travel import TimeTraveller

SECONDS = 30.0
NOISY = Experiment(
    data=Circle(samples=130),
    network=NetworkDesign((Dense(4, ReLU(), normalization=BatchNorm(), dropout=0.3), Dense(1, Tanh()))),
    training=TrainingPlan(
        optimizer=Adam(learning_rate=0.01),
        batch_size=10,
        epochs=20,
        schedule=ReduceOnPlateau(patience=1, factor=0.5, threshold=0.1),
    ),
)


def everything(runner: Runner) -> tuple[object, ...]:
    """What training goes on from, as it is now."""
    state = runner.trainer.state()
    return (
        *(state.updates, state.parameters.tobytes(), state.slots.tobytes(), state.rate, state.watch),
        runner.trainer.rules,
    )


def all_of(moment: Moment) -> tuple[object, ...]:
    state = moment.state
    return (state.updates, state.parameters.tobytes(), state.slots.tobytes(), state.rate, state.watch, moment.rules)


@settings(max_examples=15)
@given(
    changes=st.dictionaries(
        st.integers(0, 90), st.tuples(st.sampled_from([0.0, 0.01, 0.1]), st.booleans()), max_size=4
    ),
    asked=st.lists(st.integers(0, 90), min_size=1, max_size=8),
    most=st.sampled_from([2, 5, 256]),
)
def test_every_update_restored_is_that_of_a_fresh_run_stopped_there(
    changes: dict[int, tuple[float, bool]], asked: list[int], most: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(checkpoints, "MOST", most)
        run, fresh = Runner(NOISY), []
        for at in range(91):
            if at in changes:
                value, is_rate = changes[at]
                if is_rate:
                    run.set_learning_rate(value)
                else:
                    run.set_rules(Rules(l2=value, clip_norm=1.0))
            fresh.append(everything(run))
            run.advance(at < 90)
        for updates in asked:
            moment = restored(run, updates)
            assert all_of(moment) == fresh[updates]
            assert (moment.exact, moment.epoch) == (True, updates / 7)


def test_a_traveller_restores_any_update_while_the_run_goes_on_training(circle: Experiment) -> None:
    plan = msgspec.structs.replace(circle.training, epochs=10_000_000, optimizer=Momentum())
    long, moments = msgspec.structs.replace(circle, training=plan), []
    dice = random.Random(4)
    with Run(long) as run, TimeTraveller(run) as traveller:
        run.play()
        while run.updates < 400:
            pass
        for _ in range(12):
            traveller.ask(dice.randrange(400))
            assert traveller.wait_idle(SECONDS)
            moments.append(traveller.latest())
        run.pause()
        assert run.wait_idle(SECONDS)
        reached, last = run.updates, run.latest()
    for moment in moments:
        assert moment is not None
        assert moment.exact
        expected = train_to_end(long, moment.updates)
        assert np.array_equal(moment.snapshot.parameters, expected.network.parameters)
        assert np.array_equal(moment.state.slots, expected.trainer.slots)
    assert np.array_equal(last.parameters, train_to_end(long, reached).network.parameters)


def test_what_is_shown_on_the_way_is_the_true_state_of_the_update_it_names(
    circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bplab.lab.time_travel.SHOW_S", 0.0)
    monkeypatch.setattr(checkpoints, "MOST", 2)
    shown: list[Moment] = []
    with Run(circle) as run:
        run.step(300)
        assert run.wait_idle(SECONDS)
        with TimeTraveller(run) as traveller:
            show = traveller._show
            monkeypatch.setattr(traveller, "_show", lambda moment: (shown.append(moment), show(moment)))
            traveller.ask(230)
            assert traveller.wait_idle(SECONDS)
    assert len(shown) > 2
    assert [moment.exact for moment in shown] == [False] * (len(shown) - 1) + [True]
    assert {moment.asked for moment in shown} == {230}
    for moment in [*shown[::25], shown[-1]]:
        assert np.array_equal(moment.state.parameters, train_to_end(circle, moment.updates).network.parameters)


def test_only_the_newest_wish_counts_and_none_goes_beyond_the_run(circle: Experiment) -> None:
    with Run(circle) as run, TimeTraveller(run) as traveller:
        run.step(200)
        assert run.wait_idle(SECONDS)
        with traveller.held():
            for updates in (150, 20, 90, 5_000):
                traveller.ask(updates)
        assert traveller.wait_idle(SECONDS)
        moment = traveller.latest()
        assert moment is not None
        assert (moment.updates, moment.asked) == (200, 200)
        assert np.array_equal(moment.state.parameters, run.latest().parameters)


def test_a_rate_changed_where_the_run_rests_is_in_the_moment_and_in_those_after_it(circle: Experiment) -> None:
    with Run(circle) as run, TimeTraveller(run) as traveller:
        run.step(50)
        assert run.wait_idle(SECONDS)
        traveller.ask(50)
        assert traveller.wait_idle(SECONDS)
        run.set_learning_rate(0.5)
        run.step(40)
        assert run.wait_idle(SECONDS)
        moments = []
        for updates in (50, 90, 60):
            traveller.ask(updates)
            assert traveller.wait_idle(SECONDS)
            moments.append(traveller.latest())
        at_change, at_end, between = moments
        assert at_change is not None
        assert at_end is not None
        assert between is not None
        assert (at_change.state.rate, between.state.rate) == (0.5, 0.5)
        assert np.array_equal(at_end.state.parameters, run.latest().parameters)
        assert all_of(between) == all_of(restored(run.runner, 60))


def test_a_diverged_run_is_restored_up_to_its_last_finite_update(runaway: Experiment) -> None:
    with Run(runaway) as run, TimeTraveller(run) as traveller:
        run.play()
        assert run.wait_idle(SECONDS)
        traveller.ask(10**6)
        assert traveller.wait_idle(SECONDS)
        moment = traveller.latest()
        assert moment is not None
        assert np.array_equal(moment.state.parameters, run.latest().parameters)


def test_a_replay_leaves_the_number_of_threads_to_a_run_with_another_one(circle: Experiment) -> None:
    with Run(circle) as run, TimeTraveller(run) as traveller:
        run.step(100)
        assert run.wait_idle(SECONDS)
        far = next(at for at in range(99, 0, -1) if run.runner.checkpoints.nearest(at).updates < at)
        with limited_blas(run.record.blas_threads + 1):
            traveller.ask(far)
            while not traveller.waits_for_threads:
                pass
            assert not traveller.wait_idle(0)
        assert traveller.wait_idle(SECONDS)
        moment = traveller.latest()
        assert moment is not None
        assert np.array_equal(moment.state.parameters, train_to_end(circle, far).network.parameters)


def test_who_took_free_threads_learns_that_a_run_has_begun_with_others() -> None:
    with blas_if_free(1) as hold:
        assert hold is not None
        with blas_if_free(2) as other:
            assert other is None
        with limited_blas(1):
            assert not hold.overridden
        with limited_blas(2):
            assert hold.overridden


def test_the_neighbours_of_a_moment_are_at_hand(circle: Experiment) -> None:
    with Run(circle) as run, TimeTraveller(run) as traveller:
        run.step(300)
        assert run.wait_idle(SECONDS)
        traveller.ask(150)
        assert traveller.wait_idle(SECONDS)
        while not all(traveller._cache.has(0, at) for at in range(140, 150)):
            pass
        traveller.ask(149)
        assert traveller.wait_idle(SECONDS)
        moment = traveller.latest()
        assert moment is not None
        assert np.array_equal(moment.state.parameters, train_to_end(circle, 149).network.parameters)


def test_kept_states_fit_their_budget_and_the_one_used_longest_ago_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    state = Runner(NOISY).trainer.state()
    monkeypatch.setattr(state_cache, "BUDGET_BYTES", 3 * (state.parameters.nbytes + state.slots.nbytes))
    cache = state_cache.StateCache()
    for updates in range(3):
        cache.put(0, replace(state, updates=updates))
    assert cache.nearest(0, 0) is not None
    cache.put(0, replace(state, updates=3))
    assert [cache.has(0, updates) for updates in range(4)] == [True, False, True, True]
    assert cache.nearest(1, 9) is None
    assert cache.room_for(state) == 3


def test_a_closed_traveller_leaves_no_thread(circle: Experiment) -> None:
    with Run(circle) as run:
        traveller = TimeTraveller(run)
        traveller.ask(0)
        traveller.close()
        assert not any(thread.name.startswith("time travel") for thread in threading.enumerate())


def test_a_state_too_large_to_be_kept_is_shown_again_after_another_one(
    circle: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state_cache, "BUDGET_BYTES", 1)
    monkeypatch.setattr(checkpoints, "MOST", 2)
    with Run(circle) as run:
        run.step(60)
        assert run.wait_idle(SECONDS)
        with TimeTraveller(run) as traveller:
            for asked in (30, 0, 30):
                traveller.ask(asked)
                assert traveller.wait_idle(SECONDS)
                moment = traveller.latest()
                assert moment is not None
                assert moment.updates == asked
