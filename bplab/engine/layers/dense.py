"""The dense layer, with what may stand around it: normalization, dropout and a skip from an earlier layer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import msgspec
import numpy as np
from msgspec import Meta

from ..activations import Activation
from ..calls import Array
from ..errors import InputError
from ..initializers import GlorotUniform, Initializer, Site, Zeros
from ..normalizations import Normalization
from .base import Bias, Frozen, Layer, Part, Place, Shape, Units, check_biases, check_initializers, draw_matrix

if TYPE_CHECKING:
    from ..layer_pass import LayerPass, Wiring

Dropout = Annotated[float, Meta(ge=0.0, le=0.95, description="share of the outputs silenced in each training step")]
Skip = (
    Annotated[int, Meta(ge=0, description="earlier layer whose outputs are added to this one's; 0 for the inputs")]
    | None
)


class Dense(Layer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="dense"):
    """Every unit sees every output of the layer before: z = a_in @ W + b, a = f(z).

    In order: z, normalization (or behind the activation), activation, dropout, skip. A skip adds the outputs of
    an earlier layer as they are where the widths agree, else through a learned projection ``(units there, units)``
    without bias (He et al. 2016, eq. 1 and 2).
    """

    units: Units
    activation: Activation
    weights: Initializer = GlorotUniform()
    biases: Initializer = Zeros()
    normalization: Normalization | None = None
    dropout: Dropout = 0.0
    skip: Skip = None
    bias: Bias = True
    frozen: Frozen = False

    def __post_init__(self) -> None:
        check_biases(self.biases)

    def in_brief(self) -> str:
        norm = self.normalization
        if norm is None:
            return self.activation.title()
        parts = [norm.title(), self.activation.title()]
        return " · ".join(parts if norm.place == "before" else reversed(parts))

    def place(self, before: Sequence[Shape]) -> Place:
        inputs = math.prod(before[-1])
        check_initializers(self, (inputs, self.units))
        parts = [Part("matrix", (inputs + 1, self.units), weights=inputs)]
        if self.skip is not None:
            parts += self._projection(before, self.skip)
        norm = self.normalization
        for name in (*(norm.learned() if norm else ()), *self.activation.learned()):
            parts.append(Part(name, (self.units,)))
        parts += [Part(name, (self.units,), learned=False) for name in (norm.kept() if norm else ())]
        return Place(self, before[-1], (self.units,), self.units, tuple(parts))

    def _projection(self, before: Sequence[Shape], source: int) -> list[Part]:
        if source >= len(before):
            raise InputError(
                f"skip: layer {source} is no earlier layer than {len(before)}; 0 stands for the inputs, "
                "1 for the first layer"
            )
        width = math.prod(before[source])
        return [] if width == self.units else [Part("projection", (width, self.units), weights=width)]

    def draw(self, place: Place, numbers: dict[str, Array], generator: np.random.Generator) -> None:
        draw_matrix(self, numbers["matrix"], Site(place.fan_in, self.units, self.activation), generator)
        if "projection" in numbers:
            projection = numbers["projection"]
            projection[...] = GlorotUniform().draw(generator, projection.shape, Site(len(projection), self.units))
        norm = self.normalization
        first = self.activation.learned() | (norm.learned() | norm.kept() if norm else {})
        for name, value in first.items():
            numbers[name][...] = value

    def join(self, place: Place, wiring: Wiring) -> LayerPass:
        from ..dense_pass import DensePass  # here, because passes are made of layers

        return DensePass(place, wiring)
