"""Sizes of a pass, and what follows from them alone: where an error shrinks on its way back, and why a layer stalls.

A few RMS values per layer are all that a gradient budget and stall shares need. So they are worked out in one way from
a single pass, from the rows of a record, or neuron by neuron. Sizes are compared in decades (log10).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

HEALTHY_SHORTFALL = 1.0
"""Decades by which a weight gradient may fall short in all before a layer counts as stalling."""


@dataclass(frozen=True, eq=False, slots=True)
class Sizes:
    """RMS values of one pass or of many, ``(…, layers)``; NaN where nobody measured.

    In place of layers there may be the neurons of one layer, for :func:`stalls_of`.
    """

    input: Floats
    """Of a_in."""
    error: Floats
    """Of ∂C/∂a."""
    activated_error: Floats
    """Of ∂C/∂ what f gives; the error itself where nothing stands behind f."""
    argument_error: Floats
    """Of ∂C/∂ what f takes; δ itself where no normalization stands before f."""
    delta: Floats
    """Of δ = ∂C/∂z."""
    steepest: Floats
    """max|f'|, no RMS; 1 where the loss is computed from z."""
    output_error: Floats
    """Of what the loss sends into the network, ``(…, 1)``: the last layer's error."""


class Budget(NamedTuple):
    """How every layer but the last changed the size of the error on its way back, in decades, ``(…, layers − 1)``.

    All together are ``log10 RMS(δ_first) − log10 RMS(δ_last)``.
    """

    weights: Floats
    """log10 of RMS(W_next·δ_next) / RMS(δ_next): what the weights behind the layer did, and skips beside them."""
    derivative: Floats
    """log10 of RMS(δ) / RMS(W_next·δ_next): what the layer's own f' did; without what a normalization did."""
    normalization: Floats
    """log10 of the same ratio over what stands around f: normalization, before or behind it."""

    @property
    def total(self) -> Floats:
        """Decades from the last layer's δ to the first's, ``(…,)``: the sum of all terms."""
        return np.asarray(np.sum(self, axis=0).sum(axis=-1))


def budget_of(sizes: Sizes) -> Budget:
    """Terms of ``log10 RMS(δ_first) − log10 RMS(δ_last)``, entry k for layer k from 0.

    Each size stands in one term as what remains and in the next as what was there, so all terms together are the
    total exactly. What lets nothing through has −inf; the layers before it have 0, for nothing is left to change.
    """
    delta = _decades(sizes.delta)
    here, behind = delta[..., :-1], delta[..., 1:]
    stages = sizes.error, sizes.activated_error, sizes.argument_error
    error, activated, argument = (_decades(values)[..., :-1] for values in stages)
    return Budget(
        weights=_change(behind, error),
        derivative=_change(activated, argument),
        normalization=_change(error, activated) + _change(argument, here),
    )


def stalls_of(sizes: Sizes) -> Floats:
    """How the smallness of each weight gradient divides among its factors: shares of 1, ``(…, layers, 4)``.

    They are for a small input, a saturated derivative, an error that vanished upstream, and nothing wrong, in this
    order. Each factor's shortfall is taken in decades against a healthy size: inputs of RMS 1, f' at its maximum, and
    an error as large as the one that the loss sends into the network. One factor's surplus makes up for another's
    shortfall. What is missing in all counts as nothing wrong up to one decade; what goes beyond is divided in
    proportion to the shortfalls. A factor of exactly 0 takes the whole share. What a normalization around f does to
    the error counts with what came from upstream.
    """
    error, activated, argument, delta, sent, steepest = map(
        _decades,
        (sizes.error, sizes.activated_error, sizes.argument_error, sizes.delta, sizes.output_error, sizes.steepest),
    )
    with np.errstate(all="ignore"):
        around = _change(error, activated) + _change(argument, delta)
        factors = _decades(sizes.input), _change(activated + steepest, argument), _change(sent, error) + around
        changes = np.stack(np.broadcast_arrays(*factors), axis=-1)
        missing = np.maximum(0.0, -changes)
        faulty = 1.0 - HEALTHY_SHORTFALL / np.maximum(HEALTHY_SHORTFALL, -changes.sum(axis=-1, keepdims=True))
        lost = np.isinf(missing)
        nothing = lost.any(axis=-1, keepdims=True)
        missing, faulty = np.where(nothing, lost, missing), np.where(nothing, 1.0, faulty)
        whole = missing.sum(axis=-1, keepdims=True)
        return np.concatenate([faulty * missing / np.where(whole == 0.0, 1.0, whole), 1.0 - faulty], axis=-1)


def _decades(values: Floats) -> Floats:
    """log10; −inf for 0."""
    with np.errstate(divide="ignore"):
        return np.asarray(np.log10(values))


def _change(before: Floats, after: Floats) -> Floats:
    """Decades from one size to another; 0 from nothing, of which nothing can be lost."""
    with np.errstate(invalid="ignore"):
        return np.where(np.isneginf(before), 0.0, after - before)
