"""What can be done to a layer by hand: one table that buttons, keys and menus share, each edit one named undo step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError, Layer
from bplab.engine.activations import Activation
from bplab.gui.session import Session
from bplab.lab.editing import (
    add_layer,
    add_neuron,
    duplicate_layer,
    gap_name,
    layer_name,
    move_layer,
    remove_layer,
    remove_neuron,
    set_kind,
    width_noun,
)
from bplab.lab.experiment import Experiment
from bplab.lab.layer_blocks import put_on
from bplab.lab.layer_words import has_activation

from .layer_parts import LayerPart

MOST_GAPS = 12
Make = Callable[[Experiment, int], Experiment]


@dataclass(frozen=True, slots=True)
class _Edit:
    title: str
    """In a menu; ``{0}`` is the layer's name, ``{2}`` what it consists of."""
    label: str
    """Of the undo step; ``{0}`` and ``{2}`` as above, ``{1}`` what stands before the layer."""
    make: Make
    moves: int = 0
    """How far the selection moves with the edit."""


def _after(experiment: Experiment, layer: int) -> Experiment:
    if layer == len(experiment.network.layers) - 1:
        raise InputError("Nothing comes after the output layer; add a layer before it.")
    return add_layer(experiment, layer + 1)


def _earlier(experiment: Experiment, layer: int) -> Experiment:
    return move_layer(experiment, layer, layer - 1)


def _later(experiment: Experiment, layer: int) -> Experiment:
    return move_layer(experiment, layer, layer + 1)


class Verb(Enum):
    """An edit of the layer that it is given."""

    ADD_NEURON = _Edit("Add {2} to {0}", "Add {2} to {0}", add_neuron)
    REMOVE_NEURON = _Edit("Remove {2} from {0}", "Remove {2} from {0}", remove_neuron)
    ADD_BEFORE = _Edit("Add layer before {0}", "Add layer after {1}", add_layer)
    ADD_AFTER = _Edit("Add layer after {0}", "Add layer after {0}", _after, moves=1)
    DUPLICATE_LAYER = _Edit("Duplicate {0}", "Duplicate {0}", duplicate_layer, moves=1)
    MOVE_EARLIER = _Edit("Move {0} towards the inputs", "Move {0} towards the inputs", _earlier, moves=-1)
    MOVE_LATER = _Edit("Move {0} towards the output", "Move {0} towards the output", _later, moves=1)
    REMOVE_LAYER = _Edit("Remove layer {0}", "Remove layer {0}", remove_layer)

    def title(self, experiment: Experiment, layer: int) -> str:
        """What a menu calls it."""
        return self.value.title.format(*_words(experiment, layer))

    def label(self, experiment: Experiment, layer: int) -> str:
        """What Undo calls it."""
        return self.value.label.format(*_words(experiment, layer))


def _words(experiment: Experiment, layer: int) -> tuple[str, str, str]:
    return layer_name(experiment, layer), gap_name(experiment, layer), width_noun(experiment, layer)


class LayerEdits(QObject):
    """Edits the layers of a session's experiment."""

    edited = Signal(int)
    """An edit was made; the layer that it leaves in hand, from 0."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._possible: tuple[Experiment, set[tuple[Verb, int]]] = session.experiment, set()
        """What is known to be possible with an experiment: buttons and menus ask again and again."""

    def refusal(self, verb: Verb, layer: int) -> str:
        """Why the edit cannot be made; empty if it can."""
        experiment = self._session.experiment
        if self._possible[0] is not experiment:
            self._possible = experiment, set()
        if (verb, layer) not in self._possible[1]:
            try:
                verb.value.make(experiment, layer)
            except InputError as error:
                return str(error)
            self._possible[1].add((verb, layer))
        return ""

    def title(self, verb: Verb, layer: int) -> str:
        """What a menu calls the edit."""
        return verb.title(self._session.experiment, layer)

    def label(self, verb: Verb, layer: int) -> str:
        """What a button and the undo step call the edit."""
        return verb.label(self._session.experiment, layer)

    def apply(self, verb: Verb, layer: int) -> None:
        """Make the edit, or say through ``session.refused`` why not."""
        before = self._session.experiment
        if self.make(lambda: verb.value.make(before, layer), verb.label(before, layer)):
            last = len(self._session.experiment.network.layers) - 1
            self.edited.emit(min(layer + verb.value.moves, last))

    def gap_after(self, layer: int) -> int:
        """Where a layer goes that is added at a layer: behind it, but before the output; −1 stands for no layer."""
        last = len(self._session.experiment.network.layers) - 1
        return min(layer + 1, last) if layer >= 0 else last

    def addition_title(self, layer: int) -> str:
        """What a menu calls the addition of a layer of some kind at a layer; −1 stands for no layer."""
        return f"Add layer after {gap_name(self._session.experiment, self.gap_after(layer))} as"

    def kind_title(self, layer: int) -> str:
        """What a menu calls the change of a layer's kind."""
        return f"Change {layer_name(self._session.experiment, layer)} to" if layer >= 0 else "Change kind of layer"

    def addition_refusals(self, gap: int) -> dict[type[Any], str]:
        """Every kind of layer, and why it cannot stand in a gap; empty if it can."""
        return self._refusals(lambda experiment, kind: add_layer(experiment, gap, kind))

    def places_for_kinds(self) -> dict[type[Any], str]:
        """Every kind of layer, and why no gap can take it; empty if one can. Looks at the first gaps alone."""
        found, experiment = self.addition_refusals(0), self._session.experiment
        # Without images all gaps are alike; and where the data cannot be read, all of them refuse everything.
        if any(found.values()) and not all(found.values()) and experiment.data.describe().image:
            for gap in range(1, min(len(experiment.network.layers), MOST_GAPS)):
                found |= {kind: "" for kind, why in self.addition_refusals(gap).items() if not why}
        return found

    def kind_refusals(self, layer: int) -> dict[type[Any], str]:
        """Every kind of layer, and why a layer cannot become one; empty if it can."""
        return self._refusals(lambda experiment, kind: set_kind(experiment, layer, kind))

    def _refusals(self, make: Callable[[Experiment, type[Any]], Experiment]) -> dict[type[Any], str]:
        found = {}
        for kind in Layer.members().values():
            try:
                make(self._session.experiment, kind)
            except InputError as error:
                found[kind] = str(error)
            else:
                found[kind] = ""
        return found

    def add(self, gap: int, kind: type[Any]) -> None:
        """Put a layer of a kind into a gap."""
        before = self._session.experiment
        label = f"Add {kind.title()} layer after {gap_name(before, gap)}"
        if self.make(lambda: add_layer(before, gap, kind), label):
            self.edited.emit(gap)

    def put_on(self, layer: int, part: LayerPart) -> None:
        """Give a layer a normalization or a dropout."""
        before = self._session.experiment
        label = f"Add {part.name} to {layer_name(before, layer)}"
        if self.make(lambda: put_on(before, layer, part.field, part.value), label):
            self.edited.emit(layer)

    def part_refusal(self, part: LayerPart) -> str:
        """Why no layer can be given a part; empty if one can."""
        layers: tuple[Any, ...] = self._session.experiment.network.layers
        lacking = (one for one in layers if part.field in one.__struct_fields__ and not getattr(one, part.field))
        return "" if any(lacking) else f"Every layer that can have {part.name} has it."

    def set_kind(self, layer: int, kind: type[Any]) -> bool:
        """Make another kind of layer of a layer; True if it is one now."""
        before = self._session.experiment
        label = f"Change {layer_name(before, layer)} to {kind.title()}"
        done = self.make(lambda: set_kind(before, layer, kind), label)
        if done:
            self.edited.emit(layer)
        return done

    def make(self, make: Callable[[], Experiment], label: str, merge_key: str | None = None) -> bool:
        """Make what ``make`` gives the experiment, one undo step; say through ``session.refused`` what cannot be."""
        try:
            after = make()
        except InputError as error:
            self._session.refused.emit(str(error))
            return False
        return self._session.edit(after, label, merge_key)

    def refuse(self, why: str) -> None:
        """Say why something cannot be done."""
        self._session.refused.emit(why)

    def kind(self, layer: int) -> type[Any]:
        """The kind of a layer."""
        return type(self._session.experiment.network.layers[layer])

    def has_activation(self, layer: int) -> bool:
        """False for layers that pass on what they find."""
        return has_activation(self._session.experiment.network.layers[layer])

    def activation_refusal(self, layer: int, kind: type[Activation]) -> str:
        """Why a layer cannot have an activation of this kind; empty if it can."""
        one: Any = self._session.experiment.network.layers[layer]
        try:
            replace(one, activation=kind())
        except InputError as error:
            return str(error)
        return ""

    def activation(self, layer: int) -> Activation:
        """The activation of a layer."""
        return self._session.experiment.network.layers[layer].activation

    def set_activation(self, layer: int, activation: Activation) -> None:
        """Give a layer another activation."""
        name = layer_name(self._session.experiment, layer)
        label = f"Activation of {name}: {activation.title()}"
        if self._session.edit_layer(layer, label, activation=activation):
            self.edited.emit(layer)
