"""What a click or a key on the canvas lets all panels look at, and what they look at shown as selected here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, Qt

from bplab.engine import InputError
from bplab.engine.layers import Place
from bplab.gui.focus import Focus
from bplab.gui.session import Session
from bplab.lab.explaining import Target

from .arrangement import Hit, Kind

if TYPE_CHECKING:
    from .canvas import NetworkCanvas

ON_A_LAYER = (Kind.HEADER, Kind.COLUMN, Kind.GRIP)


def target_of(hit: Hit, places: Sequence[Place]) -> Target | None:
    """What stands under the mouse, for an explanation: of a map's pixel the map; None where nothing learns."""
    if hit.kind in ON_A_LAYER:
        return Target("layer", hit.layer)
    if hit.kind is Kind.GAP and hit.source >= 0:
        return Target("weight", hit.layer, hit.neuron, hit.source)
    if hit.kind not in (Kind.NEURON, Kind.BIAS):
        return None
    place = places[hit.layer]
    if not place.parts:
        return Target("layer", hit.layer)
    unit = hit.neuron // pixels_of(place)
    return Target("bias" if hit.kind is Kind.BIAS else "neuron", hit.layer, unit)


def pixels_of(place: Place) -> int:
    """How many values of a layer belong to one of its feature maps; 1 where there are none."""
    return place.units // place.channels


class Looking(QObject):
    """Keeps the selection of a canvas and the session's focus together."""

    def __init__(self, session: Session, canvas: NetworkCanvas) -> None:
        super().__init__(canvas)
        self._session, self._canvas, self.focus = session, canvas, Focus.of(session)
        self._follows = False
        canvas.layer_selected.connect(self._on_selected)
        canvas.neuron_selected.connect(self._on_selected)
        canvas.view.clicked.connect(self._on_clicked)
        canvas.value_editor.opened.connect(self._look_at)
        self.focus.changed.connect(self._on_focus_changed)

    def _on_selected(self) -> None:
        """The keys, the layer table and the inspector select as well."""
        layer, neuron = self._canvas.selected_layer, self._canvas.selected_neuron
        if not self._follows:
            kind = Kind.NEURON if neuron >= 0 else Kind.HEADER if layer >= 0 else Kind.NOTHING
            self._look_at(Hit(kind, layer, neuron))

    def _on_clicked(self, hit: Hit, place: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """What is selected already may be clicked to be looked at again."""
        if not modifiers:
            self._look_at(hit)

    def _look_at(self, hit: Hit) -> None:
        try:
            target = target_of(hit, self._session.experiment.places())
        except InputError:
            return  # the canvas shows a sentence, and no network
        self._follows = True
        self.focus.look_at(target)
        self._follows = False

    def _on_focus_changed(self) -> None:
        """A layer or neuron that another panel looks at is selected; a weight or bias is only marked."""
        target, canvas = self.focus.target, self._canvas
        if self._follows or target is None:
            return
        self._follows = True
        if target.kind == "layer":
            canvas.select_layer(target.layer)
        elif target.kind == "neuron" and target.unit is not None:
            pixels = pixels_of(self._session.experiment.places()[target.layer])
            if (canvas.selected_layer, canvas.selected_neuron // pixels) != (target.layer, target.unit):
                canvas.select_neuron(target.layer, target.unit * pixels + pixels // 2)
        self._follows = False
