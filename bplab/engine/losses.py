"""Losses: what the network is punished for, with the gradient beside the value.

Every loss takes the network's *output activations*. Where a loss and an output activation belong together
(sigmoid with binary cross-entropy, softmax with cross-entropy) value and gradient are computed from z in the
stable form; every other pair is legal too, and shows what goes wrong with it.
Arrays are ``(units, samples)`` and contiguous; with many networks at once ``(units, networks, samples)``, and a
summed loss is then an array with an entry per network.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, ClassVar, cast

import msgspec
import numpy as np
from msgspec import Meta

from .activations import Activation, Sigmoid, Softmax
from .calls import Array, Call, Calls, bound, constant, maximum, minimum
from .choices import Choice

Total = Callable[[], float]
"""Gives the loss summed over the batch, once the calls beside it have run; asked again, it says the same."""


class Loss(Choice):
    """The cost C of a batch: the mean of the samples' losses."""

    __slots__ = ()
    family = "loss"
    partner: ClassVar[type[Activation] | None] = None
    """The output activation with which this loss is computed from z."""
    probabilities: ClassVar[bool] = False
    """True where targets are probabilities in 0..1 whatever the output activation is."""
    signed: ClassVar[bool] = False
    """True where a target names a side, −1 or +1 (or 0 or 1), whatever the output activation is: for classes only."""

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
        return [(np.subtract, (outputs, targets, error))], _dot(error, error, 0.5)


class MeanSquaredError(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mean_squared_error"):
    """Mean of (a−y)² over the units: for regression. An output far off pulls as hard as it is far."""

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        units: int = outputs.shape[0]
        double, total = constant(2.0 / units, error), _dot(error, error, 0.25 * units)  # error holds 2(a−y)/units
        return [(np.subtract, (outputs, targets, error)), (np.multiply, (error, double, error))], total


class MeanAbsoluteError(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mean_absolute_error"):
    """Mean of |a−y| over the units. Its gradient has one size however far off: robust, but it never calms down."""

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        share, off = constant(1.0 / outputs.shape[0], error), np.empty_like(error)
        calls: Calls = [
            (np.subtract, (outputs, targets, off)),
            (np.sign, (off, error)),
            (np.multiply, (error, share, error)),
        ]
        return calls, _dot(error, off)


class Huber(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="huber"):
    """Squared within ±delta, straight beyond, mean over the units (Huber 1964): outliers pull with one force only."""

    delta: Annotated[float, Meta(gt=0.0, le=1e6, description="where the parabola turns into a line")] = 1.0

    @classmethod
    def title(cls) -> str:
        return "Huber"

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        share, off, cut = constant(1.0 / outputs.shape[0], error), np.empty_like(error), np.empty_like(error)
        calls: Calls = [
            (np.subtract, (outputs, targets, off)),
            minimum(off, bound(self.delta, off), cut),
            maximum(cut, bound(-self.delta, cut), cut),
            (np.multiply, (cut, share, error)),
        ]

        products, squares, half_units = _dot(error, off), _dot(error, error), 0.5 * len(error)
        # Σ cut·off − cut²/2: the parabola inside, the line outside
        return calls, lambda: products() - half_units * squares()


class LogCosh(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="log_cosh"):
    """Mean of ln cosh(a−y) over the units: like Huber's, but smooth; its gradient is tanh of the error."""

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        share, off, near, far = constant(1.0 / outputs.shape[0], error), *(np.empty_like(error) for _ in range(3))
        calls: Calls = [
            (np.subtract, (outputs, targets, off)),
            (np.tanh, (off, error)),
            (np.multiply, (error, share, error)),
        ]
        straight, half = bound(20.0, error), constant(0.5, error)
        mean = _dot(near, np.full_like(near, 1.0 / len(near)))

        def total() -> float:  # ln cosh x = ln(1 + 2·sinh²(x/2)), a straight line to the last bit beyond ±20
            np.abs(off, far)
            np.minimum(far, straight, out=near)
            np.subtract(far, near, far)
            np.multiply(near, half, near)
            np.sinh(near, near)
            np.multiply(near, near, near)
            np.add(near, near, near)
            np.log1p(near, near)
            np.add(near, far, near)
            return mean()

        return calls, total


class Hinge(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="hinge"):
    """Mean of max(0, 1−y·a) over the units, for targets −1/+1 (Cortes & Vapnik 1995): right and sure costs nothing.

    Targets written 0/1 count as −1/+1.
    """

    signed = True

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        side, margin = np.empty_like(error), np.empty_like(error)
        half, zero, one = constant(0.5, error), bound(0.0, error), constant(1.0, error)
        calls: Calls = [
            (np.subtract, (targets, half, side)),
            (np.copysign, (one, side, side)),
            (np.multiply, (side, outputs, margin)),
            (np.subtract, (one, margin, margin)),
            maximum(margin, zero, margin),
            (np.sign, (margin, error)),
            (np.multiply, (error, side, error)),
            (np.multiply, (error, constant(-1.0 / outputs.shape[0], error), error)),
        ]
        return calls, _dot(margin, np.full_like(margin, 1.0 / len(margin)))


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
        clipped, other, logs, not_targets = (np.empty_like(error) for _ in range(4))
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

        hits, misses = _dot(logs, targets), _dot(logs, not_targets)

        def total() -> float:
            np.log(clipped, logs)
            hit = hits()
            np.log(other, logs)
            np.subtract(one, targets, not_targets)
            return -hit - misses()

        return calls, total

    def compare_paired(self, z: Array, outputs: Array, targets: Array, delta: Array) -> tuple[Calls, Total]:
        zero, work, product = constant(0.0, z), np.empty_like(z), np.empty_like(z)
        whole = _dot(work, np.ones_like(work))

        def total() -> float:  # Σ softplus(z) − y·z
            np.logaddexp(zero, z, work)
            np.multiply(targets, z, product)
            np.subtract(work, product, work)
            return whole()

        return [(np.subtract, (outputs, targets, delta))], total


class CrossEntropy(Loss, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="cross_entropy"):
    """−Σ y·ln a over the classes, of which one is right. With softmax outputs ∂C/∂z = a−y: no plateau.

    Targets that do not sum to 1 are taken at their word, ∂C/∂z = a·Σy − y. With any other output, a is clipped
    into (0, 1], so the gradient is 0 where the output lies outside.
    """

    partner = Softmax
    probabilities = True
    smoothing: Annotated[
        float, Meta(ge=0.0, lt=1.0, description="share of each target spread over all classes (Szegedy et al. 2016)")
    ] = 0.0

    @classmethod
    def title(cls) -> str:
        return "cross-entropy"

    def compare(self, outputs: Array, targets: Array, error: Array) -> tuple[Calls, Total]:
        clipped, logs = np.empty_like(outputs), np.empty_like(outputs)
        outside = np.empty(outputs.shape, np.bool_)
        tiny = float(np.finfo(outputs.dtype).eps)
        zero = np.zeros((), outputs.dtype)
        smooth, soft = self._soft(targets)
        calls: Calls = [
            *smooth,
            maximum(outputs, bound(tiny, outputs), clipped),
            minimum(clipped, bound(1.0, outputs), clipped),
            (np.divide, (soft, clipped, error)),
            (np.negative, (error, error)),
            (np.not_equal, (clipped, outputs, outside)),
            (np.copyto, (error, zero, "same_kind", outside)),
        ]

        hits = _dot(logs, soft)

        def total() -> float:
            np.log(clipped, logs)
            return -hits()

        return calls, total

    def compare_paired(self, z: Array, outputs: Array, targets: Array, delta: Array) -> tuple[Calls, Total]:
        shifted, work = np.empty_like(z), np.empty_like(z)
        row, shares = (np.empty((1, *z.shape[1:]), z.dtype) for _ in range(2))
        smooth, soft = self._soft(targets)
        calls: Calls = [
            *smooth,
            _sum_units(soft, shares),  # Σy is 1 for true shares, but a target may be anything
            (np.copyto, (delta, shares)),
            (np.multiply, (outputs, delta, delta)),
            (np.subtract, (delta, soft, delta)),
        ]
        logs_of_sums, hits, (sum_units, work_and_row) = _dot(row, shares), _dot(shifted, soft), _sum_units(work, row)

        def total() -> float:  # Σ Σy·ln Σ e^(z−max) − y·(z−max)
            np.maximum.reduce(z, 0, None, row, keepdims=True)
            np.copyto(work, row)
            np.subtract(z, work, shifted)
            np.exp(shifted, work)
            sum_units(*work_and_row)
            np.log(row, row)
            return logs_of_sums() - hits()

        return calls, total

    def _soft(self, targets: Array) -> tuple[Calls, Array]:
        if not self.smoothing:
            return [], targets
        soft = np.empty_like(targets, order="C")
        spread = constant(self.smoothing / len(targets), soft)
        kept = constant(1.0 - self.smoothing, soft)
        return [(np.multiply, (targets, kept, soft)), (np.add, (soft, spread, soft))], soft


def _sum_units(x: Array, out: Array) -> Call:
    """Sums over the units, as a product with ones: quicker than a reduction."""
    ones = np.ones((1, len(x)), x.dtype)
    return ones.dot, (x.reshape(len(x), -1), out.reshape(1, -1))


def _dot(x: Array, y: Array, factor: float = 1.0) -> Total:
    """What gives ``factor``·Σ x·y over all entries, in one call that no version of NumPy buffers."""
    if x.ndim == 3:
        return _dot_by_network(x, y, factor)
    dot, other = x.reshape(-1).dot, y.reshape(-1)
    return lambda: factor * float(dot(other))


def _dot_by_network(x: Array, y: Array, factor: float) -> Total:
    """The same for arrays ``(units, networks, samples)``: a sum for each network."""
    units, networks, samples = x.shape
    products, of_units = np.empty(x.shape, x.dtype), np.empty(units * networks, x.dtype)
    over_samples, over_units = products.reshape(-1, samples).dot, np.full(units, factor, x.dtype).dot
    ones, by_network = np.ones(samples, x.dtype), of_units.reshape(units, networks)

    def total() -> Any:
        np.multiply(x, y, products)
        over_samples(ones, of_units)
        return over_units(by_network)

    return cast("Total", total)  # a total is added to, subtracted and divided: arrays can be, as numbers can
