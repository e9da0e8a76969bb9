"""One layer's share of a pass: its buffers, and the calls that carry a batch through it and the error back.

Between the weighted inputs z and the outputs may stand a normalization, before or behind the activation, dropout
and a skip; :class:`LayerPass` strings them together. How z comes from the inputs is the subclass's part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np

from .activations import Activation
from .calls import Array, Calls
from .layers.base import Place
from .noise import DropoutStage, Noise
from .normalizations import Mode, NormalizationStage


@dataclass(frozen=True, eq=False)
class Wiring:
    """What a layer finds in a pass; arrays ``(units, samples)``, ``extended`` with a row of ones below."""

    number: int
    """The layer's number, from 1."""
    numbers: dict[str, Array]
    gradients: dict[str, Array]
    z: Array
    extended: Array
    slope: Array
    mode: Mode
    noise: Noise | None
    earlier: Sequence[Array]
    """The network's inputs, then the outputs of every earlier layer."""
    keeps_errors: bool


class Stage(NamedTuple):
    """One step of a layer on the way from z to its outputs."""

    name: Literal["normalize", "activate", "drop", "skip"]
    calls: Calls
    out: Array
    """Where the calls write, ``(units, samples)``; a later stage may write there, too."""


class SkipStage:
    """Adds the outputs of an earlier layer, as they are or through a projection, and sends the error there too.

    The network's inputs have no use for an error: with ``from_inputs`` none is sent.
    """

    def __init__(
        self,
        source: Array,
        own: Array,
        outputs: Array,
        projection: Array | None,
        gradient: Array | None,
        from_inputs: bool,
    ) -> None:
        self._source, self._own, self._outputs = source, own, outputs
        self._projection, self._gradient = projection, gradient
        self._sends_error = not from_inputs
        self.error = np.empty(source.shape if self._sends_error else (0,), outputs.dtype)
        """∂C/∂ the source's outputs, as far as it comes through this skip."""
        self._projected = np.empty_like(outputs)

    def forward(self) -> Calls:
        """Calls that write the layer's own values and the source's, added, into the outputs."""
        if self._projection is None:
            return [(np.add, (self._own, self._source, self._outputs))]
        return [
            (self._projection.T.dot, (self._source, self._projected)),
            (np.add, (self._own, self._projected, self._outputs)),
        ]

    def backward(self, error: Array) -> Calls:
        """Calls that read ``error`` = ∂C/∂outputs and write what belongs to the source, and the gradient."""
        calls: Calls = []
        if self._gradient is not None:
            calls.append((self._source.dot, (error.T, self._gradient)))
        if self._sends_error and self._projection is not None:
            calls.append((self._projection.dot, (error, self.error)))
        elif self._sends_error:
            calls.append((np.copyto, (self.error, error)))
        return calls


class LayerPass:
    """Buffers ``(units, samples)`` of one layer, and its calls."""

    def __init__(self, place: Place, wiring: Wiring, activation: Activation) -> None:
        self.place, self.wiring = place, wiring
        self.activation = activation
        """The activation on the numbers it has learned."""
        self.matrix, self.gradient = wiring.numbers["matrix"], wiring.gradients["matrix"]
        self.z, self.slope = wiring.z, wiring.slope
        self.extended, self.outputs = wiring.extended, wiring.extended[:-1]
        self.delta = np.empty_like(self.z)
        """∂C/∂z; until the layer's turn comes, ∂C/∂outputs."""
        self.argument, self.activated = self.z, self.outputs
        """What f takes, and what it gives."""
        self.before: NormalizationStage | None = None
        self.after: list[tuple[NormalizationStage | DropoutStage, Array]] = []
        """What stands behind f, and where each of it writes."""
        self.skip: SkipStage | None = None
        self.skips_into: list[SkipStage] = []
        """Skips of later layers that start at this one's outputs."""
        self.error, self.activated_error, self.argument_error = (self.delta,) * 3
        """∂C/∂ outputs, what f gives and what f takes; kept only if the pass keeps errors."""

    @property
    def weight_gradient_values(self) -> Array:
        """∂C/∂W, ``(inputs, units)``."""
        return self.gradient[:-1]

    @property
    def bare(self) -> bool:
        """True where nothing but f stands between z and the outputs."""
        return self.argument is self.z and self.activated is self.outputs

    def kink_sides(self) -> list[Array]:
        """Which piece of the layer's function each value lies on; a derivative by differences stays on one."""
        return [self.argument > kink for kink in self.activation.kinks]

    def by_channel(self, values: Array) -> Array:
        """``(units, samples)`` with a row per channel, where the activation has learned a number for each."""
        return values.reshape(self.place.channels, -1) if self.activation.learned() else values

    # -- what a kind of layer says ------------------------------------------------------------------------

    def weigh(self, extended_inputs: Array) -> Calls:
        """Calls that write z. ``extended_inputs`` is ``(inputs + 1, samples)``, its last row ones."""
        raise NotImplementedError

    def weight_gradient(self, extended_inputs: Array) -> Calls:
        """Calls that write the gradient of the matrix from the delta."""
        raise NotImplementedError

    def error_of_inputs(self, error: Array) -> Calls:
        """Calls that write ∂C/∂a_in from the delta."""
        raise NotImplementedError

    # -- from z to the outputs, and back ------------------------------------------------------------------

    def stages(self) -> list[Stage]:
        """What stands between z and the outputs, in order."""
        found = [Stage("normalize", self.before.forward(), self.argument)] if self.before else []
        calls = self.activation.forward(self.by_channel(self.argument), self.by_channel(self.activated))
        found.append(Stage("activate", calls, self.activated))
        for stage, out in self.after:
            found.append(Stage("drop" if isinstance(stage, DropoutStage) else "normalize", stage.forward(), out))
        return [*found, Stage("skip", self.skip.forward(), self.outputs)] if self.skip else found

    def finish(self) -> Calls:
        """Calls from z to the outputs."""
        return [call for stage in self.stages() for call in stage.calls]

    def derivative(self) -> Calls:
        """Calls for f' at what f took."""
        return self.activation.derivative(*map(self.by_channel, (self.argument, self.activated, self.slope)))

    def backward_from(self, error: Array, slopes: Calls) -> Calls:
        """Calls that turn ``error`` = ∂C/∂outputs (used up) into the delta; ``slopes`` are those for f'."""
        calls: Calls = []
        for skip in self.skips_into:
            calls.append((np.add, (error, skip.error, error)))
        calls += [*self._kept(self.error, error), *(self.skip.backward(error) if self.skip else ())]
        for stage, _ in reversed(self.after):
            calls += stage.backward(error)
        if self.after:
            calls += self._kept(self.activated_error, error)
        calls += slopes
        arrays = self.argument, self.activated, error, self.slope, self.delta
        calls += self.activation.backward(*map(self.by_channel, arrays))
        return [*calls, *self.backward_from_argument()]

    def backward_from_argument(self) -> Calls:
        """Calls that turn ∂C/∂(what f took), standing in the delta's place, into the delta."""
        kept = self._kept(self.argument_error, self.delta)
        return [*kept, *(self.before.backward(self.delta) if self.before else ())]

    def keep_errors(self) -> None:
        """Let the three errors on the way back be kept: in arrays of their own where they are not the same values."""
        self.error = np.empty_like(self.delta)
        self.activated_error = np.empty_like(self.delta) if self.after else self.error
        self.argument_error = np.empty_like(self.delta) if self.before else self.delta

    def _kept(self, place: Array, error: Array) -> Calls:
        return [(np.copyto, (place, error))] if place is not self.delta else []


def flat_images(values: Array, shape: Sequence[int]) -> Array:
    """``(channels · height · width, samples)`` as ``(channels, height, width, samples)``, always a view."""
    channels, height, width = shape
    down, across = values.strides
    strides: Any = (height * width * down, width * down, down, across)
    return np.lib.stride_tricks.as_strided(values, (channels, height, width, values.shape[1]), strides)
