"""What one update tells whoever trains, and what is to be kept to go on from it."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from .calls import Array
from .monitor import Watch


class Step(msgspec.Struct, frozen=True, gc=False):
    """One update: its number (from 1), its epoch (from 1) and the mean loss of its batch before the update."""

    number: int
    epoch: int
    loss: float


@dataclass(frozen=True, eq=False, slots=True)
class TrainingState:
    """All that a later continuation needs: the run goes on from here to the bit."""

    updates: int
    parameters: Array
    """``(parameters,)``."""
    slots: Array
    """``(slots, parameters)``."""
    rate: float
    """The base rate, as it was given or set by hand; the schedule makes of it that of an update."""
    watch: Watch = field(default_factory=Watch)
    """What schedule and early stopping remember of the losses."""
    memory_from: int = 0
    """The update before which the optimizer's memory was empty; its corrections count from there."""
