"""What the drawing points out: the selection, what is under the mouse, and what all panels look at."""

from __future__ import annotations

from bplab.gui.focus import Focus

from .arrangement import Hit, Kind
from .network_painter import Marks

ON_A_LAYER = (Kind.HEADER, Kind.COLUMN, Kind.NEURON, Kind.BIAS, Kind.GRIP)


def marks_of(hit: Hit, layer: int, neuron: int, chosen: frozenset[int], has_image: bool, focus: Focus) -> Marks:
    """Marks for a mouse over ``hit`` and a selection: all ``chosen`` layers, among them ``layer`` with ``neuron``."""
    over_layer = hit.kind in ON_A_LAYER or (hit.kind is Kind.HANDLE and hit.layer >= 0)
    selected = (layer, neuron) if neuron >= 0 else (-1, -1)
    pointed = hit.kind is Kind.NEURON or (hit.kind is Kind.INPUT and not has_image)
    return Marks(
        hovered_layer=hit.layer if over_layer else -1,
        selected_layer=layer,
        neuron=(hit.layer, hit.neuron) if pointed else selected,
        selected_neuron=selected,
        chosen=chosen if len(chosen) > 1 else frozenset(),
        edge=(hit.layer, hit.source, hit.neuron) if hit.source >= 0 else (-1, -1, -1),
        grip=hit.layer if hit.kind is Kind.GRIP else -1,
        handle=hit.layer if hit.kind is Kind.HANDLE else -2,
        looked_at=focus.target,
        lit=focus.lit,
    )
