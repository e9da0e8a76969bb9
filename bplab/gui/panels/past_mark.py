"""Marks of the past: wherever the network is shown as it was, it is said after which update."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QObject, QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ..docks import Dock
from ..session import Session
from ..theme import GRID, Theme, tabular

SHOWING_NOW = ("Inspector", "Chain rule", "Activations", "Confusion", "Surface", "Layer numbers")
"""Panels that show the network on view."""


class PastMark(QWidget):
    """A few words in the accent colour, in the title of a panel; hidden while the run is seen as it is now."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self.text = ""
        self.setFont(tabular(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        theme.changed.connect(self.update)
        session.ticked.connect(self.follow)
        session.run_changed.connect(self.follow)
        session.draft_changed.connect(self.follow)
        self.follow()

    def follow(self) -> None:
        """Say of which update the network on view is."""
        text = self.words()
        if text == self.text:
            return
        self.text = text
        self.setAccessibleName(text)
        self.setVisible(bool(text))
        self.update()

    def words(self) -> str:
        """What is said; nothing while the run is seen as it is now."""
        past = self._session.past
        if past is None:
            return ""
        return f"{'fork at' if self._session.draft is not None else 'update'} {past.updates:,}"

    def sizeHint(self) -> QSize:
        """The words for the newest update: the title moves with none of them."""
        run, metrics = self._session.run, self.fontMetrics()
        widest = f"fork at {run.reached if run is not None else 0:,}"
        return QSize(metrics.horizontalAdvance(widest) + GRID, metrics.height())

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(0, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, cut where they have no room."""
        painter = QPainter(self)
        painter.setPen(QColor(self._theme.colours.accent))
        text = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


class CanvasMark(PastMark):
    """The same on a small card in a corner of the network."""

    def __init__(self, session: Session, theme: Theme, canvas: QWidget) -> None:
        self._canvas = canvas
        super().__init__(session, theme, canvas)
        canvas.installEventFilter(self)

    def follow(self) -> None:
        """Say it, in the corner."""
        super().follow()
        self._place()

    def words(self) -> str:
        """In full: here no title says what it is about."""
        past = self._session.past
        if past is None:
            return ""
        return f"{'fork' if self._session.draft is not None else 'past'}: update {past.updates:,}"

    def paintEvent(self, event: QPaintEvent) -> None:
        """A card with a line of accent, and the words."""
        colours, painter = self._theme.colours, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(colours.accent), 1.0))
        painter.setBrush(QColor(colours.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setPen(QColor(colours.text))
        room = self.rect().adjusted(GRID, 0, -GRID, 0)
        text = self.fontMetrics().elidedText(self.text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignCenter, text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The corner has moved."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _place(self) -> None:
        if not self.text:
            return
        canvas, metrics = self._canvas, self.fontMetrics()
        wide = min(canvas.width() - 2 * GRID, metrics.horizontalAdvance(self.text) + 3 * GRID)
        high = metrics.height() + GRID
        corner = QPoint(GRID, canvas.height() - high - GRID)
        self.setGeometry(corner.x(), corner.y(), max(0, wide), high)
        self.raise_()


def mark_docks(docks: Mapping[str, Dock], session: Session, theme: Theme) -> None:
    """Put a mark into the title of every panel that shows the network on view."""
    for name in SHOWING_NOW:
        if name in docks:
            row = docks[name].titleBarWidget().layout()
            assert isinstance(row, QHBoxLayout)
            row.insertWidget(1, PastMark(session, theme))
