"""Which factor is to blame: the decades that are missing to a healthy gradient, and the largest of them.

A product is as small as its factors together, so shortfalls are added up in decades, and one factor's surplus makes
up for another's shortfall. A cause is named only where the whole product falls short, and it is then the factor that
falls short most: no factor is to blame for a gradient that is there.
"""

from __future__ import annotations

import math

import numpy as np

from bplab.engine import Network, Softmax
from bplab.engine.calls import execute
from bplab.engine.chain_rule import computed_from_z

from .values import Cause, FactorName, PathStep, Shortfalls

STALLED = 2.0
"""Decades that may be missing in all: a gradient 100 times below an ideal one still learns."""
CONVERGED = 1.5
"""Decades below a full miss at which outputs count as right: to 3 % of the targets' spread."""
EXPLODING = 1.5
"""Decades beyond a healthy gradient."""
FLAT_LOSS = 0.1
"""A loss, as a share of that of a full miss, from which on it is odd that no error comes back."""


def target_spread(targets: np.ndarray) -> float:
    """How far targets ``(samples, outputs)`` lie from their mean, RMS; 1 where they are all the same."""
    values = np.asarray(targets, np.float64)
    spread = float(np.sqrt(np.mean((values - values.mean(axis=0)) ** 2)))
    return spread if 0.0 < spread < math.inf else 1.0


def full_miss(network: Network, spread: float) -> tuple[float, float]:
    """What a sample whose outputs all miss by ``spread`` gets from the loss: size of its error ∂C/∂a, and loss.

    A loss for probabilities has z in view, where the error is a − y.
    """
    if network.loss.probabilities:
        return spread, 1.0
    outputs = np.full((network.outputs, 1), spread)
    error = np.empty_like(outputs)
    calls, total = network.loss.compare(outputs, np.zeros_like(outputs), error)
    execute(calls)
    return float(np.abs(error[0, 0])), total()


def decades(healthy: float, size: float) -> float:
    """log10(healthy / |size|): what is missing; ∞ for a size of 0."""
    if size == 0.0:
        return math.inf
    return math.log10(healthy) - math.log10(abs(size)) if math.isfinite(size) else -math.inf


def shortfalls_of(
    input_size: float,
    agreement: float,
    entries: int,
    steepest: float,
    path: tuple[PathStep, ...],
    healthy_error: float,
) -> Shortfalls:
    """The decades by what loses them; ``healthy_error`` is that of one sample's ∂C/∂a, over the batch's samples."""
    return Shortfalls(
        input=decades(1.0, input_size),
        derivative=decades(steepest, path[0].derivative),
        weights=sum(decades(1.0, step.weights) for step in path),
        later_derivatives=sum(decades(1.0, step.derivative) for step in path[1:]),
        normalization=sum(decades(1.0, step.normalization) for step in path),
        agreement=max(0.0, decades(1.0 / math.sqrt(entries), agreement)),
        loss=decades(healthy_error, path[-1].delta_next),
    )


def dominant_cause(short: Shortfalls, *, dead: bool, loss_share: float, mismatched: bool) -> Cause:
    """The cause by these decades, of finite numbers.

    ``dead``: f' is exactly 0 on every sample, on a flat piece of f. ``loss_share`` is the loss by that of a full miss;
    NaN if it is not known. ``mismatched``: see :func:`is_mismatched`.
    """
    if mismatched:
        return "output_loss_mismatch"
    if dead:
        return "dead_unit"
    if short.loss >= CONVERGED or loss_share <= 10.0 ** (-2.0 * CONVERGED):
        return "converged"
    if short.total <= -EXPLODING:
        return "exploding"
    if short.total <= STALLED:
        return "none"
    upstream: Cause = "small_weights" if is_by_weights(short) else "vanished_upstream"
    blamed: dict[Cause, float] = {
        "saturated_derivative": short.derivative,
        "small_input": short.input,
        upstream: short.upstream,
        "cancelled": short.agreement,
        "converged": short.loss,
    }
    return max(blamed, key=blamed.__getitem__)


def opposes(kept: float, met: float, entries: int) -> bool:
    """Whether samples cancel rather than miss each other, where little is left of their product.

    ``kept`` is the share of Σ|a_in·δ| that Σ a_in·δ keeps, ``met`` that sum's share of what it would be if inputs and
    errors were of one size on all samples; an error of one sample alone leaves 1/√entries of that.
    """
    return met > 0.0 and decades(1.0, kept) >= decades(1.0 / math.sqrt(entries), met)


def is_mismatched(network: Network, short: Shortfalls, loss_share: float) -> bool:
    """Whether output and loss do not go together in a way that leaves no error, however wrong the outputs are.

    A softmax over one unit is always 1. Outputs that are no probabilities are clipped by a loss for probabilities,
    and beyond the clip it is flat.
    """
    if is_lone_softmax(network):
        return True
    clips = network.loss.probabilities and not computed_from_z(network, len(network.layers) - 1)
    return clips and short.loss >= CONVERGED and loss_share > FLAT_LOSS


def is_lone_softmax(network: Network) -> bool:
    """Whether the network ends in a softmax over one unit."""
    return network.outputs == 1 and isinstance(network.layers[-1].activation, Softmax)


def is_by_weights(short: Shortfalls) -> bool:
    """Whether what is missing of the error on its way is missing through weights more than through anything else."""
    return short.weights > max(short.later_derivatives, short.normalization)


def marked_factor(cause: Cause, found: dict[FactorName, float]) -> FactorName | None:
    """The factor that stands for a cause, of those there are with the decades that each lacks."""
    if cause == "not_finite":
        return None
    if cause == "exploding":
        return min(found, key=found.__getitem__)
    candidates: dict[Cause, tuple[FactorName, ...]] = {
        "small_input": ("input",),
        "saturated_derivative": ("derivative",),
        "dead_unit": ("derivative",),
        "small_weights": ("weights", "delta_next"),
        "vanished_upstream": ("normalization", "delta_next"),
        "cancelled": ("agreement",),
        "converged": ("delta_next",),
        "output_loss_mismatch": ("delta_next",),
    }
    names: tuple[FactorName, ...] = candidates.get(cause, tuple(found))
    named = [name for name in names if name in found]
    if not named:
        return None
    largest: FactorName = max(named, key=lambda name: found[name])
    return largest
