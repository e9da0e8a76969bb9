"""Editors: one small widget for each kind of value that a setting can hold.

Every editor shows a value with ``show_value``, tells of a new one with ``edited``, says ``released`` when a drag
ends and ``refused`` with a sentence when what was typed cannot be used. It names its controls for screen readers.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QIcon, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLineEdit,
    QSizePolicy,
    QSlider,
    QStyleOptionComboBox,
    QWidget,
)

from .numbers import Limits, NumberField, number_text
from .theme import GRID, tabular
from .type_size import size_with_type

SLIDER_STEPS = 100
FIELD_HEIGHT = 26
"""Fields, spin boxes and combo boxes side by side are of one height."""


class Editor(QWidget):
    """Base of the editors. ``merges`` is True where following edits belong to one undo step."""

    edited = Signal(object)
    released = Signal()
    refused = Signal(str)
    merges = False
    labelled = True
    """False where the control carries its label itself."""
    wide = False
    """True where the label stands above and the controls take the whole width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GRID)

    def show_value(self, value: Any) -> None:
        """Show ``value`` without telling anyone."""
        raise NotImplementedError

    def controls(self) -> list[QWidget]:
        """The widgets that take the keyboard, in tab order."""
        raise NotImplementedError

    def describe(self, name: str, tip: str) -> None:
        """Name and explain every control."""
        for control in self.controls():
            control.setAccessibleName(name)
            control.setToolTip(tip)

    def _add(self, control: QWidget, stretch: int = 1) -> None:
        self._row.addWidget(control, stretch)


class WheelPasses:
    """Mixin: turning the wheel over a panel scrolls the panel, and changes no setting that is passed on the way."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Only what has the focus takes the wheel."""
        if self.hasFocus():  # type: ignore[attr-defined]  # the widget beside this class
            super().wheelEvent(event)  # type: ignore[misc]
        else:
            event.ignore()


class SpinBox(WheelPasses, QDoubleSpinBox):
    """A spin box for whole numbers up to 2⁵³, which a ``QSpinBox`` cannot hold."""

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(0)
        self.setRange(low, high)
        self.setKeyboardTracking(False)
        self.setFont(tabular(self.font()))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        size_with_type(self, least_width=8 * GRID, height=FIELD_HEIGHT)


class ComboBox(WheelPasses, QComboBox):
    """A combo box that may be narrower than its items; pictures of items are seen in the open list only."""

    opening = Signal()
    """The list is about to be shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        size_with_type(self, height=FIELD_HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def showPopup(self) -> None:
        """As wide as its widest item."""
        self.opening.emit()
        bar = self.view().verticalScrollBar().sizeHint().width()
        self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + bar)
        super().showPopup()

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:
        """Without the picture."""
        super().initStyleOption(option)
        option.currentIcon = QIcon()


class Slider(WheelPasses, QSlider):
    """A horizontal slider."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)


class IntegerEditor(Editor):
    """A whole number between two limits."""

    merges = True

    def __init__(self, low: int, high: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = SpinBox(low, high)
        self._add(self.box)
        self.box.valueChanged.connect(self._on_value_changed)
        self.box.editingFinished.connect(self.released)

    def set_limits(self, low: int, high: int) -> None:
        """Other limits; the number shown is taken into them without telling anyone."""
        with QSignalBlocker(self.box):
            self.box.setRange(low, high)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self.box):
            self.box.setValue(value)

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_value_changed(self, value: float) -> None:
        self.edited.emit(int(value))


class OptionalIntegerEditor(Editor):
    """A whole number between two limits, or below them ``nothing`` for None."""

    merges = True

    def __init__(self, low: int, high: int, nothing: str = "automatic", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = SpinBox(low - 1, high)
        self.box.setSpecialValueText(nothing)
        self._nothing = low - 1
        self._add(self.box)
        self.box.valueChanged.connect(self._on_value_changed)
        self.box.editingFinished.connect(self.released)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self.box):
            self.box.setValue(self._nothing if value is None else value)

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_value_changed(self, value: float) -> None:
        self.edited.emit(int(value) if value > self._nothing else None)


class NumberEditor(Editor):
    """Any finite number between its limits."""

    merges = True

    def __init__(self, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = NumberField(limits)
        size_with_type(self.field, height=FIELD_HEIGHT)
        self._add(self.field)
        self.field.number_changed.connect(self._on_number_changed)
        self.field.refused.connect(self.refused)
        self.field.editingFinished.connect(self.released)

    def show_value(self, value: Any) -> None:
        self.field.show_number(float(value))

    def controls(self) -> list[QWidget]:
        return [self.field]

    def describe(self, name: str, tip: str) -> None:
        super().describe(name, "\n".join(filter(None, (tip, self.field.limits.text()))))

    def _on_number_changed(self, value: float) -> None:
        self.edited.emit(value)


class SliderEditor(Editor):
    """A number between two bounds: a slider to play with, a field to be exact."""

    merges = True

    def __init__(self, limits: Limits, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._low, self._high = low, high
        self.slider = Slider()
        self.slider.setRange(0, SLIDER_STEPS - (limits.below is not None))
        self.slider.setPageStep(SLIDER_STEPS // 10)
        self.field = NumberField(limits)
        size_with_type(self.field, width=7 * GRID, height=FIELD_HEIGHT)
        self._add(self.slider)
        self._add(self.field, 0)
        self.slider.valueChanged.connect(self._on_slid)
        self.slider.sliderReleased.connect(self.released)
        self.field.number_changed.connect(self._on_typed)
        self.field.refused.connect(self.refused)
        self.field.editingFinished.connect(self.released)

    def show_value(self, value: Any) -> None:
        self.field.show_number(float(value))
        self._place_slider(float(value))

    def controls(self) -> list[QWidget]:
        return [self.slider, self.field]

    def describe(self, name: str, tip: str) -> None:
        super().describe(name, "\n".join(filter(None, (tip, self.field.limits.text()))))
        self.slider.setAccessibleName(f"{name} slider")

    def _place_slider(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(round((value - self._low) / (self._high - self._low) * SLIDER_STEPS))

    def _on_slid(self, place: int) -> None:
        value = round(self._low + (self._high - self._low) * place / SLIDER_STEPS, 6)
        self.field.show_number(value)
        self.edited.emit(value)

    def _on_typed(self, value: float) -> None:
        self._place_slider(value)
        self.edited.emit(value)


class CheckEditor(Editor):
    """Yes or no; the label stands beside the box."""

    labelled = False

    def __init__(self, label: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.box = QCheckBox(label)
        self._add(self.box)
        self.box.toggled.connect(self._on_toggled)

    def show_value(self, value: Any) -> None:
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_toggled(self, checked: bool) -> None:
        self.edited.emit(checked)


class PickEditor(Editor):
    """One of a few named values."""

    def __init__(self, values: Sequence[Any], texts: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values = list(values)
        self.box = ComboBox()
        self.box.addItems(list(texts))
        self._add(self.box)
        self.box.activated.connect(self._on_activated)

    def show_value(self, value: Any) -> None:
        self.box.setCurrentIndex(self._values.index(value))

    def controls(self) -> list[QWidget]:
        return [self.box]

    def _on_activated(self, index: int) -> None:
        self.edited.emit(self._values[index])


class TextEditor(Editor):
    """A line of text; with ``numbers``, a whole number typed into it is taken as one."""

    def __init__(self, longest: int | None = None, numbers: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers = numbers
        self._shown: Any = None
        self.field = QLineEdit()
        size_with_type(self.field, height=FIELD_HEIGHT)
        if longest is not None:
            self.field.setMaxLength(longest)
        self._add(self.field)
        self.field.editingFinished.connect(self._on_finished)

    def show_value(self, value: Any) -> None:
        self._shown = value
        if self.field.text() != str(value):
            self.field.setText(str(value))
            self.field.setCursorPosition(0)

    def controls(self) -> list[QWidget]:
        return [self.field]

    def _on_finished(self) -> None:
        value: Any = self.field.text().strip()
        if self._numbers:
            with contextlib.suppress(ValueError):
                value = int(value.replace("−", "-"))
        if value != self._shown:
            self._shown = value
            self.edited.emit(value)


class TableEditor(Editor):
    """A table of numbers in one line, ``1, 2; 3, 4`` for two rows; nothing for no rows."""

    def __init__(self, limits: Limits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._limits = limits
        self._shown: Any = ()
        self.field = QLineEdit()
        size_with_type(self.field, height=FIELD_HEIGHT)
        self.field.setFont(tabular(self.field.font()))
        self.field.setPlaceholderText("1, 2; 3, 4")
        self._add(self.field)
        self.field.editingFinished.connect(self._on_finished)

    def show_value(self, value: Any) -> None:
        self._shown = value
        text = "; ".join(", ".join(map(number_text, row)) for row in value)
        if self.field.text() != text:
            self.field.setText(text)
            self.field.setCursorPosition(0)

    def controls(self) -> list[QWidget]:
        return [self.field]

    def describe(self, name: str, tip: str) -> None:
        super().describe(name, f"{tip}, ended by a semicolon: 1, 2; 3, 4")

    def _on_finished(self) -> None:
        rows = [row.replace(",", " ").split() for row in self.field.text().replace("−", "-").split(";")]
        try:
            value = tuple(tuple(self._number(text) for text in row) for row in rows if row)
        except ValueError as error:
            self.show_value(self._shown)
            self.refused.emit(str(error))
            return
        if value != self._shown:
            self.edited.emit(value)
        self.show_value(value)

    def _number(self, text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            raise ValueError(f"{self.field.accessibleName()}: {text} is no number") from None
        if refusal := self._limits.refusal(number):
            raise ValueError(f"{self.field.accessibleName()}: {text} cannot be taken: {refusal}")
        return number
