"""Colour by: what the colours of edges and neurons stand for, and the numbers behind them, taken from a network.

An edge shows its own part of ∂C/∂w = a_in · δ_out: the product, or the factor that enters, or the one that leaves.
What belongs to a neuron alone has the same colour on all its edges.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.engine.calls import Array
from bplab.engine.layers import Place
from bplab.lab.live import LiveView

from .edge_picture import largest_weight, round_limit

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class _Colouring:
    title: str
    symbol: str
    """Of what the colours of the edges stand for, for the legend."""
    signed: bool
    explanation: str


class ColourBy(Enum):
    """What colours stand for."""

    WEIGHT = _Colouring(
        "weight", "w", True, "Edges: their weights. Neurons: what they answer, over the plane where there is one."
    )
    GRADIENT = _Colouring(
        "weight gradient", "∂C/∂w", True, "Edges: ∂C/∂w = a_in · δ_out over the probe samples. Neurons: ∂C/∂b."
    )
    ACTIVATION = _Colouring(
        "activation", "a", True, "Edges: the mean activation that enters by them. Neurons: their mean activation."
    )
    DELTA = _Colouring(
        "delta", "|δ|", False, "Neurons: the size of δ = ∂C/∂z, RMS over the probe samples. Edges: δ where they end."
    )
    SATURATION = _Colouring(
        "saturation", "saturated", False,
        "Neurons: the share of probe samples on which they are saturated. Edges: that share where they end.",
    )  # fmt: skip
    UPDATE = _Colouring(
        "update", "Δw", True, "Edges: how much training changes a weight per update, now. Neurons: the same of biases."
    )

    @property
    def title(self) -> str:
        """What menus call it."""
        return self.value.title

    @property
    def signed(self) -> bool:
        """True for the diverging map around 0, False for the sequential one from 0."""
        return self.value.signed


@dataclass(frozen=True, eq=False, slots=True)
class Shades:
    """The numbers behind all colours but the weights' own."""

    edges: list[Array]
    """Of each layer ``(inputs, units)``; for layers for images, whose edges are not drawn, whatever is at hand."""
    neurons: list[Floats]
    """Of each layer ``(units,)``."""
    limit: float
    """What stands at the end of the colour map for edges."""
    neuron_limit: float
    """The same for neurons."""
    signed: bool


class Changes:
    """How far the numbers of a network moved per update, between the last two moments at which it was seen."""

    def __init__(self, live: LiveView) -> None:
        self._live = live
        self._updates, self._before = live.updates, live.network.parameters.copy()
        self._per_update = np.zeros_like(self._before)
        self.seen = False
        """True once an update was seen."""

    def take(self) -> None:
        """Look at the network now; where no update was made, what was seen last still holds."""
        live = self._live
        made = live.updates - self._updates
        if made > 0:
            np.subtract(live.network.parameters, self._before, out=self._per_update)
            self._per_update /= made
            self.seen = True
        if made:
            self._updates = live.updates
            np.copyto(self._before, live.network.parameters)

    def matrices(self) -> list[Array]:
        """Of each layer ``(inputs + 1, units)``, the biases last."""
        return self._live.network.split_by_layer(self._per_update)


def shades_of(live: LiveView, by: ColourBy, changes: Changes) -> Shades | None:
    """The numbers to colour by; None for the weights themselves."""
    if by is ColourBy.WEIGHT:
        return None
    layers = range(len(live.network.layers))
    if by is ColourBy.UPDATE:
        matrices = changes.matrices()
        edges = [matrix[:-1].copy() for matrix in matrices]
        places = live.network.places
        return _shades([*edges], [_by_unit(m[-1], p) for m, p in zip(matrices, places, strict=True)], by)
    if by is ColourBy.GRADIENT:
        return _shades([live.weight_gradients(k).copy() for k in layers], [_bias_gradient(live, k) for k in layers], by)
    if by is ColourBy.ACTIVATION:
        means = [live.activations(k).mean(axis=1) for k in layers]
        entering = [live.problem.probe_inputs.mean(axis=0), *means[:-1]]
        return _shades([_from(a, len(b)) for a, b in zip(entering, means, strict=True)], means, by)
    if by is ColourBy.DELTA:
        found = [np.sqrt(np.square(live.deltas(k)).mean(axis=1)) for k in layers]
    else:
        found = [np.asarray(live.saturation(k), np.float64) for k in layers]
    sizes = [place.fan_in for place in live.network.places]
    return _shades([_to(values, inputs) for values, inputs in zip(found, sizes, strict=True)], found, by)


def _shades(edges: list[Array], neurons: Sequence[Floats], by: ColourBy) -> Shades:
    share = by is ColourBy.SATURATION
    limit, neuron_limit = (1.0 if share else round_limit(largest_weight(values)) for values in (edges, neurons))
    return Shades(edges, list(neurons), limit, neuron_limit, by.signed)


def _from(values: Floats, units: int) -> Array:
    """What enters, on every edge that leaves where it comes from."""
    return np.broadcast_to(values[:, None], (len(values), units))


def _to(values: Floats, inputs: int) -> Array:
    """What a neuron has, on every edge that ends at it."""
    return np.broadcast_to(values[None, :], (inputs, len(values)))


def _bias_gradient(live: LiveView, layer: int) -> Floats:
    """∂C/∂b of every neuron; of a map, the same for all its pixels; 0 where there are no biases."""
    place = live.network.places[layer]
    if not place.parts or not place.layer.bias:
        return np.zeros(place.units)
    return _by_unit(live.deltas(layer).reshape(place.channels, -1).sum(axis=1), place)


def _by_unit(by_channel: Floats, place: Place) -> Floats:
    """What every channel has, for every unit of it; 0 where a layer has nothing to learn."""
    if not by_channel.size:
        return np.zeros(place.units)
    return np.repeat(by_channel, place.units // place.channels)
