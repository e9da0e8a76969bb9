"""Where in the network a factor comes from, as parts that the canvas lights up."""

from __future__ import annotations

from bplab.engine import Dense
from bplab.engine.layers import Place
from bplab.gui.focus import Lit
from bplab.lab.explaining import Explanation, Factor


def lights_of(factor: Factor, told: Explanation, places: list[Place]) -> tuple[Lit, ...]:
    """The units whose values the factor is made of; of weights the edges that the error comes back over."""
    target = told.target
    own = None if target.unit is None else (target.unit,)
    if factor.name != "weights":
        return (Lit(factor.layer, _as_drawn(factor, told, places)),)
    skips = [
        Lit(number, edges=True, start=target.layer)
        for number, place in enumerate(places)
        if getattr(place.layer, "skip", None) == target.layer + 1
    ]
    behind = target.layer + 1
    return Lit(behind, edges=True, start=target.layer, sources=own), *skips


def _as_drawn(factor: Factor, told: Explanation, places: list[Place]) -> tuple[int, ...] | None:
    """A dense layer reads the single values of feature maps; those are lit up as maps."""
    if factor.name != "input" or factor.units is None or factor.layer < 0:
        return factor.units
    before = places[factor.layer]
    if not isinstance(places[told.target.layer].layer, Dense) or before.units == before.channels:
        return factor.units
    return tuple(unit // (before.units // before.channels) for unit in factor.units)
