"""The line below the network in step mode: what its colours stand for, and the keys that lead along the film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from bplab.gui.theme import Theme

from .images import image_of
from .legend import BAR_HEIGHT, BAR_WIDTH, GAP, GROUP, shortest
from .look import Look

KEYS = (("Space →", "next phase"), ("←", "back"), ("Esc", "leave"))
LAST_KEYS = (("Space →", "make this update"), *KEYS[1:])
EDGE = 8.0


@dataclass(frozen=True, slots=True)
class Scale:
    """A symbol, and what stands at the end of its colour map; ``signed`` maps run from minus that."""

    symbol: str
    end: float
    signed: bool


class FilmLegend(QWidget):
    """Scales at the left as far as there is room, keys at the right, the most important first."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._scales: Sequence[Scale] = ()
        self._keys = KEYS
        self._look = Look(theme, self.font(), 1)
        self.setObjectName("film_legend")
        self.setAccessibleName("Legend and keys of the film")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._dress)

    def show_scales(self, scales: Sequence[Scale], at_end: bool) -> None:
        """The scales of a scene; ``at_end`` says that the next key makes the update."""
        self._scales, self._keys = scales, LAST_KEYS if at_end else KEYS
        told = ", ".join(f"{scale.symbol} {' to '.join(_ends(scale))}" for scale in scales)
        keys = "; ".join(f"{key.replace(' ', ' or ')}: {what}" for key, what in self._keys)
        self.setAccessibleDescription(f"Colours: {told}. Keys: {keys}.")
        self.setToolTip(f"Colours: {told}\n{keys}")
        self.update()

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(360, math.ceil(self._look.small_metrics.height()) + 10)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._dress()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Keys have the room first."""
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.ground)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            right = self._paint_keys(painter)
            x = EDGE
            for scale in self._scales:
                if x + self._scale_width(scale) > right - GROUP:
                    break
                x = self._paint_scale(painter, x, scale) + GROUP

    def _paint_keys(self, painter: QPainter) -> float:
        """At the right as many as fit; where they begin."""
        look = self._look
        bold, plain = look.name_metrics.horizontalAdvance, look.small_metrics.horizontalAdvance
        wides = [bold(key) + GAP + plain(what) for key, what in self._keys]
        shown = len(wides)
        while shown > 1 and sum(wides[:shown]) + GROUP * (shown - 1) > self.width() - 2 * EDGE:
            shown -= 1
        x = begin = self.width() - EDGE - sum(wides[:shown]) - GROUP * (shown - 1)
        base = 0.5 * (self.height() + look.small_metrics.capHeight())
        for (key, what), wide in zip(self._keys[:shown], wides, strict=False):
            painter.setFont(look.name_font)
            painter.setPen(look.accent)
            painter.drawText(QPointF(x, base), key)
            painter.setFont(look.small_font)
            painter.setPen(look.text)
            painter.drawText(QPointF(x + bold(key) + GAP, base), what)
            x += wide + GROUP
        return begin

    def _scale_width(self, scale: Scale) -> float:
        advance = self._look.small_metrics.horizontalAdvance
        return sum(advance(text) for text in (scale.symbol, *_ends(scale))) + BAR_WIDTH + 3 * GAP

    def _paint_scale(self, painter: QPainter, x: float, scale: Scale) -> float:
        low, high = _ends(scale)
        painter.setFont(self._look.small_font)
        x = self._text(painter, self._text(painter, x, scale.symbol) + GAP, low) + GAP
        bar = QRectF(x, 0.5 * (self.height() - BAR_HEIGHT), BAR_WIDTH, BAR_HEIGHT)
        colours = self._look.diverging if scale.signed else self._look.sequential
        painter.drawImage(bar, image_of(colours[None, :]))
        return self._text(painter, bar.right() + GAP, high)

    def _text(self, painter: QPainter, x: float, text: str) -> float:
        metrics = self._look.small_metrics
        painter.setPen(self._look.quiet)
        painter.drawText(QPointF(x, 0.5 * (self.height() + metrics.capHeight())), text)
        return x + metrics.horizontalAdvance(text)

    def _dress(self) -> None:
        self._look = Look(self._theme, self.font(), 1)
        self.updateGeometry()
        self.update()


def _ends(scale: Scale) -> tuple[str, str]:
    """What stands at the two ends."""
    end = shortest(scale.end)
    return (f"−{end}" if scale.signed else "0"), end
