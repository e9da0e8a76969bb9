"""A network drawn anew, many times over: what its layers measure at step 0, as a probe measures it.

The draws are always the same ones, and none of them is one that a training can start from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .activations import saturation_mask
from .calls import Array, execute, quiet_runner
from .mean_field import Floats
from .network import Network
from .passes import with_ones
from .probes import rms

FIRST_SEED = 2**53
"""Beyond the seeds of experiments."""


class Measured(NamedTuple):
    """Arrays ``(draws, layers)``; what is not a number, or beyond them, is infinite."""

    rms: Floats
    """Of the outputs, over units and samples."""
    std: Floats
    """Of the outputs, over units and samples."""
    saturated: Floats
    """Share of units and samples with |f'| below 5 % of its maximum."""
    slope: Floats
    """RMS of f'."""
    delta: Floats
    """RMS of δ against the last layer's."""
    delta_ratio: Floats
    """RMS of δ against the next layer's; one layer fewer."""
    dead: Floats
    """1 where no unit of the layer has a slope on any sample, else 0."""


class Draws:
    """Networks of the design of ``network``, which stays as it is, drawn and measured one after the other.

    ``inputs (samples, inputs)``, ``targets (samples, outputs)``, in the network's dtype; ``fitted_to`` like
    ``inputs``: what an initialization that asks for data gets.
    """

    def __init__(self, network: Network, inputs: Array, targets: Array, fitted_to: ArrayLike) -> None:
        self._drawn = Network(network.input_shape, network.layers, network.loss, network.dtype.name, seed=0)  # type: ignore[arg-type]
        self._fitted_to = fitted_to
        step = self._drawn.make_pass(len(inputs))
        compare, _ = step.compare(np.ascontiguousarray(targets.T))
        self._layers = step.layers
        self._calls = [*step.forward(with_ones(inputs, network.dtype).T), *compare, *step.errors_back()]
        for layer in self._layers:  # f' of some is not needed on the way back, or does not stay
            self._calls += layer.derivative()
        self._rows: list[list[list[float]]] = []
        self._quietly = quiet_runner()

    def __len__(self) -> int:
        return len(self._rows)

    def draw(self) -> None:
        """One more network."""
        self._quietly(self._draw)

    def measured(self) -> Measured:
        """What all of them measured."""
        return self._quietly(self._measured)  # type: ignore[no-any-return]

    def _draw(self) -> None:
        self._drawn.initialize(FIRST_SEED + len(self._rows))
        if self._drawn.wants_data:
            self._drawn.fit_initialization(self._fitted_to)
        execute(self._calls)
        outputs, slopes = [layer.outputs for layer in self._layers], [layer.slope for layer in self._layers]
        deltas = [rms(layer.delta) for layer in self._layers]
        saturated = [_share(saturation_mask(layer.activation, layer.slope)) for layer in self._layers]
        dead = [float(not slope.any()) for slope in slopes]
        self._rows.append([[*map(rms, outputs)], [*map(_std, outputs)], saturated, [*map(rms, slopes)], deltas, dead])

    def _measured(self) -> Measured:
        columns = np.nan_to_num(np.array(self._rows, np.float64), nan=np.inf, posinf=np.inf)
        size, std, saturated, slope, delta, dead = columns.transpose(1, 0, 2)
        return Measured(
            size, std, saturated, slope, _ratio(delta, delta[:, -1:]), _ratio(delta[:, :-1], delta[:, 1:]), dead
        )


def _share(mask: Array) -> float:
    return int(np.count_nonzero(mask)) / mask.size


def _std(values: Array) -> float:
    """Standard deviation, also where squares would leave the range of the numbers."""
    return rms(values - values.mean())


def _ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``; 0 where nothing comes through, even of nothing."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.where(part == 0.0, 0.0, part / whole), nan=np.inf, posinf=np.inf)
