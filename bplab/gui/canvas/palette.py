"""The palette: a quiet strip of the kinds of layers, dragged into the network or clicked to be put in.

Behind them stand the parts that are put on a layer: normalization and dropout.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QToolButton, QWidget

from bplab.engine import Layer
from bplab.gui.theme import Theme

from ..actions import make_action
from ..forms import explanation
from .gestures import Gesture
from .layer_edits import LayerEdits
from .layer_parts import PARTS, LayerPart
from .network_view import NetworkView
from .tips import as_plain

HINT = "Drag it between two layers, or click to add it behind the selected one."
PART_HINT = "Drag it onto a layer, or click to give it to the selected one."
NO_LAYER = "Select a layer first, or drag {0} onto one."
Taken = type[Any] | LayerPart
SIDE, BETWEEN, APART = 8, 2, 12
"""Pixels beside the row, between two buttons, and between kinds and parts."""


class KindButton(QToolButton):
    """A kind of layer or a part of one. ``taken`` comes with a click; a drag becomes a gesture of the view."""

    taken = Signal(object)

    def __init__(self, kind: Taken, view: NetworkView, begins: Callable[[Taken], Gesture | None]) -> None:
        super().__init__()
        self.kind, self._view, self._begins = kind, view, begins
        self._press: QPointF | None = None
        title = kind.title()
        self.setText(title[:1].upper() + title[1:])
        if isinstance(kind, LayerPart):
            self.setObjectName(f"palette_{kind.field}")
            self.setAccessibleName(f"Add {title}")
            self._tip = f"{kind.tip}<p>{PART_HINT}</p>"
        else:
            self.setObjectName(f"palette_{kind.__struct_config__.tag}")
            self.setAccessibleName(f"Add {title} layer")
            self._tip = f"{explanation(kind)}<p>{HINT}</p>"
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(self._on_clicked)

    def offer(self, refusal: str) -> None:
        """Let it be taken, or say why it has no place in this network."""
        self.setEnabled(not refusal)
        self.setToolTip(as_plain(refusal) if refusal else self._tip)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The beginning of a click or of a drag; another button gives a drag up."""
        if self._view.gesture is not None:
            self._view.cancel_gesture()
        elif event.button() == Qt.MouseButton.LeftButton:
            self._press = event.position()
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Past the start of a drag the kind goes with the mouse into the view."""
        if self._view.gesture is not None:
            self._view.move_gesture(self._in_view(event))
        elif self._press is not None:
            far = (event.position() - self._press).manhattanLength() >= QApplication.startDragDistance()
            gesture = self._begins(self.kind) if far else None
            if gesture is not None:
                self._press = None
                self.setDown(False)
                self._view.begin_gesture(gesture, self._in_view(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop it, or click."""
        dragged, self._press = self._press is None, None
        if dragged:
            self.setDown(False)
            self._view.end_gesture(self._in_view(event))
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes it as Space does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def _in_view(self, event: QMouseEvent) -> QPointF:
        return self._view.mapFromGlobal(event.globalPosition())

    def _on_clicked(self) -> None:
        self.taken.emit(self.kind)


class LayerPalette(QWidget):
    """All kinds in a row; :meth:`offer` greys those that no gap of the network can take."""

    def __init__(
        self, edits: LayerEdits, view: NetworkView, theme: Theme,
        begins: Callable[[Taken], Gesture | None], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._edits, self._theme, self._behind = edits, theme, -1
        self.setObjectName("palette")
        row = QHBoxLayout(self)
        row.setContentsMargins(SIDE, 3, SIDE, 3)
        row.setSpacing(BETWEEN)
        self.buttons = [KindButton(kind, view, begins) for kind in Layer.members().values()]
        for button in self.buttons:
            button.taken.connect(self._on_taken)
            row.addWidget(button)
        row.addSpacing(APART)
        self.part_buttons = [KindButton(part, view, begins) for part in PARTS]
        for button in self.part_buttons:
            button.taken.connect(self._on_part_taken)
            row.addWidget(button)
        row.addStretch(1)
        self.action = make_action(self, "Layer palette", "Kinds of layers above the network, to be dragged into it")
        self.action.setCheckable(True)
        self.action.setChecked(True)
        self.action.toggled.connect(self.setVisible)
        theme.changed.connect(self._on_theme_changed)
        self.follow(-1)

    def follow(self, layer: int) -> None:
        """Take the selected layer (−1 for none), behind which a click adds; and the network as it is now."""
        self._behind = layer
        refusals = self._edits.places_for_kinds()
        for button, kind in zip(self.buttons, Layer.members().values(), strict=True):
            button.offer(refusals[kind])
        for button, part in zip(self.part_buttons, PARTS, strict=True):
            button.offer(self._edits.part_refusal(part))
        self._show_what_fits()

    def minimumSizeHint(self) -> QSize:
        """Any width: a narrow window, or large type, has room for some of them only."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many as there is room for now."""
        super().resizeEvent(event)
        self._show_what_fits()

    def _show_what_fits(self) -> None:
        """Those that cannot be taken are the first to go."""
        room = self.width() - 2 * SIDE - APART
        for button in sorted((*self.buttons, *self.part_buttons), key=lambda button: not button.isEnabled()):
            room -= button.sizeHint().width() + BETWEEN
            button.setVisible(room >= 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The ground of the drawing, and a thin line below."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), QColor(self._theme.colours.ground))
            painter.setPen(QPen(QColor(self._theme.colours.line), 1.0))
            painter.drawLine(self.rect().bottomLeft(), self.rect().bottomRight())

    def _on_theme_changed(self) -> None:
        self.follow(self._behind)
        self.update()

    def _on_part_taken(self, part: LayerPart) -> None:
        if self._behind >= 0:
            self._edits.put_on(self._behind, part)
        else:
            self._edits.refuse(NO_LAYER.format(part.name))

    def _on_taken(self, kind: type[Any]) -> None:
        self._edits.add(self._edits.gap_after(self._behind), kind)
