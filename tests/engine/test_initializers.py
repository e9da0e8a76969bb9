"""Initializers: the laws of their draws, and which draws depend on what."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import (
    Constant,
    Dense,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    Initializer,
    InputError,
    LeCunNormal,
    LeCunUniform,
    Network,
    Normal,
    Orthogonal,
    ReLU,
    Tanh,
    Uniform,
    Zeros,
)
from bplab.engine.choices import from_builtins
from bplab.engine.initializers import Site

INPUTS, UNITS = 400, 250
EVERY = [pytest.param(kind(), id=name) for name, kind in Initializer.members().items()]


def draw(initializer, shape=(INPUTS, UNITS), seed=0):
    return initializer.draw(np.random.default_rng(seed), shape, Site(*shape))


@pytest.mark.parametrize(
    ("initializer", "variance"),
    [
        (LeCunNormal(), 1 / INPUTS),
        (LeCunUniform(), 1 / INPUTS),
        (GlorotNormal(), 2 / (INPUTS + UNITS)),
        (GlorotUniform(), 2 / (INPUTS + UNITS)),
        (HeNormal(), 2 / INPUTS),
        (HeUniform(), 2 / INPUTS),
        (Normal(0.0, 0.2), 0.04),
        (Uniform(-0.3, 0.3), 0.03),
        (Orthogonal(), 1 / INPUTS),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Initializer) else "",
)
def test_weights_have_mean_0_and_the_variance_of_their_law(initializer, variance):
    weights = draw(initializer)
    assert weights.shape == (INPUTS, UNITS)
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 4 * math.sqrt(variance / weights.size)


@pytest.mark.parametrize("initializer", [LeCunUniform(), GlorotUniform(), HeUniform()], ids=["LeCun", "Glorot", "He"])
def test_uniform_draws_fill_their_bounds_evenly(initializer):
    weights, limit = draw(initializer), math.sqrt(3 * initializer.variance(INPUTS, UNITS))
    assert np.abs(weights).max() <= limit
    assert np.abs(weights).max() > 0.999 * limit
    counts, _ = np.histogram(weights, bins=10, range=(-limit, limit))
    np.testing.assert_allclose(counts / weights.size, 0.1, rtol=0.03)


@pytest.mark.parametrize("initializer", [LeCunNormal(), GlorotNormal(), HeNormal()], ids=["LeCun", "Glorot", "He"])
def test_normal_draws_have_the_tails_of_a_gaussian(initializer):
    weights = draw(initializer)
    beyond = [np.mean(np.abs(weights) > k * weights.std()) for k in (1, 2, 3)]
    np.testing.assert_allclose(beyond, [0.3173, 0.0455, 0.0027], rtol=0.15)


@pytest.mark.parametrize("shape", [(40, 40), (60, 25), (25, 60), (1, 5), (5, 1), (1, 1)])
@pytest.mark.parametrize("gain", [1.0, 1.7])
def test_every_singular_value_of_an_orthogonal_draw_is_the_gain(shape, gain):
    values = np.linalg.svd(draw(Orthogonal(gain), shape), compute_uv=False)
    np.testing.assert_allclose(values, gain, rtol=1e-12)


def test_orthogonal_draws_favour_no_sign():
    entries = [draw(Orthogonal(), (2, 2), seed)[0, 0] for seed in range(400)]
    assert abs(np.mean(np.sign(entries))) < 0.15


def test_zeros_and_constants_are_what_they_say():
    assert not draw(Zeros()).any()
    assert set(draw(Constant(0.25)).ravel().tolist()) == {0.25}


@pytest.mark.parametrize("initializer", EVERY)
def test_the_same_generator_gives_the_same_draw(initializer):
    assert draw(initializer, (7, 5), 3).tobytes() == draw(initializer, (7, 5), 3).tobytes()


@pytest.mark.parametrize("initializer", [p for p in EVERY if p.values[0].for_biases])
def test_biases_can_be_drawn(initializer):
    network = Network(6, [Dense(4, Tanh(), biases=initializer)])
    assert network.biases[0].shape == (4,)
    assert np.isfinite(network.biases[0]).all()


def test_biases_refuse_orthogonal_with_a_path():
    layer = {"units": 2, "activation": {"type": "tanh"}, "biases": {"type": "orthogonal"}}
    with pytest.raises(InputError, match=r"^\[0\]: biases cannot be drawn orthogonal: they are no matrix$"):
        from_builtins([layer], list[Dense])
    with pytest.raises(InputError, match="biases cannot be drawn orthogonal"):
        Dense(2, Tanh(), biases=Orthogonal())


def test_uniform_refuses_bounds_in_the_wrong_order():
    with pytest.raises(InputError, match="the lower bound 1 is above the upper bound 0"):
        Uniform(1.0, 0.0)


def layers(**change):
    """Three layers, one of them changed."""
    stack = {"first": Dense(5, Tanh(), Normal(), Normal()), "second": Dense(4, ReLU(), HeNormal(), Normal())}
    stack["third"] = Dense(3, Tanh(), GlorotUniform(), Uniform())
    return list((stack | change).values())


def drawn(stack, seed=0, inputs=6):
    network = Network(inputs, stack, seed=seed)
    return [(w.tobytes(), b.tobytes()) for w, b in zip(network.weights, network.biases, strict=True)]


def test_the_draw_of_a_layer_does_not_depend_on_edits_of_the_others():
    plain = drawn(layers())
    edited = drawn(layers(first=Dense(5, ReLU(), Orthogonal(), Zeros())))
    assert edited[0] != plain[0]
    assert edited[1:] == plain[1:]
    longer = drawn([*layers(), Dense(9, Tanh())])
    assert longer[:3] == plain
    wider = drawn(layers(third=Dense(30, Tanh(), Normal())))
    assert wider[:2] == plain[:2]


def test_weights_and_biases_of_all_layers_differ_and_follow_the_seed():
    first, again, other = drawn(layers()), drawn(layers()), drawn(layers(), seed=1)
    assert first == again
    assert all(ours[0] != theirs[0] and ours[1] != theirs[1] for ours, theirs in zip(first, other, strict=True))
    square = Network(4, [Dense(4, Tanh(), Normal(), Normal()) for _ in range(3)])
    assert len({weights.tobytes() for weights in square.weights}) == 3


def test_float32_weights_are_the_float64_draw_rounded():
    double, single = (Network(6, layers(), dtype=dtype).parameters for dtype in ("float64", "float32"))
    assert single.dtype == np.float32
    assert single.tobytes() == double.astype(np.float32).tobytes()


@given(st.integers(0, 2**53 - 1), st.integers(1, 8), st.integers(1, 8))
def test_initialize_draws_what_a_new_network_would_hold(seed, inputs, units):
    stack = [Dense(units, Tanh(), HeNormal(), Normal())]
    network = Network(inputs, stack)
    network.initialize(seed)
    assert network.parameters.tobytes() == Network(inputs, stack, seed=seed).parameters.tobytes()
