"""The monitor: follows the loss from epoch to epoch for the rules that wait for it to improve.

Monitored is the loss on validation samples where there are any, else the mean training loss of the epoch. What the
rules remember of it is a handful of numbers, part of the state of a training: a run that is taken up again stops, or
lowers its rate, at the very update at which it would have done so uninterrupted.
"""

from __future__ import annotations

import math
from typing import Annotated

import msgspec
from msgspec import Meta

from .calls import Calls
from .losses import Total
from .optimizers import Clock
from .probes import Evaluation
from .schedules import Count, Plateau, ReduceOnPlateau, Schedule


class Waiting(msgspec.Struct, frozen=True):
    """What :class:`EarlyStopping` remembers."""

    best: float = math.inf
    """Lowest loss so far."""
    waited: Count = 0
    """Epochs since then."""


class EarlyStopping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Ends the training when the monitored loss has not improved for ``patience`` epochs (Prechelt 1998).

    The parameters stay those of the last update, so that who trains on goes on from where the run stands.
    """

    patience: Annotated[
        Count, Meta(description="epochs without a better loss after which training ends; 0: it never ends early")
    ] = 0
    min_delta: Annotated[
        float, Meta(ge=0.0, le=1e6, description="how much lower than the best one a loss must be to count as better")
    ] = 0.0

    def after_epoch(self, seen: Waiting, loss: float) -> Waiting:
        """What is remembered after an epoch with this ``loss``."""
        return Waiting(loss, 0) if loss < seen.best - self.min_delta else Waiting(seen.best, seen.waited + 1)


class Watch(msgspec.Struct, frozen=True):
    """All that is remembered of the losses so far."""

    total: float = 0.0
    """Summed training loss over the samples of the epoch under way."""
    plateau: Plateau = Plateau()
    waiting: Waiting = Waiting()


class Monitor:
    """Runs the updates of a training on ``samples`` samples and follows their losses, or those of ``validation``."""

    def __init__(
        self,
        schedule: Schedule,
        stopping: EarlyStopping,
        clock: Clock,
        samples: int,
        steps_per_epoch: int,
        validation: Evaluation | None,
    ) -> None:
        self._schedule, self._stopping, self._clock = schedule, stopping, clock
        self._samples, self._steps_per_epoch, self._validation = samples, steps_per_epoch, validation
        self._total = 0.0
        self.plateau, self.waiting = Plateau(), Waiting()
        self.base = clock.rate
        """The learning rate before any reduction."""

    @staticmethod
    def is_needed(schedule: Schedule, stopping: EarlyStopping) -> bool:
        """True if one of the two asks for losses."""
        return isinstance(schedule, ReduceOnPlateau) or stopping.patience > 0

    def state(self) -> Watch:
        """What is remembered now."""
        return Watch(self._total, self.plateau, self.waiting)

    def restore(self, watch: Watch) -> None:
        """Go back, or on, to what was remembered then."""
        self._total, self.plateau, self.waiting = watch.total, watch.plateau, watch.waiting

    def run(self, calls: Calls, total: Total, samples: int) -> float:
        """Make the update whose calls these are; returns the mean loss of its ``samples`` samples."""
        loss = run_update(calls, total, samples)
        self._total += float(loss) * samples
        if (self._clock.updates + 1) % self._steps_per_epoch == 0:
            self._end_epoch()
        return loss

    def _end_epoch(self) -> None:
        loss = self._total / self._samples if self._validation is None else float(self._validation.run()[1])
        self._total = 0.0
        self.waiting = self._stopping.after_epoch(self.waiting, loss)
        if isinstance(self._schedule, ReduceOnPlateau):
            self.plateau = self._schedule.after_epoch(self.plateau, loss, self.base)

    @property
    def out_of_patience(self) -> bool:
        """True if the latest epoch was the one too many.

        Later ones are not: who trains on is not stopped again before the loss has improved once more.
        """
        return 0 < self._stopping.patience == self.waiting.waited


def run_update(calls: Calls, total: Total, samples: int) -> float:
    """Run the calls of an update; returns the mean loss of its ``samples`` samples."""
    for function, arguments in calls:
        function(*arguments)
    return total() / samples
