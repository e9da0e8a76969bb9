"""Fork from here: a new run that begins at an update of another one, with something changed.

Its record holds its parent's rows up to there and knows that they are; its updates count on from there, and so do its
rows. An epoch is always a pass with its own batch size: after ``n`` updates it is in epoch ``n / (batches in its
epoch)``, with the samples in the order that its seed gives that epoch. What it begins with says
:mod:`~bplab.lab.carry_over`.
"""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bplab.engine import InputError

from .blas import blas_threads
from .by_hand import with_rate
from .carry_over import carried_over
from .course import MAX_LEGS, Origin, leg_at
from .experiment import Experiment
from .problem import make_problem, same_problem
from .record import RunRecord, empty_columns
from .replay import Moment
from .run import Run
from .runner import Runner


def fork(runner: Runner, moment: Moment, experiment: Experiment, parent: int | None = None) -> Run:
    """A paused run of ``experiment`` that goes on from ``moment`` of ``runner``; that one stays as it is.

    ``parent`` is the id of the runner's run in the project, where it has been kept. ``InputError`` with one sentence
    if such a run cannot be.
    """
    number, leg = leg_at(runner, moment.updates)
    legs = runner.origin.legs if runner.origin else ()
    if number < len(legs):
        states = tuple(state for state in leg.states if state.updates <= moment.updates)
        leg = replace(leg, states=states)
    else:
        leg = replace(leg, states=runner.checkpoints.up_to(moment.updates), run_id=parent)
    events = tuple(event for event in leg.events if event.updates < moment.updates)
    legs = (*legs[:number], replace(leg, events=events, until=moment.updates))
    if len(legs) >= MAX_LEGS:
        raise InputError(f"A run can be a fork of a fork {MAX_LEGS - 1} times at most.")
    problem = runner.problem if same_problem(experiment, runner.experiment) else make_problem(experiment)
    origin = Origin(legs, carried_over(moment.state, moment.experiment, experiment, problem))
    return Run(experiment, problem, _record(runner, experiment, origin), origin=origin)


def _record(runner: Runner, experiment: Experiment, origin: Origin) -> RunRecord:
    """The runner's rows up to the fork, for a run that goes on from there."""
    record, updates = runner.record.copy(), origin.start.updates
    record.truncate_after(updates)
    names = tuple(empty_columns(0, 0, 0))
    begun = RunRecord(
        record.units,
        record.probe_samples,
        record.stride,
        blas_threads(experiment, min(experiment.training.batch_size, runner.trainer.samples)),
        seconds=record.seconds * updates / max(1, runner.updates),
        data=record.data,
        branch=origin.branch,
    )
    begun.take_columns(dict(zip(names, record.columns(*names), strict=True)))
    return begun


def experiment_at(moment: Moment) -> Experiment:
    """The experiment that trains on from ``moment`` as its run did: with all that was changed by hand up to then."""
    experiment = with_rate(moment.experiment, moment.state.rate)
    plan = msgspec.structs.replace(experiment.training, **msgspec.structs.asdict(moment.rules))
    return msgspec.structs.replace(experiment, training=plan)
