"""The gradient check: does back-propagation agree with the loss itself?

``∂C/∂t`` along a direction v is ``gradient · v``, and also the limit of ``(C(t) − C(−t)) / 2t``, which
:mod:`.differences` finds.

Where an output has saturated against a loss that is not its partner, ln(1−a) has lost its digits in the loss
itself; the check shows that too.

Verdicts are on the scale of Stanford's CS231n: a relative error above 1e-2 is wrong, above 1e-4 uneasy, below
1e-7 good; what lies between is acceptable, and all that float32 can show.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .calls import Array
from .differences import RESOLUTION, Landscape, Slope, learned_stretches
from .network import Network

Verdict = Literal["good", "acceptable", "uneasy", "wrong", "undecided"]

GOOD = 1e-7
"""CS231n's bound below which a relative error is good."""
SECOND_OPINION = 0.3
"""Its first step: no power of 2 apart from the other's, so that it meets the loss at other points, and longer, so that
a layer whose gradient has nearly vanished still moves the loss."""
SMALL_NETWORK = 200
"""Up to this many parameters, each is also checked by itself."""


class GradientCheck(msgspec.Struct, frozen=True):
    """What a gradient check found."""

    relative_error: float
    """Largest |backprop − numeric| / max(|backprop|, |numeric|) over all that was compared; NaN if nothing was."""
    layer: int
    """The layer where it stands, from 1; 0 if nothing was compared."""
    compared: int
    """Directions in which the two could be compared."""
    skipped: int
    """Directions given up: on a kink, or too flat for the loss's own rounding."""

    @property
    def verdict(self) -> Verdict:
        """The relative error in a word, on CS231n's scale."""
        if math.isnan(self.relative_error):
            return "undecided"
        if self.relative_error > 1e-2:
            return "wrong"
        if self.relative_error > 1e-4:
            return "uneasy"
        return "acceptable" if self.relative_error >= GOOD else "good"


def check_gradients(network: Network, x: ArrayLike, y: ArrayLike, directions: int = 4, seed: int = 0) -> GradientCheck:
    """Compare back-propagation's gradient with differences of the loss, in float64, layer by layer.

    ``x (samples, inputs)``, ``y (samples, outputs)``. Each layer is moved along ``directions`` random directions
    through its weights and biases, so a layer whose gradient has nearly vanished is judged by its own size; in a
    network of up to 200 parameters also along each parameter. The network is left as it is.
    Raises ``InputError`` for arrays that do not fit.
    """
    worst, worst_layer, compared, skipped = math.nan, 0, 0, 0
    for each in compare_gradients(network, x, y, directions, seed):
        if each.relative_error is None:
            skipped += 1
            continue
        compared += 1
        if not each.relative_error <= worst:
            worst, worst_layer = each.relative_error, each.layer
    return GradientCheck(worst, worst_layer, compared, skipped)


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
    gradients = [flat[stretch] for stretch in learned_stretches(network)]
    landscape = Landscape(network, x, y)
    moving = [place.moving for place in network.places]
    numbers = [int(moves.sum()) for moves in moving]
    planned = directions * np.count_nonzero(numbers) + (sum(numbers) if sum(numbers) <= SMALL_NETWORK else 0)
    chosen = _directions(moving, [place.weighing for place in network.places], directions, seed)
    for done, (layer, direction) in enumerate(chosen, start=1):
        with np.errstate(all="ignore"):  # a gradient that is not finite is found as such
            claimed = float(gradients[layer] @ direction)
        yield Comparison(layer + 1, _judged(claimed, landscape, layer, direction), done / planned)


def summed_up(layer: int, comparisons: Iterable[Comparison]) -> GradientCheck:
    """The check of layer ``layer`` (from 1) alone; ``layer`` of what is returned is 0 if nothing was compared."""
    errors = [each.relative_error for each in comparisons if each.layer == layer]
    found = [error for error in errors if error is not None]
    worst = max(found, default=math.nan)
    return GradientCheck(worst, layer if found else 0, len(found), len(errors) - len(found))


def _directions(
    moving: list[NDArray[np.bool_]], weighing: list[NDArray[np.bool_]], random: int, seed: int
) -> Iterator[tuple[int, Array]]:
    """A layer from 0 and a direction of length 1 through those of its numbers that move, flat.

    Every second random one goes through the weights alone: where inputs are 0, as in an image's empty corners, and
    biases too, z stands on a ReLU's kink, which any other direction leaves at once.
    """
    generator = np.random.default_rng(seed)
    for layer, (moves, weights) in enumerate(zip(moving, weighing, strict=True)):
        for number in range(random if moves.any() else 0):
            alone = number % 2 and weights.any()
            direction = generator.normal(size=moves.shape) * (weights if alone else moves)
            yield layer, direction / np.linalg.norm(direction)
    if sum(int(moves.sum()) for moves in moving) > SMALL_NETWORK:
        return
    for layer, moves in enumerate(moving):
        for one in np.flatnonzero(moves):
            direction = np.zeros(moves.shape)
            direction[one] = 1.0
            yield layer, direction


def _judged(claimed: float, landscape: Landscape, layer: int, direction: Array) -> float | None:
    """The relative error along a direction; None where the differences decide nothing.

    A rough loss can mislead an extrapolation that looks certain. So a disagreement is asked for once more, from other
    steps: it counts if both extrapolations agree with each other.
    """
    found = landscape.slope(layer, direction)
    error = _relative_error(claimed, found)
    if error is None or error < GOOD or found is None or not math.isfinite(error):
        return error
    again = landscape.slope(layer, direction, SECOND_OPINION)
    second = _relative_error(claimed, again)
    if second is None or again is None or second < GOOD:
        return second
    return second if math.isclose(found[0], again[0], rel_tol=GOOD) else None


def _relative_error(claimed: float, found: Slope | None) -> float | None:
    """None where the difference is too uncertain to decide."""
    if found is None:
        return None
    if not math.isfinite(claimed):
        return math.inf
    numeric, uncertainty = found
    if claimed == numeric:
        return 0.0
    size = max(abs(claimed), abs(numeric))
    return abs(claimed - numeric) / size if uncertainty <= RESOLUTION * size else None
