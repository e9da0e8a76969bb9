"""The data panel: which data, its own settings, and a picture of it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from bplab.data import Csv, Dataset, Drawn, FileDataset, Idx, Npz, dataset_in, labels_beside
from bplab.engine import InputError
from bplab.lab.experiment import Experiment, fitted_to_data
from bplab.lab.problem import Problem, make_problem

from ..forms import Form
from ..reading import read_in_background
from ..session import Session
from ..theme import GRID, Theme
from .bar_parts import Caption
from .data_drop import Welcome, data_file_in
from .data_editors import ArrayEditor, ColumnEditor, InputsEditor, choose_data_file, editors_of
from .data_import import ImportDialog
from .data_view import DataView
from .dataset_picker import DatasetPicker, carried_over

DRAWN_ON_THE_BOARD = ("points", "classes")


class DataPanel(QWidget):
    """Every change of the data is one edit that also fits output layer and loss to it where they must change."""

    def __init__(self, session: Session, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._theme = session, theme
        self._history = session.history
        self._used: dict[type[Any], Any] = {}
        self.form: Form | None = None
        self.importing: ImportDialog | None = None
        """The dialog in which a table is looked at, while it is open."""
        self.picker = DatasetPicker(theme)
        self._title = QLabel()
        font = QFont(self._title.font())
        font.setWeight(QFont.Weight.DemiBold)
        self._title.setFont(font)
        self._summary = Caption("")
        self._summary.setWordWrap(True)
        self.view = DataView(session, theme)
        self.welcome = Welcome(theme, self)
        self.setAcceptDrops(True)
        self.draw = QToolButton()
        self.draw.setText("Edit these points")
        self.draw.setAccessibleName("Edit these points")
        self.draw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(2 * GRID, GRID, 2 * GRID, 2 * GRID)
        self._column.setSpacing(GRID)
        head = QHBoxLayout()
        head.addWidget(self._title, 1)
        head.addWidget(self.draw)
        self._column.addWidget(self.picker)
        self._column.addLayout(head)
        self._column.addWidget(self._summary)
        self._column.addWidget(self.view)
        self._column.addStretch(1)
        self.picker.picked.connect(self._on_picked)
        self.draw.clicked.connect(self._on_draw)
        self.view.desk.edited.connect(self._edit)
        self.view.desk.refused.connect(session.refused)
        self.view.desk.run_asked.connect(session.play)
        session.experiment_changed.connect(self._on_experiment_changed)
        session.run_changed.connect(self._on_run_changed)
        self._on_experiment_changed()

    def use_file(self, path: Path) -> None:
        """Learn from a file: a table, images or arrays, as its name tells."""
        self._use(dataset_in(path))

    def offer_file(self, path: Path) -> None:
        """The same, but a table is looked at first, and its columns chosen."""
        data = dataset_in(path)
        if isinstance(data, Csv):
            self.look_at_table(data)
        else:
            self._use(data)

    def look_at_table(self, data: Csv) -> None:
        """Show the first rows of a table, and learn from it as it is then set up."""
        if self.importing is not None:
            self.importing.reject()
        self.importing = dialog = ImportDialog(data, self._take_table, self._theme, self.window())
        dialog.finished.connect(self._on_import_finished)
        dialog.open()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file of data is welcome, and told so."""
        path = data_file_in(event.mimeData())
        if path is None:
            event.ignore()
        else:
            event.acceptProposedAction()
            self.welcome.greet(path)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """It goes elsewhere."""
        self.welcome.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Learn from what was dropped."""
        self.welcome.hide()
        path = data_file_in(event.mimeData())
        if path is not None:
            event.acceptProposedAction()
            self.offer_file(path)

    def _take_table(self, data: Csv) -> str:
        try:
            fitted = self._fitted(data)
        except InputError as error:
            return str(error)
        if fitted is None:
            return "Reading the file was cancelled."
        self._session.edit(fitted[0], f"Open {data.paths()[0].name}", None, fitted[1])
        return ""

    def _on_import_finished(self) -> None:
        if self.importing is not None:
            self.importing.deleteLater()
            self.importing = None

    def _on_columns_asked(self) -> None:
        data = self._session.experiment.data
        if isinstance(data, Csv):
            self.look_at_table(data)

    def _choose(self, kind: type[FileDataset]) -> None:
        """Ask for a file of this kind and learn from it."""
        first = kind.path_fields[0]
        path = choose_data_file(self, kind, first, Path.home())
        if path and kind is Csv:
            self.look_at_table(Csv(path=str(Path(path).absolute())))
        elif path:
            data: Any = kind
            self._use(_with_labels_beside(data(**{first: str(Path(path).absolute())})))

    def _use(self, data: FileDataset) -> None:
        """Learn from files, once the labels that go with images are known."""
        if isinstance(data, Idx) and not data.labels:
            labels = choose_data_file(self, Idx, "labels", Path(data.images).parent)
            if not labels:
                return
            data = msgspec.structs.replace(data, labels=str(Path(labels).absolute()))
        self._edit(data, f"Open {data.paths()[0].name}")

    def _on_picked(self, kind: type[Any]) -> None:
        old = self._session.experiment.data
        if kind is type(old):
            return
        known = self._used.get(kind)
        if issubclass(kind, FileDataset) and not (known is not None and _is_there(known)):
            self._choose(kind)
            return
        if known is None or (kind.plane and kind is not Drawn):
            known = carried_over(old, kind)
        self._edit(known, f"Change data to {kind.title()}")

    def _on_form_changed(self, data: Any, label: str, merge_key: str | None) -> None:
        old: Any = self._session.experiment.data
        if isinstance(data, Idx) and data.images != old.images:
            data = _with_labels_beside(data)
        if isinstance(data, Csv) and data.path != old.path:  # another table has other columns
            self._on_experiment_changed()
            self.look_at_table(msgspec.structs.replace(data, target=-1, inputs=(), header=None))
            return
        self._edit(data, label, merge_key and f"data.{merge_key}")

    def _on_draw(self) -> None:
        self._edit(Drawn.of(self._session.experiment.data), "Edit these points")

    def _edit(self, data: Dataset, label: str, merge_key: str | None = None) -> None:
        try:
            fitted = self._fitted(data)
        except InputError as error:
            self._session.refused.emit(str(error))
            fitted = None
        if fitted is None or not self._session.edit(fitted[0], label, merge_key, fitted[1]):
            self._on_experiment_changed()

    def _fitted(self, data: Dataset) -> tuple[Experiment, Problem] | None:
        """The experiment with other data, and what it is to learn; None if reading a file was cancelled."""
        old = self._session.experiment

        def fit(
            progress: Callable[[float], None] | None = None, cancelled: Callable[[], bool] | None = None
        ) -> tuple[Experiment, Problem]:
            if isinstance(data, FileDataset):
                data.read(progress, cancelled)
            experiment = fitted_to_data(msgspec.structs.replace(old, data=data))
            return experiment, make_problem(experiment)

        return read_in_background(self, data.paths()[0].name, fit) if isinstance(data, FileDataset) else fit()

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
        if isinstance(data, FileDataset):
            self._show_names(data)
        self.view.show_data()
        self._offer_to_draw(data)
        self._on_run_changed()

    def _offer_to_draw(self, data: Dataset) -> None:
        self.draw.setVisible(data.plane and not isinstance(data, Drawn))
        reason = Drawn.refusal(data)
        self.draw.setEnabled(not reason)
        self.draw.setToolTip(reason or "Go on with these points by hand: add, move and erase them with the mouse")

    def _on_run_changed(self) -> None:
        """Say whether the run learns from the points that are drawn."""
        run, data = self._session.run, self._session.experiment.data
        if isinstance(data, Drawn):
            same = run is None or run.experiment.data == data
            self.view.desk.show_run(self._session.is_training, same)

    def _show_names(self, data: FileDataset) -> None:
        """What the columns or arrays of the file are called, to choose from."""
        assert self.form is not None
        fields: Any = data
        with contextlib.suppress(InputError):  # the file has gone since it was read; the names stay
            for name in fields.__struct_fields__:
                editor = self.form.editor(name)
                if isinstance(editor, ColumnEditor) and isinstance(data, Csv):
                    editor.show_columns(data.columns())
                elif isinstance(editor, ArrayEditor) and isinstance(data, Npz):
                    editor.show_arrays(data.array_names())

    def _rebuild(self, data: Any) -> None:
        if self.form is not None:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        on_board = DRAWN_ON_THE_BOARD if isinstance(data, Drawn) else ()
        shown = [name for name in data.__struct_fields__ if name not in on_board]
        self.form = Form(data, only=shown, editors=editors_of(type(data)), sliders=True)
        # What one sets comes before what it gives, but a board is for the hand, and must not be out of sight.
        above = self.view if isinstance(data, Drawn) else self._summary
        self._column.insertWidget(self._column.indexOf(above) + 1, self.form)
        self.form.changed.connect(self._on_form_changed)
        self.form.released.connect(self._on_released)
        self.form.refused.connect(self._session.refused)
        if isinstance(data, Csv):
            chooser = self.form.editor("inputs")
            assert isinstance(chooser, InputsEditor)
            chooser.button.clicked.connect(self._on_columns_asked)
        self.picker.show_kind(type(data))
        self._title.setText(data.title())
        self._summary.setText(data.summary())
        stops: list[QWidget] = [self.picker.thumbnail(type(data).__struct_config__.tag), self.draw]
        shown, settings = self.view.stops(), self.form.controls()
        stops += [*shown, *settings] if isinstance(data, Drawn) else [*settings, *shown]
        for one, following in itertools.pairwise(stops):
            QWidget.setTabOrder(one, following)


def _with_labels_beside(data: Any) -> Any:
    """Images with the labels that stand beside them, where they do."""
    beside = labels_beside(Path(data.images)) if isinstance(data, Idx) else None
    return msgspec.structs.replace(data, labels=str(beside)) if beside is not None else data


def _is_there(data: FileDataset) -> bool:
    """True if the files have been chosen and not been taken away since."""
    try:
        return all(path.is_file() for path in data.paths())
    except InputError:
        return False
