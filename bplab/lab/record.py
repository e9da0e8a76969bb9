"""The record of a run: the only source of plots, reports, diagnosis and comparison.

Rows are taken at fixed strides of updates. When the record is full, every second row is dropped and the
stride doubles, so a run of any length fits, and window and shell agree to the bit: which rows exist is a
function of the number of updates alone.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bplab.engine.probes import Reading
from bplab.engine.sizes import Sizes

MAX_ROWS = 4_096
MIN_ROWS = 256
ROW_BYTES_BUDGET = 48 * 2**20
MAX_RATE = 1e6
"""The largest learning rate that can be set by hand, the same as in an experiment."""
MOST_BY_HAND = {"learning_rate": MAX_RATE, "l1": 1e3, "l2": 1e3, "max_norm": 1e9, "clip_value": 1e9, "clip_norm": 1e9}
"""What can be changed while a run is on, and the largest value of each, as in an experiment."""

SIZES = ("input_rms", "error_rms", "activated_error_rms", "argument_error_rms", "delta_rms", "steepest")
"""Columns that gradient budget and stall shares follow from."""
ADDED_LATER = frozenset(SIZES) - {"delta_rms"}
"""Columns that records have not always had; they are NaN in a record from before."""

Column = NDArray[Any]
Losses = tuple[float, float, float]


@dataclass(frozen=True)
class Event:
    """Something changed by hand while the run was on: from update ``updates`` on, ``setting`` has ``value``."""

    updates: int
    setting: str
    value: float


@dataclass(frozen=True)
class Divergence:
    """Where the run left the finite numbers: layer 0 stands for the loss."""

    step: int
    layer: int
    quantity: str
    sentence: str


@dataclass(frozen=True)
class EarlyStop:
    """Where early stopping ended a run, and why."""

    updates: int
    epoch: int
    patience: int
    best: float
    """The lowest loss there was."""
    tested: bool
    """True if it was the loss on test samples, False if it was the mean training loss of an epoch."""

    @property
    def sentence(self) -> str:
        """Why, in words."""
        what, epochs = "test" if self.tested else "training", "epochs" if self.patience > 1 else "epoch"
        return f"the {what} loss has not improved on {self.best:.3g} for {self.patience:,} {epochs}"


@dataclass(frozen=True)
class Branch:
    """Where a run left another: the rows up to ``step`` are that one's."""

    parent: int | None
    """The other run's id in the project; None if it was never kept."""
    step: int


class Mark(NamedTuple):
    """How far a reader of :meth:`RunRecord.columns_since` has come; at first nowhere."""

    rewrites: int = -1
    rows: int = 0


@dataclass(frozen=True)
class Row:
    """One row as it is taken; arrays have an entry per layer, ``saturated`` one per neuron."""

    step: int
    losses: Losses
    """Mean, minimum and maximum of the batch losses since the row before."""
    test_loss: float
    train_accuracy: float
    test_accuracy: float
    update_ratio: NDArray[np.float64]
    reading: Reading


def empty_columns(rows: int, layers: int, neurons: int) -> dict[str, Column]:
    """Columns of a record by name, with room for ``rows`` rows."""

    def scalar() -> Column:
        return np.full(rows, np.nan)

    def per_layer() -> Column:
        return np.full((rows, layers), np.nan)

    return {
        "step": np.zeros(rows, np.int64),
        "loss": scalar(),
        "loss_min": scalar(),
        "loss_max": scalar(),
        "test_loss": scalar(),
        "train_accuracy": scalar(),
        "test_accuracy": scalar(),
        "weight_gradient_rms": per_layer(),
        "delta_rms": per_layer(),
        "input_rms": per_layer(),
        "error_rms": per_layer(),
        "activated_error_rms": per_layer(),
        "argument_error_rms": per_layer(),
        "steepest": per_layer(),
        "update_ratio": per_layer(),
        "dead": np.zeros((rows, layers), np.uint32),
        "saturated": np.zeros((rows, neurons), np.uint16),
    }


def sizes_of_rows(columns: Sequence[Column]) -> Sizes:
    """What gradient budget and stall shares follow from, of the columns ``SIZES`` of one row or of many."""
    entering, error, activated, argument, delta, steepest = columns
    return Sizes(entering, error, activated, argument, delta, steepest, output_error=error[..., -1:])


@dataclass(eq=False)
class RunRecord:
    """Rows of a run, written by the run's thread and read by anyone through :meth:`column` and :meth:`last`.

    Columns: ``step``; ``loss``, ``loss_min``, ``loss_max`` (batch losses since the row before); ``test_loss``,
    ``train_accuracy`` (on the probe batch), ``test_accuracy`` (NaN where there is none); per layer
    ``weight_gradient_rms``, ``delta_rms`` and the other ``SIZES``, ``update_ratio``, ``dead``; per neuron
    ``saturated`` (probe samples out of ``probe_samples``), layers one after the other.
    """

    units: tuple[int, ...]
    """Neurons of each layer."""
    probe_samples: int
    stride: int = 1
    blas_threads: int = 1
    events: list[Event] = field(default_factory=list)
    divergence: Divergence | None = None
    seconds: float = 0.0
    """Time spent training, without pauses; a fact about the machine, not about the run."""
    data: str = ""
    """Digest of the data if it came from a file of the user's."""
    stop: EarlyStop | None = None
    """Where early stopping ended the run last; who plays on trains past it."""
    branch: Branch | None = None
    """Where the run was forked off another; None if it has trained all its updates itself."""

    def __post_init__(self) -> None:
        # Without the columns added later: a record from before must fit into as many rows as it had room for.
        row_bytes = 2 * sum(self.units) + 28 * len(self.units) + 56
        self.capacity = max(MIN_ROWS, min(MAX_ROWS, ROW_BYTES_BUDGET // row_bytes) // 2 * 2)
        self._columns = empty_columns(64, len(self.units), sum(self.units))
        self._count = 0
        self._rewrites = 0
        self._lock = threading.Lock()
        self.version = 0

    def __len__(self) -> int:
        return self._count

    @property
    def next_step(self) -> int:
        """The update after which the next row is due."""
        return int(self._columns["step"][self._count - 1]) + self.stride if self._count else 0

    def append(self, row: Row) -> None:
        """Add a row; drops every second one first if the record is full."""
        with self._lock:
            losses = row.losses
            if self._count == self.capacity:
                losses = _merged(self._thin(), losses)
                if row.step % self.stride:
                    raise ValueError(f"step {row.step} is not a multiple of the stride {self.stride}")
            if self._count == len(self._columns["step"]):
                self._grow()
            at, columns, reading = self._count, self._columns, row.reading
            columns["step"][at] = row.step
            columns["loss"][at], columns["loss_min"][at], columns["loss_max"][at] = losses
            columns["test_loss"][at] = row.test_loss
            columns["train_accuracy"][at] = row.train_accuracy
            columns["test_accuracy"][at] = row.test_accuracy
            columns["weight_gradient_rms"][at] = reading.weight_gradient_rms
            for name in SIZES:
                columns[name][at] = getattr(reading, name)
            columns["update_ratio"][at] = row.update_ratio
            columns["dead"][at] = reading.dead
            columns["saturated"][at] = reading.saturated
            self._count += 1
            self.version += 1

    def column(self, name: str) -> Column:
        """A copy of one column, ``(rows,)`` or ``(rows, layers)`` or ``(rows, neurons)``."""
        with self._lock:
            return self._columns[name][: self._count].copy()

    def columns(self, *names: str) -> list[Column]:
        """Copies of several columns as they stand at one moment."""
        with self._lock:
            return [self._columns[name][: self._count].copy() for name in names]

    def columns_since(self, mark: Mark, *names: str) -> tuple[Mark, int, list[Column]]:
        """The rows that came after ``mark``: a new mark, the number of the first such row, and its columns.

        All rows come again, from number 0, if rows have been dropped since. For views that follow wide columns.
        """
        with self._lock:
            first = mark.rows if mark.rewrites == self._rewrites else 0
            found = [self._columns[name][first : self._count].copy() for name in names]
            return Mark(self._rewrites, self._count), first, found

    def values_at(self, row: int, *names: str) -> list[Any]:
        """Copies of one row's values; the newest row's if there are fewer rows now. Not before the first row."""
        with self._lock:
            return [self._columns[name][min(row, self._count - 1)].copy() for name in names]

    def sizes(self) -> Sizes:
        """What gradient budget and stall shares follow from, ``(rows, layers)``, as it stands at one moment."""
        return sizes_of_rows(self.columns(*SIZES))

    def last(self, name: str) -> Any:
        """The newest value of a column, or None before the first row."""
        with self._lock:
            return self._columns[name][self._count - 1].copy() if self._count else None

    def neurons_of(self, layer: int) -> slice:
        """Where the neurons of layer ``layer`` (from 0) stand in the ``saturated`` column."""
        start = sum(self.units[:layer])
        return slice(start, start + self.units[layer])

    def layer_means(self, saturated: Column) -> NDArray[np.float64]:
        """Layer shares ``(rows, layers)`` of counts ``(rows, neurons)``."""
        starts = np.cumsum([0, *self.units[:-1]])
        sums = np.add.reduceat(saturated.astype(np.float64), starts, axis=1)
        return np.asarray(sums / (np.array(self.units) * self.probe_samples))

    def truncate_after(self, step: int) -> None:
        """Forget rows later than ``step``, and that the run was stopped later."""
        with self._lock:
            if self.stop is not None and self.stop.updates > step:
                self.stop = None
            self._count = int(np.searchsorted(self._columns["step"][: self._count], step, side="right"))
            self._rewrites += 1
            self.version += 1

    def copy(self) -> RunRecord:
        """The record as it stands now, apart from this one."""
        with self._lock:
            columns = {name: values[: self._count].copy() for name, values in self._columns.items()}
            twin = replace(self, events=list(self.events))
        twin.take_columns(columns)
        return twin

    def take_columns(self, columns: dict[str, Column]) -> None:
        """Hold these rows instead, all columns of one length; for whoever copies or reads a record."""
        with self._lock:
            self._columns, self._count = columns, len(columns["step"])
            self._rewrites += 1
            self.version += 1

    def _grow(self) -> None:
        room = min(self.capacity, 2 * max(32, self._count))
        grown = empty_columns(room, len(self.units), sum(self.units))
        for name, values in grown.items():
            values[: self._count] = self._columns[name][: self._count]
        self._columns = grown

    def _thin(self) -> Losses:
        """Keep rows 0, 2, 4 …; a kept row also speaks for the losses of the dropped one before it.

        The last row is dropped too (the capacity is even); its losses are returned for the row that follows.
        """
        columns, count = self._columns, self._count
        odd, even = slice(1, count - 1, 2), slice(2, count, 2)
        left_over = tuple(float(columns[name][count - 1]) for name in ("loss", "loss_min", "loss_max"))
        columns["loss"][even] = 0.5 * (columns["loss"][odd] + columns["loss"][even])
        columns["loss_min"][even] = np.minimum(columns["loss_min"][odd], columns["loss_min"][even])
        columns["loss_max"][even] = np.maximum(columns["loss_max"][odd], columns["loss_max"][even])
        kept = -(-count // 2)
        for values in columns.values():
            values[:kept] = values[:count:2].copy()
        self._count, self.stride = kept, 2 * self.stride
        self._rewrites += 1
        return left_over  # type: ignore[return-value]  # three names, three values


def _merged(earlier: Losses, later: Losses) -> Losses:
    """Mean, minimum and maximum over two equally long stretches."""
    return 0.5 * (earlier[0] + later[0]), min(earlier[1], later[1]), max(earlier[2], later[2])
