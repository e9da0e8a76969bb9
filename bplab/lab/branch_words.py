"""What a fork does otherwise than its parent, in a few words: ``learning rate 0.1, h1 activation relu``."""

from __future__ import annotations

import json
import re

import msgspec

from .by_hand import after_events
from .course import Leg
from .experiment import Experiment
from .problem import layer_names
from .shell_command import changes_between

MOST_TOLD = 2
_LAYER = re.compile(r"network\.layers\[(\d+)\]\.?")


def changes_in_words(leg: Leg, experiment: Experiment) -> str:
    """How ``experiment`` differs from what was trained at the end of ``leg``; names do not count."""
    before = msgspec.to_builtins(msgspec.structs.replace(after_events(leg.experiment, leg.events), name=""))
    after = msgspec.to_builtins(msgspec.structs.replace(experiment, name=""))
    found = [_in_words(change, experiment) for change in changes_between(before, after)]
    if not found:
        return "nothing changed"
    more = len(found) - MOST_TOLD
    return ", ".join(found[:MOST_TOLD]) + (f" and {more} more" if more > 0 else "")


def _in_words(change: str, experiment: Experiment) -> str:
    """One ``PATH=VALUE``, as people say it."""
    path, _, value = change.partition("=")
    where = _LAYER.match(path)
    prefix = f"{layer_names(experiment.network.layers)[int(where[1])]} " if where else ""
    rest = path[where.end() :] if where else path.rpartition(".")[2]
    return f"{prefix}{rest.replace('_', ' ').replace('.', ' ')} {_value_in_words(value)}"


def _value_in_words(value: str) -> str:
    try:
        plain = json.loads(value)
    except json.JSONDecodeError:
        return value.replace("_", " ")
    if isinstance(plain, dict):
        return str(plain.get("type", "changed")).replace("_", " ")
    if isinstance(plain, bool):
        return "on" if plain else "off"
    if isinstance(plain, float):
        return f"{plain:.3g}"
    return "none" if plain is None else str(plain).replace("_", " ")
