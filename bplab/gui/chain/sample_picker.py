"""Over the batch, or for one training sample: the choice, and the number of the sample."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QSizePolicy, QToolButton, QWidget

from bplab.gui.focus import Focus

from ..editors import FIELD_HEIGHT, Slider, SpinBox
from ..theme import GRID
from ..type_size import size_with_type


class SamplePicker(QWidget):
    """Shows which sample ``focus`` looks at, and chooses another one, counted from 1."""

    def __init__(self, focus: Focus, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._focus, self._last = focus, 0
        self.batch = _choice("Batch", "All samples together, as training sees them")
        self.one = _choice("One sample", "One training sample; click one in the surface or among the images as well")
        self._group = QButtonGroup(self)
        for button in (self.batch, self.one):
            self._group.addButton(button)
        self.box, self.slider = SpinBox(1, 1), Slider()
        for control in (self.box, self.slider):
            control.setAccessibleName("Number of the sample")
            control.setToolTip("Which training sample, counted from 1")
            policy = control.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            control.setSizePolicy(policy)
        self.slider.setMinimum(1)
        self.slider.setMinimumWidth(4 * GRID)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for part in (self.batch, self.one, self.box):
            row.addWidget(part)
        row.addWidget(self.slider, 1)
        self.batch.clicked.connect(self._on_batch)
        self.one.clicked.connect(self._on_one)
        self.box.valueChanged.connect(self._on_number)
        self.slider.valueChanged.connect(self._on_number)

    def show_sample(self, sample: int | None, samples: int) -> None:
        """Show which of ``samples`` is looked at, from 0, or that all are, without telling anyone."""
        self._last = sample if sample is not None else min(self._last, samples - 1)
        blockers = [QSignalBlocker(control) for control in (self.box, self.slider)]
        for control in (self.box, self.slider):
            control.setMaximum(samples)
            control.setValue(self._last + 1)
            control.setVisible(sample is not None)
        (self.batch if sample is None else self.one).setChecked(True)
        for blocker in blockers:
            blocker.unblock()

    def _on_batch(self) -> None:
        self._focus.choose_sample(None)

    def _on_one(self) -> None:
        self._focus.choose_sample(self._last)

    def _on_number(self, value: float) -> None:
        self._focus.choose_sample(int(value) - 1)


def _choice(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setCheckable(True)
    button.setAutoRaise(True)  # so that the chosen one alone has a frame
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    size_with_type(button, height=FIELD_HEIGHT)
    return button
