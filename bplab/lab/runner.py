"""The runner: trains one experiment and keeps its record and checkpoints. No thread and no clock decide anything.

Window, shell and replays all train through this one class, which is why they agree to the bit.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bplab.engine import DivergenceError, Network, Trainer, TrainingState
from bplab.engine.calls import Array
from bplab.engine.probes import Evaluation, Probe, Reading, update_ratios

from .blas import blas_threads, limited_blas
from .checkpoints import Checkpoints
from .experiment import Experiment
from .problem import MAX_TEST_SAMPLES, Problem, make_problem
from .record import Divergence, Event, Losses, Row, RunRecord

RECORDING_SHARE = 0.03
"""Share of a long run's time that its rows may take, by the estimate below."""
ROWS_PLANNED = 512
"""Rows that a run of the planned length gets at least, if it has that many updates."""
UPDATE_US, ROW_US, PRODUCT_US = 2.5, 20.0, 6e-5
"""Rough costs, in µs: an update and a row per layer, and one multiplication. Only their ratios matter."""
FLUSH = 1_024


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


class _LossMeter:
    """Mean, minimum and maximum of batch losses, exact whatever the stretch."""

    def __init__(self) -> None:
        self.values: list[float] = []
        self._parts: list[tuple[int, float, float, float]] = []

    def flush(self) -> None:
        if self.values:
            self._parts.append((len(self.values), math.fsum(self.values), min(self.values), max(self.values)))
            self.values.clear()

    def take(self) -> Losses:
        self.flush()
        parts, self._parts = self._parts, []
        count = sum(part[0] for part in parts)
        return (
            math.fsum(part[1] for part in parts) / count,
            min(part[2] for part in parts),
            max(part[3] for part in parts),
        )


class Runner:
    """One experiment under training.

    ``record`` and ``checkpoints`` grow with :meth:`advance`. Start a runner from a saved run by passing both;
    it goes on from the newest checkpoint that the record reaches. Raises ``InputError`` where the experiment
    cannot be run.
    """

    def __init__(
        self,
        experiment: Experiment,
        record: RunRecord | None = None,
        checkpoint: TrainingState | None = None,
        problem: Problem | None = None,
    ) -> None:
        self.experiment = experiment
        self.problem = problem or make_problem(experiment)
        plan, problem = experiment.training, self.problem
        self.network: Network = experiment.build_network()
        self.trainer = Trainer(
            self.network,
            problem.train_inputs,
            problem.train_targets,
            plan.optimizer,
            plan.batch_size,
            plan.shuffle,
            plan.seed,
        )
        self.probe = Probe(self.network, problem.probe_inputs, problem.probe_targets)
        self._probe_classes: Array = problem.split.train_targets[: self.probe.samples]
        self._test_classes: Array = problem.split.test_targets[:MAX_TEST_SAMPLES]
        tested = slice(0, len(self._test_classes))
        self._test = (
            Evaluation(self.network, problem.test_inputs[tested], problem.test_targets[tested])
            if len(self._test_classes)
            else None
        )
        units = tuple(layer.units for layer in self.network.layers)
        self.record = record or RunRecord(
            units, self.probe.samples, self._first_stride(), blas_threads=blas_threads(experiment)
        )
        first = self.trainer.state()
        self.checkpoints = Checkpoints(first.parameters.nbytes + first.slots.nbytes)
        self.checkpoints.offer(first)
        self._meter = _LossMeter()
        self._update_ratio = np.zeros(len(units))
        if checkpoint is not None:
            self.record.truncate_after(checkpoint.updates)
            self.trainer.restore(checkpoint)
            self.checkpoints.offer(checkpoint)
        if not len(self.record):
            self._take_first_row()

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

    def advance(self, updates: int, control: Attention = Nobody()) -> int:  # noqa: B008  # it has no state
        """Make up to ``updates`` updates, rows included; returns how many were made.

        Comes back early when ``control.attention`` is set, or when the run diverges: then
        ``record.divergence`` says where, and the network holds the last finite parameters.
        """
        started, begun, goal = self.updates, perf_counter(), self.updates + updates
        try:
            while self.updates < goal and not control.attention:
                until = min(goal, self.record.next_step - 1, self.updates + FLUSH)
                if until > self.updates:
                    self._plain_updates(until - self.updates, control)
                else:
                    self._update_with_row()
        except DivergenceError as error:
            self.record.divergence = Divergence(error.step, error.layer, error.quantity, str(error))
        self.record.seconds += perf_counter() - begun
        return self.updates - started

    def set_learning_rate(self, rate: float) -> None:
        """Change the learning rate from the next update on, and note it in the record."""
        self.trainer.set_learning_rate(rate)
        self.record.events.append(Event(self.updates, "learning_rate", rate))

    def replay_to(self, updates: int) -> None:
        """Go from the restored checkpoint to ``updates`` exactly as the run once did, changes by hand included.

        Rows met on the way that the record has already are not taken again.
        """
        for event in [event for event in self.record.events if self.updates <= event.updates < updates]:
            self._replay_stretch(event.updates)
            self.trainer.set_learning_rate(event.value)
        self._replay_stretch(updates)

    def finished(self) -> bool:
        """True if the planned updates are done or the run diverged."""
        return self.record.divergence is not None or self.updates >= self.planned_updates

    def check_finite(self) -> None:
        """Find a divergence that the last update made and no loss has shown yet."""
        try:
            self.trainer.check_finite()
        except DivergenceError as error:
            self.record.divergence = Divergence(error.step, error.layer, error.quantity, str(error))

    def summary(self) -> Summary:
        """Final numbers over all samples, and a reading of the probe batch as the network stands."""
        problem, network = self.problem, self.network
        train_outputs = network.predict(problem.train_inputs)
        tested = len(problem.test_inputs) > 0
        test_outputs = network.predict(problem.test_inputs) if tested else train_outputs[:0]
        return Summary(
            updates=self.updates,
            epochs=self.epochs,
            train_loss=network.evaluate(problem.train_inputs, problem.train_targets),
            test_loss=network.evaluate(problem.test_inputs, problem.test_targets) if tested else None,
            train_accuracy=problem.accuracy(train_outputs, problem.train_targets),
            test_accuracy=problem.accuracy(test_outputs, problem.test_targets),
            reading=self.probe.read(),
            update_ratio=self._update_ratio,
        )

    def _plain_updates(self, count: int, control: Attention) -> None:
        step, note = self.trainer.step, self._meter.values.append
        for _ in range(count):
            note(step())
            if control.attention:
                break
        if len(self._meter.values) >= FLUSH:
            self._meter.flush()

    def _update_with_row(self) -> None:
        before = self.network.parameters.copy()
        self._meter.values.append(self.trainer.step())
        self.trainer.check_finite()
        split = self.network.split_by_layer
        self._update_ratio = update_ratios(split(before), split(self.network.parameters))
        self._take_row(self._meter.take())
        self.checkpoints.offer(self.trainer.state())

    def _take_first_row(self) -> None:
        self._take_row(None)

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

    def _replay_stretch(self, updates: int) -> None:
        while self.updates < updates:
            if self.updates + 1 >= self.record.next_step:
                self._update_with_row()
            else:
                self._meter.values.append(self.trainer.step())

    def _first_stride(self) -> int:
        """Updates between rows: few enough for smooth curves in a short run, cheap enough in a long one."""
        layers, weights = len(self.network.layers), self.network.parameters.size
        passed = 3 * self.probe.samples + min(len(self.problem.test_inputs), MAX_TEST_SAMPLES)
        row = ROW_US * layers + PRODUCT_US * weights * passed
        update = UPDATE_US * layers + PRODUCT_US * weights * 3 * self.trainer.batch_size
        affordable = math.ceil(row / update / RECORDING_SHARE)
        smooth = -(-self.planned_updates // ROWS_PLANNED)
        return max(1, min(affordable, smooth))


def train_to_end(experiment: Experiment, updates: int | None = None) -> Runner:
    """Train for the experiment's epochs, or for ``updates`` updates; ``InputError`` if it cannot run."""
    runner = Runner(experiment)
    with limited_blas(runner.record.blas_threads):
        runner.advance(runner.planned_updates if updates is None else updates)
        runner.check_finite()
    return runner


def run_experiment(experiment: Experiment, updates: int | None = None) -> RunRecord:
    """The record of :func:`train_to_end`."""
    return train_to_end(experiment, updates).record
