"""Layers in words: what every view says of a layer beside its numbers, in the same words everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bplab.engine import Dense
from bplab.engine.choices import type_name
from bplab.engine.layers import Layer, Place

from .problem import layer_names


def has_weights(layer: Layer) -> bool:
    """False for pooling and flattening, which have no weights, so no gradient of them either."""
    return "weights" in layer.__struct_fields__  # type: ignore[attr-defined]  # its members are Structs


def has_activation(layer: Layer) -> bool:
    """False where a layer passes on what it finds: there nothing can saturate or die."""
    return "activation" in layer.__struct_fields__  # type: ignore[attr-defined]  # as above


def maps_of(place: Place) -> tuple[int, int, int] | None:
    """Maps, rows and columns of what leaves a layer for images; None where values leave in a row."""
    shape = place.outputs
    return (shape[0], shape[1], shape[2]) if len(shape) == 3 else None


def size_text(place: Place) -> str:
    """``64``, or ``16 × 8 × 8`` for 16 maps of 8 × 8."""
    return " × ".join(f"{count:,}" for count in place.outputs)


def size_in_words(place: Place) -> str:
    """``1 neuron``, ``64 neurons``, ``16 maps of 8 × 8``, ``256 values``."""
    maps = maps_of(place)
    if maps is not None:
        return f"{maps[0]:,} map{'s' * (maps[0] != 1)} of {maps[1]} × {maps[2]}"
    noun = "neuron" if has_activation(place.layer) else "value"
    return f"{place.units:,} {noun}{'s' * (place.units != 1)}"


def kind_text(layer: Layer) -> str:
    """What the layer is or does, without what may stand around its activation: ``tanh``, ``3×3 conv · ReLU``."""
    return layer.activation.title() if isinstance(layer, Dense) else layer.in_brief()


def in_a_table(layer: Layer) -> str:
    """The type of a dense layer's activation, as files write it; of another, what it does: ``max pooling 2×2``."""
    return type_name(layer.activation) if isinstance(layer, Dense) else layer.in_brief()


def percent(share: float) -> str:
    """``20 %``, ``12.5 %``."""
    return f"{100 * share:.4g} %"


def badges(layer: Layer) -> tuple[str, ...]:
    """The shortest words for what stands around a dense layer's activation: ``BN``, ``drop 20 %``."""
    if not isinstance(layer, Dense):
        return ()
    found = []
    if layer.normalization is not None:
        words = layer.normalization.title().split()
        found.append("".join(word if word.isupper() else word[0].upper() for word in words))
    if layer.dropout:
        found.append(f"drop {percent(layer.dropout)}")
    return tuple(found)


def source_name(layers: Sequence[Any], source: int) -> str:
    """Where a skip starts: ``inputs`` or a layer's name."""
    return layer_names(layers)[source - 1] if source else "inputs"


def skip_in_words(places: Sequence[Place], layer: int) -> str:
    """Where the skip of a layer (from 0) starts and how it gets there; empty if it has none."""
    found = getattr(places[layer].layer, "skip", None)
    if found is None:
        return ""
    name = source_name([place.layer for place in places], found)
    there, here = source_units(places, found), places[layer].units
    way = "added as it is" if there == here else f"through a learned {there:,} × {here:,} projection"
    return f"skip from {name}, {way}"


def source_units(places: Sequence[Place], source: int) -> int:
    """How many values a skip finds at its source; 0 stands for the inputs."""
    return places[source - 1].units if source else places[0].fan_in


def extras(places: Sequence[Place], layer: int) -> list[str]:
    """What is unusual about a layer (from 0), a phrase each: normalization, dropout, skip, no bias, frozen."""
    one: Any = places[layer].layer
    found = []
    if isinstance(one, Dense):
        norm = one.normalization
        if norm is not None:
            found.append(f"{norm.title()} {norm.place} the activation")
        if one.dropout:
            found.append(f"dropout {percent(one.dropout)}")
        if one.skip is not None:
            found.append(skip_in_words(places, layer))
    if not one.bias:
        found.append("no bias")
    if one.frozen:
        found.append("frozen")
    return found
