"""Replay: an earlier update of a run, restored from the nearest state kept by making the updates since once more.

The updates are the run's own to the bit: the same order of samples, the same noise, what was changed by hand changed
at the same update, and as many BLAS threads. A replay trains a network of its own and takes no rows.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bplab.engine import DivergenceError, Rules, TrainingState

from .blas import limited_blas
from .course import Leg, leg_at
from .experiment import Experiment
from .problem import Problem, make_problem, same_problem
from .record import Event
from .run import Snapshot
from .runner import Runner
from .trainers import make_trainer, redo, rules_after


@dataclass(frozen=True, eq=False, slots=True)
class Moment:
    """A run after some of its updates: all that training goes on from."""

    experiment: Experiment
    """The one that was trained there; before a fork that is its parent's."""
    leg: int
    """Number of the leg of the run's course, from 0; a run that is no fork has one."""
    state: TrainingState
    """Parameters, optimizer slots and the count of updates, with the base rate of the coming update."""
    rules: Rules
    """Penalties, clipping and max-norm of the coming update."""
    epoch: float
    blas_threads: int
    """How many the leg is trained with."""
    asked: int
    """The update that was asked for; the moment is that of :attr:`updates` whatever was asked."""

    @property
    def updates(self) -> int:
        """Updates done, those before a fork included."""
        return self.state.updates

    @property
    def exact(self) -> bool:
        """True if this is the moment that was asked for, False if it is one on the way there."""
        return self.updates == self.asked

    @property
    def snapshot(self) -> Snapshot:
        """What a view of the network shows; its network is that of :attr:`experiment`."""
        return Snapshot(self.updates, self.epoch, self.state.parameters)


def moment_of(number: int, leg: Leg, state: TrainingState, samples: int, asked: int) -> Moment:
    """The moment on leg ``number`` with ``state``, with all that was changed by hand up to then.

    ``samples`` is the number of training samples.
    """
    rules = rules_after(leg.experiment.training.rules, [it for it in leg.events if it.updates <= state.updates])
    for event in leg.events:
        if event.updates == state.updates and event.setting == "learning_rate":
            state = replace(state, rate=event.value)
    epoch = leg.epochs(state.updates, samples)
    return Moment(leg.experiment, number, state, rules, epoch, leg.blas_threads, asked)


class Replay:
    """Makes updates of one leg of a run again. ``problem`` is that of its experiment, where it is at hand."""

    def __init__(self, experiment: Experiment, problem: Problem | None = None) -> None:
        self.experiment = experiment
        self.trainer = make_trainer(experiment, problem or make_problem(experiment))
        self._changes: deque[Event] = deque()

    @property
    def updates(self) -> int:
        """How many updates the state at hand has behind it."""
        return self.trainer.updates

    def begin(self, state: TrainingState, events: Sequence[Event]) -> None:
        """Stand at ``state``; ``events`` are all that was changed by hand on the leg."""
        trainer = self.trainer
        rules = rules_after(self.experiment.training.rules, [it for it in events if it.updates < state.updates])
        if rules != trainer.rules:
            trainer.set_rules(rules)
        trainer.restore(state)
        self.heed(events)

    def heed(self, events: Sequence[Event]) -> None:
        """More may have been changed by hand since the beginning: from the state at hand on, it was ``events``."""
        self._changes = deque(event for event in events if event.updates >= self.updates)

    def go_to(self, updates: int, look: Callable[[], bool] = lambda: False) -> bool:
        """Make updates up to that many; ``look`` is called after each and ends it with True.

        False if the run diverged in fact, and the state is the last finite one.
        """
        step, clock = self.trainer.step, self.trainer.clock
        try:
            while clock.updates < updates:
                while self._changes and self._changes[0].updates <= clock.updates:
                    redo(self.trainer, self._changes.popleft())
                step()
                if look():
                    break
        except DivergenceError:
            return False
        return True


def present(runner: Runner) -> Moment:
    """The moment at which ``runner`` stands; nobody may be training it."""
    state = runner.trainer.state()
    number, leg = leg_at(runner, state.updates)
    return moment_of(number, leg, state, runner.trainer.samples, state.updates)


def restored(runner: Runner, updates: int) -> Moment:
    """The moment of ``runner`` after ``updates`` updates, not more than it has made; nobody may be training it.

    Takes as long as the updates since the nearest checkpoint take.
    """
    updates = min(max(0, updates), runner.updates)
    number, leg = leg_at(runner, updates)
    replay = Replay(leg.experiment, runner.problem if same_problem(leg.experiment, runner.experiment) else None)
    replay.begin(leg.nearest(updates), leg.events)
    with limited_blas(leg.blas_threads):
        replay.go_to(updates)
    return moment_of(number, leg, replay.trainer.state(), replay.trainer.samples, updates)
