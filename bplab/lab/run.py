"""A run: the runner on a thread of its own, with pause, step, stop, live changes and a mailbox.

Nothing here waits for the window and the window never waits for training. Whoever watches polls
:attr:`Run.record` (written by the thread, read in copies) and :meth:`Run.latest` (newest snapshot only).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from time import perf_counter
from typing import Any

from bplab.engine import InputError, Rules, TrainingState
from bplab.engine.calls import Array

from .blas import limited_blas
from .course import Origin
from .experiment import Experiment
from .problem import Problem
from .record import MAX_RATE, RunRecord
from .runner import Runner, SavePoint
from .tempo import PORTION_S, Tempo

STRETCH = 1 << 30
"""Updates asked of the runner at a time when there is no goal nearer."""


class RunState(Enum):
    """What a run is doing."""

    PAUSED = "paused"
    RUNNING = "running"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"
    STOPPED = "stopped"


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """The network at one moment: ``parameters`` is a copy of the flat vector."""

    updates: int
    epoch: float
    parameters: Array


class Run:
    """One experiment training on a background thread.

    It starts paused. The network belongs to the thread until :meth:`join` returns. ``error`` holds what an
    unexpected failure raised; the state is then FAILED.
    """

    def __init__(
        self,
        experiment: Experiment,
        problem: Problem | None = None,
        record: RunRecord | None = None,
        checkpoint: TrainingState | None = None,
        updates: int = 0,
        origin: Origin | None = None,
        waypoints: Sequence[TrainingState] = (),
    ) -> None:
        """Build a new run, or one that goes on from a saved ``record`` and ``checkpoint`` at ``updates``."""
        self.runner = Runner(experiment, record, checkpoint, problem, origin, waypoints)
        self._replay_to = max(updates, self.runner.updates)
        self.experiment = experiment
        self.record = self.runner.record
        self.attention = False
        self.error: BaseException | None = None
        self._state = RunState.PAUSED
        self._goal = 0
        self._loss_goal: float | None = None
        self._stop = False
        self._rate: float | None = None
        self._rules: Rules | None = None
        self._wants_snapshot = False
        self._tempo = Tempo()
        self._holds = 0
        self._gate_open = threading.Event()
        self._gate_open.set()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._lock = threading.Lock()
        self._mail: deque[Snapshot] = deque(maxlen=1)
        self._post()
        self._thread = threading.Thread(target=self._work, name=f"training {experiment.name}", daemon=True)
        self._thread.start()

    @property
    def state(self) -> RunState:
        """What the run is doing now."""
        return self._state

    @property
    def updates(self) -> int:
        """Updates done so far; may be read at any time."""
        return self.runner.updates

    @property
    def epochs(self) -> float:
        """Passes over the training data so far."""
        return self.runner.epochs

    @property
    def reached(self) -> int:
        """Updates done, those of a saved run included that are still being repeated."""
        return max(self.updates, self._replay_to)

    @property
    def goal(self) -> int:
        """Number of updates at which the run will pause or finish by itself."""
        return self._goal

    def play(self) -> None:
        """Train to the planned end; if that is reached already, for as long once more. Goes past an early stop."""
        planned = self.runner.planned_updates
        self._go_to(planned * (self.reached // planned + 1))

    def step(self, updates: int = 1) -> None:
        """Make a few updates, then pause."""
        self._go_to(self.reached + updates)

    def run_to(self, updates: int) -> None:
        """Train up to so many updates, then pause; nothing happens where the run is as far already."""
        if updates > self.reached:
            self._go_to(updates)

    def run_until(self, loss: float) -> None:
        """Train as :meth:`play` does, but pause at the first row of the record whose training loss is below ``loss``.

        Rows stand at updates that the experiment alone decides, so the run pauses at the same one every time.
        """
        planned = self.runner.planned_updates
        self._go_to(planned * (self.reached // planned + 1), loss)

    def pause(self) -> None:
        """Stop after the update under way; the run can go on later."""
        with self._lock:
            self._goal = 0
        self.attention = True

    def stop(self) -> None:
        """End the run for good, after the update under way; :meth:`join` waits for that."""
        self._stop = True
        self._gate_open.set()
        self.attention = True
        self._wake.set()

    def join(self, timeout: float | None = 10.0) -> bool:
        """Wait until the thread has ended; True if it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def wait_idle(self, timeout: float | None = None) -> bool:
        """Wait until the run is not training; True if it is not."""
        return self._idle.wait(timeout)

    def set_learning_rate(self, rate: float) -> None:
        """Change the rate between two updates, and note it in the record; ``InputError`` outside 0 … 1,000,000."""
        if not 0.0 <= rate <= MAX_RATE:
            raise InputError(f"a learning rate is a number from 0 to {MAX_RATE:,.0f}, not {rate}")
        self._rate = rate
        self.attention = True
        self._wake.set()

    def set_rules(self, rules: Rules) -> None:
        """Change penalties, clipping and max-norm between two updates, and note it in the record."""
        self._rules = rules
        self.attention = True
        self._wake.set()

    def set_tempo(self, updates_per_second: float | None) -> None:
        """Train at most so fast, to be watched; None is as fast as the machine can. Changes no number of the run."""
        self._tempo = Tempo(updates_per_second)

    def ask_for_snapshot(self) -> None:
        """Put a fresh snapshot into the mailbox after the update under way."""
        self._wants_snapshot = True
        self.attention = True

    def save_point(self) -> SavePoint:
        """What is needed to take the run up again where it is now; waits for a row under way at most.

        While a saved run is being repeated, that is where it was saved.
        """
        point, saved_at = self.runner.save_point(), self._replay_to
        if point.updates >= saved_at:
            return point
        return replace(point, updates=saved_at, epochs=saved_at / self.runner.trainer.steps_per_epoch)

    def latest(self) -> Snapshot:
        """The newest snapshot; never waits."""
        return self._mail[-1]

    @contextmanager
    def held(self) -> Iterator[None]:
        """The frame gate: training rests between two updates while the block runs, so that drawing gets the GIL.

        Tiny NumPy calls hardly ever release the GIL; without this a window stands still for half a second. Blocks
        may overlap; all are of one thread.
        """
        self._holds += 1
        self._gate_open.clear()
        self.attention = True
        try:
            yield
        finally:
            self._holds -= 1
            if not self._holds:
                self._gate_open.set()

    def _go_to(self, goal: int, loss: float | None = None) -> None:
        with self._lock:
            if self._state in (RunState.DIVERGED, RunState.FAILED, RunState.STOPPED):
                return
            self._goal, self._loss_goal = goal, loss
            self._idle.clear()
            self._state = RunState.RUNNING
        self._wake.set()

    def _work(self) -> None:
        try:
            self._replay()
            while not self._stop:
                self._attend()
                if self.state is RunState.RUNNING:
                    with limited_blas(self.record.blas_threads):
                        self._train()
                else:
                    with self._lock:
                        if self._state is not RunState.RUNNING:
                            self._idle.set()
                    self._wake.wait()
                    self._wake.clear()
            self._state = RunState.STOPPED
        except BaseException as error:  # the window must learn of it, whatever it is
            self.error = error
            self._state = RunState.FAILED
            self._post()
        finally:
            self._idle.set()

    def _replay(self) -> None:
        with limited_blas(self.record.blas_threads):
            while not self._stop and not self.runner.replay_to(self._replay_to, self):
                self._pass_gate()
        with self._lock:
            self._replay_to = 0
            if self._state is RunState.PAUSED:
                self._state = self.state_at_rest()
        self._post()

    def state_at_rest(self) -> RunState:
        """What the run would be if it were not training now: PAUSED, FINISHED, DIVERGED or FAILED."""
        runner = self.runner
        if self.error is not None:
            return RunState.FAILED
        if self.record.divergence is not None:
            return RunState.DIVERGED
        done = runner.stopped_early or (runner.updates and runner.updates % runner.planned_updates == 0)
        return RunState.FINISHED if done else RunState.PAUSED

    def _train(self) -> None:
        runner = self.runner
        while not self._stop and runner.updates < self._goal and self.record.divergence is None:
            begun, tempo = perf_counter(), self._tempo
            due = tempo.due(min(STRETCH, self._next_look() - runner.updates))
            made = runner.advance(due, self)
            tempo.give_back(due - made)
            if made and (runner.stopped_early or self._is_at_loss()):
                with self._lock:
                    self._goal = min(self._goal, runner.updates)
            rest = PORTION_S - (perf_counter() - begun)
            if self._tempo.per_second is not None and rest > 0.0 and not self.attention:
                self._wake.wait(rest)
                self._wake.clear()
            self._attend()
        if self._stop:
            return
        runner.check_finite()
        self._post()
        with self._lock:
            if self.record.divergence is None and runner.updates < self._goal:
                return  # somebody set a new goal in this moment
            self._state = self.state_at_rest()

    def _next_look(self) -> int:
        """Number of updates at which to see whether the run pauses: the goal, or the next row while a loss is one."""
        return self._goal if self._loss_goal is None else min(self._goal, self.record.next_step)

    def _is_at_loss(self) -> bool:
        """True at a row whose training loss is below the one to train to."""
        loss, record = self._loss_goal, self.record
        return loss is not None and record.last("step") == self.updates and record.last("loss") < loss

    def _pass_gate(self) -> None:
        self.attention = False
        self._gate_open.wait()

    def _attend(self) -> None:
        """Do what was asked for; called between two updates only."""
        self._pass_gate()
        rate, self._rate = self._rate, None
        if rate is not None:
            self.runner.set_learning_rate(rate)
        rules, self._rules = self._rules, None
        if rules is not None:
            self.runner.set_rules(rules)
        if self._wants_snapshot:
            self._wants_snapshot = False
            self._post()

    def _post(self) -> None:
        runner = self.runner
        self._mail.append(Snapshot(runner.updates, runner.epochs, runner.network.parameters.copy()))

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: Any) -> None:
        self.stop()
        self.join()
