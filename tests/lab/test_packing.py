"""Records and checkpoints as bytes: all that goes in comes out, and nothing that was tampered with gets in."""

import math
import zlib
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Circle
from bplab.engine import Adam, Dense, InputError, ReLU, Sigmoid, TrainingState
from bplab.engine.monitor import Waiting, Watch
from bplab.engine.schedules import Plateau
from bplab.lab import packing
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.packing import (
    check_distance,
    checkpoint_from_bytes,
    checkpoint_to_bytes,
    record_from_bytes,
    record_to_bytes,
)
from bplab.lab.record import EarlyStop
from bplab.lab.runner import Runner, train_to_end

EXPERIMENT = Experiment(
    data=Circle(samples=60),
    network=NetworkDesign((Dense(3, ReLU()), Dense(1, Sigmoid()))),
    training=TrainingPlan(optimizer=Adam(), epochs=30),
)
RUNNER = train_to_end(EXPERIMENT)
RUNNER.set_learning_rate(0.5)
RECORD = record_to_bytes(RUNNER.record)
CHECKPOINT = checkpoint_to_bytes(RUNNER.trainer.state())


def opened(packet: bytes) -> list[object]:
    """What is inside a packet, in order."""
    inside: list[object] = msgspec.msgpack.decode(zlib.decompress(packet))
    return inside


def closed(inside: list[object]) -> bytes:
    return zlib.compress(msgspec.msgpack.encode(inside))


def refusal_of(packet: bytes, experiment: Experiment = EXPERIMENT) -> str:
    with pytest.raises(InputError) as error:
        record_from_bytes(packet, experiment)
    return str(error.value)


def test_a_record_comes_back_whole() -> None:
    again = record_from_bytes(RECORD, EXPERIMENT)
    record = RUNNER.record
    assert (again.units, again.probe_samples, again.stride) == (record.units, record.probe_samples, record.stride)
    assert (again.blas_threads, again.seconds) == (record.blas_threads, record.seconds)
    assert (again.events, again.divergence) == (record.events, record.divergence)
    assert len(record.events) == 1
    assert record_to_bytes(again) == RECORD


def test_a_record_that_came_back_goes_on_growing() -> None:
    again = record_from_bytes(RECORD, EXPERIMENT)
    runner = Runner(EXPERIMENT, again, RUNNER.checkpoints.newest())
    runner.advance(20 * again.stride)
    assert len(runner.record) == len(RUNNER.record) + 20


def test_a_divergence_comes_back(runaway: Experiment) -> None:
    record = train_to_end(runaway).record
    assert record.divergence is not None
    assert record_from_bytes(record_to_bytes(record), runaway).divergence == record.divergence


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_checkpoint_comes_back_to_the_bit(dtype: str) -> None:
    plan = msgspec.structs.replace(EXPERIMENT.training, dtype=dtype)
    experiment = msgspec.structs.replace(EXPERIMENT, training=plan)
    state = train_to_end(experiment, 17).trainer.state()
    again = checkpoint_from_bytes(checkpoint_to_bytes(state), experiment)
    assert (again.updates, again.rate) == (17, state.rate)
    assert again.parameters.dtype == again.slots.dtype == np.dtype(dtype)
    assert np.array_equal(again.parameters, state.parameters)
    assert np.array_equal(again.slots, state.slots)


@given(st.integers(0, len(RECORD) - 1), st.integers(1, 255))
def test_a_changed_byte_in_a_record_is_found(place: int, change: int) -> None:
    packet = bytearray(RECORD)
    packet[place] ^= change
    assert "damaged" in refusal_of(bytes(packet))


@given(st.integers(0, len(CHECKPOINT) - 1), st.integers(1, 255))
def test_a_changed_byte_in_a_checkpoint_is_found(place: int, change: int) -> None:
    packet = bytearray(CHECKPOINT)
    packet[place] ^= change
    with pytest.raises(InputError, match="a checkpoint is damaged"):
        checkpoint_from_bytes(bytes(packet), EXPERIMENT)


@pytest.mark.parametrize("left", [0, 1, 100, len(RECORD) - 1])
def test_a_truncated_record_is_found(left: int) -> None:
    assert "damaged" in refusal_of(RECORD[:left])


def test_what_follows_a_packet_is_found() -> None:
    assert "does not end where it should" in refusal_of(RECORD + b"x")


def test_a_record_of_another_network_is_refused(circle: Experiment) -> None:
    assert refusal_of(RECORD, circle) == "the record of a run does not belong to its network"


def test_a_checkpoint_of_another_network_is_refused(circle: Experiment) -> None:
    with pytest.raises(InputError, match=r"^a checkpoint does not belong to its network$"):
        checkpoint_from_bytes(CHECKPOINT, circle)


def test_a_packet_that_would_unpack_to_more_than_its_network_allows_is_not_unpacked() -> None:
    bomb = zlib.compress(bytes(200 * 2**20), 9)
    assert len(bomb) < 2**20
    assert "does not end where it should" in refusal_of(bomb)


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        (0, [3, 10**12], "does not belong"),
        (1, 0, "Expected `int` >= 1"),
        (2, 0, "Expected `int` >= 1"),
        (2, 7, "its rows are not in order"),
        (3, 10**9, "Expected `int` <= 4096"),
        (4, -1.0, "its time is no time"),
        (5, [{"updates": 3, "setting": "shell", "value": 0.1}], "change by hand that cannot be made"),
        (5, [{"updates": 3, "setting": "learning_rate", "value": -0.1}], "change by hand that cannot be made"),
        (5, [{"updates": 3, "setting": "learning_rate", "value": 2e6}], "change by hand that cannot be made"),
        (5, [{"updates": -3, "setting": "learning_rate", "value": 0.1}], "not in order"),
        (5, 4 * [{"updates": 5, "setting": "learning_rate", "value": 1.0}, {"updates": 3, "setting": "learning_rate", "value": 1.0}], "not in order"),  # noqa: E501
        (6, "all is well", "Expected `object | null`"),
        (7, 10**12, "does not belong"),
        (7, 3, "a column has the wrong length"),
        (8, {}, "a column has the wrong length"),
    ],
)
def test_a_record_with_an_impossible_part_is_refused(field: int, value: object, said: str) -> None:
    inside = opened(RECORD)
    inside[field] = value
    assert said in refusal_of(closed(inside))


def test_a_network_too_large_for_a_project_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "MAX_BYTES", packing.SLACK + 100)
    with pytest.raises(InputError, match=r"^a run of a network of 13 parameters is too large to be kept in a project$"):
        checkpoint_to_bytes(RUNNER.trainer.state())


@pytest.mark.parametrize(
    ("number", "slot", "rate"),
    [(np.nan, 0.0, 0.1), (np.inf, 0.0, 0.1), (0.0, np.nan, 0.1), (0.0, 0.0, np.nan), (0.0, 0.0, -1.0), (0.0, 0.0, 2e6)],
)
def test_a_checkpoint_that_no_training_goes_on_from_is_refused(number: float, slot: float, rate: float) -> None:
    state = RUNNER.trainer.state()
    parameters, slots = state.parameters.copy(), state.slots.copy()
    parameters[-1], slots[-1, -1] = number, slot
    packet = checkpoint_to_bytes(TrainingState(state.updates, parameters, slots, rate))
    with pytest.raises(InputError, match=r"^a checkpoint is damaged: it holds numbers that no training goes on from$"):
        checkpoint_from_bytes(packet, EXPERIMENT)


def test_rows_farther_apart_than_so_few_of_them_can_be_are_refused() -> None:
    inside = opened(RECORD)
    columns, rows = inside[8], inside[7]
    assert isinstance(columns, dict)
    assert isinstance(rows, int)
    columns["step"] = (2**40 * np.arange(rows)).astype("<i8").tobytes()
    inside[2] = 2**40
    assert "it has fewer rows than such a run leaves" in refusal_of(closed(inside))


@given(st.integers(0, 400), st.sampled_from([4, 16, 4096]))
def test_a_run_put_down_anywhere_is_near_its_checkpoint(updates: int, capacity: int) -> None:
    runner = Runner(EXPERIMENT)
    runner.record.capacity = capacity
    runner.advance(updates)
    point = runner.save_point()
    check_distance(point.record, point.checkpoint, point.updates)


def test_a_run_that_diverged_is_near_its_record(runaway: Experiment) -> None:
    runner = train_to_end(runaway)
    check_distance(runner.record, runner.checkpoints.nearest(0), runner.updates)


@pytest.mark.parametrize("beyond", [10**6, 2**52])
def test_a_run_that_claims_updates_beyond_its_record_is_refused(beyond: int) -> None:
    point = RUNNER.save_point()
    far = TrainingState(beyond, point.checkpoint.parameters, point.checkpoint.slots, 0.1)
    for state, updates in ((point.checkpoint, beyond), (far, beyond)):
        with pytest.raises(InputError, match="do not belong to the updates that it claims"):
            check_distance(point.record, state, updates)


def test_the_digest_of_the_data_comes_back_and_a_record_without_one_is_valid() -> None:
    record = RUNNER.record.copy()
    record.data = "0123456789abcdef"
    assert record_from_bytes(record_to_bytes(record), EXPERIMENT).data == "0123456789abcdef"
    assert record_from_bytes(closed(opened(RECORD)[:-1]), EXPERIMENT).data == ""


def test_a_checkpoint_of_a_time_without_schedules_is_read_as_one_that_remembers_no_loss() -> None:
    *old, _watch, _memory_from = opened(CHECKPOINT)
    assert len(old) == 4
    assert checkpoint_from_bytes(closed(old), EXPERIMENT).watch == Watch()
    *old, _stop = opened(RECORD)
    assert record_from_bytes(closed(old), EXPERIMENT).stop is None


def test_what_is_remembered_of_the_losses_and_an_early_stop_come_back() -> None:
    watch = Watch(1.5, Plateau(0.25, 3, 1, 0.125), Waiting(0.75, 2))
    state = replace(RUNNER.trainer.state(), watch=watch)
    assert checkpoint_from_bytes(checkpoint_to_bytes(state), EXPERIMENT).watch == watch
    record = RUNNER.record.copy()
    record.stop = EarlyStop(40, 2, 3, 0.5, True)
    assert record_from_bytes(record_to_bytes(record), EXPERIMENT).stop == record.stop


@pytest.mark.parametrize(
    "watch", [Watch(math.nan), Watch(plateau=Plateau(best=math.nan)), Watch(waiting=Waiting(best=math.nan))]
)
def test_a_memory_that_no_loss_leaves_is_refused(watch: Watch) -> None:
    state = replace(RUNNER.trainer.state(), watch=watch)
    with pytest.raises(InputError, match=r"^a checkpoint is damaged: it holds numbers that no training goes on from$"):
        checkpoint_from_bytes(checkpoint_to_bytes(state), EXPERIMENT)


@pytest.mark.parametrize("waited", [-1, 2**40])
def test_a_count_of_epochs_out_of_its_limits_is_refused(waited: int) -> None:
    state = replace(RUNNER.trainer.state(), watch=Watch(waiting=Waiting(0.5, waited)))
    with pytest.raises(InputError, match=r"^a checkpoint is damaged: "):
        checkpoint_from_bytes(checkpoint_to_bytes(state), EXPERIMENT)


@pytest.mark.parametrize("stop", [EarlyStop(0, 1, 1, 0.5, True), EarlyStop(4, 1, 0, 0.5, True),
                                  EarlyStop(4, 1, 1, math.nan, False)])  # fmt: skip
def test_an_early_stop_that_cannot_have_been_is_refused(stop: EarlyStop) -> None:
    record = RUNNER.record.copy()
    record.stop = stop
    assert refusal_of(record_to_bytes(record)) == (
        "the record of a run is damaged: it tells of an end that no run comes to"
    )
