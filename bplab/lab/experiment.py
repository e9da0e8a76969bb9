"""The experiment: data, network and training as one immutable value that is edited, undone, saved, run and compared."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from numpy.typing import ArrayLike

from bplab.data import Dataset, Shape
from bplab.engine import (
    SGD,
    BinaryCrossEntropy,
    ConstantRate,
    CrossEntropy,
    Dense,
    EarlyStopping,
    HalfSquaredError,
    Identity,
    InputError,
    Loss,
    Network,
    Optimizer,
    Rules,
    Schedule,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.engine.choices import from_json, to_json, type_name
from bplab.engine.layers import Layer, Place, places
from bplab.engine.network import MAX_PARAMETERS
from bplab.engine.rules import L1, L2, ClipNorm, ClipValue, MaxNorm
from bplab.resources import resource

MAX_FILE_BYTES = 4 * 2**20
"""An experiment file is a page of text; a larger one is refused before it is read."""
MAX_LAYERS = 256
LAYER_ESSENTIALS = frozenset({"units", "filters", "kernel", "size", "activation", "weights", "biases"})
PLAN_ESSENTIALS = frozenset({"loss", "optimizer", "batch_size", "epochs", "shuffle", "dtype", "seed"})
"""These are always written, so that a file says what a reader wants to know first."""


class NetworkDesign(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The layers, first hidden layer first, output layer last."""

    layers: Annotated[tuple[Layer, ...], Meta(min_length=1, max_length=MAX_LAYERS)]


class TrainingPlan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the network is trained."""

    loss: Loss = HalfSquaredError()
    optimizer: Optimizer = SGD()
    batch_size: Annotated[int, Meta(ge=1, le=1_000_000, description="samples per update")] = 10
    epochs: Annotated[int, Meta(ge=1, le=100_000_000, description="passes over the training data")] = 100
    shuffle: Annotated[bool, Meta(description="a new order of the samples each epoch")] = True
    dtype: Annotated[
        Literal["float64", "float32"], Meta(description="precision of every number: 16 digits, or 7 at half the memory")
    ] = "float64"
    seed: Annotated[int, Meta(ge=0, lt=2**53, description="seed of the first weights and of the order")] = 0
    schedule: Schedule = ConstantRate()
    l1: L1 = 0.0
    l2: L2 = 0.0
    max_norm: MaxNorm = 0.0
    clip_value: ClipValue = 0.0
    clip_norm: ClipNorm = 0.0
    early_stopping: EarlyStopping = EarlyStopping()

    @property
    def rules(self) -> Rules:
        """What an update does beside the optimizer's step."""
        return Rules(self.l1, self.l2, self.max_norm, self.clip_value, self.clip_norm)


class Experiment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that decides a run. Same experiment, same machine: the same run to the bit."""

    data: Dataset
    network: NetworkDesign
    training: TrainingPlan = TrainingPlan()
    name: Annotated[str, Meta(max_length=200)] = "Untitled"
    format: Literal["bplab-experiment"] = "bplab-experiment"
    version: Literal[1] = 1

    def __post_init__(self) -> None:
        if any(unicodedata.category(letter) == "Cc" for letter in self.name):
            raise InputError("name: control characters are no part of a name")

    def checked(self) -> Experiment:
        """This experiment, if it can be run; ``InputError`` says which part does not fit and where."""
        shape = self.data.describe()
        last = len(self.network.layers) - 1
        output = self.network.layers[last]
        if not isinstance(output, Dense):
            raise InputError(f"network.layers[{last}].type: the output layer is dense, not {type_name(output)}")
        units = output.units
        where = f"network.layers[{last}].units"
        if shape.classes == 2 and units not in (1, 2):
            raise InputError(f"{where}: the data has 2 classes, so the last layer needs 1 or 2 units, not {units}")
        if shape.classes > 2 and units != shape.classes:
            raise InputError(
                f"{where}: the data has {shape.classes} classes, so the last layer needs "
                f"{shape.classes} units, not {units}"
            )
        if not shape.classes and units != shape.outputs:
            raise InputError(
                f"{where}: the data has {shape.outputs} target value{'s' * (shape.outputs > 1)}, so the last layer "
                f"needs {shape.outputs} unit{'s' * (shape.outputs > 1)}, not {units}"
            )
        count = sum(place.size for place in self._places_behind(shape))
        if count > MAX_PARAMETERS:
            raise InputError(f"network: {count:,} parameters are more than the {MAX_PARAMETERS:,} that fit")
        return self

    def places(self) -> list[Place]:
        """Every layer in its place behind the data; ``InputError`` with the path of one that cannot stand there."""
        return self._places_behind(self.data.describe())

    @property
    def units(self) -> tuple[int, ...]:
        """Units of every layer behind this data; of layers for images, all values that leave them."""
        return tuple(place.units for place in self.places())

    def build_network(self, train_inputs: ArrayLike | None = None) -> Network:
        """The network with its first weights drawn, and scaled to the training data where they ask for it (LSUV).

        ``train_inputs (samples, inputs)`` is for who has divided the data already; a large table takes seconds.
        """
        plan = self.training
        made = Network(_input_shape(self.data.describe()), self.network.layers, plan.loss, plan.dtype, plan.seed)
        if made.wants_data:
            made.fit_initialization(self.data.split().train_inputs if train_inputs is None else train_inputs)
        return made

    def _places_behind(self, shape: Shape) -> list[Place]:
        """The layers behind data of this shape, which files are looked at to know."""
        try:
            return places(_input_shape(shape), self.network.layers)
        except InputError as error:
            raise InputError(f"network.{error}") from None


def _input_shape(shape: Shape) -> tuple[int, ...]:
    return shape.image or (shape.inputs,)


def fitted_to_data(experiment: Experiment) -> Experiment:
    """The experiment with layers and loss that its data can be learned with, changed only where needed.

    The output layer follows the data; layers for images go where there are none.
    """
    shape = experiment.data.describe()
    plan, layers = experiment.training, experiment.network.layers
    if not shape.image:
        layers = _without_image_layers(layers)
    last: Any = layers[-1]
    for_classes_only = plan.loss.probabilities or plan.loss.signed
    wanted = shape.outputs if not shape.classes else (shape.classes if shape.classes > 2 else min(last.units, 2))
    activation, loss = last.activation, plan.loss
    if not shape.classes:
        if for_classes_only:
            loss = HalfSquaredError()
        if (activation.low, activation.high) == (0.0, 1.0):
            activation = Tanh() if shape.plane else Identity()
    elif wanted > 2 and wanted != last.units:
        activation, loss = Softmax(), CrossEntropy()
    elif wanted == 1 and isinstance(activation, Softmax):
        activation, loss = Sigmoid(), BinaryCrossEntropy()
    output = msgspec.structs.replace(last, units=wanted, activation=activation)
    return msgspec.structs.replace(
        experiment,
        network=NetworkDesign((*layers[:-1], output)),
        training=msgspec.structs.replace(plan, loss=loss),
    )


def _without_image_layers(layers: tuple[Any, ...]) -> tuple[Any, ...]:
    """The dense layers, without skips that started at one of the others."""
    kept = [number for number, layer in enumerate(layers, start=1) if isinstance(layer, Dense)]
    if len(kept) == len(layers):
        return layers
    now = {0: 0} | {number: place for place, number in enumerate(kept, start=1)}
    return tuple(msgspec.structs.replace(layers[k - 1], skip=now.get(layers[k - 1].skip)) for k in kept)


def experiment_from_json(text: bytes | str) -> Experiment:
    """Read an experiment; ``InputError`` says what is wrong and at which path."""
    return from_json(text, Experiment)


def experiment_to_json(experiment: Experiment) -> str:
    """The experiment as JSON text for people, ending in a newline, format and name first.

    What layers and training have beyond the first essentials is written where it is not as usual.
    """
    plain = msgspec.to_builtins(experiment)
    plain["network"] = {"layers": [layer_in_short(layer) for layer in experiment.network.layers]}
    plain["training"] = _in_short(experiment.training, PLAN_ESSENTIALS)
    order = ("format", "version", "name", "data", "network", "training")
    return to_json({key: plain[key] for key in order}) + "\n"


def layer_in_short(layer: Layer) -> dict[str, Any]:
    """A layer as plain values, as an experiment's JSON has it."""
    found = _in_short(layer, LAYER_ESSENTIALS)
    if found.get("type") == Layer.default_type:
        del found["type"]
    return found


def _in_short(value: Any, essentials: frozenset[str]) -> dict[str, Any]:
    """What :func:`msgspec.to_builtins` makes of a Struct, without fields at their defaults that are no essentials."""
    usual = {
        field.name
        for field in msgspec.structs.fields(value)
        if field.name not in essentials and getattr(value, field.name) == field.default
    }
    return {key: part for key, part in msgspec.to_builtins(value).items() if key not in usual}


def read_experiment(path: Path) -> Experiment:
    """Read an experiment file; every error names the file."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise InputError(f"the file is larger than {MAX_FILE_BYTES // 2**20} MB, so it is no experiment")
        experiment = experiment_from_json(path.read_bytes())
        return msgspec.structs.replace(experiment, data=experiment.data.resolved(path.parent)).checked()
    except InputError as error:
        raise InputError(f"{path.name}: {error}") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from None


def example_names() -> list[str]:
    """Names of the built-in examples, in the order in which a newcomer should meet them."""
    listed = resource("examples", "order.txt").read_text(encoding="utf-8").split()
    found = {path.stem for path in resource("examples").glob("*.json")}
    return [name for name in listed if name in found] + sorted(found - set(listed))


def load_experiment(path_or_name: str | Path) -> Experiment:
    """A built-in example by name, an experiment file by path, or what a project is working on.

    Raises ``InputError`` if there is no such thing, or if the file is no valid experiment or project.
    """
    from .project import SUFFIX, Project  # here, because projects are made of experiments

    name = str(path_or_name)
    if name in example_names():
        return read_experiment(resource("examples", f"{name}.json"))
    path = Path(path_or_name)
    if path.suffix.lower() == SUFFIX:
        with Project.open(path, read_only=True) as project:
            return project.working
    if not path.exists():
        raise InputError(f"{name}: neither a file nor a built-in example; examples are {', '.join(example_names())}")
    return read_experiment(path)
