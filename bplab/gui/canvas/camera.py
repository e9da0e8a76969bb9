"""The camera: which part of the drawing a window shows, and how large."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QTransform

LARGEST = 16.0
"""So near the 512 neurons of a layer can be told apart."""


class Camera:
    """Scale (1 = as arranged, never less, so that no text gets too small) and offset of the window in the drawing."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.offset = QPointF()
        self._window, self._content = QSizeF(1, 1), QSizeF(1, 1)

    def set_sizes(self, window: QSizeF, content: QSizeF) -> None:
        """The window's size and the drawing's; both in pixels."""
        self._window, self._content = window, content
        self._keep_inside()

    @property
    def can_pan(self) -> bool:
        """True if the drawing reaches beyond the window."""
        content = self._content * self.scale
        return content.width() > self._window.width() + 0.5 or content.height() > self._window.height() + 0.5

    @property
    def transform(self) -> QTransform:
        """From drawing to window."""
        return QTransform(self.scale, 0, 0, self.scale, -self.offset.x(), -self.offset.y())

    @property
    def hidden(self) -> tuple[bool, bool]:
        """True where the drawing goes on beyond the window's left and right edge."""
        most = self._content.width() * self.scale - self._window.width()
        return self.offset.x() > 0.5, self.offset.x() < most - 0.5

    def to_content(self, point: QPointF) -> QPointF:
        """From window to drawing."""
        return (point + self.offset) * (1.0 / self.scale)

    def zoom(self, factor: float, about: QPointF) -> bool:
        """Scale, the drawing staying where it is under ``about``; True if anything changed."""
        scale = min(max(self.scale * factor, 1.0), LARGEST)
        if scale == self.scale:
            return False
        fixed = self.to_content(about)
        self.scale = scale
        self.offset = fixed * scale - about
        self._keep_inside()
        return True

    def pan(self, by: QPointF) -> bool:
        """Move the drawing by so many pixels of the window; True if it moved."""
        before = QPointF(self.offset)
        self.offset = self.offset - by
        self._keep_inside()
        return self.offset != before

    def fit(self) -> None:
        """Back to the first view."""
        self.scale, self.offset = 1.0, QPointF()

    def bring_into_view(self, part: QRectF) -> bool:
        """Pan sideways until ``part`` of the drawing is seen; True if that was needed."""
        left, right = part.left() * self.scale, part.right() * self.scale
        if left < self.offset.x():
            return self.pan(QPointF(self.offset.x() - left, 0))
        if right > self.offset.x() + self._window.width():
            return self.pan(QPointF(self.offset.x() + self._window.width() - right, 0))
        return False

    def _keep_inside(self) -> None:
        most_x = max(self._content.width() * self.scale - self._window.width(), 0.0)
        most_y = max(self._content.height() * self.scale - self._window.height(), 0.0)
        self.offset = QPointF(min(max(self.offset.x(), 0.0), most_x), min(max(self.offset.y(), 0.0), most_y))
