"""A stack: the parameters of many networks of one shape, or vectors like them, laid out for batched products."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..calls import Array


class Stack:
    """``count`` flat vectors for each of ``networks`` networks whose layers have ``shapes`` = ``(inputs + 1, units)``.

    Outside, a network's vector is as in :attr:`Network.parameters`. Inside, ``rest (count, networks, …)`` holds the
    vectors one below the other, so each layer's matrices can enter a batched product. If all networks see one batch
    (``one_batch``), the first layer's are apart as ``first (count, inputs + 1, units, networks)``: side by side they
    are one wide matrix, and one product serves all.
    """

    def __init__(
        self, shapes: Sequence[tuple[int, int]], networks: int, count: int, dtype: np.dtype[Any], one_batch: bool
    ) -> None:
        self.shapes, self.networks = list(shapes), networks
        sizes = [rows * columns for rows, columns in shapes]
        self.split = sizes[0] if one_batch else 0
        """How many of the parameters are in ``first``."""
        rows, columns = shapes[0] if one_batch else (0, 0)
        self.first: Array = np.zeros((count, rows, columns, networks), dtype)
        self.rest: Array = np.zeros((count, networks, sum(sizes) - self.split), dtype)
        self._ends = list(itertools.accumulate(sizes))

    def read(self) -> Array:
        """A copy of all vectors, ``(count, networks, parameters)``."""
        count = len(self.rest)
        first = self.first.transpose(0, 3, 1, 2).reshape(count, self.networks, self.split)
        return np.concatenate([first, self.rest], axis=2)

    def write(self, values: Array) -> None:
        """Set all vectors, ``(count, networks, parameters)``."""
        first = values[:, :, : self.split].reshape(len(values), self.networks, *self.first.shape[1:3])
        self.first[...] = first.transpose(0, 2, 3, 1)
        self.rest[...] = values[:, :, self.split :]

    def finite(self) -> bool:
        """True if every number is."""
        return bool(np.isfinite(self.first).all() and np.isfinite(self.rest).all())

    def matrices(self) -> list[Array]:
        """Views of the first vectors as matrices ``(networks, inputs + 1, units)``, one per layer, biases last."""
        found = []
        for end, (rows, columns) in zip(self._ends, self.shapes, strict=True):
            start = end - rows * columns - self.split
            if start < 0:
                found.append(self.first[0].transpose(2, 0, 1))
            else:
                found.append(self.rest[0, :, start : start + rows * columns].reshape(-1, rows, columns))
        return found

    def wide_first(self) -> Array:
        """The first layer's matrices side by side, ``(inputs + 1, units · networks)``."""
        rows, columns = self.shapes[0]
        wide: Array = self.first[0].reshape(rows, columns * self.networks)
        return wide

    def blocks(self, weights: Sequence[slice]) -> list[tuple[Array, tuple[slice, ...]]]:
        """The arrays, ``(count, numbers …, networks)`` each, and which of the numbers ``weights`` says are weights."""
        cut = self.split
        rest = tuple(slice(part.start - cut, part.stop - cut) for part in weights if part.start >= cut)
        found = [(self.rest.transpose(0, 2, 1), rest)]
        return [(self.first, (slice(0, self.first.shape[1] - 1),)), *found] if cut else found
