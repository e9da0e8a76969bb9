"""Branches: the runs of a project and how they came of each other, and which of them are compared in the plots."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from bplab.engine import InputError
from bplab.lab.branch_words import changes_in_words
from bplab.lab.record import RunRecord
from bplab.lab.run import Run
from bplab.lab.saved_runs import RunInfo

from .documents import Documents
from .session import Session

MOST = 4
"""So many runs are compared at once, besides the one on view."""


@dataclass(frozen=True, eq=False)
class Compared:
    """Another run whose curves stand beside those of the run on view; ``place`` is its place among them."""

    run_id: int
    record: RunRecord
    place: int

    @property
    def name(self) -> str:
        """Short, for a legend."""
        return f"run {self.run_id}"

    @property
    def end(self) -> int:
        """Its last update with a row."""
        return int(self.record.last("step") or 0)


class Branches(QObject):
    """What the plots of one session compare its run with; at first a fork with its parent."""

    changed = Signal()
    """Other runs are compared; read :attr:`compared`."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._documents: Documents | None = None
        self._record: RunRecord | None = None
        self._words: dict[int, str] = {}
        self._own: tuple[Run | None, str] = (None, "")
        self.compared: tuple[Compared, ...] = ()
        session.run_changed.connect(self._follow)

    @classmethod
    def of(cls, session: Session) -> Branches:
        """The one of ``session``, made when it is first asked for."""
        found = session.findChild(cls)
        return found if isinstance(found, cls) else cls(session)

    def look_in(self, documents: Documents) -> None:
        """The runs are those of the document that is open there."""
        self._documents = documents
        documents.switched.connect(self._on_switched)
        self._follow()

    # -- what is there ----------------------------------------------------------------------------------

    @property
    def end(self) -> int:
        """The last update of all runs that are compared; 0 if none is."""
        return max((one.end for one in self.compared), default=0)

    @property
    def own_words(self) -> str:
        """Where the run on view was forked off, and what it does otherwise; empty if it was not."""
        run = self._session.run
        origin = run.runner.origin if run is not None else None
        if run is None or origin is None:
            return ""
        if self._own[0] is not run:
            self._own = run, f"fork at {origin.start.updates:,}: {changes_in_words(origin.legs[-1], run.experiment)}"
        return self._own[1]

    def words(self, info: RunInfo) -> str:
        """The same of any run of the project."""
        if info.branch is None:
            return ""
        if info.id not in self._words:
            self._words[info.id] = self._read_words(info.id)
        whose = f" of run {info.branch.parent}" if info.branch.parent is not None else ""
        return f"fork{whose} at {info.branch.step:,}: {self._words[info.id]}"

    def is_compared(self, run_id: int) -> bool:
        """True if the curves of that run are shown beside those of the one on view."""
        return any(one.run_id == run_id for one in self.compared)

    # -- choosing ---------------------------------------------------------------------------------------

    def compare(self, run_id: int, wanted: bool) -> None:
        """Show the curves of a run too, or no longer; ``InputError`` if it cannot be read. The oldest one gives way."""
        kept = [one for one in self.compared if one.run_id != run_id]
        if wanted and self._documents is not None:
            record = self._documents.record_of(run_id)
            kept = kept[max(0, len(kept) - MOST + 1) :]
            taken = {one.place for one in kept}
            kept.append(Compared(run_id, record, next(place for place in range(MOST) if place not in taken)))
        self._set(tuple(kept))

    def compare_none(self) -> None:
        """Show the run on view alone."""
        self._set(())

    def _set(self, compared: tuple[Compared, ...]) -> None:
        if [one.run_id for one in compared] != [one.run_id for one in self.compared]:
            self.compared = compared
            self.changed.emit()

    # -- following --------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Another run: it is not compared with itself, and with its parent."""
        record = self._session.record
        if record is self._record or self._documents is None or record is None:
            return
        self._record = record
        shown, branch = self._documents.shown_run(), record.branch
        self._set(tuple(one for one in self.compared if one.run_id != shown))
        parent = branch.parent if branch is not None else None
        if parent is not None and not self.is_compared(parent):
            try:
                self.compare(parent, True)
            except InputError:
                return  # it is not in the project any more, and the fork is whole without it

    def _on_switched(self) -> None:
        self._words.clear()
        self._record = None
        self._set(())

    def _read_words(self, run_id: int) -> str:
        assert self._documents is not None
        try:
            found = self._documents.last_leg(run_id)
        except InputError as error:
            return str(error)
        return changes_in_words(*found) if found is not None else ""
