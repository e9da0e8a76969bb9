"""The training bar: play, step, reset, how far the run is, and the settings that are changed most."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from bplab.engine import Loss, Optimizer
from bplab.lab.experiment import TrainingPlan

from ..actions import TrainActions
from ..editors import Editor
from ..forms import ChoiceEditor, fields_of, make_editor
from ..icons import icon
from ..numbers import Limits
from ..session import Session
from ..theme import GRID, Theme
from ..type_size import size_with_type
from .bar_parts import Captioned, Counter, PlayButton, ProgressLine, RateBox
from .goal_popup import GoalPopup
from .tempo_box import TempoBox

BATCH_TIP = (
    "Samples per update; a change counts from the next run on, for it changes what an epoch is "
    "and so the order of the samples"
)


class TrainingBar(QWidget):
    """One row of controls over a line of progress. Every change is an edit of the experiment's training plan."""

    def __init__(self, session: Session, actions: TrainActions, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._actions, self._theme = session, actions, theme
        self.play = PlayButton(theme)
        self.goals = GoalPopup(session, self)
        self.until = _arrow_button("How far to train")
        self.ways = QMenu("How far to train", self)
        self.ways.setToolTipsVisible(True)
        self.ways.addActions([actions.to_epoch, actions.to_loss])
        self.step = _menu_button("Step", "Make one update; the arrow offers an epoch, and to see it phase by phase",
                                 actions.step, actions.step, actions.step_epoch, actions.film)  # fmt: skip
        self.reset = _menu_button("Reset", "Back to the first weights; the arrow offers other ones", actions.reset,
                                  actions.reset, actions.reset_seed)  # fmt: skip
        self.epoch = Counter("Epoch", "1,000,000")
        self.updates = Counter("Update", "1,000,000,000")
        self.tempo = TempoBox(session)
        self.progress = ProgressLine(theme)
        self._make_settings()
        self._lay_out()
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self.addActions([actions.play, actions.to_epoch, actions.to_loss, actions.reset, actions.copy_command])
        self.play.clicked.connect(session.toggle)
        self.until.clicked.connect(self._on_ways_wanted)
        actions.to_epoch.triggered.connect(self._on_to_epoch)
        actions.to_loss.triggered.connect(self._on_to_loss)
        session.experiment_changed.connect(self._on_experiment_changed)
        session.run_changed.connect(self._on_run_changed)
        session.ticked.connect(self._on_ticked)
        session.tempo_changed.connect(self.tempo.show_tempo)
        theme.changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self._on_experiment_changed()
        self._on_run_changed()

    # -- making ---------------------------------------------------------------------------------------------

    def _make_settings(self) -> None:
        plan = fields_of(TrainingPlan)
        self.rate = RateBox(Limits(at_least=0.0, at_most=1e6))
        self.rate.describe("Learning rate", "How far each update goes; a change counts at once, also while training")
        self.batch = make_editor(plan["batch_size"][0], "", "Batch size")
        self.batch.describe("Batch size", BATCH_TIP)
        self.optimizer = ChoiceEditor(Optimizer, "Optimizer", parameters=False)
        self.optimizer.describe("Optimizer", "")
        self.loss = ChoiceEditor(Loss, "Loss", parameters=False)
        self.loss.describe("Loss", "")
        self.epochs = make_editor(plan["epochs"][0], "", "Epochs")
        self.epochs.describe("Epochs to train", "Passes over the training data until training pauses by itself")
        self.seed = make_editor(plan["seed"][0], "", "Seed")
        self.seed.describe("Seed", "Decides first weights and the order of the samples; Play starts a new run with it")
        self.rate.rate_changed.connect(self._on_rate_changed)
        self.rate.refused.connect(self._session.refused)
        self.rate.released.connect(self._on_released)
        self.batch.edited.connect(self._on_batch_edited)
        self.optimizer.edited.connect(self._on_optimizer_edited)
        self.loss.edited.connect(self._on_loss_edited)
        self.epochs.edited.connect(self._on_epochs_edited)
        self.seed.edited.connect(self._on_seed_edited)
        for editor in (self.batch, self.epochs, self.seed):
            editor.released.connect(self._on_released)

    def _lay_out(self) -> None:
        self._left_out_for_large_type: list[Captioned] = []
        row = QHBoxLayout()
        row.setContentsMargins(2 * GRID, GRID, 2 * GRID, GRID)
        row.setSpacing(GRID)
        start = QHBoxLayout()
        start.setSpacing(0)
        start.addWidget(self.play)
        start.addWidget(self.until)
        row.addLayout(start)
        for button in (self.step, self.reset):
            row.addWidget(button)
        row.addWidget(_hairline())
        row.addWidget(Captioned("Epoch", self.epoch, self.epoch.widest))
        row.addWidget(Captioned("Update", self.updates, self.updates.widest))
        row.addWidget(Captioned("Speed", self.tempo, 12 * GRID, 11 * GRID))
        row.addWidget(_hairline())
        settings: tuple[tuple[str, Editor | RateBox, int, int], ...] = (
            ("Learning rate", self.rate, 11 * GRID, 10 * GRID),
            ("Batch size", self.batch, 8 * GRID, 8 * GRID),
            ("Optimizer", self.optimizer, 12 * GRID, 8 * GRID),
            ("Loss", self.loss, 20 * GRID, 8 * GRID),
            ("Epochs", self.epochs, 11 * GRID, 8 * GRID),
            ("Seed", self.seed, 11 * GRID, 8 * GRID),
        )
        for caption, control, width, least in settings:
            part = Captioned(caption, control, width, least)
            if caption in ("Batch size", "Loss", "Seed"):
                self._left_out_for_large_type.append(part)
            row.addWidget(part)
        row.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.progress)

    # -- following ------------------------------------------------------------------------------------------

    def _on_experiment_changed(self) -> None:
        plan = self._session.experiment.training
        self.rate.show_rate(plan.optimizer.learning_rate)
        self.batch.show_value(plan.batch_size)
        self.optimizer.show_value(plan.optimizer)
        self.loss.show_value(plan.loss)
        self.epochs.show_value(plan.epochs)
        self.seed.show_value(plan.seed)

    def _on_run_changed(self) -> None:
        self.play.show_training(self._session.is_training)
        self._on_ticked()

    def _on_ticked(self) -> None:
        run = self._session.run
        updates = run.updates if run is not None else 0
        self.updates.setText(f"{updates:,}")
        self.epoch.setText(f"{int(run.epochs) if run is not None else 0:,}")
        goal = max(run.goal, run.runner.planned_updates) if run is not None else 1
        self.progress.show_share(updates / goal)

    def _on_theme_changed(self) -> None:
        for part in self._left_out_for_large_type:  # not all fits the 1280 pixels of a projector
            part.setVisible(not self._theme.teaches)
        self.step.setIcon(icon("step"))
        self.reset.setIcon(icon("reset"))

    # -- editing --------------------------------------------------------------------------------------------

    def _edit(self, label: str, merge_key: str | None = None, **changes: Any) -> None:
        if not self._session.edit_training(label, merge_key, **changes):
            self._on_experiment_changed()

    def _on_rate_changed(self, rate: float) -> None:
        optimizer: Any = self._session.experiment.training.optimizer
        optimizer = msgspec.structs.replace(optimizer, learning_rate=rate)
        self._edit("Change learning rate", "learning_rate", optimizer=optimizer)

    def _on_batch_edited(self, size: int) -> None:
        self._edit("Change batch size", "batch_size", batch_size=size)

    def _on_optimizer_edited(self, optimizer: Optimizer) -> None:
        self._edit("Change optimizer", optimizer=optimizer)

    def _on_loss_edited(self, loss: Loss) -> None:
        self._edit("Change loss", loss=loss)

    def _on_epochs_edited(self, epochs: int) -> None:
        self._edit("Change epochs", "epochs", epochs=epochs)

    def _on_seed_edited(self, seed: int) -> None:
        self._edit("Change seed", "seed", seed=seed)

    def _on_ways_wanted(self) -> None:
        self.ways.popup(self.play.mapToGlobal(self.play.rect().bottomLeft()))

    def _on_to_epoch(self) -> None:
        self.goals.ask_for_epoch(self.play)

    def _on_to_loss(self) -> None:
        self.goals.ask_for_loss(self.play)

    def _on_released(self) -> None:
        self._session.history.break_merge()


def _menu_button(text: str, tip: str, action: QAction, *offered: QAction) -> QToolButton:
    """A button that does ``action``, with an arrow that offers all of them."""
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIconSize(QSize(2 * GRID, 2 * GRID))
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setMinimumHeight(4 * GRID)
    menu = QMenu(text, button)
    menu.addActions(list(offered))
    button.setMenu(menu)
    button.clicked.connect(action.trigger)
    return button


def _arrow_button(name: str) -> QToolButton:
    """An arrow beside a button, for other ways to do what the button does."""
    button = QToolButton()
    button.setAccessibleName(name)
    button.setToolTip(f"{name}: to an epoch, or until the loss is below a number")
    button.setArrowType(Qt.ArrowType.DownArrow)
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    size_with_type(button, width=2.5 * GRID, height=4 * GRID)
    return button


def _hairline() -> QFrame:
    line = QFrame()
    line.setFrameShape(QFrame.Shape.VLine)
    line.setFrameShadow(QFrame.Shadow.Plain)
    line.setForegroundRole(line.foregroundRole().Mid)
    line.setFixedWidth(2 * GRID + 1)
    return line
