"""Pages: the samples of an epoch in their order, gathered a page of batches at a time.

The calls of an update are bound to the page's buffers once. From then on, a new page and a new epoch only copy
samples into those buffers, and an update is a program that is ready to run.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .calls import Array, Calls
from .losses import Total
from .network import Network
from .noise import Noise
from .passes import Pass, with_ones

Program = tuple[Calls, Total, int]
"""The calls of one update, what gives the summed loss of its batch afterwards, and the samples in it."""

ORDERS_PER_GENERATOR = 16
"""A generator costs more than a permutation of a small data set, so one serves this many epochs."""
PAGE_BATCHES = 256
PAGE_BYTES = 2**20
"""A page this small is still in the core's cache when its batches are multiplied."""
OUTPUT_ROWS = 8
"""Arrays like the targets that a page may hold: the targets themselves twice, and what a loss needs as scratch."""


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


class Pages:
    """The programs of all updates of an epoch. ``inputs (samples, inputs)``, ``targets (samples, outputs)``.

    Batches hold ``batch_size`` samples, the last of an epoch what remains. Without an ``order`` the samples
    come as they stand. ``before`` are calls that every update begins with, ``update`` those that follow
    back-propagation into the flat ``gradients``; ``noise`` is what dropout draws from.
    """

    def __init__(
        self,
        network: Network,
        inputs: Array,
        targets: Array,
        batch_size: int,
        order: SampleOrder | None,
        gradients: Array,
        before: Calls,
        update: Calls,
        noise: Noise,
    ) -> None:
        self._inputs, self._targets = with_ones(inputs, network.dtype), targets.copy()
        self._batch, self._order = batch_size, order
        samples = len(inputs)
        full = samples // batch_size  # full batches in an epoch, at least one
        self._rest = samples - full * batch_size
        self.steps_per_epoch = full + (self._rest > 0)
        sample_bytes = self._inputs.strides[0] + OUTPUT_ROWS * targets.strides[0]
        self._per_page = max(1, min(full, PAGE_BATCHES, PAGE_BYTES // (sample_bytes * batch_size)))
        self._last_page = (full - 1) // self._per_page
        self._full_on_last = full - self._last_page * self._per_page
        rows = min(samples, self._per_page * batch_size + self._rest)
        self._page_inputs = np.empty((rows, self._inputs.shape[1]), network.dtype)
        self._page_targets = np.empty((rows, network.outputs), network.dtype)
        self._blocks = np.empty((self._per_page, network.outputs, batch_size), network.dtype)
        self._rest_block = np.empty((network.outputs, self._rest), network.dtype)
        self._pass = network.make_pass(batch_size, gradients, "training", noise)
        self._rest_pass = network.make_pass(self._rest, gradients, "training", noise) if self._rest else None
        self._before, self._update = before, update
        self._programs, self._last_programs = self._make_programs()
        self._held: tuple[int, int] | None = None

    def at(self, updates: int) -> tuple[list[Program], int]:
        """The programs of the page that holds update number ``updates`` (from 0), and its place among them."""
        epoch, batch = divmod(updates, self.steps_per_epoch)
        page = min(batch // self._per_page, self._last_page)
        self._gather(epoch, page)
        return self._last_programs if page == self._last_page else self._programs, batch - page * self._per_page

    def pass_at(self, updates: int) -> Pass:
        """The buffers that update number ``updates`` (from 0) runs through."""
        is_last = (updates + 1) % self.steps_per_epoch == 0
        return self._rest_pass if is_last and self._rest_pass else self._pass

    def samples_of(self, updates: int) -> NDArray[np.int64]:
        """Numbers of the samples that update number ``updates`` (from 0) takes, in order."""
        epoch, batch = divmod(updates, self.steps_per_epoch)
        there = slice(batch * self._batch, (batch + 1) * self._batch)
        return self._order(epoch)[there] if self._order else np.arange(len(self._inputs))[there]

    def set_factor(self, factor: float) -> None:
        """Let all gradients come out ``factor`` times as large."""
        for step in (self._pass, self._rest_pass):
            if step is not None:
                step.set_factor(factor)

    def set_update(self, update: Calls) -> None:
        """Let other calls follow back-propagation, from the next program on that :meth:`at` gives."""
        self._update = update
        self._programs, self._last_programs = self._make_programs()

    def _make_programs(self) -> tuple[list[Program], list[Program]]:
        """Programs of a whole page and of an epoch's last page."""
        batch = self._batch
        whole = [
            self._bind(self._pass, slice(i * batch, (i + 1) * batch), block)
            for i, block in enumerate(self._blocks)
        ]
        last = whole[: self._full_on_last]
        if self._rest_pass:
            start = self._full_on_last * batch
            last.append(self._bind(self._rest_pass, slice(start, start + self._rest), self._rest_block))
        return whole, last

    def _bind(self, step: Pass, rows: slice, targets: Array) -> Program:
        calls, total = step.bind(self._page_inputs[rows].T, targets)
        return [*self._before, *calls, *self._update], total, step.samples

    def _gather(self, epoch: int, page: int) -> None:
        held = (epoch if self._order else 0, page)
        if held == self._held:
            return
        self._held = held
        full, rest = (self._full_on_last, self._rest) if page == self._last_page else (self._per_page, 0)
        first, count = page * self._per_page * self._batch, full * self._batch + rest
        inputs, targets = self._page_inputs[:count], self._page_targets[:count]
        if self._order:
            chosen = self._order(epoch)[first : first + count]
            self._inputs.take(chosen, 0, inputs, "clip")
            self._targets.take(chosen, 0, targets, "clip")
        else:
            inputs[...] = self._inputs[first : first + count]
            targets[...] = self._targets[first : first + count]
        in_batches = targets[: full * self._batch].reshape(full, self._batch, -1)
        self._blocks[:full] = in_batches.transpose(0, 2, 1)
        if rest:
            self._rest_block[...] = targets[full * self._batch :].T
