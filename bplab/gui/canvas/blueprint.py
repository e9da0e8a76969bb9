"""The blueprint: what of an experiment decides the form of its drawing, and nothing of what training changes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from bplab.data import ImageShape
from bplab.engine import Dense
from bplab.engine.layers import Place
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import badges, extras, has_activation, kind_text, maps_of
from bplab.lab.problem import Problem, layer_names


class Style(Enum):
    """How a layer is drawn."""

    NEURONS = auto()
    MAPS = auto()
    BAR = auto()
    """Values in a row that nothing is done with: a thin bar."""


@dataclass(frozen=True, slots=True)
class LayerText:
    """What is said of a layer, and what of it decides how it is drawn."""

    name: str
    units: int
    kind: str
    """What it is or does: ``tanh``, ``3×3 conv · ReLU``."""
    style: Style = Style.NEURONS
    maps: tuple[int, int, int] | None = None
    """Maps, rows and columns of a layer whose values are images."""
    weights: int = 0
    dense: bool = True
    """True if every neuron has a weight of its own for every value that enters."""
    responds: bool = True
    """True if it has an activation, which can saturate."""
    badges: tuple[str, ...] = ()
    frozen: bool = False
    skip: int | None = None
    extras: tuple[str, ...] = ()
    """What is unusual about it, a phrase each."""
    biased: bool = False
    """True if it is dense and every neuron learns a bias."""
    resizable: bool = False
    """True if its width can be changed by hand: neither what comes in nor the data decides it."""

    @classmethod
    def of(cls, name: str, places: Sequence[Place], number: int) -> LayerText:
        """The text of layer ``number`` (from 0)."""
        place = places[number]
        layer, maps, dense = place.layer, maps_of(place), isinstance(place.layer, Dense)
        return cls(
            name=name,
            units=place.units,
            kind=kind_text(layer),
            style=Style.NEURONS if dense else Style.MAPS if maps else Style.BAR,
            maps=maps,
            weights=sum(part.weights * math.prod(part.shape[1:]) for part in place.parts),
            dense=dense,
            responds=has_activation(layer),
            badges=badges(layer),
            frozen=layer.frozen,
            skip=getattr(layer, "skip", None),
            extras=tuple(extras(places, number)),
            biased=dense and place.layer.bias,
            resizable=bool(place.parts) and number < len(places) - 1,
        )

    @property
    def size(self) -> str:
        """``64``, or ``16 × 8 × 8`` for 16 maps of 8 × 8."""
        return " × ".join(f"{count:,}" for count in self.maps or (self.units,))

    @property
    def told(self) -> str:
        """``4 tanh neurons``, ``16 maps of 8 × 8, 3×3 conv · ReLU``, ``256 values, flatten``."""
        if self.maps:
            maps, rows, columns = self.maps
            return f"{maps:,} map{'s' * (maps != 1)} of {rows} × {columns}, {self.kind}"
        some = "s" * (self.units != 1)
        return f"{self.units:,} {self.kind} neuron{some}" if self.dense else f"{self.units:,} value{some}, {self.kind}"


@dataclass(frozen=True, slots=True)
class Blueprint:
    """Names and numbers of inputs and layers; equal blueprints have equal drawings at rest."""

    inputs: tuple[str, ...]
    layers: tuple[LayerText, ...]
    answers: tuple[str, ...]
    """What each output neuron stands for; empty where they have no names of their own."""
    image: ImageShape | None
    """Channels, height and width where the inputs are the pixels of an image."""
    plane: bool

    @classmethod
    def of(cls, experiment: Experiment, problem: Problem) -> Blueprint:
        """The blueprint of ``experiment``, whose data is ``problem``."""
        places, shape = experiment.places(), problem.shape
        names = layer_names(experiment.network.layers)
        texts = tuple(LayerText.of(name, places, number) for number, name in enumerate(names))
        named = shape.classes > 1 and texts[-1].units == shape.classes
        return cls(
            inputs=shape.input_names,
            layers=texts,
            answers=shape.class_names if named else (),
            image=shape.image,
            plane=shape.plane,
        )

    @property
    def input_detail(self) -> str:
        """How many inputs, and of what kind."""
        if self.image:
            channels, rows, columns = self.image
            return f"{rows} × {columns} pixels" + (f" in {channels} channels" if channels > 1 else "")
        return f"{len(self.inputs):,} {self.input_kind}"

    @property
    def input_kind(self) -> str:
        """What the inputs are."""
        kind = "pixel" if self.image else "feature" if self.plane else "column"
        return kind + "s" * (len(self.inputs) != 1)

    @property
    def columns(self) -> tuple[int, ...]:
        """Nodes in each column of the drawing, inputs first."""
        return len(self.inputs), *(layer.units for layer in self.layers)

    @property
    def has_badges(self) -> bool:
        """True if a header has to say more than name, size and kind."""
        return any(layer.badges for layer in self.layers)

    @property
    def skips(self) -> list[tuple[int, int]]:
        """Where each skip starts and ends, layers from 0, the inputs −1."""
        return [(layer.skip - 1, number) for number, layer in enumerate(self.layers) if layer.skip is not None]

    def summary(self) -> str:
        """The network in one sentence, for people who hear the window instead of seeing it."""
        inputs = self.input_detail
        if len(self.inputs) <= 8:
            inputs += f" ({', '.join(self.inputs)})"
        layers = "; ".join(
            f"{layer.name}: {layer.told}" + (f" ({', '.join(layer.extras)})" if layer.extras else "")
            for layer in self.layers
        )
        weights = sum(layer.weights for layer in self.layers)
        return f"Network with {inputs} as inputs; {layers}. {weights:,} weights."
