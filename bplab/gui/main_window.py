"""The main window: puts the parts together and lets them talk. What they do stands in their own modules."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow, QVBoxLayout, QWidget

from bplab.data import is_data_file

from .actions import EditActions, TrainActions, make_action, take_typed_number
from .advice import Advice
from .appearance import Appearance
from .canvas import NetworkCanvas
from .chain import ChainPanel
from .checks import Checks
from .command_palette import CommandPalette
from .commands import activation_commands, dataset_commands, menu_commands
from .docks import Dock
from .documents import Documents
from .file_actions import FileActions
from .film import FilmPart
from .layouts import FIRST, Layouts
from .menus import Menus
from .notices import NoticeBar
from .panels.bar_parts import BarHolder
from .panels.data_panel import DataPanel
from .panels.inspector import Inspector
from .panels.layer_table import LayerTable
from .panels.status_line import StatusLine
from .panels.training_bar import TrainingBar
from .plots import (
    AccuracyPlot,
    ActivationPlot,
    ConfusionPlot,
    DeadPlot,
    GradientPlot,
    LayerNumbers,
    LossPlot,
    SaturationPlot,
    SurfacePlot,
    UpdatePlot,
)
from .plots.plot_frame import PlotFrame
from .plots.time_axis import TimeAxis
from .preferences import LAYOUT_VERSION, Preferences
from .preferences_dialog import PreferencesDialog
from .reports import ReportProgress, Reports
from .session import Session
from .shell_copy import ShellCopy
from .theme import Theme
from .time_part import TimePart

FIRST_SIZE = QSize(1440, 900)
_DOCUMENTS = (".bplab", ".json")


class MainWindow(QMainWindow):
    """The window of one session, whose experiment is a new document at first. Closing it closes session and document.

    ``InputError`` if there is nowhere to keep a document that has no name yet.
    """

    closed = Signal()
    """The window is closed, whatever dialogs of it are still open."""

    def __init__(self, session: Session, theme: Theme, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.documents = documents = Documents(session, self)
        self._preferences = preferences = preferences or Preferences()
        self.session, self.theme = session, theme
        self._leaves_silently = self._is_closed = False
        self.setObjectName("main")
        self.setAcceptDrops(True)
        self.setDockOptions(QMainWindow.DockOption.AllowTabbedDocks | QMainWindow.DockOption.AllowNestedDocks)
        self.appearance = Appearance(theme, preferences, self)
        self.reports = Reports(session, self)
        self.checks = Checks(session, theme, self)
        self.notices = NoticeBar(theme)
        self.edits, self.train = EditActions(session, self), TrainActions(session, self)
        self.files = FileActions(self, documents, self.reports, preferences, self.notices)
        self.advice = Advice(session, self.notices, self)
        self.shell_copy = ShellCopy(session, self.train, self)
        session.set_tempo(preferences.tempo)
        self.bar = TrainingBar(session, self.train, theme)
        self.canvas = NetworkCanvas(session, theme)
        self.data = DataPanel(session, theme)
        self.inspector = Inspector(session, theme)
        self.layers = LayerTable(session, theme)
        self.chain = ChainPanel(session, theme)
        self.status = StatusLine(session, theme)
        self.time = TimeAxis.of(session)
        self.docks = self._make_docks(theme)
        self.layouts = Layouts(self, self.docks)
        self.menus = Menus(self, self.files, self.edits, self.train, documents, preferences)
        self._lay_out()
        self._fill_menus()
        self.travel = TimePart(session, theme, documents, self.menus, self.docks, self.canvas, self)
        self.film = FilmPart(session, theme, self.train.film, self.docks, self.canvas, self)
        self._connect()
        self._on_document_changed()
        self.resize(FIRST_SIZE.boundedTo(QGuiApplication.primaryScreen().availableSize()))
        self.layouts.apply(FIRST)
        self._restore_layout()
        self.bar.play.setFocus(Qt.FocusReason.OtherFocusReason)

    # -- putting together -------------------------------------------------------------------------------

    def _make_docks(self, theme: Theme) -> dict[str, Dock]:
        session = self.session
        plots: tuple[tuple[PlotFrame, str], ...] = (
            (LossPlot(session, theme), "Loss over the updates"),
            (AccuracyPlot(session, theme), "Share of samples told right over the updates"),
            (GradientPlot(session, theme), "Gradients of every layer over the updates"),
            (SaturationPlot(session, theme), "Saturation of every neuron over time"),
            (UpdatePlot(session, theme), "How large the updates are against the weights, layer by layer"),
            (DeadPlot(session, theme), "Neurons that answer no sample, over the updates"),
            (ActivationPlot(session, theme), "How the values of every layer are spread now"),
            (ConfusionPlot(session, theme), "Which class is taken for which now"),
            (SurfacePlot(session, theme), "What the network answers at every point of the plane now"),
        )
        docks = (
            Dock("Data", self.data, theme, "What the network learns from", scrolls=True),
            Dock("Inspector", self.inspector, theme, "Settings of a layer, or of the training", scrolls=True),
            Dock("Chain rule", self.chain, theme, "What a gradient is made of, factor by factor", scrolls=True),
            Dock("Layer table", self.layers, theme, "The design as a table to type into"),
            *(Dock(plot.title, plot, theme, tip, header=plot.header) for plot, tip in plots),
            Dock("Layer numbers", LayerNumbers(session, theme), theme, "Every layer in numbers"),
        )
        for dock in docks:
            dock.installEventFilter(self)
        return {dock.windowTitle(): dock for dock in docks}

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.notices)
        column.addWidget(self.canvas, 1)
        self.setCentralWidget(middle)
        self.addToolBar(BarHolder(self.bar, "Training"))
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().addPermanentWidget(ReportProgress(self.reports))
        self.statusBar().setSizeGripEnabled(False)

    def _fill_menus(self) -> None:
        reset = make_action(self, "Reset layout", "All panels where they were at first")
        reset.triggered.connect(self._on_reset_layout)
        panels = [dock.toggleViewAction() for dock in self.docks.values()]
        self.menus.fill_view(panels, self.appearance, [*self.layouts.actions, reset])
        self.menus.fill_canvas(self.canvas.colour_box.actions_for_menu, self.canvas.palette_strip.action)
        layers = [*self.canvas.layer_actions.all(), *self.canvas.block_actions.all()]
        self.menus.fill_network(layers, self.canvas.fit_action)

    def _connect(self) -> None:
        self.canvas.layer_selected.connect(self.inspector.select_layer)
        self.canvas.layer_selected.connect(self.layers.select_layer)
        self.canvas.neuron_selected.connect(self.inspector.select_neuron)
        self.inspector.layer_selected.connect(self.canvas.select_layer)
        self.layers.layer_selected.connect(self.canvas.select_layer)
        self.docks["Layer table"].toggleViewAction().setShortcut("Ctrl+L")
        self.docks["Layer table"].toggleViewAction().triggered.connect(self.layers.take_focus)
        self.docks["Chain rule"].toggleViewAction().setShortcut("Ctrl+K")
        self.chain.focus.changed.connect(self._on_looked_at)
        self.train.check.triggered.connect(self._on_check)
        self.menus.palette.triggered.connect(self._on_palette)
        self.menus.settings.triggered.connect(self._on_settings)
        self.layouts.chosen.connect(self._on_layout_chosen)
        self.shell_copy.copied.connect(self._on_copied)
        self.session.tempo_changed.connect(self._on_tempo_changed)
        self.canvas.palette_strip.action.setChecked(self._preferences.shows_palette)
        self.canvas.palette_strip.action.toggled.connect(self._on_palette_shown)
        self.documents.changed.connect(self._on_document_changed)
        self.reports.started.connect(self._on_report_started)
        self.reports.written.connect(self._on_report_written)
        self.reports.cancelled.connect(self._on_report_cancelled)
        for ended in (self.reports.failed, self.reports.broke):
            ended.connect(self.statusBar().clearMessage)

    # -- layout -----------------------------------------------------------------------------------------

    def reset_layout(self) -> None:
        """All panels where they were at first."""
        self._preferences.clear_layout()
        self.layouts.apply(FIRST)

    def _restore_layout(self) -> None:
        layout = self._preferences.layout
        if layout is not None:
            geometry, state = layout
            self.restoreGeometry(geometry)
            self.layouts.restore(state, LAYOUT_VERSION)

    # -- opening ----------------------------------------------------------------------------------------

    def begin(self, file: str | None) -> None:
        """What the window does first: open ``file``, and offer what a crash has left behind."""
        if file is not None:
            self.open_file(file)
        if not self.notices.topic:
            self.files.offer_recovery()

    def open_file(self, name: str) -> None:
        """Open a document by the name of its file."""
        self.files.open_path(Path(name))

    # -- following --------------------------------------------------------------------------------------

    def _on_check(self) -> None:
        take_typed_number()
        self.checks.open()

    def _on_looked_at(self) -> None:
        """A weight or a bias is explained where that is open; layers and neurons have their settings as well."""
        target, dock = self.chain.focus.target, self.docks["Chain rule"]
        if target is not None and target.kind in ("weight", "bias") and dock.toggleViewAction().isChecked():
            dock.raise_()

    def _on_palette(self) -> None:
        take_typed_number()
        commands = [*menu_commands(self.menus.all_menus(), self), *dataset_commands(self.data)]
        CommandPalette([*commands, *activation_commands(self.canvas)], self).open_over(self)

    def _on_settings(self) -> None:
        strip, reset = self.canvas.palette_strip.action, self._on_reset_layout
        dialog = PreferencesDialog(self.session, self._preferences, self.appearance, strip, reset, self)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_reset_layout(self) -> None:
        self.reset_layout()
        self.appearance.teach.setChecked(False)

    def _on_layout_chosen(self, name: str) -> None:
        self.appearance.teach.setChecked(name == "Teach")

    def _on_copied(self, told: str) -> None:
        self.statusBar().showMessage(told, 15_000)

    def _on_palette_shown(self, shown: bool) -> None:
        self._preferences.shows_palette = shown

    def _on_tempo_changed(self, tempo: str) -> None:
        self._preferences.tempo = tempo

    def _on_document_changed(self) -> None:
        self.setWindowTitle(f"{self.documents.name}[*] – bplab")
        self.setWindowModified(self.documents.modified)

    def _on_report_started(self, name: str) -> None:
        self.statusBar().showMessage(f"Making the report {name} …")

    def _on_report_written(self, path: str) -> None:
        self.statusBar().showMessage(f"The report is written: {path}", 15_000)

    def _on_report_cancelled(self, name: str) -> None:
        self.statusBar().showMessage(f"The report {name} is not made", 15_000)

    # -- keys, files dropped here, and the end ----------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space plays and pauses, Esc lets the plots go live, wherever the focus is on nothing that needs the key."""
        if not self._takes(event):
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """These keys do so in a floating panel too: a window of its own, from which no key comes to this one."""
        floats = isinstance(watched, Dock) and watched.isFloating()
        return floats and isinstance(event, QKeyEvent) and self._takes(event)

    def _takes(self, event: QKeyEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress or event.modifiers() or event.isAutoRepeat():
            return False
        if event.key() == Qt.Key.Key_Space:
            self.train.play.trigger()
        elif event.key() == Qt.Key.Key_Escape and self.time.now is not None:
            self.time.go_live()
        else:
            return False
        return True

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """One file that can be opened is welcome."""
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Open what was dropped: a document, or data to learn from."""
        path = _dropped(event)
        if path is None:
            return
        event.acceptProposedAction()
        if is_data_file(path):
            self.data.offer_file(path)
        else:
            self.files.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about work that is not saved, then leave nothing running."""
        if self._is_closed:
            return
        # Looked at before and after: told to leave, the window takes back the question that is open.
        if not (self._leaves_silently or self.files.may_leave() or self._leaves_silently):
            event.ignore()
            return
        self._is_closed = True
        self._preferences.layout = self.saveGeometry(), self.saveState(LAYOUT_VERSION)
        self.reports.close()
        self.checks.close()
        self.documents.close(keep=self._leaves_silently)
        super().closeEvent(event)
        self.closed.emit()

    def leave(self) -> None:
        """Close without asking, or waiting for an answer; what is not saved is offered at the next start."""
        take_typed_number()
        self._leaves_silently = True
        question = QApplication.activeModalWidget()
        if isinstance(question, QDialog):
            question.reject()
        self._leaves_silently = self.close()


def _dropped(event: QDropEvent) -> Path | None:
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    if path is None or not (path.suffix.lower() in _DOCUMENTS or is_data_file(path)):
        return None
    return path
