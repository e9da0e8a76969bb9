"""A pass: the buffers and calls that carry one batch forward through a network and its error back.

Made once for a batch size and then only executed. A bias is one more row of a layer's matrix under an input that
is always 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .calls import Array, Calls, constant
from .layer_pass import LayerPass, Wiring
from .layers import Place
from .losses import Loss, Total
from .noise import Noise
from .normalizations import Mode

Numbers = Sequence[dict[str, Array]]
"""For each layer its named arrays."""


def with_ones(x: Array, dtype: np.dtype[Any]) -> Array:
    """``x (samples, inputs)`` with a column of ones behind it, for the biases; C-contiguous."""
    extended = np.ones((x.shape[0], x.shape[1] + 1), dtype)
    extended[:, :-1] = x
    return extended


class Pass:
    """Buffers for ``samples`` samples, and the calls bound to them.

    Only the first layer and the loss ever see a batch; every call between them is made once and shared, with its
    scratch, by all the batches that are bound. The layers' arrays lie one below the other, a row of ones between
    them, so that f' of neighbouring layers with the same activation is taken in one go.
    """

    def __init__(
        self,
        places: Sequence[Place],
        numbers: Numbers,
        gradients: Numbers,
        loss: Any,
        samples: int,
        dtype: np.dtype[Any],
        mode: Mode = "probe",
        noise: Noise | None = None,
        keeps_errors: bool = False,
    ) -> None:
        self.samples = samples
        self.loss: Loss = loss
        rows = sum(place.units + 1 for place in places)
        self._z, self._slope = np.zeros((rows, samples), dtype), np.zeros((rows, samples), dtype)
        self._extended = np.ones((rows, samples), dtype)
        self._inputs = np.empty((places[0].fan_in, samples), dtype)
        self.layers: list[LayerPass] = []
        self._starts: list[int] = []
        earlier, start = [self._inputs], 0
        for number, (place, own, own_gradients) in enumerate(zip(places, numbers, gradients, strict=True), start=1):
            end = start + place.units
            arrays = self._z[start:end], self._extended[start : end + 1], self._slope[start:end]
            wiring = Wiring(number, own, own_gradients, *arrays, mode, noise, earlier, keeps_errors)
            self.layers.append(place.layer.join(place, wiring))
            self._starts.append(start)
            earlier.append(self.layers[-1].outputs)
            start = end + 1
        self._link_skips()
        last = self.layers[-1]
        self._paired = self.loss.pairs_with(last.activation) and last.activated is last.outputs
        self._raw, self._error = np.empty_like(last.z), np.empty_like(last.z)
        self.scale = constant(1.0 / samples, last.delta)
        self._forward_rest = self._calls_after_first_product()
        slopes = self._slopes_by_last_layer()
        self._from_error = (
            last.backward_from_argument()
            if self._paired
            else last.backward_from(self._error, slopes[len(self.layers) - 1])
        )
        self._backward_rest = self._calls_before_first_gradient(slopes)

    @property
    def outputs(self) -> Array:
        """The network's outputs, ``(units, samples)``, after the forward calls."""
        return self.layers[-1].outputs

    def output_errors(self) -> Array:
        """∂C/∂a of the last layer, ``(units, samples)``; its δ where the loss is computed from z.

        Known, as :meth:`last_activated_error` is, to a pass that keeps errors.
        """
        last = self.layers[-1]
        return last.argument_error if self._paired else last.error

    def last_activated_error(self) -> Array:
        """∂C/∂ what the last layer's f gives; its δ where the loss is computed from z."""
        last = self.layers[-1]
        return last.argument_error if self._paired else last.activated_error

    def steepest(self) -> NDArray[np.float64]:
        """max|f'| of each layer, as a PReLU has learned it, ``(layers,)``; 1 where the loss is computed from z."""
        found = np.array([layer.activation.steepest for layer in self.layers])
        if self._paired:
            found[-1] = 1.0
        return found

    def set_factor(self, factor: float) -> None:
        """Let deltas and gradients come out ``factor`` times as large; an optimizer may fold its rate in."""
        self.scale[...] = factor / self.samples

    def forward(self, extended_inputs: Array) -> Calls:
        """Calls for the outputs of ``extended_inputs``, ``(inputs + 1, samples)``."""
        return [*self.take(extended_inputs), *self.layers[0].weigh(extended_inputs), *self._forward_rest]

    def take(self, extended_inputs: Array) -> Calls:
        """Calls that put ``extended_inputs`` where skips find them."""
        return [(np.copyto, (self._inputs, extended_inputs[:-1]))] if self._skips_from_inputs else []

    def compare(self, targets: Array) -> tuple[Calls, Total]:
        """Calls from outputs and ``targets (units, samples)`` to the last layer's δ, and the summed loss."""
        raw, error = (self.layers[-1].delta,) * 2 if self._paired else (self._raw, self._error)
        calls, total = self.judge(targets)
        return [*calls, (np.multiply, (raw, self.scale, error)), *self._from_error], total

    def judge(self, targets: Array) -> tuple[Calls, Total]:
        """The summed loss of the outputs against ``targets (units, samples)``, and the calls that it stands on.

        All that is needed where no error is to go back.
        """
        last = self.layers[-1]
        if self._paired:
            return self.loss.compare_paired(last.argument, last.outputs, targets, last.delta)
        return self.loss.compare(last.outputs, targets, self._raw)  # the total is taken from the raw error

    def backward(self, extended_inputs: Array) -> Calls:
        """Calls from the last layer's δ to every layer's δ and gradient."""
        return [*self._backward_rest, *self.layers[0].weight_gradient(extended_inputs)]

    def errors_back(self) -> Calls:
        """Calls from the last layer's δ to every layer's δ, without the gradients of the matrices."""
        return self._calls_before_first_gradient(self._slopes_by_last_layer(), gradients=False)

    def bind(self, extended_inputs: Array, targets: Array) -> tuple[Calls, Total]:
        """All calls of one forward and backward pass over the given batch, and its summed loss."""
        compare, total = self.compare(targets)
        return [*self.forward(extended_inputs), *compare, *self.backward(extended_inputs)], total

    def _link_skips(self) -> None:
        """Tell every layer which later ones send it errors past their neighbours."""
        self._skips_from_inputs = False
        for layer in self.layers:
            if layer.skip is not None:
                source = layer.place.layer.skip
                self._skips_from_inputs |= source == 0
                if source:
                    self.layers[source - 1].skips_into.append(layer.skip)

    def _calls_after_first_product(self) -> Calls:
        calls = self.layers[0].finish()
        for before, layer in pairwise(self.layers):
            calls += [*layer.weigh(before.extended), *layer.finish()]
        return calls

    def _calls_before_first_gradient(self, slopes: dict[int, Calls], gradients: bool = True) -> Calls:
        calls: Calls = []
        for number in range(len(self.layers) - 1, 0, -1):
            layer, before = self.layers[number], self.layers[number - 1]
            calls += layer.weight_gradient(before.extended) if gradients else []
            calls += layer.error_of_inputs(before.delta)
            calls += before.backward_from(before.delta, slopes[number - 1])
        return calls

    def _slopes_by_last_layer(self) -> dict[int, Calls]:
        """For every layer the calls for f' that must run before its δ: those of all neighbours it is the last of.

        Neighbours with the same activation, and nothing else around it, share them.
        """
        slopes: dict[int, Calls] = {number: [] for number in range(len(self.layers))}

        def kind(number: int) -> Any:
            layer = self.layers[number]
            return layer.activation if layer.bare and not layer.activation.learned() else number

        needed = range(len(self.layers) - self._paired)  # the error of a pair does without f'
        for _, run in groupby(needed, key=kind):
            numbers = list(run)
            layer = self.layers[numbers[-1]]
            if not layer.activation.uses_slope:
                continue
            if len(numbers) == 1:
                slopes[numbers[-1]] = layer.derivative()
            else:
                rows = slice(self._starts[numbers[0]], self._starts[numbers[-1]] + len(layer.z))
                arrays = self._z[rows], self._extended[rows], self._slope[rows]
                slopes[numbers[-1]] = layer.activation.derivative(*arrays)
        return slopes
