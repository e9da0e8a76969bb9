"""Edits of the layers, each a function from one experiment to the next that says in one sentence what cannot be done.

Layers are counted from 0. A gap is named by the layer behind it: gap 0 lies between the inputs and layer 0. The last
layer is the output, whose units the data decides.
"""

from __future__ import annotations

import contextlib
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from bplab.engine import (
    Conv2D,
    Dense,
    Flatten,
    HeNormal,
    Identity,
    InputError,
    Layer,
    MaxPool,
    MeanPool,
    ReLU,
    Softmax,
    Tanh,
)
from bplab.engine.layers import MAX_UNITS, Place
from bplab.engine.network import MAX_PARAMETERS

from .experiment import MAX_LAYERS, Experiment
from .layer_words import source_name, source_units
from .problem import layer_names

FIRST_UNITS = 4
"""Units of a hidden layer that has no hidden neighbour to take them from."""
FIRST_CONVOLUTION = Conv2D(8, ReLU(), padding=1, weights=HeNormal())
MOST_CARRIED_FILTERS = 16
"""A dense layer that becomes a convolution gets as many filters as it has units, but no more than this."""
CARRIED = ("activation", "weights", "biases", "bias", "frozen")
FOR_IMAGES = (Conv2D, MaxPool, MeanPool, Flatten)
_PATH = re.compile(r"network\.layers\[(\d+)\](?:\.(\w+))?: ")


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
        raise InputError(f"{name} has one {width_noun(experiment, layer)} left; remove the whole layer instead.")
    if units > MAX_UNITS:
        raise InputError(f"{name} has {MAX_UNITS:,} neurons, the most that a layer can have.")
    layers: list[Any] = list(experiment.network.layers)
    width = _width_field(name, layers[layer])
    layers[layer] = replace(layers[layer], **{width: units})
    return _possible(_with_layers(experiment, layers))


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


def width_noun(experiment: Experiment, layer: int) -> str:
    """One of what :func:`set_units` counts: ``neuron``, ``filter``."""
    return "filter" if isinstance(experiment.network.layers[layer], Conv2D) else "neuron"


def add_neuron(experiment: Experiment, layer: int) -> Experiment:
    """One neuron more in a layer."""
    return set_units(experiment, layer, width(experiment, layer) + 1)


def remove_neuron(experiment: Experiment, layer: int) -> Experiment:
    """One neuron less in a layer."""
    return set_units(experiment, layer, width(experiment, layer) - 1)


def add_layer(experiment: Experiment, gap: int, kind: type[Any] | None = None) -> Experiment:
    """A hidden layer in a gap, of ``kind`` or else of the kind that is usual there: see :func:`usual_kind`.

    It is made like the nearest hidden layer of its kind, one before the gap first. A network without hidden layers
    gets four units with the output's initialization, and tanh where the output's activation makes no hidden layer
    (softmax couples its units, the identity adds nothing). A convolution keeps the size of the images.
    ``InputError`` if it cannot stand there.
    """
    layers: list[Any] = list(experiment.network.layers)
    if len(layers) >= MAX_LAYERS:
        raise InputError(f"This network has {MAX_LAYERS} layers, the most that fit.")
    made = _skipping(first_of_kind(layers, gap, kind or usual_kind(experiment, gap)), lambda source: None)
    layers = [_skipping(layer, lambda source: source + (source > gap)) for layer in layers]
    layers.insert(gap, made)
    return _possible(_with_layers(experiment, layers))


def usual_kind(experiment: Experiment, gap: int) -> type[Any]:
    """What most would put into a gap: a convolution among layers for images, else a dense layer."""
    layers = experiment.network.layers
    if gap:
        shape = experiment.places()[gap - 1].outputs
        among_images = len(shape) == 3
    else:
        among_images = isinstance(layers[0], FOR_IMAGES)
    return Conv2D if among_images else Dense


def set_kind(experiment: Experiment, layer: int, kind: type[Any]) -> Experiment:
    """A layer of another kind in the place of one, with what both kinds have; ``InputError`` if it cannot stand there.

    The weights' and biases' first values, the activation and the width go along where they can.
    """
    layers: list[Any] = list(experiment.network.layers)
    if type(layers[layer]) is kind:
        return experiment
    if layer == len(layers) - 1:
        raise InputError("The output layer is dense: it gives one value for each thing to learn.")
    if kind is Flatten and len(_shape_before(experiment, layer)) == 1:
        raise InputError(f"{layer_name(experiment, layer)} finds values in a row already: nothing to flatten.")
    fresh = first_of_kind([*layers[:layer], *layers[layer + 1 :]], layer, kind)
    layers[layer] = _carried_over(layers[layer], fresh)
    return _possible(_with_layers(experiment, layers))


def first_of_kind(layers: Sequence[Any], gap: int, kind: type[Any]) -> Any:
    """A layer of ``kind`` for a gap, made like the nearest hidden one of its kind, one before the gap first."""
    hidden, output = layers[:-1], layers[-1]
    alike = next((one for one in (*reversed(hidden[:gap]), *hidden[gap:]) if type(one) is kind), None)
    if alike is None:
        return _hidden_like(output) if kind is Dense else FIRST_CONVOLUTION if kind is Conv2D else kind()
    return replace(alike, stride=1, padding=alike.kernel // 2) if kind is Conv2D else alike


def _shape_before(experiment: Experiment, layer: int) -> tuple[int, ...]:
    return experiment.places()[layer].inputs


def _carried_over(old: Any, fresh: Any) -> Any:
    """``fresh`` with what ``old`` has of the same, as far as it can take it."""
    alike = (MaxPool, MeanPool)
    names = ("size", "stride") if isinstance(old, alike) and isinstance(fresh, alike) else CARRIED
    changes = {name: getattr(old, name) for name in names if name in old.__struct_fields__}
    if isinstance(old, Dense) and isinstance(fresh, Conv2D):
        changes["filters"] = min(old.units, MOST_CARRIED_FILTERS)
    if isinstance(old, Conv2D) and isinstance(fresh, Dense):
        changes["units"] = old.filters
    for name, value in changes.items():
        if name in fresh.__struct_fields__:
            with contextlib.suppress(InputError):  # softmax goes over a whole layer, which no map can take
                fresh = replace(fresh, **{name: value})
    return fresh


def remove_layer(experiment: Experiment, layer: int) -> Experiment:
    """The network without a hidden layer and without skips that start at it; ``InputError`` for the output."""
    layers: list[Any] = list(experiment.network.layers)
    if layer == len(layers) - 1:
        raise InputError("The output layer stays: it gives the network's answer.")
    del layers[layer]
    number = layer + 1
    layers = [_skipping(one, lambda source: None if source == number else source - (source > number)) for one in layers]
    return _possible(_with_layers(experiment, layers))


def duplicate_layer(experiment: Experiment, layer: int) -> Experiment:
    """The network with a hidden layer twice, the copy behind it; ``InputError`` for the output."""
    layers: list[Any] = list(experiment.network.layers)
    if layer == len(layers) - 1:
        raise InputError("The output layer cannot be doubled: it gives the network's one answer.")
    if len(layers) >= MAX_LAYERS:
        raise InputError(f"This network has {MAX_LAYERS} layers, the most that fit.")
    copy = layers[layer]
    layers = [_skipping(one, lambda source: source + (source > layer + 1)) for one in layers]
    layers.insert(layer + 1, copy)
    return _possible(_with_layers(experiment, layers))


def move_layer(experiment: Experiment, layer: int, to: int) -> Experiment:
    """The network with a hidden layer in the place ``to`` (from 0) of another; skips follow their layers.

    ``InputError`` for the output, and where a skip would run backwards.
    """
    layers: list[Any] = list(experiment.network.layers)
    last = len(layers) - 1
    if layer == last:
        raise InputError("The output layer stays last: it gives the network's answer.")
    if to < 0:
        raise InputError(f"{layer_name(experiment, layer)} is the first layer already.")
    if to >= last:
        raise InputError(f"{layer_name(experiment, layer)} is the last hidden layer; the output comes after it.")
    order = [*range(layer), *range(layer + 1, last + 1)]
    order.insert(to, layer)
    now = {0: 0} | {old + 1: new + 1 for new, old in enumerate(order)}
    for new, old in enumerate(order):
        skip = getattr(layers[old], "skip", None)
        if skip is not None and now[skip] > new:
            here, there = layer_name(experiment, old), source_name(layers, skip)
            raise InputError(f"{here} adds the outputs of {there} by a skip, so {there} stays before it.")
    return _possible(_with_layers(experiment, [_skipping(layers[old], now.get) for old in order]))


@dataclass(frozen=True, slots=True)
class SkipChoice:
    """Where a skip can start, and what that means."""

    source: int
    """0 for the inputs, else the layer's number from 1."""
    name: str
    way: str
    """``added as it is``, or what projection it takes."""
    refusal: str = ""
    """Why it cannot start there; empty if it can."""


def skip_choices(experiment: Experiment, layer: int) -> list[SkipChoice]:
    """The sources of a skip to a dense layer (from 0): the inputs and every earlier layer."""
    places, layers = experiment.places(), experiment.network.layers
    units, found = places[layer].units, []
    others = sum(place.size for place in places) - _projection_size(places, layer)
    for source in range(layer + 1):
        there = source_units(places, source)
        projection = 0 if there == units else there * units
        way = f"through a learned {there:,} × {units:,} projection" if projection else "added as it is"
        refusal = ""
        if others + projection > MAX_PARAMETERS:
            refusal = f"A projection of {there:,} × {units:,} weights is more than fits."
        found.append(SkipChoice(source, source_name(layers, source), way, refusal))
    return found


def _projection_size(places: Sequence[Place], layer: int) -> int:
    return sum(math.prod(part.shape) for part in places[layer].parts if part.name == "projection")


def refusal_in_words(experiment: Experiment, error: InputError) -> str:
    """What ``experiment.checked()`` refuses, with the layer's name instead of a path into the file."""
    text, found = str(error), _PATH.match(str(error))
    if found is None or int(found[1]) >= len(experiment.network.layers):
        return text
    what = "" if found[2] in (None, "type") else f"{found[2].replace('_', ' ')}: "
    return f"{layer_name(experiment, int(found[1]))}: {what}{text[found.end() :]}"


def _possible(experiment: Experiment) -> Experiment:
    """The experiment, if it can be run; ``InputError`` for people if not."""
    try:
        return experiment.checked()
    except InputError as error:
        raise InputError(refusal_in_words(experiment, error)) from None


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
