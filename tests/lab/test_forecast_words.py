"""The sentence of a forecast: of networks made to be healthy, to vanish, to explode, to saturate, to be born dead."""

from typing import Any

import pytest
from msgspec.structs import replace

from bplab.data import Circle
from bplab.engine import (
    Adam,
    BatchNorm,
    Constant,
    Dense,
    GlorotNormal,
    HeNormal,
    Identity,
    MeanField,
    Normal,
    ReLU,
    Sigmoid,
    Tanh,
)
from bplab.lab.experiment import Experiment, NetworkDesign, TrainingPlan, load_experiment
from bplab.lab.forecast_words import times
from bplab.lab.forecasting import forecaster_of, outlook_from, outlook_of


def net(*layers: Any, **plan: Any) -> Experiment:
    return Experiment(data=Circle(), network=NetworkDesign(layers), training=TrainingPlan(**plan))


def said(experiment: Experiment) -> str:
    return outlook_of(experiment).sentence


def stack(depth: int, layer: Dense, last: Any = None) -> tuple[Any, ...]:
    return (*(layer for _ in range(depth)), last or Dense(1, Tanh(), GlorotNormal()))


def test_one_layer_has_nothing_to_lose_an_error_in() -> None:
    assert said(net(Dense(1, Tanh()))) == (
        "the error goes straight from the loss to the only layer that learns: nothing can shrink it on the way"
    )


def test_a_healthy_network_is_told_so() -> None:
    sentence = said(net(*stack(4, Dense(30, Tanh(), MeanField(1.05)), Dense(1, Tanh(), Normal(0, 0.3)))))
    assert sentence.startswith("error will ")
    assert "per layer" not in sentence
    assert "saturated" not in sentence


def test_an_error_that_vanishes_is_told_by_layer_and_in_all() -> None:
    experiment = net(*stack(4, Dense(30, Sigmoid(), Normal(0, 0.15)), Dense(1, Sigmoid(), Normal(0, 0.15))))
    outlook = outlook_of(experiment)
    per_layer, whole = times(outlook.layers[0].delta.median ** -0.25), times(1.0 / outlook.layers[0].delta.median)
    assert outlook.sentence == (
        f"error will shrink about {per_layer} per layer: the first layer will learn {whole} slower than the last"
    )


def test_an_error_that_explodes_is_told_as_one_that_grows() -> None:
    sentence = said(net(*stack(6, Dense(30, Identity(), MeanField(3.0)))))
    assert sentence.startswith("error will grow about ")
    assert "per layer: the first layer will learn " in sentence
    assert "faster than the last" in sentence


def test_two_layers_have_one_step_between_them() -> None:
    sentence = said(net(Dense(8, Tanh()), Dense(1, Tanh(), Normal(0, 0.01))))
    assert sentence.startswith("error will shrink about ")
    assert " on its way back: the first layer will learn " in sentence


def test_layers_whose_neurons_are_flat_are_named() -> None:
    sentence = said(net(*stack(3, Dense(20, Tanh(), MeanField(30.0)))))
    assert "of h1, h2 and h3 will be saturated from the start" in sentence
    assert "saturated" not in said(net(*stack(3, Dense(20, ReLU(), HeNormal()))))


def test_networks_born_dead_are_counted() -> None:
    sentence = said(net(*stack(6, Dense(2, ReLU(), HeNormal()))))
    assert "of such networks a whole ReLU layer is dead from the start" in sentence


def test_what_no_error_reaches_will_stand_still() -> None:
    dead = Dense(5, ReLU(), Normal(0, 0.1), Constant(-9.0))
    sentence = said(net(Dense(5, Tanh()), dead, Dense(5, Tanh()), Dense(1, Tanh())))
    assert sentence.startswith("no error will reach h1 to h2: they will stand still; h2 will say nothing at all")
    assert sentence.endswith("in 100 % of such networks a whole ReLU layer is dead from the start")
    assert said(net(Dense(5, Tanh()), Dense(1, Tanh(), Constant(0.0)))).startswith("no error will reach h1: it will")


def test_what_most_networks_suffer_is_not_told_of_all() -> None:
    sentence = said(net(*stack(8, Dense(2, ReLU(), HeNormal()))))
    assert sentence.startswith("in most such networks no error will reach h1 to h")
    assert " of such networks a whole ReLU layer is dead from the start" in sentence


def test_signals_that_fade_or_grow_are_told() -> None:
    fading = said(net(*stack(4, Dense(20, Tanh(), MeanField(0.1)), Dense(1, Identity(), Normal()))))
    assert "signals will fade to " in fading
    assert "less than a healthy size at h4" in fading
    assert "a healthy size at h3" in said(net(*stack(3, Dense(20, Identity(), MeanField(20.0)))))
    assert "beyond all numbers" in said(net(*stack(9, Dense(20, Identity(), Normal(0, 1e6))), dtype="float32"))


def test_where_steps_are_scaled_nothing_is_said_of_speed() -> None:
    layers = stack(4, Dense(30, Sigmoid(), Normal(0, 0.15)), Dense(1, Sigmoid(), Normal(0, 0.15)))
    sentence = said(net(*layers, optimizer=Adam()))
    assert ": at the first layer it will be " in sentence
    assert sentence.endswith("smaller than at the last")


def test_convolutions_are_told_by_the_networks_drawn() -> None:
    experiment = load_experiment("digits-conv")
    outlook = outlook_of(experiment)
    assert outlook.sentence.startswith("error will ")
    assert ": at the first layer it will be " in outlook.sentence
    early = outlook_from(experiment, forecaster_of(experiment))
    assert early.sentence == "theory does not say what becomes of the error here"


def test_frozen_layers_do_not_learn() -> None:
    hidden, out = Dense(8, Tanh(), frozen=True), Dense(1, Tanh(), frozen=True)
    assert said(net(hidden, out)).startswith("nothing will learn: every layer is frozen")
    assert said(net(hidden, replace(out, frozen=False))).startswith("the error goes straight from the loss")
    assert "h2 will learn" in said(net(hidden, Dense(8, Tanh()), Dense(1, Tanh())))


def test_a_layer_between_whose_error_is_out_of_bounds_is_named() -> None:
    sharp = Dense(8, Tanh(), MeanField(1.0), normalization=BatchNorm("after"))
    layers = Dense(8, Tanh(), MeanField(30.0)), Dense(8, Identity(), MeanField(30.0)), Dense(1, Tanh())
    sentence = said(net(sharp, *layers))
    assert "error will" in sentence
    assert "; " in sentence


@pytest.mark.parametrize(
    ("factor", "text"),
    [(1.94, "1.9×"), (5.0, "5×"), (62.4, "62×"), (617.0, "620×"), (24_800.0, "25,000×"), (2.7e9, "1e9×")],
)
def test_factors_have_two_digits(factor: float, text: str) -> None:
    assert times(factor) == text


def test_theory_alone_says_nearly_the_same_of_a_wide_network() -> None:
    experiment = net(*stack(4, Dense(200, Sigmoid(), Normal(0, 0.1)), Dense(1, Sigmoid(), Normal(0, 0.1))))
    early, late = outlook_from(experiment, forecaster_of(experiment)), outlook_of(experiment)
    assert early.draws == 0
    assert early.sentence.split("about")[0] == late.sentence.split("about")[0] == "error will shrink "
