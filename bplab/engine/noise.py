"""Noise of a training step: which units dropout silences, a function of the seed, the update and the layer alone.

So a step that is replayed, resumed or repeated after a look at divergence draws the same masks to the bit, with
nothing to store. Philox is a counter-based generator (Salmon et al. 2011): any update's numbers can be had at once.
"""

from __future__ import annotations

import numpy as np

from .calls import Array, Calls, constant
from .optimizers import Clock

STREAM = 2**34
"""Keeps these numbers apart from the draws of data, layers and sample orders."""


class Noise:
    """The random numbers of all updates; ``clock`` tells which update it is."""

    def __init__(self, seed: int, clock: Clock) -> None:
        key = np.random.SeedSequence([seed, STREAM]).generate_state(2, np.uint64)
        self._bits = np.random.Philox(key=key)
        self._generator = np.random.Generator(self._bits)
        self._start = self._bits.state
        self._clock = clock

    def fill(self, values: Array, layer: int) -> None:
        """Uniform numbers of [0, 1) in ``values`` (float32), those of this update and layer."""
        counter = self._start["state"]["counter"]
        counter[:] = (0, self._clock.updates, layer, 0)
        self._bits.state = self._start
        self._generator.random(dtype=np.float32, out=values)


class DropoutStage:
    """Silences each unit on each sample with probability ``rate``; the others are scaled up by 1/(1 − rate).

    "Inverted" dropout (Srivastava et al. 2014, §10): evaluation needs no change. ``x`` and ``out`` are
    ``(units, samples)``.
    """

    def __init__(self, rate: float, x: Array, out: Array, noise: Noise, layer: int) -> None:
        self._x, self._out, self._noise, self._layer = x, out, noise, layer
        self._drawn, self._keeps = np.empty(x.shape, np.float32), np.empty(x.shape, np.bool_)
        self.mask = np.empty_like(x)
        """What each value is multiplied by in this update: 0, or 1/(1 − rate)."""
        self._limit, self._scale = np.float32(1.0 - rate), constant(1.0 / (1.0 - rate), x)

    def forward(self) -> Calls:
        """Calls that draw this update's mask and write the rest into ``out``."""
        return [
            (self._noise.fill, (self._drawn, self._layer)),
            (np.less, (self._drawn, self._limit, self._keeps)),
            (np.copyto, (self.mask, self._keeps)),
            (np.multiply, (self.mask, self._scale, self.mask)),
            (np.multiply, (self._x, self.mask, self._out)),
        ]

    def backward(self, error: Array) -> Calls:
        """Calls that turn ``error`` from ∂C/∂out into ∂C/∂x in place."""
        return [(np.multiply, (error, self.mask, error))]
