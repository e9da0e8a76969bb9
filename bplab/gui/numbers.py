"""Numbers as people read and type them: short texts, limits that explain themselves, a field for any finite number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QPalette
from PySide6.QtWidgets import QLineEdit, QWidget

from .theme import tabular


def number_text(value: float) -> str:
    """The shortest text that reads back as ``value``: ``0.03``, ``1e-08``, ``250``."""
    if value == 0 or 1e-5 <= abs(value) < 1e7:
        return np.format_float_positional(value, trim="-")
    return np.format_float_scientific(value, trim="-")


def short_text(value: float | None) -> str:
    """Three significant digits for showing, an en dash where there is no number."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e4:
        return np.format_float_positional(value, precision=3, fractional=False, trim="-")
    mantissa, _, exponent = f"{value:.2e}".partition("e")
    return f"{mantissa}e{int(exponent)}"


def percent_text(share: float | None) -> str:
    """A share as per cent, ``97.2 %``; an en dash where there is none."""
    if share is None or not math.isfinite(share):
        return "–"
    return f"{100 * share:.3g} %"


def duration_text(seconds: float) -> str:
    """A time to wait, as coarse as it is uncertain: ``8 s``, ``2 min 10 s``, ``3 h 5 min``."""
    whole = max(1, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60 // 10 * 10} s"
    if whole < 100 * 3600:
        return f"{whole // 3600} h {whole % 3600 // 60} min"
    return f"{whole // 86_400} days"


@dataclass(frozen=True)
class Limits:
    """Where a number may lie; ``above`` and ``below`` exclude the bound itself."""

    at_least: float | None = None
    above: float | None = None
    at_most: float | None = None
    below: float | None = None

    def refusal(self, value: float) -> str:
        """Why ``value`` cannot be taken; empty if it can."""
        if not math.isfinite(value):
            return "it must be a finite number"
        if self.at_least is not None and value < self.at_least:
            return f"it must be at least {number_text(self.at_least)}"
        if self.above is not None and value <= self.above:
            return f"it must be above {number_text(self.above)}"
        if self.at_most is not None and value > self.at_most:
            return f"it must be at most {number_text(self.at_most)}"
        if self.below is not None and value >= self.below:
            return f"it must be below {number_text(self.below)}"
        return ""

    def text(self) -> str:
        """The limits for a tooltip, e.g. ``0 ≤ value < 1``; empty if there are none."""
        low, high = "", ""
        if self.at_least is not None:
            low = f"{number_text(self.at_least)} ≤ "
        elif self.above is not None:
            low = f"{number_text(self.above)} < "
        if self.at_most is not None:
            high = f" ≤ {number_text(self.at_most)}"
        elif self.below is not None:
            high = f" < {number_text(self.below)}"
        return f"{low}value{high}" if low or high else ""


class NumberField(QLineEdit):
    """A line that takes a number however it is written (``0.03``, ``3e-2``, ``,03``) and holds it to its limits.

    ``number_changed`` comes with Enter, with leaving the field and with the arrow keys. What cannot be taken is
    coloured while it is typed; on Enter the old number comes back and ``refused`` says why. Escape takes back.
    """

    number_changed = Signal(float)
    refused = Signal(str)

    def __init__(self, limits: Limits = Limits(), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.limits = limits
        self._number = 0.0
        self.setFont(tabular(self.font()))
        self.setText(number_text(self._number))
        self.textEdited.connect(self._on_text_edited)
        self.editingFinished.connect(self.take)

    @property
    def number(self) -> float:
        """The number last taken or shown."""
        return self._number

    def show_number(self, number: float) -> None:
        """Show ``number`` without telling anyone; text that is being typed goes."""
        self._number = number
        if self.text() != number_text(number):
            self.setText(number_text(number))
        self._colour(bad=False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys change the second digit; Escape brings the number back."""
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._nudge(1 if key == Qt.Key.Key_Up else -1)
        elif key == Qt.Key.Key_Escape and self.text() != number_text(self._number):
            self.show_number(self._number)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Arriving by keyboard selects the number, ready to be replaced."""
        super().focusInEvent(event)
        if event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason):
            self.selectAll()

    def take(self) -> None:
        """Make what is typed the number, as Enter does; what cannot be taken is refused and the old number is back."""
        typed = self._typed()
        if self.text() == number_text(self._number):
            return
        why = self.limits.refusal(typed)
        if why:
            said = self.text().strip()
            self.show_number(self._number)
            name = self.accessibleName() or "this number"
            self.refused.emit(f"{name}: {said!r} cannot be used, {why}" if said else f"{name}: {why}")
            return
        changed = typed != self._number
        self.show_number(typed)
        if changed:
            self.number_changed.emit(typed)

    def _typed(self) -> float:
        text = self.text().strip().replace("−", "-").replace(" ", "")
        if text.count(",") == 1 and "." not in text:
            text = text.replace(",", ".")
        try:
            return float(text)
        except ValueError:
            return math.nan

    def _on_text_edited(self) -> None:
        self._colour(bad=bool(self.limits.refusal(self._typed())))

    def _nudge(self, direction: int) -> None:
        number = self._typed() if not self.limits.refusal(self._typed()) else self._number
        power = math.floor(math.log10(abs(number))) if number else -1
        moved = float(f"{number + direction * 10.0 ** (power - 1):.12g}")
        if not self.limits.refusal(moved):
            self.show_number(moved)
            self.number_changed.emit(moved)

    def _colour(self, bad: bool) -> None:
        palette = QPalette()  # empty: everything comes from the application's again
        if bad:
            palette.setColor(QPalette.ColorRole.Text, self.palette().color(QPalette.ColorRole.BrightText))
        self.setPalette(palette)
