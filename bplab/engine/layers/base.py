"""What a layer is: a frozen value that finds its place behind a shape, holds its numbers and joins a pass.

Shapes are ``(units,)`` or, for images, ``(channels, height, width)``; the samples hold them flat, channel by
channel and row by row. A layer's numbers lie in one stretch of the network's flat vector: a matrix, the bias as
its last row, then whatever else it learns, then the running averages that it only keeps.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from ..activations import Activation, Identity
from ..calls import Array
from ..choices import Choice, type_name
from ..errors import InputError
from ..initializers import Initializer, Site

if TYPE_CHECKING:
    from ..layer_pass import LayerPass, Wiring

MAX_UNITS = 65_536
"""More units in one layer than this are refused before anything is allocated."""

Shape = tuple[int, ...]
Units = Annotated[int, Meta(ge=1, le=MAX_UNITS, description="neurons in this layer")]
Bias = Annotated[bool, Meta(description="a bias for every neuron; off, all of them stay 0")]
Frozen = Annotated[bool, Meta(description="what the layer learns stays as it was drawn")]


class Part(NamedTuple):
    """A named array among a layer's numbers."""

    name: str
    shape: Shape
    learned: bool = True
    weights: int = 0
    """How many of its first rows are weights, which penalties and decay act on."""


@dataclass(frozen=True)
class Place:
    """A layer in a network: between which shapes it stands and which numbers it holds."""

    layer: Any
    inputs: Shape
    outputs: Shape
    channels: int
    """Units that share one bias, scale and slope with nobody else: its units, or its feature maps."""
    parts: tuple[Part, ...]

    @property
    def fan_in(self) -> int:
        """Values that enter."""
        return math.prod(self.inputs)

    @property
    def units(self) -> int:
        """Values that leave."""
        return math.prod(self.outputs)

    @property
    def matrix(self) -> Shape:
        """``(inputs + 1, units)`` of the weights with the biases below; ``(1, 0)`` where there are none."""
        return self.parts[0].shape if self.parts else (1, 0)

    @property
    def products(self) -> int:
        """Multiplications of the matrix product for one sample."""
        rows, columns = self.matrix
        return (rows - 1) * columns * (self.units // self.channels)

    @property
    def moving(self) -> NDArray[np.bool_]:
        """Which of the learned numbers really move, ``(learned,)``: biases that are switched off do not."""
        found = np.ones(self.learned, np.bool_)
        if self.parts and not self.layer.bias:
            rows, columns = self.matrix
            found[(rows - 1) * columns : rows * columns] = False
        return found

    @property
    def weighing(self) -> NDArray[np.bool_]:
        """Which of the learned numbers are weights, ``(learned,)``."""
        found = np.zeros(self.learned, np.bool_)
        for stretch in self.weight_stretches(0):
            found[stretch] = True
        return found

    @property
    def size(self) -> int:
        """Numbers that the layer holds."""
        return sum(math.prod(part.shape) for part in self.parts)

    @property
    def learned(self) -> int:
        """How many of its first numbers training moves; the rest are running averages."""
        return sum(math.prod(part.shape) for part in self.parts if part.learned)

    def views(self, flat: Array) -> dict[str, Array]:
        """The parts as views of the layer's own stretch ``flat (size,)``."""
        found, start = {}, 0
        for part in self.parts:
            end = start + math.prod(part.shape)
            found[part.name] = flat[start:end].reshape(part.shape)
            start = end
        return found if self.parts else {"matrix": np.empty((1, 0), flat.dtype)}

    def weight_stretches(self, start: int) -> list[slice]:
        """Where the weights lie if the layer's stretch starts at ``start``."""
        found = []
        for part in self.parts:
            if part.weights:
                found.append(slice(start, start + part.weights * math.prod(part.shape[1:])))
            start += math.prod(part.shape)
        return found


class Layer(Choice):
    """One step from inputs to outputs. A layer without a ``type`` in JSON is dense."""

    __slots__ = ()
    family = "layer"
    default_type = "dense"
    activation: Activation = Identity()
    """What stands between z and the outputs; the identity where a layer has none of its own."""
    frozen: bool = False
    bias: bool = True

    def in_brief(self) -> str:
        """What it does in a word or two, as views write it: ``tanh``, ``3×3 conv · ReLU``, ``max pooling 2×2``."""
        return self.title()

    def place(self, before: Sequence[Shape]) -> Place:
        """Where it stands behind the shapes ``before``: the network's inputs, then each earlier layer's outputs.

        Raises ``InputError``, starting with the field's name, if it cannot stand there.
        """
        raise NotImplementedError

    def draw(self, place: Place, numbers: dict[str, Array], generator: np.random.Generator) -> None:
        """Write the first values of all numbers."""

    def join(self, place: Place, wiring: Wiring) -> LayerPass:
        """Its calls in a pass."""
        raise NotImplementedError


def draw_matrix(layer: Any, matrix: Array, site: Site, generator: np.random.Generator) -> None:
    """First weights and biases of a layer that has both."""
    inputs, columns = matrix.shape[0] - 1, matrix.shape[1]
    matrix[:-1] = layer.weights.draw(generator, (inputs, columns), site)
    matrix[-1] = layer.biases.draw(generator, (columns,), site) if layer.bias else 0.0


def check_initializers(layer: Any, shape: Shape) -> None:
    """``InputError`` if first values of a matrix ``shape = (inputs, columns)`` with its biases cannot be drawn."""
    parts: tuple[tuple[str, Initializer, Shape], ...] = (
        ("weights", layer.weights, shape),
        ("biases", layer.biases, shape[1:]),
    )
    for name, initializer, of in parts:
        try:
            initializer.check_shape(of)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None


def check_biases(initializer: Initializer) -> None:
    """``InputError`` if an initializer only makes matrices."""
    if not initializer.for_biases:
        raise InputError(f"biases cannot be drawn {type_name(initializer)}: they are no matrix")


def places(inputs: Shape, layers: Sequence[Any]) -> list[Place]:
    """Every layer in its place; ``InputError`` with the path of the first that cannot stand where it does."""
    shapes, found = [inputs], []
    for index, layer in enumerate(layers):
        try:
            found.append(layer.place(shapes))
        except InputError as error:
            text = str(error)
            raise InputError(f"layers[{index}].{text}") from None
        if found[-1].units > MAX_UNITS:
            raise InputError(f"layers[{index}]: {found[-1].units:,} units are more than the {MAX_UNITS:,} that fit")
        shapes.append(found[-1].outputs)
    return found
