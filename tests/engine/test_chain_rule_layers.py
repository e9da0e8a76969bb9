"""The chain rule taken apart behind all kinds of layers: normalizations, skips, learned slopes, filters and pooling."""

import math

import numpy as np
import pytest

from bplab.engine import (
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    HalfSquaredError,
    HeNormal,
    Identity,
    InputError,
    LayerNorm,
    MaxPool,
    MeanPool,
    Network,
    Normal,
    Normalization,
    PReLU,
    ReLU,
    Sigmoid,
    Tanh,
    explain_weight,
    gradient_budget,
    stall_shares,
)

IMAGE = (2, 6, 6)
NORMALIZED = {
    f"{name} {place}": (5, [Dense(6, Tanh(), normalization=kind(place=place)), Dense(5, Sigmoid())])
    for name, kind in Normalization.members().items()
    for place in ("before", "after")
}
NETWORKS = {
    **NORMALIZED,
    "skip of equal width": (5, [Dense(4, Tanh()), Dense(4, Sigmoid(), skip=1), Dense(4, Tanh(), skip=1)]),
    "projected skips": (5, [Dense(4, Tanh(), skip=0), Dense(6, Tanh(), skip=1)]),
    "skip and normalization": (
        5,
        [Dense(4, Tanh(), normalization=BatchNorm("after"), dropout=0.5), Dense(4, Tanh(), HeNormal(), skip=1)],
    ),
    "learned slopes": (5, [Dense(6, PReLU()), Dense(4, PReLU(), normalization=LayerNorm())]),
    "frozen and without bias": (5, [Dense(6, Tanh(), bias=False, frozen=True), Dense(4, Tanh(), bias=False)]),
    "filters": (IMAGE, [Conv2D(3, Tanh(), padding=1), Conv2D(2, PReLU(), 2, 2), Flatten()]),
    "pooling": (IMAGE, [Conv2D(3, ReLU(), 2), MaxPool(2), MeanPool(2, 1), Flatten(), Dense(4, Tanh(), skip=1)]),
}
SAMPLES = 9


def case(name):
    """A network, its backward pass over a batch, and the batch."""
    inputs, layers = NETWORKS[name]
    network = Network(inputs, [*layers, Dense(2, Identity(), Normal(0, 0.8))], HalfSquaredError(), seed=3)
    random = np.random.default_rng(4)
    x, y = random.normal(size=(SAMPLES, network.inputs)), random.normal(size=(SAMPLES, 2))
    return network, network.backprop(x, y)


def decades(values):
    return 0.5 * math.log10(np.mean(values**2))


@pytest.mark.parametrize("name", NETWORKS)
def test_the_factors_multiply_and_the_contributions_sum_to_every_gradient(name):
    network, passed = case(name)
    for layer, gradients in enumerate(passed.weight_gradients):
        for source, unit in np.ndindex(gradients.shape):
            told = explain_weight(network, passed, layer, source, unit)
            size = np.abs(told.contributions).sum()
            assert told.gradient == pytest.approx(gradients[source, unit], rel=1e-12, abs=1e-14 * size)
            assert told.contributions.sum() == pytest.approx(told.gradient, rel=1e-12, abs=1e-14 * size)
            np.testing.assert_allclose(told.derivative * told.error, told.argument_error, rtol=1e-12, atol=1e-15)


def test_one_filters_weight_is_explained_at_every_place_of_every_sample():
    network, passed = case("filters")
    told = explain_weight(network, passed, 0, 0, 1)
    assert told.input.shape == told.delta.shape == (SAMPLES * 36,)
    assert (told.weights.shape, told.delta_next.shape) == ((0,), (SAMPLES, 0))  # no dense layer stands behind


def test_a_layer_without_weights_has_none_to_explain():
    network, passed = case("pooling")
    with pytest.raises(InputError, match=r"^layer 2 has no weights: it is max pooling$"):
        explain_weight(network, passed, 1, 0, 0)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_budget_adds_up_and_only_what_is_normalized_pays_for_it(name):
    network, passed = case(name)
    terms = gradient_budget(network, passed)
    total = sum(term.weights + term.derivative + term.normalization for term in terms)
    assert total == pytest.approx(decades(passed.deltas[0]) - decades(passed.deltas[-1]), abs=1e-12)
    for term in terms:
        normalized = getattr(network.layers[term.layer], "normalization", None) is not None
        assert (term.normalization != 0.0) == normalized


def test_what_a_skip_brings_back_counts_with_the_weights_behind_its_source():
    network, passed = case("skip of equal width")
    _, _, second, last = network.weights
    from_last = passed.deltas[3] @ last.T
    from_second = passed.deltas[2] @ second.T
    back = passed.deltas[1] @ network.weights[1].T + from_second + from_last
    terms = {term.layer: term for term in gradient_budget(network, passed)}
    assert terms[1].weights == pytest.approx(decades(from_second) - decades(passed.deltas[2]), abs=1e-12)
    assert terms[0].weights == pytest.approx(decades(back) - decades(passed.deltas[1]), abs=1e-12)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_shares_are_shares_of_one(name):
    network, passed = case(name)
    for layer in range(len(network.layers)):
        row = list(vars(stall_shares(network, passed, layer)).values())
        assert min(row) >= 0.0
        assert sum(row) == pytest.approx(1.0, abs=1e-14)


def test_a_learned_slope_is_the_measure_of_what_f_lets_through():
    network = Network(3, [Dense(4, PReLU(), Normal()), Dense(2, Identity())], seed=3)
    network.numbers[0]["slope"][...] = 100.0
    x = np.random.default_rng(4).normal(size=(SAMPLES, 3))
    passed = network.backprop(x, np.zeros((SAMPLES, 2)))
    assert passed.steepest.tolist() == [100.0, 1.0]
    network.weights[0][...] = 0.0
    network.biases[0][...] = 1.0  # now every unit is on the side where f' is 1, a hundredth of the steepest
    passed = network.backprop(x * 1e-3, np.full((SAMPLES, 2), 1e-3))
    told = stall_shares(network, passed, 0)
    small, saturated = -decades(passed.inputs[0]), 2.0
    assert told.saturated_derivative / told.small_input == pytest.approx(saturated / small)


def test_the_backward_pass_of_another_network_is_refused():
    network, other = Network(2, [Dense(2, Tanh()), Dense(1, Tanh())]), Network(2, [Dense(1, Tanh())])
    passed = network.backprop([[1.0, 2.0]], [[1.0]])
    for ask in (
        lambda: gradient_budget(other, passed),
        lambda: stall_shares(other, passed, 0),
        lambda: explain_weight(other, passed, 0, 0, 0),
    ):
        with pytest.raises(InputError, match="this backward pass is of another network"):
            ask()
