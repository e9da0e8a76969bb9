"""What an experiment's network is asked to learn: its samples with targets written for its output layer."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bplab.data import FileDataset, Samples, Shape, Split
from bplab.engine import InputError
from bplab.engine.activations import Activation

from .experiment import Experiment

Floats = NDArray[np.floating[Any]]

PROBE_SAMPLES = 128
"""Gradients and saturation are measured on this many training samples, always the same ones."""
MAX_TEST_SAMPLES = 2_000
"""The test loss of a row, and the one that a plateau or early stopping waits for, is taken on at most this many test
samples, of which the order is the split's own; final numbers take all of them."""


@dataclass(frozen=True, slots=True)
class TargetCode:
    """How class numbers are written as targets: one unit with two levels, or one unit per class."""

    classes: int
    units: int
    low: float
    high: float = 1.0

    def encode(self, classes: NDArray[np.int64]) -> Floats:
        """Class numbers ``(n,)`` as targets ``(n, units)``."""
        if self.units == 1:
            return np.where(classes > 0, self.high, self.low)[:, None]
        targets = np.full((len(classes), self.units), self.low)
        targets[np.arange(len(classes)), classes] = self.high
        return targets

    def decode(self, outputs: Floats) -> NDArray[np.int64]:
        """Predicted class numbers ``(n,)`` for outputs ``(n, units)``."""
        if self.units == 1:
            return np.asarray(outputs[:, 0] > 0.5 * (self.low + self.high), np.int64)
        return np.asarray(np.argmax(outputs, axis=1), np.int64)


@dataclass(frozen=True, eq=False)
class Problem:
    """Training and test samples: inputs ``(n, inputs)``, targets ``(n, outputs)``.

    ``code`` is None for regression. Rows are shuffled already, so the first ones are a fair sample.
    """

    split: Split
    shape: Shape
    code: TargetCode | None
    train_inputs: Floats
    train_targets: Floats
    test_inputs: Floats
    test_targets: Floats
    read: Samples | None = None
    """What a file of the user's held; None for data that bplab makes or ships, which is always the same."""

    @property
    def digest(self) -> str:
        """Tells data that was read from data that was read later; empty where the data is always the same."""
        return _digest(self.read) if self.read else ""

    def check_digest(self, earlier: str) -> None:
        """``InputError`` if a run on data with the digest ``earlier`` cannot go on with this one."""
        if earlier and self.read and earlier != self.digest:
            raise InputError("the data is no longer what this run was trained on")

    @property
    def probe_inputs(self) -> Floats:
        """The training samples on which gradients and saturation are measured."""
        return self.train_inputs[:PROBE_SAMPLES]

    @property
    def probe_targets(self) -> Floats:
        """Targets of the probe samples."""
        return self.train_targets[:PROBE_SAMPLES]

    def accuracy(self, outputs: Floats, targets: Floats) -> float | None:
        """Share of samples in the right class; None for regression and for no samples."""
        if self.code is None or not len(outputs):
            return None
        return self.share_right(outputs, self.code.decode(targets))

    def share_right(self, outputs: Floats, classes: NDArray[np.int64]) -> float:
        """The same against class numbers ``(n,)``; classification only."""
        if self.code is None:
            raise TypeError("regression has no classes to be right about")
        return int(np.count_nonzero(self.code.decode(outputs) == classes)) / len(classes)

    def confusion(self, outputs: Floats, targets: Floats) -> NDArray[np.int64]:
        """Counts ``(true class, predicted class)``; classification only."""
        if self.code is None:
            raise TypeError("regression has no classes to confuse")
        counts = np.zeros((self.code.classes, self.code.classes), np.int64)
        np.add.at(counts, (self.code.decode(targets), self.code.decode(outputs)), 1)
        return counts


def same_problem(one: Experiment, other: Experiment) -> bool:
    """True if both have the same samples and targets."""
    return (
        one.data == other.data
        and one.network.layers[-1] == other.network.layers[-1]
        and (one.training.loss, one.training.dtype) == (other.training.loss, other.training.dtype)
    )


def target_code(experiment: Experiment, shape: Shape) -> TargetCode | None:
    """−1/+1 for outputs that reach −1 (tanh, identity), 0/1 for the others and for probability losses."""
    if not shape.classes:
        return None
    last: Any = experiment.network.layers[-1]
    activation: Activation = last.activation
    if experiment.training.loss.probabilities or activation.low > -1.0:
        low = 0.0
    else:
        low = -1.0 if last.units == 1 or np.isfinite(activation.low) else 0.0
    return TargetCode(shape.classes, last.units, low)


def make_problem(experiment: Experiment) -> Problem:
    """Load and split the experiment's data and write its targets; ``InputError`` if it cannot be run."""
    experiment.checked()
    shape, split = experiment.data.describe(), experiment.data.split()
    code = target_code(experiment, shape)
    dtype = np.dtype(experiment.training.dtype)

    def targets(raw: Any) -> Floats:
        encoded: Floats = code.encode(raw) if code else raw
        return encoded.astype(dtype)

    return Problem(
        split=split,
        shape=shape,
        code=code,
        train_inputs=split.train_inputs.astype(dtype),
        train_targets=targets(split.train_targets),
        test_inputs=split.test_inputs.astype(dtype),
        test_targets=targets(split.test_targets),
        read=experiment.data.load() if isinstance(experiment.data, FileDataset) else None,
    )


def _digest(samples: Samples) -> str:
    """Of the samples as they stand in the file: what is made of them may differ in the last bit between machines."""
    found = hashlib.blake2b(repr((samples.task, samples.input_names, samples.class_names)).encode(), digest_size=16)
    for values in (samples.inputs, samples.targets):
        found.update(np.ascontiguousarray(values, values.dtype.newbyteorder("<")).tobytes())
    return found.hexdigest()


def layer_names(layers: Sequence[Any]) -> list[str]:
    """Short names for all views: ``h1``, ``h2`` … and ``out`` for the last."""
    return [f"h{number}" for number in range(1, len(layers))] + ["out"]
