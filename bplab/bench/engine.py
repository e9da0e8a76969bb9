"""What a training step costs, beside the matrix products that no step can do without.

The floor of a step is its products alone: forward, weight gradients, errors (none for the inputs), each an
``ndarray.dot`` into an array that exists already. Step, floor and the lab's recorded step take turns; each figure
is the median over its turns. PyTorch, JAX and scikit-learn, where they can be imported, come right after, each in
a process of its own: their worker threads go on looking for work when their turn is over, and would disturb others.

A second table sets one update of many small nets together beside the update of one of them, a third a step with
normalization, dropout or a skip beside the plain one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from bplab.data import Dataset, Shape, Split
from bplab.engine import SGD, CrossEntropy, Dense, HalfSquaredError, HeNormal, Network, ReLU, Softmax, Tanh, Trainer
from bplab.engine.calls import Array, Calls, execute
from bplab.engine.many import ManyTrainer
from bplab.lab.blas import blas_name, blas_threads, limited_blas
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.outcome import table
from bplab.lab.runner import Runner

from .others import LARGE, OTHERS, RATE, measured_apart
from .timing import TURN_SECONDS, Work, medians, repeated

NETS = (((2, 4, 2, 1), 10), ((2, 8, 8, 8, 1), 32), ((784, 128, 64, 10), 128), ((784, 512, 512, 10), 128))
"""Units from the inputs to the outputs, and the batch size."""
MANY, MANY_SHAPE, MANY_BATCHES = 64, (2, 8, 8, 8, 1), (1, 10, 32)
"""How many nets train together, of which shape, and the batch sizes."""
DTYPES = ("float64", "float32")
ENDLESS = 100_000_000
"""Epochs, so that the record's stride is that of a long run."""
BATCHES = 32
"""Batches of training samples in an epoch."""
TEST_SAMPLES = 500


class RandomSamples(Dataset):
    """Gaussian inputs with random classes. No member of the family: nobody can choose it."""

    def __init__(self, inputs: int, classes: int, samples: int) -> None:
        self.inputs, self.classes, self.samples = inputs, classes, samples

    def describe(self) -> Shape:
        """``inputs`` columns, ``classes`` classes."""
        names = [f"input {number}" for number in range(self.inputs)], [f"class {n}" for n in range(self.classes)]
        return Shape.of(*names)

    def split(self) -> Split:
        """The samples to train on, and ``TEST_SAMPLES`` to test with."""
        random, shape, train = np.random.default_rng(0), self.describe(), self.samples
        inputs = random.standard_normal((train + TEST_SAMPLES, self.inputs))
        targets = random.integers(0, self.classes, len(inputs))
        return Split(
            train_inputs=inputs[:train],
            train_targets=targets[:train],
            test_inputs=inputs[train:],
            test_targets=targets[train:],
            train_points=None,
            test_points=None,
            task=shape.task,
            class_names=shape.class_names,
            input_names=shape.input_names,
        )


@dataclass(frozen=True)
class Row:
    """One net in one precision. Times are µs a step, None where the package is missing."""

    shape: str
    batch: int
    dtype: str
    blas_threads: int
    step_us: float
    recorded_us: float
    floor_us: float
    ratio: float
    """Step over floor."""
    recording_overhead: float
    """Share of the step that recording adds."""
    torch_us: float | None
    jax_us: float | None
    sklearn_us: float | None


@dataclass(frozen=True)
class ManyRow:
    """Many nets of one shape that train together, beside one. Times are µs an update, of one net or of all."""

    networks: int
    shape: str
    batch: int
    dtype: str
    one_us: float
    together_us: float
    ratio: float
    """All together over one."""


def _positive(text: str) -> int:
    """A whole number from 1, for argparse."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text}")
    return int(text)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``bplab bench engine``."""
    parser.add_argument("--repeats", type=_positive, default=21, metavar="N", help="turns that each contender takes")
    parser.add_argument("--dtype", choices=DTYPES, help="one precision instead of both")
    parser.add_argument("--profile", action="store_true", help="where the time goes instead of how much it is")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def main(arguments: argparse.Namespace) -> int:
    """Measure and print."""
    dtypes = [arguments.dtype] if arguments.dtype else DTYPES
    if arguments.profile:
        from . import profile  # it stands on this module

        return profile.main(dtypes, arguments.repeats, arguments.json)
    from . import extras  # it stands on this module

    together = []  # first, while no worker threads of other packages are about
    for batch in MANY_BATCHES:
        for dtype in dtypes:
            _announce(f"{MANY} × {name_of(MANY_SHAPE)}", dtype)
            together.append(measure_many(MANY, MANY_SHAPE, batch, dtype, arguments.repeats))
    rows = []
    for shape, batch in NETS:
        for dtype in dtypes:
            _announce(name_of(shape), dtype)
            rows.append(measure(shape, batch, dtype, arguments.repeats))
    dearer = []
    for dtype in dtypes:
        _announce("what layers have besides", dtype)
        dearer += extras.measure_extras(*extras.EXTRAS_NET, dtype, arguments.repeats)
    if arguments.json:
        print(as_json(rows=rows, together=together, extras=dearer))
    else:
        print(as_text(rows), many_as_text(together), extras.extras_as_text(dearer), sep="\n\n")
    return 0


def _announce(net: str, dtype: str) -> None:
    if sys.stderr.isatty():
        print(f"measuring {net} in {dtype} …", end="\r", file=sys.stderr, flush=True)


def as_json(**tables: Sequence[Any]) -> str:
    """All tables as one JSON object, a list of rows each."""
    return json.dumps({name: [vars(row) for row in rows] for name, rows in tables.items()}, indent=2)


def as_text(rows: list[Row]) -> str:
    """The rows as a table for people, with what its columns mean."""
    head = (
        *("net", "batch", "dtype", "BLAS threads", "step µs", "floor µs", "ratio"),
        *("recorded µs", "recording", "PyTorch µs", "JAX µs", "scikit-learn µs"),
    )
    lines = [
        (
            *(row.shape, row.batch, row.dtype, row.blas_threads),
            *(time(row.step_us), time(row.floor_us), f"{row.ratio:.2f}"),
            *(time(row.recorded_us), f"{100 * row.recording_overhead:+.1f} %"),
            *(time(row.torch_us), time(row.jax_us), time(row.sklearn_us)),
        )
        for row in rows
    ]
    notes = [
        "",
        "  step: one update with SGD. Small nets: tanh, ½ squared error; large ones: ReLU, softmax, cross-entropy.",
        "  floor: the matrix products of a step alone. ratio: step / floor.",
        "  recorded: the same step as the lab takes it, with the rows and checkpoints of a long run.",
        "  All are medians over turns taken one after the other; – means that the package cannot be imported.",
        f"  Products by {blas_name()}.",
    ]
    return "\n".join([*table([head, *lines], left=(0, 2)), *notes])


def many_as_text(rows: list[ManyRow]) -> str:
    """The table of nets that train together, with what its columns mean."""
    head = "nets together", "batch", "dtype", "one µs", "together µs", "ratio"
    lines = [
        (
            *(f"{row.networks} × {row.shape}", row.batch, row.dtype),
            *(time(row.one_us), time(row.together_us), f"{row.ratio:.1f}"),
        )
        for row in rows
    ]
    notes = ["", "  together: one update of all the nets in batched arrays. ratio: together / one."]
    return "\n".join([*table([head, *lines], left=(0, 2)), *notes])


def time(us: float | None) -> str:
    """Microseconds with three digits, at least."""
    return "–" if us is None else f"{us:,.2f}" if us < 10 else f"{us:,.1f}" if us < 100 else f"{us:,.0f}"


def name_of(shape: tuple[int, ...]) -> str:
    """``(2, 4, 1)`` → ``2-4-1``."""
    return "-".join(map(str, shape))


def measure(
    shape: tuple[int, ...], batch: int, dtype: str, repeats: int, seconds: float = TURN_SECONDS, others: bool = True
) -> Row:
    """Time one net; ``seconds`` is the length of a turn, ``others`` asks for the other packages' steps too."""
    experiment = experiment_of(shape, batch, dtype)
    threads = blas_threads(experiment, batch)
    with limited_blas(threads):
        recorder = Runner(experiment)
        us = medians(
            {
                "step": (repeated(Runner(experiment).trainer.step), 1),
                "floor": (_repeat_calls(floor(shape, batch, dtype)), 1),
                # A turn holds whole strides, so each has its share of rows.
                "recorded": (recorder.advance, recorder.record.stride),
            },
            repeats,
            seconds,
        )
    for name in OTHERS if others else ():
        found = measured_apart(name, shape, batch, dtype, threads, repeats)
        if found is not None:
            us[name] = found
    return Row(
        shape=name_of(shape),
        batch=batch,
        dtype=dtype,
        blas_threads=threads,
        step_us=us["step"],
        recorded_us=us["recorded"],
        floor_us=us["floor"],
        ratio=us["step"] / us["floor"],
        recording_overhead=us["recorded"] / us["step"] - 1.0,
        torch_us=us.get("torch"),
        jax_us=us.get("jax"),
        sklearn_us=us.get("sklearn"),
    )


def measure_many(
    count: int, shape: tuple[int, ...], batch: int, dtype: Any, repeats: int, seconds: float = TURN_SECONDS
) -> ManyRow:
    """Time an update of ``count`` nets with tanh beside that of one; ``seconds`` is the length of a turn."""
    random = np.random.default_rng(0)
    x = random.standard_normal((BATCHES * batch, shape[0]))
    y = np.sign(random.standard_normal((len(x), shape[-1])))
    layers = [Dense(units, Tanh()) for units in shape[1:]]
    networks = [Network(shape[0], layers, HalfSquaredError(), dtype, seed) for seed in range(count + 1)]
    with limited_blas(1):
        one = Trainer(networks.pop(), x, y, SGD(RATE), batch)
        together = ManyTrainer(networks, x, y, SGD(RATE), batch)
        us = medians({"one": (repeated(one.step), 1), "together": (repeated(together.step), 1)}, repeats, seconds)
    return ManyRow(
        networks=count,
        shape=name_of(shape),
        batch=batch,
        dtype=dtype,
        one_us=us["one"],
        together_us=us["together"],
        ratio=us["together"] / us["one"],
    )


def experiment_of(shape: tuple[int, ...], batch: int, dtype: Any) -> Experiment:
    """What a user would make of this shape, with SGD and for very many epochs."""
    large = shape[0] >= LARGE
    hidden = ReLU() if large else Tanh()
    layers = [Dense(units, hidden, HeNormal()) if large else Dense(units, hidden) for units in shape[1:-1]]
    return Experiment(
        data=RandomSamples(shape[0], max(2, shape[-1]), BATCHES * batch),
        network=NetworkDesign((*layers, Dense(shape[-1], Softmax() if large else Tanh()))),
        training=TrainingPlan(
            loss=CrossEntropy() if large else HalfSquaredError(),
            optimizer=SGD(RATE),
            batch_size=batch,
            epochs=ENDLESS,
            dtype=dtype,
        ),
    )


def floor(shape: tuple[int, ...], batch: int, dtype: str) -> Calls:
    """The products of one step and nothing else, over C-contiguous arrays."""
    random = np.random.default_rng(0)

    def array(rows: int, columns: int) -> Array:
        return np.asarray(random.standard_normal((rows, columns)), dtype, order="C")

    inputs = [array(batch, units) for units in shape[:-1]]
    weights = [array(before, units) for before, units in pairwise(shape)]
    deltas = [array(batch, units) for units in shape[1:]]
    layers = list(zip(inputs, weights, deltas, strict=True))
    forward: Calls = [(a.dot, (w, np.empty_like(d))) for a, w, d in layers]
    backward: Calls = []
    for a, w, d in reversed(layers):
        backward.append((a.T.dot, (d, np.empty_like(w))))
        backward.append((d.dot, (w.T, np.empty_like(a))))
    return [*forward, *backward[:-1]]  # the last would be the error of the inputs, which nobody needs


def _repeat_calls(calls: Calls) -> Work:
    def work(count: int) -> None:
        for _ in range(count):
            execute(calls)

    return work
