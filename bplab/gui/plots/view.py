"""The drawing area of a live plot: a graphics view, and panes that pan and zoom with one hand and no menus."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QGraphicsScene, QWidget


class DrawingView(pg.GraphicsLayoutWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Says where the mouse is, that it has left, and that it was double-clicked; the menu is the plot's own."""

    hovered = Signal(QPointF)
    """The mouse is at this point of the scene."""
    left = Signal()
    whole_asked = Signal()
    """A double click: show everything again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setMinimumSize(0, 0)
        # An index of items whose rectangles follow the view keeps pointers to those that have gone.
        self.scene().setItemIndexMethod(QGraphicsScene.ItemIndexMethod.NoIndex)
        self.ci.setSpacing(0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell where the mouse is."""
        super().mouseMoveEvent(event)
        self.hovered.emit(self.mapToScene(event.position().toPoint()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Ask for the whole."""
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.whole_asked.emit()

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that it is nowhere any more."""
        super().leaveEvent(event)
        self.left.emit()


class Pane(pg.ViewBox):  # type: ignore[misc]  # pyqtgraph has no types
    """A rectangle of curves. The left button pans, the wheel zooms; there is no menu here."""

    clicked = Signal(QPointF)
    """The left button was pressed and let go at this point of the scene, here or on an axis."""

    def __init__(self, zoom_x: bool = False, zoom_y: bool = False, invert_y: bool = False) -> None:
        super().__init__(enableMenu=False, invertY=invert_y, defaultPadding=0.0)
        self.disableAutoRange()
        self.setMouseEnabled(zoom_x, zoom_y)

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        """Pan with the left button only; the right one is for the menu."""
        if event.button() == Qt.MouseButton.LeftButton and any(self.mouseEnabled()):
            super().mouseDragEvent(event, axis)
        else:
            event.ignore()

    def mouseClickEvent(self, event: Any) -> None:
        """Tell of a single click; the second one of a double click means something else."""
        if event.button() == Qt.MouseButton.LeftButton and not event.double():
            event.accept()
            self.clicked.emit(event.scenePos())

    def keyPressEvent(self, event: Any) -> None:
        """Keys belong to the window."""
        event.ignore()

    def set_ranges(self, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Show these ranges; ranges that are shown already cost nothing."""
        (x_now, y_now) = self.viewRange()
        if x is not None and x != tuple(x_now):
            self.setXRange(*x, padding=0.0)
        if y is not None and y != tuple(y_now):
            self.setYRange(*y, padding=0.0)
