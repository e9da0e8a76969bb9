"""Several layers at once: as text for a clipboard, put into a gap, taken out, changed alike; and a skip between two.

The text is JSON: ``{"format": "bplab-layers", "version": 1, "layers": […]}``. In it a skip counts the layers of the
text, from 1; a skip that starts outside of them stays behind. Layers of an experiment are counted from 0.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from bplab.engine import Dense, InputError, Layer
from bplab.engine.choices import from_json, to_json

from .editing import layer_name, refusal_in_words
from .experiment import MAX_FILE_BYTES, MAX_LAYERS, Experiment, layer_in_short
from .layer_words import source_name


class LayerBlock(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Layers that follow each other, on their way from one place to another."""

    format: Literal["bplab-layers"]
    layers: Annotated[tuple[Layer, ...], Meta(min_length=1, max_length=MAX_LAYERS)]
    version: Literal[1] = 1


def names_of(experiment: Experiment, chosen: Collection[int]) -> str:
    """``h1``, ``h1 and h3``, ``h1, h2 and out``, ``7 layers``."""
    names = [layer_name(experiment, layer) for layer in sorted(chosen)]
    if len(names) > 4:
        return f"{len(names)} layers"
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def layers_to_json(experiment: Experiment, chosen: Collection[int]) -> str:
    """The chosen layers as text, in their order, ending in a newline."""
    places = {layer + 1: place for place, layer in enumerate(sorted(chosen), start=1)}
    layers = [_skipping(experiment.network.layers[number - 1], places) for number in places]
    parts = [layer_in_short(layer) for layer in layers]
    return to_json({"format": "bplab-layers", "version": 1, "layers": parts}) + "\n"


def layers_from_json(text: str) -> tuple[Any, ...]:
    """The layers of a text; ``InputError`` in one sentence if it holds none."""
    if not text.strip():
        raise InputError("There is no text on the clipboard, so no layers to paste.")
    try:
        if len(text) > MAX_FILE_BYTES:
            raise InputError(f"it is longer than {MAX_FILE_BYTES // 2**20} million letters")
        layers: tuple[Any, ...] = from_json(text, LayerBlock).layers
        for index, layer in enumerate(layers):
            skip = getattr(layer, "skip", None)
            if skip is not None and not 1 <= skip <= index:
                raise InputError(f"layers[{index}].skip: {skip} is none of the layers before it in this text")
    except InputError as error:
        raise InputError(f"The clipboard holds no layers: {error}") from None
    return layers


def insert_layers(experiment: Experiment, gap: int, block: Sequence[Any]) -> Experiment:
    """Layers put into a gap, gap 0 being behind the inputs; ``InputError`` if they cannot stand there."""
    layers: list[Any] = list(experiment.network.layers)
    _check_count(len(layers) + len(block))
    now = {source: source + len(block) * (source > gap) for source in range(len(layers))}
    own = {number: gap + number for number in range(1, len(block) + 1)}
    moved = [_skipping(layer, now) for layer in layers]
    return _possible(experiment, [*moved[:gap], *(_skipping(layer, own) for layer in block), *moved[gap:]])


def duplicate_layers(experiment: Experiment, chosen: Collection[int]) -> Experiment:
    """Hidden layers once more, all copies behind the last of them; skips between them are copied too."""
    layers: list[Any] = list(experiment.network.layers)
    gap, added = max(chosen) + 1, len(chosen)
    if gap == len(layers):
        raise InputError("The output layer cannot be doubled: it gives the network's one answer.")
    _check_count(len(layers) + added)
    places = {layer + 1: gap + place for place, layer in enumerate(sorted(chosen), start=1)}
    copies = [_skipping(layers[layer], {source: source for source in range(gap)} | places) for layer in sorted(chosen)]
    now = {source: source + added * (source > gap) for source in range(len(layers))}
    return _possible(experiment, [*layers[:gap], *copies, *(_skipping(layer, now) for layer in layers[gap:])])


def remove_layers(experiment: Experiment, chosen: Collection[int]) -> Experiment:
    """The network without hidden layers and without skips that start at one of them."""
    layers: list[Any] = list(experiment.network.layers)
    if len(layers) - 1 in chosen:
        raise InputError("The output layer stays: it gives the network's answer.")
    kept = [layer for layer in range(len(layers)) if layer not in chosen]
    now = {0: 0} | {layer + 1: place for place, layer in enumerate(kept, start=1)}
    return _possible(experiment, [_skipping(layers[layer], now) for layer in kept])


def change_layers(experiment: Experiment, chosen: Collection[int], **changes: Any) -> Experiment:
    """Fields set in all chosen layers that have them; ``InputError`` if one cannot take what is given."""
    layers: list[Any] = list(experiment.network.layers)
    for layer in sorted(chosen):
        known = {name: value for name, value in changes.items() if name in layers[layer].__struct_fields__}
        try:
            layers[layer] = replace(layers[layer], **known)
        except InputError as error:
            raise InputError(f"{layer_name(experiment, layer)}: {error}") from None
    return _possible(experiment, layers)


def put_on(experiment: Experiment, layer: int, field: str, value: Any) -> Experiment:
    """A layer that gets a normalization or a dropout; ``InputError`` if it can have none, or has one."""
    layers: list[Any] = list(experiment.network.layers)
    name, one = layer_name(experiment, layer), layers[layer]
    if field not in one.__struct_fields__:
        raise InputError(f"{name} is {one.title()}: it can have no {field}.")
    if getattr(one, field):
        raise InputError(f"{name} has {field} already.")
    layers[layer] = replace(one, **{field: value})
    return _possible(experiment, layers)


def set_skip(experiment: Experiment, source: int, target: int) -> Experiment:
    """A skip from layer ``source`` (−1 for the inputs) to layer ``target``; ``InputError`` where there can be none."""
    layers: list[Any] = list(experiment.network.layers)
    start, end = source_name(layers, source + 1), layer_name(experiment, target)
    if target <= source:
        raise InputError(f"A skip runs forward: {end} does not come after {start}.")
    if not isinstance(layers[target], Dense):
        raise InputError(f"{end} is {layers[target].title()}: only dense layers add a skip.")
    if layers[target].skip == source + 1:
        raise InputError(f"{end} has a skip from {start} already.")
    layers[target] = replace(layers[target], skip=source + 1)
    return _possible(experiment, layers)


def _check_count(layers: int) -> None:
    if layers > MAX_LAYERS:
        raise InputError(f"A network has {MAX_LAYERS} layers at most.")


def _skipping(layer: Any, now: dict[int, int]) -> Any:
    """The layer with its skip, if it has one, from where that layer is now; without it where that is not there."""
    skip = getattr(layer, "skip", None)
    return layer if skip is None else replace(layer, skip=now.get(skip))


def _possible(experiment: Experiment, layers: list[Any]) -> Experiment:
    changed = replace(experiment, network=replace(experiment.network, layers=tuple(layers)))
    try:
        return changed.checked()
    except InputError as error:
        raise InputError(refusal_in_words(changed, error)) from None
