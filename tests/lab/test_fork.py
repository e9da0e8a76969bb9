"""A fork goes on from its parent's update, trains as its own experiment says, and is kept and restored whole."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.data import Circle
from bplab.engine import (
    Adam,
    BatchNorm,
    CrossEntropy,
    Dense,
    EarlyStopping,
    HalfSquaredError,
    Identity,
    InputError,
    LayerNorm,
    Momentum,
    ReduceOnPlateau,
    ReLU,
    Rules,
    Softmax,
    Tanh,
)
from bplab.lab.autosave import Autosaver
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.fork import experiment_at, fork
from bplab.lab.packing import record_to_bytes
from bplab.lab.project import Project
from bplab.lab.record import Branch, RunRecord
from bplab.lab.replay import restored
from bplab.lab.run import Run
from bplab.lab.runner import Runner, train_to_end
from bplab.lab.time_travel import TimeTraveller

SECONDS = 30.0
SMALL = Experiment(
    data=Circle(samples=130),
    network=NetworkDesign((Dense(4, Tanh()), Dense(1, Tanh()))),
    training=TrainingPlan(optimizer=Adam(learning_rate=0.01), batch_size=10, epochs=20),
)


def layers(experiment: Experiment, *chosen: Dense) -> Experiment:
    return msgspec.structs.replace(experiment, network=NetworkDesign(chosen))


def plan(experiment: Experiment, **changes: object) -> Experiment:
    return msgspec.structs.replace(experiment, training=msgspec.structs.replace(experiment.training, **changes))


CHANGES: dict[str, Callable[[Experiment], Experiment]] = {
    "nothing": lambda it: it,
    "the rate": lambda it: plan(it, optimizer=Adam(learning_rate=0.1)),
    "the optimizer": lambda it: plan(it, optimizer=Momentum(learning_rate=0.05)),
    "an activation": lambda it: layers(it, Dense(4, ReLU()), it.network.layers[-1]),
    "a normalization": lambda it: layers(it, Dense(4, Tanh(), normalization=BatchNorm()), it.network.layers[-1]),
    "dropout": lambda it: layers(it, Dense(4, Tanh(), dropout=0.5), it.network.layers[-1]),
    "a skip": lambda it: layers(it, it.network.layers[0], Dense(1, Tanh(), skip=0)),
    "the batch": lambda it: plan(it, batch_size=17),
    "early stopping": lambda it: plan(it, early_stopping=EarlyStopping(3), schedule=ReduceOnPlateau(patience=1)),
    "penalties": lambda it: plan(it, l2=0.01, clip_norm=0.5),
    "precision": lambda it: plan(it, dtype="float32"),
    "the seed": lambda it: plan(it, seed=9),
}


def packed(record: RunRecord) -> bytes:
    twin = record.copy()
    twin.seconds = 0.0
    return record_to_bytes(twin)


def forked(parent: Runner, step: int, change: Callable[[Experiment], Experiment], run_id: int | None = None) -> Run:
    moment = restored(parent, step)
    return fork(parent, moment, change(experiment_at(moment)), run_id)


def test_a_fork_that_changes_nothing_goes_on_as_its_parent() -> None:
    parent = train_to_end(SMALL, 100)
    with forked(parent, 60, CHANGES["nothing"]) as child:
        child.step(40)
        assert child.wait_idle(SECONDS)
        assert np.array_equal(child.latest().parameters, parent.network.parameters)
        assert np.array_equal(child.runner.trainer.slots, parent.trainer.slots)
        assert child.record.branch == Branch(None, 60)


@settings(max_examples=25)
@given(st.sampled_from(sorted(CHANGES)), st.integers(0, 90), st.integers(1, 60), st.data())
def test_any_update_of_a_fork_is_restored_as_a_fresh_one_stopped_there(
    change: str, step: int, more: int, data: st.DataObject
) -> None:
    parent = Runner(SMALL)
    parent.advance(30)
    parent.set_learning_rate(0.03)
    parent.advance(30)
    parent.set_rules(Rules(l1=0.001))
    parent.advance(30)
    with forked(parent, step, CHANGES[change]) as child:
        child.step(more)
        assert child.wait_idle(SECONDS)
        for at in data.draw(st.lists(st.integers(0, step + more), min_size=1, max_size=4)):
            moment = restored(child.runner, at)
            if at < step:
                expected = restored(parent, at)
                assert (moment.experiment, moment.rules) == (SMALL, expected.rules)
                assert np.array_equal(moment.state.parameters, expected.state.parameters)
            else:
                with forked(parent, step, CHANGES[change]) as fresh:
                    fresh.step(at - step)
                    assert fresh.wait_idle(SECONDS)
                    state = fresh.runner.trainer.state()
                assert np.array_equal(moment.state.parameters, state.parameters)
                assert np.array_equal(moment.state.slots, state.slots)
                assert (moment.state.watch, moment.state.rate) == (state.watch, state.rate)
            assert (moment.updates, moment.exact) == (at, True)


def test_its_rows_are_its_parents_up_to_the_fork_and_go_on_at_the_same_distance() -> None:
    parent = train_to_end(plan(SMALL, epochs=200), 100)
    with forked(parent, 61, CHANGES["the rate"]) as child:
        child.step(60)
        assert child.wait_idle(SECONDS)
        steps, stride = child.record.column("step"), parent.record.stride
        assert steps.tolist() == list(range(0, 121 + 1, stride))[: len(steps)]
        assert steps[-1] > 121 - stride
        shared = steps <= 61
        for name in ("loss", "test_loss", "weight_gradient_rms", "saturated"):
            assert np.array_equal(child.record.column(name)[shared], parent.record.column(name)[: shared.sum()])
    assert parent.updates == 100


def test_a_fork_of_a_fork_is_kept_resumed_and_restored_whatever_becomes_of_its_parents(tmp_path: Path) -> None:
    parent = train_to_end(SMALL, 70)
    with forked(parent, 40, CHANGES["a normalization"], 7) as child:
        child.step(50)
        assert child.wait_idle(SECONDS)
        path = tmp_path / "p.bplab"
        with forked(child.runner, 65, CHANGES["the batch"], 8) as last, Project.create(path, SMALL) as to:
            last.step(30)
            assert last.wait_idle(SECONDS)
            run_id = to.add_run(last.experiment, last.runner.origin)
            to.update_run(run_id, last.save_point(), last.state.value)
    with Project.open(path) as project:
        assert project.runs()[0].branch == Branch(8, 65)
        saved = project.load_run(run_id)
    kept = (saved.origin, saved.waypoints)
    with Run(saved.experiment, None, saved.record, saved.checkpoint, saved.updates, *kept) as again:
        assert again.wait_idle(SECONDS)
        assert np.array_equal(again.latest().parameters, last.latest().parameters)
        assert packed(again.record) == packed(last.record)
        assert again.record.branch == Branch(8, 65)
        again.step(20)
        assert again.wait_idle(SECONDS)
        with TimeTraveller(again) as traveller:
            for at in (10, 40, 52, 65, 80, 115):
                traveller.ask(at)
                assert traveller.wait_idle(SECONDS)
                moment = traveller.latest()
                assert moment is not None
                expected = restored(again.runner, at)
                source = restored(parent if at < 40 else child.runner if at < 65 else last.runner, min(at, 95))
                assert (moment.leg, moment.updates) == ((at >= 40) + (at >= 65), at)
                assert np.array_equal(moment.state.parameters, expected.state.parameters)
                if at <= 95:
                    assert np.array_equal(moment.state.parameters, source.state.parameters)


def test_autosave_keeps_a_fork_beside_its_parent(tmp_path: Path) -> None:
    path = tmp_path / "p.bplab"
    with Run(SMALL) as parent, Project.create(path, SMALL) as project, Autosaver(project) as autosaver:
        parent.step(50)
        assert parent.wait_idle(SECONDS)
        autosaver.note_run(parent)
        autosaver.flush()
        with forked(parent.runner, 20, CHANGES["an activation"], autosaver.id_of(parent)) as child:
            child.step(5)
            assert child.wait_idle(SECONDS)
            autosaver.note_run(child)
            autosaver.flush()
        first, second = project.runs()
        assert (first.branch, second.branch) == (None, Branch(first.id, 20))
        project.revert()
        assert project.runs() == []


def test_a_run_that_diverged_can_be_forked_at_a_lower_rate(runaway: Experiment) -> None:
    parent = train_to_end(runaway)
    assert parent.record.divergence is not None
    early = 1
    with forked(parent, early, lambda it: plan(it, optimizer=type(it.training.optimizer)(1e-9))) as child:
        child.step(20)
        assert child.wait_idle(SECONDS)
        assert child.updates == early + 20
        assert child.record.divergence is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda it: layers(it, Dense(5, Tanh()), Dense(1, Tanh())), "h1 has 4 neurons, not 5 neurons."),
        (lambda it: layers(it, Dense(4, Tanh()), Dense(4, Tanh()), Dense(1, Tanh())), "there are 2, not 3."),
        (lambda it: msgspec.structs.replace(it, data=Circle(samples=131)), "A fork goes on with the data of its run"),
        (
            lambda it: msgspec.structs.replace(
                layers(it, Dense(4, Tanh()), Dense(2, Softmax())),
                training=msgspec.structs.replace(it.training, loss=CrossEntropy()),
            ),
            "out has 1 neuron, not 2 neurons.",
        ),
    ],
)
def test_what_cannot_carry_over_is_refused_in_one_sentence(
    change: Callable[[Experiment], Experiment], said: str
) -> None:
    with pytest.raises(InputError) as error:
        forked(train_to_end(SMALL, 10), 5, change)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_another_optimizer_starts_with_an_empty_memory_and_the_same_kind_keeps_its_own() -> None:
    parent = train_to_end(SMALL, 50)
    with forked(parent, 50, CHANGES["the rate"]) as same, forked(parent, 50, CHANGES["the optimizer"]) as other:
        start, fresh = same.runner.origin, other.runner.origin
        assert start is not None
        assert fresh is not None
        assert np.array_equal(start.start.slots, parent.trainer.slots)
        assert (start.start.memory_from, start.start.rate) == (0, 0.1)
        assert not fresh.start.slots.any()
        assert (fresh.start.memory_from, fresh.start.slots.shape) == (50, (1, parent.network.parameters.size))


def test_what_both_networks_have_is_carried_over_and_the_rest_starts_afresh() -> None:
    normed = layers(SMALL, Dense(4, Tanh(), normalization=BatchNorm()), Dense(1, Identity()))
    parent = train_to_end(normed, 50)
    change = layers(normed, Dense(4, ReLU(), normalization=LayerNorm()), Dense(1, Identity(), skip=0))
    with fork(parent, restored(parent, 50), change) as child:
        before, after = parent.network.numbers, child.runner.network.numbers
        for layer, name in ((0, "matrix"), (0, "scale"), (0, "shift"), (1, "matrix")):
            assert np.array_equal(before[layer][name], after[layer][name])
        assert np.array_equal(after[1]["projection"], change.build_network().numbers[1]["projection"])


def test_an_epoch_that_began_before_the_fork_is_not_taken_for_a_better_one() -> None:
    parent = train_to_end(plan(SMALL, loss=HalfSquaredError(), optimizer=Momentum(0.0)), 33)
    untested = plan(SMALL, optimizer=Momentum(0.0), early_stopping=EarlyStopping(100))
    with fork(parent, restored(parent, 33), untested) as child:
        origin = child.runner.origin
        assert origin is not None
        samples = len(parent.problem.train_inputs)
        passed = 33 % -(-samples // 10) * 10
        loss = parent.network.evaluate(parent.problem.train_inputs, parent.problem.train_targets)
        assert origin.start.watch.total == pytest.approx(passed * loss, rel=1e-12)
