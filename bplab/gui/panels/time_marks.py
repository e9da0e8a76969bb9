"""What happened on a run's way, for a line of time: where its epochs end, what was changed by hand, where it forked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from bplab.lab.course import Leg
from bplab.lab.record import Event
from bplab.lab.run import Run

from ..numbers import short_text

NAMES = {
    "learning_rate": "learning rate", "l1": "L1", "l2": "L2", "max_norm": "max-norm", "clip_value": "clip value",
    "clip_norm": "clip norm",
}  # fmt: skip
MOST_EVENTS = 64


class What(Enum):
    """Kinds of marks."""

    CHANGE = "change"
    FORK = "fork"
    END = "end"


@dataclass(frozen=True)
class Mark:
    """Something that happened after ``updates`` updates, in a few words."""

    updates: int
    what: What
    words: str


@dataclass(frozen=True)
class Stretch:
    """From update ``begin`` to ``end`` an epoch has ``per_epoch`` updates."""

    begin: int
    end: int
    per_epoch: int

    def ends(self, least_apart: float) -> Iterator[int]:
        """Updates at which an epoch ends, at least so many updates apart: of every one, or every 2nd, 5th, 10th …"""
        apart = self.per_epoch * _round_at_least(least_apart / self.per_epoch)
        yield from range((self.begin // apart + 1) * apart, self.end, apart)


def stretches_of(run: Run) -> list[Stretch]:
    """The whole way of ``run``; a fork has its parents' before its own."""
    samples = len(run.runner.problem.train_inputs)
    begins = [0, *(leg.until for leg in _legs(run)), run.reached]
    batches = [*(leg.experiment.training.batch_size for leg in _legs(run)), run.experiment.training.batch_size]
    per_epoch = [-(-samples // min(batch, samples)) for batch in batches]
    return [Stretch(*one) for one in zip(begins, begins[1:], per_epoch, strict=False)]


def marks_of(run: Run) -> list[Mark]:
    """What was changed by hand, newest last, where it was forked off, and where it diverged or stopped early."""
    legs, record = _legs(run), run.record
    events = [*(event for leg in legs for event in leg.events), *list(record.events)]
    found = [Mark(event.updates, What.CHANGE, event_words(event)) for event in events[-MOST_EVENTS:]]
    found += [Mark(leg.until, What.FORK, f"forked off {_name(leg)} here") for leg in legs]
    if record.divergence is not None:
        found.append(Mark(record.divergence.step, What.END, "diverged"))
    if record.stop is not None:
        found.append(Mark(record.stop.updates, What.END, "stopped early"))
    return found


def event_words(event: Event) -> str:
    """``learning rate 0.1 from here on``."""
    return f"{NAMES.get(event.setting, event.setting)} {short_text(event.value)} from here on"


def _legs(run: Run) -> tuple[Leg, ...]:
    return run.runner.origin.legs if run.runner.origin is not None else ()


def _name(leg: Leg) -> str:
    return f"run {leg.run_id}" if leg.run_id is not None else "another run"


def _round_at_least(number: float) -> int:
    """The smallest of 1, 2, 5, 10, 20 … that is not below ``number``."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if factor * power >= number:
                return factor * power
        power *= 10
