"""The public face: :class:`ManyTrainer` beside :class:`~bplab.engine.Trainer`, ``train_many`` beside ``train``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from ..choices import checked
from ..errors import DivergenceError, InputError
from ..network import Network
from ..optimizers import SGD, Optimizer
from ..rules import Rules
from ..schedules import ConstantRate
from ..steps import TrainingState
from ..training import Epochs, Trainer
from .fitting import are_plain, check_networks, check_optimizers
from .formation import Floats
from .groups import Group, OneByOne, Together
from .sweep import Sweep


class _Plans(msgspec.Struct, frozen=True):
    """What may be given for each network, held to the limits that an experiment file has."""

    optimizers: tuple[Optimizer, ...]
    seeds: tuple[Annotated[int, Meta(ge=0)], ...]


class _Length(msgspec.Struct, frozen=True):
    epochs: Epochs


class ManyStep(msgspec.Struct, frozen=True):
    """One update of all networks: its number and epoch (both from 1), and what came of it."""

    number: int
    epoch: int
    losses: Floats
    """Mean loss of each network's batch before the update, ``(networks,)``; NaN from the update that diverges on."""
    divergences: Mapping[int, DivergenceError]
    """Which networks have diverged by now, and in which step, layer and quantity."""


class ManyTrainer:
    """Trains many networks on one set of samples, all by an update at a time.

    ``x (samples, inputs)``, ``y (samples, outputs)``; ``optimizers`` and ``seeds`` (of the samples' order) are one for
    all or one for each. Every network comes to what a :class:`Trainer` of its own would have made of it, to
    roundings. Where networks share shape, loss, dtype, kinds of activation and kind of optimizer, where layers are
    dense and nothing else (no normalization, dropout, skip, learned activation, frozen layer), and where there is
    neither ``schedule`` nor ``rules``, they advance in batched arrays; else one after another, at the price of each.
    It costs least if all have one seed: then all see the same batches.

    A network that leaves the finite numbers does not stop the others: :attr:`divergences` says what happened, its
    losses are NaN from then on, and it keeps its last finite parameters.
    Raises ``InputError`` that names the first network, or optimizer, that does not fit the first one.
    """

    def __init__(
        self,
        networks: Sequence[Network],
        x: ArrayLike,
        y: ArrayLike,
        optimizers: Any = SGD(),  # noqa: B008  # a frozen value
        batch_size: int = 32,
        shuffle: bool = True,
        seeds: int | Sequence[int] = 0,
        *,
        schedule: Any = ConstantRate(),  # noqa: B008  # a frozen value
        epochs: int | None = None,
        rules: Rules = Rules(),  # noqa: B008  # a frozen value
    ) -> None:
        check_networks(networks)
        self.networks = tuple(networks)
        for_each = _for_each("optimizers", optimizers, networks), _for_each("seeds", seeds, networks)
        plans = checked(_Plans, optimizers=for_each[0], seeds=for_each[1])
        check_optimizers(plans.optimizers)
        options = {"schedule": schedule, "epochs": epochs, "rules": rules}
        # The first network's own trainer looks at all else that was given.
        trainer = Trainer(networks[0], x, y, plans.optimizers[0], batch_size, shuffle, plans.seeds[0], **options)
        self.samples, self.batch_size = trainer.samples, trainer.batch_size
        self.steps_per_epoch = trainer.steps_per_epoch
        inputs, targets = networks[0].checked_batch(x, y)
        sweep = Sweep(
            self.networks, plans.optimizers, plans.seeds, inputs, targets, self.batch_size, bool(shuffle), options
        )
        together = trainer.schedule == ConstantRate() and rules == Rules() and are_plain(networks)
        self._group: Group = Together(sweep) if together else OneByOne(sweep)
        self.updates = 0
        """Updates done so far."""

    @property
    def epoch(self) -> int:
        """Epoch of the latest update, counted from 1; 0 before the first."""
        return -(-self.updates // self.steps_per_epoch)

    @property
    def divergences(self) -> Mapping[int, DivergenceError]:
        """Which networks have diverged, and how."""
        return self._group.divergences

    def step(self) -> Floats:
        """Make one update; the mean losses of the batch before it, ``(networks,)``, NaN for who has diverged."""
        losses = self._group.step()
        self.updates += 1
        return losses

    def set_learning_rates(self, rates: float | Sequence[float]) -> None:
        """Change the rates from the next update on: one for all, or one for each network."""
        each = [float(rate) for rate in _for_each("rates", rates, self.networks)]
        self._group.set_rates(np.asarray(each))

    def check_finite(self) -> None:
        """Find networks whose latest update diverged; their loss would show it one update later only."""
        self._group.check_finite()

    def states(self) -> list[TrainingState]:
        """Copies of the networks' states, each for a :class:`Trainer` to go on from; if diverged, the last finite."""
        return self._group.states()

    def store(self) -> None:
        """Let every network hold the parameters that its training has come to, or its last finite ones."""
        self.check_finite()
        for network, state in zip(self.networks, self.states(), strict=True):
            network.parameters[...] = state.parameters


def _for_each(what: str, values: Any, networks: Sequence[Network]) -> list[Any]:
    if not isinstance(values, Sequence | np.ndarray):
        return [values] * len(networks)
    if len(values) != len(networks):
        raise InputError(f"there are {len(values)} {what} for {len(networks)} networks")
    return list(values)


def train_many(
    networks: Sequence[Network],
    x: ArrayLike,
    y: ArrayLike,
    optimizers: Any = SGD(),  # noqa: B008  # a frozen value
    batch_size: int = 32,
    epochs: int = 1,
    shuffle: bool = True,
    seeds: int | Sequence[int] = 0,
    *,
    schedule: Any = ConstantRate(),  # noqa: B008  # a frozen value
    rules: Rules = Rules(),  # noqa: B008  # a frozen value
) -> Iterator[ManyStep]:
    """Train ``networks`` in place; yields a :class:`ManyStep` after every update and stops when you stop asking.

    The networks hold their new parameters when the training ends or is left (:meth:`ManyTrainer.store` gives them
    in between). It ends early when all have diverged. :class:`ManyTrainer` tells of the arguments and of the errors.
    """
    epochs = checked(_Length, epochs=epochs).epochs
    trainer = ManyTrainer(
        networks, x, y, optimizers, batch_size, shuffle, seeds, schedule=schedule, epochs=epochs, rules=rules
    )
    return _steps(trainer, epochs)


def _steps(trainer: ManyTrainer, epochs: int) -> Iterator[ManyStep]:
    last = epochs * trainer.steps_per_epoch
    try:
        for number in range(1, last + 1):
            losses = trainer.step()
            if number == last:
                trainer.check_finite()  # no later loss would tell
            yield ManyStep(number, trainer.epoch, losses, dict(trainer.divergences))
            if len(trainer.divergences) == len(trainer.networks):
                return
    finally:
        trainer.store()
