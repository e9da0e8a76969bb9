"""Records and checkpoints as bytes, for project files: typed, checked, and the same on every machine.

A packet is MessagePack in a zlib frame. What is read may come from a stranger: it is unpacked up to the size that
the experiment allows and no further, every length is checked before an array is made, and nothing in it can be
code. The frame's checksum finds a damaged packet.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import Annotated, TypeVar

import msgspec
import numpy as np
from msgspec import Meta

from bplab.engine import InputError, TrainingState
from bplab.engine.monitor import Watch

from .experiment import Experiment
from .record import (
    ADDED_LATER,
    MAX_RATE,
    MOST_BY_HAND,
    Column,
    Divergence,
    EarlyStop,
    Event,
    RunRecord,
    empty_columns,
)

T = TypeVar("T")

MAX_BYTES = 800_000_000
"""The largest packet that fits into a cell of the project's database."""
SLACK = 2**20
"""Room in a packet for what is beside the arrays."""
EVENTS_BYTES = 16 * 2**20
MAX_THREADS = 4_096
MAX_FIRST_STRIDE = 2**17
"""Updates between the rows of a record that has never been full; no network's rows cost more than that many."""

Count = Annotated[int, Meta(ge=0, le=2**53)]


class _Record(msgspec.Struct, forbid_unknown_fields=True, array_like=True):
    units: tuple[int, ...]
    probe_samples: Annotated[int, Meta(ge=1, le=65_535)]
    stride: Annotated[int, Meta(ge=1, le=2**53)]
    blas_threads: Annotated[int, Meta(ge=1, le=MAX_THREADS)]
    seconds: float
    events: list[Event]
    divergence: Divergence | None
    rows: Count
    columns: dict[str, bytes]
    data: Annotated[str, Meta(max_length=64)] = ""
    stop: EarlyStop | None = None


class _Events(msgspec.Struct, forbid_unknown_fields=True, array_like=True):
    events: list[Event]


class _Checkpoint(msgspec.Struct, forbid_unknown_fields=True, array_like=True):
    updates: Count
    rate: float
    parameters: bytes
    slots: bytes
    watch: Watch = Watch()
    memory_from: Count = 0


def record_to_bytes(record: RunRecord) -> bytes:
    """The record, with its events and its divergence. Nobody may be writing to it: take a copy first."""
    names = empty_columns(0, 0, 0)
    columns = dict(zip(names, record.columns(*names), strict=True))
    packed = _Record(
        units=record.units,
        probe_samples=record.probe_samples,
        stride=record.stride,
        blas_threads=record.blas_threads,
        seconds=record.seconds,
        events=record.events,
        divergence=record.divergence,
        rows=len(record),
        columns={name: _little_endian(values).tobytes() for name, values in columns.items()},
        data=record.data,
        stop=record.stop,
    )
    return _framed(packed, level=1)


def record_from_bytes(packet: bytes, experiment: Experiment, is_fork: bool = False) -> RunRecord:
    """Read a record of a run of ``experiment``; ``InputError`` if it is damaged or belongs to another.

    A fork's rows may be fewer than their distance says: it is that of its parent's.
    """
    units = experiment.units
    empty = RunRecord(units, 1)
    row_bytes = sum(column.nbytes for column in empty_columns(1, len(units), sum(units)).values())
    packed = _unframed(packet, _Record, empty.capacity * row_bytes + EVENTS_BYTES + SLACK, "the record of a run")
    if packed.units != units or packed.rows > empty.capacity:
        raise InputError("the record of a run does not belong to its network")
    record = RunRecord(
        units,
        packed.probe_samples,
        packed.stride,
        packed.blas_threads,
        packed.events,
        packed.divergence,
        packed.seconds,
        packed.data,
        packed.stop,
    )
    expected = empty_columns(packed.rows, len(units), sum(units))
    columns = {
        name: column if name in ADDED_LATER - packed.columns.keys() else _filled(column, packed.columns.get(name, b""))
        for name, column in expected.items()
    }
    if not np.array_equal(columns["step"], packed.stride * np.arange(packed.rows)):
        raise InputError("the record of a run is damaged: its rows are not in order")
    far_apart = packed.stride > MAX_FIRST_STRIDE and not is_fork
    if not packed.rows or (far_apart and packed.rows < record.capacity // 2):
        raise InputError("the record of a run is damaged: it has fewer rows than such a run leaves")
    _check_facts(packed)
    check_events(packed.events)
    record.take_columns(columns)
    return record


def checkpoint_to_bytes(state: TrainingState) -> bytes:
    """One state of a run; ``InputError`` if a project cannot hold one so large."""
    if state.parameters.nbytes + state.slots.nbytes > MAX_BYTES - SLACK:
        raise InputError(
            f"a run of a network of {state.parameters.size:,} parameters is too large to be kept in a project"
        )
    parameters, slots = _little_endian(state.parameters), _little_endian(state.slots)
    # Level 0: the bits of weights do not compress, the frame is there for its checksum.
    numbers = parameters.tobytes(), slots.tobytes()
    packed = _Checkpoint(state.updates, state.rate, *numbers, state.watch, state.memory_from)
    return _framed(packed, level=0)


def checkpoint_from_bytes(packet: bytes, experiment: Experiment) -> TrainingState:
    """Read a state of a run of ``experiment``; ``InputError`` if it is damaged or belongs to another."""
    count = sum(place.size for place in experiment.places())
    dtype, slots = np.dtype(experiment.training.dtype), experiment.training.optimizer.slots
    most = min(MAX_BYTES, (1 + slots) * count * dtype.itemsize + SLACK)
    packed = _unframed(packet, _Checkpoint, most, "a checkpoint")
    if (len(packed.parameters), len(packed.slots)) != (count * dtype.itemsize, slots * count * dtype.itemsize):
        raise InputError("a checkpoint does not belong to its network")
    state = TrainingState(
        packed.updates,
        _filled(np.empty(count, dtype), packed.parameters),
        _filled(np.empty((slots, count), dtype), packed.slots),
        packed.rate,
        packed.watch,
        packed.memory_from,
    )
    finite = np.isfinite(state.parameters).all() and np.isfinite(state.slots).all()
    sound = _is_a_memory(packed.watch) and packed.memory_from <= packed.updates
    if not finite or not 0.0 <= packed.rate <= MAX_RATE or not sound:
        raise InputError("a checkpoint is damaged: it holds numbers that no training goes on from")
    return state


def check_distance(record: RunRecord, state: TrainingState, updates: int) -> None:
    """``InputError`` if a run that stands at ``updates`` cannot have left this record and this checkpoint.

    A checkpoint goes with every row, so less than a stride has to be repeated. A run that diverged was taken back,
    and what remains may be an earlier checkpoint, but the rows still reach to within a stride of where it stands.
    """
    reached = max(state.updates, int(record.last("step"))) if record.divergence else state.updates
    if updates - reached > 2 * record.stride or abs(reached - int(record.last("step"))) > 2 * record.stride:
        raise InputError("its record and its checkpoint do not belong to the updates that it claims")


def _framed(packed: msgspec.Struct, level: int) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(packed), level)


def _unframed(packet: bytes, kind: type[T], most: int, what: str) -> T:
    unpacker = zlib.decompressobj()
    try:
        contents = unpacker.decompress(packet, most)
        if not unpacker.eof or unpacker.unused_data:
            raise InputError(f"{what} is damaged: it does not end where it should")
        return msgspec.msgpack.decode(contents, type=kind)
    except (zlib.error, msgspec.DecodeError, RecursionError) as error:
        raise InputError(f"{what} is damaged: {error}") from None


def _little_endian(values: Column) -> Column:
    return values.astype(values.dtype.newbyteorder("<"), copy=False)


def _filled(column: Column, contents: bytes) -> Column:
    """``column`` with ``contents`` as its values; its shape and dtype say how many bytes that must be."""
    if len(contents) != column.nbytes:
        raise InputError("the record of a run is damaged: a column has the wrong length")
    stored = np.frombuffer(contents, column.dtype.newbyteorder("<"))
    column[...] = stored.reshape(column.shape)
    return column


def events_to_bytes(events: Sequence[Event]) -> bytes:
    """What was changed by hand on a leg of a run."""
    return _framed(_Events(list(events)), level=1)


def events_from_bytes(packet: bytes) -> tuple[Event, ...]:
    """The same again; ``InputError`` if it is damaged."""
    events = _unframed(packet, _Events, EVENTS_BYTES, "what was changed by hand").events
    check_events(events)
    return tuple(events)


def check_events(events: Sequence[Event]) -> None:
    """Events must be such as a run notes, in the order in which they happened."""
    moments = [event.updates for event in events]
    if moments != sorted(moments) or any(moment < 0 for moment in moments):
        raise InputError("the record of a run is damaged: its changes by hand are not in order")
    if not all(0.0 <= event.value <= MOST_BY_HAND.get(event.setting, -1.0) for event in events):
        raise InputError("the record of a run is damaged: it tells of a change by hand that cannot be made")


def _check_facts(packed: _Record) -> None:
    if not 0.0 <= packed.seconds < math.inf:
        raise InputError("the record of a run is damaged: its time is no time")
    stop = packed.stop
    if stop is not None and not (min(stop.updates, stop.epoch, stop.patience) >= 1 and not math.isnan(stop.best)):
        raise InputError("the record of a run is damaged: it tells of an end that no run comes to")


def _is_a_memory(watch: Watch) -> bool:
    """Whether losses can have left this; the lowest of none is infinite."""
    return not any(math.isnan(value) for value in (watch.total, watch.plateau.best, watch.waiting.best))
