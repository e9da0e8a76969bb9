"""Layers for images in a pass, on ``(channels, height, width, samples)`` views of the pass's arrays.

A convolution copies its windows, a strided view of the padded images, into columns and is one matrix product from
there (Chellapilla et al. 2006); pooling takes one call per place in a window.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from .activations import Identity
from .calls import Array, Calls, constant, maximum
from .layer_pass import LayerPass, Wiring, flat_images
from .layers.base import Place


def _shifts(window: int, stride: int, down: int, across: int) -> Iterator[tuple[int, int, tuple[slice, ...]]]:
    """Every place in a window: its row and column, and the pixels of images that stand there in all windows."""
    for row in range(window):
        for column in range(window):
            rows = slice(row, row + stride * (down - 1) + 1, stride)
            columns = slice(column, column + stride * (across - 1) + 1, stride)
            yield row, column, (slice(None), rows, columns)


class Conv2DPass(LayerPass):
    """z = Wᵀ·columns, a column of pixels and a 1 for every window of every sample."""

    def __init__(self, place: Place, wiring: Wiring) -> None:
        layer = place.layer
        super().__init__(place, wiring, layer.activation.with_numbers(wiring.numbers, wiring.gradients))
        channels, height, width = place.inputs
        filters, down, across = place.outputs
        samples, pad, kernel, stride = self.z.shape[1], layer.padding, layer.kernel, layer.stride
        padded = (channels, height + 2 * pad, width + 2 * pad, samples)
        self._inside = (slice(None), slice(pad, pad + height), slice(pad, pad + width))
        self._padded, self._padded_error = np.zeros(padded, self.z.dtype), np.zeros(padded, self.z.dtype)
        c, h, w, n = self._padded.strides
        self._windows = np.lib.stride_tricks.as_strided(
            self._padded,
            (channels, kernel, kernel, down, across, samples),
            (c, h, w, stride * h, stride * w, n),
            writeable=False,
        )
        self._columns = np.ones((channels * kernel**2 + 1, down * across * samples), self.z.dtype)
        self._column_errors = np.empty_like(self._columns[:-1])
        self._shifts = list(_shifts(kernel, stride, down, across))
        self._by_map = (filters, down * across * samples)
        if wiring.keeps_errors:
            self.keep_errors()

    def weigh(self, extended_inputs: Array) -> Calls:
        return [
            (np.copyto, (self._padded[self._inside], flat_images(extended_inputs[:-1], self.place.inputs))),
            (np.copyto, (self._columns[:-1].reshape(self._windows.shape), self._windows)),
            (self.matrix.T.dot, (self._columns, self.z.reshape(self._by_map))),
        ]

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        delta = self.delta.reshape(self._by_map)
        calls: Calls = [(self._columns.dot, (delta.T, self.gradient))]
        return calls if self.place.layer.bias else [*calls, (self.gradient[-1].fill, (0.0,))]

    def error_of_inputs(self, error: Array) -> Calls:
        delta, whole = self.delta.reshape(self._by_map), self._column_errors.reshape(self._windows.shape)
        calls: Calls = [
            (self.matrix[:-1].dot, (delta, self._column_errors)),
            (self._padded_error.fill, (0.0,)),
        ]
        for row, column, pixels in self._shifts:
            there = self._padded_error[pixels]
            calls.append((np.add, (there, whole[:, row, column], there)))
        return [*calls, (np.copyto, (flat_images(error, self.place.inputs), self._padded_error[self._inside]))]


class _PoolPass(LayerPass):
    """Images as they come in, windows as they go out; z is what a window comes to, and f the identity."""

    def __init__(self, place: Place, wiring: Wiring) -> None:
        super().__init__(place, wiring, Identity())
        self._images = np.zeros((*place.inputs, self.z.shape[1]), self.z.dtype)
        self._result = flat_images(self.z, place.outputs)
        layer = place.layer
        self._shifts = [pixels for _, _, pixels in _shifts(layer.size, layer.step, *place.outputs[1:])]
        if wiring.keeps_errors:
            self.keep_errors()

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        return []

    def _take(self, extended_inputs: Array) -> Calls:
        return [(np.copyto, (self._images, flat_images(extended_inputs[:-1], self.place.inputs)))]


class MaxPoolPass(_PoolPass):
    """The largest of each window; among equals the first has it, and gets the error."""

    def weigh(self, extended_inputs: Array) -> Calls:
        first, *others = (self._images[pixels] for pixels in self._shifts)
        calls = [*self._take(extended_inputs), (np.copyto, (self._result, first))]
        return [*calls, *(maximum(self._result, other, self._result) for other in others)]

    def error_of_inputs(self, error: Array) -> Calls:
        images, delta = flat_images(error, self.place.inputs), flat_images(self.delta, self.place.outputs)
        free, hit = np.empty(delta.shape, np.bool_), np.empty(delta.shape, np.bool_)
        share = np.empty_like(delta)
        calls: Calls = [(images.fill, (0.0,)), (free.fill, (True,))]
        for pixels in self._shifts:
            calls += [
                (np.equal, (self._images[pixels], self._result, hit)),
                (np.logical_and, (hit, free, hit)),
                (np.logical_xor, (free, hit, free)),
                (np.copyto, (share, hit)),
                (np.multiply, (delta, share, share)),
                (np.add, (images[pixels], share, images[pixels])),
            ]
        return calls

    def kink_sides(self) -> list[Array]:
        return [self._images[pixels] == self._result for pixels in self._shifts]


class MeanPoolPass(_PoolPass):
    """The mean of each window."""

    def weigh(self, extended_inputs: Array) -> Calls:
        first, *others = (self._images[pixels] for pixels in self._shifts)
        calls: Calls = [*self._take(extended_inputs), (np.copyto, (self._result, first))]
        for other in others:
            calls.append((np.add, (self._result, other, self._result)))
        return [*calls, (np.multiply, (self._result, constant(1.0 / len(self._shifts), self._result), self._result))]

    def error_of_inputs(self, error: Array) -> Calls:
        images, delta = flat_images(error, self.place.inputs), flat_images(self.delta, self.place.outputs)
        share = np.empty_like(delta)
        calls: Calls = [
            (images.fill, (0.0,)),
            (np.multiply, (delta, constant(1.0 / len(self._shifts), delta), share)),
        ]
        for pixels in self._shifts:
            calls.append((np.add, (images[pixels], share, images[pixels])))
        return calls


class FlattenPass(LayerPass):
    """The same values, no longer as images."""

    def __init__(self, place: Place, wiring: Wiring) -> None:
        super().__init__(place, wiring, Identity())
        if wiring.keeps_errors:
            self.keep_errors()

    def weigh(self, extended_inputs: Array) -> Calls:
        return [(np.copyto, (self.z, extended_inputs[:-1]))]

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        return []

    def error_of_inputs(self, error: Array) -> Calls:
        return [(np.copyto, (error, self.delta))]
