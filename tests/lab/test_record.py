"""The record: bounded, exact, and read while it grows."""

import threading
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine.probes import Reading
from bplab.lab.record import Event, Row, RunRecord


def reading(step: int) -> Reading:
    """A reading of two layers of 3 and 1 neurons that can be told by its step."""
    return Reading(
        loss=float(step),
        weight_gradient_rms=np.array([step, step + 0.5]),
        delta_rms=np.array([2.0 * step, 0.0]),
        saturated=np.array([step % 11, 1, 2, 10], np.uint16),
        dead=np.array([step % 3, 0], np.uint32),
        input_rms=np.array([1.0, step + 0.75]),
        error_rms=np.array([4.0 * step, 8.0]),
        activated_error_rms=np.array([5.0 * step, 8.0]),
        argument_error_rms=np.array([3.0 * step, 8.0]),
        steepest=np.array([0.25, 1.0]),
    )


def row(step: int, losses: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Row:
    return Row(step, losses, step + 0.25, 0.5, 0.75, np.array([0.1, 0.2]), reading(step))


def new_record(stride: int = 1) -> RunRecord:
    return RunRecord((3, 1), probe_samples=10, stride=stride)


def fill(record: RunRecord, losses: list[float]) -> None:
    """Take rows as a runner does, for batches with these losses."""
    record.append(row(0, (losses[0],) * 3))
    since: list[float] = []
    for step, loss in enumerate(losses[1:], start=1):
        since.append(loss)
        if step == record.next_step:
            record.append(row(step, (sum(since) / len(since), min(since), max(since))))
            since = []


def test_a_row_is_read_back_as_it_was_taken() -> None:
    record = new_record()
    record.append(row(0, (2.0, 1.0, 3.0)))
    expected = {
        "step": 0,
        "loss": 2.0,
        "loss_min": 1.0,
        "loss_max": 3.0,
        "test_loss": 0.25,
        "train_accuracy": 0.5,
        "test_accuracy": 0.75,
        "weight_gradient_rms": [0.0, 0.5],
        "delta_rms": [0.0, 0.0],
        "input_rms": [1.0, 0.75],
        "error_rms": [0.0, 8.0],
        "activated_error_rms": [0.0, 8.0],
        "argument_error_rms": [0.0, 8.0],
        "steepest": [0.25, 1.0],
        "update_ratio": [0.1, 0.2],
        "dead": [0, 0],
        "saturated": [0, 1, 2, 10],
    }
    assert {name: record.last(name).tolist() for name in expected} == expected
    assert [values[0].tolist() for values in record.columns(*expected)] == list(expected.values())


def test_an_empty_record_has_no_latest_row() -> None:
    record = new_record()
    assert (len(record), record.last("loss"), record.next_step) == (0, None, 0)


@given(count=st.integers(1, 400), half=st.integers(2, 12))
def test_rows_follow_from_the_number_of_updates_alone(count: int, half: int) -> None:
    record = new_record()
    record.capacity = 2 * half
    fill(record, [float(step) for step in range(count)])
    steps = record.column("step")
    stride = 1
    while (count - 1) // stride + 1 > record.capacity:
        stride *= 2
    assert record.stride == stride
    assert steps.tolist() == list(range(0, count, stride))


@given(losses=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), half=st.integers(2, 10))
def test_thinning_keeps_extremes_exact_and_means_right(losses: list[float], half: int) -> None:
    record = new_record()
    record.capacity = 2 * half
    fill(record, losses)
    steps, mean, lowest, highest = record.columns("step", "loss", "loss_min", "loss_max")
    for at in range(1, len(steps)):
        batches = losses[steps[at - 1] + 1 : steps[at] + 1]
        assert lowest[at] == min(batches)
        assert highest[at] == max(batches)
        assert mean[at] == pytest.approx(np.mean(batches), rel=1e-9, abs=1e-6)


def test_thinning_keeps_everything_else_of_the_rows_that_stay() -> None:
    record = new_record()
    record.capacity = 8
    fill(record, [0.0] * 100)
    for at, step in enumerate(record.column("step")):
        assert record.column("delta_rms")[at].tolist() == reading(step).delta_rms.tolist()
        assert record.column("saturated")[at].tolist() == reading(step).saturated.tolist()
        assert record.column("test_loss")[at] == step + 0.25


def test_a_row_out_of_step_is_refused() -> None:
    record = new_record()
    record.capacity = 4
    for step in range(4):
        record.append(row(step))
    with pytest.raises(ValueError, match="step 5 is not a multiple of the stride 2"):
        record.append(row(5))


def test_wide_networks_get_fewer_rows_and_every_network_an_even_number_of_them() -> None:
    assert RunRecord((8, 8, 1), 128).capacity == 4_096
    wide = RunRecord((60_000,) * 10, 128)
    assert wide.capacity == 256
    assert RunRecord((7_000, 10), 128).capacity % 2 == 0


def test_the_mean_of_a_layer_is_the_share_of_pairs_of_neuron_and_sample() -> None:
    record = new_record()
    record.append(row(7))
    assert record.layer_means(record.column("saturated")).tolist() == [[(7 + 1 + 2) / 30, 10 / 10]]
    assert [record.neurons_of(layer) for layer in (0, 1)] == [slice(0, 3), slice(3, 4)]


def test_truncating_forgets_the_later_rows_only() -> None:
    record = new_record(stride=5)
    for step in range(0, 30, 5):
        record.append(row(step))
    record.truncate_after(14)
    assert record.column("step").tolist() == [0, 5, 10]
    assert record.next_step == 15
    record.append(row(15))
    assert record.column("step").tolist() == [0, 5, 10, 15]


def test_a_copy_stands_apart() -> None:
    record = new_record()
    record.append(row(0))
    record.events.append(Event(0, "learning_rate", 0.5))
    twin = record.copy()
    record.append(row(1))
    record.events.clear()
    assert twin.column("step").tolist() == [0]
    assert twin.events == [Event(0, "learning_rate", 0.5)]
    for step in range(1, 100):
        twin.append(row(step))
    assert len(record) == 2


def test_columns_are_copies() -> None:
    record = new_record()
    record.append(row(0))
    record.column("saturated")[...] = 77
    assert 77 not in record.column("saturated")


def test_readers_see_whole_rows_while_rows_are_taken_and_thinned() -> None:
    record = new_record()
    record.capacity = 16
    torn: list[int] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            steps, test_loss, deltas = record.columns("step", "test_loss", "delta_rms")
            if not (np.array_equal(test_loss, steps + 0.25) and np.array_equal(deltas[:, 0], 2.0 * steps)):
                torn.append(len(steps))

    reader = threading.Thread(target=read)
    reader.start()
    fill(record, [0.0] * 3_000)
    done.set()
    reader.join()
    assert torn == []


def test_a_full_record_takes_no_more_memory(small_records: Callable[[int], None]) -> None:
    small_records(32)
    record = new_record()
    sizes = set()
    for step in range(2_000):
        if step == record.next_step:
            record.append(row(step))
        if step > 64:
            sizes.add(sum(values.nbytes for values in record._columns.values()))
    assert len(sizes) == 1
