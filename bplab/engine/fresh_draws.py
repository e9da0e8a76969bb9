"""A network drawn anew, many times over: what its layers measure at step 0, as a probe measures it.

The draws are always the same ones, and none of them is one that a training can start from.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from .calls import Array
from .mean_field import Floats
from .network import Network
from .probes import Probe, Reading, rms

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


def measure_draws(network: Network, inputs: Array, targets: Array, fitted_to: ArrayLike, draws: int) -> Measured:
    """Measure ``draws`` networks of the design of ``network``, which stays as it is.

    ``inputs (samples, inputs)``, ``targets (samples, outputs)``, in the network's dtype; ``fitted_to`` like
    ``inputs``: what an initialization that asks for data gets.
    """
    drawn = Network(network.input_shape, network.layers, network.loss, network.dtype.name, seed=0)  # type: ignore[arg-type]
    probe, rows = Probe(drawn, inputs, targets), []
    with np.errstate(all="ignore"):
        for seed in range(FIRST_SEED, FIRST_SEED + draws):
            drawn.initialize(seed)
            if drawn.wants_data:
                drawn.fit_initialization(fitted_to)
            rows.append(_numbers_of(probe, probe.read()))
        columns = np.nan_to_num(np.array(rows, np.float64), nan=np.inf, posinf=np.inf)
    size, std, saturated, slope, delta, dead = columns.transpose(1, 0, 2)
    return Measured(
        size, std, saturated, slope, _ratio(delta, delta[:, -1:]), _ratio(delta[:, :-1], delta[:, 1:]), dead
    )


def _numbers_of(probe: Probe, reading: Reading) -> list[list[float]]:
    layers, first, shares, dead = probe.layers, 0, [], []
    for layer, deads in zip(layers, reading.dead, strict=True):
        units = len(layer.outputs)
        shares.append(float(reading.saturated[first : first + units].mean()) / probe.samples)
        dead.append(float(deads == units))
        first += units
    outputs, slopes = [layer.outputs for layer in layers], [layer.slope for layer in layers]
    return [[*map(rms, outputs)], [*map(_std, outputs)], shares, [*map(rms, slopes)], [*reading.delta_rms], dead]


def _std(values: Array) -> float:
    """Standard deviation, also where squares would leave the range of the numbers."""
    return rms(values - values.mean())


def _ratio(part: Floats, whole: Floats) -> Floats:
    """``part / whole``; 0 where nothing comes through, even of nothing."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.where(part == 0.0, 0.0, part / whole), nan=np.inf, posinf=np.inf)
