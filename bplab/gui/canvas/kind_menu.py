"""A menu of the kinds of layers: to add one, or to change one; kinds that cannot stand there say why."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from ..forms import explanation
from .layer_edits import LayerEdits
from .tips import as_plain


class KindMenu(QMenu):
    """Filled by :meth:`offer_additions` or :meth:`offer_changes` when it opens."""

    def __init__(self, title: str, edits: LayerEdits, parent: QWidget) -> None:
        super().__init__(title, parent)
        self._edits, self._place, self._adds = edits, -1, True
        self.setToolTipsVisible(True)
        self.triggered.connect(self._on_triggered)

    def offer_additions(self, gap: int) -> None:
        """What can be put into a gap."""
        self._adds, self._place = True, gap
        self._fill(self._edits.addition_refusals(gap), None)

    def offer_changes(self, layer: int) -> None:
        """What a layer can become."""
        self._adds, self._place = False, layer
        self._fill(self._edits.kind_refusals(layer), self._edits.kind(layer))

    def _fill(self, refusals: dict[type[Any], str], present: type[Any] | None) -> None:
        self.clear()
        for kind, refusal in refusals.items():
            title = kind.title()
            action = QAction(title[:1].upper() + title[1:], self)
            action.setData(kind)
            action.setEnabled(not refusal)
            action.setToolTip(as_plain(refusal or explanation(kind)))
            action.setCheckable(present is not None)
            action.setChecked(kind is present)
            self.addAction(action)

    def _on_triggered(self, action: QAction) -> None:
        if self._adds:
            self._edits.add(self._place, action.data())
        else:
            self._edits.set_kind(self._place, action.data())
