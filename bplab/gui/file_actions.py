"""What the File menu does: asks for names, asks before work is left behind, and says what could not be done."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from bplab.engine import InputError
from bplab.lab.database import InUseError
from bplab.lab.project import SUFFIX
from bplab.lab.unsaved import Recoverable, discard, recoverable

from .actions import make_action, take_typed_number
from .documents import Documents
from .notices import NoticeBar, Offer
from .preferences import Preferences
from .reports import Reports

OPENED = f"Projects and experiments (*{SUFFIX} *.json);;All files (*)"
PROJECTS = f"Projects (*{SUFFIX})"
PAGES = "Web pages (*.html)"
TOPIC = "file"
RECOVERY = "recovery"
REVERSION = "reversion"


class Answer(Enum):
    """What to do about work that is not saved."""

    SAVE = "save"
    DISCARD = "discard"
    CANCEL = "cancel"


class FileActions(QObject):
    """The actions, and the methods behind them, which other parts of the window may call too."""

    def __init__(
        self,
        window: QWidget,
        documents: Documents,
        reports: Reports,
        preferences: Preferences,
        notices: NoticeBar,
    ) -> None:
        super().__init__(window)
        self._window, self._documents, self._reports = window, documents, reports
        self._preferences, self._notices = preferences, notices
        standard = QKeySequence.StandardKey
        self.new = make_action(self, "New", "A new experiment", standard.New)
        self.open = make_action(self, "Open…", "Open a project or an experiment file", standard.Open)
        self.save = make_action(self, "Save", "Save experiment and runs in the project's file", standard.Save)
        self.save_as = make_action(self, "Save as…", "Save under another name", ["Ctrl+Shift+S"])
        self.export = make_action(self, "Export report…", "Write this run's report as a web page", "Ctrl+E")
        self.quit = make_action(self, "Quit", "Leave bplab", ["Ctrl+Q"])
        for action, do in (
            (self.new, self._on_new),
            (self.open, self._on_open),
            (self.save, self._on_save),
            (self.save_as, self._on_save_as),
            (self.export, self._on_export),
            (self.quit, window.close),
        ):
            action.triggered.connect(do)
        documents.changed.connect(self._on_document_changed)
        documents.failed.connect(self._on_failed)
        reports.failed.connect(self._on_failed)
        self._on_document_changed()

    # -- opening ----------------------------------------------------------------------------------------

    def open_path(self, path: Path) -> None:
        """Open a file, if what is open may be left."""
        if self.may_leave() and self._try(lambda: self._documents.open(path), path):
            self._preferences.add_recent(path)
            self._preferences.folder = path.absolute().parent
            self._offer_to_revert()

    def open_example(self, name: str) -> None:
        """Open a built-in example, if what is open may be left."""
        if self.may_leave():
            self._try(lambda: self._documents.open_example(name))

    def show_run(self, run_id: int) -> None:
        """Look at an earlier run of the document."""
        self._try(lambda: self._documents.show_run(run_id))

    def _on_new(self) -> None:
        if self.may_leave():
            self._try(self._documents.new)

    def _on_open(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self._window, "Open", str(self._preferences.folder), OPENED)
        if chosen:
            self.open_path(Path(chosen))

    def _offer_to_revert(self) -> None:
        if self._documents.recovered:
            self._notices.say(
                REVERSION,
                f"{self._documents.name} was left without saving; the work since then is here again",
                Offer("Go back to the saved one", "Drop what was not saved", self._on_revert),
            )

    def _on_revert(self) -> None:
        self._try(self._documents.revert)

    # -- after a crash ----------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Say what an earlier bplab has left behind, the newest first."""
        found = recoverable()
        if not found:
            return
        newest, more = found[0], len(found) - 1
        runs = f", {newest.runs} run{'s' * (newest.runs != 1)}" if newest.runs else ""
        when = newest.changed.astimezone().strftime("%d %B, %H:%M")
        others = f" ({more} more after it)" if more else ""

        def recover() -> None:
            self._on_recover(newest)

        def drop() -> None:
            self._on_drop(newest)

        discarding = Offer("Discard", "Remove it for good", drop)
        if newest.problem:
            text = f"{newest.problem}; it was not saved when bplab ended ({when}){others}"
            self._notices.say(RECOVERY, text, discarding)
            return
        self._notices.say(
            RECOVERY,
            f"“{newest.name}” was not saved when bplab ended ({when}{runs}){others}",
            Offer("Recover", "Open it again, as it was", recover),
            discarding,
        )

    def _on_recover(self, document: Recoverable) -> None:
        if self.may_leave():
            self._try(lambda: self._documents.open(document.path))
            self.offer_recovery()

    def _on_drop(self, document: Recoverable) -> None:
        self._try(lambda: discard(document.path))
        self.offer_recovery()

    # -- saving -----------------------------------------------------------------------------------------

    def _on_save(self) -> bool:
        take_typed_number()
        if self._documents.path is None:
            return self._on_save_as()
        return self._try(self._documents.save)

    def _on_save_as(self) -> bool:
        take_typed_number()
        proposed = self._preferences.folder / f"{file_name(self._documents.name)}{SUFFIX}"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Save as", str(proposed), PROJECTS)
        if not chosen or not self._try(lambda: self._documents.save_as(Path(chosen))):
            return False
        assert self._documents.path is not None
        self._preferences.add_recent(self._documents.path)
        self._preferences.folder = self._documents.path.parent
        return True

    def _on_export(self) -> None:
        take_typed_number()
        proposed = self._preferences.folder / f"{file_name(self._documents.name)}-report.html"
        chosen, _ = QFileDialog.getSaveFileName(self._window, "Export report", str(proposed), PAGES)
        if chosen:
            path = Path(chosen)
            self._preferences.folder = path.parent
            self._reports.export(path if path.suffix else path.with_suffix(".html"))

    # -- leaving ----------------------------------------------------------------------------------------

    def may_leave(self) -> bool:
        """True if nothing would be lost, or the reader has saved it or does not want it."""
        take_typed_number()
        if not self._documents.modified:
            return True
        answer = self.ask()
        return self._on_save() if answer is Answer.SAVE else answer is Answer.DISCARD

    def ask(self) -> Answer:
        """Ask what to do about work that is not saved."""
        box = QMessageBox(self._window)
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle("Not saved")
        box.setText(f"Save the changes to “{self._documents.name}”?")
        box.setInformativeText("Edits and runs that are not saved are gone when it is closed.")
        button = QMessageBox.StandardButton
        box.setStandardButtons(button.Save | button.Discard | button.Cancel)
        box.setDefaultButton(button.Save)
        answers = {button.Save.value: Answer.SAVE, button.Discard.value: Answer.DISCARD}
        return answers.get(box.exec(), Answer.CANCEL)

    # -- following --------------------------------------------------------------------------------------

    def _offer_copy(self, path: Path, sentence: str) -> None:
        """What can be done about a project that another window has open; leaving it alone is the other choice."""
        tip = "See it as it is now; changes can be saved under another name only"
        looking = Offer("Open read-only", tip, lambda: self._on_copy(path))
        self._notices.say(TOPIC, sentence, looking, warns=True)

    def _on_copy(self, path: Path) -> None:
        if self.may_leave():
            self._try(lambda: self._documents.open_copy(path))

    def _try(self, do: Callable[[], object], path: Path | None = None) -> bool:
        """``path`` is what is opened, which can be looked at if another window has it open."""
        try:
            do()
        except InUseError as error:
            if path is None:
                self._on_failed(str(error))
            else:
                self._offer_copy(path, str(error))
            return False
        except InputError as error:
            self._on_failed(str(error))
            return False
        self._notices.clear(TOPIC)
        return True

    def _on_failed(self, sentence: str) -> None:
        self._notices.say(TOPIC, sentence, warns=True)

    def _on_document_changed(self) -> None:
        if not self._documents.recovered:
            self._notices.clear(REVERSION)
        modified = self._documents.modified or self._documents.path is None
        self.save.setEnabled(modified)
        self.save.setToolTip("Save experiment and runs in the project's file" if modified else "Everything is saved")


def file_name(name: str) -> str:
    """A name that every system takes for a file."""
    kept = "".join(sign if sign.isalnum() or sign in " -_." else "-" for sign in name)
    return kept.strip(" .-") or "untitled"
