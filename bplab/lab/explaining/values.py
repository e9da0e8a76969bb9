"""What an explanation is: a gradient, the factors that multiply to it, and which of them is to blame.

All layers, units and samples are counted from 0 here; layer 0 is the first hidden one.
"""

from __future__ import annotations

from typing import Literal

import msgspec

Kind = Literal["weight", "bias", "neuron", "layer"]
FactorName = Literal["input", "agreement", "derivative", "normalization", "weights", "delta_next"]
Cause = Literal[
    "none",
    "converged",
    "small_input",
    "saturated_derivative",
    "dead_unit",
    "small_weights",
    "vanished_upstream",
    "cancelled",
    "output_loss_mismatch",
    "exploding",
    "not_finite",
]
"""What mostly makes a gradient as small, or as large, as it is.

========================  ===========================================================================================
none                      nothing wrong: it learns
converged                 the error at the loss itself is small: there is little left to learn
small_input               what enters over the weight is small
saturated_derivative      f' of the neuron itself is small
dead_unit                 f' of the neuron is 0 on every sample, on a flat piece of f such as ReLU's
small_weights             the weights of the layers behind make the error small on its way back
vanished_upstream         f' (or a normalization) of the layers behind does, or the neuron's own normalization
cancelled                 the samples' parts are of a good size and cancel: the mean pulls nowhere
output_loss_mismatch      the loss is large and yet sends no error back: it is flat where the outputs lie
exploding                 nothing small: the gradient is far larger than a healthy one
not_finite                a number on the way is infinite or no number
========================  ===========================================================================================
"""


class Target(msgspec.Struct, frozen=True):
    """Whose gradient is explained."""

    kind: Kind
    layer: int
    unit: int | None = None
    """The neuron (in a convolution, the feature map); None for a whole layer."""
    source: int | None = None
    """Which input of the layer a weight comes from; None but for a weight."""


class Factor(msgspec.Struct, frozen=True):
    """One of the factors of a gradient."""

    name: FactorName
    symbol: str
    size: float
    """The number itself where there is one only, so with a sign; else a size, over the batch, units or places."""
    healthy: float
    """The size at which it holds up nothing."""
    shortfall: float
    """Decades that are missing to the healthy size, log10(healthy / |size|); below 0 for a surplus, ∞ for 0."""
    layer: int
    """Where it comes from, for views to light up; −1 stands for the network's inputs."""
    units: tuple[int, ...] | None
    """Which units of that layer; None for all."""


class PathStep(msgspec.Struct, frozen=True):
    """One layer of δ unrolled: ``delta = delta_next · weights · derivative · normalization``.

    The factors are those of :class:`bplab.engine.error_path.ErrorStep`.
    """

    layer: int
    name: str
    """``h1``, ``h2`` … ``out``."""
    behind: str
    """Whose δ ``delta_next`` is; ``loss`` behind the output layer, where it is ∂C/∂a."""
    source: int | None
    """The number of that layer; None for the loss."""
    by_skip: bool
    skips: bool
    """Whether skips start here, so that errors come from further behind as well."""
    delta_next: float
    weights: float
    derivative: float
    normalization: float
    delta: float


class Shortfalls(msgspec.Struct, frozen=True):
    """Decades that are missing to a healthy gradient, by what loses them; below 0 for a surplus, ∞ for a 0.

    Measured against inputs of 1, f' at its steepest, an error that comes from the loss undiminished, samples that
    agree no less than chance would have it, and outputs that miss their targets by the targets' own spread.
    """

    input: float
    derivative: float
    """The neuron's own f'."""
    weights: float
    """All weights between the neuron and the loss."""
    later_derivatives: float
    """f' of all layers behind."""
    normalization: float
    """All normalizations from the neuron to the loss."""
    agreement: float
    loss: float

    @property
    def upstream(self) -> float:
        """What is missing of the error between the loss and the neuron."""
        return self.weights + self.later_derivatives + self.normalization

    @property
    def total(self) -> float:
        """What is missing in all."""
        return self.input + self.derivative + self.upstream + self.agreement + self.loss


class Explanation(msgspec.Struct, frozen=True):
    """Why a gradient is what it is. ``gradient = entries · Π factor.size``, and ``delta`` is the product of the last
    ones, from ``derivative`` on, to rounding.

    Of one sample the gradient is that sample's part of the batch's, so δ has the 1/n of the mean in it, and the parts
    of all samples sum to the batch's gradient. ``gradient`` and ``input`` are signed for a weight or bias, and RMS
    values for a neuron (over the weights into it) or a layer. No penalty is in it, and no dropout.
    """

    target: Target
    names: tuple[str, ...]
    """Of all layers, ``h1`` … ``out``."""
    sample: int | None
    """None for the whole batch."""
    samples: int
    """In the batch."""
    entries: int
    """Products that are summed: samples, in a convolution times places; 1 for one sample."""
    gradient: float
    delta: float
    """δ of the neuron, the RMS of it over the samples (and places, and units of a layer)."""
    factors: tuple[Factor, ...]
    """In order: input, agreement, derivative, normalization, weights, delta_next; those that play no part are left out.

    - input: a_in, the RMS over the samples. None of a bias, whose input is 1.
    - agreement: ``Σ a_in·δ / (entries · RMS a_in · RMS δ)``, from −1 to 1: how far the samples pull together. Samples
      that pull by chance have ±1/√entries, its healthy size. None where one product is all.
    - derivative: f'(z); over several samples the RMS weighted by the squares of the errors that meet it, so exactly
      what f' leaves of them. None where the loss is computed from z. Healthy at its steepest.
    - normalization: what batch norm and the like leave of the error.
    - weights: ``|Σ_k w_jk·δ_k| / |δ_next|``, what the weights to the next layer, and skips, leave of the error.
      None at the output layer.
    - delta_next: the RMS of δ over the next layer's units (and the samples); at the output layer ∂C/∂a, and where a
      skip brings most of the error ∂C/∂a of the layer at its end.
    """
    terms: tuple[tuple[float, float], ...]
    """For one unit and one sample with a dense layer behind and no normalization in between: each ``(w_jk, δ_k)``,
    which multiplied and summed are ``weights · delta_next``. Empty otherwise."""
    saturated: float
    """Share of the samples (and units, and places) with ``|f'(z)|`` below 5 % of its maximum."""
    path: tuple[PathStep, ...]
    """δ unrolled down to the loss, the target's own layer first."""
    shortfalls: Shortfalls
    dominant: Cause
    marked: FactorName | None
    """The factor that the sentence is about; None where no one factor is."""
    sentence: str

    def size(self, name: FactorName) -> float:
        """A factor's size; 1 for one that plays no part."""
        return next((factor.size for factor in self.factors if factor.name == name), 1.0)
