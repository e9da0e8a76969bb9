"""A formation: the arrays and the calls of networks that advance together, none of which has diverged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..calls import Calls, execute
from ..optimizers import Clock, Optimizer, Vectors
from ..steps import TrainingState
from .fitting import as_one
from .passes import ManyPass
from .stack import Stack
from .sweep import Feed, Sweep

Floats = NDArray[np.float64]


class Formation:
    """Advances all networks of a sweep from ``states``, which have done as many updates each."""

    def __init__(self, sweep: Sweep, states: Sequence[TrainingState]) -> None:
        networks, first, one_batch = sweep.networks, sweep.networks[0], sweep.one_batch
        shapes, count = [(place.fan_in + 1, place.units) for place in first.places], len(networks)
        optimizer: Optimizer = as_one(sweep.optimizers)
        parameters, gradients = (Stack(shapes, count, 1, first.dtype, one_batch) for _ in range(2))
        self._parameters, self._slots = parameters, Stack(shapes, count, optimizer.slots, first.dtype, one_batch)
        parameters.write(np.stack([state.parameters for state in states])[None])
        self._slots.write(np.stack([state.slots for state in states], axis=1))
        self._clock, self._folds_rate = Clock(0.0, first.dtype), optimizer.folds_rate
        self._clock.rate_operand = np.zeros(count, first.dtype)
        self._clock.updates = states[0].updates
        update = self._update(optimizer, gradients, first.weight_stretches)
        self._feed, self._batch, self._samples = Feed(sweep), sweep.batch_size, len(sweep.inputs)
        self._per_epoch = -(-self._samples // self._batch)
        kinds = [tuple(network.layers[k].activation for network in networks) for k in range(len(first.layers))]
        sizes = {self._batch, self._samples - (self._per_epoch - 1) * self._batch}
        self._passes = {size: ManyPass(parameters, gradients, kinds, first.loss, size) for size in sizes}
        self._programs: dict[int, Calls] = {size: [*step.calls, *update] for size, step in self._passes.items()}
        self.set_rates(np.asarray([state.rate for state in states]))

    @property
    def updates(self) -> int:
        """Updates done so far."""
        return self._clock.updates

    def step(self) -> Floats:
        """Make one update; the mean losses of the batch before it, ``(networks,)``."""
        epoch, batch = divmod(self._clock.updates, self._per_epoch)
        start = batch * self._batch
        size = min(self._batch, self._samples - start)
        step = self._passes[size]
        self._feed.fill(step, epoch, start)
        execute(self._programs[size])
        self._clock.updates += 1
        losses: Any = step.total() / size
        return np.asarray(losses, np.float64)

    def set_rates(self, rates: Floats) -> None:
        """Change the learning rates ``(networks,)`` from the next update on."""
        own: Any = rates.copy()
        self._clock.set_rate(own)
        if self._folds_rate:
            for step in self._passes.values():
                step.set_factors(own)

    def finite(self) -> bool:
        """True if all parameters are, and all that the optimizers remember."""
        return self._parameters.finite() and self._slots.finite()

    def states(self) -> list[TrainingState]:
        """Copies of the networks' states."""
        rates: Any = self._clock.rate
        each = zip(self._parameters.read()[0], self._slots.read().transpose(1, 0, 2), rates, strict=True)
        return [TrainingState(self.updates, parameters, slots, float(rate)) for parameters, slots, rate in each]

    def _update(self, optimizer: Optimizer, gradients: Stack, weights: Sequence[slice]) -> Calls:
        blocks = (stack.blocks(weights) for stack in (self._parameters, gradients, self._slots))
        vectors = [
            Vectors(parameters[0], own_gradients[0], slots, stretches)
            for (parameters, stretches), (own_gradients, _), (slots, _) in zip(*blocks, strict=True)
        ]
        if optimizer.folds_rate:
            return [call for part in vectors for call in optimizer.update_folded(part)]
        numbers, prepare = optimizer.moving_numbers(self._clock.rate_operand.dtype, self._clock)
        calls: Calls = [(prepare, ())] if prepare else []
        return [*calls, *(call for part in vectors for call in optimizer.update_block(part, numbers))]
