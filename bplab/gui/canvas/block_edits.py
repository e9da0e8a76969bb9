"""What is done to all selected layers at once, and what the clipboard brings: each one named undo step."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.gui.session import Session
from bplab.lab.editing import gap_name
from bplab.lab.layer_blocks import (
    change_layers,
    duplicate_layers,
    insert_layers,
    layers_from_json,
    layers_to_json,
    names_of,
    remove_layers,
)

from .layer_edits import LayerEdits

FIELDS = {"activation": "Activation", "weights": "First weights", "biases": "First biases"}
"""What can be set in several layers at once, and what menus call it."""


class BlockEdits(QObject):
    """Edits of several layers of a session's experiment."""

    edited = Signal(object, int)
    """An edit was made: the layers that it leaves selected, and the one in hand (−1 for none)."""

    def __init__(self, session: Session, edits: LayerEdits, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._edits = session, edits

    def names(self, chosen: Collection[int]) -> str:
        """The layers by name."""
        return names_of(self._session.experiment, chosen)

    def text(self, chosen: Collection[int]) -> str:
        """The layers as text for the clipboard."""
        return layers_to_json(self._session.experiment, chosen)

    def removal_refusal(self, chosen: Collection[int]) -> str:
        """Why the layers cannot be taken out; empty if they can."""
        try:
            remove_layers(self._session.experiment, chosen)
        except InputError as error:
            return str(error)
        return ""

    def duplication_refusal(self, chosen: Collection[int]) -> str:
        """Why the layers cannot be doubled; empty if they can."""
        try:
            duplicate_layers(self._session.experiment, chosen)
        except InputError as error:
            return str(error)
        return ""

    def remove(self, chosen: Collection[int], verb: str = "Remove") -> None:
        """Take layers out."""
        before = self._session.experiment
        if self._edits.make(lambda: remove_layers(before, chosen), f"{verb} {self.names(chosen)}"):
            self._leave([min(min(chosen), len(self._session.experiment.network.layers) - 1)])

    def duplicate(self, chosen: Collection[int]) -> None:
        """Put copies behind the last of the layers."""
        before, gap = self._session.experiment, max(chosen) + 1
        if self._edits.make(lambda: duplicate_layers(before, chosen), f"Duplicate {self.names(chosen)}"):
            self._leave(range(gap, gap + len(chosen)))

    def paste(self, text: str, gap: int) -> None:
        """Put the layers of a text into a gap; say what is wrong with a text that has none."""
        before = self._session.experiment
        try:
            block = layers_from_json(text)
        except InputError as error:
            self._session.refused.emit(str(error))
            return
        count = "a layer" if len(block) == 1 else f"{len(block)} layers"
        if self._edits.make(lambda: insert_layers(before, gap, block), f"Paste {count} after {gap_name(before, gap)}"):
            self._leave(range(gap, gap + len(block)))

    def able(self, chosen: Collection[int], field: str) -> list[int]:
        """Those of the layers that have a field of this name."""
        layers: tuple[Any, ...] = self._session.experiment.network.layers
        return [layer for layer in sorted(chosen) if field in layers[layer].__struct_fields__]

    def present(self, chosen: Collection[int], field: str) -> set[type[Any]]:
        """The kinds that a field has in the layers."""
        layers = self._session.experiment.network.layers
        return {type(getattr(layers[layer], field)) for layer in self.able(chosen, field)}

    def refusal(self, chosen: Collection[int], field: str, kind: type[Any]) -> str:
        """Why the layers cannot all have this kind of activation or initialization; empty if they can."""
        try:
            change_layers(self._session.experiment, self.able(chosen, field), **{field: kind()})
        except InputError as error:
            return str(error)
        return ""

    def set_all(self, chosen: Collection[int], field: str, kind: type[Any]) -> None:
        """Give all layers that can have it this kind of activation or initialization."""
        before, able = self._session.experiment, self.able(chosen, field)
        label = f"{FIELDS[field]} of {self.names(able)}: {kind.title()}"
        self._edits.make(lambda: change_layers(before, able, **{field: kind()}), label)

    def _leave(self, chosen: Iterable[int]) -> None:
        layers = frozenset(chosen)
        self.edited.emit(layers, max(layers))
