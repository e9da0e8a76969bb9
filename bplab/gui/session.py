"""The session: what is open, what is edited and what is training. Views read it and ask it; it knows no view.

Edits go through :meth:`Session.edit`; views follow ``experiment_changed``. While a run is on, a 30 Hz timer takes
the newest snapshot, holds the training thread between two updates (the frame gate) and emits ``ticked``: views
redraw inside that signal what changed and is visible, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal

from bplab.engine import InputError
from bplab.lab.by_hand import as_reached, only_by_hand_differs
from bplab.lab.draft import Draft
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.history import History
from bplab.lab.live import LiveView
from bplab.lab.problem import same_problem
from bplab.lab.record import RunRecord
from bplab.lab.run import Run, RunState
from bplab.lab.tempo import limit_of
from bplab.lab.time_travel import TimeTraveller

from .editing import Editing
from .switching import QuickSwitching

FRAME_MS = 32
"""A little under the 33.3 of 30 Hz: what now and then delays a frame then still ends it within 36 ms."""


class Session(Editing):
    """One open document: its history of edits, its latest run, and the network on view."""

    run_changed = Signal()
    """Another run, or the run's state changed; read :attr:`run`."""
    ticked = Signal()
    """The network on view, or the record, moved on: redraw. Training is held until all of it is painted."""
    draft_changed = Signal()
    """A fork is being prepared, begins elsewhere now, or is given up; read :attr:`draft`."""
    tempo_changed = Signal(str)
    """How fast runs may go has changed."""
    closed = Signal()
    """Nothing comes any more."""

    def __init__(self, experiment: Experiment | None = None, parent: QObject | None = None) -> None:
        super().__init__(experiment or load_experiment("circle"), parent)
        self._run: Run | None = None
        self._shown_state: RunState | None = None
        self._told = self.experiment.training
        self._live: LiveView | None = None
        self._past: LiveView | None = None
        self._draft: Draft | None = None
        self.traveller: TimeTraveller | None = None
        """Repeats updates of the run, where an earlier one is looked at; it rests too while the window paints."""
        self._tempo = "full"
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)
        self.switching = QuickSwitching()

    # -- the experiment ---------------------------------------------------------------------------------

    def _check(self, experiment: Experiment) -> None:
        if self._draft is not None:
            self._draft.check(experiment)

    def open(self, experiment: Experiment) -> None:
        """Replace everything by ``experiment``, with a history of its own."""
        self.end_run()
        before, self._history = self.experiment, History(experiment)
        self._experiment_moved(before)

    def _experiment_moved(self, before: Experiment) -> None:
        if self.is_training:
            self._tell_changes()
        same = same_network(before, self.experiment)
        if self._live is not None:
            if same:
                self._live.experiment = self.experiment
            else:
                self._live = None
        if not same:
            self._past = None
        if self._draft is not None:
            self._follow_draft()
        self._paint(self.experiment_changed, self.ticked)

    def _paint(self, *signals: Any) -> None:
        """Emit ``signals``; beside a busy thread what they change is painted inside, as a frame is: see tick."""
        with self._held() as busy:
            for signal in signals:
                signal.emit()
            if busy:
                for kind in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest):
                    QCoreApplication.sendPostedEvents(None, kind)  # None: everybody's

    @contextmanager
    def _held(self) -> Iterator[bool]:
        """No thread makes updates while the block runs; it gets whether there is one that would."""
        run, traveller = self._run, self.traveller
        with ExitStack() as gates:
            trains = run is not None and not run.wait_idle(0)
            if run is not None and trains:
                gates.enter_context(run.held())
            if traveller is not None:  # though it may not be busy: then it looks around where it has arrived
                gates.enter_context(traveller.held())
            yield trains or traveller is not None

    # -- what is on view --------------------------------------------------------------------------------

    @property
    def live(self) -> LiveView:
        """The network on view: the run's at its latest snapshot or at the earlier update that is looked at
        (:attr:`past`), or the edited one with its first weights.
        """
        if self._past is not None:
            return self._past
        if self._live is None:
            self._live = LiveView(self.experiment, self.problem)
            if self._run is not None and self.run_is_on_view:
                self._live.show(self._run.latest())
        return self._live

    @property
    def past(self) -> LiveView | None:
        """The run at an earlier update, while that is looked at; or what the fork that is prepared begins with."""
        return self._past

    def look_at(self, past: LiveView | None) -> None:
        """Show the run at an earlier update, or as it is now; the run itself goes on as it did."""
        if past is None and self._past is None:
            return
        self._past = past
        if past is None and self._run is not None and self._live is not None and self.run_is_on_view:
            self._live.show(self._run.latest())
        self._paint(self.ticked)

    @property
    def run_is_on_view(self) -> bool:
        """True if the network on view is the run's: no edit since then has changed network or data."""
        run = self._run
        return run is not None and same_network(run.experiment, self.experiment)

    @property
    def edited_since_run(self) -> bool:
        """True if there is a run and the experiment is no longer the one it trains."""
        run = self._run
        return run is not None and not (
            run.experiment == self.experiment or only_by_hand_differs(run.experiment, self.experiment)
        )

    @property
    def record(self) -> RunRecord | None:
        """The record of the latest run."""
        return self._run.record if self._run else None

    # -- the run ----------------------------------------------------------------------------------------

    @property
    def run(self) -> Run | None:
        """The latest run."""
        return self._run

    @property
    def is_training(self) -> bool:
        """True while updates are being made."""
        return self._run is not None and self._run.state is RunState.RUNNING

    @property
    def is_moving(self) -> bool:
        """True while the network on view changes by itself: the run trains, and no earlier update is looked at."""
        return self.is_training and self._past is None

    def play(self) -> None:
        """Train on; an experiment edited since its run starts a new one."""
        run = self._ready_run()
        if run is not None:
            run.play()
            self._follow()

    def step(self, updates: int = 1) -> None:
        """Make a few updates."""
        run = self._ready_run()
        if run is not None:
            run.step(updates)
            self._follow()

    def run_to_epoch(self, epoch: int) -> None:
        """Train up to the end of an epoch, counted from 1, and pause there."""
        run = self._ready_run()
        if run is None:
            return
        updates = epoch * run.runner.trainer.steps_per_epoch
        if run.updates >= updates:
            self.refused.emit(f"The run is at epoch {run.epochs:,.4g} already; Reset begins it anew.")
            return
        run.run_to(updates)
        self._follow()

    def run_until_loss(self, loss: float) -> None:
        """Train until the training loss, as its curve shows it, is below ``loss``, or to the planned end."""
        run = self._ready_run()
        if run is None:
            return
        now = float(run.record.last("loss"))
        if now < loss:
            self.refused.emit(f"The training loss is {now:.3g}: it is below {loss:.3g} already.")
            return
        run.run_until(loss)
        self._follow()

    @property
    def tempo(self) -> str:
        """How fast runs may go, one of :data:`bplab.lab.tempo.TEMPI`."""
        return self._tempo

    def set_tempo(self, tempo: str) -> None:
        """Let this run and those to come go at another tempo; no number of a run depends on it."""
        self._tempo = tempo
        self._apply_tempo()
        self.tempo_changed.emit(tempo)

    def pause(self) -> None:
        """Stop training after the update under way."""
        if self._run is not None:
            self._run.pause()

    def toggle(self) -> None:
        """Play or pause."""
        if self.is_training:
            self.pause()
        else:
            self.play()

    def reset(self, seed: int | None = None) -> None:
        """Back to the first weights; with ``seed``, other ones (one undo step)."""
        self.end_run()
        if seed is None or not self.edit_training("New seed", seed=seed):
            self.ticked.emit()

    def adopt(self, run: Run) -> None:
        """Show a run that was saved earlier."""
        self.end_run()
        self._take(run)
        self._follow()

    def end_run(self) -> None:
        """Stop the run, wait for its thread and forget it."""
        run, self._run = self._run, None
        if run is not None:
            run.stop()
            run.join()
            self._rest()
            self._shown_state = self._live = self._past = None
            if self._draft is not None:
                self._draft = None
                self.draft_changed.emit()
            self.run_changed.emit()

    def close(self) -> None:
        """Leave nothing running behind."""
        self.end_run()
        self._timer.stop()
        self.closed.emit()

    def tick(self) -> None:
        """Take what the run has to show and let the views draw it."""
        run = self._run
        if run is None:
            self._rest()
            return
        at_rest = run.wait_idle(0)  # asked first: what a run has to show it posts before it rests
        state = run.state
        with self._held():
            if self._past is None and self.run_is_on_view:
                self.live.show(run.latest())
            self.ticked.emit()
            if not at_rest:
                # What the views have asked to be painted is painted here, while training still rests: later in
                # the event loop every paint would have to win the GIL from it (p95 of a frame 37-39 ms, not 36).
                QCoreApplication.sendPostedEvents()
        if run is not self._run:
            return  # one of those events has put an end to it
        if at_rest:
            self._rest()
        else:  # it trains, or a saved run is being repeated up to where it was
            run.ask_for_snapshot()
        if state is not self._shown_state:
            self._shown_state = state
            self.run_changed.emit()

    # -- a fork -----------------------------------------------------------------------------------------

    @property
    def draft(self) -> Draft | None:
        """The fork that is being prepared: the next play begins it."""
        return self._draft

    def prepare_fork(self, draft: Draft) -> None:
        """Let the next play begin a fork of the run with the experiment as it is then; edits are held to what fits."""
        self.pause()
        self._draft = draft
        self._follow_draft()
        self._paint(self.draft_changed, self.ticked)

    def give_up_fork(self) -> None:
        """Go on with the run and its settings."""
        run, draft, self._draft = self._run, self._draft, None
        if draft is None or run is None:
            return
        self._past = None
        self.draft_changed.emit()
        if not self.edit(as_reached(run.experiment, run.record), "Leave the fork"):
            self.ticked.emit()

    def _follow_draft(self) -> None:
        """Show what the fork begins with; one that does not fit the experiment any more is given up."""
        assert self._draft is not None
        try:
            self._past = self._draft.view(self.experiment, self.problem)
        except InputError as error:
            self._draft = self._past = None
            self.draft_changed.emit()
            self.refused.emit(f"{error} The fork is given up.")

    def _begin_fork(self, draft: Draft) -> Run | None:
        try:
            run = draft.begin(self.experiment)
        except InputError as error:
            self.refused.emit(str(error))
            return None
        self.end_run()
        self._take(run)
        return run

    def _ready_run(self) -> Run | None:
        if self._draft is not None:
            return self._begin_fork(self._draft)
        ended = self._run is not None and self._run.state in (RunState.DIVERGED, RunState.FAILED, RunState.STOPPED)
        if self._run is None or self.edited_since_run or ended:
            try:
                problem = self.problem
                self.end_run()  # before there is another: two runs at once would share one number of BLAS threads
                self._take(Run(self.experiment, problem))
            except InputError as error:
                self.refused.emit(str(error))
                return None
        self._tell_changes()
        return self._run

    def _take(self, run: Run) -> None:
        self._run = run
        self._told = as_reached(run.experiment, run.record).training
        self._live = None
        self._apply_tempo()

    def _tell_changes(self) -> None:
        """Let the run train on with what is shown, if it differs in nothing that cannot change while a run is on."""
        run, plan, told = self._run, self.experiment.training, self._told
        if run is None or plan is told or not only_by_hand_differs(run.experiment, self.experiment):
            return
        self._told = plan
        if plan.optimizer.learning_rate != told.optimizer.learning_rate:
            run.set_learning_rate(plan.optimizer.learning_rate)
        if plan.rules != told.rules:
            run.set_rules(plan.rules)

    def _apply_tempo(self) -> None:
        if self._run is not None:
            self._run.set_tempo(limit_of(self._tempo, self._run.runner.planned_updates))

    def _follow(self) -> None:
        self.switching.begin("training")
        self._timer.start()
        self.tick()

    def _rest(self) -> None:
        self._timer.stop()
        self.switching.end("training")


def same_network(one: Experiment, other: Experiment) -> bool:
    """True if parameters of the one are parameters of the other, drawn and fed alike."""
    return (
        one.network == other.network
        and same_problem(one, other)
        and one.training.seed == other.training.seed
    )
