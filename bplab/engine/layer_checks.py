"""The gradient check one direction at a time: for a verdict on each layer, for progress, and to be ended early.

It compares what :func:`bplab.engine.check_gradients` compares, in the same order, so both come to the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from .gradient_check import SMALL_NETWORK, GradientCheck, _directions, _Landscape, _learned_stretches, _relative_error
from .network import Network


class Comparison(msgspec.Struct, frozen=True):
    """Back-propagation and the loss's differences along one direction through one layer."""

    layer: int
    """From 1."""
    relative_error: float | None
    """|backprop − numeric| / max(|backprop|, |numeric|); None where the differences decide nothing."""
    share: float
    """How much of the whole check is done with this one, 0 to 1."""


def compare_gradients(
    network: Network, x: ArrayLike, y: ArrayLike, directions: int = 4, seed: int = 0
) -> Iterator[Comparison]:
    """One comparison after the other, layer by layer; stops when you stop asking.

    ``x (samples, inputs)``, ``y (samples, outputs)``, ``directions`` random ones for each layer, and in a network of
    up to 200 parameters each of these too. The network is left as it is. Raises ``InputError`` for arrays that do not
    fit.
    """
    flat = network.gradient(x, y).astype(np.float64)
    gradients = [flat[stretch] for stretch in _learned_stretches(network)]
    landscape = _Landscape(network, x, y)
    moving = [place.moving for place in network.places]
    numbers = [int(moves.sum()) for moves in moving]
    planned = directions * np.count_nonzero(numbers) + (sum(numbers) if sum(numbers) <= SMALL_NETWORK else 0)
    for done, (layer, direction) in enumerate(_directions(moving, directions, seed), start=1):
        with np.errstate(all="ignore"):  # a gradient that is not finite is found as such
            claimed = float(gradients[layer] @ direction)
        yield Comparison(layer + 1, _relative_error(claimed, landscape.slope(layer, direction)), done / planned)


def summed_up(layer: int, comparisons: Iterable[Comparison]) -> GradientCheck:
    """The check of layer ``layer`` (from 1) alone; ``layer`` of what is returned is 0 if nothing was compared."""
    errors = [each.relative_error for each in comparisons if each.layer == layer]
    found = [error for error in errors if error is not None]
    worst = max(found, default=math.nan)
    return GradientCheck(worst, layer if found else 0, len(found), len(errors) - len(found))
