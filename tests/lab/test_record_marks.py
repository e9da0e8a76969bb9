"""A reader of a record that comes again is given what is new, or everything after rows were dropped."""

import numpy as np

from bplab.engine.probes import Reading
from bplab.lab.record import Mark, Row, RunRecord


def row(step: int) -> Row:
    layers = np.array([float(step), 2.0 * step])
    counts = np.array([step, 0, 1], np.uint16), np.zeros(2, np.uint32)
    reading = Reading(0.5, layers, layers, *counts, *(layers for _ in range(5)))
    return Row(step, (0.5, 0.4, 0.6), 0.7, 0.8, 0.9, layers, reading)


def record_of(rows: int) -> RunRecord:
    record = RunRecord((2, 1), probe_samples=128)
    for step in range(rows):
        record.append(row(step))
    return record


def test_a_first_reader_gets_all_rows() -> None:
    mark, first, (steps,) = record_of(5).columns_since(Mark(), "step")
    assert (mark.rows, first, steps.tolist()) == (5, 0, [0, 1, 2, 3, 4])


def test_a_reader_that_comes_again_gets_only_what_is_new() -> None:
    record = record_of(5)
    mark, _, _ = record.columns_since(Mark(), "step")
    record.append(row(5))
    mark, first, (steps, saturated) = record.columns_since(mark, "step", "saturated")
    assert (mark.rows, first, steps.tolist(), saturated.shape) == (6, 5, [5], (1, 3))
    _, first, (steps,) = record.columns_since(mark, "step")
    assert (first, len(steps)) == (6, 0)


def test_after_rows_were_dropped_all_come_again() -> None:
    record = record_of(4)
    mark, _, _ = record.columns_since(Mark(), "step")
    record.capacity = 4
    record.append(row(4))
    mark, first, (steps,) = record.columns_since(mark, "step")
    assert (first, steps.tolist()) == (0, [0, 2, 4])
    record.truncate_after(2)
    _, first, (steps,) = record.columns_since(mark, "step")
    assert (first, steps.tolist()) == (0, [0, 2])


def test_the_values_of_a_row_are_copies_and_a_row_that_is_no_more_is_the_newest() -> None:
    record = record_of(3)
    delta, step = record.values_at(1, "delta_rms", "step")
    delta[:] = -1.0
    assert record.column("delta_rms")[1].tolist() == [1.0, 2.0]
    assert step == 1
    assert record.values_at(99, "step") == [2]
