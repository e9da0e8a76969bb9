"""What a report is about: a run as it stands at one moment, whoever trained it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

import numpy as np
from msgspec.structs import replace

from bplab.data import FileDataset
from bplab.engine import Network, TrainingState
from bplab.engine.calls import Array
from bplab.engine.probes import Probe
from bplab.lab.blas import limited_blas
from bplab.lab.experiment import Experiment
from bplab.lab.problem import Problem, layer_names, make_problem
from bplab.lab.record import Column, Divergence, EarlyStop, Event, RunRecord
from bplab.lab.runner import Runner, Summary, summarize

COLUMNS = (
    "step",
    "loss",
    "loss_min",
    "loss_max",
    "test_loss",
    "train_accuracy",
    "test_accuracy",
    "weight_gradient_rms",
    "delta_rms",
    "update_ratio",
    "saturated",
)


@dataclass(frozen=True, eq=False)
class ReportSubject:
    """A run at one moment; nothing in it changes when the run goes on."""

    experiment: Experiment
    """A CSV file in it goes by its name alone: in which folder it lay is nobody's business who reads the report."""
    problem: Problem
    network: Network
    """With the parameters of that moment."""
    summary: Summary
    rows: Mapping[str, Column]
    """The record's columns up to that moment, by name."""
    events: tuple[Event, ...]
    divergence: Divergence | None
    stop: EarlyStop | None
    """Why early stopping ended the run at that moment, None if it did not."""
    probe_samples: int
    planned_updates: int
    blas_threads: int
    seconds: float

    @property
    def layer_names(self) -> list[str]:
        """``h1``, ``h2`` … ``out``."""
        return layer_names(self.network.layers)

    @property
    def units(self) -> list[int]:
        """Neurons of each layer."""
        return self.network.units

    def saturated(self, layer: int) -> Array:
        """Share of probe samples on which each neuron of a layer (from 0) was saturated, ``(rows, units)``."""
        start = sum(self.units[:layer])
        return np.asarray(self.rows["saturated"][:, start : start + self.units[layer]] / self.probe_samples)

    def saturation_now(self, layer: int) -> Array:
        """The same at the report's moment, ``(units,)``."""
        start = sum(self.units[:layer])
        return np.asarray(self.summary.reading.saturated[start : start + self.units[layer]] / self.probe_samples)


def subject_from(
    experiment: Experiment, record: RunRecord, parameters: Array, updates: int, problem: Problem | None = None
) -> ReportSubject:
    """The subject for a network with ``parameters`` after ``updates`` updates; the record may be growing meanwhile."""
    problem = problem or make_problem(experiment)
    network = experiment.build_network(problem.train_inputs)
    network.parameters[...] = parameters
    samples = len(problem.train_inputs)
    steps_per_epoch = -(-samples // min(experiment.training.batch_size, samples))
    columns = dict(zip(COLUMNS, record.columns(*COLUMNS), strict=True))
    known = int(np.searchsorted(columns["step"], updates, side="right"))
    rows = {name: values[:known] for name, values in columns.items()}
    summary = summarize(
        problem,
        network,
        updates,
        updates / steps_per_epoch,
        Probe(network, problem.probe_inputs, problem.probe_targets).read(),
        rows["update_ratio"][-1],
    )
    divergence = record.divergence
    return ReportSubject(
        experiment=_without_folders(experiment),
        problem=problem,
        network=network,
        summary=summary,
        rows=rows,
        events=tuple(event for event in record.events if event.updates <= updates),
        divergence=divergence if divergence and divergence.step <= updates + 1 else None,
        stop=record.stop if record.stop and record.stop.updates == updates else None,
        probe_samples=record.probe_samples,
        planned_updates=experiment.training.epochs * steps_per_epoch,
        blas_threads=record.blas_threads,
        seconds=record.seconds,
    )


def _without_folders(experiment: Experiment) -> Experiment:
    if not isinstance(experiment.data, FileDataset):
        return experiment
    data: Any = experiment.data
    # A path of Windows knows both kinds of slash.
    names = {field: PureWindowsPath(getattr(data, field)).name for field in data.path_fields}
    return replace(experiment, data=replace(data, **names))


def subject_of(runner: Runner) -> ReportSubject:
    """The subject for a runner that is not training at the moment."""
    return subject_from(runner.experiment, runner.record, runner.network.parameters, runner.updates, runner.problem)


def subject_of_saved(
    experiment: Experiment, record: RunRecord, checkpoint: TrainingState, updates: int
) -> ReportSubject:
    """The subject for a saved run: replayed from its checkpoint to ``updates``; rows after the checkpoint come anew.

    ``record`` is taken over. Raises ``InputError`` where the experiment cannot be run (a CSV file has gone).
    """
    runner = Runner(experiment, record, checkpoint)
    with limited_blas(runner.record.blas_threads):
        runner.replay_to(updates)
    return subject_of(runner)
