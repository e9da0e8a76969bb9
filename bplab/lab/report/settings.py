"""An experiment in readable words, made from the same fields and descriptions as its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from bplab.data import Csv, Drawn
from bplab.engine import Dense, EarlyStopping
from bplab.engine.choices import Choice
from bplab.lab.layer_words import extras, has_weights, size_text

from .subject import ReportSubject
from .words import counted, exact, plain

_LABELS = {"dtype": "number format", "warm_up": "warm-up", "l1": "L1", "l2": "L2", "seed": "seed"}
_WORDS = {"float64": "float64 (double precision)", "float32": "float32 (single precision)"}


@dataclass(frozen=True)
class Setting:
    """One line: what it is, its value, and what it means where the field says so."""

    label: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class LayerSetting:
    """One layer as it was designed."""

    name: str
    units: str
    activation: str
    """Or what the layer does if it has none of its own."""
    extras: str
    """What stands around the activation, and what else is unusual."""
    weights: str
    biases: str
    parameters: int


def data_settings(subject: ReportSubject) -> list[Setting]:
    """The dataset and its fields."""
    data = subject.experiment.data
    fields = _fields(data)
    if isinstance(data, Drawn):  # too many for a line, and the picture shows them
        points = f"{len(data.points):,} drawn by hand"
        fields = [Setting(line.label, points, line.note) if line.label == "points" else line for line in fields]
    if isinstance(data, Csv) and not data.inputs:
        fields = [Setting(line.label, "all others", line.note) if line.label == "inputs" else line for line in fields]
    if subject.problem.shape.plane:
        inputs = ", ".join(subject.problem.shape.input_names)
        fields = [Setting(line.label, inputs, line.note) if line.label == "features" else line for line in fields]
    return [Setting("dataset", data.title(), data.summary()), *fields]


def training_settings(subject: ReportSubject) -> list[Setting]:
    """How the network was trained."""
    return _fields(subject.experiment.training)


def layer_settings(subject: ReportSubject) -> list[LayerSetting]:
    """The layers from the first hidden one to the output."""
    return [_layer_setting(subject, number) for number in range(len(subject.units))]


def _layer_setting(subject: ReportSubject, number: int) -> LayerSetting:
    places = subject.network.places
    place, layer = places[number], places[number].layer
    draws = has_weights(layer)
    unusual = extras(places, number)
    if isinstance(layer, Dense) and layer.normalization is not None:
        unusual[0] = in_words(layer.normalization)  # with its parameters
    return LayerSetting(
        name=subject.layer_names[number],
        units=size_text(place),
        activation=_what_it_does(layer),
        extras="; ".join(unusual),
        weights=in_words(layer.weights) if draws else "–",
        biases=("none" if not layer.bias else in_words(layer.biases)) if draws else "–",
        parameters=int(place.moving.sum()),
    )


def _what_it_does(layer: Any) -> str:
    """A dense layer's activation; of another, its kind with all its numbers."""
    if isinstance(layer, Dense):
        return in_words(layer.activation)
    known = ("weights", "biases", "bias", "frozen", "filters")
    parts = [f"{line.label} {line.value}" for name, line in zip(layer.__struct_fields__, _fields(layer), strict=True)
             if name not in known and getattr(layer, name) is not None]  # fmt: skip
    return f"{layer.title()} ({', '.join(parts)})" if parts else str(layer.title())


def setting_name(path: str) -> str:
    """``learning_rate`` → ``learning rate``."""
    return _LABELS.get(path, path.replace("_", " "))


def in_words(value: Any) -> str:
    """A value as one phrase: ``leaky ReLU (slope 0.01)``, ``yes``, ``x, y``, ``0.03``."""
    if isinstance(value, Choice):
        parts = [f"{line.label} {line.value}" for line in _fields(value)]
        return f"{value.title()} ({', '.join(parts)})" if parts else value.title()
    if isinstance(value, EarlyStopping):
        return _stopping_in_words(value)
    if value is None:
        return "automatic"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return exact(value)
    if isinstance(value, tuple):
        rows = any(isinstance(part, tuple) for part in value)
        return ("; " if rows else ", ").join(in_words(part) for part in value) or "none"
    return plain(_WORDS.get(str(value), str(value))) or "none"


def _stopping_in_words(stopping: EarlyStopping) -> str:
    if not stopping.patience:
        return "none"
    better = f"lower by more than {exact(stopping.min_delta)}" if stopping.min_delta else "that is lower"
    return f"after {counted(stopping.patience, 'epoch')} without a loss {better}"


def _fields(value: Any) -> list[Setting]:
    types = {field.name: field.type for field in _typed_fields(type(value))}
    return [
        Setting(setting_name(name), in_words(getattr(value, name)), _note(types.get(name)))
        for name in value.__struct_fields__
    ]


def _typed_fields(kind: type[Any]) -> tuple[msgspec.inspect.Field, ...]:
    described = msgspec.inspect.type_info(kind)
    return described.fields if isinstance(described, msgspec.inspect.StructType) else ()


def _note(described: Any) -> str:
    if isinstance(described, msgspec.inspect.Metadata) and described.extra_json_schema:
        return str(described.extra_json_schema.get("description", ""))
    return ""
