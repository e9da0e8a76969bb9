"""The overlay of a training step: holds the scene on view, and says the numbers for which the drawing has no room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtGui import QPainter, QTransform

from bplab.gui.theme import Theme
from bplab.lab.film import INPUTS, Scene, Seen

from .arrangement import Hit, Kind
from .blueprint import Blueprint
from .edge_picture import Pens, largest_weight, round_limit
from .film_numbers import Label
from .film_painting import FilmPainting
from .network_painter import NetworkPainter
from .tips import signed

MEANS = {"z": "z = Σ w·a + b", "a": "a = f(z)", "δ": "δ = ∂C/∂z", "∂C/∂w": "∂C/∂w = a_in · δ_out"}
"""What a symbol stands for, where the symbol does not say it."""


@dataclass(frozen=True, eq=False, slots=True)
class Scales:
    """The values at the ends of the colour maps: one map for all that is of a kind."""

    ends: dict[str, float]

    @classmethod
    def of(cls, scene: Scene) -> Scales:
        """The scales that show all of ``scene``."""
        shown: dict[str, list[np.ndarray]] = {}
        for seen in (*scene.columns.values(), *scene.edges.values()):
            shown.setdefault(_kind(seen.symbol), []).append(np.nan_to_num(seen.values))
        return cls({kind: round_limit(largest_weight(values)) for kind, values in shown.items()})

    def end(self, symbol: str) -> float:
        """What stands at the end of the map of a symbol."""
        return self.ends[_kind(symbol)]


def _kind(symbol: str) -> str:
    """z and a, normalized or not, are compared with each other."""
    return "a" if symbol in ("z", "ẑ", "a", "â") else symbol


class FilmOverlay:
    """Draws a scene over the network that it belongs to."""

    def __init__(self, theme: Theme, blueprint: Blueprint) -> None:
        self._theme, self._blueprint = theme, blueprint
        self._pens: dict[tuple[bool, bool], Pens] = {}
        self.scene: Scene | None = None
        self.scales = Scales({})
        self.sweep = 1.0
        """How much of the way the phase has gone on its edges, from 0 to 1."""
        self.labels: Sequence[Label] = ()
        """The numbers that were drawn last."""

    def show(self, scene: Scene) -> None:
        """Draw this one from now on."""
        self.scene, self.scales = scene, Scales.of(scene)

    def restyle(self) -> None:
        """Take the theme's colours anew."""
        self._pens.clear()

    def paint(self, painter: QPainter, transform: QTransform, network: NetworkPainter) -> None:
        """The scene; nothing over a network of another form."""
        if self.scene is not None and network.blueprint == self._blueprint:
            end_of, pens_for = self.scales.end, self._pens_for
            painting = FilmPainting(painter, transform, network, self.scene, end_of, pens_for, self.sweep)
            painting.paint()
            self.labels = painting.labels

    def tip(self, hit: Hit) -> str:
        """The number of the neuron or the edge under the mouse."""
        if self.scene is None:
            return ""
        if hit.kind is Kind.GAP and hit.source >= 0:
            name = f"{self._name(hit.layer - 1, hit.source)} → {self._name(hit.layer, hit.neuron)}"
            return _told(name, self.scene.edges.get(hit.layer), hit.source, hit.neuron)
        if hit.kind in (Kind.NEURON, Kind.BIAS) or (hit.kind is Kind.INPUT and hit.neuron >= 0):
            layer = INPUTS if hit.kind is Kind.INPUT else hit.layer
            told = _told(self._name(layer, hit.neuron), self.scene.columns.get(layer), hit.neuron)
            if self.scene.biases is not None and layer == self.scene.phase.layer:
                told += f"\nb = {signed(float(self.scene.biases[hit.neuron]))}"
            return told
        return ""

    def _name(self, layer: int, unit: int) -> str:
        if layer == INPUTS:
            return self._blueprint.inputs[unit]
        text = self._blueprint.layers[layer]
        return f"{text.name}, {'neuron' if text.dense else 'value'} {unit + 1:,}"

    def _pens_for(self, signed: bool) -> Pens:
        key = signed, self._theme.dark
        if key not in self._pens:
            self._pens[key] = Pens(self._theme, signed)
        return self._pens[key]


def _told(name: str, seen: Seen | None, *place: int) -> str:
    if seen is None:
        return f"{name}\nnot computed yet"
    how = f" ({seen.over_batch} over the batch)" if seen.over_batch else ""
    told = f"{name}\n{seen.symbol} = {signed(float(seen.values[place]))}{how}"
    return f"{told}\n{MEANS[seen.symbol]}" if seen.symbol in MEANS else told
