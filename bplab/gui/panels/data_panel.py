"""The data panel: which data, its own settings, and a picture of it."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from bplab.data import Csv, Dataset
from bplab.engine import InputError
from bplab.lab.experiment import fitted_to_data

from ..forms import Form
from ..session import Session
from ..theme import GRID, Theme
from .bar_parts import Caption
from .data_editors import ColumnEditor, FeaturesEditor, FileEditor, choose_csv
from .data_view import DataView
from .dataset_picker import DatasetPicker, carried_over

_EDITORS = {"features": FeaturesEditor, "path": FileEditor, "target": ColumnEditor}


class DataPanel(QWidget):
    """Every change of the data is one edit that also fits output layer and loss to it where they must change."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._history = session.history
        self._used: dict[type[Any], Any] = {}
        self.form: Form | None = None
        self.picker = DatasetPicker(theme)
        self._title = QLabel()
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._summary = Caption("")
        self._summary.setWordWrap(True)
        self.view = DataView(theme)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self._column.setSpacing(GRID)
        for widget in (self.picker, self._title, self._summary, self.view):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.picker.picked.connect(self._on_picked)
        session.experiment_changed.connect(self._on_experiment_changed)
        self._on_experiment_changed()

    def choose_file(self) -> None:
        """Ask for a CSV file and learn from it."""
        path = choose_csv(self, Path.home())
        if path:
            self.use_file(Path(path))

    def use_file(self, path: Path) -> None:
        """Learn from a CSV file."""
        self._edit(Csv(path=str(path.absolute())), f"Open {path.name}")

    def _on_picked(self, kind: type[Any]) -> None:
        old = self._session.experiment.data
        if kind is type(old):
            return
        known = self._used.get(kind)
        if kind is Csv and (known is None or not Path(known.path).is_file()):
            self.choose_file()
            return
        data = known if known is not None and not kind.plane else carried_over(old, kind)
        self._edit(data, f"Change data to {kind.title()}")

    def _on_form_changed(self, data: Any, label: str, merge_key: str | None) -> None:
        self._edit(data, label, merge_key and f"data.{merge_key}")

    def _edit(self, data: Dataset, label: str, merge_key: str | None = None) -> None:
        try:
            experiment = fitted_to_data(msgspec.structs.replace(self._session.experiment, data=data))
        except InputError as error:
            self._session.refused.emit(str(error))
            self._on_experiment_changed()
            return
        if not self._session.edit(experiment, label, merge_key):
            self._on_experiment_changed()

    def _on_released(self) -> None:
        self._session.history.break_merge()

    def _on_experiment_changed(self) -> None:
        data: Any = self._session.experiment.data
        if self._session.history is not self._history:  # another document: what was used in the one before is gone
            self._history = self._session.history
            self._used.clear()
        self._used[type(data)] = data
        if self.form is None or type(self.form.value) is not type(data):
            self._rebuild(data)
        else:
            self.form.show_value(data)
        if isinstance(data, Csv):
            self._show_columns(data)
        self.view.show_split(self._session.problem.split)

    def _show_columns(self, data: Csv) -> None:
        assert self.form is not None
        editor = self.form.editor("target")
        assert isinstance(editor, ColumnEditor)
        with contextlib.suppress(InputError):  # the file has gone since it was read; the names stay
            editor.show_columns(data.columns())

    def _rebuild(self, data: Any) -> None:
        if self.form is not None:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        self.form = Form(data, editors=_EDITORS, sliders=True)
        self._column.insertWidget(self._column.indexOf(self._summary) + 1, self.form)
        self.form.changed.connect(self._on_form_changed)
        self.form.released.connect(self._on_released)
        self.form.refused.connect(self._session.refused)
        self.picker.show_kind(type(data))
        self._title.setText(data.title())
        self._summary.setText(data.summary())
        stops = [self.picker.thumbnail(type(data).__struct_config__.tag), *self.form.controls()]
        for one, following in itertools.pairwise(stops):
            QWidget.setTabOrder(one, following)
