"""Notices: sentences that appear above the network and ask for nothing. The newest that still holds is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolButton, QWidget

from .icons import icon, paint_icon
from .theme import GRID, Theme

PASSING_MS = 9_000


@dataclass(frozen=True)
class Offer:
    """Something that can be done about a notice: a button's text, its explanation and what it calls."""

    text: str
    tip: str
    do: Callable[[], object]


@dataclass(frozen=True)
class _Notice:
    topic: str
    text: str
    offers: tuple[Offer, ...]
    warns: bool
    passing: bool


def as_sentence(text: str) -> str:
    """With a capital letter, unless it begins with the name of a file or a setting, and a full stop."""
    if text.partition(" ")[0].isalpha():
        text = text[:1].upper() + text[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


class NoticeBar(QFrame):
    """One line at the top of the window's middle; hidden when there is nothing to say.

    A notice has a ``topic``: another one of the same topic replaces it, and whoever said it takes it back with
    :meth:`clear`. Passing notices go by themselves, and what they covered is there again.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._offers: list[QPushButton] = []
        self._notices: list[_Notice] = []
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.setAccessibleName("Close this notice")
        self._close.setToolTip("Close this notice")
        self._close.clicked.connect(self._on_over)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(5 * GRID, GRID, GRID, GRID)
        self._row.setSpacing(GRID)
        self._row.addWidget(self.text)
        self._row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_over)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    @property
    def topic(self) -> str:
        """What is being spoken of; empty if nothing is."""
        return self._notices[-1].topic if self._notices else ""

    def say(self, topic: str, sentence: str, *offers: Offer, warns: bool = False, passing: bool = False) -> None:
        """Show ``sentence``, with a button for each offer."""
        kept = [notice for notice in self._notices if not notice.passing and notice.topic != topic]
        self._notices = [*kept, _Notice(topic, as_sentence(sentence), offers, warns, passing)]
        self._show_newest()

    def clear(self, topic: str) -> None:
        """Say nothing about ``topic`` any more."""
        kept = [notice for notice in self._notices if notice.topic != topic]
        if kept != self._notices:
            self._notices = kept
            self._show_newest()

    def _show_newest(self) -> None:
        self._timer.stop()
        self._remove_offers()
        self.setVisible(bool(self._notices))
        if not self._notices:
            return
        notice = self._notices[-1]
        self.text.setText(notice.text)
        self.setAccessibleName(notice.text)
        for offer in notice.offers:
            self._add_offer(offer)
        if notice.passing:
            self._timer.start(PASSING_MS)
        self.update()

    def sizeHint(self) -> QSize:
        """At least five grid steps high."""
        return super().sizeHint().expandedTo(QSize(0, 5 * GRID))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A tint of the ground, and an icon in the colour of what is said."""
        colours = self._theme.colours
        warns = bool(self._notices) and self._notices[-1].warns
        strong = QColor(colours.warning if warns else colours.accent)
        tint = QColor(strong)
        tint.setAlphaF(0.12)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.panel))
        painter.fillRect(self.rect(), tint)
        middle = QRectF(2 * GRID, self.height() / 2 - GRID, 2 * GRID, 2 * GRID)
        paint_icon(painter, "warning" if warns else "note", middle, strong)

    def _add_offer(self, offer: Offer) -> None:
        button = QPushButton(offer.text)
        button.setAccessibleName(offer.text)
        button.setToolTip(offer.tip)

        def on_clicked() -> None:
            self.clear(self.topic)
            offer.do()

        button.clicked.connect(on_clicked)
        self._row.insertWidget(1 + len(self._offers), button)
        self._offers.append(button)

    def _remove_offers(self) -> None:
        for button in self._offers:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._offers = []

    def _on_over(self) -> None:
        self.clear(self.topic)

    def _on_theme_changed(self) -> None:
        self._close.setIcon(icon("close"))
        self.update()
