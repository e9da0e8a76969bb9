"""Names of what is looked at and of its factors, as the panel says them."""

from __future__ import annotations

from typing import Any

from bplab.lab.explaining import Explanation, Factor, Target
from bplab.lab.live import LiveView
from bplab.lab.problem import layer_names

MEANINGS = {
    "input": "what enters over the weight: with an input near 0 no error moves it",
    "agreement": "how far the samples pull one way; where they cancel, the mean pulls nowhere",
    "derivative": "the slope of the activation: near 0 where the neuron is saturated",
    "normalization": "what the normalization leaves of the error",
    "weights": "what the weights behind it leave of the error on its way back",
    "delta_next": "the error that comes back from behind",
}


def title_of(target: Target, live: LiveView) -> str:
    """``Weight from x to h1, 2``, ``Bias of h1, 2``, ``Neuron 2 of h1``, ``Layer h1``."""
    places, names = live.network.places, layer_names(live.experiment.network.layers)
    layer, place = names[target.layer], places[target.layer]
    if target.unit is None:
        return f"Layer {layer}"
    is_map = place.units != place.channels
    if target.source is None:
        who = f"{layer}, {'map ' if is_map else ''}{target.unit + 1}"
        return f"Bias of {who}" if target.kind == "bias" else f"{noun_of(place).title()} {target.unit + 1} of {layer}"
    if len(place.inputs) == 3 and len(place.outputs) == 3:
        side = place.layer.kernel
        channel, inside = divmod(target.source, side * side)
        row, column = divmod(inside, side)
        return (
            f"Weight of {layer}, map {target.unit + 1}: channel {channel + 1}, row {row + 1}, column {column + 1} "
            "of its filter"
        )
    inputs = live.problem.shape.input_names
    before = inputs[target.source] if target.layer == 0 else f"{names[target.layer - 1]}, {target.source + 1}"
    return f"Weight from {before} to {layer}, {target.unit + 1}"


def noun_of(place: Any) -> str:
    """What the units of a layer are."""
    return "map" if place.units != place.channels else "neuron"


def symbol_of(factor: Factor, told: Explanation) -> str:
    """LaTeX of a factor, as it stands in the equations."""
    number, unit = told.target.layer + 1, told.target.unit
    own = "" if unit is None else f"_{{{unit + 1}}}"
    behind = factor.layer + 1
    if factor.name == "input":
        source = "" if told.target.source is None else f"_{{{told.target.source + 1}}}"
        return rf"a{source}^{{({number - 1})}}"
    if factor.name == "derivative":
        return rf"f'(z{own}^{{({number})}})"
    if factor.name == "weights":
        return rf"w^{{({behind})}}"
    if factor.name == "delta_next":
        error = rf"\partial C / \partial a^{{({behind})}}"
        return error if factor.symbol.startswith("∂C/∂a") else rf"\delta^{{({behind})}}"
    return ""


def name_of(factor: Factor, told: Explanation) -> str:
    """A factor in a word or two."""
    behind = told.names[factor.layer] if factor.layer >= 0 else "the data"
    return {
        "input": f"what enters from {behind}",
        "agreement": "agreement of the samples",
        "derivative": "derivative",
        "normalization": "normalization",
        "weights": f"way back through {behind}",
        "delta_next": "error at the loss" if factor.symbol.startswith("∂C/∂a") else f"error of {behind}",
    }[factor.name]
