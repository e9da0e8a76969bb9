"""Mean-field theory through a network, beside what layers of a few hundred units measure."""

import numpy as np
import pytest

from bplab.engine import (
    LSUV,
    BatchNorm,
    Constant,
    Conv2D,
    Dense,
    Flatten,
    HeNormal,
    Identity,
    Initializer,
    Kumar,
    LayerNorm,
    Network,
    Normal,
    OwnValues,
    ReLU,
    RMSNorm,
    Sigmoid,
    SiLU,
    Softmax,
    Sparse,
    Tanh,
    Uniform,
)
from bplab.engine.initializers import Site
from bplab.engine.probes import rms
from bplab.engine.propagation import propagate

UNITS = 400
X = np.random.default_rng(0).normal(0.3, 0.7, (60, UNITS)) * np.linspace(0.5, 1.5, 60)[:, None]
Y = np.random.default_rng(1).normal(0, 1e3, (60, 200))  # far from the outputs, so that errors are independent of them


def wide(activation, weights=HeNormal(), units=UNITS, **more):  # noqa: B008  # a frozen value
    return Dense(units, activation, weights, **more)


def normalized(norm, activation):
    return [wide(activation, normalization=norm) for _ in range(3)]


STACKS = {
    "plain": [wide(Tanh()), wide(SiLU()), wide(ReLU())],
    "biases": [wide(Tanh(), biases=Normal(0.2, 0.5)), wide(Tanh(), biases=Constant(0.3)), wide(Sigmoid())],
    "means": [wide(Tanh(), Uniform(-0.1, 0.11)), wide(Sigmoid(), Normal(0.004, 0.1)), wide(Sigmoid(), Kumar())],
    "no biases": [wide(Tanh(), biases=Normal(0, 2), bias=False), wide(Tanh())],
    "lsuv": [wide(ReLU(), LSUV()), wide(Tanh(), LSUV(), biases=Normal(0, 0.3)), wide(ReLU(), LSUV())],
    "layer norm": normalized(LayerNorm(), ReLU()),
    "layer norm after": normalized(LayerNorm(place="after"), ReLU()),
    "rms norm": normalized(RMSNorm(), Tanh()),
    "rms norm after": normalized(RMSNorm(place="after"), ReLU()),
    "skips": [wide(ReLU()), wide(ReLU(), skip=1), wide(Tanh(), units=300, skip=2), wide(SiLU(), skip=0)],
    "skip over skips": [wide(Tanh()), wide(Tanh(), skip=1, dropout=0.5), wide(Tanh(), units=300, skip=1), wide(Tanh())],
}


@pytest.mark.parametrize("layers", STACKS.values(), ids=STACKS)
def test_wide_layers_measure_what_the_theory_says(layers):
    network = Network(UNITS, [*layers, Dense(200, Identity())], seed=3)
    network.fit_initialization(X)
    seen, theory = network.backprop(X, Y), propagate(network.layers, X)
    for number, found in enumerate(theory.layers[:-1]):
        outputs, z = seen.outputs[number], seen.weighted_inputs[number]
        size = np.sqrt(found.outputs.mean_square.mean())
        assert rms(outputs) == pytest.approx(size, rel=0.06), number
        np.testing.assert_allclose(outputs.mean(), found.outputs.mean.mean(), atol=0.06 * size)
        argument_slopes = seen.derivatives[number]
        assert np.mean(argument_slopes**2) == pytest.approx(found.response.slope_square.mean(), rel=0.08), number
        if found.bare:
            assert np.var(z, axis=1).mean() == pytest.approx(found.before.variance.mean(), rel=0.1)
        ratio = rms(seen.deltas[number]) / rms(seen.deltas[-1])
        assert ratio == pytest.approx(np.sqrt(theory.deltas[number].mean()), rel=0.1), number


def test_each_sample_is_followed_by_itself():
    network = Network(UNITS, [wide(Tanh()), Dense(1, Identity())], seed=3)
    first, z = propagate(network.layers, X).layers[0], network.backprop(X, Y[:, :1]).weighted_inputs[0]
    np.testing.assert_allclose(first.before.variance, HeNormal().variance(Site(UNITS, UNITS)) * (X**2).sum(axis=1))
    error = np.sqrt(2 / UNITS)  # of a variance over as many units
    np.testing.assert_allclose(z.var(axis=1), first.before.variance, rtol=4 * error)
    assert first.before.variance.max() > 5 * first.before.variance.min()


def test_errors_behind_batch_normalization_grow_as_yang_found():
    """Yang et al. 2019: with ReLU the square of an error grows by π/(π − 1) in every layer."""
    layers = [*normalized(BatchNorm(epsilon=1e-12), ReLU()), Dense(200, Identity(), HeNormal())]
    deltas = propagate(layers, X).deltas
    assert deltas[1].mean() / deltas[2].mean() == pytest.approx(np.pi / (np.pi - 1), rel=1e-9)
    network = Network(UNITS, layers, seed=3)
    seen, theory = network.backprop(X, Y), propagate(layers, X)
    for number, found in enumerate(theory.layers[:-1]):
        assert rms(seen.outputs[number]) == pytest.approx(np.sqrt(found.outputs.mean_square.mean()), rel=0.03)


def test_the_theory_does_not_follow_errors_through_a_batch_norm_whose_divisor_it_does_not_know():
    layers = [wide(Tanh()), wide(Tanh(), normalization=BatchNorm(place="after")), wide(Tanh()), Dense(2, Identity())]
    theory = propagate(layers, X)
    assert [delta is None for delta in theory.deltas] == [True, True, False, False]
    assert "the variance over the batch is not known" in theory.notes[1]


def test_softmax_may_end_a_network_and_nothing_goes_on_behind_it():
    ends = propagate([wide(Tanh()), Dense(5, Softmax())], X)
    assert all(delta is not None for delta in ends.deltas)
    assert ends.layers[1].response is None
    assert ends.notes[1] == "the theory has no outputs of softmax, which depend on all units"
    between = propagate([wide(Tanh()), Dense(5, Softmax()), wide(Tanh()), Dense(2, Identity())], X)
    assert [layer is None for layer in between.layers] == [False, True, True, True]
    assert between.notes[1:] == [
        "the theory leaves softmax before the last layer out",
        "the theory ended before this layer",
        "the theory ended before this layer",
    ]
    assert [delta is None for delta in between.deltas] == [True, True, True, False]


def test_layers_for_images_are_left_out_and_named():
    theory = propagate([Conv2D(3, ReLU()), Flatten(), Dense(2, Identity())], X)
    assert theory.layers == [None, None, None]
    assert theory.notes[0] == "the theory leaves conv2d layers out"


def test_what_is_assumed_of_values_that_are_no_independent_draws_is_said():
    layers = [wide(Tanh(), Sparse(5)), Dense(1, Identity(), OwnValues(((0.5,),) * UNITS), skip=None)]
    assert propagate(layers, X).notes == [
        "each unit counts as hearing many inputs a little",
        "own values count as draws of their own spread",
    ]


# -- first values --------------------------------------------------------------------------------------


DRAWN = [
    pytest.param(kind(), shape, id=f"{name} {shape}")
    for name, kind in Initializer.members().items()
    if name not in ("own_values", "identity", "lsuv")  # two are given, and LSUV's size is the data's
    for shape in ((60, 40), (40, 60), (50,))
    if kind.for_biases or len(shape) == 2
]


@pytest.mark.parametrize(("initializer", "shape"), DRAWN)
def test_the_moments_of_an_initializer_are_those_of_its_draws(initializer, shape):
    site = Site(60, 40, Sigmoid())
    random = np.random.default_rng(0)
    draws = np.array([initializer.draw(random, shape, site) for _ in range(60)])
    moments = initializer.moments(shape, site)
    error = np.sqrt(moments.variance / draws.size)
    assert draws.mean() == pytest.approx(moments.mean, abs=4 * error + 1e-12)
    assert draws.var() == pytest.approx(moments.variance, rel=0.06, abs=1e-12)


def test_moments_of_given_values_are_their_own():
    assert OwnValues(((1.0, 3.0), (5.0, 7.0))).moments((2, 2), Site(2, 2))[:2] == (4.0, 5.0)
    assert OwnValues().moments((2, 2), Site(2, 2))[:2] == (0.0, 0.0)


@pytest.mark.parametrize(("activation", "variance"), [(Sigmoid(), 3.58**2 / 400), (Tanh(), 1 / 400)])
def test_kumars_weights_have_the_published_variance(activation, variance):
    assert Kumar().moments((400, 10), Site(400, 10, activation)).variance == pytest.approx(variance, rel=2e-3)
