"""The inspector: what is selected, a layer or the training as a whole, and all that can be set about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from bplab.engine import InputError
from bplab.lab.editing import add_layer, layer_name, remove_layer
from bplab.lab.experiment import Experiment

from ..editors import ComboBox
from ..icons import icon
from ..session import Session
from ..theme import GRID, Theme
from .layer_page import LayerPage
from .training_page import TrainingPage

TRAINING = -1
"""Selected when no layer is."""


class Inspector(QWidget):
    """A list to choose from, buttons that add and remove a layer, and the page of what is chosen."""

    layer_selected = Signal(int)
    """Another layer was chosen here; −1 for the training."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._layer = TRAINING
        self.list = ComboBox()
        self.list.setAccessibleName("Selected part of the network")
        self.list.setToolTip("The layer whose settings are shown, or the training as a whole")
        self.add = _button("Add a layer", "Add a hidden layer after this one")
        self.remove = _button("Remove this layer", "Remove this layer")
        self.training = TrainingPage(session)
        self.page = LayerPage(session, theme)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.training)
        self.pages.addWidget(self.page)
        row = QHBoxLayout()
        row.setSpacing(GRID // 2)
        row.addWidget(self.list, 1)
        row.addWidget(self.add)
        row.addWidget(self.remove)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addLayout(row)
        column.addWidget(self.pages)
        self.list.activated.connect(self._on_activated)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        session.experiment_changed.connect(self._on_experiment_changed)
        session.ticked.connect(self._on_ticked)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    @property
    def layer(self) -> int:
        """The selected layer, from 0; −1 if it is the training."""
        return self._layer

    def select_layer(self, layer: int) -> None:
        """Show ``layer``, −1 for the training; says nothing."""
        if layer != self._layer:
            self._layer, self.page.neuron = layer, -1
            self._follow()

    def select_neuron(self, layer: int, neuron: int) -> None:
        """Show ``layer`` and mark one of its neurons."""
        self.select_layer(layer)
        self.page.neuron = neuron
        self.page.show_reading()

    def showEvent(self, event: QShowEvent) -> None:
        """What happened meanwhile is shown now."""
        super().showEvent(event)
        self._follow()

    def _on_activated(self, index: int) -> None:
        self._choose(index - 1)

    def _choose(self, layer: int) -> None:
        self.select_layer(layer)
        self.layer_selected.emit(layer)

    def _on_add(self) -> None:
        last = len(self._session.experiment.network.layers) - 1
        gap = last if self._layer == TRAINING else min(self._layer + 1, last)
        if self._edit(lambda experiment: add_layer(experiment, gap), "Add layer"):
            self._choose(gap)

    def _on_remove(self) -> None:
        name, layer = layer_name(self._session.experiment, self._layer), self._layer
        if self._edit(lambda experiment: remove_layer(experiment, layer), f"Remove layer {name}"):
            self._choose(max(0, layer - 1))

    def _edit(self, change: Callable[[Experiment], Experiment], label: str) -> bool:
        try:
            changed = change(self._session.experiment)
        except InputError as error:
            self._session.refused.emit(str(error))
            return False
        return self._session.edit(changed, label)

    def _on_experiment_changed(self) -> None:
        if self._layer >= len(self._session.experiment.network.layers):
            self._choose(TRAINING)
        else:
            self._follow()

    def _on_ticked(self) -> None:
        if self._layer != TRAINING and self.isVisible():
            self.page.show_reading()

    def _on_theme_changed(self) -> None:
        self.add.setIcon(icon("plus"))
        self.remove.setIcon(icon("minus"))
        self._follow()

    def _follow(self) -> None:
        experiment = self._session.experiment
        layers = experiment.network.layers
        entries = ["Training settings"]
        entries += [
            f"{layer_name(experiment, at)} · {layer.units:,} {layer.activation.title()}"
            for at, layer in enumerate(layers)
        ]
        if [self.list.itemText(index) for index in range(self.list.count())] != entries:
            self.list.clear()
            self.list.addItems(entries)
        quiet = QColor(self._theme.colours.quiet)
        for index, colour in enumerate([quiet, *self._theme.layer_colours(len(layers))]):
            self.list.setItemIcon(index, icon("dot" if index else "sliders", colour))
        self.list.setCurrentIndex(self._layer + 1)
        self._explain_buttons(len(layers) - 1)
        if self._layer == TRAINING:
            self.training.show_training()
            self.pages.setCurrentWidget(self.training)
        else:
            self.page.layer = self._layer
            self.page.show_layer()
            self.pages.setCurrentWidget(self.page)

    def _explain_buttons(self, last: int) -> None:
        self.add.setToolTip(
            "Add a hidden layer after this one" if 0 <= self._layer < last else "Add a hidden layer before the output"
        )
        self.remove.setEnabled(0 <= self._layer < last)
        reason = "The output layer stays: it gives the network's answer"
        if self._layer == TRAINING:
            reason = "Select a hidden layer to remove it"
        self.remove.setToolTip("Remove this layer" if self.remove.isEnabled() else reason)


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIconSize(QSize(2 * GRID, 2 * GRID))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button
