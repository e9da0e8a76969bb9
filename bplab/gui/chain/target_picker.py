"""What is looked at, chosen with fields: a layer, of it all or one neuron, of that all weights, its bias or a weight.

With keys alone, and where the canvas draws no single edge to be clicked: in wide layers, and in filters.
"""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QGridLayout, QWidget

from bplab.gui.focus import Focus
from bplab.lab.explaining import Target
from bplab.lab.live import LiveView
from bplab.lab.problem import layer_names

from ..editors import ComboBox, SpinBox
from ..theme import GRID
from ..type_size import size_with_type
from .words import noun_of

ALL, BIAS, WEIGHT = "all its weights", "its bias", "the weight from"


class TargetPicker(QWidget):
    """Shows what ``focus`` looks at, and lets it look at something else."""

    def __init__(self, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focus = focus
        self._live: LiveView | None = None
        self.layer, self.what = ComboBox(), ComboBox()
        self.unit, self.source = SpinBox(0, 1), SpinBox(1, 1)
        for control, name, tip in (
            (self.layer, "Layer looked at", "The layer whose gradient is taken apart"),
            (self.unit, "Neuron looked at", "One neuron of the layer (of a convolution one map), or all of them"),
            (self.what, "What of the neuron", "All weights into the neuron, one of them, or its bias"),
            (self.source, "Input of the weight", "The input that the weight comes from, counted from 1"),
        ):
            control.setAccessibleName(name)
            control.setToolTip(tip)
            size_with_type(control, least_width=6 * GRID)
        self.unit.setSpecialValueText("all of it")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GRID // 2)
        self.set_columns(2)
        self.layer.activated.connect(self._on_layer)
        self.unit.valueChanged.connect(self._on_unit)
        self.what.activated.connect(self._on_what)
        self.source.valueChanged.connect(self._on_source)

    def set_columns(self, columns: int) -> None:
        """Stand in two columns, or all in one row of four."""
        for number, field in enumerate((self.layer, self.unit, self.what, self.source)):
            self._grid.addWidget(field, number // columns, number % columns)
        for column in range(4):
            self._grid.setColumnStretch(column, int(column < columns))

    def show_target(self, live: LiveView, target: Target) -> None:
        """Show what is looked at, in a network on view, without telling anyone."""
        place = live.network.places[target.layer]
        blockers = [QSignalBlocker(control) for control in (self.layer, self.unit, self.what, self.source)]
        if live is not self._live:
            self._live = live
            self.layer.clear()
            self.layer.addItems(layer_names(live.experiment.network.layers))
        self.layer.setCurrentIndex(target.layer)
        self.unit.setPrefix(f"{noun_of(place)} ")
        self.unit.setRange(0, place.channels if place.parts else 0)
        self.unit.setValue(0 if target.unit is None else target.unit + 1)
        self.unit.setEnabled(bool(place.parts))
        kinds = [ALL, WEIGHT, *([BIAS] if place.parts and place.layer.bias else [])]
        if [self.what.itemText(index) for index in range(self.what.count())] != kinds:
            self.what.clear()
            self.what.addItems(kinds)
        self.what.setCurrentText(WEIGHT if target.source is not None else BIAS if target.kind == "bias" else ALL)
        self.what.setEnabled(target.unit is not None)
        self.source.setPrefix("input ")
        self.source.setRange(1, max(place.matrix[0] - 1, 1))
        self.source.setValue(1 if target.source is None else target.source + 1)
        self.source.setEnabled(target.source is not None)
        for blocker in blockers:
            blocker.unblock()

    def _on_layer(self, layer: int) -> None:
        self._focus.look_at(Target("layer", layer))

    def _on_unit(self, value: float) -> None:
        now, unit = self._focus.shown, int(value) - 1
        if now is None:
            return
        if unit < 0:
            self._focus.look_at(Target("layer", now.layer))
        elif now.unit is None:
            self._focus.look_at(Target("neuron", now.layer, unit))
        else:
            self._focus.look_at(Target(now.kind, now.layer, unit, now.source))

    def _on_what(self) -> None:
        now, text = self._focus.shown, self.what.currentText()
        if now is None or now.unit is None:
            return
        if text == WEIGHT:
            self._focus.look_at(Target("weight", now.layer, now.unit, int(self.source.value()) - 1))
        else:
            self._focus.look_at(Target("bias" if text == BIAS else "neuron", now.layer, now.unit))

    def _on_source(self, value: float) -> None:
        now = self._focus.shown
        if now is not None and now.unit is not None and now.source is not None:
            self._focus.look_at(Target("weight", now.layer, now.unit, int(value) - 1))
