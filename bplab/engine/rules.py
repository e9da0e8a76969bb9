"""What an update does beside the optimizer's step: clipping, penalties, max-norm, and leaving frozen layers alone.

The order is PyTorch's, where gradients are clipped between ``backward()`` and ``step()`` and weight decay is added
inside ``step()``:

1. the gradient of the loss is clipped, each number by value and then all of it by norm;
2. the penalties' gradients are added to it, so that clipping never weakens a penalty;
3. the optimizer takes its step;
4. weights that have grown too long are shortened.

Penalties and max-norm act on weights, never on biases or on anything else that a layer learns or keeps.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta

from .calls import Array, Calls, bound, constant, maximum, minimum
from .network import Network
from .optimizers import Clock, Optimizer, Vectors
from .probes import rms

Strength = Annotated[float, Meta(ge=0.0, le=1e3)]
Limit = Annotated[float, Meta(ge=0.0, le=1e9)]

L1 = Annotated[Strength, Meta(description="adds l1·sign(w) to weight gradients: small weights go to 0; 0: none")]
L2 = Annotated[Strength, Meta(description="adds l2·w to weight gradients: large weights shrink; 0: none")]
MaxNorm = Annotated[Limit, Meta(description="longest incoming weight vector that a unit may have; 0: any")]
ClipValue = Annotated[Limit, Meta(description="largest size of each number of the gradient; 0: any")]
ClipNorm = Annotated[Limit, Meta(description="greatest length of the whole gradient; 0: any")]

NORM_GUARD = 1e-6
"""Added to the gradient's length before it divides, as PyTorch's ``clip_grad_norm_`` does."""


class Rules(msgspec.Struct, frozen=True):
    """Which of them apply and how strictly; 0 means not at all."""

    l1: L1 = 0.0
    l2: L2 = 0.0
    max_norm: MaxNorm = 0.0
    clip_value: ClipValue = 0.0
    clip_norm: ClipNorm = 0.0

    @property
    def see_gradients(self) -> bool:
        """True if some rule needs the gradient of the loss as it is."""
        return any((self.l1, self.l2, self.clip_value, self.clip_norm))

    def update(
        self, network: Network, gradients: Array, slots: Array, optimizer: Optimizer, clock: Clock, folded: bool
    ) -> Calls:
        """Calls from the gradient of the loss to the new parameters.

        ``gradients (parameters,)``, ``slots (slots, parameters)``. With ``folded``, gradients come out of
        back-propagation with the rate in them.
        """
        frozen = network.frozen_stretches
        weights = tuple(stretch for stretch in network.weight_stretches if not _lies_in(stretch, frozen))
        vectors = Vectors(network.parameters, gradients, slots, weights)
        # A gradient of 0 moves nothing with any optimizer, and adds nothing to the length that is clipped.
        calls: Calls = [(gradients[stretch].fill, (0.0,)) for stretch in frozen]
        if self.clip_value:
            calls += clip_by_value(gradients, self.clip_value)
        if self.clip_norm:
            calls += clip_by_norm(gradients, self.clip_norm)
        calls += optimizer.update_folded(vectors) if folded else optimizer.update(vectors, clock, self.penalties)
        if self.max_norm:
            calls += shorten_columns(_free_weights(network), self.max_norm)
        return calls

    def penalties(self, vectors: Vectors) -> Calls:
        """Calls that add l2·w + l1·sign(w) to the gradients of weights."""
        calls: Calls = []
        for stretch in vectors.weights:
            weights, gradients = vectors.parameters[stretch], vectors.gradients[stretch]
            work = np.empty_like(weights)
            if self.l2:
                calls += [(np.multiply, (weights, constant(self.l2, work), work))]
                calls += [(np.add, (gradients, work, gradients))]
            if self.l1:
                calls += [(np.sign, (weights, work)), (np.multiply, (work, constant(self.l1, work), work))]
                calls += [(np.add, (gradients, work, gradients))]
        return calls


def clip_by_value(gradients: Array, limit: float) -> Calls:
    """Every number into −limit … limit."""
    return [
        maximum(gradients, bound(-limit, gradients), gradients),
        minimum(gradients, bound(limit, gradients), gradients),
    ]


def clip_by_norm(gradients: Array, limit: float) -> Calls:
    """All numbers times limit/(length + 1e-6) where that is below 1 (Pascanu et al. 2013, algorithm 1).

    A gradient that is not finite is left as it is: what diverges shall be seen to.
    """
    share, root = np.empty((), gradients.dtype), float(np.sqrt(gradients.size))

    def clip() -> None:
        length = rms(gradients) * root
        if limit < length + NORM_GUARD < np.inf:
            share[()] = limit / (length + NORM_GUARD)
            np.multiply(gradients, share, gradients)

    return [(clip, ())]


def shorten_columns(matrices: Sequence[Array], limit: float) -> Calls:
    """Every column ``(inputs,)`` of weights back onto the ball of radius ``limit`` (Srebro & Shraibman 2005;
    Hinton et al. 2012), for ``matrices (inputs, units)``; shorter ones are left as they are to the bit."""
    calls: Calls = []
    for matrix in matrices:
        # In double precision no square of a float32 overflows: a weight on its way to infinity is shortened, too.
        squares, lengths = np.empty(matrix.shape), np.empty(matrix.shape[1])
        shares = np.empty(matrix.shape[1], matrix.dtype)
        calls += [
            (partial(np.multiply, dtype=np.float64), (matrix, matrix, squares)),
            (np.add.reduce, (squares, 0, None, lengths)),
            (np.sqrt, (lengths, lengths)),
            maximum(lengths, bound(limit, lengths), lengths),
            (partial(np.divide, casting="same_kind"), (limit, lengths, shares)),
            (np.multiply, (matrix, shares, matrix)),
        ]
    return calls


def _lies_in(stretch: slice, others: Sequence[slice]) -> bool:
    return any(other.start <= stretch.start and stretch.stop <= other.stop for other in others)


def _free_weights(network: Network) -> list[Array]:
    """Every matrix of weights ``(inputs, units)`` in a layer that is not frozen, a skip's projection included."""
    return [
        numbers[part.name][: part.weights]
        for place, numbers in zip(network.places, network.numbers, strict=True)
        if not place.layer.frozen
        for part in place.parts
        if part.weights
    ]
