"""Weights and biases set by hand: what a design starts from then, and where no design can."""

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import Circle
from bplab.engine import Dense, InputError, Tanh
from bplab.engine.initializers import GlorotUniform, OwnValues
from bplab.engine.normalizations import BatchNorm
from bplab.lab.experiment import Experiment, NetworkDesign, experiment_from_json, experiment_to_json
from bplab.lab.own_values import BIAS, with_value


def small(**changes: object) -> Experiment:
    layers = (replace(Dense(3, Tanh()), **changes), Dense(1, Tanh()))
    return Experiment(Circle(samples=20), NetworkDesign(layers))


def test_before_training_only_the_weights_of_that_layer_become_own_values() -> None:
    experiment = small()
    first = experiment.build_network()
    changed = with_value(experiment, first, 0, 1, 2, 0.25, trained=False)
    assert changed.network.layers[1] == experiment.network.layers[1]
    assert changed.network.layers[0].biases == experiment.network.layers[0].biases
    again = changed.build_network()
    assert again.weights[0][1, 2] == 0.25
    again.weights[0][1, 2] = first.weights[0][1, 2]
    np.testing.assert_array_equal(again.parameters, first.parameters)


def test_before_training_a_bias_leaves_the_weights_to_their_initialization() -> None:
    experiment = small()
    changed = with_value(experiment, experiment.build_network(), 0, BIAS, 1, -0.5, trained=False)
    assert isinstance(changed.network.layers[0].weights, GlorotUniform)
    assert changed.network.layers[0].biases == OwnValues(((0.0, -0.5, 0.0),))


def test_after_training_a_new_run_starts_from_all_that_was_reached() -> None:
    experiment = small()
    reached = experiment.build_network()
    reached.parameters[...] = np.random.default_rng(1).normal(size=len(reached.parameters))
    changed = with_value(experiment, reached, 1, 0, 0, 2.0, trained=True)
    again = experiment_from_json(experiment_to_json(changed)).build_network()
    assert again.weights[1][0, 0] == 2.0
    reached.weights[1][0, 0] = 2.0
    np.testing.assert_array_equal(again.parameters, reached.parameters)


def test_what_a_design_cannot_hold_is_refused_by_name() -> None:
    normalized = small(normalization=BatchNorm())
    network = normalized.build_network()
    with_value(normalized, network, 0, 0, 0, 1.0, trained=False)
    with pytest.raises(InputError, match=r"h1 has learned more than weights and biases \(scale"):
        with_value(normalized, network, 1, 0, 0, 1.0, trained=True)
    silent = small(bias=False)
    with pytest.raises(InputError, match="The biases of h1 are switched off"):
        with_value(silent, silent.build_network(), 0, BIAS, 0, 1.0, trained=False)
    wide = Experiment(Circle(samples=20), NetworkDesign((Dense(200, Tanh()), Dense(200, Tanh()), Dense(1, Tanh()))))
    with pytest.raises(InputError, match="at most 20,000 own values"):
        with_value(wide, wide.build_network(), 1, 0, 0, 1.0, trained=False)
