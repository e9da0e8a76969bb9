"""A sweep: which networks are trained with what on which samples, and the order in which they see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..calls import Array
from ..network import Network
from ..optimizers import Optimizer
from ..pages import SampleOrder
from ..passes import with_ones
from ..steps import TrainingState
from ..training import Trainer
from .passes import ManyPass


@dataclass(frozen=True, eq=False)
class Sweep:
    """Networks, optimizers and seeds of the sample order, an entry per network each, and what they train on."""

    networks: tuple[Network, ...]
    optimizers: tuple[Optimizer, ...]
    seeds: tuple[int, ...]
    inputs: Array
    """``(samples, inputs)``, checked."""
    targets: Array
    """``(samples, outputs)``."""
    batch_size: int
    """At most as many as there are samples."""
    shuffle: bool
    options: Mapping[str, Any]
    """What else a trainer of one network is told."""

    @property
    def one_batch(self) -> bool:
        """True if all networks see the same samples in every update."""
        return not self.shuffled or len(set(self.seeds)) == 1

    @property
    def shuffled(self) -> bool:
        """True if samples come in a drawn order; one batch that holds everything has no order to speak of."""
        return self.shuffle and self.batch_size < len(self.inputs)

    def trainer(self, index: int) -> Trainer:
        """The trainer of one network alone."""
        network, optimizer, seed = self.networks[index], self.optimizers[index], self.seeds[index]
        data = self.inputs, self.targets
        return Trainer(network, *data, optimizer, self.batch_size, self.shuffle, seed, **self.options)

    def first_state(self, index: int) -> TrainingState:
        """Where one network's training begins."""
        network, optimizer = self.networks[index], self.optimizers[index]
        slots = np.zeros((optimizer.slots, network.parameters.size), network.dtype)
        return TrainingState(0, network.parameters.copy(), slots, float(optimizer.learning_rate))

    def only(self, chosen: Sequence[int]) -> Sweep:
        """The same sweep with some of its networks."""
        networks, optimizers = tuple(self.networks[k] for k in chosen), tuple(self.optimizers[k] for k in chosen)
        return replace(self, networks=networks, optimizers=optimizers, seeds=tuple(self.seeds[k] for k in chosen))


class Feed:
    """Puts the samples of a batch where a pass wants them, in the order in which a single trainer takes them."""

    def __init__(self, sweep: Sweep) -> None:
        self._inputs, self._targets = with_ones(sweep.inputs, sweep.inputs.dtype), np.ascontiguousarray(sweep.targets)
        self._one_batch, samples = sweep.one_batch, len(sweep.inputs)
        seeds = sweep.seeds[:1] if sweep.one_batch else sweep.seeds
        self._orders = [SampleOrder(samples, seed) for seed in seeds] if sweep.shuffled else []
        self._epoch = -1
        self._rows: NDArray[np.int64] = np.arange(samples)

    def fill(self, step: ManyPass, epoch: int, start: int) -> None:
        """Samples ``start`` and following of an epoch, both counted from 0, into inputs and targets of ``step``."""
        if self._orders and epoch != self._epoch:
            orders = [order(epoch) for order in self._orders]
            self._rows, self._epoch = orders[0] if self._one_batch else np.stack(orders), epoch
        rows = self._rows[..., start : start + step.samples]
        self._inputs.take(rows, 0, step.inputs, "clip")
        targets = self._targets.take(rows, 0)
        np.copyto(step.targets, targets.T[:, None] if self._one_batch else targets.transpose(2, 0, 1))
