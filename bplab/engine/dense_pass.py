"""A dense layer in a pass: ``∂C/∂W = a_inᵀ · δ`` and ``W · δ`` stand here as one ``dot`` each."""

from __future__ import annotations

import numpy as np

from .calls import Array, Calls
from .layer_pass import LayerPass, SkipStage, Wiring
from .layers.base import Place
from .noise import DropoutStage


class DensePass(LayerPass):
    """z = Wᵀ·[a_in; 1], and what stands around the activation."""

    def __init__(self, place: Place, wiring: Wiring) -> None:
        layer = place.layer
        super().__init__(place, wiring, layer.activation.with_numbers(wiring.numbers, wiring.gradients))
        norm, numbers, gradients, mode = layer.normalization, wiring.numbers, wiring.gradients, wiring.mode
        drops = layer.dropout > 0.0 and mode == "training" and wiring.noise is not None
        if norm is not None and norm.place == "before":
            self.argument = np.empty_like(self.z)
            self.before = norm.stage(self.z, self.argument, numbers, gradients, mode)
        normalizes_after = norm is not None and norm.place == "after"
        if normalizes_after or drops or layer.skip is not None:
            self.activated = np.empty_like(self.z)
        reached = self.activated
        if normalizes_after:
            out = np.empty_like(self.z) if drops else self.outputs
            self.after.append((norm.stage(reached, out, numbers, gradients, mode), out))
            reached = out
        if drops and wiring.noise is not None:
            drop = DropoutStage(layer.dropout, reached, self.outputs, wiring.noise, wiring.number)
            self.after.append((drop, self.outputs))
            reached = self.outputs
        if layer.skip is not None:
            source, projection = wiring.earlier[layer.skip], (numbers.get("projection"), gradients.get("projection"))
            self.skip = SkipStage(source, reached, self.outputs, *projection, from_inputs=layer.skip == 0)
        if wiring.keeps_errors:
            self.keep_errors()

    def weigh(self, extended_inputs: Array) -> Calls:
        return [(self.matrix.T.dot, (extended_inputs, self.z))]

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        calls: Calls = [(extended_inputs.dot, (self.delta.T, self.gradient))]
        return calls if self.place.layer.bias else [*calls, (self.gradient[-1].fill, (0.0,))]

    def error_of_inputs(self, error: Array) -> Calls:
        return [(self.matrix[:-1].dot, (self.delta, error))]
