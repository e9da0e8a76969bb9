"""The network: layers as values, and the numbers they hold in one flat vector."""

from __future__ import annotations

import itertools
import math
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
from .initializers import LSUV
from .layers import Layer, places
from .losses import HalfSquaredError, Loss
from .noise import Noise
from .normalizations import Mode
from .passes import Pass, with_ones

DType = Literal["float64", "float32"]
MAX_PARAMETERS = 200_000_000
LAYER_STREAM = 2**33
"""Keeps the layers' random streams apart from a data set's (the bare seed) and from the orders of samples."""
LSUV_SAMPLES = 1024
"""As many samples tell the spread of a layer's z to a few percent."""
NO_SPREAD = 1e-6
"""A spread this small beside the values themselves, in either precision, is none."""
CHUNK = 1024
"""Predictions run through the network this many samples at a time, so memory stays bounded."""


class _Design(msgspec.Struct, frozen=True):
    """What a network is made from, held to the limits that an experiment file has."""

    inputs: Annotated[int, Meta(ge=1)] | Annotated[tuple[Annotated[int, Meta(ge=1)], ...], Meta(min_length=1)]
    layers: Annotated[tuple[Layer, ...], Meta(min_length=1)]
    loss: Loss
    dtype: DType
    seed: Annotated[int, Meta(ge=0)]


@dataclass(frozen=True, eq=False)
class Backprop:
    """Everything one backward pass knows; lists have an entry per layer, arrays are ``(samples, units)``.

    Taken as in training, with the batch's own statistics in batch normalization, but without dropout.
    """

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
    errors: list[Array]
    """∂C/∂a, from the next layer and from skips; for the last layer ``output_errors``."""
    activated_errors: list[Array]
    """∂C/∂f(…): the errors as they reach the activation, past what stands behind it; the same for bare layers."""
    argument_errors: list[Array]
    """∂C/∂ what f takes; the deltas themselves where no normalization stands before the activation."""
    derivatives: list[Array]
    """f' at what f takes; for softmax the diagonal."""
    steepest: Array
    """max|f'| of each layer's activation, with the slopes that a PReLU has learned by now, ``(layers,)``."""


class Network:
    """A stack of layers with a loss.

    ``Network(2, [Dense(4, Tanh()), Dense(1, Tanh())], HalfSquaredError(), "float64", seed=0)``. ``inputs`` is a
    number, or for images ``(channels, height, width)``; samples are flat either way. Layer k draws its numbers from
    a generator of its own, made from the seed and k: editing one layer leaves the draws of those before it as they
    were. Raises ``InputError`` for a network that cannot be built.
    """

    def __init__(
        self,
        inputs: int | Sequence[int],
        layers: Sequence[Any],
        loss: Any = HalfSquaredError(),  # noqa: B008  # a frozen value
        dtype: DType = "float64",
        seed: int = 0,
    ) -> None:
        design = checked(_Design, inputs=inputs, layers=layers, loss=loss, dtype=dtype, seed=seed)
        self.layers, self.seed = design.layers, design.seed
        self.input_shape = design.inputs if isinstance(design.inputs, tuple) else (design.inputs,)
        self.inputs = math.prod(self.input_shape)
        self.loss: Loss = design.loss
        self.dtype: np.dtype[Any] = np.dtype(design.dtype)
        self.places = places(self.input_shape, self.layers)
        """Each layer in its place: shapes, units, and the names of its numbers."""
        count = sum(place.size for place in self.places)
        if count > MAX_PARAMETERS:
            raise InputError(f"this network has {count:,} parameters; at most {MAX_PARAMETERS:,} fit")
        self._stretches = _stretches([place.size for place in self.places])
        self._parameters = np.zeros(count, self.dtype)
        self._numbers = self._named(self._parameters)
        self._passes: dict[tuple[int, Mode], Pass] = {}
        self._quietly = quiet_runner()
        self.initialize(seed)

    def initialize(self, seed: int) -> None:
        """Draw all weights and biases anew; what else the layers learn starts where its kind says."""
        for index, (place, numbers) in enumerate(zip(self.places, self._numbers, strict=True)):
            place.layer.draw(place, numbers, np.random.default_rng([seed, LAYER_STREAM + index]))

    def fit_initialization(self, x: ArrayLike) -> None:
        """Scale what was drawn to inputs ``(samples, inputs)``, for layers whose initialization asks for data (LSUV).

        From the first layer to the last, weights are divided by the standard deviation of the layer's z - b over
        samples and units, so that it becomes 1 (Mishkin & Matas 2016, algorithm 1; z - b is linear in the weights,
        so one division is enough). Layers of other initializations stay as they are.
        """
        inputs, chosen = self._checked_inputs(x), self._scaled_to_data()
        if not chosen or not len(inputs):
            return
        extended = with_ones(inputs[:LSUV_SAMPLES], self.dtype).T
        step = self.make_pass(extended.shape[1])
        for number in chosen:
            self._quietly(execute, step.forward(extended))
            with np.errstate(all="ignore"):
                weighted = step.layers[number].z.reshape(self.places[number].channels, -1)
                weighted = weighted - self.biases[number][:, None]
                spread, size = float(np.std(weighted)), float(np.max(np.abs(weighted)))
            # Inputs that are all the same have no spread but that of rounding.
            if math.isfinite(spread) and spread > NO_SPREAD * size:
                self.weights[number][...] /= spread

    @property
    def wants_data(self) -> bool:
        """Whether :meth:`fit_initialization` has anything to do."""
        return bool(self._scaled_to_data())

    def _scaled_to_data(self) -> list[int]:
        return [k for k, layer in enumerate(self.layers) if isinstance(getattr(layer, "weights", None), LSUV)]

    @property
    def parameters(self) -> Array:
        """All weights and biases as one flat writable vector: per layer W row by row, then b."""
        return self._parameters

    @property
    def outputs(self) -> int:
        """Units of the last layer."""
        return self.places[-1].units

    @property
    def units(self) -> list[int]:
        """Units of every layer; of layers for images, all values that leave them."""
        return [place.units for place in self.places]

    @property
    def weights(self) -> list[Array]:
        """Writable views ``(inputs, units)``, one per layer; of a convolution ``(inputs of a filter, filters)``."""
        return [numbers["matrix"][:-1] for numbers in self._numbers]

    @property
    def biases(self) -> list[Array]:
        """Writable views ``(units,)``, one per layer."""
        return [numbers["matrix"][-1] for numbers in self._numbers]

    @property
    def numbers(self) -> list[dict[str, Array]]:
        """All that each layer holds, writable views by name: ``matrix`` (biases last), ``scale``, ``shift`` …"""
        return self._numbers

    @property
    def learned(self) -> int:
        """Numbers that training moves: parameters without running averages and without frozen layers."""
        return sum(int(place.moving.sum()) for place in self.places if not place.layer.frozen)

    @property
    def weight_stretches(self) -> tuple[slice, ...]:
        """Where the weights lie in the flat vector of parameters; the rest are biases, scales, shifts and the like."""
        return tuple(
            part
            for place, stretch in zip(self.places, self._stretches, strict=True)
            for part in place.weight_stretches(stretch.start)
        )

    @property
    def frozen_stretches(self) -> tuple[slice, ...]:
        """Where training leaves the flat vector of parameters as it is."""
        return tuple(
            slice(stretch.start, stretch.start + place.learned)
            for place, stretch in zip(self.places, self._stretches, strict=True)
            if place.layer.frozen and place.learned
        )

    @property
    def layer_stretches(self) -> list[slice]:
        """Where each layer's numbers lie in the flat vector of parameters."""
        return self._stretches

    def split_by_layer(self, flat: Array) -> list[Array]:
        """Each layer's matrix in a flat vector such as the parameters: views ``(inputs + 1, units)``, biases last."""
        return [numbers["matrix"] for numbers in self._named(flat)]

    def make_pass(
        self,
        samples: int,
        gradients: Array | None = None,
        mode: Mode = "probe",
        noise: Noise | None = None,
        keeps_errors: bool = False,
    ) -> Pass:
        """Buffers and calls for batches of ``samples``; ``gradients`` is a flat vector to write into.

        In ``training`` mode the calls move running averages and, with ``noise``, draw dropout.
        """
        flat = np.zeros_like(self._parameters) if gradients is None else gradients
        named = self._named(flat)
        return Pass(self.places, self._numbers, named, self.loss, samples, self.dtype, mode, noise, keeps_errors)

    def copy(self, dtype: DType | None = None) -> Network:
        """A network of its own with the same numbers, in ``dtype`` or this one's."""
        twin = Network(self.input_shape, self.layers, self.loss, dtype or self.dtype.name, self.seed)  # type: ignore[arg-type]
        twin.parameters[...] = self.parameters
        return twin

    def _named(self, flat: Array) -> list[dict[str, Array]]:
        return [place.views(flat[stretch]) for place, stretch in zip(self.places, self._stretches, strict=True)]

    def predict(self, x: ArrayLike) -> Array:
        """Outputs ``(samples, outputs)`` for inputs ``(samples, inputs)``."""
        inputs = self._checked_inputs(x)
        result = np.empty((len(inputs), self.outputs), self.dtype)
        for start in range(0, len(inputs), CHUNK):
            chunk = with_ones(inputs[start : start + CHUNK], self.dtype)
            step = self._pass(len(chunk), "evaluation")
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
            step = self._pass(len(inputs[part]), "evaluation")
            outputs_there, loss = self._run(step, inputs[part], targets[part], backward=False)
            outputs[part] = outputs_there
            total += loss
        return outputs, total / len(inputs)

    def backprop(self, x: ArrayLike, y: ArrayLike) -> Backprop:
        """One pass forward and back over the whole batch, with copies of everything it computed."""
        inputs, targets = self.checked_batch(x, y)
        step = self.make_pass(len(inputs), keeps_errors=True)
        total = self._run(step, inputs, targets, backward=True)[1]
        for layer in step.layers:  # f' of some is not needed on the way back
            self._quietly(execute, layer.derivative())
        outputs = [layer.outputs.T.copy() for layer in step.layers]
        return Backprop(
            loss=total / len(inputs),
            inputs=[inputs.astype(self.dtype), *outputs[:-1]],
            weighted_inputs=[layer.z.T.copy() for layer in step.layers],
            outputs=outputs,
            deltas=[layer.delta.T.copy() for layer in step.layers],
            weight_gradients=[layer.weight_gradient_values.copy() for layer in step.layers],
            bias_gradients=[layer.gradient[-1].copy() for layer in step.layers],
            output_errors=step.output_errors().T.copy(),
            errors=[*(layer.error.T.copy() for layer in step.layers[:-1]), step.output_errors().T.copy()],
            activated_errors=[
                *(layer.activated_error.T.copy() for layer in step.layers[:-1]),
                step.last_activated_error().T.copy(),
            ],
            argument_errors=[layer.argument_error.T.copy() for layer in step.layers],
            derivatives=[layer.slope.T.copy() for layer in step.layers],
            steepest=step.steepest(),
        )

    def gradient(self, x: ArrayLike, y: ArrayLike) -> Array:
        """∂C/∂ all that the network holds, a flat vector like the parameters; 0 for running averages."""
        inputs, targets = self.checked_batch(x, y)
        flat = np.zeros_like(self._parameters)
        self._run(self.make_pass(len(inputs), flat), inputs, targets, backward=True)
        return flat

    def _run(self, step: Pass, inputs: Array, targets: Array, *, backward: bool) -> tuple[Array, float]:
        extended, wanted = with_ones(inputs, self.dtype).T, np.ascontiguousarray(targets.T)
        if backward:
            calls, total = step.bind(extended, wanted)
        else:
            judge, total = step.judge(wanted)
            calls = [*step.forward(extended), *judge]
        self._quietly(execute, calls)
        return step.outputs.T, self._quietly(total)

    def _pass(self, samples: int, mode: Mode) -> Pass:
        if (samples, mode) not in self._passes:
            if len(self._passes) >= 3:
                self._passes.pop(next(iter(self._passes)))
            self._passes[samples, mode] = self.make_pass(samples, mode=mode)
        return self._passes[samples, mode]

    def _as_numbers(self, what: str, values: ArrayLike) -> Array:
        try:
            complex_ones = np.iscomplexobj(values)
            with np.errstate(over="ignore"):  # too large for float32: infinite, and found as such
                found = np.asarray(values, None if complex_ones else self.dtype)
        except (TypeError, ValueError, OverflowError) as error:
            raise InputError(f"{what} are no table of numbers: {error}") from None
        if complex_ones:  # of which NumPy would drop the imaginary parts
            raise InputError(f"{what} are complex numbers; expected real ones")
        return found

    def _checked_inputs(self, x: ArrayLike) -> Array:
        inputs = self._as_numbers("inputs", x)
        if inputs.ndim != 2 or inputs.shape[1] != self.inputs:
            raise InputError(f"inputs have shape {inputs.shape}; expected (samples, {self.inputs})")
        return inputs

    def _checked_targets(self, y: ArrayLike) -> Array:
        targets = self._as_numbers("targets", y)
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


def _stretches(sizes: Sequence[int]) -> list[slice]:
    ends = list(itertools.accumulate(sizes))
    return [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
