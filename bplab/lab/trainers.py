"""From an experiment to its trainer: the one place where a run, its replay and a look at one step begin."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from bplab.engine import Rules, Trainer

from .experiment import Experiment
from .problem import MAX_TEST_SAMPLES, Problem
from .record import Event


def make_trainer(experiment: Experiment, problem: Problem) -> Trainer:
    """The trainer of ``experiment`` before its first update, with a network of its own."""
    plan = experiment.training
    tested = problem.test_inputs[:MAX_TEST_SAMPLES], problem.test_targets[:MAX_TEST_SAMPLES]
    return Trainer(
        experiment.build_network(problem.train_inputs),
        problem.train_inputs,
        problem.train_targets,
        plan.optimizer,
        plan.batch_size,
        plan.shuffle,
        plan.seed,
        schedule=plan.schedule,
        epochs=plan.epochs,
        rules=plan.rules,
        early_stopping=plan.early_stopping,
        validation=tested if len(tested[0]) else None,
    )


def redo(trainer: Trainer, event: Event) -> None:
    """Change once more what was once changed by hand."""
    if event.setting == "learning_rate":
        trainer.set_learning_rate(event.value)
    else:
        trainer.set_rules(replace(trainer.rules, **{event.setting: event.value}))


def rules_after(rules: Rules, events: Sequence[Event]) -> Rules:
    """``rules`` with what was changed of them by hand."""
    changes = {event.setting: event.value for event in events if event.setting != "learning_rate"}
    return replace(rules, **changes)
