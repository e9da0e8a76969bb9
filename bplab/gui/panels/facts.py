"""Facts: names and numbers in two columns, and bars for the neurons of a layer. Numbers change in place."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ..theme import GRID, Theme, tabular

MOST_BARS = 64


class Facts(QWidget):
    """Rows of a name and a number. The names are given once, with an explanation each."""

    def __init__(self, rows: dict[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: dict[str, QLabel] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID // 2)
        grid.setColumnStretch(0, 1)
        for row, (name, tip) in enumerate(rows.items()):
            label, number = QLabel(name), QLabel("–")
            label.setForegroundRole(QPalette.ColorRole.PlaceholderText)
            number.setFont(tabular(number.font()))
            number.setTextFormat(Qt.TextFormat.PlainText)
            number.setAccessibleName(name)
            for part in (label, number):
                part.setToolTip(tip)
            grid.addWidget(label, row, 0)
            grid.addWidget(number, row, 1, Qt.AlignmentFlag.AlignRight)
            self._numbers[name] = number

    def show_fact(self, name: str, text: str) -> None:
        """Show ``text`` beside ``name``."""
        label = self._numbers[name]
        if label.text() != text:
            label.setText(text)

    def text(self, name: str) -> str:
        """What stands beside ``name``."""
        return self._numbers[name].text()


class NeuronBars(QWidget):
    """One bar for each neuron of a layer, from 0 to 1; wide layers share bars, each the mean of its neurons."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._shares: Any = np.zeros(1)
        self._chosen = -1
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Saturation of each neuron")
        self.setToolTip("Share of the probe samples on which each neuron is saturated, first neuron at the left")
        theme.changed.connect(self.update)

    def show_shares(self, shares: Any, chosen: int = -1) -> None:
        """Shares ``(units,)``; ``chosen`` is the neuron to mark, −1 for none."""
        if len(shares) != len(self._shares) or chosen != self._chosen or (shares != self._shares).any():
            self._shares, self._chosen = np.array(shares), chosen
            self.update()

    def sizeHint(self) -> QSize:
        """Four grid steps high."""
        return QSize(24 * GRID, 4 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Bars on a hairline, coloured as saturation is everywhere."""
        painter, units = QPainter(self), len(self._shares)
        bars = min(units, MOST_BARS)
        edges = np.linspace(0, units, bars + 1).astype(int)
        means = np.add.reduceat(self._shares, edges[:-1]) / np.diff(edges)
        lut, width = self._theme.sequential(), min(3.0 * GRID, self.width() / bars)
        room = self.height() - 2
        for index, share in enumerate(means):
            gap = 1.0 if width > 3 else 0.0
            height = max(1.0, room * float(share))
            bar = QRectF(index * width, room - height, width - gap, height)
            painter.fillRect(bar, QColor(*(int(part) for part in lut[64 + int(share * 191)])))
            if edges[index] <= self._chosen < edges[index + 1]:
                painter.fillRect(QRectF(index * width, room, width - gap, 2), QColor(self._theme.colours.accent))
        painter.fillRect(QRectF(0, room, self.width(), 0.6), QColor(self._theme.colours.line))
