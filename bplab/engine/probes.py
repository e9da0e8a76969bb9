"""Probes: what is measured inside the network on a fixed batch, layer by layer and neuron by neuron.

``∂C/∂w = a_in · δ`` has two factors, so both are shown apart: the RMS of the deltas and the RMS of the
weight gradients. A neuron is saturated on a sample where |f'(z)| is below 5 % of max|f'|.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .activations import saturation_mask
from .calls import Array, Calls, execute, quiet_runner
from .layer_pass import LayerPass
from .network import Network
from .passes import with_ones

SMALLEST_SQUARES, LARGEST_SQUARES = 1e-25, 1e30
"""A sum of squares between these is exact enough in float32, the narrower dtype."""


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """One look into the network, an entry per layer."""

    loss: float
    """Mean loss of the probe batch."""
    weight_gradient_rms: NDArray[np.float64]
    """RMS of ∂C/∂W, biases not counted, ``(layers,)``."""
    delta_rms: NDArray[np.float64]
    """RMS of δ = ∂C/∂z over units and samples, ``(layers,)``."""
    saturated: NDArray[np.uint16]
    """Probe samples on which each neuron is saturated, all layers' neurons in one row, ``(neurons,)``."""
    dead: NDArray[np.uint32]
    """Neurons per layer with f' = 0 on every probe sample, ``(layers,)``."""


class Probe:
    """Measures a network on one batch, again and again, without allocating.

    The batch is seen as in training, with its own statistics in batch normalization, but without dropout.

    ``x (samples, inputs)``, ``y (samples, outputs)``, at most 65,535 samples.
    """

    def __init__(self, network: Network, x: Array, y: Array) -> None:
        inputs, targets = network.checked_batch(x, y)
        self.samples = len(inputs)
        self._pass = network.make_pass(self.samples)
        self._extended = with_ones(inputs, network.dtype).T
        calls, self._total = self._pass.bind(self._extended, np.ascontiguousarray(targets.T))
        slopes: Calls = []
        for layer in self._pass.layers:
            slopes += layer.derivative()
        # Back-propagation may skip f' (paired losses) or reuse its buffer, so f' is taken once more at the end.
        self._calls = [*calls, *slopes]
        self._quietly = quiet_runner()

    @property
    def layers(self) -> list[LayerPass]:
        """The buffers of the latest measurement, arrays ``(units, samples)``; copy what you keep."""
        return self._pass.layers

    def read(self) -> Reading:
        """Run the batch forward and back and measure."""
        return self._quietly(self._read)  # type: ignore[no-any-return]

    def _read(self) -> Reading:
        execute(self._calls)
        layers = self._pass.layers
        masks = [saturation_mask(layer.activation, layer.slope) for layer in layers]
        return Reading(
            loss=self._total() / self.samples,
            weight_gradient_rms=np.array([rms(layer.weight_gradient_values) for layer in layers]),
            delta_rms=np.array([rms(layer.delta) for layer in layers]),
            saturated=np.concatenate([np.add.reduce(mask, 1, np.uint16) for mask in masks]),
            dead=np.array([_dead(layer) for layer in layers], np.uint32),
        )


class Evaluation:
    """Outputs and loss of a network on one batch, as in use, again and again, without allocating.

    ``x (samples, inputs)``, ``y (samples, outputs)``.
    """

    def __init__(self, network: Network, x: Array, y: Array) -> None:
        inputs, targets = network.checked_batch(x, y)
        self._samples = len(inputs)
        step = network.make_pass(self._samples, mode="evaluation")
        judge, self._total = step.judge(np.ascontiguousarray(targets.T))
        self._calls = [*step.forward(with_ones(inputs, network.dtype).T), *judge]
        self._outputs = step.outputs
        self._quietly = quiet_runner()

    def run(self) -> tuple[Array, float]:
        """Outputs ``(samples, outputs)``, a view valid until the next call, and the mean loss."""
        self._quietly(execute, self._calls)
        return self._outputs.T, self._quietly(self._total) / self._samples


def _dead(layer: LayerPass) -> int:
    return int(layer.slope.shape[0]) - int(np.count_nonzero(np.logical_or.reduce(layer.slope, 1)))


def rms(values: Any) -> float:
    """Root of the mean square; 0 for nothing. Accumulated in the array's own dtype by one dot product.

    Where squares would leave that dtype's range the values are scaled first: a vanished gradient is not a 0.
    """
    flat = values.reshape(-1)
    if not flat.size:
        return 0.0
    total = float(flat.dot(flat))
    if SMALLEST_SQUARES <= total <= LARGEST_SQUARES:
        return math.sqrt(total / flat.size)
    largest = float(np.abs(flat).max())
    if largest == 0.0 or not math.isfinite(largest):
        return largest
    scaled = flat / largest
    return largest * math.sqrt(float(scaled.dot(scaled)) / flat.size)


def update_ratios(before: list[Array], after: list[Array]) -> NDArray[np.float64]:
    """‖ΔW‖/‖W‖ of one update per layer, biases not counted; ``before``, ``after`` ``(inputs + 1, units)`` each.

    A layer whose weights are all 0 has no ratio and reads 0. Healthy training stands near 1e-3 (CS231n).
    """
    ratios = []
    with np.errstate(over="ignore", under="ignore"):  # on the way to divergence squares overflow; rms copes
        for old, new in zip(before, after, strict=True):
            size = rms(old[:-1])
            ratios.append(rms(new[:-1] - old[:-1]) / size if size else 0.0)
    return np.array(ratios)
