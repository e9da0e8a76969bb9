"""The tempo decides when updates are made, never which."""

import numpy as np
import pytest

from bplab.lab.experiment import load_experiment
from bplab.lab.run import Run
from bplab.lab.runner import train_to_end
from bplab.lab.tempo import CATCH_UP_S, TEMPI, WATCHED_S, Tempo, limit_of


def due_over(tempo, times, most=10**9):
    return [tempo.due(most, now) for now in times]


@pytest.mark.parametrize("per_second", [1, 10, 100, 1000, 1234.5])
def test_over_a_while_as_many_updates_are_due_as_the_tempo_says(per_second):
    tempo = Tempo(per_second)
    start = tempo._counted_at
    made = sum(due_over(tempo, start + np.arange(1, 401) * 0.025))
    assert made == pytest.approx(10 * per_second, abs=1)


def test_without_a_limit_everything_is_due_at_once():
    assert Tempo(None).due(123) == 123


def test_a_run_that_was_held_up_does_not_race_to_catch_up():
    tempo = Tempo(1000)
    assert tempo.due(10**9, tempo._counted_at + 60.0) <= 1000 * CATCH_UP_S + 1


def test_no_more_is_due_than_there_is_to_do():
    tempo = Tempo(1000)
    assert tempo.due(3, tempo._counted_at + 0.05) == 3


def test_updates_that_were_not_made_stay_due():
    tempo = Tempo(1000)
    due = tempo.due(10**9, tempo._counted_at + 0.05)
    tempo.give_back(due - 7)
    assert tempo.due(10**9, tempo._counted_at) == due - 7


def test_watching_stretches_a_short_training_and_full_speed_has_no_limit():
    assert limit_of("watch", 12_000) == 12_000 / WATCHED_S
    assert limit_of("full", 12_000) is None
    assert [limit_of(name, 1) for name in TEMPI[2:]] == [1000, 100, 10, 1]


def test_a_run_that_is_watched_is_the_same_run_to_the_bit():
    experiment = load_experiment("circle")
    with Run(experiment) as run:
        run.set_tempo(2_000)
        run.step(300)
        assert run.wait_idle(30)
        assert run.updates == 300
        parameters = run.latest().parameters
    assert np.array_equal(parameters, train_to_end(experiment, 300).network.parameters)


def test_a_slow_run_pauses_at_once():
    with Run(load_experiment("circle")) as run:
        run.set_tempo(1)
        run.play()
        run.pause()
        assert run.wait_idle(5)
