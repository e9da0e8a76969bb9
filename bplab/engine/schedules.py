"""Schedules: the learning rate as a function of the update, in order of increasing complexity.

Lengths are counted in epochs, since that is how a training is planned; the rate itself moves from update to update.
``base`` is the rate that the optimizer was given, or the one that was set by hand since: a schedule goes on from it
where it stands. A schedule is a function of the update's number alone, so a run that is resumed or replayed has the
same rates to the bit; only :class:`ReduceOnPlateau` looks at losses, and what it remembers is part of the state.
"""

from __future__ import annotations

import math
from typing import Annotated, ClassVar, NamedTuple

import msgspec
from msgspec import Meta

from .choices import Choice
from .optimizers.base import Rate

WarmUp = Annotated[
    float, Meta(ge=0.0, le=1e6, description="epochs in which the rate first rises, update by update, to its full value")
]
Shrink = Annotated[float, Meta(gt=0.0, le=1.0, description="what the rate is multiplied by")]
Minimum = Annotated[Rate, Meta(description="the rate never falls below this")]
Count = Annotated[int, Meta(ge=0, le=100_000_000)]

LEAST_CHANGE = 1e-8
"""A rate that would change by less than this is left alone by :class:`ReduceOnPlateau`, as in PyTorch."""


class Span(NamedTuple):
    """How long a training is, in updates: of an epoch, and of all epochs planned (0 where nobody has said)."""

    epoch: int
    total: int


class Plateau(msgspec.Struct, frozen=True):
    """What :class:`ReduceOnPlateau` remembers."""

    best: float = math.inf
    """Lowest loss so far."""
    waited: Count = 0
    """Epochs since then."""
    resting: Count = 0
    """Epochs of the cooldown that are left."""
    reduction: Annotated[float, Meta(ge=0.0, le=1.0)] = 1.0
    """What the base rate is multiplied by."""


class Schedule(Choice):
    """How the learning rate changes in the course of a training."""

    __slots__ = ()
    family = "schedule"
    needs_length: ClassVar[bool] = False
    """True where the rate depends on how many epochs are planned."""
    warm_up: float = 0.0

    @property
    def moves(self) -> bool:
        """True if the rate may change with every update."""
        return True

    def rate(self, base: float, update: int, span: Span) -> float:
        """The rate of update number ``update``, counted from 0.

        In a warm-up of n updates it is base·(update + 1)/(n + 1) (Goyal et al. 2017, §2.2), and what follows is the
        schedule of a training that begins there.
        """
        warming = round(self.warm_up * span.epoch)
        if update < warming:
            return base * (update + 1) / (warming + 1)
        return self.rate_when_warm(base, update - warming, Span(span.epoch, max(1, span.total - warming)))

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        """The same for updates counted from the end of the warm-up, out of ``span.total``."""
        raise NotImplementedError


class ConstantRate(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="constant"):
    """The rate stays as it was set; with a warm-up it first rises to it (Goyal et al. 2017): for a shaky start."""

    warm_up: WarmUp = 0.0

    @property
    def moves(self) -> bool:
        return self.warm_up > 0.0

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        return base


class StepDecay(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="step"):
    """base·factor^⌊epoch/every⌋: a drop every so many epochs; the loss often falls with it at once."""

    every: Annotated[int, Meta(ge=1, le=100_000_000, description="epochs between two drops")] = 30
    factor: Shrink = 0.1
    warm_up: WarmUp = 0.0

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        return base * math.pow(self.factor, update // (self.every * span.epoch))


class ExponentialDecay(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="exponential"):
    """base·factor^epoch, smoothly from update to update: falls by the same share in every epoch."""

    factor: Annotated[Shrink, Meta(description="what the rate is multiplied by in the course of an epoch")] = 0.95
    warm_up: WarmUp = 0.0

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        return base * math.pow(self.factor, update / span.epoch)


class CosineDecay(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cosine"):
    """Half a cosine wave from the base to the minimum over all epochs (Loshchilov & Hutter 2017): a gentle end."""

    minimum_rate: Minimum = 0.0
    warm_up: WarmUp = 0.0
    needs_length = True

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        low = min(self.minimum_rate, base)
        return low + (base - low) * 0.5 * (1.0 + math.cos(math.pi * min(1.0, update / span.total)))


class OneCycle(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="one_cycle"):
    """Up to the base, then down to next to nothing, by half cosines (Smith & Topin 2019); momentum stays as it is.

    For fast training at high rates, as PyTorch's ``OneCycleLR`` with ``max_lr`` the base and ``cycle_momentum`` off.
    After the planned epochs the rate stays at its last value.
    """

    rise: Annotated[float, Meta(gt=0.0, lt=1.0, description="share of all updates in which the rate rises")] = 0.3
    start_divisor: Annotated[float, Meta(ge=1.0, le=1e9, description="the first rate is the base over this")] = 25.0
    end_divisor: Annotated[float, Meta(ge=1.0, le=1e9, description="the last rate is the first one over this")] = 1e4
    needs_length = True

    @classmethod
    def title(cls) -> str:
        return "one-cycle"

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        first = base / self.start_divisor
        peak, last = self.rise * span.total - 1.0, span.total - 1.0
        if update < peak:
            return _eased(first, base, update / peak)
        return _eased(base, first / self.end_divisor, min(1.0, (update - peak) / (last - peak)))


class ReduceOnPlateau(Schedule, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="reduce_on_plateau"):
    """A drop when the loss has stopped falling: the test loss, or the mean training loss of the epoch without one.

    As PyTorch's ``ReduceLROnPlateau``: a loss below best·(1 − threshold) is better; after more than ``patience``
    epochs without one the rate is multiplied by ``factor``, and then ``cooldown`` epochs are not counted.
    """

    factor: Shrink = 0.1
    patience: Annotated[Count, Meta(description="epochs without a better loss that are borne with")] = 10
    threshold: Annotated[
        float, Meta(ge=0.0, lt=1.0, description="share by which a loss must be lower than the best to be better")
    ] = 1e-4
    cooldown: Annotated[Count, Meta(description="epochs after a drop that are not counted")] = 0
    minimum_rate: Minimum = 0.0
    warm_up: WarmUp = 0.0

    @classmethod
    def title(cls) -> str:
        return "reduce on plateau"

    @property
    def moves(self) -> bool:
        return self.warm_up > 0.0

    def rate_when_warm(self, base: float, update: int, span: Span) -> float:
        return base

    def after_epoch(self, seen: Plateau, loss: float, base: float) -> Plateau:
        """What is remembered, and how far the rate is reduced, after an epoch with this ``loss``."""
        better = loss < seen.best * (1.0 - self.threshold)
        best, waited = (loss, 0) if better else (seen.best, seen.waited + 1)
        resting, reduction = seen.resting, seen.reduction
        if resting:
            resting, waited = resting - 1, 0
        if waited > self.patience:
            resting, waited = self.cooldown, 0
            reduction = self._reduced(base, reduction)
        return Plateau(best, waited, resting, reduction)

    def _reduced(self, base: float, reduction: float) -> float:
        rate = base * reduction
        lower = max(rate * self.factor, self.minimum_rate)
        return lower / base if rate - lower > LEAST_CHANGE else reduction


def _eased(start: float, end: float, share: float) -> float:
    """From ``start`` to ``end`` by half a cosine."""
    return end + (start - end) * 0.5 * (1.0 + math.cos(math.pi * share))
