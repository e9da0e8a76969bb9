"""Training: one update after another, exactly repeatable, each step ready to be stopped after.

The order of the samples in an epoch is a function of the seed and the epoch's number alone, and the learning rate
one of the update's number, so the state of a training run is its parameters, the optimizer's slots, the number of
updates, the base rate and what a monitor remembers of the losses: nothing else to restore.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike, NDArray

from .calls import Array, Calls, quiet_runner
from .choices import checked
from .errors import DivergenceError, InputError
from .layer_pass import LayerPass
from .monitor import EarlyStopping, Monitor, Watch, run_update
from .network import Network
from .noise import Noise
from .optimizers import SGD, Clock, Optimizer
from .pages import Pages, Program, SampleOrder
from .probes import Evaluation
from .rules import Rules
from .schedules import ConstantRate, Schedule, Span
from .steps import Step, TrainingState

RESCUE_EVERY = 64
"""A copy of the state is kept that is at least this many updates apart from the next; divergence is sought from it."""


Epochs = Annotated[int, Meta(ge=0)]


class _Plan(msgspec.Struct, frozen=True):
    """How to train, held to the limits that an experiment file has."""

    optimizer: Optimizer
    batch_size: Annotated[int, Meta(ge=1)]
    seed: Annotated[int, Meta(ge=0)]
    schedule: Schedule
    rules: Rules
    early_stopping: EarlyStopping
    epochs: Epochs | None


class _Rules(msgspec.Struct, frozen=True):
    rules: Rules


class _Length(msgspec.Struct, frozen=True):
    epochs: Epochs


def calm_bound(dtype: np.dtype[Any]) -> float:
    """The loss beyond which parameters are looked at: the fourth root of the largest number.

    Above it the squares of gradients, which are about as large as the loss and which optimizers sum, may not fit.
    """
    return math.sqrt(math.sqrt(np.finfo(dtype).max))


def _refuse_not_finite(what: str, values: Array) -> None:
    finite = np.isfinite(values)
    if not finite.all():
        sample, column = (int(place[0]) for place in np.nonzero(~finite))
        raise InputError(f"{what}[{sample}, {column}] is {values[sample, column]:g}; expected a finite number")


class Trainer:
    """Trains one network on one set of samples, an update at a time.

    ``x (samples, inputs)``, ``y (samples, outputs)``. Batches are taken in order, or in a new order each epoch
    with ``shuffle``; the last batch of an epoch may be smaller. After :meth:`step`, ``updates`` counts it.

    ``schedule`` moves the learning rate; some need ``epochs``, the length of the whole training. ``rules`` are those
    of an update beside the optimizer's. A schedule or ``early_stopping`` that waits for the loss to improve looks at
    ``validation``, inputs and targets shaped like ``x`` and ``y``, or without it at the mean training loss of each
    epoch; :attr:`stop_due` says when to stop, and :meth:`step` goes on if asked to.

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
        *,
        schedule: Any = ConstantRate(),  # noqa: B008  # a frozen value
        epochs: int | None = None,
        rules: Rules = Rules(),  # noqa: B008  # a frozen value
        early_stopping: EarlyStopping = EarlyStopping(),  # noqa: B008  # a frozen value
        validation: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> None:
        self.network = network
        plan = checked(
            _Plan,
            optimizer=optimizer,
            batch_size=batch_size,
            seed=seed,
            schedule=schedule,
            rules=rules,
            early_stopping=early_stopping,
            epochs=epochs,
        )
        if plan.schedule.needs_length and plan.epochs is None:
            raise InputError(f"a {plan.schedule.title()} schedule depends on how long the training is: give epochs")
        self.optimizer: Optimizer = plan.optimizer
        self.schedule: Schedule = plan.schedule
        self.rules = plan.rules
        self._stopping = plan.early_stopping
        inputs, targets = network.checked_batch(x, y)
        _refuse_not_finite("inputs", inputs)
        _refuse_not_finite("targets", targets)
        self.samples = len(inputs)
        self.batch_size = min(plan.batch_size, self.samples)
        self._span = Span(self.steps_per_epoch, self.steps_per_epoch * (plan.epochs or 0))
        # One batch that holds everything has no order to speak of.
        order = SampleOrder(self.samples, plan.seed) if shuffle and self.batch_size < self.samples else None
        self.clock = Clock(self.optimizer.learning_rate, network.dtype)
        self._base = self.clock.rate
        self.slots: Array = np.zeros((self.optimizer.slots, network.parameters.size), network.dtype)
        self._gradients = gradients = np.zeros_like(network.parameters)
        self._calm = calm_bound(network.dtype)
        self._quietly = quiet_runner()
        update = self._update_by(plan.rules)
        before: Calls = [(self._set_rate, ())] if self.schedule.moves else []
        noise = Noise(plan.seed, self.clock)
        self._pages = Pages(network, inputs, targets, self.batch_size, order, gradients, before, update, noise)
        self._monitor = self._make_monitor(validation)
        self._run = self._monitor.run if self._monitor else run_update
        self._programs: list[Program] = []
        self._next = 0
        self._rescue = self.state()
        self.set_learning_rate(self._base)

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
        loss: float = self._quietly(self._run, *self._programs[self._next])
        self._next += 1
        self.clock.updates += 1
        if not -self._calm < loss < self._calm:  # NaN, infinite, or on the way there
            self._look_at(loss)
        return loss

    def _look_at(self, loss: float) -> None:
        """What a loss says that is out of all bounds; a large one may have lost the optimizer's squares already."""
        if loss - loss != 0.0:
            self._diverge()
        self.check_finite()

    @property
    def learning_rate(self) -> float:
        """The rate of the coming update."""
        reduction = self._monitor.plateau.reduction if self._monitor else 1.0
        return self.schedule.rate(self._base * reduction, self.updates, self._span)

    @property
    def stop_due(self) -> bool:
        """True if the latest update ended an epoch with which early stopping has lost its patience."""
        ended = self.updates > 0 and self.updates % self.steps_per_epoch == 0
        return ended and self._monitor is not None and self._monitor.out_of_patience

    @property
    def best_monitored(self) -> float:
        """The lowest loss that early stopping has seen."""
        return self._monitor.waiting.best if self._monitor else math.inf

    def samples_of(self, updates: int) -> NDArray[np.int64]:
        """Numbers of the samples, in order, that update number ``updates`` (from 0) takes, ``(samples,)``."""
        return self._pages.samples_of(updates)

    def set_learning_rate(self, rate: float) -> None:
        """Change the base rate from the next update on; the schedule goes on from where it stands."""
        self._base = rate
        if self._monitor is not None:
            self._monitor.base = rate
        self._set_rate()
        if self._is_finite():
            self._rescue = self.state()  # steps made at another rate could not be repeated

    def set_rules(self, rules: Rules) -> None:
        """Change penalties, clipping and max-norm from the next update on."""
        self.rules = checked(_Rules, rules=rules).rules
        self._pages.set_update(self._update_by(self.rules))
        self._pages.set_factor(1.0)
        self._open_page()
        self.set_learning_rate(self._base)  # puts it where it belongs now; no step before this can be repeated

    def state(self) -> TrainingState:
        """A copy of the state, to go on from later."""
        watch = self._monitor.state() if self._monitor else Watch()
        parameters, slots = self.network.parameters.copy(), self.slots.copy()
        return TrainingState(self.updates, parameters, slots, self._base, watch, self.clock.memory_from)

    def restore(self, state: TrainingState) -> None:
        """Go back, or on, to ``state``."""
        self.network.parameters[...] = state.parameters
        self.slots[...] = state.slots
        self.clock.updates, self.clock.memory_from = state.updates, state.memory_from
        if self._monitor is not None:
            self._monitor.restore(state.watch)
        self.set_learning_rate(state.rate)
        self._turn_page()

    def check_finite(self) -> None:
        """Raise ``DivergenceError`` if a parameter or slot is not finite; the loss would show it later only."""
        if not self._is_finite():
            self._diverge()

    def _is_finite(self) -> bool:
        return bool(np.isfinite(self.network.parameters).all() and np.isfinite(self.slots).all())

    def _make_monitor(self, validation: tuple[ArrayLike, ArrayLike] | None) -> Monitor | None:
        if not Monitor.is_needed(self.schedule, self._stopping):
            return None
        evaluation = None
        if validation is not None:
            inputs, targets = self.network.checked_batch(*validation)
            _refuse_not_finite("validation inputs", inputs)
            _refuse_not_finite("validation targets", targets)
            evaluation = Evaluation(self.network, inputs, targets)
        per_epoch = self.steps_per_epoch
        return Monitor(self.schedule, self._stopping, self.clock, self.samples, per_epoch, evaluation)

    def _update_by(self, rules: Rules) -> Calls:
        """Calls from the gradient to the new parameters; the rate is in the gradient where no rule looks at that."""
        self._folds = self.optimizer.folds_rate and not rules.see_gradients
        return rules.update(self.network, self._gradients, self.slots, self.optimizer, self.clock, self._folds)

    def _set_rate(self) -> None:
        rate = self.learning_rate
        self.clock.set_rate(rate)
        if self._folds:
            self._pages.set_factor(rate)

    def _turn_page(self) -> None:
        if self.updates - self._rescue.updates >= RESCUE_EVERY:
            self.check_finite()
            self._rescue = self.state()
        self._open_page()

    def _open_page(self) -> None:
        self._programs, self._next = self._pages.at(self.updates)
        if self._monitor is not None:
            self._set_rate()  # an epoch, with which it may have been lowered, ends with a page

    def _diverge(self) -> None:
        """Find the first number that is not finite, by repeating the last steps with a look at everything."""
        last = self.updates
        self.restore(self._rescue)
        while True:
            before = self.state()
            loss = self._quietly(self._run, *self._programs[self._next])
            found = self._first_not_finite(loss, before)
            if found or before.updates >= last:
                self.restore(before)
                raise DivergenceError(before.updates + 1, *(found or (0, "loss")))
            self._next += 1
            self.clock.updates += 1
            if self._next == len(self._programs):
                self._open_page()

    def _first_not_finite(self, loss: float, before: TrainingState) -> tuple[int, str] | None:
        """Layer and quantity, after the update of ``before`` with ``loss``; that state is then to be restored.

        None while loss, parameters and slots are finite: to a ReLU, −∞ is as good as any other number below 0.
        """
        layers = list(enumerate(self._pages.pass_at(self.updates).layers, start=1))
        written = self._first_not_finite_written(layers)
        if np.isfinite(loss) and not written:
            return None
        for number, layer in layers:
            if not (np.isfinite(layer.z).all() and np.isfinite(layer.outputs).all()):
                return number, "weighted inputs"
        if not np.isfinite(loss):
            return 0, "loss"
        self._repeat_at_rate_1(before)
        for number, layer in reversed(layers):
            if not all(np.isfinite(part).all() for part in layer.wiring.gradients.values()):
                return number, "gradient"
        return written

    def _first_not_finite_written(self, layers: list[tuple[int, LayerPass]]) -> tuple[int, str] | None:
        for number, layer in layers:
            for part in layer.place.parts:
                if not np.isfinite(layer.wiring.numbers[part.name]).all():
                    return number, "weights" if part.learned else "running averages"
        for number, slots in enumerate(self._slots_by_layer(), start=1):
            if not np.isfinite(slots).all():
                return number, "optimizer's memory"
        return None

    def _repeat_at_rate_1(self, before: TrainingState) -> None:
        """Make the update of ``before`` once more, so that the buffers hold its gradient without the learning rate."""
        self.network.parameters[...], self.slots[...] = before.parameters, before.slots
        self.clock.set_rate(1.0)
        self._pages.set_factor(1.0)
        calls, total, samples = self._programs[self._next]
        self._quietly(run_update, [call for call in calls if call[0] != self._set_rate], total, samples)

    def _slots_by_layer(self) -> list[Array]:
        """What the optimizer remembers of each layer, ``(slots, parameters of the layer)``."""
        return [self.slots[:, stretch] for stretch in self.network.layer_stretches]


def train(
    network: Network,
    x: ArrayLike,
    y: ArrayLike,
    optimizer: Any = SGD(),  # noqa: B008  # a frozen value
    batch_size: int = 32,
    epochs: int = 1,
    shuffle: bool = True,
    seed: int = 0,
    *,
    schedule: Any = ConstantRate(),  # noqa: B008  # a frozen value
    rules: Rules = Rules(),  # noqa: B008  # a frozen value
    early_stopping: EarlyStopping = EarlyStopping(),  # noqa: B008  # a frozen value
    validation: tuple[ArrayLike, ArrayLike] | None = None,
) -> Iterator[Step]:
    """Train ``network`` in place; yields a :class:`Step` after every update and stops when you stop asking.

    ``x (samples, inputs)``, ``y (samples, outputs)``; :class:`Trainer` tells of the other arguments. Early stopping
    ends the training. Raises ``InputError`` and ``DivergenceError`` as :class:`Trainer` does.
    """
    epochs = checked(_Length, epochs=epochs).epochs
    trainer = Trainer(
        network,
        x,
        y,
        optimizer,
        batch_size,
        shuffle,
        seed,
        schedule=schedule,
        epochs=epochs,
        rules=rules,
        early_stopping=early_stopping,
        validation=validation,
    )
    return _steps(trainer, epochs)


def _steps(trainer: Trainer, epochs: int) -> Iterator[Step]:
    per_epoch, number, make_step = trainer.steps_per_epoch, 0, trainer.step
    for epoch in range(1, epochs + 1):
        for _ in range(per_epoch):
            loss = make_step()
            number += 1
            yield Step(number, epoch, loss)
        if trainer.stop_due:
            break
    trainer.check_finite()
