"""How far to train, asked in a small window below the play button: to an epoch, or until a loss."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ..actions import take_typed_number
from ..editors import FIELD_HEIGHT, IntegerEditor
from ..numbers import Limits, NumberField
from ..session import Session
from ..theme import GRID
from .bar_parts import Caption

MOST_EPOCHS = 100_000_000
FIRST_LOSS = 0.05
"""Asked for until somebody asks for another one."""
NOTE = (
    "The loss is the one of the training curve, the mean of the batches since its last point. "
    "If it never gets there, training pauses at the planned end."
)


class GoalPopup(QFrame):
    """Two fields, each with a button that trains to what it says; Enter in a field does the same."""

    def __init__(self, session: Session, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._session = session
        self.setAccessibleName("How far to train")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.epoch = IntegerEditor(1, MOST_EPOCHS)
        self.epoch.describe("Epoch to run to", "Training pauses by itself at the end of this epoch")
        self.loss = NumberField(Limits(above=0.0))
        self.loss.setFixedHeight(FIELD_HEIGHT)
        self.loss.setAccessibleName("Loss to run until")
        self.loss.setToolTip("Training pauses by itself when the training loss is below this")
        self.loss.show_number(FIRST_LOSS)
        self.to_epoch = self._button("Run to this epoch", self._on_to_epoch)
        self.to_loss = self._button("Run until this loss", self._on_to_loss)
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(GRID)
        rows = (("Run to epoch", self.epoch, self.to_epoch), ("Until loss <", self.loss, self.to_loss))
        for row, (text, field, button) in enumerate(rows):
            label = QLabel(text)
            label.setBuddy(field.controls()[0] if isinstance(field, IntegerEditor) else field)
            grid.addWidget(label, row, 0)
            grid.addWidget(field, row, 1)
            grid.addWidget(button, row, 2)
        note = Caption(NOTE)
        note.setWordWrap(True)
        note.setFixedWidth(36 * GRID)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        column.setSpacing(GRID)
        column.addLayout(grid)
        column.addWidget(note)
        self._refused = False
        self.loss.refused.connect(self._on_refused)

    def ask_for_epoch(self, below: QWidget) -> None:
        """Open, ready to type an epoch."""
        self._open(below)
        self.epoch.box.setFocus(Qt.FocusReason.PopupFocusReason)
        self.epoch.box.selectAll()

    def ask_for_loss(self, below: QWidget) -> None:
        """Open, ready to type a loss."""
        self._refused = False
        self._open(below)
        self.loss.setFocus(Qt.FocusReason.PopupFocusReason)
        self.loss.selectAll()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter trains to what the field says that has the keys; Escape closes."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            (self._on_to_loss if self.loss.hasFocus() or self.to_loss.hasFocus() else self._on_to_epoch)()
        else:
            super().keyPressEvent(event)

    def _open(self, below: QWidget) -> None:
        """Offered is the planned last epoch, or as many again when that is reached."""
        run, planned = self._session.run, self._session.experiment.training.epochs
        reached = run.epochs if run is not None and not self._session.edited_since_run else 0
        self.epoch.show_value(planned * (int(reached) // planned + 1))
        self.adjustSize()
        self.move(below.mapToGlobal(QPoint(0, below.height())))
        self.show()

    def _button(self, name: str, slot: Callable[[], None]) -> QPushButton:
        button = QPushButton("Run")
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setAutoDefault(False)
        button.setFixedHeight(FIELD_HEIGHT)
        button.clicked.connect(slot)
        return button

    def _on_to_epoch(self) -> None:
        take_typed_number()
        self.close()
        self._session.run_to_epoch(int(self.epoch.box.value()))

    def _on_to_loss(self) -> None:
        take_typed_number()
        refused, self._refused = self._refused, False
        if not refused:
            self.close()
            self._session.run_until_loss(self.loss.number)

    def _on_refused(self, why: str) -> None:
        """What was typed is no loss: nothing is run to the old one in its place."""
        self._refused = True
        self._session.refused.emit(why)
