"""Changing an experiment by path, for the shell: ``training.optimizer.learning_rate=0.1``.

The change is made on the experiment's plain form and read back by the reader that experiment files go through,
so limits and messages are the same.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

import msgspec

from bplab.engine import InputError
from bplab.engine.choices import from_builtins

from .experiment import Experiment

_STEP = re.compile(r"(?:^|\.)([A-Za-z_]\w*)|\[(\d{1,6})\]")
_BARE_NUMBER = re.compile(r"[+-]?\.\d+(e[+-]?\d+)?", re.IGNORECASE)
"""``.5``: a number as people type it, though not as JSON writes it."""


def with_overrides(experiment: Experiment, assignments: Sequence[str]) -> Experiment:
    """The experiment with each ``PATH=VALUE`` applied in turn.

    VALUE is JSON; what is not JSON is text. A choice (an activation, a dataset …) may be given by its type's name
    alone and then has its default settings. Raises ``InputError`` that names the path.
    """
    plain: Any = msgspec.json.decode(msgspec.json.encode(experiment))
    without_end: dict[str, str] = {}
    for assignment in assignments:
        path, sign, text = assignment.partition("=")
        if not sign:
            raise InputError(f"{assignment}: expected PATH=VALUE, for example training.batch_size=32")
        steps = _steps(path.strip())
        _assign(plain, steps, _value(text.strip()))
        if _is_not_finite(text):
            without_end[_path(steps)] = text.strip()
    try:
        return from_builtins(plain, Experiment)
    except InputError as error:
        path, _, refusal = str(error).partition(": ")
        # JSON has no NaN, so that it came as text; that a number is no text would tell nobody anything.
        if path in without_end and refusal.startswith(("expected float", "expected int")):
            raise InputError(f"{path}: expected a finite number, got {without_end[path]}") from None
        raise


def _steps(path: str) -> list[str | int]:
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            break
        steps.append(step[1] if step[1] is not None else int(step[2]))
        at = step.end()
    if not steps or at < len(path):
        raise InputError(f"{path or '(nothing)'}: this is no path; one looks like network.layers[0].units")
    return steps


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return float(text) if _BARE_NUMBER.fullmatch(text) else text


def _is_not_finite(text: str) -> bool:
    """Whether it is meant as NaN or an infinity, or is too large for a number."""
    try:
        return not math.isfinite(float(text))
    except ValueError:
        return False


def _path(steps: Sequence[str | int]) -> str:
    """As messages write it: ``network.layers[0].units``."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps).lstrip(".")


def _assign(plain: Any, steps: list[str | int], value: Any) -> None:
    place = plain
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        _check_step(place, step, _path(steps[:number]), new_key=last)
        if last and step == "type" and isinstance(place, dict):
            # Another kind: what was set for the old one does not count for it.
            kept = {"learning_rate": place["learning_rate"]} if "learning_rate" in place else {}
            for key in list(place):
                del place[key]
            place.update(kept, type=value)
        elif last:
            present = _at(place, step)
            named = isinstance(value, str) and (present is None or (isinstance(present, dict) and "type" in present))
            place[step] = {"type": value} if named else value
        else:
            if _at(place, step) is None and steps[number + 1] == "type":
                place[step] = {}  # what may be absent gets its first kind
            place = place[step]


def _at(place: Any, step: str | int) -> Any:
    return place.get(step) if isinstance(place, dict) else place[step]


def _check_step(place: Any, step: str | int, so_far: str, *, new_key: bool) -> None:
    """``InputError`` if there is nothing to go to; a new last key is left to the reader, which knows them all."""
    where = so_far or "the experiment"
    if isinstance(step, int):
        if not isinstance(place, list):
            raise InputError(f"{where} is no list, so it has no [{step}]")
        if step >= len(place):
            raise InputError(f"{where}[{step}]: there are only {len(place)}, [0] to [{len(place) - 1}]")
    elif not isinstance(place, dict):
        raise InputError(f"{where} has no settings, so it has no {step!r}")
    elif step not in place and not new_key:
        raise InputError(f"{where} has no {step!r}; it has {', '.join(place)}")
