"""What may train together: networks and optimizers that differ in nothing but numbers, and many choices as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import msgspec
import numpy as np

from ..choices import replaced, type_name
from ..errors import InputError
from ..layers import Dense
from ..network import Network

T = TypeVar("T")
OF_ITS_OWN = ("activation", "weights", "biases")
"""Fields of a layer in which networks may differ; of the activation, in its numbers only."""


def check_networks(networks: Sequence[Network]) -> None:
    """``InputError`` naming the first network that does not fit the first one."""
    if not networks:
        raise InputError("there are no networks to train")
    for index, network in enumerate(networks):
        if not isinstance(network, Network):
            raise InputError(f"networks[{index}] is no Network but {network!r}")
        twin = next(other for other, known in enumerate(networks) if known is network)
        if twin != index:
            raise InputError(f"networks[{index}] is the same object as networks[{twin}]; each must be one of its own")
        _check_fit(networks[0], network, f"networks[{index}]")


def _check_fit(first: Network, network: Network, name: str) -> None:
    if _shape(network) != _shape(first):
        raise InputError(f"{name} is {_shape(network)}, but networks[0] is {_shape(first)}; they must have one shape")
    if network.dtype != first.dtype:
        raise InputError(f"{name} is {network.dtype}, but networks[0] is {first.dtype}")
    if network.loss != first.loss:
        raise InputError(f"{name} has the loss {network.loss}, but networks[0] has {first.loss}")
    for number, (layer, other) in enumerate(zip(network.layers, first.layers, strict=True)):
        where, what = f"{name}.layers[{number}]", _difference(layer, other)
        if what:
            raise InputError(f"{where} differs from that of networks[0] in {what}")
        if type(layer.activation) is not type(other.activation):
            kinds = type_name(layer.activation), type_name(other.activation)
            raise InputError(f"{where} has the activation {kinds[0]}, but that of networks[0] has {kinds[1]}")


def _shape(network: Network) -> str:
    inputs = "×".join(map(str, network.input_shape))
    return "-".join([inputs, *map(str, network.units)])


def _difference(layer: Any, other: Any) -> str | None:
    """The field in which two layers differ and must not, or ``"type"``."""
    if type(layer) is not type(other):
        return "type"
    names = (field.name for field in msgspec.structs.fields(layer) if field.name not in OF_ITS_OWN)
    return next((name for name in names if getattr(layer, name) != getattr(other, name)), None)


def check_optimizers(optimizers: Sequence[Any]) -> None:
    """``InputError`` naming the first optimizer that differs from the first one in more than numbers."""
    first = optimizers[0]
    for index, optimizer in enumerate(optimizers):
        if type(optimizer) is not type(first):
            kinds = type_name(optimizer), type_name(first)
            raise InputError(
                f"optimizers[{index}] is {kinds[0]}, but optimizers[0] is {kinds[1]}; only numbers may differ"
            )
        for name in optimizer.__struct_fields__:
            if not _may_differ(optimizer, first, name):
                raise InputError(f"optimizers[{index}] differs from optimizers[0] in {name}; only numbers may differ")


def are_plain(networks: Sequence[Network]) -> bool:
    """True if all layers are dense with nothing but an activation, so that they can advance in batched arrays."""
    columns = zip(*(network.layers for network in networks), strict=True)
    return all(map(_is_plain, networks[0].layers)) and all(
        _takes_arrays([layer.activation for layer in column]) for column in columns
    )


def _is_plain(layer: Any) -> bool:
    if type(layer) is not Dense or layer.activation.learned():
        return False
    extras = (field for field in msgspec.structs.fields(Dense) if field.name not in ("units", *OF_ITS_OWN))
    return all(getattr(layer, field.name) == field.default for field in extras)


def _takes_arrays(activations: Sequence[Any]) -> bool:
    """True if the activations of one layer can be one whose numbers are arrays; some may ask more of a number."""
    first = activations[0]
    if not all(_may_differ(one, first, name) for one in activations for name in first.__struct_fields__):
        return False
    arrays = [np.zeros((1, len(activations))) for _ in range(5)]
    merged = as_one(activations)
    try:
        merged.forward(*arrays[:2])
        merged.derivative(*arrays[:3])
        merged.backward(*arrays)
    except (TypeError, ValueError):
        return False
    return True


def _may_differ(choice: Any, other: Any, name: str) -> bool:
    one, two = getattr(choice, name), getattr(other, name)
    return bool(one == two) or (type(one) in (int, float) and type(two) in (int, float))


def as_one(choices: Sequence[T], repeats: int = 1) -> T:
    """One choice for all networks: the numbers in which they differ are arrays, each entry ``repeats`` times."""
    first: Any = choices[0]
    arrays = {}
    for name in first.__struct_fields__:
        values = [getattr(choice, name) for choice in choices]
        if any(value != values[0] for value in values):
            arrays[name] = np.repeat(np.asarray(values, np.float64), repeats)
    merged: T = replaced(first, **arrays) if arrays else first
    return merged
