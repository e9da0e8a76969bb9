"""A scene tells what is to be seen of a film at a phase, for one sample or for the batch."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from bplab.data import Circle, Digits, Iris
from bplab.engine import (
    SGD,
    Adam,
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    Identity,
    MaxPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan
from bplab.lab.film import INPUTS, Film, Scene, loss_of, scene_of, what_is_shown
from bplab.lab.film.scene import FORWARD
from bplab.lab.replay import present
from bplab.lab.runner import train_to_end


def film_of(*layers: object, data: object = Circle(samples=60), **plan: object) -> Film:
    experiment = Experiment(data, NetworkDesign(layers), TrainingPlan(**{"epochs": 2, **plan}))  # type: ignore[arg-type]
    runner = train_to_end(experiment, 4)
    return Film(present(runner), runner.problem)


@pytest.fixture
def plain() -> Film:
    return film_of(Dense(3, Tanh()), Dense(1, Tanh()))


def scene_at(film: Film, short: str, sample: int | None = 0) -> Scene:
    film.go_to(next(number for number, phase in enumerate(film.phases) if phase.short == short))
    return scene_of(film, sample)


def symbols(scene: Scene) -> list[str]:
    return [scene.columns[layer].symbol for layer in sorted(scene.columns)]


def test_columns_show_what_was_computed_last_and_nothing_that_was_not(plain: Film) -> None:
    found = {}
    for number, phase in enumerate(plain.phases):
        plain.go_to(number)
        found[phase.short] = symbols(scene_of(plain, 0))
    assert found == {
        "load samples": ["x"], "h1: z": ["x", "z"], "h1: a": ["x", "a"], "out: z": ["x", "a", "z"],
        "out: a": ["x", "a", "a"], "loss C": ["x", "a", "a"], "out: δ": ["x", "a", "δ"], "out: ∂C/∂W": ["x", "a", "δ"],
        "h1: δ": ["x", "δ", "δ"], "h1: ∂C/∂W": ["x", "δ", "δ"], "update": ["x", "Δb", "Δb"],
    }  # fmt: skip


def test_of_one_sample_what_is_shown_multiplies_to_what_is_shown(plain: Film) -> None:
    for sample in range(3):
        z = scene_at(plain, "h1: z", sample)
        biases = plain.take.values["biases_before", 0]
        assert_allclose(z.columns[0].values, z.columns[INPUTS].values @ z.edges[0].values + biases, rtol=1e-12)
        gradient = scene_at(plain, "out: ∂C/∂W", sample)
        product = np.outer(gradient.columns[0].values, gradient.columns[1].values)
        assert_allclose(gradient.edges[1].values, product, rtol=1e-12)
    parts = [scene_at(plain, "out: ∂C/∂W", sample).edges[1].values for sample in range(len(plain.take.samples))]
    whole = scene_at(plain, "out: ∂C/∂W", None).edges[1].values
    assert_allclose(sum(parts), whole, rtol=1e-12, atol=1e-17)
    assert_array_equal(whole, plain.take.values["weights_gradient", 1])


def test_what_is_lit_is_what_the_phase_lights(plain: Film) -> None:
    scene = scene_at(plain, "h1: δ")
    assert {layer for layer, seen in scene.columns.items() if seen.lit} == {0, 1}
    assert {layer: (seen.symbol, seen.lit) for layer, seen in scene.edges.items()} == {
        0: ("w", False), 1: ("w", True),
    }  # fmt: skip
    gradient = scene_at(plain, "h1: ∂C/∂W")
    assert {layer: (seen.symbol, seen.lit) for layer, seen in gradient.edges.items()} == {
        0: ("∂C/∂w", True), 1: ("∂C/∂w", False),
    }  # fmt: skip
    update = scene_at(plain, "update")
    assert all(seen.lit and seen.symbol == "Δw" for seen in update.edges.values())
    assert plain.end is not None


def test_of_a_whole_batch_it_is_told_how_samples_are_put_together(plain: Film) -> None:
    scene = scene_at(plain, "out: δ", None)
    assert [scene.columns[layer].over_batch for layer in (INPUTS, 0, 1)] == ["mean", "mean", "RMS"]
    assert not scene.columns[1].signed
    alone = scene_at(plain, "out: δ", 3)
    assert {seen.over_batch for seen in alone.columns.values()} == {""}


def test_the_loss_shows_target_and_c_and_the_samples_losses_average_to_it(plain: Film) -> None:
    verdict = scene_at(plain, "loss C", 2).verdict
    assert verdict is not None
    assert_array_equal(verdict.targets, plain.take.values["targets", 1][2])
    assert verdict.batch == plain.take.loss
    losses = [loss_of(plain, sample) for sample in range(len(plain.take.samples))]
    assert verdict.sample == losses[2]
    assert np.mean(losses) == pytest.approx(plain.take.loss, rel=1e-12)
    assert scene_at(plain, "out: z").verdict is None
    assert scene_at(plain, "h1: δ").verdict is None


OUTPUTS = Dense(3, Softmax()), Dense(3, Softmax(), normalization=BatchNorm()), Dense(3, Sigmoid())


@pytest.mark.parametrize("last", OUTPUTS)
def test_so_do_the_losses_of_every_kind_of_output(last: Dense) -> None:
    film = film_of(Dense(4, Tanh()), last, data=Iris(), loss=CrossEntropy(), batch_size=7)
    losses = [loss_of(film, sample) for sample in range(7)]
    assert np.mean(losses) == pytest.approx(film.take.loss, rel=1e-9)


def test_normalized_dropped_and_joined_values_are_seen_in_their_turn() -> None:
    around = Dense(3, ReLU(), normalization=BatchNorm("after"), dropout=0.5)
    film = film_of(Dense(3, Tanh(), normalization=BatchNorm()), around, Dense(1, Identity(), skip=1))
    seen = {}
    for number, phase in enumerate(film.phases):
        film.go_to(number)
        if phase.kind in FORWARD and phase.layer is not None:
            column = scene_of(film, 0).columns[phase.layer]
            seen[phase.short] = column.symbol
            assert_array_equal(column.values, next(iter(reversed(film.phase.arrays.values())))[0])
    assert seen == {
        "h1: z": "z", "h1: normalize": "ẑ", "h1: a": "a", "h2: z": "z", "h2: a": "a", "h2: normalize": "â",
        "h2: dropout": "a", "out: z": "z", "out: a": "a", "out: skip": "a",
    }  # fmt: skip


def test_layers_for_images_show_their_values_and_share_their_weights() -> None:
    layers = Conv2D(2, ReLU()), MaxPool(), Flatten(), Dense(10, Softmax())
    film = film_of(*layers, data=Digits(), loss=CrossEntropy(), optimizer=Adam(), batch_size=5)
    scene = scene_at(film, "update", None)
    assert list(scene.edges) == [3]
    assert scene.columns[0].symbol == "Δb"
    assert len(scene.columns[0].values) == film.take.values["outputs", 0].shape[1]
    pooled = next(phase.short for phase in film.phases if phase.layer == 1)
    assert scene_at(film, pooled, 1).columns[1].symbol == "a"


def test_words_say_of_which_samples_the_numbers_are(plain: Film) -> None:
    sample = plain.take.samples[1]
    assert what_is_shown(scene_at(plain, "h1: z", 1)) == f"Numbers are those of training sample {sample}."
    assert what_is_shown(scene_at(plain, "h1: z", None)) == "Over the 10 samples of the batch x and z are means."
    assert what_is_shown(scene_at(plain, "load samples", None)) == "Over the 10 samples of the batch x is a mean."
    told = what_is_shown(scene_at(plain, "out: δ", None))
    assert told == "Over the 10 samples of the batch x and a are means, δ is an RMS value."
    assert "all 10 parts sum to the gradient" in what_is_shown(scene_at(plain, "h1: ∂C/∂W", 0))
    alone = film_of(Dense(2, Tanh()), Dense(1, Tanh()), batch_size=1)
    assert "the only one of this batch" in what_is_shown(scene_at(alone, "h1: z", 0))


def test_a_film_that_diverges_shows_its_weights_all_the_same() -> None:
    plan = TrainingPlan(epochs=5, optimizer=SGD(10.0))
    runner = train_to_end(Experiment(Circle(), NetworkDesign((Dense(4, Identity()), Dense(1, Identity()))), plan))
    film = Film(present(runner), runner.problem)
    assert film.divergence
    assert scene_at(film, "h1: z").edges[0].symbol == "w"
