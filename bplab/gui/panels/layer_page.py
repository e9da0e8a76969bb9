"""One layer under inspection: its settings, the curve of its activation, and how its neurons fare."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.data import Shape
from bplab.engine import Dense
from bplab.engine.layers import MAX_UNITS, Place
from bplab.lab.editing import skip_choices
from bplab.lab.layer_words import extras, has_activation, has_weights

from ..canvas.layer_edits import LayerEdits
from ..editors import IntegerEditor
from ..forms import Form
from ..numbers import percent_text, short_text
from ..row_on_view import row_on_view
from ..session import Session
from ..theme import GRID, Theme
from .activation_curve import ActivationCurve
from .bar_parts import Caption
from .facts import Facts, NeuronBars
from .kind_box import KindBox, labelled
from .layer_settings import LayerSettings

_FACTS = {
    "Saturated": "Share of neurons and probe samples with |f'(z)| below 5 % of its most",
    "Dead neurons": "Neurons with f' = 0 on every probe sample: no gradient reaches them",
    "Gradient ∂C/∂W": "Root mean square of the layer's weight gradients on the probe samples",
    "Error δ = ∂C/∂z": "Root mean square of the layer's deltas on the probe samples",
    "Update / weight": "Length of the latest update against the length of the weights; about 1e-3 is healthy",
    "Parameters": "Weights + biases, and where there are others what else this layer learns: scales, shifts, slopes, "
    "the projection of a skip",
}
NOTHING = "–"
"""Where a layer has no such number."""


def output_note(shape: Shape) -> str:
    """Why the units of the output layer are what they are."""
    if shape.classes == 2:
        return "The output follows the data: two classes need one unit, or one unit each."
    if shape.classes:
        return f"The output follows the data: {shape.classes} classes need one unit each."
    return "The output follows the data: one number to learn needs one unit."


def parameters_text(place: Place) -> str:
    """``1,024 + 16``, ``1,024 + 16 + 32`` with what else is learned, ``none``."""
    if not has_weights(place.layer):
        return "none"
    rows, columns = place.matrix
    weights, biases = (rows - 1) * columns, columns if place.layer.bias else 0
    others = place.learned - rows * columns
    return " + ".join(f"{count:,}" for count in (weights, biases, *([others] if others else [])))


class LayerPage(QWidget):
    """Shows layer :attr:`layer` of the session's experiment; every change of a field is one edit."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._edits = LayerEdits(session, self)
        self.layer, self.neuron = 0, -1
        self.kind = KindBox()
        self.note = Caption("")
        self.note.setWordWrap(True)
        self._known: dict[type[Any], LayerSettings] = {}
        self._place = QVBoxLayout()
        self.bars_title = Caption("Saturation, neuron by neuron")
        self.bars = NeuronBars(theme)
        self.facts = Facts(_FACTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(labelled("Kind", self.kind))
        column.addWidget(self.note)
        column.addLayout(self._place)
        column.addSpacing(GRID)
        for widget in (self.bars_title, self.bars, self.facts):
            column.addWidget(widget)
        column.addStretch(1)
        self.settings = self._settings_for(session.experiment.network.layers[0])
        self.kind.picked.connect(self._on_kind_picked)
        theme.changed.connect(self.show_layer)

    @property
    def response(self) -> Form:
        """The form of what the layer does."""
        return self.settings.response

    @property
    def start(self) -> Form:
        """The form of the first weights and biases."""
        return self.settings.start

    @property
    def around(self) -> Form:
        """The form of what stands around the activation."""
        return self.settings.around

    @property
    def curve(self) -> ActivationCurve:
        """The curve of the activation."""
        return self.settings.curve

    @property
    def hint(self) -> Caption:
        """When to use the activation."""
        return self.settings.hint

    def show_layer(self) -> None:
        """Show the settings of the layer as they are now."""
        experiment = self._session.experiment
        layers, places = experiment.network.layers, experiment.places()
        self.layer = at = min(self.layer, len(layers) - 1)
        self.kind.show_kinds(type(layers[at]), self._edits.kind_refusals(at))
        settings = self._settings_for(layers[at])
        if settings is not self.settings:
            self.settings.hide()
            self.settings = settings
            settings.show()
        if isinstance(layers[at], Dense):
            self._limit_units(at == len(layers) - 1)
        else:
            self.note.hide()
        skips = skip_choices(experiment, at) if isinstance(layers[at], Dense) else []
        colour = self._theme.layer_colours(len(layers))[at]
        settings.show_layer(layers[at], colour, ", ".join(extras(places, at)), skips)
        self.show_reading()

    def _settings_for(self, layer: Any) -> LayerSettings:
        if type(layer) not in self._known:
            self._known[type(layer)] = made = LayerSettings(layer, self._theme)
            made.changed.connect(self._on_form_changed)
            made.released.connect(self._on_released)
            made.refused.connect(self._session.refused)
            self._place.addWidget(made)
            if len(self._known) > 1:
                made.hide()  # until its turn comes
        return self._known[type(layer)]

    def show_reading(self) -> None:
        """Show the numbers of the network on view."""
        live, at = self._session.live, self.layer
        place, reading, show = live.network.places[at], live.reading, self.facts.show_fact
        responds, learns = has_activation(place.layer), has_weights(place.layer)
        shares = live.saturation(at)
        self.bars.show_shares(shares, self.neuron)
        for part in (self.bars_title, self.bars):
            part.setVisible(responds)
        show("Saturated", percent_text(float(np.mean(shares))) if responds else NOTHING)
        show("Dead neurons", f"{int(reading.dead[at])} of {len(shares)}" if responds else NOTHING)
        show("Gradient ∂C/∂W", short_text(float(reading.weight_gradient_rms[at])) if learns else NOTHING)
        show("Error δ = ∂C/∂z", short_text(float(reading.delta_rms[at])))
        show("Update / weight", short_text(self._update_ratio()) if learns else NOTHING)
        show("Parameters", parameters_text(place))

    def _update_ratio(self) -> float | None:
        record, row = self._session.record, row_on_view(self._session)
        if record is None or row is None or self._session.live.updates == 0:
            return None
        (ratios,) = record.values_at(row, "update_ratio")
        return float(ratios[self.layer])

    def _limit_units(self, is_output: bool) -> None:
        editor = self.response.editor("units")
        assert isinstance(editor, IntegerEditor)
        shape = self._session.problem.shape
        fixed = is_output and shape.classes != 2
        editor.box.setEnabled(not fixed)
        editor.set_limits(1, 2 if is_output and shape.classes == 2 else MAX_UNITS)
        editor.box.setToolTip(output_note(shape) if is_output else "Neurons in this layer")
        self.note.setVisible(is_output)
        if is_output:
            self.note.setText(output_note(shape))

    def _on_form_changed(self, layer: Any, label: str, merge_key: str | None) -> None:
        key = merge_key and f"layer{self.layer}.{merge_key}"
        if not self._session.edit_layer(self.layer, label, key, **msgspec.structs.asdict(layer)):
            self.show_layer()

    def _on_kind_picked(self, kind: type[Any]) -> None:
        if not self._edits.set_kind(self.layer, kind):
            self.show_layer()

    def _on_released(self) -> None:
        self._session.history.break_merge()
