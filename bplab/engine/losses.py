"""Losses: what the network is punished for, with the gradient beside the value.

Every loss takes the network's *output activations*. Where a loss and an output activation belong together
(sigmoid with binary cross-entropy, softmax with cross-entropy) value and gradient are computed from z in the
stable form; every other pair is legal too, and shows what goes wrong with it.
Arrays are ``(units, samples)`` and contiguous.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import msgspec
import numpy as np

from .activations import Activation, Sigmoid, Softmax
from .calls import Array, Calls, bound, constant, maximum, minimum
from .choices import Choice

Total = Callable[[], float]
"""Gives the loss summed over the batch, once the calls beside it have run."""


class Loss(Choice):
    """The cost C of a batch: the mean of the samples' losses."""

    __slots__ = ()
    family = "loss"
    partner: ClassVar[type[Activation] | None] = None
    """The output activation with which this loss is computed from z."""
    probabilities: ClassVar[bool] = False
    """True where targets are probabilities in 0..1 whatever the output activation is."""

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        """Calls that write n·∂C/∂a into ``error`` (n samples), and the summed loss."""
        raise NotImplementedError

    def compare_paired(self, z: Array, outputs: Array, targets: Array, delta: Array) -> tuple[Calls, Total]:
        """With the partner activation: calls that write n·∂C/∂z into ``delta``, and the summed loss, from z."""
        raise NotImplementedError

    def pairs_with(self, activation: Any) -> bool:
        """True if value and gradient come from z in the stable form."""
        return self.partner is not None and isinstance(activation, self.partner)


class HalfSquaredError(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="half_squared_error"):
    """½·Σ(a−y)² over the units, the loss of most textbooks: its error is a−y itself."""

    @classmethod
    def title(cls) -> str:
        return "½ squared error"

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        flat = error.reshape(-1)
        square = flat.dot

        def total() -> float:
            return 0.5 * float(square(flat))

        return [(np.subtract, (outputs, targets, error))], total


class MeanSquaredError(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mean_squared_error"):
    """Mean of (a−y)² over the units."""

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        units: int = outputs.shape[0]
        flat = error.reshape(-1)
        square = flat.dot

        def total() -> float:
            return 0.25 * units * float(square(flat))  # error holds 2(a−y)/units

        double = constant(2.0 / units, error)
        return [(np.subtract, (outputs, targets, error)), (np.multiply, (error, double, error))], total


class BinaryCrossEntropy(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="binary_cross_entropy"):
    """−Σ[y·ln a + (1−y)·ln(1−a)] over the units. With sigmoid outputs ∂C/∂z = a−y: no plateau.

    With any other output, a is clipped into (0, 1), so the gradient is 0 where the output lies outside.
    """

    partner = Sigmoid
    probabilities = True

    @classmethod
    def title(cls) -> str:
        return "binary cross-entropy"

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        clipped, other, logs = np.empty_like(outputs), np.empty_like(outputs), np.empty_like(outputs)
        outside = np.empty(outputs.shape, np.bool_)
        tiny = float(np.finfo(outputs.dtype).eps)
        one, zero = constant(1.0, outputs), np.zeros((), outputs.dtype)
        calls: Calls = [
            maximum(outputs, bound(tiny, outputs), clipped),
            minimum(clipped, bound(1.0 - tiny, outputs), clipped),
            (np.subtract, (one, clipped, other)),
            (np.subtract, (clipped, targets, error)),
            (np.divide, (error, clipped, error)),
            (np.divide, (error, other, error)),
            (np.not_equal, (clipped, outputs, outside)),
            (np.copyto, (error, zero, "same_kind", outside)),
        ]

        weigh, hits, misses = logs.reshape(-1).dot, targets.reshape(-1), clipped.reshape(-1)

        def total() -> float:
            np.log(clipped, logs)
            hit = float(weigh(hits))
            np.log(other, logs)
            np.subtract(one, targets, clipped)
            return -hit - float(weigh(misses))

        return calls, total

    def compare_paired(self, z: Array, outputs: Array, targets: Array, delta: Array) -> tuple[Calls, Total]:
        zero, work, product = constant(0.0, z), np.empty_like(z), np.empty_like(z)
        add_up, ones = work.reshape(-1).dot, np.ones(work.size, work.dtype)

        def total() -> float:  # Σ softplus(z) − y·z
            np.logaddexp(zero, z, work)
            np.multiply(targets, z, product)
            np.subtract(work, product, work)
            return float(add_up(ones))

        return [(np.subtract, (outputs, targets, delta))], total


class CrossEntropy(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cross_entropy"):
    """−Σ y·ln a over the classes. With softmax outputs ∂C/∂z = a−y.

    With any other output, a is clipped into (0, 1], so the gradient is 0 where the output lies outside.
    """

    partner = Softmax
    probabilities = True

    @classmethod
    def title(cls) -> str:
        return "cross-entropy"

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        clipped, logs = np.empty_like(outputs), np.empty_like(outputs)
        outside = np.empty(outputs.shape, np.bool_)
        tiny = float(np.finfo(outputs.dtype).eps)
        zero = np.zeros((), outputs.dtype)
        calls: Calls = [
            maximum(outputs, bound(tiny, outputs), clipped),
            minimum(clipped, bound(1.0, outputs), clipped),
            (np.divide, (targets, clipped, error)),
            (np.negative, (error, error)),
            (np.not_equal, (clipped, outputs, outside)),
            (np.copyto, (error, zero, "same_kind", outside)),
        ]

        weigh, hits = logs.reshape(-1).dot, targets.reshape(-1)

        def total() -> float:
            np.log(clipped, logs)
            return -float(weigh(hits))

        return calls, total

    def compare_paired(self, z: Array, outputs: Array, targets: Array, delta: Array) -> tuple[Calls, Total]:
        shifted, work = np.empty_like(z), np.empty_like(z)
        row, ones = np.empty((1, *z.shape[1:]), z.dtype), np.ones((1, z.shape[0]), z.dtype)
        samples = np.ones(row.size, z.dtype)
        add_up, weigh, hits = row.reshape(-1).dot, shifted.reshape(-1).dot, targets.reshape(-1)

        def total() -> float:  # Σ ln Σ e^(z−max) − y·(z−max), since Σy = 1
            np.maximum.reduce(z, 0, None, row, keepdims=True)
            np.copyto(work, row)
            np.subtract(z, work, shifted)
            np.exp(shifted, work)
            ones.dot(work, row)
            np.log(row, row)
            return float(add_up(samples)) - float(weigh(hits))

        return [(np.subtract, (outputs, targets, delta))], total
