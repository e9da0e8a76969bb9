"""The figures: the numbers that the drawing shows of each layer and of the inputs, taken from the network on view."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bplab.engine.activations import Activation
from bplab.engine.calls import Array
from bplab.lab.live import LiveView

from .arrangement import MOST_INPUTS
from .blueprint import Blueprint
from .colouring import Changes, ColourBy, Shades, shades_of
from .plane_grid import PlaneGrid

Floats = NDArray[np.float64]
MAP_SIDE, LEAST_MAP_SIDE = 20, 12
"""Cells along the edge of a neuron's map."""
BINS = 12


@dataclass(frozen=True, eq=False, slots=True)
class LayerFigures:
    """One layer, an entry per neuron."""

    means: Floats
    """Mean output over the probe samples, ``(units,)``."""
    limit: float
    """Largest output that the colours tell apart."""
    saturation: Floats
    """Share of probe samples on which the neuron is saturated, ``(units,)``."""
    dead: NDArray[np.bool_]
    """f' is 0 on every probe sample, ``(units,)``."""
    maps: NDArray[np.floating] | None
    """Outputs over the plane, ``(units, side²)``, from the top left; None for other data."""
    shade: Floats | None = None
    """What the neurons are coloured by, ``(units,)``; None: by what they answer."""
    shade_limit: float = 1.0
    shade_signed: bool = True


class Figures:
    """What is to be seen of ``live``; :meth:`measure` brings it up to date."""

    def __init__(self, live: LiveView, blueprint: Blueprint) -> None:
        self.live, self.blueprint = live, blueprint
        self.colour_by = ColourBy.WEIGHT
        self.shades: Shades | None = None
        self._changes = Changes(live)
        self.grid = PlaneGrid(live, MAP_SIDE, LEAST_MAP_SIDE) if blueprint.plane else None
        self.layers: list[LayerFigures] = []
        self.input_maps = self._input_maps()
        self.mean_inputs = np.asarray(live.problem.train_inputs.mean(axis=0), np.float64)
        self.input_histograms = [] if blueprint.plane or blueprint.image else histograms(live.problem.train_inputs)
        self.measure()

    def measure(self) -> None:
        """Measure the network as it stands."""
        with np.errstate(all="ignore"):
            if self.grid is not None:
                self.grid.measure()
            self._changes.take()
            self.shades = shades_of(self.live, self.colour_by, self._changes)
            self.layers = [self._layer(index) for index in range(len(self.live.network.layers))]

    def set_colour_by(self, by: ColourBy) -> None:
        """Measure what colours stand for from now on."""
        self.colour_by = by
        self.measure()

    @property
    def note(self) -> str:
        """Why there is nothing to be seen, where there is not; empty where there is."""
        waits = self.colour_by is ColourBy.UPDATE and not self._changes.seen
        return "no update seen yet: press play" if waits else ""

    @property
    def edge_values(self) -> list[Array]:
        """What the edges of each layer show, ``(inputs, units)``."""
        return self.live.network.weights if self.shades is None else self.shades.edges

    def input_strength(self) -> Floats:
        """RMS of the weights that leave each input, as a share of the largest, ``(inputs,)``."""
        weights = next((w for w in self.live.network.weights if w.size), np.empty((0, 0)))
        if len(weights) != len(self.mean_inputs):  # filters, which leave every pixel alike
            return np.ones(len(self.mean_inputs))
        squares = np.nan_to_num(np.asarray(weights, np.float64) ** 2)
        strength: Floats = np.sqrt(squares.mean(axis=1))
        return strength / (strength.max() or 1.0)

    def _layer(self, index: int) -> LayerFigures:
        live = self.live
        means = np.asarray(live.activations(index).mean(axis=1), np.float64)
        maps = self.grid.outputs(index) if self.grid else None
        shown = means if maps is None else maps
        activation = live.network.layers[index].activation
        known = means, reach(activation, shown), live.saturation(index), live.dead(index), maps
        if self.shades is None:
            return LayerFigures(*known)
        shades = self.shades
        return LayerFigures(*known, np.asarray(shades.neurons[index]), shades.neuron_limit, shades.signed)

    def _input_maps(self) -> Floats | None:
        """The features over the plane, each as a share of its largest value, ``(inputs, side²)``."""
        if self.grid is None:
            return None
        largest = np.abs(self.grid.inputs).max(axis=1, keepdims=True)
        return np.asarray(self.grid.inputs / np.where(largest > 0, largest, 1.0))


def histograms(columns: NDArray[np.floating]) -> list[Floats]:
    """How each column of ``(samples, columns)`` is spread over its range, ``(BINS,)``, the fullest bin being 1."""
    counts = [np.histogram(column, BINS)[0] for column in columns[:, :MOST_INPUTS].T]
    return [count / count.max() for count in counts]


def reach(activation: Activation, values: NDArray[np.floating]) -> float:
    """What stands at the end of the colour map: the activation's bound, or the largest of ``values`` if it has none."""
    bound = max(abs(activation.low), abs(activation.high))
    if np.isfinite(bound):
        return float(bound)
    largest = float(np.max(np.abs(values), initial=0.0))
    return largest if 0.0 < largest < np.inf else 1.0
