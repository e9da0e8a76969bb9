"""Where the time of a step goes: matrix products, activations, loss, optimizer, batches, Python, recording.

A step is a list of calls, and each call is noted for what it is when its list is made. The contenders of this bench
are the step with only its products, then with its activations' calls too, and so on up to the step as the lab takes
it; in place of what is left out stand calls of a function that does nothing. What a part takes is the difference
that its joining makes, so that all parts together are the step. What is left when every call does nothing is Python's.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bplab.engine.calls import Call, quiet_runner
from bplab.engine.monitor import run_update
from bplab.engine.noise import Noise
from bplab.engine.optimizers import Clock
from bplab.engine.pages import Pages, Program, SampleOrder
from bplab.lab.blas import blas_threads, limited_blas
from bplab.lab.experiment import Experiment
from bplab.lab.outcome import table
from bplab.lab.problem import make_problem
from bplab.lab.runner import Runner

from .engine import NETS, experiment_of, name_of, time
from .timing import TURN_SECONDS, Work, medians, repeated

PROFILED = NETS[0], NETS[2]
"""A net where every call counts, and one where every number does."""
PRODUCTS, ACTIVATION, LOSS, OPTIMIZER, BATCHES, PYTHON, RECORDING = PARTS = (
    *("products", "activation", "loss", "optimizer", "batches", "Python", "recording"),
)
CALLS = PARTS[:4]
"""The parts that are calls, in the order in which they join."""
NOTED = {
    ACTIVATION: ("forward", "derivative", "backward"),
    LOSS: ("compare", "compare_paired"),
    OPTIMIZER: ("update", "update_folded"),
}
"""The methods whose calls are of a kind."""
IDLE: Call = (operator.is_, (None, None))
"""The call that does nothing."""


@dataclass(frozen=True)
class Profile:
    """One net in one precision."""

    shape: str
    batch: int
    dtype: str
    blas_threads: int
    calls: int
    """NumPy calls in a step."""
    step_us: float
    """The lab's step, recording included: the sum of the parts."""
    shares: dict[str, float]
    """Of each part; they sum to 1."""


def main(dtypes: Sequence[str], repeats: int, as_json: bool) -> int:
    """Measure and print."""
    profiles = [profile(shape, batch, dtype, repeats) for shape, batch in PROFILED for dtype in dtypes]
    print(json.dumps({"profiles": [vars(one) for one in profiles]}, indent=2) if as_json else as_text(profiles))
    return 0


def as_text(profiles: list[Profile]) -> str:
    """The profiles as a table for people, with what its columns mean."""
    head = ("net", "batch", "dtype", "calls", "step µs", *PARTS)
    lines = [
        (
            *(one.shape, one.batch, one.dtype, one.calls, time(one.step_us)),
            *(f"{100 * one.shares[part]:.1f} %" for part in PARTS),
        )
        for one in profiles
    ]
    notes = [
        "",
        "  step: one update with SGD as the lab takes it, in a long run; the columns behind it are its shares.",
        "  products: all matrix products. loss: with its error and the mean over the batch.",
        "  batches: gathering samples in their order. Python: the loop and the calls. recording: rows, checkpoints.",
        "  A part's share is what its calls add to the step without them.",
    ]
    return "\n".join([*table([head, *lines], left=(0, 2)), *notes])


def profile(shape: tuple[int, ...], batch: int, dtype: str, repeats: int, seconds: float | None = None) -> Profile:
    """Find where the time of one net's step goes; ``seconds`` is the length of a turn."""
    experiment = experiment_of(shape, batch, dtype)
    threads = blas_threads(experiment, batch)
    with limited_blas(threads):
        recorder, steps = Runner(experiment), Steps(experiment)
        works: dict[str, tuple[Work, int]] = {PYTHON: (steps.with_calls_of(()), 1)}
        works |= {part: (steps.with_calls_of(CALLS[: place + 1]), 1) for place, part in enumerate(CALLS)}
        works |= {
            BATCHES: (steps.with_batches, 1),
            "step": (repeated(Runner(experiment).trainer.step), 1),
            RECORDING: (recorder.advance, recorder.record.stride),
        }
        us = list(medians(works, repeats, TURN_SECONDS if seconds is None else seconds).items())
    # On a busy machine a small part may come out below 0.
    parts = {name: max(0.0, later - before) for (_, before), (name, later) in pairwise([("", 0.0), *us])}
    parts[PYTHON] += parts.pop("step")  # what a trainer does beside: it counts, and keeps copies for a divergence
    total = sum(parts.values())
    return Profile(
        shape=name_of(shape),
        batch=batch,
        dtype=dtype,
        blas_threads=threads,
        calls=len(steps.kinds),
        step_us=total,
        shares={part: parts[part] / total for part in PARTS},
    )


class Steps:
    """The steps of an experiment's training, whole or with some of their calls only."""

    def __init__(self, experiment: Experiment) -> None:
        self.network = network = experiment.build_network()
        problem, plan = make_problem(experiment), experiment.training
        clock = Clock(plan.optimizer.learning_rate, network.dtype)
        gradients = np.zeros_like(network.parameters)
        slots = np.zeros((plan.optimizer.slots, gradients.size), network.dtype)
        folds = plan.optimizer.folds_rate and not plan.rules.see_gradients
        activations = [layer.activation for layer in network.layers]
        with noted({ACTIVATION: activations, LOSS: [network.loss], OPTIMIZER: [plan.optimizer]}) as kind_of:
            self._pages = Pages(
                network,
                problem.train_inputs,
                problem.train_targets,
                plan.batch_size,
                SampleOrder(len(problem.train_inputs), plan.seed),
                gradients,
                [],
                plan.rules.update(network, gradients, slots, plan.optimizer, clock, folds),
                Noise(plan.seed, clock),
            )
        if folds:
            self._pages.set_factor(clock.rate)
        self._clock, self._quietly = clock, quiet_runner()
        self._programs, self._next = self._pages.at(0)
        self.kinds = [kind_of(call) for call in self._programs[0][0]]
        """Of every call of a step, in order."""
        self.with_batches(self._pages.steps_per_epoch)  # so that every array holds what it holds in training

    @property
    def updates(self) -> int:
        """Whole steps made so far."""
        return self._clock.updates

    def with_batches(self, count: int) -> None:
        """Make ``count`` whole steps, each on the batch whose turn it is."""
        for _ in range(count):
            if self._next == len(self._programs):
                self._programs, self._next = self._pages.at(self._clock.updates)
            self._quietly(run_update, *self._programs[self._next])
            self._next += 1
            self._clock.updates += 1

    def with_calls_of(self, parts: Sequence[str]) -> Work:
        """The work that makes steps on one page's batches, in which only ``parts`` do what they do."""
        programs: list[Program] = []
        for calls, total, samples in self._programs:
            kept = [call if kind in parts else IDLE for call, kind in zip(calls, self.kinds, strict=True)]
            programs.append((kept, total if LOSS in parts else float, samples))

        def work(count: int) -> None:
            for number in range(count):
                self._quietly(run_update, *programs[number % len(programs)])

        return work


@contextmanager
def noted(members: dict[str, list[Any]]) -> Iterator[Callable[[Call], str]]:
    """While the block runs, the calls that ``members`` give are noted; what comes out tells a call's kind.

    A call that nobody gave is a matrix product, or scales the loss to the mean over the batch.
    """
    notes: dict[int, tuple[Call, str]] = {}  # with the call itself, so that no other one gets its id

    def noting(kind: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def call_and_note(*arguments: Any) -> Any:
            given = method(*arguments)
            calls = given[0] if isinstance(given, tuple) else given
            notes.update({id(call): (call, kind) for call in calls})
            return given

        return call_and_note

    places = [
        (owner, name, kind)
        for kind, chosen in members.items()
        for owner in {type(member) for member in chosen}
        for name in NOTED[kind]
    ]
    own = {(owner, name): vars(owner).get(name) for owner, name, _ in places}
    for owner, name, kind in places:
        setattr(owner, name, noting(kind, getattr(owner, name)))
    try:
        yield lambda call: notes[id(call)][1] if id(call) in notes else PRODUCTS if _is_product(call) else LOSS
    finally:
        for (owner, name), method in own.items():
            if method is None:
                delattr(owner, name)
            else:
                setattr(owner, name, method)


def _is_product(call: Call) -> bool:
    return getattr(call[0], "__name__", "") == "dot"
