"""Where the hidden layers of a network stand between order and chaos: their places in the phase charts.

A chart belongs to one activation. A layer has a place in it where f alone stands behind z, and where weights and
biases are drawn around 0: nothing else is a layer of the theory.
"""

from __future__ import annotations

from dataclasses import dataclass

from bplab.engine import Activation
from bplab.engine.layers import Layer

from .experiment import Experiment
from .forecasting import LayerOutlook, Outlook
from .problem import layer_names


@dataclass(frozen=True, slots=True)
class Place:
    """Of one layer, from 0."""

    layer: int
    name: str
    activation: Activation
    weight_spread: float
    """σw = √(fan-in · Var(w))."""
    bias_spread: float
    """σb."""


def places_of(experiment: Experiment, outlook: Outlook) -> list[Place]:
    """The hidden layers that have a place in a chart, from input to output."""
    layers, names = experiment.network.layers, layer_names(experiment.network.layers)
    found = []
    for number, (layer, seen) in enumerate(zip(layers[:-1], outlook.layers[:-1], strict=True)):
        if seen.weight_spread is not None and seen.bias_spread is not None:
            place = Place(number, names[number], layer.activation, seen.weight_spread, seen.bias_spread)
            found.append(place)
    return found


def why_without_place(experiment: Experiment, outlook: Outlook) -> list[str]:
    """A phrase for each hidden layer without a place: ``h1: the theory leaves conv2d layers out``."""
    placed = {place.layer for place in places_of(experiment, outlook)}
    names = layer_names(experiment.network.layers)
    return [
        f"{names[number]}: {_why(layer, outlook.layers[number])}"
        for number, layer in enumerate(experiment.network.layers[:-1])
        if number not in placed
    ]


def _why(layer: Layer, seen: LayerOutlook) -> str:
    if getattr(layer, "skip", None) is not None:
        return "more than f stands behind z, a skip"
    if getattr(layer, "normalization", None) is not None:
        return "more than f stands behind z, a normalization"
    if seen.chi1 is not None and seen.chi1.expected is not None:
        return "its weights or biases are not drawn around 0"
    return seen.note
