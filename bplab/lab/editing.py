"""Edits of the layers, each a function from one experiment to the next that says in one sentence what cannot be done.

Layers are counted from 0. A gap is named by the layer behind it: gap 0 lies between the inputs and layer 0. The last
layer is the output, whose units the data decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from bplab.engine import Conv2D, Dense, Identity, InputError, Layer, Softmax, Tanh
from bplab.engine.layers import MAX_UNITS

from .experiment import MAX_LAYERS, Experiment
from .problem import layer_names

FIRST_UNITS = 4
"""Units of a hidden layer that has no hidden neighbour to take them from."""


def layer_name(experiment: Experiment, layer: int) -> str:
    """``h1``, ``h2`` … or ``out``."""
    return layer_names(experiment.network.layers)[layer]


def gap_name(experiment: Experiment, gap: int) -> str:
    """What stands before the gap: ``the inputs`` or a layer's name."""
    return layer_name(experiment, gap - 1) if gap else "the inputs"


def set_units(experiment: Experiment, layer: int, units: int) -> Experiment:
    """Another number of neurons in a layer; ``InputError`` if the layer or the data does not allow it."""
    name = layer_name(experiment, layer)
    if layer == len(experiment.network.layers) - 1:
        _check_output_units(experiment, units)
    if units < 1:
        raise InputError(f"{name} has one neuron left; remove the whole layer instead.")
    if units > MAX_UNITS:
        raise InputError(f"{name} has {MAX_UNITS:,} neurons, the most that a layer can have.")
    layers: list[Any] = list(experiment.network.layers)
    width = _width_field(name, layers[layer])
    layers[layer] = replace(layers[layer], **{width: units})
    return _with_layers(experiment, layers).checked()


def width(experiment: Experiment, layer: int) -> int:
    """What :func:`set_units` changes: the neurons of a dense layer, the feature maps of a convolution."""
    chosen = experiment.network.layers[layer]
    count: int = getattr(chosen, _width_field(layer_name(experiment, layer), chosen))
    return count


def _width_field(name: str, layer: Layer) -> str:
    if isinstance(layer, Dense):
        return "units"
    if isinstance(layer, Conv2D):
        return "filters"
    raise InputError(f"{name} is {layer.title()}: what comes in decides how many values leave it.")


def add_neuron(experiment: Experiment, layer: int) -> Experiment:
    """One neuron more in a layer."""
    return set_units(experiment, layer, width(experiment, layer) + 1)


def remove_neuron(experiment: Experiment, layer: int) -> Experiment:
    """One neuron less in a layer."""
    return set_units(experiment, layer, width(experiment, layer) - 1)


def add_layer(experiment: Experiment, gap: int) -> Experiment:
    """A hidden layer in a gap, made like its hidden neighbour: the one before the gap, else the one behind it.

    A network without hidden layers gets four units with the output's initialization, and tanh where the output's
    activation makes no hidden layer (softmax couples its units, the identity adds nothing).
    """
    layers: list[Any] = list(experiment.network.layers)
    if len(layers) >= MAX_LAYERS:
        raise InputError(f"This network has {MAX_LAYERS} layers, the most that fit.")
    hidden, output = layers[:-1], layers[-1]
    made = hidden[max(gap - 1, 0)] if hidden else _hidden_like(output)
    layers = [_skipping(layer, lambda source: source + (source > gap)) for layer in layers]
    layers.insert(gap, _skipping(made, lambda source: None))
    return _with_layers(experiment, layers).checked()


def remove_layer(experiment: Experiment, layer: int) -> Experiment:
    """The network without a hidden layer and without skips that start at it; ``InputError`` for the output."""
    layers: list[Any] = list(experiment.network.layers)
    if layer == len(layers) - 1:
        raise InputError("The output layer stays: it gives the network's answer.")
    del layers[layer]
    number = layer + 1
    layers = [_skipping(one, lambda source: None if source == number else source - (source > number)) for one in layers]
    return _with_layers(experiment, layers).checked()


def _skipping(layer: Any, renumber: Callable[[int], int | None]) -> Any:
    """The layer with its skip, if it has one, from where that layer is now; a skip counts layers from 1."""
    if not isinstance(layer, Dense) or layer.skip is None:
        return layer
    return replace(layer, skip=renumber(layer.skip))


def _hidden_like(output: Dense) -> Dense:
    coupled_or_linear = isinstance(output.activation, (Softmax, Identity))
    return replace(output, units=FIRST_UNITS, activation=Tanh() if coupled_or_linear else output.activation)


def _with_layers(experiment: Experiment, layers: list[Any]) -> Experiment:
    return replace(experiment, network=replace(experiment.network, layers=tuple(layers)))


def _check_output_units(experiment: Experiment, units: int) -> None:
    shape = experiment.data.describe()
    if shape.classes == 2:
        if units not in (1, 2):
            raise InputError("The output layer follows the data: two classes need one unit, or one unit each.")
    elif units != shape.outputs:
        what = f"{shape.classes} classes need one unit each" if shape.classes else "one target value needs one unit"
        raise InputError(f"The output layer follows the data: {what}.")
