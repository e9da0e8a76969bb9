"""The training plan under inspection: everything that decides how the network is trained, and the name of it all."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from ..editors import TextEditor
from ..forms import LABEL_WIDTH, Form
from ..session import Session
from ..theme import GRID
from .facts import Facts

_FACTS = {
    "Parameters": "Weights and biases of all layers together",
    "Updates per epoch": "Batches that the training samples make",
    "Planned updates": "Updates in all epochs of the plan",
}


class TrainingPage(QWidget):
    """Name, loss, optimizer with its parameters, batch, epochs, order, number type and seed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.name = TextEditor(longest=200)
        self.name.describe("Name of the experiment", "What this experiment is called in the title and in reports")
        self.form = Form(session.experiment.training)
        self.facts = Facts(_FACTS)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID)
        column.addLayout(self._name_row())
        column.addWidget(self.form)
        column.addSpacing(GRID)
        column.addWidget(self.facts)
        column.addStretch(1)
        self.name.edited.connect(self._on_name_edited)
        self.form.changed.connect(self._on_form_changed)
        self.form.released.connect(self._on_released)
        self.form.refused.connect(session.refused)

    def show_training(self) -> None:
        """Show the plan as it is now."""
        experiment = self._session.experiment
        self.name.show_value(experiment.name)
        self.form.show_value(experiment.training)
        samples = len(self._session.problem.train_inputs)
        per_epoch = -(-samples // experiment.training.batch_size)
        self.facts.show_fact("Parameters", f"{self._session.live.network.parameters.size:,}")
        self.facts.show_fact("Updates per epoch", f"{per_epoch:,}")
        self.facts.show_fact("Planned updates", f"{per_epoch * experiment.training.epochs:,}")

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
            self.form.show_value(self._session.experiment.training)

    def _on_released(self) -> None:
        self._session.history.break_merge()
