"""Initializers: the laws of their draws, and which draws depend on what."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import (
    Constant,
    Dense,
    Gaussian,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    IdentityMatrix,
    Initializer,
    InputError,
    Kumar,
    LeCunNormal,
    LeCunUniform,
    MeanField,
    Network,
    Normal,
    Orthogonal,
    OwnValues,
    ReLU,
    Sigmoid,
    Sparse,
    Standard,
    Tanh,
    TruncatedNormal,
    Uniform,
    Zeros,
)
from bplab.engine.choices import from_builtins, type_name
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
        (Standard(), 1 / (3 * INPUTS)),
        (MeanField(1.5, 9.0), 1.5**2 / INPUTS),
        (TruncatedNormal(0.0, 0.2), 0.04 * 0.7737413),
        (Sparse(200, 0.5), 0.25 * 200 / INPUTS),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Initializer) else "",
)
def test_weights_have_mean_0_and_the_variance_of_their_law(initializer, variance):
    weights = draw(initializer)
    assert weights.shape == (INPUTS, UNITS)
    assert weights.var() == pytest.approx(variance, rel=0.02)
    assert abs(weights.mean()) < 4 * math.sqrt(variance / weights.size)


@pytest.mark.parametrize(
    ("initializer", "limit"),
    [
        (LeCunUniform(), math.sqrt(3 / INPUTS)),
        (GlorotUniform(), math.sqrt(6 / (INPUTS + UNITS))),
        (HeUniform(), math.sqrt(6 / INPUTS)),
        (Standard(), 1 / math.sqrt(INPUTS)),
    ],
    ids=["LeCun", "Glorot", "He", "standard"],
)
def test_uniform_draws_fill_their_bounds_evenly(initializer, limit):
    weights = draw(initializer)
    assert np.abs(weights).max() <= limit
    assert np.abs(weights).max() > 0.999 * limit
    counts, _ = np.histogram(weights, bins=10, range=(-limit, limit))
    np.testing.assert_allclose(counts / weights.size, 0.1, rtol=0.03)


@pytest.mark.parametrize("initializer", [LeCunNormal(), GlorotNormal(), HeNormal()], ids=["LeCun", "Glorot", "He"])
def test_normal_draws_have_the_tails_of_a_gaussian(initializer):
    weights = draw(initializer)
    beyond = [np.mean(np.abs(weights) > k * weights.std()) for k in (1, 2, 3)]
    np.testing.assert_allclose(beyond, [0.3173, 0.0455, 0.0027], rtol=0.15)


def test_a_truncated_draw_stays_within_two_standard_deviations_and_fills_them():
    weights = draw(TruncatedNormal(1.0, 0.5))
    assert np.abs(weights - 1.0).max() <= 1.0
    assert np.abs(weights - 1.0).max() > 0.999
    within = [np.mean(np.abs(weights - 1.0) < k * 0.5) for k in (0.5, 1.0, 1.5)]
    np.testing.assert_allclose(within, np.array([0.38292, 0.68269, 0.86639]) / 0.95450, rtol=0.01)


def kumar_std(activation):
    weights = Kumar().draw(np.random.default_rng(0), (INPUTS, UNITS), Site(INPUTS, UNITS, activation))
    return weights.std() * math.sqrt(INPUTS)


@pytest.mark.parametrize(
    ("activation", "std"),
    [(Sigmoid(), 3.58), (Tanh(), 1.0), (ReLU(), math.sqrt(2)), (Gaussian(), math.sqrt(2))],
    ids=["sigmoid", "tanh", "relu, a kink at 0", "gaussian, flat at 0"],
)
def test_kumar_asks_the_activation_of_the_layer(activation, std):
    assert kumar_std(activation) == pytest.approx(std, rel=0.01)
    network = Network(INPUTS, [Dense(UNITS, activation, Kumar())])
    assert network.weights[0].std() * math.sqrt(INPUTS) == pytest.approx(std, rel=0.01)


def test_mean_field_draws_biases_with_a_spread_of_their_own():
    network = Network(INPUTS, [Dense(4000, Tanh(), MeanField(1.5, 0.3), MeanField(1.5, 0.3))])
    assert network.weights[0].std() * math.sqrt(INPUTS) == pytest.approx(1.5, rel=0.01)
    assert network.biases[0].std() == pytest.approx(0.3, rel=0.05)


@pytest.mark.parametrize(("inputs", "connections", "found"), [(40, 15, 15), (40, 1, 1), (10, 15, 10)])
def test_a_sparse_unit_hears_as_many_inputs_as_told(inputs, connections, found):
    weights = draw(Sparse(connections), (inputs, 300))
    assert set(np.count_nonzero(weights, axis=0).tolist()) == {found}
    heard = np.count_nonzero(weights, axis=1) / 300  # no input is favoured
    np.testing.assert_allclose(heard, found / inputs, atol=4 * math.sqrt(0.25 / 300))


@pytest.mark.parametrize("shape", [(3, 3), (2, 4), (4, 2)])
def test_an_identity_matrix_hands_its_inputs_on(shape):
    network = Network(shape[0], [Dense(shape[1], ReLU(), IdentityMatrix(2.0))])
    common = min(shape)
    expected = np.zeros(shape[1])
    expected[:common] = 2.0 * np.arange(1.0, common + 1)
    np.testing.assert_array_equal(network.predict([np.arange(1.0, shape[0] + 1)])[0], expected)


def test_own_values_stand_as_they_are_written():
    weights, biases = OwnValues(((1.0, 2.0, 3.0), (4.0, 5.0, 6.0))), OwnValues(((7.0, 8.0, 9.0),))
    network = Network(2, [Dense(3, Tanh(), weights, biases)])
    assert network.weights[0].tolist() == [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    assert network.biases[0].tolist() == [7.0, 8.0, 9.0]


def test_no_own_values_yet_are_zeros():
    network = Network(2, [Dense(3, Tanh(), OwnValues(), OwnValues())])
    assert not network.parameters.any()


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        (((1.0, 2.0),), "own values are 1 × 2 numbers, but 2 × 3 are needed"),
        (((1.0, 2.0), (3.0, 4.0), (5.0, 6.0)), "own values are 3 × 2 numbers, but 2 × 3 are needed"),
        (((1.0, 2.0, 3.0), (4.0, 5.0)), "own values are rows of 2 to 3 numbers, but 2 × 3 are needed"),
    ],
)
def test_own_values_of_another_shape_are_refused_with_both_shapes(values, sentence):
    with pytest.raises(InputError, match=rf"^layers\[0\]\.weights: {sentence}$"):
        Network(2, [Dense(3, Tanh(), OwnValues(values))])


def test_own_biases_are_one_row():
    with pytest.raises(InputError, match=r"^layers\[0\]\.biases: own values are 3 × 1 numbers, but 1 × 3 are needed$"):
        Network(2, [Dense(3, Tanh(), biases=OwnValues(((1.0,), (2.0,), (3.0,))))])


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


@pytest.mark.parametrize("initializer", [p for p in EVERY if not p.values[0].for_biases])
def test_biases_refuse_what_only_a_matrix_can_be_with_a_path(initializer):
    name = type_name(initializer)
    layer = {"units": 2, "activation": {"type": "tanh"}, "biases": {"type": name}}
    with pytest.raises(InputError, match=rf"^\[0\]: biases cannot be drawn {name}: they are no matrix$"):
        from_builtins([layer], list[Dense])
    with pytest.raises(InputError, match=f"biases cannot be drawn {name}"):
        Dense(2, Tanh(), biases=initializer)


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
