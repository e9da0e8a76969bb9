"""One idea: a choice is a frozen value that carries its parameters, its name and its mathematics.

Activations, initializers, losses, optimizers and data sets are families of choices. A family is a
plain base class; each member is one frozen ``msgspec.Struct`` deriving from it with an explicit ``tag``.
From that one class come the JSON form, validation, the entry in combo boxes and lists, and the form
that edits its parameters. Members are found by ``__subclasses__``: defining the class is all it takes.
"""

from __future__ import annotations

import functools
import inspect
import json
import operator
import re
from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import msgspec
import numpy as np

from .errors import InputError

T = TypeVar("T")


class Choice:
    """Base of the families. A family derives from it and sets ``family`` to its singular English name."""

    __slots__ = ()
    family: ClassVar[str] = "choice"
    default_type: ClassVar[str | None] = None
    """The member that an object without a ``type`` stands for; None where every object must say its type."""

    @classmethod
    def members(cls) -> dict[str, type[Any]]:
        """Type name in JSON → class, in the order of definition."""
        found: dict[str, type[Any]] = {}
        for member in cls.__subclasses__():
            if issubclass(member, msgspec.Struct):
                found[type_name(member)] = member
            found.update(member.members())
        return found

    @classmethod
    def title(cls) -> str:
        """What the window calls this choice: ``leaky_relu`` → ``leaky ReLU`` unless the class says otherwise."""
        return type_name(cls).replace("_", " ")

    @classmethod
    def summary(cls) -> str:
        """The first line of the docstring, for lists and tooltips."""
        return (inspect.getdoc(cls) or "").partition("\n")[0]

    @classmethod
    def hint(cls) -> str:
        """What to know before choosing it: the docstring's second paragraph, as one line. Empty where there is none.

        An activation says when to use it and how it stalls.
        """
        paragraphs = (inspect.getdoc(cls) or "").split("\n\n")
        return " ".join(paragraphs[1].split()) if len(paragraphs) > 1 else ""


def type_name(kind: type[Any] | Any) -> str:
    """The ``type`` under which a choice stands in JSON, e.g. ``"leaky_relu"``."""
    return str(kind.__struct_config__.tag)


def _convert_choice(family: type[Any], value: Any) -> Any:
    """msgspec's ``dec_hook``: a family annotation stands for the union of the members known by now."""
    if not (isinstance(family, type) and issubclass(family, Choice)):
        raise NotImplementedError(f"{family!r} has no JSON form")
    if isinstance(value, family):
        return value
    if not isinstance(value, dict):
        raise ValueError(f"Expected `object` with a `type`, got `{_json_word(value)}`")
    if "type" not in value and family.default_type is not None:
        value = {"type": family.default_type, **value}
    if "type" not in value:
        raise ValueError("Object missing required field `type`")
    name = value["type"]
    if not isinstance(name, str):
        raise ValueError(f"Expected `str`, got `{_json_word(name)}` - at `$.type`")
    members = family.members()
    if name not in members:
        known = ", ".join(sorted(members))
        raise ValueError(f"there is no {family.family} of type {name!r}; known are {known} - at `$.type`")
    # A union of one member would not read its tag, so None stands in as a second one.
    union = functools.reduce(operator.or_, members.values(), None)
    try:
        return msgspec.convert(value, union, dec_hook=_convert_choice)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from None  # only a plain ValueError gets the outer path added


def replaced(choice: T, **changes: Any) -> T:
    """The choice with some of its fields changed; the values are taken as they are."""
    value: Any = choice
    return msgspec.structs.replace(value, **changes)  # type: ignore[no-any-return]


def from_builtins(value: Any, kind: type[T]) -> T:
    """Build a typed value from plain dicts, lists and numbers; ``InputError`` says what is wrong at which path."""
    try:
        return msgspec.convert(value, kind, dec_hook=_convert_choice)
    except msgspec.ValidationError as error:
        raise InputError(readable(str(error))) from None


def checked(kind: type[T], **values: Any) -> T:
    """A value made from what Python code passed, held to the same limits, with the same messages, as JSON."""
    return from_builtins(msgspec.to_builtins(values, enc_hook=_plain), kind)


def _plain(value: Any) -> Any:
    """What has no JSON form but is meant as something that has; anything else is refused by name."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.dtype):
        return value.name
    if isinstance(value, type) and issubclass(value, np.generic):
        return value.__name__
    if isinstance(value, type) and issubclass(value, Choice):
        raise InputError(f"{value.__name__} is a class; write {value.__name__}()")
    raise InputError(f"{value!r} cannot stand in a network or its training")


def from_json(text: bytes | str, kind: type[T]) -> T:
    """Read a typed value from JSON; ``InputError`` says what is wrong and where."""
    try:
        # A byte order mark is what some editors put first; it says nothing about the contents.
        plain = json.loads(
            text.decode("utf-8-sig") if isinstance(text, bytes) else text,
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
        )
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"this is not valid JSON: {error.msg[:1].lower()}{error.msg[1:]} at {where}") from None
    except UnicodeDecodeError:
        raise InputError("this is not valid JSON: it is not UTF-8 text") from None
    except RecursionError:
        raise InputError("this is not valid JSON: it is nested too deeply") from None
    return from_builtins(plain, kind)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once each: of two values for one key, nobody can know which was meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InputError(f"this is not valid JSON: the key {twice!r} stands twice in one object")
    return found


def _refuse_constant(name: str) -> float:
    raise InputError(f"this is not valid JSON: {name} is no number that JSON knows")


def to_builtins(value: Any) -> Any:
    """The plain dicts, lists and numbers that :func:`from_builtins` reads."""
    return msgspec.to_builtins(value)


def to_json(value: Any, *, indent: int | None = 2) -> str:
    """JSON text of a typed value, human-readable unless ``indent`` is None."""
    text = msgspec.json.encode(value)
    return (text if indent is None else msgspec.json.format(text, indent=indent)).decode()


def readable(message: str) -> str:
    """Turn msgspec's message into ours, path first.

    ``Expected `int` >= 1 - at `$.network.layers[1].units``` becomes
    ``network.layers[1].units: expected int ≥ 1``.
    """
    inner_first = re.findall(r" - at `\$([^`]*)`", message)
    text = re.sub(r" - at `[^`]*`", "", message).replace("`", "").replace(">=", "≥").replace("<=", "≤")
    text = text[:1].lower() + text[1:] if text.startswith(("Expected", "Object", "Invalid")) else text
    path = "".join(part for part in reversed(inner_first)).lstrip(".")
    sentence = f"{path}: {text}" if path else text
    # A key of a stranger's file may hold line breaks or a terminal's control codes.
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in sentence)


def _json_word(value: Any) -> str:
    words: list[tuple[Callable[[Any], bool], str]] = [
        (lambda v: v is None, "null"),
        (lambda v: isinstance(v, bool), "bool"),
        (lambda v: isinstance(v, int), "int"),
        (lambda v: isinstance(v, float), "float"),
        (lambda v: isinstance(v, str), "str"),
    ]
    return next((word for test, word in words if test(value)), "object" if isinstance(value, dict) else "array")
