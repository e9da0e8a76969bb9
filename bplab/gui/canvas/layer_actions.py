"""The edits of the selected layer as actions with names and keys, and the menu that offers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QIcon, QKeySequence, QPalette
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from bplab.engine.activations import Activation

from ..forms import explanation
from ..little_curves import little_curve
from .kind_menu import KindMenu
from .layer_edits import LayerEdits, Verb
from .tips import as_plain

UNNAMED = {
    Verb.ADD_NEURON: "Add neuron",
    Verb.REMOVE_NEURON: "Remove neuron",
    Verb.ADD_BEFORE: "Add layer before",
    Verb.ADD_AFTER: "Add layer after",
    Verb.DUPLICATE_LAYER: "Duplicate layer",
    Verb.MOVE_EARLIER: "Move layer towards the inputs",
    Verb.MOVE_LATER: "Move layer towards the output",
    Verb.REMOVE_LAYER: "Remove layer",
}
"""What the actions are called while no layer is selected."""
KEYS = {
    Verb.ADD_NEURON: ("+", "="),
    Verb.REMOVE_NEURON: ("-",),
    Verb.ADD_BEFORE: ("Shift+Ins", "Shift+A"),
    Verb.ADD_AFTER: ("Ins", "A"),
    Verb.DUPLICATE_LAYER: ("Ctrl+D",),
    Verb.MOVE_EARLIER: ("Ctrl+Shift+Left", "Ctrl+Shift+Up"),
    Verb.MOVE_LATER: ("Ctrl+Shift+Right", "Ctrl+Shift+Down"),
    Verb.REMOVE_LAYER: ("Del", "Backspace"),
}

Keys = Mapping[Verb, tuple[str, ...]]
Context = Qt.ShortcutContext
WITH_CHILDREN = Context.WidgetWithChildrenShortcut


class LayerActions(QActionGroup):
    """One action per edit, for the layer that :meth:`follow` names; keys count while ``owner`` has the focus."""

    def __init__(self, edits: LayerEdits, owner: QWidget, keys: Keys = KEYS, context: Context = WITH_CHILDREN) -> None:
        super().__init__(owner)
        self.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        self._edits, self._layer = edits, -1
        self._keys, self._context = keys, context
        self.takes_over: Callable[[Verb], bool] = lambda verb: False
        """Makes an edit in another way, of several layers at once; True if it did."""
        self.by_verb = {verb: self._make(verb, owner) for verb in Verb}
        self.additions, self.kinds = KindMenu("", edits, owner), KindMenu("", edits, owner)
        self.additions.aboutToShow.connect(self._on_additions_wanted)
        self.kinds.aboutToShow.connect(self._on_kinds_wanted)
        self.triggered.connect(self._on_triggered)
        self.follow(-1)

    def follow(self, layer: int) -> None:
        """Name and enable the actions for a layer (from 0; −1 for none)."""
        self._layer = layer
        for verb, action in self.by_verb.items():
            why = self._edits.refusal(verb, layer) if layer >= 0 else "Select a layer first."
            action.setText(self._edits.title(verb, layer) if layer >= 0 else UNNAMED[verb])
            action.setEnabled(not why)
            action.setToolTip(as_plain(why or action.text()))
        self.additions.setTitle(self._edits.addition_title(layer))
        self.kinds.setTitle(self._edits.kind_title(layer))
        self.kinds.menuAction().setEnabled(layer >= 0)
        self.kinds.menuAction().setToolTip("Select a layer first." if layer < 0 else "Dense, convolution, pooling …")

    def all(self) -> list[QAction]:
        """Every action and submenu, in the order of a menu."""
        verbs = self.by_verb
        return [
            verbs[Verb.ADD_NEURON], verbs[Verb.REMOVE_NEURON],
            verbs[Verb.ADD_BEFORE], verbs[Verb.ADD_AFTER], self.additions.menuAction(),
            verbs[Verb.DUPLICATE_LAYER], verbs[Verb.MOVE_EARLIER], verbs[Verb.MOVE_LATER],
            verbs[Verb.REMOVE_LAYER], self.kinds.menuAction(),
        ]  # fmt: skip

    def menu(self, parent: QWidget) -> QMenu:
        """A menu of everything that can be done to the layer; it deletes itself when it closes."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        for action in self.all():
            if action.data() in (Verb.ADD_BEFORE, Verb.REMOVE_LAYER):
                menu.addSeparator()
            menu.addAction(action)
        if self._edits.has_activation(self._layer):
            menu.addMenu(self._activation_menu(menu))
        return menu

    def _make(self, verb: Verb, owner: QWidget) -> QAction:
        action = QAction(owner)
        action.setObjectName(f"action_{verb.name.lower()}")
        action.setData(verb)
        action.setShortcuts([QKeySequence(key) for key in self._keys[verb]])
        action.setShortcutContext(self._context)
        action.setShortcutVisibleInContextMenu(True)
        owner.addAction(action)
        self.addAction(action)
        return action

    def _activation_menu(self, parent: QMenu) -> QMenu:
        submenu = QMenu("Activation", parent)
        submenu.setToolTipsVisible(True)
        group = QActionGroup(submenu)
        present, palette = self._edits.activation(self._layer), QApplication.palette()
        ink, quiet = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        for kind in Activation.members().values():
            action = QAction(kind.title(), group)
            refusal = self._edits.activation_refusal(self._layer, kind)
            action.setToolTip(refusal or explanation(kind))
            action.setEnabled(not refusal)
            action.setCheckable(True)
            action.setChecked(isinstance(present, kind))
            action.setIcon(little_curve(kind, ink, quiet) or QIcon())
            action.setData(kind)
            submenu.addAction(action)
        group.triggered.connect(self._on_activation)
        return submenu

    def _on_additions_wanted(self) -> None:
        self.additions.offer_additions(self._edits.gap_after(self._layer))

    def _on_kinds_wanted(self) -> None:
        if self._layer >= 0:
            self.kinds.offer_changes(self._layer)

    def _on_triggered(self, action: QAction) -> None:
        if not self.takes_over(action.data()):
            self._edits.apply(action.data(), self._layer)

    def _on_activation(self, action: QAction) -> None:
        if not isinstance(self._edits.activation(self._layer), action.data()):
            self._edits.set_activation(self._layer, action.data()())
