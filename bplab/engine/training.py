"""Training: one update after another, exactly repeatable, each step ready to be stopped after.

The order of the samples in an epoch is a function of the seed and the epoch's number alone, so the state of
a training run is its parameters, the optimizer's slots and the number of updates: nothing else to restore.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from .calls import Array, Calls, quiet_runner
from .choices import checked
from .errors import DivergenceError, InputError
from .losses import Total
from .network import Network
from .noise import Noise
from .optimizers import SGD, Clock, Optimizer, Vectors
from .pages import Pages, Program, SampleOrder
from .steps import Step

RESCUE_EVERY = 64
"""A copy of the state is kept that is at least this many updates apart from the next; divergence is sought from it."""


class _Plan(msgspec.Struct, frozen=True):
    """How to train, held to the limits that an experiment file has."""

    optimizer: Optimizer
    batch_size: Annotated[int, Meta(ge=1)]
    seed: Annotated[int, Meta(ge=0)]


class _Length(msgspec.Struct, frozen=True):
    epochs: Annotated[int, Meta(ge=0)]


def _refuse_not_finite(what: str, values: Array) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        sample, column = (int(place[0]) for place in np.nonzero(~finite))
        raise InputError(f"{what}[{sample}, {column}] is {values[sample, column]:g}; expected a finite number")


@dataclass(frozen=True, eq=False, slots=True)
class TrainingState:
    """All that a later continuation needs: the run goes on from here to the bit."""

    updates: int
    parameters: Array
    """``(parameters,)``."""
    slots: Array
    """``(slots, parameters)``."""
    rate: float


class Trainer:
    """Trains one network on one set of samples, an update at a time.

    ``x (samples, inputs)``, ``y (samples, outputs)``. Batches are taken in order, or in a new order each epoch
    with ``shuffle``; the last batch of an epoch may be smaller. After :meth:`step`, ``updates`` counts it.
    Raises ``InputError`` for shapes that do not fit and ``DivergenceError`` from :meth:`step`; then the network
    holds the last finite parameters.
    """

    def __init__(
        self,
        network: Network,
        x: ArrayLike,
        y: ArrayLike,
        optimizer: Any = SGD(),  # noqa: B008  # a frozen value
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        self.network = network
        plan = checked(_Plan, optimizer=optimizer, batch_size=batch_size, seed=seed)
        self.optimizer: Optimizer = plan.optimizer
        inputs, targets = network.checked_batch(x, y)
        _refuse_not_finite("inputs", inputs)
        _refuse_not_finite("targets", targets)
        self.samples = len(inputs)
        self.batch_size = min(plan.batch_size, self.samples)
        # One batch that holds everything has no order to speak of.
        order = SampleOrder(self.samples, plan.seed) if shuffle and self.batch_size < self.samples else None
        self.clock = Clock(self.optimizer.learning_rate, network.dtype)
        self.slots: Array = np.zeros((self.optimizer.slots, network.parameters.size), network.dtype)
        gradients = np.zeros_like(network.parameters)
        self._quietly = quiet_runner()
        vectors = Vectors(network.parameters, gradients, self.slots, network.weight_stretches)
        update = self.optimizer.update(vectors, self.clock)
        noise = Noise(plan.seed, self.clock)
        self._pages = Pages(network, inputs, targets, self.batch_size, order, gradients, update, noise)
        self._programs: list[Program] = []
        self._next = 0
        self._rescue = self.state()
        self.set_learning_rate(self.clock.rate)

    @property
    def updates(self) -> int:
        """Updates done so far."""
        return self.clock.updates

    @property
    def steps_per_epoch(self) -> int:
        """Batches in an epoch, a smaller last one included."""
        return -(-self.samples // self.batch_size)

    @property
    def epoch(self) -> int:
        """Epoch of the latest update, counted from 1; 0 before the first."""
        return -(-self.clock.updates // self.steps_per_epoch)

    def step(self) -> float:
        """Make one update; returns the mean loss of its batch before the update."""
        if self._next == len(self._programs):
            self._turn_page()
        loss: float = self._quietly(_run, *self._programs[self._next])
        self._next += 1
        self.clock.updates += 1
        if loss - loss != 0.0:  # infinite or NaN
            self._diverge()
        return loss

    def set_learning_rate(self, rate: float) -> None:
        """Change the rate from the next update on."""
        self.clock.set_rate(rate)
        if self.optimizer.folds_rate:
            self._pages.set_factor(rate)
        if np.isfinite(self.network.parameters).all():
            self._rescue = self.state()  # steps made at another rate could not be repeated

    def state(self) -> TrainingState:
        """A copy of the state, to go on from later."""
        return TrainingState(self.updates, self.network.parameters.copy(), self.slots.copy(), self.clock.rate)

    def restore(self, state: TrainingState) -> None:
        """Go back, or on, to ``state``."""
        self.network.parameters[...] = state.parameters
        self.slots[...] = state.slots
        self.clock.updates = state.updates
        self.set_learning_rate(state.rate)
        self._turn_page()

    def check_finite(self) -> None:
        """Raise ``DivergenceError`` if a parameter is not finite; the loss would show it one step later only."""
        if not (np.isfinite(self.network.parameters).all() and np.isfinite(self.slots).all()):
            self._diverge()

    def _turn_page(self) -> None:
        if self.updates - self._rescue.updates >= RESCUE_EVERY:
            self.check_finite()
            self._rescue = self.state()
        self._programs, self._next = self._pages.at(self.updates)

    def _diverge(self) -> None:
        """Find the first number that is not finite, by repeating the last steps with a look at everything."""
        last = self.updates
        self.restore(self._rescue)
        while True:
            before = self.state()
            loss = self._quietly(_run, *self._programs[self._next])
            found = self._first_not_finite(loss)
            if found or before.updates >= last:
                self.restore(before)
                raise DivergenceError(before.updates + 1, *(found or (0, "loss")))
            self._next += 1
            self.clock.updates += 1
            if self._next == len(self._programs):
                self._programs, self._next = self._pages.at(self.updates)

    def _first_not_finite(self, loss: float) -> tuple[int, str] | None:
        layers = list(enumerate(self._pages.pass_at(self.updates).layers, start=1))
        for number, layer in layers:
            if not (np.isfinite(layer.z).all() and np.isfinite(layer.outputs).all()):
                return number, "weighted inputs"
        if not np.isfinite(loss):
            return 0, "loss"
        for number, layer in reversed(layers):
            if not all(np.isfinite(part).all() for part in layer.wiring.gradients.values()):
                return number, "gradient"
        for number, layer in layers:
            if not all(np.isfinite(part).all() for part in layer.wiring.numbers.values()):
                return number, "weights"
        for number, slots in enumerate(self._slots_by_layer(), start=1):
            if not np.isfinite(slots).all():
                return number, "optimizer's memory"
        return None

    def _slots_by_layer(self) -> list[Array]:
        """What the optimizer remembers of each layer, ``(slots, parameters of the layer)``."""
        return [self.slots[:, stretch] for stretch in self.network.layer_stretches]


def _run(calls: Calls, total: Total, samples: int) -> float:
    for function, arguments in calls:
        function(*arguments)
    return total() / samples


def train(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    optimizer: Any = SGD(),  # noqa: B008  # a frozen value
    batch_size: int = 32,
    epochs: int = 1,
    shuffle: bool = True,
    seed: int = 0,
) -> Iterator[Step]:
    """Train ``network`` in place; yields a :class:`Step` after every update and stops when you stop asking.

    ``x (samples, inputs)``, ``y (samples, outputs)``. Raises ``InputError`` and ``DivergenceError`` as
    :class:`Trainer` does.
    """
    epochs = checked(_Length, epochs=epochs).epochs
    return _steps(Trainer(network, x, y, optimizer, batch_size, shuffle, seed), epochs)


def _steps(trainer: Trainer, epochs: int) -> Iterator[Step]:
    per_epoch, number, make_step = trainer.steps_per_epoch, 0, trainer.step
    for epoch in range(1, epochs + 1):
        for _ in range(per_epoch):
            loss = make_step()
            number += 1
            yield Step(number, epoch, loss)
    trainer.check_finite()
