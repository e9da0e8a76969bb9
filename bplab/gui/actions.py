"""Actions: everything that menus, buttons and keys share, each made once with its text, key and explanation."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox

from .numbers import NumberField
from .session import Session

Keys = QKeySequence.StandardKey | str | list[str] | None


def make_action(parent: QObject, text: str, tip: str, keys: Keys = None) -> QAction:
    """An action; ``tip`` is one sentence without a full stop."""
    action = QAction(text, parent)
    action.setToolTip(tip)
    action.setStatusTip(tip)
    if isinstance(keys, list):
        action.setShortcuts([QKeySequence(key) for key in keys])
    elif isinstance(keys, QKeySequence.StandardKey):
        action.setShortcuts(keys)
    elif keys:
        action.setShortcut(QKeySequence(keys))
    return action


def take_typed_number() -> None:
    """A number that is being typed counts before anything is done with the experiment, as if Enter had been pressed.

    Neither a key nor a menu takes the focus from its field, which would do the same.
    """
    field = QApplication.focusWidget()
    if isinstance(field, QComboBox):  # has the focus in place of the line that is typed in
        field = field.lineEdit()
    if isinstance(field, NumberField):
        field.take()
    elif isinstance(field, QAbstractSpinBox):
        field.interpretText()


class EditActions(QObject):
    """Undo and redo, named after what they would take back or bring back."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.undo = make_action(self, "Undo", "Take the last edit back", QKeySequence.StandardKey.Undo)
        self.redo = make_action(self, "Redo", "Bring back what was undone", QKeySequence.StandardKey.Redo)
        self.undo.triggered.connect(session.undo)
        self.redo.triggered.connect(session.redo)
        session.experiment_changed.connect(self._on_experiment_changed)
        self._on_experiment_changed()

    def _on_experiment_changed(self) -> None:
        history = self._session.history
        for action, word, label in (
            (self.undo, "Undo", history.undo_label),
            (self.redo, "Redo", history.redo_label),
        ):
            action.setEnabled(label is not None)
            action.setText(f"{word} {label}" if label else word)
            nothing = f"Nothing to {word.lower()}"
            action.setToolTip(f"{word}: {label}" if label else nothing)
            action.setStatusTip(action.toolTip())


class TrainActions(QObject):
    """Play, step and reset; those that ask how far, film, copy the command and check are connected by who does that."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.play = make_action(self, "Play", "Train the network, or pause; Space does the same", "F5")
        self.step = make_action(self, "One update", "Make one update of the weights", "F6")
        self.step_epoch = make_action(
            self, "One epoch", "Train on every sample once: as many updates as an epoch has", "Shift+F6"
        )
        self.film = make_action(
            self, "Step through one update", "See the coming update phase by phase, with all its numbers", "F7"
        )
        self.to_epoch = make_action(
            self, "Run to epoch…", "Train up to the end of an epoch; the run pauses there by itself", "Shift+F5"
        )
        self.to_loss = make_action(
            self, "Run until loss…", "Train until the loss is below a number; the run pauses there by itself", "Ctrl+F5"
        )
        self.reset = make_action(self, "Reset", "Back to the first weights, the same as before", "F8")
        self.reset_seed = make_action(
            self, "Reset with new seed", "Draw other first weights; one step for Undo", "Shift+F8"
        )
        self.check = make_action(
            self, "Check gradients…", "Compare back-propagation with the slope of the loss, layer by layer", "F9"
        )
        self.copy_command = make_action(
            self, "Copy shell command", "The command that makes this run in a shell, on the clipboard", "Ctrl+Shift+C"
        )
        self.play.triggered.connect(self._on_play)
        self.step.triggered.connect(self._on_step)
        self.step_epoch.triggered.connect(self._on_step_epoch)
        self.reset.triggered.connect(self._on_reset)
        self.reset_seed.triggered.connect(self._on_reset_seed)
        session.run_changed.connect(self._on_run_changed)

    def _on_run_changed(self) -> None:
        training = self._session.is_training
        self.play.setText("Pause" if training else "Play")

    def _on_play(self) -> None:
        take_typed_number()
        self._session.toggle()

    def _on_step(self) -> None:
        take_typed_number()
        self._session.step()

    def _on_step_epoch(self) -> None:
        take_typed_number()
        samples, batch = len(self._session.problem.train_inputs), self._session.experiment.training.batch_size
        self._session.step(-(-samples // batch))

    def _on_reset(self) -> None:
        self._session.reset()

    def _on_reset_seed(self) -> None:
        self._session.reset(self._session.experiment.training.seed + 1)
