"""An overlay: what a mode of the window draws over the network for as long as it is on."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtGui import QPainter, QTransform

from .arrangement import Hit
from .network_painter import NetworkPainter


class Overlay(Protocol):
    """Drawn by a :class:`NetworkView` on top of everything; in its place it answers for what is under the mouse."""

    def paint(self, painter: QPainter, transform: QTransform, network: NetworkPainter) -> None:
        """Draw in pixels of the window; ``transform`` leads there from the places of the arrangement."""

    def tip(self, hit: Hit) -> str:
        """The tooltip of what is under the mouse, as plain text."""
