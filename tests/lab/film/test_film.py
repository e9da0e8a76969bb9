"""A film shows one training step, phase by phase, and ends in exactly the state of a plain one."""

import math
from itertools import pairwise

import msgspec
import numpy as np
import pytest

from bplab.data import Circle, Digits, Iris
from bplab.engine import (
    SGD,
    Adam,
    BatchNorm,
    BinaryCrossEntropy,
    Conv2D,
    CosineDecay,
    CrossEntropy,
    Dense,
    Flatten,
    Identity,
    InputError,
    LayerNorm,
    MaxPool,
    MeanPool,
    Momentum,
    PReLU,
    ReLU,
    RMSNorm,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.lab.blas import limited_blas
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.film import INPUTS, Film
from bplab.lab.replay import restored
from bplab.lab.runner import Runner, train_to_end

PLANE = Circle(samples=130)
HIDDEN, OUT = Dense(4, Tanh()), Dense(1, Tanh())
IMAGES = (
    Conv2D(3, ReLU(), padding=1),
    MaxPool(),
    Conv2D(2, PReLU()),
    MeanPool(),
    Flatten(),
    Dense(10, Softmax()),
)
NORMED = (
    Dense(5, Tanh(), normalization=BatchNorm("after"), dropout=0.3),
    Dense(5, ReLU(), normalization=LayerNorm(), skip=1),
    Dense(4, ReLU(), normalization=RMSNorm("after"), skip=0, dropout=0.2),
    Dense(1, Sigmoid(), skip=1),
)


def experiment(*layers: object, data: object = PLANE, **plan: object) -> Experiment:
    return Experiment(data, NetworkDesign(layers), TrainingPlan(**{"epochs": 5, **plan}))  # type: ignore[arg-type]


EXPERIMENTS = {
    "plain": experiment(HIDDEN, OUT),
    "one sample": experiment(HIDDEN, OUT, batch_size=1),
    "in order": experiment(HIDDEN, OUT, shuffle=False, batch_size=9),
    "momentum": experiment(HIDDEN, OUT, optimizer=Momentum(nesterov=True)),
    "adam and schedule": experiment(HIDDEN, OUT, optimizer=Adam(0.01), schedule=CosineDecay()),
    "clipping": experiment(HIDDEN, OUT, clip_norm=0.01, l2=0.1, l1=0.01),
    "max-norm": experiment(HIDDEN, OUT, max_norm=0.5, clip_value=0.1),
    "dropout": experiment(Dense(6, ReLU(), dropout=0.4), OUT, optimizer=Adam()),
    "batch norm": experiment(Dense(6, ReLU(), normalization=BatchNorm()), OUT),
    "all around": experiment(*NORMED, loss=BinaryCrossEntropy(), optimizer=Adam()),
    "frozen": experiment(Dense(6, ReLU(), frozen=True), Dense(1, Tanh(), bias=False)),
    "classes": experiment(HIDDEN, Dense(3, Softmax()), data=Iris(), loss=CrossEntropy(), dtype="float32"),
    "classes unpaired": experiment(HIDDEN, Dense(3, Softmax()), data=Iris()),
    "images": experiment(*IMAGES, data=Digits(), loss=CrossEntropy(), batch_size=32),
}


@pytest.fixture(params=EXPERIMENTS, scope="module")
def parent(request: pytest.FixtureRequest) -> Runner:
    return train_to_end(EXPERIMENTS[request.param], 17)


def film_of(runner: Runner, updates: int) -> Film:
    return Film(restored(runner, updates), runner.problem)


def test_a_film_ends_in_the_state_of_a_plain_step_and_the_next_one_goes_on_from_there(parent: Runner) -> None:
    film = film_of(parent, 12)
    for updates in range(13, 18):
        film.go_to(len(film.phases))
        expected = restored(parent, updates)
        assert film.end is not None
        assert np.array_equal(film.end.state.parameters, expected.state.parameters)
        assert np.array_equal(film.end.state.slots, expected.state.slots)
        assert (film.end.updates, film.end.state.rate, film.end.epoch) == (updates, expected.state.rate, expected.epoch)
        film = film.next()
    assert np.array_equal(film.start.state.parameters, parent.network.parameters)


def test_its_numbers_are_those_of_the_batch_that_comes_next(parent: Runner) -> None:
    film = film_of(parent, 12)
    film.go_to(len(film.phases))
    known, samples = film.known(), film.take.samples
    assert np.array_equal(known["outputs", INPUTS], parent.problem.train_inputs[samples])
    exact = 1e-12 if parent.network.dtype == np.float64 else 1e-5
    network = parent.experiment.build_network(parent.problem.train_inputs)
    network.parameters[...] = film.start.state.parameters
    for number, layer in enumerate(parent.experiment.network.layers):
        if isinstance(layer, Dense):
            entering, delta = known["outputs", number - 1], known["delta", number]
            z = entering @ known["weights_before", number] + known["biases_before", number]
            np.testing.assert_allclose(known["weighted_inputs", number], z, rtol=exact, atol=exact)
            np.testing.assert_allclose(known["weights_gradient", number], entering.T @ delta, rtol=exact, atol=exact)
            if layer.bias:
                np.testing.assert_allclose(known["biases_gradient", number], delta.sum(0), rtol=exact, atol=exact)
    if not any(getattr(layer, "dropout", 0.0) for layer in parent.experiment.network.layers):
        passed = network.backprop(known["outputs", INPUTS], parent.problem.train_targets[samples])
        assert film.take.loss == passed.loss
        for number in range(len(network.layers)):
            assert np.array_equal(known["outputs", number], passed.outputs[number])
            assert np.array_equal(known["delta", number], passed.deltas[number])


def test_phases_come_in_the_order_of_a_step_and_know_no_more_than_was_computed(parent: Runner) -> None:
    film = film_of(parent, 0)
    kinds = [phase.kind for phase in film.phases]
    assert (kinds[0], kinds[-1], kinds.count("loss"), film.at) == ("load", "update", 1, 0)
    turn, layers = kinds.index("loss"), len(parent.experiment.network.layers)
    there = [phase.layer for phase in film.phases[1:turn] if phase.kind == "weigh"]
    back = [phase.layer for phase in film.phases[turn + 1 : -1] if phase.kind == "delta"]
    assert (there, back) == (list(range(layers)), list(range(layers - 1, -1, -1)))
    known = [len(film.known())]
    while film.forward():
        known.append(len(film.known()))
    assert all(before < after for before, after in pairwise(known))
    while film.back():
        assert len(film.known()) == known[film.at]
    assert film.value("delta", 0) is None
    assert len(film.known()) == len(film.phase.arrays)


def test_every_phase_lights_something_up_and_says_what_it_does_in_one_line(parent: Runner) -> None:
    film = film_of(parent, 3)
    for phase in film.phases:
        assert phase.lights.neurons or phase.lights.edges
        assert all(-1 <= layer < len(parent.experiment.network.layers) for layer in phase.lights.neurons)
        assert phase.title
        assert "\n" not in phase.title + phase.equation
        assert phase.equation.count("{") == phase.equation.count("}")
        assert phase.equation.count("(") == phase.equation.count(")")


def test_every_equation_can_be_typeset(parent: Runner) -> None:
    ziamath = pytest.importorskip("ziamath")
    for equation in {phase.equation for phase in film_of(parent, 3).phases}:
        assert ziamath.Latex(equation).svg().startswith("<svg")


def test_the_masks_of_dropout_are_those_of_the_step() -> None:
    runner = train_to_end(EXPERIMENTS["dropout"], 3)
    film = film_of(runner, 3)
    film.go_to(len(film.phases))
    mask, activated = film.value("mask", 0), film.value("activated", 0)
    assert mask is not None
    assert activated is not None
    assert set(np.unique(mask)) == {0.0, 1.0 / 0.6}
    assert np.array_equal(film.value("dropped", 0), activated * mask)
    assert np.array_equal(film.value("activated_error", 0), film.value("error", 0) * mask)
    silent = int((mask == 0).sum())
    title = next(phase.title for phase in film.phases if phase.kind == "drop")
    assert title == f"h1 silences {silent} of its {mask.size} values in this step: dropout 40 %"


def test_a_changed_rate_and_changed_rules_are_those_of_the_step() -> None:
    runner = train_to_end(EXPERIMENTS["plain"], 10)
    runner.set_learning_rate(0.5)
    runner.set_rules(msgspec.structs.replace(runner.trainer.rules, clip_norm=0.01, l2=0.001))
    film = film_of(runner, 10)
    runner.advance(1)
    assert film.end is not None
    assert np.array_equal(film.end.state.parameters, runner.network.parameters)
    assert film.phases[-1].title == "The update, clipped, with penalties: SGD at rate 0.5"
    assert r"\mathrm{clip}" in film.phases[-1].equation


def test_the_update_of_plain_descent_is_the_rate_times_the_gradient() -> None:
    film = film_of(train_to_end(EXPERIMENTS["plain"], 5), 5)
    film.go_to(len(film.phases))
    known = film.known()
    for layer in (0, 1):
        moved = known["weights_before", layer] - known["weights", layer]
        np.testing.assert_allclose(moved, film.take.rate * known["weights_gradient", layer], rtol=1e-9, atol=1e-15)


def test_a_step_that_diverges_ends_at_its_gradients_and_has_no_next_one() -> None:
    runner = train_to_end(experiment(Dense(4, Identity()), Dense(1, Identity()), optimizer=SGD(10.0)))
    assert runner.record.divergence is not None
    film = film_of(runner, runner.updates)
    assert film.end is None
    assert film.phases[-1].kind != "update"
    assert film.divergence
    with pytest.raises(InputError):
        film.next()


def test_no_step_is_looked_at_while_another_run_trains_with_other_threads() -> None:
    runner = train_to_end(EXPERIMENTS["plain"], 5)
    film = film_of(runner, 3)
    with limited_blas(film.start.blas_threads + 1), pytest.raises(InputError, match="Another run is training"):
        film.next()
    assert math.isfinite(film.next().take.loss)
