"""Files dropped on the data panel: what is welcome there, and the sheet over the panel that says so."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QWidget

from bplab.data import is_data_file

from ..theme import GRID, Theme


def data_file_in(mime: QMimeData) -> Path | None:
    """The one file of data that is dragged; None for anything else, which is for the window to take or not."""
    urls = mime.urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    return path if path is not None and is_data_file(path) else None


class Welcome(QLabel):
    """Lies over the part of the panel that is seen, while a file is above it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme, self._panel = theme, parent
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMargin(3 * GRID)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def greet(self, path: Path) -> None:
        """Say what dropping the file does."""
        self.setText(f"Drop to learn from\n{path.name}")
        seen = self._panel.visibleRegion().boundingRect()
        self.setGeometry(self._panel.rect() if seen.isEmpty() else seen)
        self.raise_()
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil with a frame, so that the panel is still known."""
        ground = QColor(self._theme.colours.panel)
        ground.setAlphaF(0.92)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), ground)
            painter.setPen(QPen(QColor(self._theme.colours.accent), 2, Qt.PenStyle.DashLine))
            edge = QRectF(self.rect()).adjusted(GRID, GRID, -GRID, -GRID)
            painter.drawRoundedRect(edge, GRID, GRID)
        super().paintEvent(event)
