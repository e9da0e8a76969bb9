"""The training plan under inspection: everything that decides how the network is trained, and the name of it all."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from bplab.engine import Schedule
from bplab.engine.schedules import Span
from bplab.lab.experiment import TrainingPlan
from bplab.lab.problem import MAX_TEST_SAMPLES

from ..editors import TextEditor
from ..forms import LABEL_WIDTH, Form, label_of
from ..numbers import number_text, short_text
from ..session import Session
from ..theme import GRID
from .facts import Facts
from .section import Section

_FACTS = {
    "Parameters": "Weights and biases of all layers together",
    "Updates per epoch": "Batches that the training samples make",
    "Planned updates": "Updates in all epochs of the plan",
    "Learning rate now": "Rate of the next update, as the schedule makes it",
}
_MAIN = ("loss", "optimizer", "batch_size", "epochs", "shuffle", "dtype", "seed")
_RULES = ("l1", "l2", "max_norm", "clip_value", "clip_norm")
_WATCHED = f"the test loss, of up to {MAX_TEST_SAMPLES:,} samples, or without test samples the training loss"
_SCHEDULE_TIP = f"How the learning rate changes in the course of training; where it waits for a plateau, of {_WATCHED}"
_STOPPING_TIP = f"Ends training before its planned epochs, by {_WATCHED}. The weights stay those of the last update"
_RULES_TIP = "What bounds weights and gradients; a change counts at once, also while training"


class TrainingPage(QWidget):
    """Name, loss, optimizer with its parameters, batch, epochs, order, number type and seed; below them, in sections
    that open, the schedule of the rate, penalties and clipping, and early stopping."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.name = TextEditor(longest=200)
        self.name.describe("Name of the experiment", "What this experiment is called in the title and in reports")
        plan = session.experiment.training
        self.form = Form(plan, only=_MAIN)
        self.schedule = Form(plan, only=("schedule",))
        self.rules = Form(plan, only=_RULES)
        self.stopping = Form(plan.early_stopping, context="Early stopping")
        self.sections = {
            "schedule": Section("Schedule", _SCHEDULE_TIP, self.schedule),
            "rules": Section("Penalties and clipping", _RULES_TIP, self.rules),
            "stopping": Section("Early stopping", _STOPPING_TIP, self.stopping),
        }
        self.facts = Facts(_FACTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(self._name_row())
        column.addWidget(self.form)
        column.addLayout(self._stacked_sections())
        column.addSpacing(GRID)
        column.addWidget(self.facts)
        column.addStretch(1)
        self.name.edited.connect(self._on_name_edited)
        for form in (self.form, self.schedule, self.rules):
            form.changed.connect(self._on_form_changed)
        self.stopping.changed.connect(self._on_stopping_changed)
        for form in (self.form, self.schedule, self.rules, self.stopping):
            form.released.connect(self._on_released)
            form.refused.connect(session.refused)

    def show_training(self) -> None:
        """Show the plan as it is now."""
        experiment = self._session.experiment
        self.name.show_value(experiment.name)
        plan = experiment.training
        for form in (self.form, self.schedule, self.rules):
            form.show_value(plan)
        self.stopping.show_value(plan.early_stopping)
        self.sections["schedule"].say(_in_brief(plan.schedule))
        self.sections["rules"].say(_rules_in_brief(plan))
        self.sections["stopping"].say(_stopping_in_brief(plan))
        samples = len(self._session.problem.train_inputs)
        per_epoch = -(-samples // experiment.training.batch_size)
        self.facts.show_fact("Parameters", f"{self._session.live.network.parameters.size:,}")
        self.facts.show_fact("Updates per epoch", f"{per_epoch:,}")
        self.facts.show_fact("Planned updates", f"{per_epoch * experiment.training.epochs:,}")
        self.show_rate()

    def show_rate(self) -> None:
        """Show the rate that the schedule has come to."""
        session = self._session
        run, plan = session.run, session.experiment.training
        if run is not None and session.run_is_on_view and not session.edited_since_run:
            rate = run.runner.trainer.learning_rate
        else:
            per_epoch = -(-len(session.problem.train_inputs) // plan.batch_size)
            rate = plan.schedule.rate(plan.optimizer.learning_rate, 0, Span(per_epoch, per_epoch * plan.epochs))
        self.facts.show_fact("Learning rate now", short_text(rate))

    def _stacked_sections(self) -> QVBoxLayout:
        stack = QVBoxLayout()
        stack.setSpacing(0)
        for section in self.sections.values():
            stack.addWidget(section)
        return stack

    def _name_row(self) -> QGridLayout:
        label = QLabel("Name")
        label.setBuddy(self.name.field)
        label.setForegroundRole(label.foregroundRole().PlaceholderText)
        row = QGridLayout()
        row.setHorizontalSpacing(GRID)
        row.setColumnMinimumWidth(0, LABEL_WIDTH)
        row.setColumnStretch(1, 1)
        row.addWidget(label, 0, 0)
        row.addWidget(self.name, 0, 1)
        return row

    def _on_name_edited(self, name: str) -> None:
        named = msgspec.structs.replace(self._session.experiment, name=name or "Untitled")
        self._session.edit(named, "Change name")
        self.name.show_value(self._session.experiment.name)

    def _on_form_changed(self, plan: Any, label: str, merge_key: str | None) -> None:
        experiment = msgspec.structs.replace(self._session.experiment, training=plan)
        if not self._session.edit(experiment, label, merge_key and f"training.{merge_key}"):
            self.show_training()

    def _on_stopping_changed(self, stopping: Any, label: str, merge_key: str | None) -> None:
        plan = msgspec.structs.replace(self._session.experiment.training, early_stopping=stopping)
        self._on_form_changed(plan, label, merge_key and f"early_stopping.{merge_key}")

    def _on_released(self) -> None:
        self._session.history.break_merge()


def _in_brief(schedule: Schedule) -> str:
    """``cosine, warm-up 2``."""
    warm = f", warm-up {number_text(schedule.warm_up)}" if schedule.warm_up else ""
    return schedule.title() + warm


def _rules_in_brief(plan: TrainingPlan) -> str:
    """``L2 0.01, clip norm 1``, or ``none``."""
    set_ones = [(label_of(name), getattr(plan, name)) for name in _RULES if getattr(plan, name)]
    return ", ".join(f"{label} {number_text(value)}" for label, value in set_ones) or "none"


def _stopping_in_brief(plan: TrainingPlan) -> str:
    """``after 10 epochs``, or ``none``."""
    patience = plan.early_stopping.patience
    return f"after {patience:,} epoch{'s' * (patience > 1)}" if patience else "none"
