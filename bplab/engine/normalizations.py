"""Normalizations: what keeps a layer's signals at unit size, whatever its weights do.

A learned scale γ and shift β follow, ``y = γ·x̂ + β`` with one γ and β per unit. Each knows its forward calls, its
gradient and what it learns; arrays are ``(units, samples)``.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import msgspec
import numpy as np
from msgspec import Meta

from .calls import Array, Calls, constant, with_spread
from .choices import Choice

Placement = Annotated[
    Literal["before", "after"], Meta(description="before the activation, or after it, as some papers advise")
]
Epsilon = Annotated[float, Meta(gt=0.0, le=1.0, description="added to the variance; guards the division")]
Mode = Literal["training", "probe", "evaluation"]
"""Training draws dropout and moves running averages; a probe sees the batch as training does, without either;
evaluation uses what was learned and nothing of the batch."""


class Normalization(Choice):
    """Brings a layer's weighted inputs, or its outputs, to mean 0 and variance 1, then scales and shifts them."""

    __slots__ = ()
    family = "normalization"
    shifts: ClassVar[bool] = True
    """False where there is no β."""
    averages: ClassVar[bool] = False
    """True where running averages are kept for evaluation."""
    place: Placement
    epsilon: float

    def learned(self) -> dict[str, float]:
        """What it learns, an entry per unit, and the first values."""
        return {"scale": 1.0, "shift": 0.0} if self.shifts else {"scale": 1.0}

    def kept(self) -> dict[str, float]:
        """What it keeps beside, an entry per unit, and the first values: running averages."""
        return {"running_mean": 0.0, "running_variance": 1.0} if self.averages else {}

    def stage(
        self, x: Array, out: Array, numbers: dict[str, Array], gradients: dict[str, Array], mode: Mode
    ) -> NormalizationStage:
        """The calls for one batch, from ``x`` to ``out``."""
        raise NotImplementedError


class BatchNorm(Normalization, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="batch_norm"):
    """Each unit over the batch (Ioffe & Szegedy 2015); running averages stand in for the batch in evaluation.

    A running average moves by ``momentum`` of the way to the batch's value at every update, the variance to its
    unbiased estimate. A batch of one sample has no variance and moves neither.
    """

    place: Placement = "before"
    momentum: Annotated[float, Meta(ge=0.0, le=1.0, description="share of a batch in the running averages")] = 0.1
    epsilon: Epsilon = 1e-5
    averages = True

    def stage(
        self, x: Array, out: Array, numbers: dict[str, Array], gradients: dict[str, Array], mode: Mode
    ) -> NormalizationStage:
        return _BatchStage(self, x, out, numbers, gradients, mode)


class LayerNorm(Normalization, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="layer_norm"):
    """Each sample over the layer's units (Ba, Kiros & Hinton 2016); the same in training and evaluation."""

    place: Placement = "before"
    epsilon: Epsilon = 1e-5

    def stage(
        self, x: Array, out: Array, numbers: dict[str, Array], gradients: dict[str, Array], mode: Mode
    ) -> NormalizationStage:
        return _UnitsStage(self, x, out, numbers, gradients, centred=True)


class RMSNorm(Normalization, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rms_norm"):
    """Each sample by the root mean square of its units, not centred (Zhang & Sennrich 2019)."""

    place: Placement = "before"
    epsilon: Epsilon = 1e-5
    shifts = False

    @classmethod
    def title(cls) -> str:
        return "RMS norm"

    def stage(
        self, x: Array, out: Array, numbers: dict[str, Array], gradients: dict[str, Array], mode: Mode
    ) -> NormalizationStage:
        return _UnitsStage(self, x, out, numbers, gradients, centred=False)


class NormalizationStage:
    """One batch through a normalization. ``x`` and ``out`` are ``(units, samples)``, and may not be one array."""

    def __init__(
        self, kind: Normalization, x: Array, out: Array, numbers: dict[str, Array], gradients: dict[str, Array]
    ) -> None:
        self._x, self._out = x, out
        self._scale, self._scale_gradient = numbers["scale"], gradients["scale"]
        self._shift, self._shift_gradient = numbers.get("shift"), gradients.get("shift")
        self._normal, self._scratch, self._spread = (np.empty_like(x) for _ in range(3))
        self._epsilon = kind.epsilon
        self._ones_samples = np.ones(x.shape[1], x.dtype)

    def forward(self) -> Calls:
        """Calls that write ``γ·x̂ + β`` into ``out``."""
        raise NotImplementedError

    def backward(self, error: Array) -> Calls:
        """Calls that turn ``error`` from ∂C/∂out into ∂C/∂x in place, and write the gradients of γ and β."""
        raise NotImplementedError

    def _scaled(self) -> Calls:
        calls = self._by(np.multiply, self._normal, self._scale[:, None], self._out)
        if self._shift is not None:
            calls += self._by(np.add, self._out, self._shift[:, None], self._out)
        return calls

    def _by(self, function: Any, x: Array, vector: Array, out: Array) -> Calls:
        return with_spread(function, x, vector, self._spread, out)

    def _learn(self, error: Array) -> Calls:
        """Gradients of γ and β; leaves ``error·x̂`` in the scratch."""
        calls: Calls = [
            (np.multiply, (error, self._normal, self._scratch)),
            (self._scratch.dot, (self._ones_samples, self._scale_gradient)),
        ]
        if self._shift_gradient is not None:
            calls.append((error.dot, (self._ones_samples, self._shift_gradient)))
        return calls

    def _inverse_root(self, mean_square: Array) -> Calls:
        """1/√(mean square + ε), in place; of squares that overflow no silent 0 but a NaN, which is found."""
        root = np.empty_like(mean_square)
        return [
            (np.add, (mean_square, constant(self._epsilon, mean_square), mean_square)),
            (np.sqrt, (mean_square, root)),
            (np.divide, (root, mean_square, mean_square)),
        ]


class _BatchStage(NormalizationStage):
    """Mean and variance of each unit over the samples."""

    def __init__(
        self,
        kind: BatchNorm,
        x: Array,
        out: Array,
        numbers: dict[str, Array],
        gradients: dict[str, Array],
        mode: Mode,
    ) -> None:
        super().__init__(kind, x, out, numbers, gradients)
        units, self._samples = x.shape
        self._mode, self._momentum = mode, kind.momentum
        self._running = numbers["running_mean"], numbers["running_variance"]
        self._mean, self._inverse, self._part = (np.empty(units, x.dtype) for _ in range(3))
        self._share = np.full(self._samples, 1.0 / self._samples, x.dtype)
        self._second = np.empty(units, x.dtype)

    def forward(self) -> Calls:
        mean, inverse, normal = self._mean, self._inverse, self._normal
        if self._mode == "evaluation":
            running_mean, running_variance = self._running
            calls: Calls = [
                *self._by(np.subtract, self._x, running_mean[:, None], normal),
                (np.copyto, (inverse, running_variance)),
            ]
        else:
            calls = [
                (self._x.dot, (self._share, mean)),
                *self._by(np.subtract, self._x, mean[:, None], normal),
                (np.multiply, (normal, normal, self._scratch)),
                (self._scratch.dot, (self._share, inverse)),
                *self._move_averages(),
            ]
        return [
            *calls,
            *self._inverse_root(inverse),
            *self._by(np.multiply, normal, inverse[:, None], normal),
            *self._scaled(),
        ]

    def _move_averages(self) -> Calls:
        if self._mode != "training" or self._samples == 1:
            return []
        part, (running_mean, running_variance) = self._part, self._running
        keep, take = constant(1.0 - self._momentum, part), constant(self._momentum, part)
        unbiased = constant(self._momentum * self._samples / (self._samples - 1), part)
        return [
            (np.multiply, (running_mean, keep, running_mean)),
            (np.multiply, (self._mean, take, part)),
            (np.add, (running_mean, part, running_mean)),
            (np.multiply, (running_variance, keep, running_variance)),
            (np.multiply, (self._inverse, unbiased, part)),
            (np.add, (running_variance, part, running_variance)),
        ]

    def backward(self, error: Array) -> Calls:
        part, second, share = self._part, self._second, constant(1.0 / self._samples, self._part)
        return [
            *self._learn(error),
            # Σδ·x̂ and Σδ over the batch are the gradients of γ and β already.
            (np.multiply, (self._scale_gradient, share, part)),
            *self._by(np.multiply, self._normal, part[:, None], self._scratch),
            (np.subtract, (error, self._scratch, error)),
            (np.multiply, (self._shift_gradient, share, part)),
            *self._by(np.subtract, error, part[:, None], error),
            (np.multiply, (self._scale, self._inverse, second)),
            *self._by(np.multiply, error, second[:, None], error),
        ]


class _UnitsStage(NormalizationStage):
    """Mean (where centred) and mean square of each sample over the units."""

    def __init__(
        self,
        kind: Any,
        x: Array,
        out: Array,
        numbers: dict[str, Array],
        gradients: dict[str, Array],
        centred: bool,
    ) -> None:
        super().__init__(kind, x, out, numbers, gradients)
        units, samples = x.shape
        self._centred = centred
        self._share = np.full(units, 1.0 / units, x.dtype)
        self._mean, self._inverse = np.empty(samples, x.dtype), np.empty(samples, x.dtype)

    def forward(self) -> Calls:
        mean, inverse, normal, x = self._mean, self._inverse, self._normal, self._x
        calls: Calls = []
        if self._centred:
            calls = [(self._share.dot, (x, mean)), *self._by(np.subtract, x, mean, normal)]
            x = normal
        return [
            *calls,
            (np.multiply, (x, x, self._scratch)),
            (self._share.dot, (self._scratch, inverse)),
            *self._inverse_root(inverse),
            *self._by(np.multiply, x, inverse, normal),
            *self._scaled(),
        ]

    def backward(self, error: Array) -> Calls:
        calls: Calls = [
            *self._learn(error),
            *self._by(np.multiply, error, self._scale[:, None], error),
            (np.multiply, (error, self._normal, self._scratch)),
            (self._share.dot, (self._scratch, self._mean)),
            *self._by(np.multiply, self._normal, self._mean, self._scratch),
        ]
        if self._centred:
            calls += [(self._share.dot, (error, self._mean)), *self._by(np.subtract, error, self._mean, error)]
        return [
            *calls,
            (np.subtract, (error, self._scratch, error)),
            *self._by(np.multiply, error, self._inverse, error),
        ]
