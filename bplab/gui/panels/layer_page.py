"""One layer under inspection: its settings, the curve of its activation, and how its neurons fare."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bplab.data import Shape
from bplab.engine.layers import MAX_UNITS

from ..editors import IntegerEditor
from ..forms import Form
from ..numbers import percent_text, short_text
from ..session import Session
from ..theme import GRID, Theme
from .activation_curve import ActivationCurve
from .bar_parts import Caption
from .facts import Facts, NeuronBars

_FACTS = {
    "Saturated": "Share of neurons and probe samples with |f'(z)| below 5 % of its most",
    "Dead neurons": "Neurons with f' = 0 on every probe sample: no gradient reaches them",
    "Gradient ∂C/∂W": "Root mean square of the layer's weight gradients on the probe samples",
    "Error δ = ∂C/∂z": "Root mean square of the layer's deltas on the probe samples",
    "Update / weight": "Length of the latest update against the length of the weights; about 1e-3 is healthy",
    "Parameters": "Weights + biases of this layer",
}


def _biases_only(kind: type[Any]) -> str:
    return "" if kind.for_biases else "This draws a matrix, and biases are none"


def output_note(shape: Shape) -> str:
    """Why the units of the output layer are what they are."""
    if shape.classes == 2:
        return "The output follows the data: two classes need one unit, or one unit each."
    if shape.classes:
        return f"The output follows the data: {shape.classes} classes need one unit each."
    return "The output follows the data: one number to learn needs one unit."


class LayerPage(QWidget):
    """Shows layer :attr:`layer` of the session's experiment; every change of a field is one edit."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.layer, self.neuron = 0, -1
        first = session.experiment.network.layers[0]
        self.response = Form(first, only=["units", "activation"])
        self.start = Form(first, only=["weights", "biases"], refusals={"biases": _biases_only})
        self.note = Caption("")
        self.note.setWordWrap(True)
        self.curve = ActivationCurve(theme)
        self.hint = Caption("")
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setAccessibleName("When to use this activation and how it stalls")
        self.bars = NeuronBars(theme)
        self.facts = Facts(_FACTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        settings: tuple[QWidget, ...] = (self.note, self.response, self.curve, self.hint, self.start)
        measured: tuple[QWidget, ...] = (Caption("Saturation, neuron by neuron"), self.bars, self.facts)
        for widget in settings:
            column.addWidget(widget)
        column.addSpacing(GRID)
        for widget in measured:
            column.addWidget(widget)
        column.addStretch(1)
        for form in (self.response, self.start):
            form.changed.connect(self._on_form_changed)
            form.released.connect(self._on_released)
            form.refused.connect(session.refused)
        theme.changed.connect(self.show_layer)

    def show_layer(self) -> None:
        """Show the settings of the layer as they are now."""
        layers = self._session.experiment.network.layers
        self.layer = min(self.layer, len(layers) - 1)
        layer, is_output = layers[self.layer], self.layer == len(layers) - 1
        self._limit_units(is_output)
        self.response.show_value(layer)
        self.start.show_value(layer)
        self.curve.show_activation(layer.activation, self._theme.layer_colours(len(layers))[self.layer])
        self.hint.setText(layer.activation.hint())
        self.hint.setVisible(bool(self.hint.text()))
        self.show_reading()

    def show_reading(self) -> None:
        """Show the numbers of the network on view."""
        live, at = self._session.live, self.layer
        reading = live.reading
        shares = live.saturation(at)
        self.bars.show_shares(shares, self.neuron)
        show, units = self.facts.show_fact, len(shares)
        show("Saturated", percent_text(float(np.mean(shares))))
        show("Dead neurons", f"{int(reading.dead[at])} of {units}")
        show("Gradient ∂C/∂W", short_text(float(reading.weight_gradient_rms[at])))
        show("Error δ = ∂C/∂z", short_text(float(reading.delta_rms[at])))
        show("Update / weight", short_text(self._update_ratio()))
        weights, biases = live.network.weights[at], live.network.biases[at]
        show("Parameters", f"{weights.size:,} + {biases.size:,}")

    def _update_ratio(self) -> float | None:
        record = self._session.record
        if record is None or not self._session.run_is_on_view or self._session.live.updates == 0:
            return None
        return float(record.last("update_ratio")[self.layer])

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

    def _on_released(self) -> None:
        self._session.history.break_merge()
