"""The record of a run tells gradient budget and stall shares of every row, also of one written before it could."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from bplab.data import Circle
from bplab.engine import Dense, PReLU, Sigmoid, Tanh, gradient_budget, stall_shares
from bplab.engine.sizes import budget_of, stalls_of
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.packing import record_from_bytes, record_to_bytes
from bplab.lab.project import Project
from bplab.lab.record import ADDED_LATER, SIZES, Mark, sizes_of_rows
from bplab.lab.run import Run
from bplab.lab.runner import Runner

EXPERIMENT = Experiment(
    data=Circle(samples=60),
    network=NetworkDesign((Dense(4, Tanh()), Dense(3, PReLU(), skip=1), Dense(1, Sigmoid()))),
    training=TrainingPlan(epochs=20),
)
BEFORE = Path(__file__).parents[1] / "golden" / "project_without_sizes.bplab"
"""A project with a run of 50 updates, kept when a record had of these sizes only that of δ."""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project.open(shutil.copy(BEFORE, tmp_path / "before.bplab"))


def test_every_row_of_a_record_has_the_budget_and_the_shares_that_backprop_has_there() -> None:
    runner = Runner(EXPERIMENT)
    network, problem = runner.network, runner.problem
    for updates in range(0, 40, 5):
        runner.advance(updates - runner.updates)
        passed = network.backprop(problem.probe_inputs, problem.probe_targets)
        budget, shares = budget_of(runner.record.sizes()), stalls_of(runner.record.sizes())
        assert runner.record.last("step") == updates
        for term in gradient_budget(network, passed):
            told = [part[-1, term.layer] for part in budget]
            np.testing.assert_allclose(told, [term.weights, term.derivative, term.normalization], atol=1e-12)
        for layer in range(3):
            own = list(vars(stall_shares(network, passed, layer)).values())
            np.testing.assert_allclose(shares[-1, layer], own, atol=1e-12)


def test_the_budget_of_every_row_sums_to_the_change_of_delta() -> None:
    runner = Runner(EXPERIMENT)
    runner.advance(60)
    delta = np.log10(runner.record.column("delta_rms"))
    np.testing.assert_allclose(budget_of(runner.record.sizes()).total, delta[:, 0] - delta[:, -1], atol=1e-12)


def test_a_reader_that_follows_a_record_gets_the_sizes_of_new_rows_only() -> None:
    runner = Runner(EXPERIMENT)
    runner.advance(10)
    mark, _, _ = runner.record.columns_since(Mark(), *SIZES)
    runner.advance(5)
    _, first, columns = runner.record.columns_since(mark, *SIZES)
    new = stalls_of(sizes_of_rows(columns))
    assert (first, new.shape) == (11, (5, 3, 4))
    np.testing.assert_array_equal(new, stalls_of(runner.record.sizes())[11:])


def test_the_sizes_go_into_a_project_and_come_back() -> None:
    runner = Runner(EXPERIMENT)
    runner.advance(30)
    again = record_from_bytes(record_to_bytes(runner.record), EXPERIMENT)
    for ours, theirs in zip(again.columns(*SIZES), runner.record.columns(*SIZES), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_run_kept_before_the_sizes_were_is_read_with_nothing_in_their_place(project: Project) -> None:
    with project:
        saved = project.load_run(1)
    assert (saved.updates, len(saved.record)) == (50, 51)
    for name in SIZES:
        assert np.isnan(saved.record.column(name)).all() == (name in ADDED_LATER)
    assert np.isnan(stalls_of(saved.record.sizes())).all()
    assert np.isnan(budget_of(saved.record.sizes()).total).all()


def test_such_a_run_goes_on_with_all_sizes_and_is_kept_again(project: Project) -> None:
    with project:
        saved = project.load_run(1)
        with Run(saved.experiment, record=saved.record, checkpoint=saved.checkpoint, updates=saved.updates) as run:
            run.step(4)
            assert run.wait_idle(10)
            project.update_run(1, run.save_point(), "paused")
        again = project.load_run(1)
    known = np.isfinite(stalls_of(again.record.sizes())).all(axis=(1, 2))
    assert (again.updates, len(known)) == (54, 55)
    assert known[-4:].all()
    assert not known[:51].any()
