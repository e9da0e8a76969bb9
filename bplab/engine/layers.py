"""Layers as values: what a layer is, without the numbers it has learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from .activations import Activation
from .choices import type_name
from .errors import InputError
from .initializers import GlorotUniform, Initializer, Zeros

MAX_UNITS = 65_536
"""More units in one layer than this are refused before anything is allocated."""

Units = Annotated[int, Meta(ge=1, le=MAX_UNITS, description="neurons in this layer")]


class Dense(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Every unit sees every output of the layer before: ``z = a_in @ W + b``, ``a = f(z)``."""

    units: Units
    activation: Activation
    weights: Initializer = GlorotUniform()
    biases: Initializer = Zeros()

    def __post_init__(self) -> None:
        if not self.biases.for_biases:
            raise InputError(f"biases cannot be drawn {type_name(self.biases)}: they are no matrix")


def check_draws(inputs: int, layers: Sequence[Dense]) -> None:
    """``InputError``, with the path, if first values of some layer cannot be drawn for a network of this shape."""
    before = inputs
    for index, layer in enumerate(layers):
        for part, initializer, shape in (
            ("weights", layer.weights, (before, layer.units)),
            ("biases", layer.biases, (layer.units,)),
        ):
            try:
                initializer.check_shape(shape)
            except InputError as error:
                raise InputError(f"layers[{index}].{part}: {error}") from None
        before = layer.units
