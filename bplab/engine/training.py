"""Training: one update after another, exactly repeatable, each step ready to be stopped after.

The order of the samples in an epoch is a function of the seed and the epoch's number alone, so the state of
a training run is its parameters, the optimizer's slots and the number of updates: nothing else to restore.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .calls import Array, Call, Calls, quiet_runner
from .errors import DivergenceError, InputError
from .losses import Total
from .network import Network
from .optimizers import SGD, Clock, Optimizer
from .passes import Pass, with_ones
from .steps import Step

ORDERS_PER_GENERATOR = 16
"""A generator costs more than a permutation of a small data set, so one serves this many epochs."""
PAGE_BATCHES = 256
PAGE_BYTES = 64 * 2**20
RESCUE_EVERY = 64


class SampleOrder:
    """The order of the samples in each epoch: ``order(epoch)`` is a permutation, a function of seed and epoch."""

    def __init__(self, samples: int, seed: int) -> None:
        self.samples, self.seed = samples, seed
        self._block, self._drawn = -1, 0
        self._generator = np.random.default_rng(0)
        self._order: NDArray[np.int64] = np.arange(samples)

    def __call__(self, epoch: int) -> NDArray[np.int64]:
        """Sample numbers ``(samples,)`` of epoch ``epoch``, counted from 0."""
        block, wanted = divmod(epoch, ORDERS_PER_GENERATOR)
        wanted += 1
        if block != self._block or wanted < self._drawn:
            # 2**32 keeps these streams apart from those of the layers' draws, which are (seed, layer).
            self._generator = np.random.default_rng([self.seed, 2**32 + block])
            self._block, self._drawn = block, 0
        while self._drawn < wanted:
            self._order = self._generator.permutation(self.samples)
            self._drawn += 1
        return self._order


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
        self.optimizer: Optimizer = optimizer
        self._inputs, self._targets = network.checked_batch(x, y)
        self.samples = len(self._inputs)
        if batch_size < 1:
            raise InputError(f"batch size is {batch_size}; expected int ≥ 1")
        self.batch_size = min(batch_size, self.samples)
        # One batch that holds everything has no order to speak of.
        self._order = SampleOrder(self.samples, seed) if shuffle and self.batch_size < self.samples else None
        self.clock = Clock(self.optimizer.learning_rate, network.dtype)
        self.slots: Array = np.zeros((self.optimizer.slots, network.parameters.size), network.dtype)
        self._gradients: Array = np.zeros_like(network.parameters)
        self._quietly = quiet_runner()
        self._pages = _Pages(self)
        self._programs: list[tuple[Calls, Total]] = []
        self._next = 0
        self._rescue = self.state()

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
        calls, total = self._programs[self._next]
        loss: float = self._quietly(_run, calls, total)
        self._next += 1
        self.clock.updates += 1
        if loss - loss != 0.0:  # infinite or NaN
            self._diverge()
        return loss

    def set_learning_rate(self, rate: float) -> None:
        """Change the rate from the next update on."""
        self.clock.set_rate(rate)
        self._pages.set_rate(rate)

    def state(self) -> TrainingState:
        """A copy of the state, to go on from later."""
        return TrainingState(self.updates, self.network.parameters.copy(), self.slots.copy(), self.clock.rate)

    def restore(self, state: TrainingState) -> None:
        """Go back, or on, to ``state``."""
        self.network.parameters[...] = state.parameters
        self.slots[...] = state.slots
        self.clock.updates = state.updates
        self.set_learning_rate(state.rate)
        self._rescue = state
        self._turn_page()

    def check_finite(self) -> None:
        """Raise ``DivergenceError`` if a parameter is not finite; the loss would show it one step later only."""
        if not np.isfinite(self.network.parameters).all():
            self._diverge()

    def _turn_page(self) -> None:
        if self.updates - self._rescue.updates >= RESCUE_EVERY:
            self._rescue = self.state()
        self._programs, self._next = self._pages.at(self.updates)

    def _diverge(self) -> None:
        """Find the first number that is not finite, by repeating the last steps with a look at everything."""
        last = self.updates
        self.restore(self._rescue)
        while True:
            before = self.state()
            calls, total = self._programs[self._next]
            loss = self._quietly(_run, calls, total)
            found = self._first_not_finite(loss)
            if found or before.updates > last:
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
            if not np.isfinite(layer.gradient).all():
                return number, "gradient"
        for number, layer in layers:
            if not np.isfinite(layer.matrix).all():
                return number, "weights"
        return None


def _run(calls: Calls, total: Total) -> float:
    for function, arguments in calls:
        function(*arguments)
    return total()


class _Pages:
    """The batches of an epoch, gathered a page at a time into buffers to which the calls are bound once."""

    def __init__(self, trainer: Trainer) -> None:
        self._trainer = trainer
        network, samples, batch = trainer.network, trainer.samples, trainer.batch_size
        self._inputs = with_ones(trainer._inputs, network.dtype)
        row_bytes = self._inputs.strides[0]
        self._full = samples // batch  # full batches in an epoch
        self._per_page = max(1, min(self._full, PAGE_BATCHES, PAGE_BYTES // (row_bytes * batch)))
        self._rest = samples - self._full * batch
        rows = min(samples, self._per_page * batch + self._rest)
        self._page_inputs = np.empty((rows, self._inputs.shape[1]), network.dtype)
        self._page_targets = np.empty((rows, network.outputs), network.dtype)
        self._blocks = np.empty((self._per_page, network.outputs, batch), network.dtype)
        self._rest_block = np.empty((network.outputs, self._rest), network.dtype)
        self._pass = self._make_pass(batch)
        self._rest_pass = self._make_pass(self._rest) if self._rest else None
        self.set_rate(trainer.clock.rate)
        self._update: list[Call] = trainer.optimizer.update(
            network.parameters, trainer._gradients, trainer.slots, trainer.clock
        )
        self._programs = [
            self._bind(self._pass, slice(i * batch, (i + 1) * batch), self._blocks[i]) for i in range(self._per_page)
        ]
        self._held: tuple[int, int] | None = None

    def _make_pass(self, samples: int) -> Pass:
        return self._trainer.network.make_pass(samples, self._trainer._gradients)

    def _bind(self, step: Pass, rows: slice, targets: Array) -> tuple[Calls, Total]:
        calls, total = step.bind(self._page_inputs[rows].T, targets)
        samples = step.samples
        return [*calls, *self._update], lambda: total() / samples

    def set_rate(self, rate: float) -> None:
        """Where the step is linear in the gradient, the error carries the rate from the loss on."""
        if self._trainer.optimizer.folds_rate:
            for step in (self._pass, self._rest_pass):
                if step is not None:
                    step.set_factor(rate)

    def at(self, updates: int) -> tuple[list[tuple[Calls, Total]], int]:
        """The programs of the page that holds update number ``updates``, and its place among them."""
        epoch, batch = divmod(updates, self._trainer.steps_per_epoch)
        last_page = max(0, (self._full - 1) // self._per_page)
        page = min(batch // self._per_page, last_page)
        first = page * self._per_page
        full = min(self._per_page, self._full - first)
        rest = self._rest if page == last_page else 0
        self._gather(epoch, page, slice(first * self._trainer.batch_size, None), full, rest)
        programs = self._programs[:full]
        if rest and self._rest_pass is not None:
            start = full * self._trainer.batch_size
            programs.append(self._bind(self._rest_pass, slice(start, start + rest), self._rest_block))
        return programs, batch - first

    def pass_at(self, updates: int) -> Pass:
        """The buffers that update number ``updates`` (counted from 0) runs through."""
        is_rest = updates % self._trainer.steps_per_epoch == self._full
        return self._rest_pass if is_rest and self._rest_pass is not None else self._pass

    def _gather(self, epoch: int, page: int, rows: slice, full: int, rest: int) -> None:
        order = self._trainer._order
        held = (epoch if order else 0, page)
        if held == self._held:
            return
        self._held = held
        batch = self._trainer.batch_size
        count = full * batch + rest
        inputs, targets = self._page_inputs[:count], self._page_targets[:count]
        if order:
            chosen = order(epoch)[rows][:count]
            self._inputs.take(chosen, 0, inputs, "clip")
            self._trainer._targets.take(chosen, 0, targets, "clip")
        else:
            inputs[...] = self._inputs[rows][:count]
            targets[...] = self._trainer._targets[rows][:count]
        units = targets.shape[1]
        self._blocks[:full] = targets[: full * batch].reshape(full, batch, units).transpose(0, 2, 1)
        if rest:
            self._rest_block[...] = targets[full * batch :].T


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
    trainer = Trainer(network, x, y, optimizer, batch_size, shuffle, seed)
    return _steps(trainer, epochs)


def _steps(trainer: Trainer, epochs: int) -> Iterator[Step]:
    per_epoch, number, make_step = trainer.steps_per_epoch, 0, trainer.step
    for epoch in range(1, epochs + 1):
        for _ in range(per_epoch):
            loss = make_step()
            number += 1
            yield Step(number, epoch, loss)
    trainer.check_finite()
