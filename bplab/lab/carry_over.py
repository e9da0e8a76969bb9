"""What a fork takes over from its parent's state, and what it begins with anew.

Data and shape stay: as many layers of the same kinds, each with as many units. Everything else may be another one.

- Numbers that a layer has before and after are carried over; what only the fork has (a normalization's scale, a
  skip's projection) starts as it would in a fresh network of its seed, and what only the parent had is dropped.
- The optimizer's memory is carried over to an optimizer of the same kind. Another kind starts with an empty memory,
  and corrects for that as at a first update.
- The base learning rate is the fork's own. What a plateau and early stopping remember is carried over where loss and
  rule stay the same; of an epoch under way whose losses nobody has summed, the part passed counts with the loss of
  the state over all training samples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bplab.engine import InputError, Network, TrainingState
from bplab.engine.calls import Array
from bplab.engine.monitor import Monitor, Waiting, Watch
from bplab.engine.schedules import Plateau

from .experiment import Experiment, TrainingPlan
from .layer_words import size_in_words
from .problem import Problem, layer_names


def carried_over(state: TrainingState, parent: Experiment, experiment: Experiment, problem: Problem) -> TrainingState:
    """``state`` of a run of ``parent`` as the first one of a fork of ``experiment``, whose ``problem`` is given.

    ``InputError`` with one sentence if it cannot be one.
    """
    check_fits(parent, experiment)
    network, plan, before = experiment.build_network(problem.train_inputs), experiment.training, parent.training
    _carry(state.parameters, parent, network.parameters, network, experiment)
    same_optimizer = type(plan.optimizer) is type(before.optimizer)
    slots = np.zeros((plan.optimizer.slots, network.parameters.size), network.dtype)
    for own, others in zip(slots, state.slots if same_optimizer else (), strict=False):
        _carry(others, parent, own, network, experiment)
    if not (np.isfinite(network.parameters).all() and np.isfinite(slots).all()):
        raise InputError(f"{plan.dtype} cannot hold the numbers of this run: they are too large.")
    return TrainingState(
        state.updates,
        network.parameters.copy(),
        slots,
        plan.optimizer.learning_rate,
        _watch(state, before, plan, network, problem),
        state.memory_from if same_optimizer else state.updates,
    )


def check_fits(parent: Experiment, experiment: Experiment) -> None:
    """``InputError`` with one sentence if a run of ``parent`` cannot go on as one of ``experiment``."""
    experiment.checked()
    if experiment.data != parent.data:
        raise InputError("A fork goes on with the data of its run: only network and training can be changed.")
    before, after = parent.places(), experiment.places()
    if len(before) != len(after):
        raise InputError(f"A fork keeps its run's layers: there are {len(before)}, not {len(after)}.")
    for name, old, new in zip(layer_names(experiment.network.layers), before, after, strict=True):
        if type(old.layer) is not type(new.layer):
            raise InputError(f"A fork keeps its run's layers: {name} is {old.layer.title()}, not {new.layer.title()}.")
        if old.outputs != new.outputs:
            there, here = size_in_words(old), size_in_words(new)
            raise InputError(f"A fork keeps the shape of its run's network: {name} has {there}, not {here}.")
        if old.matrix != new.matrix:
            sizes = f"{_size(old)}, not {_size(new)}"
            raise InputError(f"A fork keeps the shape of its run's network: the weights of {name} are {sizes}.")


def _size(place: Any) -> str:
    rows, columns = place.matrix
    return f"{rows - 1} × {columns}"


def _carry(source: Array, parent: Experiment, target: Array, network: Network, experiment: Experiment) -> None:
    """Copy what both have from one flat vector into the other, each laid out as its network's parameters."""
    start = 0
    for old, new, stretch in zip(parent.places(), network.places, network.layer_stretches, strict=True):
        there, here = old.views(source[start : start + old.size]), new.views(target[stretch])
        start += old.size
        for name, values in here.items():
            moved = name == "projection" and old.layer.skip != new.layer.skip
            if name in there and there[name].shape == values.shape and not moved:
                with np.errstate(over="ignore"):  # what is too large is found by who calls
                    values[...] = there[name]


def _watch(
    state: TrainingState, before: TrainingPlan, plan: TrainingPlan, network: Network, problem: Problem
) -> Watch:
    if not Monitor.is_needed(plan.schedule, plan.early_stopping):
        return Watch()
    same_loss, watch = plan.loss == before.loss, state.watch
    summed = Monitor.is_needed(before.schedule, before.early_stopping) and plan.batch_size == before.batch_size
    total = watch.total
    if not (summed and same_loss):
        samples = len(problem.train_inputs)
        batch = min(plan.batch_size, samples)
        passed = state.updates % -(-samples // batch) * batch
        total = passed * network.evaluate(problem.train_inputs, problem.train_targets) if passed else 0.0
    return Watch(
        total,
        watch.plateau if same_loss and plan.schedule == before.schedule else Plateau(),
        watch.waiting if same_loss and plan.early_stopping == before.early_stopping else Waiting(),
    )
