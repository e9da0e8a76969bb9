"""The inspector: what is selected, a layer or the training as a whole, and all that can be set about it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from bplab.engine import Dense, InputError
from bplab.lab.editing import layer_name
from bplab.lab.layer_words import size_text

from ..canvas.kind_menu import KindMenu
from ..canvas.layer_edits import LayerEdits, Verb
from ..canvas.pace import Pace
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
        self._pace = Pace(0.1)
        self._icons: list[QColor] = []
        """Colours of the icons in the list."""
        self._edits = LayerEdits(session, self)
        self.list = ComboBox()
        self.list.setAccessibleName("Selected part of the network")
        self.list.setToolTip("The layer whose settings are shown, or the training as a whole")
        self.add = _button("Add a layer", "Add a hidden layer after this one")
        self.add.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.kinds = KindMenu("Kind of layer to add", self._edits, self)
        self.add.setMenu(self.kinds)
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
        self.kinds.aboutToShow.connect(self._on_kinds_wanted)
        self.remove.clicked.connect(self._on_remove)
        self._edits.edited.connect(self._choose)
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
        self._edits.apply(*self._addition())

    def _on_remove(self) -> None:
        self._edits.apply(Verb.REMOVE_LAYER, self._layer)

    def _on_kinds_wanted(self) -> None:
        self.kinds.offer_additions(self._edits.gap_after(self._layer))

    def _addition(self) -> tuple[Verb, int]:
        """What the plus does: a layer after the selected one, and before the output if that is none of them."""
        last = len(self._session.experiment.network.layers) - 1
        return (Verb.ADD_AFTER, self._layer) if 0 <= self._layer < last else (Verb.ADD_BEFORE, last)

    def _on_experiment_changed(self) -> None:
        if self._layer >= len(self._session.experiment.network.layers):
            self._choose(TRAINING)
        else:
            self._follow()

    def _on_ticked(self) -> None:
        if not self.isVisible():
            return
        if not self._session.is_training or self._pace.due():
            with self._pace.work():
                if self._layer == TRAINING:
                    self.training.show_rate()
                else:
                    self.page.show_reading()

    def _on_theme_changed(self) -> None:
        self.add.setIcon(icon("plus"))
        self.remove.setIcon(icon("minus"))
        self._follow()

    def _follow(self) -> None:
        experiment = self._session.experiment
        layers = experiment.network.layers
        entries = ["Training settings"]
        for at, (size, layer) in enumerate(zip(self._sizes(), layers, strict=True)):
            apart = " " if isinstance(layer, Dense) else " · "
            entries.append(f"{layer_name(experiment, at)} · {size}{apart}{layer.in_brief()}")
        self._list_parts(entries)
        self.list.setCurrentIndex(self._layer + 1)
        self._explain_buttons()
        if self._layer == TRAINING:
            self.training.show_training()
            self.pages.setCurrentWidget(self.training)
        else:
            self.page.layer = self._layer
            self.page.show_layer()
            self.pages.setCurrentWidget(self.page)

    def _list_parts(self, entries: list[str]) -> None:
        """Icons are painted anew only where there are other ones: that takes longer than all the rest of an edit."""
        known = [self.list.itemText(index) for index in range(self.list.count())]
        if len(known) == len(entries):
            for index, entry in enumerate(entries):
                if known[index] != entry:
                    self.list.setItemText(index, entry)
        else:
            self.list.clear()
            self.list.addItems(entries)
            self._icons = []
        colours = [QColor(self._theme.colours.quiet), *self._theme.layer_colours(len(entries) - 1)]
        if colours != self._icons:
            self._icons = colours
            for index, colour in enumerate(colours):
                self.list.setItemIcon(index, icon("dot" if index else "sliders", colour))

    def _sizes(self) -> list[str]:
        """Of every layer, as far as they are known: data that cannot be read says nothing."""
        experiment = self._session.experiment
        try:
            return [size_text(place) for place in experiment.places()]
        except InputError:
            return ["?"] * len(experiment.network.layers)

    def _explain_buttons(self) -> None:
        verb, layer = self._addition()
        refusal = self._edits.refusal(verb, layer)
        self.add.setEnabled(not refusal)
        self.add.setToolTip(refusal or self._edits.label(verb, layer))
        refusal = self._edits.refusal(Verb.REMOVE_LAYER, self._layer) if self._layer >= 0 else "Select a layer first."
        self.remove.setEnabled(not refusal)
        self.remove.setToolTip(refusal or self._edits.label(Verb.REMOVE_LAYER, self._layer))


def _button(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setAutoRaise(True)
    button.setIconSize(QSize(2 * GRID, 2 * GRID))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    return button
