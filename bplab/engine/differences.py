"""The slope of a network's loss along a direction, from differences of the loss alone.

Differences are taken at halving steps and extrapolated to step 0 (Richardson; Ridders 1982, "Accurate computation of
F'(x) and F'(x)F''(x)"), which reaches ten digits and more where two points reach six. A difference is worth nothing
across a kink of an activation, so a step is halved until no weighted input changes its side of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .calls import Array, execute, quiet_runner
from .network import Network
from .passes import with_ones

Slope = tuple[float, float]
"""A derivative and its uncertainty."""

FIRST_STEP = 0.125
HALVINGS = 40
"""A kink closer than the first step halved this often cannot be told from one that is hit."""
ROWS = 9
"""Step sizes in one extrapolation."""
ATTEMPTS, SHRINK = 3, 1 / 64
"""Where the first step was too long for the loss (it crossed a clip, or curves too much), shorter ones are tried."""
RESOLUTION = 1e-8
"""A difference less certain than this, relative to what it is compared with, decides nothing."""


def learned_stretches(network: Network) -> list[slice]:
    """Where what a layer learns lies in the flat vector, a frozen layer's too: its gradient is as right."""
    pairs = zip(network.layer_stretches, network.places, strict=True)
    return [slice(stretch.start, stretch.start + place.learned) for stretch, place in pairs]


class Landscape:
    """The loss as a function of the parameters, on one batch, in float64."""

    def __init__(self, network: Network, x: ArrayLike, y: ArrayLike) -> None:
        self._network = network.copy("float64")
        self._stretches = learned_stretches(self._network)
        inputs, targets = self._network.checked_batch(x, y)
        self._samples = len(inputs)
        self._pass = self._network.make_pass(self._samples)
        extended = with_ones(inputs, self._network.dtype).T
        judge, self._total = self._pass.judge(np.ascontiguousarray(targets.T))
        self._calls = [*self._pass.forward(extended), *judge]
        self._quietly = quiet_runner()

    def slope(self, layer: int, direction: Array, first_step: float = FIRST_STEP) -> Slope | None:
        """∂C along ``direction`` through what the layer learns, by steps of at most ``first_step``; None on a kink."""
        values = self._network.parameters[self._stretches[layer]]
        here = values.copy()

        def loss_and_sides(step: float) -> tuple[float, bytes]:
            values[...] = here + step * direction
            self._quietly(execute, self._calls)
            return self._quietly(self._total) / self._samples, self._sides()

        try:
            return _slope(loss_and_sides, first_step)
        finally:
            values[...] = here

    def _sides(self) -> bytes:
        """On which piece of its layer's function each value stands."""
        return b"".join(np.packbits(side).tobytes() for layer in self._pass.layers for side in layer.kink_sides())


def _slope(loss_and_sides: Callable[[float], tuple[float, Any]], first_step: float) -> Slope | None:
    """The derivative at 0 of a function that also tells on which piece it was evaluated."""
    loss, home = loss_and_sides(0.0)
    step = first_step
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
