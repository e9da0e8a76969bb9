"""Schedules, penalties and early stopping in the lab: window, shell and a resumed run agree to the bit."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from bplab.engine import (
    SGD,
    ConstantRate,
    CosineDecay,
    EarlyStopping,
    ExponentialDecay,
    InputError,
    OneCycle,
    ReduceOnPlateau,
    Rules,
    Schedule,
    StepDecay,
)
from bplab.lab.experiment import Experiment, experiment_from_json, experiment_to_json
from bplab.lab.outcome import experiment_line, outcome_of, outcome_text
from bplab.lab.overrides import with_overrides
from bplab.lab.packing import checkpoint_from_bytes, checkpoint_to_bytes, record_from_bytes, record_to_bytes
from bplab.lab.project import Project
from bplab.lab.record import EarlyStop, RunRecord
from bplab.lab.report import subject_of
from bplab.lab.report.settings import in_words
from bplab.lab.report.story import warning
from bplab.lab.run import Run, RunState
from bplab.lab.runner import Runner, train_to_end

SECONDS = 30.0
SCHEDULES = [
    ConstantRate(warm_up=2.5),
    StepDecay(every=4, factor=0.5),
    ExponentialDecay(0.9),
    CosineDecay(minimum_rate=0.001, warm_up=3.0),
    OneCycle(),
    ReduceOnPlateau(factor=0.5, patience=0, threshold=0.02, cooldown=1),
]


def planned(experiment: Experiment, **changes: Any) -> Experiment:
    plan = msgspec.structs.replace(experiment.training, **changes)
    return msgspec.structs.replace(experiment, training=plan)


@pytest.fixture
def impatient(circle: Experiment) -> Experiment:
    """No epoch is better than the first by 10, so that training ends after the fourth one, at update 28."""
    return planned(circle, early_stopping=EarlyStopping(patience=3, min_delta=10.0))


def packed(record: RunRecord) -> bytes:
    """Everything in a record but the time it took."""
    twin = record.copy()
    twin.seconds = 0.0
    return record_to_bytes(twin)


def run_to_its_end(run: Run) -> None:
    run.play()
    assert run.wait_idle(SECONDS)
    assert run.state is RunState.FINISHED


def test_every_schedule_is_tried_here() -> None:
    assert {type(schedule) for schedule in SCHEDULES} == set(Schedule.members().values())


@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda it: it.title())
@pytest.mark.parametrize("stop", [1, 20, 57])
def test_window_shell_and_a_resumed_project_agree_under_schedules_and_rules(
    circle: Experiment, schedule: Any, stop: int, tmp_path: Path
) -> None:
    stopping = EarlyStopping(patience=6, min_delta=0.05)
    ruled = planned(
        circle, epochs=15, schedule=schedule, l1=1e-3, l2=1e-3, max_norm=2.0, clip_norm=0.5, early_stopping=stopping
    )
    shell = train_to_end(ruled)
    with Run(ruled) as window:
        run_to_its_end(window)
    with Run(ruled) as first, Project.create(tmp_path / "ruled.bplab", ruled) as project:
        first.step(stop)
        assert first.wait_idle(SECONDS)
        run_id = project.add_run(ruled)
        project.update_run(run_id, first.save_point(), first.state.value)
    with Project.open(tmp_path / "ruled.bplab") as project:
        saved = project.load_run(run_id)
    with Run(saved.experiment, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates) as resumed:
        run_to_its_end(resumed)
    for run in (window, resumed):
        assert run.updates == shell.updates
        assert np.array_equal(run.latest().parameters, shell.network.parameters)
        assert packed(run.record) == packed(shell.record)
        assert run.runner.trainer.state().watch == shell.trainer.state().watch


def test_an_experiment_hands_its_schedule_and_rules_to_the_training(circle: Experiment) -> None:
    runner = Runner(planned(circle, schedule=StepDecay(every=1, factor=0.5), l2=0.1))
    runner.advance(7)
    assert runner.trainer.learning_rate == 0.015
    plain = Runner(planned(circle, schedule=StepDecay(every=1, factor=0.5)))
    plain.advance(7)
    assert np.linalg.norm(runner.network.weights[0]) < np.linalg.norm(plain.network.weights[0])


def test_a_training_that_does_not_improve_ends_early_and_says_why(impatient: Experiment) -> None:
    runner = train_to_end(impatient)
    first_epoch = train_to_end(impatient, 7).summary().test_loss
    assert first_epoch is not None
    assert (runner.updates, runner.finished()) == (28, True)
    stop = runner.stopped_early
    assert stop == EarlyStop(28, 4, 3, pytest.approx(first_epoch), tested=True)
    assert stop.sentence == f"the test loss has not improved on {first_epoch:.3g} for 3 epochs"
    assert outcome_of(runner).stopped_early == stop.sentence
    assert f"stopped early  {stop.sentence}" in outcome_text(runner)
    said = f"Early stopping ended the training after 4\N{NO-BREAK SPACE}epochs: {stop.sentence}. "
    assert warning(subject_of(runner)).startswith(said)


def test_without_test_samples_the_training_loss_is_looked_at(circle: Experiment) -> None:
    data = msgspec.structs.replace(circle.data, test_fraction=0.0)
    alone = msgspec.structs.replace(planned(circle, early_stopping=EarlyStopping(1, 10.0)), data=data)
    stop = train_to_end(alone).stopped_early
    assert stop is not None
    assert stop.sentence.startswith("the training loss has not improved on ")
    assert stop.sentence.endswith(" for 1 epoch")


def test_the_window_ends_early_where_the_shell_does_and_play_goes_past_it(impatient: Experiment) -> None:
    shell = train_to_end(impatient)
    with Run(impatient) as run:
        run_to_its_end(run)
        assert run.updates == 28
        assert packed(run.record) == packed(shell.record)
        run_to_its_end(run)
        assert run.updates == 700
        assert run.runner.stopped_early is None
    endless = train_to_end(planned(impatient, early_stopping=EarlyStopping()))
    assert np.array_equal(run.latest().parameters, endless.network.parameters)


@pytest.mark.parametrize("at", [3, 27, 28, 40])
def test_a_run_taken_up_before_at_or_behind_an_early_stop_is_the_one_never_put_down(
    impatient: Experiment, at: int
) -> None:
    whole = Runner(impatient)
    while whole.updates < at:
        whole.advance(at - whole.updates)
    point = whole.save_point()
    checkpoint = checkpoint_from_bytes(checkpoint_to_bytes(point.checkpoint), impatient)
    record = record_from_bytes(record_to_bytes(point.record), impatient)
    with Run(impatient, record=record, checkpoint=checkpoint, updates=point.updates) as again:
        assert again.wait_idle(SECONDS)
        assert again.state is (RunState.FINISHED if at == 28 else RunState.PAUSED)
        assert again.updates == at
        assert packed(again.record) == packed(whole.record)
        assert again.runner.stopped_early == whole.stopped_early


def test_an_end_that_falls_on_the_planned_one_is_no_early_stop(impatient: Experiment) -> None:
    runner = train_to_end(planned(impatient, epochs=4))
    assert (runner.updates, runner.stopped_early, runner.finished()) == (28, None, True)


def test_a_replay_from_an_earlier_checkpoint_notes_the_stop_again(impatient: Experiment) -> None:
    runner = train_to_end(impatient)
    again = Runner(impatient, runner.record.copy(), runner.checkpoints.nearest(0))
    assert again.stopped_early is None
    assert again.replay_to(28)
    assert again.stopped_early == runner.stopped_early


def test_settings_of_the_shell_reach_the_plan(circle: Experiment) -> None:
    changed = with_overrides(
        circle,
        [
            "training.l2=0.01",
            "training.schedule.type=cosine",
            "training.schedule.warm_up=2",
            "training.early_stopping.patience=5",
            "training.clip_norm=1",
        ],
    )
    assert changed.training.schedule == CosineDecay(warm_up=2.0)
    assert changed.training.rules == Rules(l2=0.01, clip_norm=1.0)
    assert changed.training.early_stopping == EarlyStopping(5)
    assert with_overrides(circle, ["training.schedule=one_cycle"]).training.schedule == OneCycle()


def test_what_an_older_file_does_not_say_is_off_and_what_is_said_comes_back(circle: Experiment) -> None:
    plain = msgspec.json.decode(experiment_to_json(circle))
    later = {"schedule", "l1", "l2", "max_norm", "clip_value", "clip_norm", "early_stopping"}
    assert later.isdisjoint(plain["training"])
    assert experiment_from_json(msgspec.json.encode(plain)) == circle
    assert circle.training.rules == Rules()
    ruled = planned(circle, schedule=OneCycle(rise=0.2), l1=0.5, early_stopping=EarlyStopping(3, 0.1))
    assert experiment_from_json(experiment_to_json(ruled)) == ruled


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("training.l2=-1", "training.l2: expected float ≥ 0.0"),
        ("training.clip_norm=NaN", "training.clip_norm: expected a finite number, got NaN"),
        ("training.schedule.warm_up=-2", "training.schedule.warm_up: expected float ≥ 0.0"),
        ("training.schedule.every=2", "training.schedule: object contains unknown field every"),
        ("training.early_stopping.patience=1.5", "training.early_stopping.patience: expected int, got float"),
        ("training.early_stopping.monitor=x", "training.early_stopping: object contains unknown field monitor"),
    ],
)
def test_a_rule_that_cannot_be_is_refused_with_its_path(circle: Experiment, assignment: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        with_overrides(circle, [assignment])
    assert str(error.value) == said


def test_the_line_about_an_experiment_names_a_schedule_that_is_not_plain(circle: Experiment) -> None:
    assert "SGD 0.03, cosine schedule, batch 10" in experiment_line(Runner(planned(circle, schedule=CosineDecay())))
    assert "SGD 0.03, batch 10" in experiment_line(Runner(circle))


def test_early_stopping_is_told_in_words() -> None:
    assert in_words(EarlyStopping()) == "none"
    space = "\N{NO-BREAK SPACE}"
    assert in_words(EarlyStopping(10)) == f"after 10{space}epochs without a loss that is lower"
    assert in_words(EarlyStopping(1, 0.01)) == f"after 1{space}epoch without a loss lower by more than 0.01"


def test_regression_stops_early_too(plane: Experiment) -> None:
    stop = train_to_end(planned(plane, optimizer=SGD(0.0), early_stopping=EarlyStopping(2))).stopped_early
    assert stop is not None
    assert stop.epoch == 3
