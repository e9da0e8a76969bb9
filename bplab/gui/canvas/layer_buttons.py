"""Small buttons that come up where the mouse is: − and + under a column, × in its corner, + between two."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from bplab.gui.theme import Theme

from .arrangement import FOOT, HEADER_GAP, Arrangement, Hit, Kind
from .camera import Camera
from .layer_edits import LayerEdits, Verb
from .tips import as_plain

SIDE, SMALL_SIDE = 22, 18
"""Edge of a button, in pixels."""


class RoundButton(QAbstractButton):
    """A disc with +, − or × that makes one edit of the layer it stands at."""

    def __init__(self, verb: Verb, sign: str, theme: Theme, parent: QWidget, side: int = SIDE) -> None:
        super().__init__(parent)
        self.verb, self.layer = verb, -1
        self._sign, self._theme = sign, theme
        self.setObjectName(verb.name.lower())
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys have the actions
        self.resize(side, side)
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Light up."""
        self.update()
        super().enterEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Disc and sign."""
        colours = self._theme.colours
        lit = self.isEnabled() and self.underMouse()
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(QColor(colours.accent if lit else colours.raised))
            painter.setPen(QPen(QColor(colours.accent if lit else colours.line), 1.0))
            painter.drawEllipse(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))
            sign = colours.line if not self.isEnabled() else colours.on_accent if lit else colours.text
            painter.setPen(QPen(QColor(sign), 1.5, c=Qt.PenCapStyle.RoundCap))
            painter.translate(QRectF(self.rect()).center())
            if self._sign == "×":
                painter.rotate(45)
            arm = 0.18 * self.width()
            painter.drawLine(QPointF(-arm, 0), QPointF(arm, 0))
            if self._sign != "−":
                painter.drawLine(QPointF(0, -arm), QPointF(0, arm))


class LayerButtons:
    """The four buttons of a network; :meth:`place` puts them where they belong."""

    def __init__(self, edits: LayerEdits, theme: Theme, parent: QWidget) -> None:
        self._edits = edits
        self._plus = RoundButton(Verb.ADD_NEURON, "+", theme, parent)
        self._minus = RoundButton(Verb.REMOVE_NEURON, "−", theme, parent)
        self._cross = RoundButton(Verb.REMOVE_LAYER, "×", theme, parent, SMALL_SIDE)
        self._insert = RoundButton(Verb.ADD_BEFORE, "+", theme, parent)
        self.all = (self._plus, self._minus, self._cross, self._insert)

    def place(self, arrangement: Arrangement, camera: Camera, under_mouse: Hit, selected: int) -> None:
        """Show the buttons of the column under the mouse, else of the selected one, and of the gap under the mouse."""
        in_gap = under_mouse.kind is Kind.GAP
        layer = under_mouse.layer if under_mouse.layer >= 0 and not in_gap else selected
        if layer >= 0:
            column = arrangement.column(layer)
            foot = QPointF(column.x, arrangement.bottom - 0.5 * FOOT)
            corner = QPointF(column.x + arrangement.half_mark(column) - 7.0, arrangement.above + 0.5 * SMALL_SIDE)
            self._show(self._minus, layer, camera.transform.map(foot) - QPointF(0.5 * SIDE + 1, 0))
            self._show(self._plus, layer, camera.transform.map(foot) + QPointF(0.5 * SIDE + 1, 0))
            self._show(self._cross, layer, camera.transform.map(corner))
        else:
            self._hide(self._minus, self._plus, self._cross)
        if in_gap:
            place = QPointF(arrangement.gap(under_mouse.layer).center().x(), arrangement.top + HEADER_GAP)
            self._show(self._insert, under_mouse.layer, camera.transform.map(place))
        else:
            self._hide(self._insert)

    def _show(self, button: RoundButton, layer: int, centre: QPointF) -> None:
        why = self._edits.refusal(button.verb, layer)
        label = self._edits.label(button.verb, layer)
        button.layer = layer
        button.setEnabled(not why)
        button.setAccessibleName(label)
        button.setToolTip(as_plain(why or label))
        button.move((centre - QPointF(0.5, 0.5) * button.width()).toPoint())
        button.show()

    @staticmethod
    def _hide(*buttons: RoundButton) -> None:
        for button in buttons:
            button.hide()
