"""The time machine: where the shared cursor stands, the session shows the run as it was at that update.

The cursor says what is wished for; a :class:`TimeTraveller` restores it beside the window and is asked here, often
enough that something new is seen within 100 ms. While a fork is being prepared the cursor says where it begins.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from bplab.engine import InputError
from bplab.lab.draft import Draft
from bplab.lab.fork import experiment_at
from bplab.lab.live import LiveView
from bplab.lab.problem import same_problem
from bplab.lab.replay import Moment
from bplab.lab.run import Run
from bplab.lab.time_travel import TimeTraveller

from .plots.time_axis import TimeAxis
from .session import Session

POLL_MS = 8
"""So often the traveller is asked for what it has restored."""


class TimeMachine(QObject):
    """Follows the cursor of a session's :class:`TimeAxis`; ends its thread with the run."""

    changed = Signal()
    """What is looked at, or how far the way to it has been made, is another now."""

    def __init__(
        self, session: Session, keep: Callable[[], int | None] = lambda: None, parent: QObject | None = None
    ) -> None:
        """``keep`` writes the run on view into the project and returns its id there; None if that cannot be."""
        super().__init__(parent)
        self._keep = keep
        self._session = session
        self.time = TimeAxis.of(session)
        self.moment: Moment | None = None
        """What is shown; None is the run as it is now, or nothing has been restored yet."""
        self._asked: int | None = None
        self._stale: Moment | None = None
        self._views: dict[int, LiveView] = {}
        self._wants_fork = False
        self._resting = ExitStack()
        """Holds training from a wish until something new is shown: both at once would be late on two cores."""
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(POLL_MS)
        self._timer.timeout.connect(self._poll)
        self.time.moved.connect(self._follow)
        session.run_changed.connect(self._on_run_changed)
        session.experiment_changed.connect(self._follow)

    # -- where ------------------------------------------------------------------------------------------

    @property
    def newest(self) -> int:
        """Updates of the run so far; 0 without one."""
        return self._session.run.reached if self._session.run is not None else 0

    @property
    def asked(self) -> int | None:
        """The update that is looked at, or that is on its way to be; None is the run as it is now."""
        return self._asked

    @property
    def on_the_way(self) -> bool:
        """True while the update that was asked for is not shown yet."""
        return self._asked is not None and (self.moment is None or self.moment.updates != self._asked)

    @property
    def waits(self) -> bool:
        """True while training keeps the way back from being made: it uses another number of threads."""
        return self.on_the_way and self._session.traveller is not None and self._session.traveller.waits_for_threads

    @property
    def can_show(self) -> bool:
        """False where there is no run, or the network has been edited since."""
        return self._session.run_is_on_view or self._session.draft is not None

    def go_to(self, updates: int) -> None:
        """Look at the run after so many updates; at its end or beyond, as it is now."""
        if self._session.run is None:
            return
        if updates >= self.newest and self._session.draft is None:
            self.time.go_live()
        else:
            self.time.point_at(min(updates, self.newest))

    def go_to_start(self) -> None:
        """Look at the first weights; for a fork those of the run from which it comes."""
        self.go_to(0)

    def go_by(self, updates: int) -> None:
        """Look at an update so many later, or earlier with a minus."""
        self.go_to(max(0, self._here() + updates))

    def go_by_row(self, direction: int) -> None:
        """Look at the next row of the record, or with −1 at the one before: updates that plots have a point of."""
        record = self._session.record
        if record is None or not len(record):
            return
        steps, here = record.column("step"), self._here()
        if direction < 0:
            self.go_to(int(steps[steps < here].max(initial=0)))
        else:
            self.go_to(int(steps[steps > here].min(initial=self.newest)))

    def go_live(self) -> None:
        """Look at the run as it is now; a fork that is being prepared is given up."""
        self.time.go_live()

    def _here(self) -> int:
        return self.newest if self._asked is None else self._asked

    # -- fork from here ---------------------------------------------------------------------------------

    def fork(self) -> None:
        """Prepare a fork that begins at the update looked at, as soon as it is restored."""
        session = self._session
        if session.run is None or not self.newest or session.draft is not None:
            return
        self._resting.close()
        session.pause()
        session.run.wait_idle()
        self._wants_fork = True
        if self._asked is None:
            self.time.point_at(self.newest)
        self._follow()
        self._fork_if_there()

    def _fork_if_there(self) -> None:
        moment, run = self.moment, self._session.run
        if not self._wants_fork or moment is None or self.on_the_way or run is None:
            return
        self._wants_fork = False
        experiment = experiment_at(moment)
        self._session.edit(experiment, f"Fork from update {moment.updates:,}")  # first: the fork begins with these
        if self._session.experiment == experiment:
            self._session.prepare_fork(Draft(run, moment, self._keep()))

    # -- following --------------------------------------------------------------------------------------

    def _on_run_changed(self) -> None:
        run, traveller = self._session.run, self._session.traveller
        if traveller is not None and traveller.run is not run:
            self._end_travels()
            self._asked = None
        self._follow()

    def _follow(self) -> None:
        now, run = self.time.now, self._session.run
        if now is None or run is None:
            self._leave()
        elif self.can_show or self._wants_fork:
            self._ask(run, min(int(now), run.reached))
        else:
            self._asked, self.moment = min(int(now), run.reached), None
            self._rest()
        self.changed.emit()

    def _leave(self) -> None:
        if self._asked is None:
            return
        self._asked = self.moment = None
        self._wants_fork = False
        self._rest()
        self._session.give_up_fork()
        self._session.look_at(None)

    def _ask(self, run: Run, updates: int) -> None:
        shown = self.moment is not None and self.moment.updates == updates and self._session.past is not None
        if updates == self._asked and (shown or self._timer.isActive()):
            return
        if self._session.traveller is None:
            self._session.traveller = TimeTraveller(run)
        traveller = self._session.traveller
        if self.moment is None:
            self._stale = traveller.latest()
        self._asked = updates
        self._resting.close()
        if not run.wait_idle(0):
            self._resting.enter_context(run.held())
        traveller.ask(updates)
        self._session.switching.begin("time travel")
        self._timer.start()

    def _poll(self) -> None:
        traveller = self._session.traveller
        if traveller is None:
            self._rest()
            return
        arrived, moment = not traveller.busy, traveller.latest()
        if traveller.error is not None:
            self._give_up(traveller.error)
            return
        if moment is not None and moment is not self.moment and moment is not self._stale:
            self._show(moment)
        if arrived:
            self._rest()
            self.changed.emit()

    def _show(self, moment: Moment) -> None:
        self.moment = moment
        draft = self._session.draft
        if draft is not None:
            self._session.prepare_fork(Draft(draft.run, moment, draft.run_id))
        elif self._session.run_is_on_view:
            try:
                view = self._view_of(moment)
            except InputError as error:
                self._give_up(error)
                return
            view.show(moment.snapshot)
            self._session.look_at(view)
        self._resting.close()
        self._fork_if_there()
        self.changed.emit()

    def _view_of(self, moment: Moment) -> LiveView:
        """One for each leg: before a fork the network was its parent's."""
        if moment.leg not in self._views:
            run = self._session.run
            assert run is not None
            shared = run.runner.problem if same_problem(moment.experiment, run.experiment) else None
            self._views[moment.leg] = LiveView(moment.experiment, shared)
        return self._views[moment.leg]

    def _give_up(self, error: BaseException) -> None:
        """Back to now: the past cannot be restored, mostly as its data is gone."""
        self._end_travels()
        self.time.go_live()
        if not isinstance(error, InputError):
            raise error
        self._session.refused.emit(str(error))

    def _end_travels(self) -> None:
        """End the thread, and forget what it has restored."""
        traveller, self._session.traveller = self._session.traveller, None
        self._rest()
        if traveller is not None:
            traveller.close()
        self.moment = self._stale = None
        self._wants_fork = False
        self._views.clear()

    def _rest(self) -> None:
        self._timer.stop()
        self._resting.close()
        self._session.switching.end("time travel")
