"""The course of a run: the legs in which it was trained, and the states from which each can be repeated.

A run that was never forked off another is one leg. A fork goes on from an update of its parent with another
experiment, so its course is its parent's up to there and then a leg of its own. Every leg holds all that its updates
depend on: whoever has the course needs nothing of the parents any more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bplab.engine import TrainingState

from .experiment import Experiment
from .record import Branch, Event

if TYPE_CHECKING:
    from .runner import Runner

MAX_LEGS = 64
"""So often a run can be a fork of a fork."""


@dataclass(frozen=True, eq=False)
class Leg:
    """A stretch of updates trained with one experiment."""

    experiment: Experiment
    blas_threads: int
    events: tuple[Event, ...]
    """What was changed by hand on it, in order."""
    states: tuple[TrainingState, ...]
    """States on it, in order; the first is where it begins."""
    until: int
    """The number of updates with which the next leg begins, or as far as this one is trained."""
    run_id: int | None = None
    """The run's id in the project, where it has been kept."""

    def epochs(self, updates: int, samples: int) -> float:
        """Passes over ``samples`` training samples in so many updates of this leg's batch size."""
        return updates / -(-samples // min(self.experiment.training.batch_size, samples))

    def nearest(self, updates: int) -> TrainingState:
        """The latest state at or before ``updates``; the first one if there is none."""
        earlier = [state for state in self.states if state.updates <= updates]
        return earlier[-1] if earlier else self.states[0]


@dataclass(frozen=True, eq=False)
class Origin:
    """Where a fork comes from."""

    legs: tuple[Leg, ...]
    """Its parent's course up to the fork, the oldest leg first; at least one."""
    start: TrainingState
    """The state in which the fork begins, with its own parameters: the last leg's, carried over."""

    @property
    def branch(self) -> Branch:
        """Of which run, and at which update."""
        return Branch(self.legs[-1].run_id, self.start.updates)


def begin_of(runner: Runner, number: int) -> int:
    """The number of updates with which leg ``number`` begins; 0 unless it is a fork's."""
    return runner.origin.legs[number - 1].until if runner.origin and number else 0


def leg_at(runner: Runner, updates: int) -> tuple[int, Leg]:
    """The leg of ``runner`` that has the state after ``updates`` updates, and its number from 0; from any thread.

    With the update at which a fork begins its own leg begins. The runner's own leg comes with one state only, the
    nearest.
    """
    before = runner.origin.legs if runner.origin else ()
    for number, leg in enumerate(before):
        if updates < leg.until:
            return number, leg
    nearest, record = runner.checkpoints.nearest(updates), runner.record
    own = Leg(runner.experiment, record.blas_threads, tuple(record.events), (nearest,), runner.updates)
    return len(before), own
