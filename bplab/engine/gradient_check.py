"""The gradient check: does back-propagation agree with the loss itself?

``∂C/∂t`` along a direction v is ``gradient · v``, and also the limit of ``(C(t) − C(−t)) / 2t``. The differences
are taken at halving steps and extrapolated to step 0 (Richardson; Ridders 1982, "Accurate computation of F'(x) and
F'(x)F''(x)"), which reaches ten digits and more where two points reach six. A difference is worth nothing
across a kink of an activation, so a step is halved until no weighted input changes its side of one.

Where an output has saturated against a loss that is not its partner, ln(1−a) has lost its digits in the loss
itself; the check shows that too.

Verdicts are on the scale of Stanford's CS231n: a relative error above 1e-2 is wrong, above 1e-4 uneasy, below
1e-7 good; what lies between is acceptable, and all that float32 can show.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from operator import itemgetter
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from .calls import Array, execute, quiet_runner
from .network import Network
from .passes import with_ones

Verdict = Literal["good", "acceptable", "uneasy", "wrong", "undecided"]
Slope = tuple[float, float]
"""A derivative and its uncertainty."""

SMALL_NETWORK = 200
"""Up to this many parameters, each is also checked by itself."""
FIRST_STEP = 0.125
HALVINGS = 40
"""A kink closer than the first step halved this often cannot be told from one that is hit."""
ROWS = 9
"""Step sizes in one extrapolation."""
ATTEMPTS, SHRINK = 3, 1 / 64
"""Where the first step was too long for the loss (it crossed a clip, or curves too much), shorter ones are tried."""
RESOLUTION = 1e-8
"""A difference less certain than this, relative to what it is compared with, decides nothing."""


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
        return "acceptable" if self.relative_error >= 1e-7 else "good"


def check_gradients(network: Network, x: ArrayLike, y: ArrayLike, directions: int = 4, seed: int = 0) -> GradientCheck:
    """Compare back-propagation's gradient with differences of the loss, in float64, layer by layer.

    ``x (samples, inputs)``, ``y (samples, outputs)``. Each layer is moved along ``directions`` random directions
    through its weights and biases, so a layer whose gradient has nearly vanished is judged by its own size; in a
    network of up to 200 parameters also along each parameter. The network is left as it is.
    Raises ``InputError`` for arrays that do not fit.
    """
    flat = network.gradient(x, y).astype(np.float64)
    gradients = [flat[stretch] for stretch in _learned_stretches(network)]
    landscape = _Landscape(network, x, y)
    worst, worst_layer, compared, skipped = math.nan, 0, 0, 0
    for layer, direction in _directions([place.moving for place in network.places], directions, seed):
        claimed = float(gradients[layer] @ direction)
        error = _relative_error(claimed, landscape.slope(layer, direction))
        if error is None:
            skipped += 1
            continue
        compared += 1
        if not error <= worst:
            worst, worst_layer = error, layer + 1
    return GradientCheck(worst, worst_layer, compared, skipped)


def _learned_stretches(network: Network) -> list[slice]:
    """Where what a layer learns lies in the flat vector, a frozen layer's too: its gradient is as right."""
    pairs = zip(network.layer_stretches, network.places, strict=True)
    return [slice(stretch.start, stretch.start + place.learned) for stretch, place in pairs]


def _directions(moving: list[NDArray[np.bool_]], random: int, seed: int) -> Iterator[tuple[int, Array]]:
    """A layer from 0 and a direction of length 1 through those of its numbers that move, flat."""
    generator = np.random.default_rng(seed)
    for layer, moves in enumerate(moving):
        for _ in range(random if moves.any() else 0):
            direction = generator.normal(size=moves.shape) * moves
            yield layer, direction / np.linalg.norm(direction)
    if sum(int(moves.sum()) for moves in moving) > SMALL_NETWORK:
        return
    for layer, moves in enumerate(moving):
        for number in np.flatnonzero(moves):
            direction = np.zeros(moves.shape)
            direction[number] = 1.0
            yield layer, direction


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


class _Landscape:
    """The loss as a function of the parameters, on one batch, in float64."""

    def __init__(self, network: Network, x: ArrayLike, y: ArrayLike) -> None:
        self._network = network.copy("float64")
        self._stretches = _learned_stretches(self._network)
        inputs, targets = self._network.checked_batch(x, y)
        self._samples = len(inputs)
        self._pass = self._network.make_pass(self._samples)
        extended = with_ones(inputs, self._network.dtype).T
        compare, self._total = self._pass.compare(np.ascontiguousarray(targets.T))
        self._calls = [*self._pass.forward(extended), *compare]
        self._quietly = quiet_runner()

    def slope(self, layer: int, direction: Array) -> Slope | None:
        """∂C along ``direction`` through what the layer learns; None on a kink."""
        values = self._network.parameters[self._stretches[layer]]
        here = values.copy()

        def loss_and_sides(step: float) -> tuple[float, bytes]:
            values[...] = here + step * direction
            self._quietly(execute, self._calls)
            return self._quietly(self._total) / self._samples, self._sides()

        try:
            return _slope(loss_and_sides)
        finally:
            values[...] = here

    def _sides(self) -> bytes:
        """On which piece of its layer's function each value stands."""
        return b"".join(np.packbits(side).tobytes() for layer in self._pass.layers for side in layer.kink_sides())


def _slope(loss_and_sides: Callable[[float], tuple[float, Any]]) -> Slope | None:
    """The derivative at 0 of a function that also tells on which piece it was evaluated."""
    loss, home = loss_and_sides(0.0)
    step = FIRST_STEP
    for _ in range(HALVINGS):
        if all(loss_and_sides(side)[1] == home for side in (-step, step)):
            break
        step /= 2.0
    else:
        return None

    def difference(distance: float) -> float:
        return (loss_and_sides(distance)[0] - loss_and_sides(-distance)[0]) / (2.0 * distance)

    # The loss itself is rounded, to a few units of its last digit, and no extrapolation undoes that.
    rounding = 4.0 * float(np.finfo(np.float64).eps) * abs(loss)
    best = (0.0, math.inf)
    for _ in range(ATTEMPTS):
        best = min(best, _extrapolated(difference, step, rounding), key=itemgetter(1))
        if best[1] <= RESOLUTION * abs(best[0]):
            break
        step *= SHRINK
    return best


def _extrapolated(difference: Callable[[float], float], step: float, rounding: float) -> Slope:
    """The limit of central differences at step 0 and its uncertainty, by Neville's scheme in step²."""
    rows = [[difference(step)]]
    best, uncertainty = rows[0][0], math.inf
    for row in range(1, ROWS):
        distance = step / 2.0**row
        values = [difference(distance)]
        for column, coarse in enumerate(rows[-1], start=1):
            values.append(values[-1] + (values[-1] - coarse) / (4.0**column - 1.0))
            doubt = max(abs(values[-1] - values[-2]), abs(values[-1] - coarse), rounding / distance)
            if doubt <= uncertainty:
                best, uncertainty = values[-1], doubt
        rows.append(values)
    return best, uncertainty
