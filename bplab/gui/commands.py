"""Commands: all that can be done in the window, gathered from its menus, datasets and activations as they are now.

A command is an action seen from outside: what it is called, where it stands, its keys, and why it cannot be done now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence, QTextDocumentFragment
from PySide6.QtWidgets import QMenu, QWidget

from bplab.data import Dataset
from bplab.engine import Activation

from .canvas import NetworkCanvas
from .forms import explanation
from .panels.data_panel import DataPanel

NATIVE = QKeySequence.SequenceFormat.NativeText
NO_LAYER = "Select a layer first."


@dataclass(frozen=True)
class Command:
    """One thing to do."""

    title: str
    place: str
    """The menu or the family to which it belongs, ``Train``, ``File ▸ Recent``."""
    tip: str
    do: Callable[[], object]
    keys: str = ""
    why_not: str = ""
    """Why it cannot be done now; empty if it can."""
    is_on: bool = False
    """True for a switch that is on, or the choice in use."""


def plain(text: str) -> str:
    """The text of an action or a menu without the marks of its access key."""
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def _without_marks(tip: str) -> str:
    """A tooltip as plain text."""
    return QTextDocumentFragment.fromHtml(tip).toPlainText() if tip.startswith("<") else tip


def keys_text(action: QAction) -> str:
    """All keys of an action as the system writes them: ``Ctrl+Z``, ``+ or =``; not those that few keyboards have."""
    usual = [keys for keys in action.shortcuts() if _first_key(keys) < Qt.Key.Key_Help]
    return " or ".join(keys.toString(NATIVE) for keys in usual)


def _first_key(keys: Any) -> int:
    """The code of the first key; PySide declares no way to it."""
    return int(keys[0].key())


def actions_of(menus: Iterable[QMenu], window: QWidget) -> Iterator[tuple[str, QAction]]:
    """Every action of ``menus`` and the menus in them, with its place; menus that are filled when they open are filled.

    A menu that cannot be opened now stands for what is in it.
    """
    # Not action.menu(): to PySide the menu that it gives belongs to the action's wrapper and goes with it.
    inner = {menu.menuAction(): menu for menu in window.findChildren(QMenu)}
    for menu in menus:
        yield from _actions_of(menu, inner, "")


def _actions_of(menu: QMenu, inner: dict[QAction, QMenu], place: str) -> Iterator[tuple[str, QAction]]:
    place = f"{place} ▸ {plain(menu.title())}" if place else plain(menu.title())
    menu.aboutToShow.emit()
    for action in menu.actions():
        if action.isSeparator() or not action.isVisible():
            continue
        if action in inner and action.isEnabled():
            yield from _actions_of(inner[action], inner, place)
        else:
            yield place, action


def menu_commands(menus: Iterable[QMenu], window: QWidget) -> list[Command]:
    """The commands of the menus of ``window``, in their order."""
    return [_of_action(place, action) for place, action in actions_of(menus, window)]


def _of_action(place: str, action: QAction) -> Command:
    tip = _without_marks(action.toolTip())
    return Command(
        title=plain(action.text()),
        place=place,
        tip=tip,
        do=action.trigger,
        keys=action.shortcut().toString(NATIVE),
        why_not="" if action.isEnabled() else tip,
        is_on=action.isChecked(),
    )


def dataset_commands(panel: DataPanel) -> list[Command]:
    """A command for every kind of data to learn from."""
    return [_of_dataset(panel, kind) for kind in Dataset.members().values()]


def _of_dataset(panel: DataPanel, kind: type[Any]) -> Command:
    title, used = kind.title(), panel.form is not None and type(panel.form.value) is kind
    pick = partial(panel.picker.picked.emit, kind)
    return Command(f"Learn from {title}", "Data", explanation(kind), pick, is_on=used)


def activation_commands(canvas: NetworkCanvas) -> list[Command]:
    """A command for every activation that the selected layer can have, and those that it cannot."""
    layer, edits = canvas.selected_layer, canvas.edits
    if layer >= 0 and not edits.has_activation(layer):
        why = "The selected layer passes on what it finds; it has no activation."
    else:
        why = NO_LAYER if layer < 0 else ""
    found = []
    for kind in Activation.members().values():
        refusal = why or edits.activation_refusal(layer, kind)
        used = not why and type(edits.activation(layer)) is kind

        def do(kind: type[Any] = kind, used: bool = used) -> None:
            if not used:
                edits.set_activation(layer, kind())

        found.append(Command(f"Activation {kind.title()}", "Network", explanation(kind), do, "", refusal, used))
    return found
