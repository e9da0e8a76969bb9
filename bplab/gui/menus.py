"""The menu bar: every menu is put together here, from actions made where their work is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from bplab.engine import InputError
from bplab.lab.experiment import example_names, load_experiment
from bplab.lab.saved_runs import RunInfo

from .about import AboutDialog
from .actions import EditActions, TrainActions, make_action
from .appearance import Appearance
from .branches import Branches
from .documents import Documents
from .file_actions import FileActions
from .numbers import percent_text, short_text
from .preferences import Preferences
from .shortcuts_sheet import ShortcutsSheet, shortcuts


class Menus(QObject):
    """The menus of a window."""

    def __init__(
        self,
        window: QMainWindow,
        files: FileActions,
        edits: EditActions,
        train: TrainActions,
        documents: Documents,
        preferences: Preferences,
    ) -> None:
        super().__init__(window)
        self._window, self._files = window, files
        self._documents, self._preferences = documents, preferences
        self._branches: Branches | None = None
        self._one_run = QActionGroup(self)
        self._all: list[QMenu] = []
        self.file = self._menu("File")
        self.edit = self._menu("Edit")
        self.view = self._menu("View")
        self.network = self._menu("Network")
        self.train = self._menu("Train")
        self.help = self._menu("Help")
        self._fill_file()
        self.edit.addActions([edits.undo, edits.redo])
        self.edit.addSeparator()
        self.settings = make_action(self, "Preferences…", "Theme, type, speed and what else is remembered", "Ctrl+,")
        self.settings.setMenuRole(QAction.MenuRole.PreferencesRole)
        self.edit.addAction(self.settings)
        self._fill_train(train)
        self._fill_help()

    def fill_view(self, panels: Iterable[QAction], look: Appearance, layouts: Iterable[QAction]) -> None:
        """Panels to show and hide, layouts of them, and the look."""
        self.view.addActions(list(panels))
        self.view.addSeparator()
        self._submenu(self.view, "Layout").addActions(list(layouts))
        self._submenu(self.view, "Theme").addActions(look.actions)
        self.view.addAction(look.teach)

    def fill_canvas(self, colours: Iterable[QAction], palette: QAction) -> None:
        """What the colours of the network stand for, and the strip of kinds of layers above it."""
        self._submenu(self.view, "Colour by").addActions(list(colours))
        self.view.addAction(palette)

    def fill_time(self, ways: Iterable[QAction], fork: QAction, compare: QMenu, branches: Branches) -> None:
        """Ways through the updates of a run, what can be made of it there, and what to compare it with."""
        self._branches = branches
        self.train.addMenu(compare)
        self.train.addSeparator()
        self._submenu(self.train, "Time travel").addActions(list(ways))
        self.train.addAction(fork)

    def fill_network(self, layers: Iterable[QAction], fit: QAction) -> None:
        """What can be done to the selected layer."""
        self.network.addActions(list(layers))
        self.network.addSeparator()
        self.network.addAction(fit)

    def all_actions(self) -> list[QAction]:
        """Every action of every menu, in reading order."""
        return [action for menu in self.all_menus() for action in menu.actions() if not action.isSeparator()]

    def all_menus(self) -> list[QMenu]:
        """The menus of the menu bar, from left to right."""
        return list(self._all)

    # -- making -----------------------------------------------------------------------------------------

    def _menu(self, title: str) -> QMenu:
        menu = self._window.menuBar().addMenu(f"&{title}")
        menu.setToolTipsVisible(True)
        self._all.append(menu)
        return menu

    def _submenu(self, menu: QMenu, title: str, fill: Callable[[], None] | None = None) -> QMenu:
        submenu = menu.addMenu(title)
        submenu.setToolTipsVisible(True)
        if fill is not None:
            submenu.aboutToShow.connect(fill)
        return submenu

    def _fill_file(self) -> None:
        files, menu = self._files, self.file
        menu.addAction(files.new)
        self.examples = self._submenu(menu, "Open example", self.fill_examples)
        menu.addAction(files.open)
        self.recent = self._submenu(menu, "Recent", self.fill_recent)
        menu.addSeparator()
        menu.addActions([files.save, files.save_as, files.export])
        menu.addSeparator()
        menu.addAction(files.quit)

    def _fill_train(self, train: TrainActions) -> None:
        self.train.addActions([train.play, train.step, train.step_epoch, train.film, train.to_epoch, train.to_loss])
        self.train.addSeparator()
        self.train.addActions([train.reset, train.reset_seed])
        self.train.addSeparator()
        self.train.addActions([train.check, train.copy_command])
        self.train.addSeparator()
        self.runs = self._submenu(self.train, "Runs", self.fill_runs)

    def _fill_help(self) -> None:
        help_key = QKeySequence.StandardKey.HelpContents
        tip = "Everything that can be done, found by a few letters of its name"
        self.palette = make_action(self, "Find a command…", tip, "Ctrl+Shift+P")
        keys = make_action(self, "Keyboard shortcuts", "All keys that do something", help_key)
        about = make_action(self, "About bplab", "What this is, with versions to copy")
        about.setMenuRole(QAction.MenuRole.AboutRole)
        keys.triggered.connect(self._on_keys)
        about.triggered.connect(self._on_about)
        self.help.addActions([self.palette, keys, about])

    # -- menus that are filled when they open -----------------------------------------------------------

    def fill_examples(self) -> None:
        """The built-in examples, in the order in which a newcomer should meet them."""
        self.examples.clear()
        for name in example_names():
            try:
                experiment = load_experiment(name)
            except InputError:
                continue
            action = make_action(self.examples, experiment.name, f"Open the example {name}")
            action.setData(name)
            action.triggered.connect(self._on_example)
            self.examples.addAction(action)

    def fill_recent(self) -> None:
        """Files opened or saved lately."""
        self.recent.clear()
        for path in self._preferences.recent:
            action = make_action(self.recent, path.name.replace("&", "&&"), str(path))
            action.setData(str(path))
            action.triggered.connect(self._on_recent)
            self.recent.addAction(action)
        self.recent.addSeparator()
        clear = make_action(self.recent, "Clear this list", "Forget these files; they stay where they are")
        if not self._preferences.recent:
            clear.setEnabled(False)
            clear.setToolTip("No file was opened or saved yet")
        clear.triggered.connect(self._preferences.clear_recent)
        self.recent.addAction(clear)

    def fill_runs(self) -> None:
        """The runs in the open document, the latest first."""
        self.runs.clear()
        shown = self._documents.shown_run()
        try:
            runs = self._documents.runs()
        except InputError as error:
            runs = []
            self._window.statusBar().showMessage(str(error))
        for info in reversed(runs):
            words = self._branches.words(info) if self._branches is not None else ""
            tip = "Look at this run; its settings come back, one undo step"
            action = make_action(self.runs, run_line(info, words), tip)
            action.setCheckable(True)
            action.setChecked(info.id == shown)
            action.setData(info.id)
            action.triggered.connect(self._on_run)
            self._one_run.addAction(action)
            self.runs.addAction(action)
        if not runs:
            nothing = make_action(self.runs, "No runs yet", "Press Play to make the first")
            nothing.setEnabled(False)
            self.runs.addAction(nothing)

    # -- doing ------------------------------------------------------------------------------------------

    def _data(self) -> object:
        action = self.sender()
        assert isinstance(action, QAction)
        return action.data()

    def _on_example(self) -> None:
        self._files.open_example(str(self._data()))

    def _on_recent(self) -> None:
        self._files.open_path(Path(str(self._data())))

    def _on_run(self) -> None:
        run_id = self._data()
        assert isinstance(run_id, int)
        self._files.show_run(run_id)

    def _on_keys(self) -> None:
        rows = shortcuts(self.all_menus(), self._window)
        self._open(ShortcutsSheet(rows, self._preferences.folder, self._window))

    def _on_about(self) -> None:
        self._open(AboutDialog(self._window))

    def _open(self, dialog: AboutDialog | ShortcutsSheet) -> None:
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()


def run_line(info: RunInfo, branch: str = "") -> str:
    """One run in a line: number, name, how far, how well, and of which run it is a fork."""
    parts = [f"{info.id}  {info.name}".replace("&", "&&"), f"{info.updates:,} update{'s' * (info.updates != 1)}"]
    if info.test_loss is not None:
        parts.append(f"test loss {short_text(info.test_loss)}")
    elif info.loss is not None:
        parts.append(f"loss {short_text(info.loss)}")
    if info.accuracy is not None:
        parts.append(f"accuracy {percent_text(info.accuracy)}")
    if info.state != "paused":
        parts.append(info.state)
    if branch:
        parts.append(branch)
    return " · ".join(parts)
