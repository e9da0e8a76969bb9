"""A grid over the plane: every neuron's output at every grid point, by one forward pass with buffers of its own.

The network is seen as in use: batch normalization takes what it has learned, for a grid is no batch.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from bplab.data import REACH
from bplab.engine.calls import Array, execute, quiet_runner
from bplab.engine.passes import with_ones
from bplab.lab.live import LiveView

PRODUCTS = 12_000_000
"""Multiplications that one pass may take; a larger network gets a coarser grid."""


def grid_points(side: int) -> NDArray[np.float64]:
    """Centres of ``side`` × ``side`` cells of the plane, ``(side², 2)``, row by row from the top left."""
    steps = REACH * ((2 * np.arange(side) + 1) / side - 1)
    x, y = np.meshgrid(steps, -steps)
    return np.column_stack((x.ravel(), y.ravel()))


def affordable_side(parameters: int, wanted: int, least: int) -> int:
    """Cells along an edge: ``wanted``, or fewer for a network with many parameters."""
    return max(least, min(wanted, math.isqrt(PRODUCTS // max(parameters, 1))))


class PlaneGrid:
    """The network on view at all points of a grid; its data must lie in the plane."""

    def __init__(self, live: LiveView, wanted: int, least: int) -> None:
        self.live = live
        self.side = affordable_side(live.network.parameters.size, wanted, least)
        self.inputs: Array = live.experiment.data.transform(grid_points(self.side)).T
        """Input columns, ``(inputs, side²)``."""
        extended = with_ones(self.inputs.T, live.network.dtype).T
        self._pass = live.network.make_pass(self.side**2, mode="evaluation")
        self._calls = self._pass.forward(extended)
        self._quietly = quiet_runner()

    def measure(self) -> None:
        """Carry the grid through the network as it stands."""
        self._quietly(execute, self._calls)

    def outputs(self, layer: int) -> Array:
        """Outputs ``(units, side²)`` of a layer (from 0) at the last :meth:`measure`; a view."""
        return self._pass.layers[layer].outputs
