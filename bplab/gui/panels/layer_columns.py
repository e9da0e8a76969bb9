"""The columns of the layer table: what each says of a layer, and the editor in which that is changed.

A column stands for a field of the layers that have it, ``units`` and ``filters`` in one column and ``kernel`` and
``size`` in another, or for something that follows from the design and can only be read.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from bplab.data import Shape
from bplab.engine import Conv2D, InputError
from bplab.engine.layers import MAX_UNITS, Place
from bplab.lab.editing import layer_name, set_kind, set_units, skip_choices
from bplab.lab.experiment import Experiment
from bplab.lab.layer_words import has_weights, percent, size_text, source_name

from ..editors import Editor, IntegerEditor, OptionalIntegerEditor
from ..forms import fields_of, label_of, make_editor
from ..numbers import number_text
from .kind_box import KindEditor
from .layer_editors import PercentEditor, SkipEditor
from .layer_settings import MOST_DROPOUT, biases_only, one_value

NOTHING = "–"
"""Where a layer has no such thing."""
NONE_OF_IT = "none"
KIND = "Kind"


@dataclass(frozen=True, slots=True)
class Cell:
    """One layer as a column looks at it."""

    experiment: Experiment
    shape: Shape | None
    """Of the data; None where it cannot be read."""
    layer: int
    place: Place | None
    """None where the data cannot be read, so that nobody knows what enters."""

    @property
    def value(self) -> Any:
        """The layer itself."""
        return self.experiment.network.layers[self.layer]

    @property
    def is_output(self) -> bool:
        """True for the last layer."""
        return self.layer == len(self.experiment.network.layers) - 1


@dataclass(frozen=True, slots=True)
class LayerColumn:
    """``fields`` are the names, in layers of one kind or another, of what the column shows."""

    title: str
    tip: str
    fields: tuple[str, ...] = ()
    text: Callable[[Cell], str] | None = None
    """For a column without a field."""
    number: bool = False

    def field(self, cell: Cell) -> str:
        """The name of what the column shows of this layer; empty if the layer has no such thing."""
        return next((name for name in self.fields if name in cell.value.__struct_fields__), "")

    def is_switch(self, cell: Cell) -> bool:
        """True where the cell holds yes or no."""
        return self.fields in (("bias",), ("frozen",)) and bool(self.field(cell))

    def refusal(self, cell: Cell) -> str:
        """Why the cell cannot be changed; empty if it can."""
        if self.title == KIND:
            return "The output layer is dense: it gives one value for each thing to learn." if cell.is_output else ""
        if not self.fields:
            return "This follows from the design."
        if not self.field(cell):
            return f"{layer_name(cell.experiment, cell.layer)} has no such setting: it is {cell.value.title()}."
        if self.fields[0] == "units" and cell.is_output and (cell.shape is None or cell.shape.classes != 2):
            return "The output layer follows the data: its units are given."
        return ""

    def shown(self, cell: Cell) -> str:
        """The cell in a few letters."""
        if self.text is not None:
            return self.text(cell)
        name = self.field(cell)
        return _in_words(cell, name, getattr(cell.value, name)) if name else NOTHING

    def editor(self, cell: Cell, refusals: dict[type[Any], str]) -> Editor:
        """An editor for the cell, not yet showing anything; ``refusals`` are those of other kinds of layer."""
        if self.title == KIND:
            return KindEditor(refusals)
        name = self.field(cell)
        editor = self._special(cell, name) or make_editor(
            fields_of(type(cell.value))[name][0], "", self.name(cell), refusal=_refusal_of(cell.value, name)
        )
        editor.describe(self.name(cell), fields_of(type(cell.value))[name][1] or self.tip)
        return editor

    def name(self, cell: Cell) -> str:
        """The accessible name: ``h1, units``."""
        field = self.field(cell)
        return f"{layer_name(cell.experiment, cell.layer)}, {(label_of(field) if field else self.title).lower()}"

    def present(self, cell: Cell) -> Any:
        """What the cell's editor shows at first."""
        return type(cell.value) if self.title == KIND else getattr(cell.value, self.field(cell))

    def changed(self, cell: Cell, value: Any) -> tuple[Experiment, str]:
        """The experiment with another value in the cell, and what Undo calls that; ``InputError`` if it cannot be."""
        experiment, name = cell.experiment, layer_name(cell.experiment, cell.layer)
        if self.title == KIND:
            return set_kind(experiment, cell.layer, value), f"Change {name} to {value.title()}"
        field = self.field(cell)
        label = f"Change {label_of(field).lower()} of {name}"
        if field in ("units", "filters"):
            return set_units(experiment, cell.layer, value), label
        try:
            layer = msgspec.structs.replace(cell.value, **{field: value})
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        layers = (*experiment.network.layers[: cell.layer], layer, *experiment.network.layers[cell.layer + 1 :])
        network = msgspec.structs.replace(experiment.network, layers=layers)
        return msgspec.structs.replace(experiment, network=network), label

    def _special(self, cell: Cell, name: str) -> Editor | None:
        if name == "units":
            return IntegerEditor(1, 2 if cell.is_output else MAX_UNITS)
        if name == "dropout":
            return PercentEditor(MOST_DROPOUT)
        if name == "skip":
            skip = SkipEditor()
            skip.offer(skip_choices(cell.experiment, cell.layer))
            return skip
        if name == "stride" and "size" in cell.value.__struct_fields__:
            return OptionalIntegerEditor(1, 64, "as the size")
        return None


def _refusal_of(layer: Any, name: str) -> Callable[[type[Any]], str] | None:
    if name == "biases":
        return biases_only
    return one_value if name == "activation" and isinstance(layer, Conv2D) else None


def _in_words(cell: Cell, name: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if name == "dropout":
        return percent(value) if value else NONE_OF_IT
    if name == "skip":
        return NONE_OF_IT if value is None else f"from {source_name(cell.experiment.network.layers, value)}"
    if value is None:
        return "as the window" if name == "stride" else NONE_OF_IT
    return f"{value:,}" if isinstance(value, int) else choice_in_words(value)


def choice_in_words(value: Any) -> str:
    """A member of a family with what is not as usual about it: ``tanh``, ``leaky ReLU, α 0.1``."""
    parts = [value.title()]
    for field in msgspec.structs.fields(value):
        one = getattr(value, field.name)
        if one != field.default:
            said = number_text(one) if isinstance(one, (int, float)) and not isinstance(one, bool) else str(one)
            parts.append(f"{label_of(field.name).lower()} {said}")
    return ", ".join(parts)


def _outputs(cell: Cell) -> str:
    return size_text(cell.place) if cell.place is not None else "?"


def _parameters(cell: Cell) -> str:
    if not has_weights(cell.value):
        return "0"
    return f"{cell.place.learned:,}" if cell.place is not None else "?"


COLUMNS = (
    LayerColumn(
        "Layer",
        "First hidden layer first, output layer last",
        text=lambda cell: layer_name(cell.experiment, cell.layer),
    ),
    LayerColumn(KIND, "Dense, convolution, pooling …", text=lambda cell: cell.value.title()),
    LayerColumn("Units", "Neurons of a dense layer, feature maps of a convolution", ("units", "filters"), number=True),
    LayerColumn("Window", "Side of the window that slides over the images, in pixels", ("kernel", "size"), number=True),
    LayerColumn("Stride", "Pixels from one window to the next", ("stride",), number=True),
    LayerColumn("Padding", "Rows and columns of zeros around the image", ("padding",), number=True),
    LayerColumn("Activation", "f in a = f(z)", ("activation",)),
    LayerColumn("Weights", "How the first weights are drawn", ("weights",)),
    LayerColumn("Biases", "How the first biases are drawn", ("biases",)),
    LayerColumn("Normalization", "What brings the layer's values to one scale", ("normalization",)),
    LayerColumn("Dropout", "Share of the outputs silenced in each training step", ("dropout",)),
    LayerColumn("Skip", "Earlier layer whose outputs are added to this one's", ("skip",)),
    LayerColumn("Bias", "A bias for every neuron; without one they stay 0", ("bias",)),
    LayerColumn("Frozen", "What the layer learns stays as it was drawn", ("frozen",)),
    LayerColumn("Outputs", "Values that leave the layer; for images maps × rows × columns", text=_outputs, number=True),
    LayerColumn("Parameters", "Numbers that the layer learns", text=_parameters, number=True),
)


def cells_of(experiment: Experiment) -> list[Cell]:
    """Every layer, first hidden layer first."""
    places: list[Place | None] = [None] * len(experiment.network.layers)
    shape = None
    with contextlib.suppress(InputError):
        shape = experiment.data.describe()
        places = list(experiment.places())
    return [Cell(experiment, shape, layer, place) for layer, place in enumerate(places)]


def is_needed(column: LayerColumn, cells: list[Cell]) -> bool:
    """False for a column of what no layer has: windows and strides, where there are no images."""
    return not column.fields or any(column.field(cell) for cell in cells)


