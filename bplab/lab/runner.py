"""The runner: trains one experiment and keeps its record and checkpoints. No thread and no clock decide anything.

Window, shell and replays all train through this one class, which is why they agree to the bit.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np
from msgspec.structs import asdict
from numpy.typing import NDArray

from bplab.engine import DivergenceError, Network, Rules, TrainingState
from bplab.engine.calls import Array
from bplab.engine.probes import Evaluation, Probe, Reading, update_ratios

from .blas import blas_threads, limited_blas
from .checkpoints import Checkpoints
from .course import Origin
from .experiment import Experiment
from .meter import PART, LossMeter
from .problem import MAX_TEST_SAMPLES, Problem, make_problem
from .record import Divergence, EarlyStop, Event, Losses, Row, RunRecord
from .trainers import make_trainer, redo

RECORDING_SHARE = 0.015
"""Share of a long run's time that its rows may take, by the estimate below; taking note of each loss adds as much."""
ROWS_PLANNED = 300
"""Rows that a run of the planned length gets at least, if it has that many updates."""
UPDATE_US, ROW_US, PRODUCT_US = 2.2, 50.0, 3e-5
"""Measured costs, in µs: an update and a row (rare, so its code is cold) per layer, and one multiplication."""
WATCH_SECONDS = 0.1


class Attention(Protocol):
    """How somebody asks a running :meth:`Runner.advance` to come back between two updates."""

    attention: bool


class Nobody:
    """Nobody asks."""

    attention = False


@dataclass(frozen=True, eq=False)
class Summary:
    """Final numbers over all training and test samples; None where there is nothing to measure."""

    updates: int
    epochs: float
    train_loss: float
    test_loss: float | None
    train_accuracy: float | None
    test_accuracy: float | None
    reading: Reading
    update_ratio: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SavePoint:
    """A run as it can be put down, and taken up again by a ``Runner`` or ``Run`` made from it."""

    record: RunRecord
    checkpoint: TrainingState
    updates: int
    epochs: float
    waypoints: tuple[TrainingState, ...] = ()
    """Some of the states before, from which earlier updates are restored; the first is where the run begins."""


def summarize(
    problem: Problem,
    network: Network,
    updates: int,
    epochs: float,
    reading: Reading,
    update_ratio: NDArray[np.float64],
) -> Summary:
    """Losses and accuracies of ``network`` over all samples, beside what is known about it already."""
    train_outputs = network.predict(problem.train_inputs)
    tested = len(problem.test_inputs) > 0
    test_outputs = network.predict(problem.test_inputs) if tested else train_outputs[:0]
    return Summary(
        updates=updates,
        epochs=epochs,
        train_loss=network.evaluate(problem.train_inputs, problem.train_targets),
        test_loss=network.evaluate(problem.test_inputs, problem.test_targets) if tested else None,
        train_accuracy=problem.accuracy(train_outputs, problem.train_targets),
        test_accuracy=problem.accuracy(test_outputs, problem.test_targets),
        reading=reading,
        update_ratio=update_ratio,
    )


class Runner:
    """One experiment under training.

    ``record`` and ``checkpoints`` grow with :meth:`advance`. Take up a saved run by passing the record and the
    checkpoint of its :meth:`save_point`, then :meth:`replay_to` its updates; the save point's ``waypoints`` let earlier
    updates be restored sooner. A fork comes with its ``origin`` and a record that holds its parent's rows. Raises
    ``InputError`` where the experiment cannot be run.
    """

    def __init__(
        self,
        experiment: Experiment,
        record: RunRecord | None = None,
        checkpoint: TrainingState | None = None,
        problem: Problem | None = None,
        origin: Origin | None = None,
        waypoints: Sequence[TrainingState] = (),
    ) -> None:
        self.experiment = experiment
        self.problem = problem or make_problem(experiment)
        problem = self.problem
        self.trainer = make_trainer(experiment, problem)
        self.network: Network = self.trainer.network
        tested = problem.test_inputs[:MAX_TEST_SAMPLES], problem.test_targets[:MAX_TEST_SAMPLES]
        self.probe = Probe(self.network, problem.probe_inputs, problem.probe_targets)
        self._probe_classes: Array = problem.split.train_targets[: self.probe.samples]
        self._test_classes: Array = problem.split.test_targets[:MAX_TEST_SAMPLES]
        self._test = Evaluation(self.network, *tested) if len(tested[0]) else None
        units = tuple(self.network.units)
        if record is not None:
            problem.check_digest(record.data)
        self.record = record or RunRecord(
            units,
            self.probe.samples,
            self._first_stride(),
            blas_threads=blas_threads(experiment, self.trainer.batch_size),
            data=problem.digest,
        )
        self.origin = origin
        first = origin.start if origin else self.trainer.state()
        self.checkpoints = Checkpoints(first.parameters.nbytes + first.slots.nbytes)
        for state in (first, *waypoints):
            self.checkpoints.offer(state)
        self._meter = LossMeter()
        self._update_ratio = np.zeros(len(units))
        self._changes: deque[Event] = deque()
        self._lock = threading.Lock()
        if checkpoint is not None or origin is not None:
            self._take_up(checkpoint or first)
        if not len(self.record):
            self._take_row(None)

    @property
    def updates(self) -> int:
        """Updates done so far."""
        return self.trainer.updates

    @property
    def planned_updates(self) -> int:
        """Updates in the epochs that the experiment asks for."""
        return self.experiment.training.epochs * self.trainer.steps_per_epoch

    @property
    def epochs(self) -> float:
        """Passes over the training data so far."""
        return self.updates / self.trainer.steps_per_epoch

    @property
    def stopped_early(self) -> EarlyStop | None:
        """Why the run ends where it is now, before its planned end; None if it does not."""
        stop = self.record.stop
        return stop if stop is not None and stop.updates == self.updates else None

    def advance(self, updates: int, control: Attention = Nobody()) -> int:  # noqa: B008  # it has no state
        """Make up to ``updates`` updates, rows included; returns how many were made.

        Comes back early when ``control.attention`` is set, when early stopping ends the run (:attr:`stopped_early`
        then says why, and a further call trains past it), or when the run diverges: then ``record.divergence`` says
        where, and the network holds the last finite parameters.
        """
        started, begun = self.updates, perf_counter()
        self._train_to(started + updates, control)
        self.record.seconds += perf_counter() - begun
        return self.updates - started

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the next update on, and note it in the record."""
        with self._lock:
            self.trainer.set_learning_rate(rate)
            self.record.events.append(Event(self.updates, "learning_rate", rate))

    def set_rules(self, rules: Rules) -> None:
        """Change penalties, clipping and max-norm from the next update on, and note what is new in the record."""
        with self._lock:
            for name, value in asdict(rules).items():
                if value != getattr(self.trainer.rules, name):
                    self.record.events.append(Event(self.updates, name, value))
            self.trainer.set_rules(rules)

    def save_point(self) -> SavePoint:
        """What is needed to take the run up again at its present update; any thread may ask, at any time."""
        with self._lock:  # so that the newest row and the newest checkpoint are of the same update
            updates = self.updates
            epochs = updates / self.trainer.steps_per_epoch
            checkpoints = self.checkpoints
            return SavePoint(self.record.copy(), checkpoints.newest(), updates, epochs, checkpoints.spread())

    def replay_to(self, updates: int, control: Attention = Nobody()) -> bool:  # noqa: B008  # it has no state
        """Go from the checkpoint taken up to ``updates`` exactly as the run once did, changes by hand included.

        False if ``control.attention`` ended it early: call it again.
        """
        while not control.attention:
            while self._changes and self._changes[0].updates <= self.updates:
                redo(self.trainer, self._changes.popleft())
            if self.updates >= updates:
                return True
            until = min(updates, self._changes[0].updates) if self._changes else updates
            if not self._train_to(until, control):
                return True
        return False

    def finished(self) -> bool:
        """True if the planned updates are done, or the run was stopped early or diverged."""
        return self.ended or self.updates >= self.planned_updates

    @property
    def ended(self) -> bool:
        """True if the run diverged or was stopped early."""
        return self.record.divergence is not None or self.stopped_early is not None

    def check_finite(self) -> None:
        """Find a divergence that the last update made and no loss has shown yet."""
        try:
            self.trainer.check_finite()
        except DivergenceError as error:
            self._note_divergence(error)

    def summary(self) -> Summary:
        """Final numbers over all samples, and a reading of the probe batch as the network stands."""
        # Before the first row after an update nothing is known of the size of updates.
        ratio = self._update_ratio if len(self.record) > 1 else np.full(len(self.network.layers), math.nan)
        with limited_blas(self.record.blas_threads):
            return summarize(self.problem, self.network, self.updates, self.epochs, self.probe.read(), ratio)

    def _take_up(self, checkpoint: TrainingState) -> None:
        self.record.truncate_after(checkpoint.updates)
        if len(self.record):
            self._update_ratio = self.record.last("update_ratio")
        for event in self.record.events:
            if event.updates < checkpoint.updates:
                redo(self.trainer, event)
        self.trainer.restore(checkpoint)
        if checkpoint.updates > self.checkpoints.newest().updates:
            self.checkpoints.offer(checkpoint)
        self._changes.extend(event for event in self.record.events if event.updates >= checkpoint.updates)

    def _train_to(self, goal: int, control: Attention) -> bool:
        """Updates up to ``goal``, or to an early stop, unless attention is asked for; False if the run diverged."""
        try:
            while self.updates < goal and not control.attention:
                until = min(goal, self.record.next_step - 1, self.updates + PART)
                if self.experiment.training.early_stopping.patience:
                    until = min(until, self._end_of_epoch())
                if until > self.updates:
                    self._plain_updates(until - self.updates, control)
                else:
                    self._update_with_row()
                if self.trainer.stop_due and self.updates != self.planned_updates:
                    self._note_stop()
                    break
        except DivergenceError as error:
            self._note_divergence(error)
            return False
        return True

    def _end_of_epoch(self) -> int:
        """The number of updates with which the epoch of the next one ends."""
        per_epoch = self.trainer.steps_per_epoch
        return (self.updates // per_epoch + 1) * per_epoch

    def _note_stop(self) -> None:
        patience, best = self.experiment.training.early_stopping.patience, self.trainer.best_monitored
        with self._lock:
            self.record.stop = EarlyStop(self.updates, self.trainer.epoch, patience, best, self._test is not None)

    def _note_divergence(self, error: DivergenceError) -> None:
        """The network is back at the last finite update; what came after it is forgotten."""
        with self._lock:
            self.record.truncate_after(self.updates)
            self.checkpoints.truncate_after(self.updates)
            self.record.divergence = Divergence(error.step, error.layer, error.quantity, str(error))

    def _plain_updates(self, count: int, control: Attention) -> None:
        step, note = self.trainer.step, self._meter.values.append
        for _ in range(count):
            note(step())
            if control.attention:
                break
        self._meter.flush()

    def _update_with_row(self) -> None:
        before = self.network.parameters.copy()
        self._meter.values.append(self.trainer.step())
        self.trainer.check_finite()
        split = self.network.split_by_layer
        self._update_ratio = update_ratios(split(before), split(self.network.parameters))
        with self._lock:
            self._take_row(self._meter.take())
            self.checkpoints.offer(self.trainer.state())

    def _take_row(self, losses: Losses | None) -> None:
        reading = self.probe.read()
        train_accuracy = self._accuracy(self.probe.layers[-1].outputs.T, self._probe_classes)
        test_loss, test_accuracy = math.nan, math.nan
        if self._test is not None:
            test_outputs, test_loss = self._test.run()
            test_accuracy = self._accuracy(test_outputs, self._test_classes)
        self.record.append(
            Row(
                step=self.updates,
                losses=losses or (reading.loss, reading.loss, reading.loss),
                test_loss=test_loss,
                train_accuracy=train_accuracy,
                test_accuracy=test_accuracy,
                update_ratio=self._update_ratio,
                reading=reading,
            )
        )

    def _accuracy(self, outputs: Array, classes: Array) -> float:
        return self.problem.share_right(outputs, classes) if self.problem.code else math.nan

    def _first_stride(self) -> int:
        """Updates between rows: few enough for smooth curves in a short run, cheap enough in a long one."""
        layers, weights = len(self.network.layers), self.network.parameters.size
        passed = 2.5 * self.probe.samples + min(len(self.problem.test_inputs), MAX_TEST_SAMPLES)
        row = ROW_US * layers + PRODUCT_US * weights * passed
        update = UPDATE_US * layers + PRODUCT_US * weights * 2.5 * self.trainer.batch_size
        affordable = math.ceil(row / update / RECORDING_SHARE)
        smooth = -(-self.planned_updates // ROWS_PLANNED)
        return max(1, min(affordable, smooth))


def train_to_end(
    experiment: Experiment, updates: int | None = None, watch: Callable[[Runner], None] | None = None
) -> Runner:
    """Train for the experiment's epochs, or for ``updates`` updates; ``InputError`` if it cannot run.

    ``watch`` is called about ten times a second, between two updates.
    """
    runner = Runner(experiment)
    goal = runner.planned_updates if updates is None else updates
    stretch = 1 if watch else goal
    with limited_blas(runner.record.blas_threads):
        while runner.updates < goal and not runner.ended:
            begun = perf_counter()
            runner.advance(min(stretch, goal - runner.updates))
            if watch:
                watch(runner)
                seconds = perf_counter() - begun
                stretch = 2 * stretch if seconds < WATCH_SECONDS / 2 else max(1, int(stretch * WATCH_SECONDS / seconds))
        runner.check_finite()
    return runner


def run_experiment(experiment: Experiment, updates: int | None = None) -> RunRecord:
    """The record of :func:`train_to_end`."""
    return train_to_end(experiment, updates).record
