"""What can be done to a layer by hand: one table that buttons, keys and menus share, each edit one named undo step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.engine.activations import Activation
from bplab.gui.session import Session
from bplab.lab.editing import add_layer, add_neuron, gap_name, layer_name, remove_layer, remove_neuron
from bplab.lab.experiment import Experiment

Make = Callable[[Experiment, int], Experiment]


@dataclass(frozen=True, slots=True)
class _Edit:
    title: str
    """In a menu; ``{0}`` is the layer's name."""
    label: str
    """Of the undo step; ``{0}`` is the layer's name, ``{1}`` what stands before it."""
    make: Make
    moves: int = 0
    """How far the selection moves with the edit."""


def _after(experiment: Experiment, layer: int) -> Experiment:
    if layer == len(experiment.network.layers) - 1:
        raise InputError("Nothing comes after the output layer; add a layer before it.")
    return add_layer(experiment, layer + 1)


class Verb(Enum):
    """An edit of the layer that it is given."""

    ADD_NEURON = _Edit("Add neuron to {0}", "Add neuron to {0}", add_neuron)
    REMOVE_NEURON = _Edit("Remove neuron from {0}", "Remove neuron from {0}", remove_neuron)
    ADD_BEFORE = _Edit("Add layer before {0}", "Add layer after {1}", add_layer)
    ADD_AFTER = _Edit("Add layer after {0}", "Add layer after {0}", _after, moves=1)
    REMOVE_LAYER = _Edit("Remove layer {0}", "Remove layer {0}", remove_layer)

    def title(self, experiment: Experiment, layer: int) -> str:
        """What a menu calls it."""
        return self.value.title.format(layer_name(experiment, layer))

    def label(self, experiment: Experiment, layer: int) -> str:
        """What Undo calls it."""
        return self.value.label.format(layer_name(experiment, layer), gap_name(experiment, layer))


class LayerEdits(QObject):
    """Edits the layers of a session's experiment."""

    edited = Signal(int)
    """An edit was made; the layer that it leaves in hand, from 0."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def refusal(self, verb: Verb, layer: int) -> str:
        """Why the edit cannot be made; empty if it can."""
        try:
            verb.value.make(self._session.experiment, layer)
        except InputError as error:
            return str(error)
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
        try:
            after = verb.value.make(before, layer)
        except InputError as error:
            self._session.refused.emit(str(error))
            return
        if self._session.edit(after, verb.label(before, layer)):
            self.edited.emit(min(layer + verb.value.moves, len(after.network.layers) - 1))

    def activation(self, layer: int) -> Activation:
        """The activation of a layer."""
        return self._session.experiment.network.layers[layer].activation

    def set_activation(self, layer: int, activation: Activation) -> None:
        """Give a layer another activation."""
        name = layer_name(self._session.experiment, layer)
        label = f"Activation of {name}: {activation.title()}"
        if self._session.edit_layer(layer, label, activation=activation):
            self.edited.emit(layer)
