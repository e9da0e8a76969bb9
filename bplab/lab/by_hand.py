"""What can be changed by hand while a run is on: the learning rate, penalties, clipping and max-norm.

Neither the network nor the order of its samples depends on them, so a run goes on with another value from the next
update. The record notes each change, and a run that is taken up again repeats it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from bplab.engine import Rules
from bplab.engine.choices import replaced

from .experiment import Experiment
from .record import Event, RunRecord


def with_rate(experiment: Experiment, rate: float) -> Experiment:
    """``experiment`` at another learning rate."""
    return _with_plan(experiment, optimizer=replaced(experiment.training.optimizer, learning_rate=rate))


def as_reached(experiment: Experiment, record: RunRecord) -> Experiment:
    """``experiment`` with what a run of it trains by now: all that was changed by hand on the way."""
    return after_events(experiment, record.events)


def after_events(experiment: Experiment, events: Iterable[Event]) -> Experiment:
    """``experiment`` with all that was changed by hand."""
    for event in events:
        if event.setting == "learning_rate":
            experiment = with_rate(experiment, event.value)
        else:
            experiment = _with_plan(experiment, **{event.setting: event.value})
    return experiment


def only_by_hand_differs(one: Experiment, other: Experiment) -> bool:
    """True if the two train alike but for what can change while a run is on, and the name."""
    return _without(one) == _without(other)


def _without(experiment: Experiment) -> Experiment:
    plain = _with_plan(with_rate(experiment, 0.0), **msgspec.structs.asdict(Rules()))
    return msgspec.structs.replace(plain, name="")


def _with_plan(experiment: Experiment, **changes: Any) -> Experiment:
    return msgspec.structs.replace(experiment, training=msgspec.structs.replace(experiment.training, **changes))
