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
from .sizes import Sizes

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
    input_rms: NDArray[np.float64]
    """RMS of a_in, ``(layers,)``."""
    error_rms: NDArray[np.float64]
    """RMS of ∂C/∂a, ``(layers,)``."""
    activated_error_rms: NDArray[np.float64]
    """RMS of ∂C/∂ what f gives, ``(layers,)``; of ∂C/∂a where nothing stands behind f."""
    argument_error_rms: NDArray[np.float64]
    """RMS of ∂C/∂ what f takes, ``(layers,)``; of δ where no normalization stands before f."""
    steepest: NDArray[np.float64]
    """max|f'|, with the slopes that a PReLU has learned by now, ``(layers,)``; 1 where the loss is computed from z."""

    @property
    def sizes(self) -> Sizes:
        """What gradient budget and stall shares follow from."""
        return Sizes(
            self.input_rms,
            self.error_rms,
            self.activated_error_rms,
            self.argument_error_rms,
            self.delta_rms,
            self.steepest,
            output_error=self.error_rms[-1:],
        )


class Probe:
    """Measures a network on one batch, again and again, without allocating.

    The batch is seen as in training, with its own statistics in batch normalization, but without dropout.

    ``x (samples, inputs)``, ``y (samples, outputs)``, at most 65,535 samples.
    """

    def __init__(self, network: Network, x: Array, y: Array) -> None:
        inputs, targets = network.checked_batch(x, y)
        self.samples = len(inputs)
        self._pass = network.make_pass(self.samples, keeps_errors=True)
        self._extended = with_ones(inputs, network.dtype).T
        calls, self._total = self._pass.bind(self._extended, np.ascontiguousarray(targets.T))
        slopes: Calls = []
        for layer in self._pass.layers:
            slopes += layer.derivative()
        # Back-propagation may skip f' (paired losses) or reuse its buffer, so f' is taken once more at the end.
        self._calls = [*calls, *slopes]
        self._measured, self._where = self._arrays_to_measure()
        self._quietly = quiet_runner()
        self._entering = self._quietly(rms, self._extended[:-1])  # the batch stays the same

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
        sizes = np.array([rms(values) for values in self._measured])[self._where]
        return Reading(
            loss=self._total() / self.samples,
            weight_gradient_rms=np.array([rms(layer.weight_gradient_values) for layer in layers]),
            delta_rms=sizes[0],
            saturated=np.concatenate([np.add.reduce(mask, 1, np.uint16) for mask in masks]),
            dead=np.array([_dead(layer) for layer in layers], np.uint32),
            input_rms=np.array([self._entering, *(rms(layer.outputs) for layer in layers[:-1])]),
            error_rms=sizes[1],
            activated_error_rms=sizes[2],
            argument_error_rms=sizes[3],
            steepest=self._pass.steepest(),
        )

    def _arrays_to_measure(self) -> tuple[list[Array], NDArray[np.intp]]:
        """Deltas and errors, each array once: and where in that list the four of each layer stand, ``(4, layers)``."""
        layers, found = self._pass.layers, []
        for kind in (
            [layer.delta for layer in layers],
            [*(layer.error for layer in layers[:-1]), self._pass.output_errors()],
            [*(layer.activated_error for layer in layers[:-1]), self._pass.last_activated_error()],
            [layer.argument_error for layer in layers],
        ):
            found += kind
        arrays = list({id(values): values for values in found}.values())
        places = {id(values): place for place, values in enumerate(arrays)}
        return arrays, np.array([places[id(values)] for values in found]).reshape(4, -1)


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
