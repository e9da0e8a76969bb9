"""A pass for many networks at once: the calls of :mod:`bplab.engine.passes` over arrays that hold them all.

Arrays are ``(units, networks, samples)``, each layer's contiguous with a row of ones below. To an activation or a loss
that is one network with ``networks · samples`` samples; a product takes the same memory as ``networks`` matrices.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from ..activations import Activation
from ..calls import Array, Calls
from ..losses import Loss, Total
from .fitting import as_one
from .stack import Stack

Kinds = tuple[Activation, ...]
"""The activations that the networks have in one layer."""


def by_network(values: Array) -> Array:
    """``(units, networks, samples)`` as ``(networks, units, samples)``, a view."""
    return values.transpose(1, 0, 2)


def flat(values: Array) -> Array:
    """``(units, networks, samples)`` as ``(units, networks · samples)``, a view."""
    return values.reshape(len(values), -1)


class _Layer:
    """One layer's arrays; its outputs are ``extended`` without the row of ones."""

    def __init__(self, activation: Activation, z: Array, extended: Array, slope: Array) -> None:
        self.activation = activation
        self.z, self.extended, self.slope = z, extended, slope
        self.outputs, self.delta = extended[:-1], np.zeros_like(z)

    def activate(self) -> Calls:
        """a = f(z)."""
        return self.activation.forward(flat(self.z), flat(self.outputs))

    def backward_from(self, error: Array) -> Calls:
        """δ = ∂C/∂a · f'(z), after the calls for f'(z)."""
        arrays = self.z, self.outputs, error, self.slope
        z, a, error, slope = map(flat, arrays)
        delta = error if arrays[2] is self.delta else flat(self.delta)
        return self.activation.backward(z, a, error, slope, delta)


class ManyPass:
    """Buffers and calls for batches of ``samples`` samples; ``calls`` run forward and back, ``total`` follows.

    Before them ``inputs (samples, inputs + 1)``, ones last, and ``targets (outputs, networks, samples)`` are filled in;
    if the networks do not share their batches, ``inputs`` is ``(networks, samples, inputs + 1)``.
    """

    def __init__(self, parameters: Stack, gradients: Stack, kinds: Sequence[Kinds], loss: Loss, samples: int) -> None:
        self.samples = samples
        self._kinds = kinds
        self._parameters, self._gradients = parameters, gradients
        networks, dtype = parameters.networks, parameters.rest.dtype
        rows = sum(units + 1 for _, units in parameters.shapes)
        self._z, self._slope = (np.zeros((rows, networks, samples), dtype) for _ in range(2))
        self._extended = np.ones((rows, networks, samples), dtype)
        self._starts, self._layers = [], list[_Layer]()
        start = 0
        for (_, units), own in zip(parameters.shapes, kinds, strict=True):
            part = slice(start, start + units)
            arrays = self._z[part], self._extended[start : start + units + 1], self._slope[part]
            self._layers.append(_Layer(as_one(own, samples), *arrays))
            self._starts.append(start)
            start += units + 1
        last = self._layers[-1]
        width = parameters.shapes[0][0]
        self.inputs = np.ones((samples, width) if parameters.split else (networks, samples, width), dtype)
        self.targets, self._scale = np.empty_like(last.z), np.full_like(last.z, 1.0 / samples)
        compare, self.total = self._compare(loss)
        self.calls: Calls = [*self._forward(), *compare, *self._backward()]

    def set_factors(self, factors: Array) -> None:
        """Let each network's gradients come out so many times as large, ``(networks,)``."""
        self._scale[...] = (factors / self.samples)[:, None]

    def _forward(self) -> Calls:
        calls: Calls = []
        for number, (layer, matrix) in enumerate(zip(self._layers, self._parameters.matrices(), strict=True)):
            if number:
                inputs = by_network(self._layers[number - 1].extended)
                calls.append((np.matmul, (matrix.transpose(0, 2, 1), inputs, by_network(layer.z))))
            elif self._parameters.split:
                z = layer.z.reshape(-1, self.samples)
                calls.append((self._parameters.wide_first().T.dot, (self.inputs.T, z)))
            else:
                inputs = self.inputs.transpose(0, 2, 1)
                calls.append((np.matmul, (matrix.transpose(0, 2, 1), inputs, by_network(layer.z))))
            calls += layer.activate()
        return calls

    def _compare(self, loss: Loss) -> tuple[Calls, Total]:
        """Calls from the outputs to the last layer's δ, and the summed losses."""
        last = self._layers[-1]
        scale: Calls = [(np.multiply, (last.delta, self._scale, last.delta))]
        if loss.pairs_with(last.activation):
            calls, total = loss.compare_paired(last.z, last.outputs, self.targets, last.delta)
            return [*calls, *self._slopes(self._kinds[:-1]), *scale], total
        error = np.empty_like(last.z)
        calls, total = loss.compare(last.outputs, self.targets, error)
        return [*calls, *self._slopes(self._kinds), *last.backward_from(error), *scale], total

    def _slopes(self, kinds: Sequence[Kinds]) -> Calls:
        """f' of all these layers; neighbours with the same activations, whose rows lie together, in one go."""
        calls: Calls = []
        for _, run in groupby(range(len(kinds)), key=lambda number: kinds[number]):
            numbers = list(run)
            layer = self._layers[numbers[-1]]
            if layer.activation.uses_slope:
                rows = slice(self._starts[numbers[0]], self._starts[numbers[-1]] + len(layer.z))
                arrays = self._z[rows], self._extended[rows], self._slope[rows]
                calls += layer.activation.derivative(*map(flat, arrays))
        return calls

    def _backward(self) -> Calls:
        """Calls from the last layer's δ to all δ and gradients."""
        calls: Calls = []
        matrices, gradients = self._parameters.matrices(), self._gradients.matrices()
        for number in range(len(self._layers) - 1, 0, -1):
            layer, before = self._layers[number], self._layers[number - 1]
            calls += self._gradient(by_network(before.extended), layer.delta, gradients[number])
            calls += self._error_of_inputs(matrices[number], layer.delta, before.delta)
            calls += before.backward_from(before.delta)
        delta = self._layers[0].delta
        if self._parameters.split:
            wide = self._gradients.wide_first()
            return [*calls, (self.inputs.T.dot, (delta.reshape(-1, self.samples).T, wide))]
        return [*calls, *self._gradient(self.inputs.transpose(0, 2, 1), delta, gradients[0])]

    @staticmethod
    def _gradient(inputs: Array, delta: Array, gradient: Array) -> Calls:
        """∂C/∂W = a_in · δ of every network."""
        return [(np.matmul, (inputs, delta.transpose(1, 2, 0), gradient))]

    @staticmethod
    def _error_of_inputs(matrix: Array, delta: Array, error: Array) -> Calls:
        """∂C/∂a_in = W·δ of every network. With one unit that sums nothing, and costs half as a plain product."""
        if len(delta) > 1:
            return [(np.matmul, (matrix[:, :-1], by_network(delta), by_network(error)))]
        weights = matrix[:, :-1].transpose(1, 0, 2)
        return [(np.copyto, (error, weights)), (np.multiply, (flat(error), flat(delta), flat(error)))]
