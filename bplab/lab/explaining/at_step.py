"""An experiment brought to a step of its training, without a window, and what is explained there.

Of a project it is the newest run that is kept: it is replayed exactly, with all that was changed by hand, forward from
its checkpoint where the step lies behind that, else from the beginning.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from bplab.engine import InputError

from ..blas import limited_blas
from ..experiment import Experiment
from ..problem import PROBE_SAMPLES
from ..project import SUFFIX, Project
from ..runner import Runner, train_to_end
from ..saved_runs import SavedRun
from .causes import target_spread
from .explain import explain
from .values import Explanation, Target

Watch = Callable[[Runner], None]
"""Is shown the runner about ten times a second."""


def check_target(experiment: Experiment, target: Target, sample: int | None) -> None:
    """``InputError`` if the experiment's network has no such target, so that nobody waits to be told so."""
    inputs = experiment.data.describe().inputs
    network = experiment.build_network(np.zeros((1, inputs)))
    passed = network.backprop(np.zeros((1, network.inputs)), np.zeros((1, network.outputs)))
    explain(network, passed, target)
    if sample is not None and sample >= PROBE_SAMPLES:
        raise InputError(f"there is no sample {sample}; the batch has 0 to {PROBE_SAMPLES - 1}")


def trained_to(experiment: Experiment, step: int, watch: Watch | None = None) -> Runner:
    """A fresh run after ``step`` updates, or after those that it made before it diverged.

    ``InputError`` if it cannot run, or if early stopping ends it before.
    """
    runner = train_to_end(experiment, step, watch) if step else Runner(experiment)
    return _reached(runner, step)


def newest_run(path: Path) -> SavedRun | None:
    """The newest run that a project keeps; None if it has none, or if it is no project."""
    if path.suffix.lower() != SUFFIX:
        return None
    with Project.open(path, read_only=True) as project:
        kept = [info.id for info in project.runs() if info.updates]
        return project.load_run(kept[-1]) if kept else None


def replayed_to(saved: SavedRun, step: int) -> Runner:
    """A saved run as it was after ``step`` updates; beyond those it has made it goes on as it would.

    ``InputError`` if its data is gone, or if early stopping ends it before.
    """
    checkpoint = saved.checkpoint
    if checkpoint.updates > step:
        checkpoint = Runner(saved.experiment).trainer.state()
    runner = Runner(saved.experiment, saved.record, checkpoint)
    with limited_blas(runner.record.blas_threads):
        runner.replay_to(step)
        runner.check_finite()
    return _reached(runner, step)


def explained_at(runner: Runner, target: Target, sample: int | None = None) -> Explanation:
    """Why the target's gradient is what it is now, over the probe samples or for one of them."""
    problem = runner.problem
    with limited_blas(runner.record.blas_threads):
        passed = runner.network.backprop(problem.probe_inputs, problem.probe_targets)
    return explain(runner.network, passed, target, sample, spread=target_spread(problem.train_targets))


def _reached(runner: Runner, step: int) -> Runner:
    if runner.updates < step and runner.record.divergence is None:
        raise InputError(f"early stopping ends this run with step {runner.updates:,}: there is no step {step:,}")
    return runner
