"""A pass: the buffers and calls that carry one batch forward through a network and its error back.

Made once for a batch size and then only executed. ``∂C/∂W = a_inᵀ · δ`` and ``δ = (W·δ_next) · f'(z)``
stand here as one ``dot`` each; a bias is one more row of W under an input that is always 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from .activations import Activation
from .calls import Array, Calls, constant
from .losses import Loss, Total

if TYPE_CHECKING:
    from .layers import Dense


def with_ones(x: Array, dtype: np.dtype[Any]) -> Array:
    """``x (samples, inputs)`` with a column of ones behind it, for the biases; C-contiguous."""
    extended = np.ones((x.shape[0], x.shape[1] + 1), dtype)
    extended[:, :-1] = x
    return extended


def layer_shapes(inputs: int, layers: Sequence[Dense]) -> list[tuple[int, int]]:
    """``(inputs + 1, units)`` of every layer's matrix, the bias as its last row."""
    widths = [inputs, *(layer.units for layer in layers)]
    return [(before + 1, units) for before, units in pairwise(widths)]


def matrices(flat: Array, shapes: Sequence[tuple[int, int]]) -> list[Array]:
    """Views of the flat vector as one matrix a layer."""
    views, start = [], 0
    for rows, columns in shapes:
        views.append(flat[start : start + rows * columns].reshape(rows, columns))
        start += rows * columns
    return views


class LayerPass:
    """One layer's share of a pass; all arrays ``(units, samples)``, ``extended`` with a row of ones below."""

    def __init__(
        self, activation: Any, matrix: Array, gradient: Array, z: Array, extended: Array, slope: Array
    ) -> None:
        self.activation: Activation = activation
        self.matrix, self.gradient = matrix, gradient
        self.z, self.slope = z, slope
        self.extended, self.outputs = extended, extended[:-1]
        self.delta = np.empty_like(z)

    def weigh(self, extended_inputs: Array) -> Calls:
        """z = Wᵀ·[a_in; 1]. ``extended_inputs`` is ``(inputs + 1, samples)``, its last row ones."""
        return [(self.matrix.T.dot, (extended_inputs, self.z))]

    def activate(self) -> Calls:
        """a = f(z)."""
        return self.activation.forward(self.z, self.outputs)

    def backward_from(self, error: Array) -> Calls:
        """δ = ∂C/∂a · f'(z), after the calls for f'(z)."""
        return self.activation.backward(self.z, self.outputs, error, self.slope, self.delta)

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        """∂C/∂W = a_in · δ, with ∂C/∂b in the last row."""
        return [(extended_inputs.dot, (self.delta.T, self.gradient))]

    def error_of_inputs(self, error: Array) -> Calls:
        """∂C/∂a_in = W·δ."""
        return [(self.matrix[:-1].dot, (self.delta, error))]


class Pass:
    """Buffers for ``samples`` samples, and the calls bound to them.

    Only the first layer and the loss ever see a batch; every call between them is made once and shared, with its
    scratch, by all the batches that are bound. The layers' arrays lie one below the other, a row of ones between
    them, so that f' of neighbouring layers with the same activation is taken in one go.
    """

    def __init__(
        self, layers: Sequence[Dense], matrices: Sequence[Array], gradients: Sequence[Array], loss: Any, samples: int
    ) -> None:
        self.samples = samples
        self.loss: Loss = loss
        rows, dtype = sum(layer.units + 1 for layer in layers), matrices[0].dtype
        self._z, self._slope = np.zeros((rows, samples), dtype), np.zeros((rows, samples), dtype)
        self._extended = np.ones((rows, samples), dtype)
        self.layers: list[LayerPass] = []
        self._starts: list[int] = []
        start = 0
        for layer, matrix, gradient in zip(layers, matrices, gradients, strict=True):
            end = start + layer.units
            arrays = self._z[start:end], self._extended[start : end + 1], self._slope[start:end]
            self.layers.append(LayerPass(layer.activation, matrix, gradient, *arrays))
            self._starts.append(start)
            start = end + 1
        last = self.layers[-1]
        self._paired = self.loss.pairs_with(last.activation)
        self.error = np.empty_like(last.z)
        self.scale = constant(1.0 / samples, last.delta)
        slopes = self._slopes_by_last_layer()
        self._forward_rest = self._calls_after_first_product()
        self._from_error = [] if self._paired else [*slopes[len(layers) - 1], *last.backward_from(self.error)]
        self._backward_rest = self._calls_before_first_gradient(slopes)

    @property
    def outputs(self) -> Array:
        """The network's outputs, ``(units, samples)``, after the forward calls."""
        return self.layers[-1].outputs

    def output_errors(self) -> Array:
        """∂C/∂a of the last layer, ``(units, samples)``; its δ where the loss is computed from z."""
        last = self.layers[-1]
        return last.delta if self.loss.pairs_with(last.activation) else self.error * self.scale

    def set_factor(self, factor: float) -> None:
        """Let deltas and gradients come out ``factor`` times as large; an optimizer may fold its rate in."""
        self.scale[...] = factor / self.samples

    def forward(self, extended_inputs: Array) -> Calls:
        """Calls for the outputs of ``extended_inputs``, ``(inputs + 1, samples)``."""
        return [*self.layers[0].weigh(extended_inputs), *self._forward_rest]

    def compare(self, targets: Array) -> tuple[Calls, Total]:
        """Calls from outputs and ``targets (units, samples)`` to the last layer's δ, and the summed loss."""
        last = self.layers[-1]
        if self._paired:
            calls, total = self.loss.compare_paired(last.z, last.outputs, targets, last.delta)
        else:
            calls, total = self.loss.compare(last.outputs, targets, self.error)
        return [*calls, *self._from_error, (np.multiply, (last.delta, self.scale, last.delta))], total

    def backward(self, extended_inputs: Array) -> Calls:
        """Calls from the last layer's δ to every layer's δ and gradient."""
        return [*self._backward_rest, *self.layers[0].weight_gradient(extended_inputs)]

    def bind(self, extended_inputs: Array, targets: Array) -> tuple[Calls, Total]:
        """All calls of one forward and backward pass over the given batch, and its summed loss."""
        compare, total = self.compare(targets)
        return [*self.forward(extended_inputs), *compare, *self.backward(extended_inputs)], total

    def _calls_after_first_product(self) -> Calls:
        calls = self.layers[0].activate()
        for before, layer in pairwise(self.layers):
            calls += [*layer.weigh(before.extended), *layer.activate()]
        return calls

    def _calls_before_first_gradient(self, slopes: dict[int, Calls]) -> Calls:
        calls: Calls = []
        for number in range(len(self.layers) - 1, 0, -1):
            layer, before = self.layers[number], self.layers[number - 1]
            calls += layer.weight_gradient(before.extended)
            calls += layer.error_of_inputs(before.delta)
            calls += [*slopes[number - 1], *before.backward_from(before.delta)]
        return calls

    def _slopes_by_last_layer(self) -> dict[int, Calls]:
        """For every layer the calls for f' that must run before its δ: those of all neighbours it is the last of."""
        slopes: dict[int, Calls] = {number: [] for number in range(len(self.layers))}
        needed = range(len(self.layers) - self._paired)  # the error of a pair does without f'
        for activation, run in groupby(needed, key=lambda number: self.layers[number].activation):
            numbers = list(run)
            if activation.uses_slope:
                first, last = numbers[0], numbers[-1]
                rows = slice(self._starts[first], self._starts[last] + len(self.layers[last].z))
                slopes[last] = activation.derivative(self._z[rows], self._extended[rows], self._slope[rows])
        return slopes
