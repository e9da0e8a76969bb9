"""Forecasts of step 0: published figures, and bands that hold what networks then measure."""

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from bplab.engine import (
    LSUV,
    SELU,
    BinaryCrossEntropy,
    Constant,
    CrossEntropy,
    Dense,
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    Identity,
    InputError,
    LayerNorm,
    LeakyReLU,
    LeCunNormal,
    MeanField,
    MeanPool,
    Network,
    Normal,
    Orthogonal,
    PReLU,
    ReLU,
    Sigmoid,
    Softmax,
    Standard,
    Tanh,
    Uniform,
    forecast,
)
from bplab.engine.forecast import Forecaster, _affordable
from bplab.engine.fresh_draws import FIRST_SEED, Draws
from bplab.engine.probes import Probe


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Small products are done before a second thread has woken."""
    with threadpool_limits(1, user_api="blas"):
        yield


FEW = 46
"""The fewest draws that a band can stand on."""


def signs(samples, inputs, size=1.0):
    """Inputs whose mean square is exactly size² in every sample."""
    return size * np.random.default_rng(0).choice([-1.0, 1.0], (samples, inputs))


def stack(depth, units, activation, weights, inputs=None, biases=Constant(0.0)):  # noqa: B008  # a frozen value
    layers = [*(Dense(units, activation, weights, biases) for _ in range(depth)), Dense(1, Identity(), weights)]
    return Network(inputs or units, layers)


def expected(found, name):
    return [getattr(layer, name).expected for layer in found.layers[:-1]]


# -- published figures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weights", "stds", "falls"),
    [
        (Standard(), [0.269, 0.151, 0.087, 0.050, 0.029], 10.0),
        (GlorotUniform(), [0.419, 0.364, 0.327, 0.300, 0.278], 1.6),
    ],
    ids=["standard", "normalized"],
)
def test_five_tanh_layers_are_forecast_as_glorot_and_bengio_measured_them(weights, stds, falls):
    found = forecast(stack(5, 60, Tanh(), weights), signs(10, 60, 0.5), np.ones((10, 1)), draws=FEW)
    np.testing.assert_allclose(expected(found, "std"), stds, rtol=0.01)
    deltas = expected(found, "delta")
    assert deltas[4] / deltas[0] == pytest.approx(falls, rel=0.05)


@pytest.mark.parametrize(
    ("weights", "last_rms", "delta_ratio", "slope"),
    [(GlorotNormal(), 2.7e-5, 4.4e-5, -0.5 * math.log(2)), (HeNormal(), 0.87, 1.09, 0.0)],
    ids=["Xavier", "He"],
)
def test_thirty_relu_layers_of_256_are_forecast_as_he_has_them(weights, last_rms, delta_ratio, slope):
    found = forecast(stack(30, 256, ReLU(), weights), signs(4, 256), np.ones((4, 1)), draws=FEW)
    logs, deltas = np.log(expected(found, "rms")), expected(found, "delta")
    np.testing.assert_allclose(np.diff(logs), slope, atol=1e-9)
    assert last_rms in found.layers[29].rms
    assert found.layers[29].rms.low < math.exp(logs[-1]) < found.layers[29].rms.high
    assert deltas[0] / deltas[29] == pytest.approx(math.exp(29 * slope), rel=1e-9)
    assert delta_ratio * deltas[29] in found.layers[0].delta
    assert found.layers[5].chi1.expected == pytest.approx(math.exp(2 * slope), rel=1e-9)


def test_the_error_of_a_sigmoid_network_is_forecast_to_fall_by_nielsens_5_in_a_layer():
    layers = [Dense(units, Sigmoid(), LeCunNormal(), Normal()) for units in (30, 30, 30, 30, 10)]
    ink = (np.random.default_rng(0).random((40, 784)) < 0.19).astype(float)
    found = forecast(Network(784, layers), ink, np.eye(10)[np.arange(40) % 10], draws=FEW)
    falls = [1 / layer.delta_ratio.expected for layer in found.layers[:3]]
    np.testing.assert_allclose(falls, 5.0, rtol=0.12)


@pytest.mark.parametrize(("width", "share"), [(2, 0.878), (3, 0.573), (5, 0.130)])
def test_networks_are_forecast_to_be_born_dead_as_often_as_lu_simulated(width, share):
    found = forecast(stack(9, width, ReLU(), HeNormal(), inputs=1), [[-1.0], [1.0]], [0.0, 0.0], draws=400)
    assert found.born_dead.low < share < found.born_dead.high
    assert found.born_dead.bound == pytest.approx(1 - (1 - 2.0**-width) ** 9, rel=1e-12)
    assert found.born_dead.low < found.born_dead.share < found.born_dead.bound
    chances = [layer.born_dead for layer in found.layers[:-1]]
    assert [chance.bound for chance in chances] == pytest.approx([1 - (1 - 2.0**-width) ** k for k in range(1, 10)])
    assert chances[-1].share == found.born_dead.share  # without biases all that stands behind a dead layer is dead
    assert found.layers[-1].born_dead is None


@pytest.mark.parametrize(
    ("weight_variance", "bias_variance", "mean_square", "chi1"),
    [
        (1.3, 0.05, None, 0.880),
        (1.7, 0.05, None, 0.987),
        (1.761, 0.05, None, 1.0),
        (2.505, 0.3, None, 1.0),
        (2.5, 0.05, None, 1.134),
        (1.69, 0.09, 0.607, 0.940),
        (6.25, 0.09, 4.079, 1.585),
    ],
)
def test_deep_tanh_layers_are_forecast_to_settle_where_poole_and_schoenholz_found_them(
    weight_variance, bias_variance, mean_square, chi1
):
    law = MeanField(math.sqrt(weight_variance), math.sqrt(bias_variance))
    found = forecast(stack(40, 20, Tanh(), law, biases=law), signs(3, 20, 0.8), np.ones((3, 1)), draws=FEW)
    deep = found.layers[38]
    assert deep.chi1.expected == pytest.approx(chi1, abs=0.6e-3)
    assert deep.fixed_point().chi1 == pytest.approx(chi1, abs=0.5e-3)
    assert deep.delta_ratio.expected**2 == pytest.approx(chi1, abs=0.6e-3)
    if mean_square:
        assert deep.theory.before.variance[0] == pytest.approx(mean_square, abs=0.5e-3)


def test_relu_layers_are_critical_at_weight_variance_2_whatever_their_signals():
    found = forecast(stack(4, 20, ReLU(), MeanField(math.sqrt(2))), signs(5, 20, 3.0), np.ones((5, 1)), draws=FEW)
    for layer in found.layers[:-1]:
        assert layer.chi1.expected == pytest.approx(1.0, rel=1e-12)
        assert layer.fixed_point().mean_square == pytest.approx(18.0, rel=1e-12)
        assert layer.depth_scale.high == math.inf
        assert 0.0 < layer.depth_scale.low < math.inf


def test_tanh_layers_with_gain_five_thirds_are_forecast_to_settle_as_in_makemore():
    gain = Normal(0, 5 / 3 / math.sqrt(30))
    found = forecast(stack(5, 30, Tanh(), gain), signs(10, 30), np.ones((10, 1)), draws=FEW)
    np.testing.assert_allclose(expected(found, "std"), [0.759, 0.693, 0.669, 0.659, 0.654], atol=0.6e-3)
    edge = math.atanh(0.97)
    variances = [layer.theory.before.variance[0] for layer in found.layers[:-1]]
    shares = [100 * math.erfc(edge / math.sqrt(2 * variance)) for variance in variances]
    np.testing.assert_allclose(shares, [20.93, 9.83, 7.00, 6.04, 5.66], atol=0.006)


def test_selu_layers_are_forecast_to_keep_mean_0_and_variance_1():
    found = forecast(stack(8, 30, SELU(), LeCunNormal()), signs(5, 30), np.ones((5, 1)), draws=FEW)
    np.testing.assert_allclose(expected(found, "std"), 1.0, rtol=1e-9)
    np.testing.assert_allclose(expected(found, "rms"), 1.0, rtol=1e-9)


# -- the function --------------------------------------------------------------------------------------


def test_a_forecast_depends_on_the_design_alone_and_leaves_the_network_as_it_is():
    x, y = signs(6, 5), np.ones((6, 1))
    layers = [Dense(7, Tanh()), Dense(1, Tanh())]
    one, other = Network(5, layers, seed=1), Network(5, layers, seed=2)
    one.weights[0][...] = 9.0
    before = one.parameters.copy()
    found, again = (forecast(network, x, y).layers for network in (one, other))
    assert [(layer.rms, layer.delta, layer.chi1) for layer in found] == [
        (layer.rms, layer.delta, layer.chi1) for layer in again
    ]
    np.testing.assert_array_equal(one.parameters, before)


def test_the_first_layer_is_forecast_from_the_samples_themselves():
    x = np.random.default_rng(1).normal(3.0, 2.0, (50, 2))
    layer = forecast(Network(2, [Dense(9, Identity()), Dense(1, Identity())]), x, np.ones((50, 1)), draws=FEW).layers[0]
    assert layer.rms.expected == pytest.approx(math.sqrt(2 / 11 * np.mean((x**2).sum(axis=1))), rel=1e-12)


def test_lsuv_is_forecast_on_the_data_that_it_is_fitted_to():
    network = Network(4, [Dense(6, Identity(), LSUV()), Dense(1, Identity())])
    x = signs(20, 4)
    found = forecast(network, 3.0 * x, np.ones((20, 1)), fitted_to=x, draws=FEW).layers[0]
    assert found.std.low == pytest.approx(3.0, rel=1e-9)
    assert found.std.high == pytest.approx(3.0, rel=1e-9)


def test_what_the_theory_leaves_out_is_told_by_the_draws_and_a_note():
    network = Network(3, [Dense(8, LeakyReLU()), Dense(4, Softmax())], CrossEntropy())
    hidden, last = forecast(network, signs(9, 3), np.eye(4)[np.arange(9) % 4], draws=FEW).layers
    assert (last.rms.expected, last.std.expected, last.saturated.expected) == (None, None, None)
    assert 0.25 <= last.rms.low <= last.rms.median <= last.rms.high <= 1.0
    assert last.note == "the theory has no outputs of softmax, which depend on all units"
    assert (last.delta_ratio, last.chi1, last.depth_scale, last.fixed_point()) == (None, None, None, None)
    assert (last.delta.expected, last.delta.low, last.delta.high) == (1.0, 1.0, 1.0)
    assert (hidden.note, hidden.born_dead) == ("", None)
    assert hidden.delta.expected == hidden.delta_ratio.expected


@pytest.mark.parametrize(
    "layer",
    [
        Dense(3, ReLU(), Uniform(-0.1, 0.5)),
        Dense(3, ReLU(), Orthogonal()),
        Dense(3, ReLU(), biases=Constant(0.1)),
        Dense(3, ReLU(), normalization=LayerNorm()),
        Dense(3, ReLU(), Constant(0.0)),
    ],
    ids=["mean", "orthogonal", "bias", "norm", "zero"],
)
def test_lus_bound_is_given_only_where_it_holds(layer):
    found = forecast(Network(3, [layer, Dense(1, Identity())]), signs(9, 3), np.ones((9, 1)), draws=FEW)
    assert found.born_dead.bound is None
    assert 0.0 <= found.born_dead.low <= found.born_dead.share <= found.born_dead.high <= 1.0


def test_zero_weights_are_forecast_to_let_nothing_through():
    found = forecast(stack(2, 4, ReLU(), Constant(0.0)), signs(5, 4), np.ones((5, 1)), draws=FEW)
    first = found.layers[0]
    for band in (first.rms, first.std, first.delta, first.delta_ratio, first.chi1, first.depth_scale):
        assert (band.expected, band.low, band.high) == (0.0, 0.0, 0.0)
    assert first.saturated.low == 1.0
    assert found.born_dead.share == 1.0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_signals_beyond_all_numbers_are_forecast_as_infinite_by_the_draws_and_a_note(dtype):
    layers = [*(Dense(20, Identity(), Normal(0, 1e6)) for _ in range(60)), Dense(1, Identity())]
    found = forecast(Network(20, layers, dtype=dtype), signs(5, 20), np.ones((5, 1)), draws=FEW)
    last = found.layers[-1]
    assert (last.rms.expected, last.rms.high, last.std.high) == (None, math.inf, math.inf)
    assert "signals grow beyond all numbers here" in [layer.note for layer in found.layers]
    assert found.layers[0].rms.high < 1e8
    for layer in found.layers:
        for band in (layer.rms, layer.std, layer.saturated, layer.delta):
            assert not any(math.isnan(number) for number in (band.expected or 0.0, band.low, band.median, band.high))


def test_large_networks_are_drawn_less_often():
    small = Network(8, [Dense(4, Tanh()), Dense(1, Tanh())])
    assert forecast(small, signs(4, 8), np.ones((4, 1))).draws == 128
    ten_of_64, mnist = (128 * weights for weights in (10 * 64**2, 784 * 512 + 512**2 + 512 * 10))
    assert (_affordable(ten_of_64), _affordable(mnist)) == (128, 46)


def test_a_network_without_weights_is_forecast_as_it_is():
    x = signs(6, 16)
    found = forecast(Network((1, 4, 4), [MeanPool()]), x, np.ones((6, 4)))
    pooled = x.reshape(6, 2, 2, 2, 2).mean(axis=(2, 4))
    assert found.draws == 128
    assert found.layers[0].std.low == found.layers[0].std.high == pytest.approx(pooled.std(), rel=1e-12)


@pytest.mark.parametrize(
    ("x", "y", "draws", "said"),
    [
        (np.ones((3, 2)), np.ones((3, 1)), 45, "draws: a band needs at least 46 networks, not 45"),
        (np.ones((3, 4)), np.ones((3, 1)), 46, r"inputs have shape \(3, 4\); expected \(samples, 2\)"),
        (np.ones((3, 2)), np.ones((2, 1)), 46, "there are 3 inputs but 2 targets"),
        (np.ones((0, 2)), np.ones((0, 1)), 46, "there are no samples"),
    ],
)
def test_what_cannot_be_forecast_is_refused_in_a_sentence(x, y, draws, said):
    with pytest.raises(InputError, match=said):
        forecast(Network(2, [Dense(3, Tanh()), Dense(1, Tanh())]), x, y, draws=draws)


def test_before_a_network_is_drawn_theory_speaks_alone():
    network = Network(5, [Dense(7, Tanh()), Dense(1, Tanh())])
    x, y = signs(6, 5), np.ones((6, 1))
    forecaster = Forecaster(network, x, y)
    early, full = forecaster.forecast(), forecast(network, x, y)
    assert (early.draws, early.born_dead, early.layers[0].born_dead) == (0, None, None)
    for name in ("rms", "std", "saturated", "delta", "delta_ratio", "chi1", "depth_scale"):
        ours, theirs = (getattr(found.layers[0], name) for found in (early, full))
        assert ours.expected == theirs.expected
        assert all(math.isnan(number) for number in (ours.low, ours.median, ours.high, ours.mean))


def test_a_forecast_drawn_one_network_at_a_time_is_the_same_to_the_bit():
    network = Network(5, [Dense(7, ReLU()), Dense(3, ReLU()), Dense(1, Tanh())])
    x, y = signs(6, 5), np.ones((6, 1))
    forecaster, seen = Forecaster(network, x, y), []
    while forecaster.drawn < forecaster.draws:
        forecaster.draw()
        seen.append(forecaster.forecast().draws)
    assert seen == [0] * (FEW - 1) + list(range(FEW, 129))
    ours, theirs = forecaster.forecast(), forecast(network, x, y)
    assert ours.born_dead == theirs.born_dead
    assert [(one.rms, one.delta, one.chi1) for one in ours.layers] == [
        (one.rms, one.delta, one.chi1) for one in theirs.layers
    ]


def test_a_drawn_network_measures_what_a_probe_measures_in_it():
    layers = [Dense(4, Tanh(), LSUV(), normalization=LayerNorm()), Dense(4, PReLU(), skip=1), Dense(3, Sigmoid())]
    network, x, y = Network(5, layers, BinaryCrossEntropy()), signs(30, 5), np.ones((30, 3))
    draws = Draws(network, x, y, x)
    draws.draw()
    twin = Network(5, layers, BinaryCrossEntropy(), seed=FIRST_SEED)
    twin.fit_initialization(x)
    reading, found = Probe(twin, x, y).read(), draws.measured()
    np.testing.assert_array_equal(found.delta[0], reading.delta_rms / reading.delta_rms[-1])
    np.testing.assert_array_equal(found.rms[0][:-1], reading.input_rms[1:])
    starts = [0, 4, 8]
    saturated = np.add.reduceat(reading.saturated, starts) / (30 * np.array([4, 4, 3]))
    np.testing.assert_allclose(found.saturated[0], saturated)


def test_the_mean_lies_beside_the_median():
    found = forecast(stack(4, 6, Tanh(), Normal()), signs(5, 6), np.ones((5, 1)))
    for layer in found.layers:
        assert layer.std.low <= layer.std.mean <= layer.std.high
