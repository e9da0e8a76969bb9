"""The session: what is open, what is edited and what is training. Views read it and ask it; it knows no view.

Edits go through :meth:`Session.edit`; views follow ``experiment_changed``. While a run is on, a 30 Hz timer takes
the newest snapshot, holds the training thread between two updates (the frame gate) and emits ``ticked``: views
redraw inside that signal what changed and is visible, and nothing else.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable
from typing import Any

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal

from bplab.engine import InputError
from bplab.lab.by_hand import as_reached, only_by_hand_differs
from bplab.lab.editing import refusal_in_words
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.history import History
from bplab.lab.live import LiveView
from bplab.lab.problem import Problem, make_problem
from bplab.lab.record import RunRecord
from bplab.lab.run import Run, RunState
from bplab.lab.tempo import limit_of

FRAME_MS = 32
"""A little under the 33.3 of 30 Hz: what now and then delays a frame then still ends it within 36 ms."""
SWITCH_INTERVAL = 0.0002
"""Seconds after which a thread must offer the GIL while a run trains beside the window; Python's 5 ms freeze it."""


class Session(QObject):
    """One open document: its history of edits, its latest run, and the network on view."""

    experiment_changed = Signal()
    """The experiment is another value than before; read :attr:`experiment`."""
    run_changed = Signal()
    """Another run, or the run's state changed; read :attr:`run`."""
    ticked = Signal()
    """The network on view, or the record, moved on: redraw. Training is held until all of it is painted."""
    tempo_changed = Signal(str)
    """How fast runs may go has changed."""
    refused = Signal(str)
    """Something cannot be done; one sentence for people."""
    closed = Signal()
    """Nothing comes any more."""

    def __init__(self, experiment: Experiment | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._history = History(experiment or load_experiment("circle"))
        self._run: Run | None = None
        self._shown_state: RunState | None = None
        self._told = self.experiment.training
        self._live: LiveView | None = None
        self._problem: tuple[Experiment, Problem] | None = None
        self._tempo = "full"
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.tick)
        self._python_switch_interval = sys.getswitchinterval()

    # -- the experiment ---------------------------------------------------------------------------------

    @property
    def experiment(self) -> Experiment:
        """The experiment as it is edited."""
        return self._history.value

    @property
    def history(self) -> History[Experiment]:
        """For the labels of Undo and Redo."""
        return self._history

    def edit(
        self, experiment: Experiment, label: str, merge_key: str | None = None, problem: Problem | None = None
    ) -> bool:
        """Make ``experiment`` the present one, as one undo step named ``label``; refused edits leave all as it was.

        ``problem`` is that of ``experiment`` where it has been made already.
        """
        before = self.experiment
        try:
            experiment.checked()
            if problem is not None:
                self._problem = (experiment, problem)
            self._problem_of(experiment)
        except InputError as error:
            self.refused.emit(refusal_in_words(experiment, error))
            return False
        if not self._history.edit(experiment, label, merge_key):
            return False
        self._experiment_moved(before)
        return True

    def edit_training(self, label: str, merge_key: str | None = None, **changes: Any) -> bool:
        """Edit fields of ``experiment.training``."""
        plan = msgspec.structs.replace(self.experiment.training, **changes)
        return self.edit(msgspec.structs.replace(self.experiment, training=plan), label, merge_key)

    def edit_layer(self, layer: int, label: str, merge_key: str | None = None, **changes: Any) -> bool:
        """Edit fields of layer ``layer`` (from 0)."""
        layers: list[Any] = list(self.experiment.network.layers)
        layers[layer] = msgspec.structs.replace(layers[layer], **changes)
        network = msgspec.structs.replace(self.experiment.network, layers=tuple(layers))
        return self.edit(msgspec.structs.replace(self.experiment, network=network), label, merge_key)

    def undo(self) -> None:
        """Take the last edit back."""
        if self._history.undo_label is not None:
            self._travel(self._history.undo, self._history.redo)

    def redo(self) -> None:
        """Bring the last undone edit back."""
        if self._history.redo_label is not None:
            self._travel(self._history.redo, self._history.undo)

    def open(self, experiment: Experiment) -> None:
        """Replace everything by ``experiment``, with a history of its own."""
        self.end_run()
        before, self._history = self.experiment, History(experiment)
        self._experiment_moved(before)

    def _travel(self, go: Callable[[], Experiment], back: Callable[[], Experiment]) -> None:
        """Undo or redo, unless the data of that time cannot be read any more."""
        before = self.experiment
        try:
            self._problem_of(go())
        except InputError as error:
            back()
            self.refused.emit(str(error))
        else:
            self._experiment_moved(before)

    def _experiment_moved(self, before: Experiment) -> None:
        run = self._run
        if self.is_training:
            self._tell_changes()
        if self._live is not None:
            if same_network(before, self.experiment):
                self._live.experiment = self.experiment
            else:
                self._live = None
        if run is None or run.wait_idle(0):
            self.experiment_changed.emit()
            self.ticked.emit()
            return
        with run.held():  # and painted inside, as a frame is: see tick
            self.experiment_changed.emit()
            self.ticked.emit()
            for kind in (QEvent.Type.LayoutRequest, QEvent.Type.UpdateRequest):
                QCoreApplication.sendPostedEvents(None, kind)  # None: everybody's

    # -- what is on view --------------------------------------------------------------------------------

    @property
    def problem(self) -> Problem:
        """The data of the experiment, made once per change of what it depends on."""
        return self._problem_of(self.experiment)

    def _problem_of(self, experiment: Experiment) -> Problem:
        """Kept until another one is asked for; ``InputError`` if data cannot be read, and then nothing has changed."""
        if self._problem is None or not same_problem(self._problem[0], experiment):
            self._problem = (experiment, make_problem(experiment))
        return self._problem[1]

    @property
    def live(self) -> LiveView:
        """The network on view: the run's at its latest snapshot, or the edited one with its first weights."""
        if self._live is None:
            self._live = LiveView(self.experiment, self.problem)
            if self._run is not None and self.run_is_on_view:
                self._live.show(self._run.latest())
        return self._live

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
            self._shown_state = self._live = None
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
        with contextlib.nullcontext() if at_rest else run.held():
            if self.run_is_on_view:
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

    def _ready_run(self) -> Run | None:
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
        sys.setswitchinterval(SWITCH_INTERVAL)
        self._timer.start()
        self.tick()

    def _rest(self) -> None:
        self._timer.stop()
        sys.setswitchinterval(self._python_switch_interval)


def same_problem(one: Experiment, other: Experiment) -> bool:
    """True if both have the same samples and targets."""
    return (
        one.data == other.data
        and one.network.layers[-1] == other.network.layers[-1]
        and (one.training.loss, one.training.dtype) == (other.training.loss, other.training.dtype)
    )


def same_network(one: Experiment, other: Experiment) -> bool:
    """True if parameters of the one are parameters of the other, drawn and fed alike."""
    return (
        one.network == other.network
        and same_problem(one, other)
        and one.training.seed == other.training.seed
    )
