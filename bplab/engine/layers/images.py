"""Layers for images: convolution, pooling, and the step from maps to a plain row of values."""

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
from .base import Bias, Frozen, Layer, Part, Place, Shape, check_biases, check_initializers, draw_matrix

if TYPE_CHECKING:
    from ..layer_pass import LayerPass, Wiring

Side = Annotated[int, Meta(ge=1, le=64, description="side of the window, in pixels")]
Stride = Annotated[int, Meta(ge=1, le=64, description="pixels from one window to the next")]


def _image(before: Sequence[Shape], what: str) -> Shape:
    if len(before[-1]) != 3:
        raise InputError(f"type: {what} needs images, but here come {before[-1][0]:,} values in a row")
    return before[-1]


def _windows(side: int, window: int, stride: int, padding: int = 0) -> int:
    return (side + 2 * padding - window) // stride + 1


def _check_fits(window: int, image: Shape, padding: int, field: str) -> None:
    _, height, width = image
    if window > min(height, width) + 2 * padding:
        raise InputError(f"{field}: a window of {window} × {window} does not fit into {height} × {width} pixels")


class Conv2D(Layer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="conv2d"):
    """Small filters slide over the images (LeCun et al. 1989): every place is seen with the same weights.

    Weights are ``(channels · kernel · kernel, filters)``; the outputs are ``filters`` maps. As everywhere in deep
    learning the filters are not flipped: strictly, a cross-correlation.
    """

    filters: Annotated[int, Meta(ge=1, le=1024, description="feature maps that come out")]
    activation: Activation
    kernel: Side = 3
    stride: Stride = 1
    padding: Annotated[int, Meta(ge=0, le=32, description="rows and columns of zeros around the image")] = 0
    weights: Initializer = GlorotUniform()
    biases: Initializer = Zeros()
    bias: Bias = True
    frozen: Frozen = False

    def __post_init__(self) -> None:
        check_biases(self.biases)
        if not self.activation.elementwise:
            raise InputError("activation: softmax goes over a whole layer; a convolution's maps need an f of one value")
        if self.padding >= self.kernel:
            raise InputError(f"padding: {self.padding} zeros leave windows of {self.kernel} pixels empty")

    @classmethod
    def title(cls) -> str:
        return "convolution"

    def in_brief(self) -> str:
        return f"{self.kernel}×{self.kernel} conv · {self.activation.title()}"

    def place(self, before: Sequence[Shape]) -> Place:
        image = _image(before, "a convolution")
        _check_fits(self.kernel, image, self.padding, "kernel")
        inputs = image[0] * self.kernel**2
        check_initializers(self, (inputs, self.filters))
        down, across = (_windows(side, self.kernel, self.stride, self.padding) for side in image[1:])
        parts = [Part("matrix", (inputs + 1, self.filters), weights=inputs)]
        parts += [Part(name, (self.filters,)) for name in self.activation.learned()]
        return Place(self, image, (self.filters, down, across), self.filters, tuple(parts))

    def draw(self, place: Place, numbers: dict[str, Array], generator: np.random.Generator) -> None:
        matrix = numbers["matrix"]
        site = Site(len(matrix) - 1, self.filters * self.kernel**2, self.activation)
        draw_matrix(self, matrix, site, generator)
        for name, value in self.activation.learned().items():
            numbers[name][...] = value

    def join(self, place: Place, wiring: Wiring) -> LayerPass:
        from ..image_passes import Conv2DPass  # here, because passes are made of layers

        return Conv2DPass(place, wiring)


class _Pool(Layer):
    """What the two kinds of pooling share."""

    __slots__ = ()
    size: int
    stride: int | None
    takes_largest = True

    @property
    def step(self) -> int:
        """Pixels from one window to the next."""
        return self.stride or self.size

    def in_brief(self) -> str:
        return f"{self.title()} {self.size}×{self.size}"

    def place(self, before: Sequence[Shape]) -> Place:
        image = _image(before, "pooling")
        _check_fits(self.size, image, 0, "size")
        down, across = (_windows(side, self.size, self.step) for side in image[1:])
        return Place(self, image, (image[0], down, across), image[0], ())

    def join(self, place: Place, wiring: Wiring) -> LayerPass:
        from ..image_passes import MaxPoolPass, MeanPoolPass  # here, because passes are made of layers

        return (MaxPoolPass if self.takes_largest else MeanPoolPass)(place, wiring)


class MaxPool(_Pool, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="max_pool"):
    """The largest value of each window: smaller maps, and small shifts forgotten. The error goes where it came from."""

    size: Side = 2
    stride: Stride | None = None

    @classmethod
    def title(cls) -> str:
        return "max pooling"


class MeanPool(_Pool, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="mean_pool"):
    """The mean of each window: smaller, smoother maps. The error is shared out evenly."""

    size: Side = 2
    stride: Stride | None = None
    takes_largest = False

    @classmethod
    def title(cls) -> str:
        return "mean pooling"


class Flatten(Layer, msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="flatten"):
    """Maps as one row of values, channel by channel and row by row: from images to dense layers."""

    def place(self, before: Sequence[Shape]) -> Place:
        units = math.prod(before[-1])
        return Place(self, before[-1], (units,), units, ())

    def join(self, place: Place, wiring: Wiring) -> LayerPass:
        from ..image_passes import FlattenPass  # here, because passes are made of layers

        return FlattenPass(place, wiring)
