"""Actions for all selected layers: cut, copy and paste as text, and menus that set one thing in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QActionGroup, QGuiApplication, QIcon, QKeySequence, QPalette
from PySide6.QtWidgets import QMenu, QWidget

from bplab.engine.activations import Activation
from bplab.engine.choices import Choice
from bplab.engine.initializers import Initializer

from ..forms import explanation
from ..little_curves import little_curve
from .block_edits import FIELDS, BlockEdits
from .layer_actions import LayerActions
from .layer_edits import LayerEdits, Verb
from .tips import as_plain

FAMILIES: dict[str, type[Choice]] = {"activation": Activation, "weights": Initializer, "biases": Initializer}
NONE = "Select a layer first."


class BlockActions(QObject):
    """Cut, copy, paste and select all; keys count while ``owner`` has the focus."""

    def __init__(self, blocks: BlockEdits, edits: LayerEdits, single: LayerActions, owner: QWidget) -> None:
        super().__init__(owner)
        self._blocks, self._edits, self._single, self._owner = blocks, edits, single, owner
        single.takes_over = self._take_over
        self._chosen: frozenset[int] = frozenset()
        keys = QKeySequence.StandardKey
        self.cut = self._action("cut", keys.Cut, self._on_cut)
        self.copy = self._action("copy", keys.Copy, self._on_copy)
        self.paste = self._action("paste", keys.Paste, self._on_paste)
        self.select_all = self._action("select_all", keys.SelectAll, None)
        self.select_all.setText("Select all layers")
        self.select_all.setToolTip("Select every layer, the output too")
        self.follow(frozenset())

    def follow(self, chosen: frozenset[int]) -> None:
        """Name and enable the actions for these layers."""
        self._chosen = chosen
        names = f" {self._blocks.names(chosen)}" if chosen else ""
        why_not_cut = self._blocks.removal_refusal(chosen) if chosen else NONE
        self._say(self.cut, f"Cut{names}" if chosen else "Cut layers", why_not_cut)
        self._say(self.copy, f"Copy{names}" if chosen else "Copy layers", "" if chosen else NONE)
        self._say(self.paste, "Paste layers", "")
        self.paste.setToolTip("Put the layers of the clipboard's text behind the selected one")
        if len(chosen) > 1:
            verbs = self._single.by_verb
            self._say(verbs[Verb.REMOVE_LAYER], f"Remove{names}", why_not_cut)
            self._say(verbs[Verb.DUPLICATE_LAYER], f"Duplicate{names}", self._blocks.duplication_refusal(chosen))

    def _take_over(self, verb: Verb) -> bool:
        """Removing and doubling several layers is one edit."""
        if len(self._chosen) < 2 or verb not in (Verb.REMOVE_LAYER, Verb.DUPLICATE_LAYER):
            return False
        (self._blocks.remove if verb is Verb.REMOVE_LAYER else self._blocks.duplicate)(self._chosen)
        return True

    def menu(self, parent: QWidget) -> QMenu:
        """A menu for the selected layers; it deletes itself when it closes."""
        if len(self._chosen) == 1:
            menu = self._single.menu(parent)
            shown: tuple[str, ...] = ("weights", "biases")  # that menu has the activation
        else:
            menu, shown = QMenu(parent), tuple(FIELDS)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.setToolTipsVisible(True)
            menu.addActions([self._single.by_verb[verb] for verb in (Verb.DUPLICATE_LAYER, Verb.REMOVE_LAYER)])
            menu.addSeparator()
        for submenu in self.menus(menu, shown):
            menu.addMenu(submenu)
        menu.addSeparator()
        menu.addActions(self.all())
        return menu

    def all(self) -> list[QAction]:
        """In the order of a menu."""
        return [self.cut, self.copy, self.paste, self.select_all]

    def menus(self, parent: QMenu, fields: Iterable[str] = tuple(FIELDS)) -> list[QMenu]:
        """A submenu for each thing that can be set in all selected layers that have it."""
        return [self._menu_of(field, parent) for field in fields if self._blocks.able(self._chosen, field)]

    def _menu_of(self, field: str, parent: QMenu) -> QMenu:
        blocks, chosen = self._blocks, self._chosen
        submenu = QMenu(FIELDS[field], parent)
        submenu.setToolTipsVisible(True)
        group = QActionGroup(submenu)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)  # several layers may have several kinds
        present, palette = blocks.present(chosen, field), QGuiApplication.palette()
        ink, quiet = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.PlaceholderText)
        for kind in FAMILIES[field].members().values():
            action = QAction(kind.title(), group)
            refusal = blocks.refusal(chosen, field, kind)
            action.setToolTip(as_plain(refusal) if refusal else explanation(kind))
            action.setEnabled(not refusal)
            action.setCheckable(True)
            action.setChecked(kind in present)
            action.setIcon(little_curve(kind, ink, quiet) or QIcon())
            action.setData(kind)
            submenu.addAction(action)
        group.triggered.connect(partial(self._on_kind, field))
        return submenu

    def _on_kind(self, field: str, action: QAction) -> None:
        if self._blocks.present(self._chosen, field) != {action.data()}:
            self._blocks.set_all(self._chosen, field, action.data())

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._blocks.text(self._chosen))

    def _on_cut(self) -> None:
        self._on_copy()
        self._blocks.remove(self._chosen, "Cut")

    def _on_paste(self) -> None:
        behind = max(self._chosen, default=-1)
        self._blocks.paste(QGuiApplication.clipboard().text(), self._edits.gap_after(behind))

    def _action(self, name: str, key: QKeySequence.StandardKey, do: Callable[[], None] | None) -> QAction:
        action = QAction(self._owner)
        action.setObjectName(f"action_{name}_layers")
        action.setShortcut(QKeySequence(key))  # the first alone: others of some systems are taken
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setShortcutVisibleInContextMenu(True)
        if do is not None:
            action.triggered.connect(do)
        self._owner.addAction(action)
        return action

    @staticmethod
    def _say(action: QAction, text: str, refusal: str) -> None:
        action.setText(text)
        action.setEnabled(not refusal)
        action.setToolTip(as_plain(refusal or text))
