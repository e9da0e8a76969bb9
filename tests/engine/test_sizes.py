"""Sizes of a pass: budget and stall shares of a probe's reading, of a batch and of single neurons are one thing."""

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    Activation,
    BinaryCrossEntropy,
    Conv2D,
    Dense,
    Flatten,
    HalfSquaredError,
    Identity,
    InputError,
    Loss,
    MaxPool,
    Network,
    Normal,
    Normalization,
    PReLU,
    ReLU,
    Sigmoid,
    Tanh,
    explain_weight,
    gradient_budget,
    neuron_stall_shares,
    stall_shares,
)
from bplab.engine.probes import Probe
from bplab.engine.sizes import Sizes, budget_of, stalls_of

ACTIVATIONS = list(Activation.members().values())
LOSSES = list(Loss.members().values())
KINDS = list(Normalization.members().values())
NORMALIZATIONS = [None, *(kind(place=place) for kind in KINDS for place in ("before", "after"))]
Case = tuple[Network, np.ndarray, np.ndarray]


@st.composite
def cases(draw: Any, dtypes: tuple[str, ...] = ("float64",)) -> Case:
    """A network with anything in it that stands in an error's way, and a batch."""
    units = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    layers = [
        Dense(
            count,
            draw(st.sampled_from(ACTIVATIONS))(),
            Normal(0, 0.8),
            Normal(0, 0.3),
            normalization=draw(st.sampled_from(NORMALIZATIONS)),
            skip=draw(st.sampled_from([None, *range(number)])),
        )
        for number, count in enumerate(units)
    ]
    seed = draw(st.integers(0, 10**6))
    network = Network(3, layers, draw(st.sampled_from(LOSSES))(), draw(st.sampled_from(dtypes)), seed)
    random = np.random.default_rng(seed)
    samples = draw(st.integers(2, 6))
    return network, random.normal(size=(samples, 3)), random.random((samples, units[-1]))


@settings(max_examples=150)
@given(cases(("float64", "float32")))
def test_the_budget_of_a_reading_sums_to_the_whole_change_of_the_error(case: Case) -> None:
    network, x, y = case
    reading = Probe(network, x, y).read()
    delta = reading.delta_rms
    budget = budget_of(reading.sizes)
    if (delta > 0.0).all():
        assert float(budget.total) == pytest.approx(math.log10(delta[0]) - math.log10(delta[-1]), abs=1e-12)
    elif delta[-1] > 0.0 and delta[0] == 0.0:
        assert float(budget.total) == -math.inf


@settings(max_examples=150)
@given(cases())
def test_a_reading_says_what_backprop_says_on_the_same_batch(case: Case) -> None:
    network, x, y = case
    sizes, passed = Probe(network, x, y).read().sizes, network.backprop(x, y)
    terms = {term.layer: term for term in gradient_budget(network, passed)}
    budget, shares = budget_of(sizes), stalls_of(sizes)
    for layer in range(len(network.layers)):
        own = list(vars(stall_shares(network, passed, layer)).values())
        np.testing.assert_allclose(shares[layer], own, rtol=1e-9, atol=1e-9)
        if layer in terms:
            told = [terms[layer].weights, terms[layer].derivative, terms[layer].normalization]
            np.testing.assert_allclose([part[layer] for part in budget], told, rtol=1e-9, atol=1e-9)


def stacked(sizes: list[Sizes]) -> Sizes:
    return Sizes(*(np.array([getattr(one, name) for one in sizes]) for name in Sizes.__slots__))


def test_many_passes_at_once_come_out_as_one_by_one() -> None:
    network = Network(3, [Dense(4, Tanh()), Dense(3, ReLU()), Dense(2, Identity())])
    random, found = np.random.default_rng(0), []
    for size in (1.0, 1e-3, 0.0, 1e3):
        x = size * random.normal(size=(8, 3))
        found.append(Probe(network, x, np.ones((8, 2))).read().sizes)
    together = stacked(found)
    np.testing.assert_array_equal(stalls_of(together), [stalls_of(one) for one in found])
    for ours, alone in zip(budget_of(together), zip(*map(budget_of, found), strict=True), strict=True):
        np.testing.assert_array_equal(ours, np.array(alone))


def test_what_nobody_measured_is_nan_and_nothing_else() -> None:
    nothing = np.full((3, 2), np.nan)
    sizes = Sizes(*(nothing for _ in range(6)), output_error=nothing[:, -1:])
    assert np.isnan(stalls_of(sizes)).all()
    assert np.isnan(np.array(budget_of(sizes))).all()


def test_sizes_too_small_to_square_are_told_apart_in_a_reading() -> None:
    network = Network(1, [Dense(2, Identity()) for _ in range(4)])
    for weights in network.weights:
        weights[...] = 1e-70
    budget = budget_of(Probe(network, np.ones((1, 1)), np.ones((1, 2))).read().sizes)
    assert budget.weights == pytest.approx([math.log10(2e-70)] * 3)


def test_a_dead_layer_takes_the_whole_share_and_those_before_it_hear_nothing() -> None:
    network = Network(2, [*(Dense(3, ReLU()) for _ in range(3)), Dense(1, Identity())], seed=1)
    network.biases[1][...] = -100.0
    network.biases[2][...] = 1.0
    sizes = Probe(network, np.random.default_rng(0).random((6, 2)), np.zeros((6, 1))).read().sizes
    assert stalls_of(sizes)[:2].tolist() == [[0.0, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 0.0]]
    assert budget_of(sizes).derivative[1] == -math.inf
    assert [float(part[0]) for part in budget_of(sizes)] == [0.0, 0.0, 0.0]


def test_a_learned_slope_is_measured_as_it_is_now() -> None:
    network = Network(3, [Dense(4, PReLU()), Dense(2, Sigmoid())], BinaryCrossEntropy())
    probe = Probe(network, np.ones((5, 3)), np.ones((5, 2)))
    network.numbers[0]["slope"][...] = 7.0
    assert probe.read().steepest.tolist() == [7.0, 1.0]  # 1: the loss is computed from z


def test_a_skip_behind_the_output_lets_the_derivative_stand_between_loss_and_z() -> None:
    network = Network(2, [Dense(2, Tanh()), Dense(2, Sigmoid(), skip=1)], BinaryCrossEntropy(), seed=3)
    x = np.random.default_rng(0).normal(size=(6, 2))
    passed = network.backprop(x, np.full((6, 2), 0.5))
    assert passed.steepest.tolist() == [1.0, 0.25]
    told = explain_weight(network, passed, 1, 0, 1)
    np.testing.assert_array_equal(told.derivative, passed.derivatives[1][:, 1])
    np.testing.assert_allclose(told.derivative * told.error, told.delta, rtol=1e-12)


@settings(max_examples=60)
@given(cases())
def test_the_shares_of_every_neuron_are_shares_of_one(case: Case) -> None:
    network, x, y = case
    passed = network.backprop(x, y)
    for layer, units in enumerate(network.units):
        shares = neuron_stall_shares(network, passed, layer)
        assert shares.shape == (units, 4)
        assert shares.min() >= 0.0
        np.testing.assert_allclose(shares.sum(axis=1), 1.0, atol=1e-14)


def test_each_neuron_is_held_up_by_its_own_cause() -> None:
    network = Network(2, [Dense(3, Tanh(), Normal()), Dense(1, Identity())], seed=1)
    network.biases[0][1] = 12.0  # saturated
    network.weights[1][2] = 0.0  # nobody listens
    x = np.random.default_rng(0).normal(size=(20, 2))
    shares = neuron_stall_shares(network, network.backprop(x, np.full((20, 1), 9.0)), 0)
    assert shares[0, 3] == 1.0
    assert shares[1, 1] > 0.5
    assert shares[2].tolist() == [0.0, 0.0, 1.0, 0.0]


def test_the_one_neuron_of_a_layer_has_the_layers_shares() -> None:
    layers = [Dense(1, Sigmoid(), Normal(0, 9)) for _ in range(2)]
    network = Network(2, layers, HalfSquaredError(), seed=2)
    passed = network.backprop(1e-3 * np.ones((4, 2)), np.zeros((4, 1)))
    for layer in range(2):
        own = list(vars(stall_shares(network, passed, layer)).values())
        np.testing.assert_allclose(neuron_stall_shares(network, passed, layer)[0], own, rtol=1e-12)


def test_a_layer_for_images_has_a_row_for_every_feature_map() -> None:
    network = Network((1, 4, 4), [Conv2D(3, ReLU()), MaxPool(2, 1), Flatten(), Dense(2, Identity())])
    network.biases[0][1] = -1e3
    passed = network.backprop(np.random.default_rng(0).random((5, 16)), np.ones((5, 2)))
    shares = neuron_stall_shares(network, passed, 0)
    assert shares.shape == (3, 4)
    assert shares[1].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_a_layer_that_is_not_there_has_no_neurons() -> None:
    network = Network(2, [Dense(1, Tanh())])
    passed = network.backprop(np.ones((1, 2)), np.ones((1, 1)))
    with pytest.raises(InputError, match=r"^there is no layer 2; the network has 1$"):
        neuron_stall_shares(network, passed, 1)
