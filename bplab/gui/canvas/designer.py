"""Designing with the mouse: which gesture a drag begins, and what the wheel over a header does. All ends in edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt

from bplab.engine import InputError
from bplab.gui.session import Session
from bplab.lab.editing import add_layer, gap_name, layer_name, move_layer, set_units, width, width_noun
from bplab.lab.experiment import Experiment
from bplab.lab.layer_blocks import put_on, set_skip
from bplab.lab.layer_words import source_name

from .arrangement import Kind
from .gestures import Gesture, MoveLayer, PlaceKind
from .layer_edits import LayerEdits
from .layer_gestures import DrawSkip, PutOn, Resize
from .layer_parts import LayerPart
from .network_painter import NetworkPainter
from .pressing import Press

ALT = Qt.KeyboardModifier.AltModifier
OF_A_LAYER = (Kind.HEADER, Kind.COLUMN, Kind.NEURON, Kind.INPUT)


class Designer(QObject):
    """Begins gestures on ``drawing()``, the picture on view, and turns them into edits of the session's experiment."""

    def __init__(
        self, session: Session, edits: LayerEdits, drawing: Callable[[], NetworkPainter | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._edits, self._drawing = session, edits, drawing

    def begin(self, press: Press) -> Gesture | None:
        """The gesture that a drag from a press begins; None if it begins none."""
        drawing, hit = self._drawing(), press.hit
        if drawing is None or len(drawing.blueprint.layers) != len(self._session.experiment.network.layers):
            return None
        if hit.kind is Kind.HANDLE or (press.modifiers & ALT and hit.kind in OF_A_LAYER):
            return self._skip_from(drawing, hit.layer)
        if hit.kind is Kind.GRIP:
            return self._resize(hit.layer, press.place.y())
        if hit.kind is Kind.HEADER:
            return self._move(drawing, hit.layer)
        return None

    def placing(self, kind: type[Any] | LayerPart) -> Gesture | None:
        """The gesture of dragging a kind into the network, or a part onto a layer; None where none is drawn."""
        drawing, before = self._drawing(), self._session.experiment
        if drawing is None:
            return None
        if isinstance(kind, LayerPart):
            return self._putting(drawing, kind)

        def title(gap: int) -> str:
            return f"Add {kind.title()} layer after {gap_name(before, gap)}"

        return PlaceKind(drawing, _refusal(lambda gap: add_layer(before, gap, kind)), title, self._adder(kind))

    def _putting(self, drawing: NetworkPainter, part: LayerPart) -> Gesture:
        before = self._session.experiment

        def title(layer: int) -> str:
            return f"Add {part.name} to {layer_name(before, layer)}"

        refusal = _refusal(lambda layer: put_on(before, layer, part.field, part.value))
        return PutOn(drawing, refusal, title, lambda layer: self._edits.put_on(layer, part), part.name)

    def _adder(self, kind: type[Any]) -> Callable[[int], None]:
        return lambda gap: self._edits.add(gap, kind)

    def _move(self, drawing: NetworkPainter, layer: int) -> Gesture:
        before = self._session.experiment

        def moved(gap: int) -> Experiment:
            return move_layer(before, layer, gap - (gap > layer))

        def title(gap: int) -> str:
            return f"Move {layer_name(before, layer)} behind {gap_name(before, gap)}"

        def move(gap: int) -> None:
            if self._edits.make(lambda: moved(gap), title(gap)):
                self._edits.edited.emit(gap - (gap > layer))

        return MoveLayer(drawing, layer, _refusal(moved), title, move)

    def _skip_from(self, drawing: NetworkPainter, source: int) -> Gesture:
        before = self._session.experiment
        layers = before.network.layers

        def title(target: int) -> str:
            return f"Skip from {source_name(layers, source + 1)} to {layer_name(before, target)}"

        def draw(target: int) -> None:
            if self._edits.make(lambda: set_skip(before, source, target), title(target)):
                self._edits.edited.emit(target)

        return DrawSkip(drawing, source, _refusal(lambda target: set_skip(before, source, target)), title, draw)

    def _resize(self, layer: int, start: float) -> Gesture:
        experiment, history = self._session.experiment, self._session.history
        history.break_merge()

        def set_to(units: int) -> str:
            try:
                after = set_units(self._session.experiment, layer, units)
            except InputError as error:
                return str(error)
            self._session.edit(after, _width_label(experiment, layer), _width_key(layer))
            return ""

        name, noun = layer_name(experiment, layer), width_noun(experiment, layer)
        return Resize(name, noun, width(experiment, layer), start, set_to)

    def change_width(self, layer: int, by: int, begins: bool) -> None:
        """So many neurons more in a layer; what follows without a new beginning is one undo step with it."""
        before = self._session.experiment
        if begins:
            self._session.history.break_merge()

        def changed() -> Experiment:
            now = width(before, layer)
            return set_units(before, layer, now + by if by > 0 or now == 1 else max(1, now + by))

        self._edits.make(changed, _width_label(before, layer), _width_key(layer))


def _width_label(experiment: Experiment, layer: int) -> str:
    field = "filters" if width_noun(experiment, layer) == "filter" else "units"
    return f"Change {field} of {layer_name(experiment, layer)}"


def _width_key(layer: int) -> str:
    return f"canvas width {layer}"


def _refusal(make: Callable[[int], Experiment]) -> Callable[[int], str]:
    def why(place: int) -> str:
        try:
            make(place)
        except InputError as error:
            return str(error)
        return ""

    return why
