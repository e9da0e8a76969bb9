"""A weight or a bias set by hand: it becomes one of the own values that the design starts from.

Before training only the initialization of that layer's weights, or biases, changes. After training every layer
starts from the values that the network has reached, so that a new run goes on from where the other one was.
"""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from bplab.engine import InputError, Network
from bplab.engine.calls import Array
from bplab.engine.initializers import OwnValues

from .editing import layer_name
from .experiment import Experiment

MOST_NUMBERS, MOST_ROWS = 20_000, 4_096
"""A design holds no more own values than this, all layers together and rows of one."""
BIAS = -1
"""In place of the input that a weight comes from: the bias."""


def with_value(
    experiment: Experiment, network: Network, layer: int, source: int, unit: int, value: float, trained: bool
) -> Experiment:
    """The design that starts from the numbers of ``network``, one of them being ``value``.

    ``source`` is the input that the weight comes from, or :data:`BIAS`; ``trained`` says that the network is no
    longer at its first values. ``InputError`` where a design cannot hold that.
    """
    _check(experiment, network, layer, source, trained)
    layers: list[Any] = list(experiment.network.layers)
    matrices = [numbers["matrix"].copy() for numbers in network.numbers]
    matrices[layer][source, unit] = value  # the biases are the last row
    if trained:
        layers = [_starting_from(one, matrix) for one, matrix in zip(layers, matrices, strict=True)]
    elif source == BIAS:
        layers[layer] = replace(layers[layer], biases=_rows(matrices[layer][-1:]))
    else:
        layers[layer] = replace(layers[layer], weights=_rows(matrices[layer][:-1]))
    return replace(experiment, network=replace(experiment.network, layers=tuple(layers)))


def _starting_from(layer: Any, matrix: Array) -> Any:
    if not matrix.size:
        return layer
    biases = _rows(matrix[-1:]) if layer.bias else layer.biases
    return replace(layer, weights=_rows(matrix[:-1]), biases=biases)


def _rows(matrix: Array) -> OwnValues:
    return OwnValues(tuple(tuple(row) for row in matrix.tolist()))


def _check(experiment: Experiment, network: Network, layer: int, source: int, trained: bool) -> None:
    name, concerned = layer_name(experiment, layer), network.places if trained else [network.places[layer]]
    if not network.places[layer].parts:
        raise InputError(f"{name} is {network.layers[layer].title()}: it has no weights.")
    if source == BIAS and not network.layers[layer].bias:
        raise InputError(f"The biases of {name} are switched off.")
    if sum(place.size for place in concerned) > MOST_NUMBERS or any(place.fan_in > MOST_ROWS for place in concerned):
        raise InputError(f"A design holds at most {MOST_NUMBERS:,} own values; here they would be more.")
    for number, place in enumerate(concerned):
        more = [part.name for part in place.parts if part.name != "matrix"]
        if trained and more:
            raise InputError(
                f"{layer_name(experiment, number)} has learned more than weights and biases ({', '.join(more)}), which "
                "no design can start from; go back to the first weights to set one by hand."
            )
