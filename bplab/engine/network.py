"""The network: layers as values, and the numbers they hold in one flat vector."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import ArrayLike

from .calls import Array, execute, quiet_runner
from .choices import checked
from .errors import InputError
from .initializers import Site
from .layers import Dense, check_draws
from .losses import HalfSquaredError, Loss
from .passes import Pass, layer_shapes, matrices, with_ones

DType = Literal["float64", "float32"]
MAX_PARAMETERS = 200_000_000
LAYER_STREAM = 2**33
"""Keeps the layers' random streams apart from a data set's (the bare seed) and from the orders of samples."""
CHUNK = 1024
"""Predictions run through the network this many samples at a time, so memory stays bounded."""


class _Design(msgspec.Struct, frozen=True):
    """What a network is made from, held to the limits that an experiment file has."""

    inputs: Annotated[int, Meta(ge=1)]
    layers: Annotated[tuple[Dense, ...], Meta(min_length=1)]
    loss: Loss
    dtype: DType
    seed: Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, eq=False)
class Backprop:
    """Everything one backward pass knows; lists have an entry per layer, arrays are ``(samples, units)``."""

    loss: float
    """Mean loss of the batch."""
    inputs: list[Array]
    """a_in of each layer, ``(samples, inputs)``."""
    weighted_inputs: list[Array]
    """z."""
    outputs: list[Array]
    """a = f(z)."""
    deltas: list[Array]
    """δ = ∂C/∂z."""
    weight_gradients: list[Array]
    """∂C/∂W = a_inᵀ @ δ, ``(inputs, units)``."""
    bias_gradients: list[Array]
    """∂C/∂b, ``(units,)``."""
    output_errors: Array
    """∂C/∂a of the last layer; where the loss is computed from z, its δ."""


class Network:
    """A stack of layers with a loss.

    ``Network(2, [Dense(4, Tanh()), Dense(1, Tanh())], HalfSquaredError(), "float64", seed=0)``. Layer k draws its
    weights and biases from a generator of its own, made from the seed and k: editing one layer leaves the draws
    of those before it as they were. Raises ``InputError`` for a network that cannot be built.
    """

    def __init__(
        self,
        inputs: int,
        layers: Sequence[Dense],
        loss: Any = HalfSquaredError(),  # noqa: B008  # a frozen value
        dtype: DType = "float64",
        seed: int = 0,
    ) -> None:
        design = checked(_Design, inputs=inputs, layers=layers, loss=loss, dtype=dtype, seed=seed)
        self.inputs, self.layers, self.seed = design.inputs, design.layers, design.seed
        self.loss: Loss = design.loss
        self.dtype: np.dtype[Any] = np.dtype(design.dtype)
        shapes = layer_shapes(self.inputs, self.layers)
        count = sum(rows * columns for rows, columns in shapes)
        if count > MAX_PARAMETERS:
            raise InputError(f"this network has {count:,} parameters; at most {MAX_PARAMETERS:,} fit")
        check_draws(self.inputs, self.layers)
        self._shapes = shapes
        self._parameters = np.zeros(count, self.dtype)
        self._matrices = matrices(self._parameters, shapes)
        self._passes: dict[int, Pass] = {}
        self._quietly = quiet_runner()
        self.initialize(seed)

    def initialize(self, seed: int) -> None:
        """Draw all weights and biases anew."""
        for index, (layer, matrix) in enumerate(zip(self.layers, self._matrices, strict=True)):
            generator = np.random.default_rng([seed, LAYER_STREAM + index])
            inputs, units = matrix.shape[0] - 1, matrix.shape[1]
            site = Site(inputs, units, layer.activation)
            matrix[:-1] = layer.weights.draw(generator, (inputs, units), site)
            matrix[-1] = layer.biases.draw(generator, (units,), site)

    @property
    def parameters(self) -> Array:
        """All weights and biases as one flat writable vector: per layer W row by row, then b."""
        return self._parameters

    @property
    def outputs(self) -> int:
        """Units of the last layer."""
        return self.layers[-1].units

    @property
    def weights(self) -> list[Array]:
        """Writable views ``(inputs, units)``, one per layer."""
        return [matrix[:-1] for matrix in self._matrices]

    @property
    def biases(self) -> list[Array]:
        """Writable views ``(units,)``, one per layer."""
        return [matrix[-1] for matrix in self._matrices]

    @property
    def weight_stretches(self) -> tuple[slice, ...]:
        """Where the weights lie in the flat vector of parameters, one slice per layer; the rest are biases."""
        ends = itertools.accumulate(matrix.size for matrix in self._matrices)
        return tuple(
            slice(end - matrix.size, end - matrix.shape[1]) for end, matrix in zip(ends, self._matrices, strict=True)
        )

    def split_by_layer(self, flat: Array) -> list[Array]:
        """Views of a flat vector shaped like the parameters: ``(inputs + 1, units)`` a layer, biases last."""
        return matrices(flat, self._shapes)

    def make_pass(self, samples: int, gradients: Array | None = None) -> Pass:
        """Buffers and calls for batches of ``samples``; ``gradients`` is a flat vector to write into."""
        flat = np.zeros_like(self._parameters) if gradients is None else gradients
        return Pass(self.layers, self._matrices, self.split_by_layer(flat), self.loss, samples)

    def predict(self, x: ArrayLike) -> Array:
        """Outputs ``(samples, outputs)`` for inputs ``(samples, inputs)``."""
        inputs = self._checked_inputs(x)
        result = np.empty((len(inputs), self.outputs), self.dtype)
        for start in range(0, len(inputs), CHUNK):
            chunk = with_ones(inputs[start : start + CHUNK], self.dtype)
            step = self._pass(len(chunk))
            self._quietly(execute, step.forward(chunk.T))
            result[start : start + CHUNK] = step.outputs.T
        return result

    def evaluate(self, x: ArrayLike, y: ArrayLike) -> float:
        """Mean loss over ``x (samples, inputs)``, ``y (samples, outputs)``."""
        return self.predict_and_evaluate(x, y)[1]

    def predict_and_evaluate(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, float]:
        """Outputs ``(samples, outputs)`` and the mean loss, in one pass."""
        inputs, targets = self.checked_batch(x, y)
        outputs, total = np.empty_like(targets), 0.0
        for start in range(0, len(inputs), CHUNK):
            part = slice(start, start + CHUNK)
            step, loss = self._run(inputs[part], targets[part], backward=False)
            outputs[part] = step.outputs.T
            total += loss
        return outputs, total / len(inputs)

    def backprop(self, x: ArrayLike, y: ArrayLike) -> Backprop:
        """One pass forward and back over the whole batch, with copies of everything it computed."""
        inputs, targets = self.checked_batch(x, y)
        step, total = self._run(inputs, targets, backward=True)
        outputs = [layer.outputs.T.copy() for layer in step.layers]
        return Backprop(
            loss=total / len(inputs),
            inputs=[inputs.astype(self.dtype), *outputs[:-1]],
            weighted_inputs=[layer.z.T.copy() for layer in step.layers],
            outputs=outputs,
            deltas=[layer.delta.T.copy() for layer in step.layers],
            weight_gradients=[layer.gradient[:-1].copy() for layer in step.layers],
            bias_gradients=[layer.gradient[-1].copy() for layer in step.layers],
            output_errors=step.output_errors().T.copy(),
        )

    def _run(self, inputs: Array, targets: Array, *, backward: bool) -> tuple[Pass, float]:
        extended = with_ones(inputs, self.dtype).T
        step = self._pass(len(inputs))
        compare, total = step.compare(np.ascontiguousarray(targets.T))
        calls = [*step.forward(extended), *compare, *(step.backward(extended) if backward else ())]
        self._quietly(execute, calls)
        return step, self._quietly(total)

    def _pass(self, samples: int) -> Pass:
        if samples not in self._passes:
            if len(self._passes) >= 3:
                self._passes.pop(next(iter(self._passes)))
            self._passes[samples] = self.make_pass(samples)
        return self._passes[samples]

    def _numbers(self, what: str, values: ArrayLike) -> Array:
        try:
            with np.errstate(over="ignore"):  # too large for float32: infinite, and found as such
                return np.asarray(values, self.dtype)
        except (TypeError, ValueError) as error:
            raise InputError(f"{what} are no table of numbers: {error}") from None

    def _checked_inputs(self, x: ArrayLike) -> Array:
        inputs = self._numbers("inputs", x)
        if inputs.ndim != 2 or inputs.shape[1] != self.inputs:
            raise InputError(f"inputs have shape {inputs.shape}; expected (samples, {self.inputs})")
        return inputs

    def _checked_targets(self, y: ArrayLike) -> Array:
        targets = self._numbers("targets", y)
        if targets.ndim == 1 and self.outputs == 1:
            targets = targets.reshape(-1, 1)
        if targets.ndim != 2 or targets.shape[1] != self.outputs:
            raise InputError(f"targets have shape {targets.shape}; expected (samples, {self.outputs})")
        return targets

    def checked_batch(self, x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
        """``x (samples, inputs)`` and ``y (samples, outputs)`` as arrays of the network's dtype.

        Raises ``InputError`` where they do not fit the network or each other.
        """
        inputs, targets = self._checked_inputs(x), self._checked_targets(y)
        if len(inputs) != len(targets):
            raise InputError(f"there are {len(inputs)} inputs but {len(targets)} targets")
        if not len(inputs):
            raise InputError("there are no samples")
        return inputs, targets
