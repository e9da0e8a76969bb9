"""Activations: values, slopes and the facts that other parts rely on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import (
    CELU,
    ELU,
    GELU,
    SELU,
    Activation,
    Gaussian,
    GELUTanh,
    HardSigmoid,
    HardTanh,
    Identity,
    LeakyReLU,
    Mish,
    PReLU,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Sine,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
)
from bplab.engine.activations import saturation_mask

EVERY = [pytest.param(kind(), id=name) for name, kind in Activation.members().items()]
ELEMENTWISE = [p for p in EVERY if p.values[0].elementwise]
WITH_PARAMETERS = [
    pytest.param(ELU(2.5), id="elu, alpha 2.5"),
    pytest.param(CELU(2.5), id="celu, alpha 2.5"),
    pytest.param(LeakyReLU(0.4), id="leaky relu, slope .4"),
    pytest.param(Sine(3.0), id="sine, frequency 3"),
]


def logistic(z):
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


def softplus(z):
    return math.log1p(math.exp(-abs(z))) + max(0.0, z)


def density(z):
    return math.exp(-z * z / 2.0) / math.sqrt(2.0 * math.pi)


def normal(z):
    """Φ(z); beyond ±3 by Laplace's continued fraction, which keeps the digits that erfc(z/√2) loses."""
    if abs(z) < 3.0:
        return 0.5 * math.erfc(-z / math.sqrt(2.0))
    fraction = 0.0
    for k in range(200, 0, -1):
        fraction = k / (abs(z) + fraction)
    tail = density(z) / (abs(z) + fraction)
    return tail if z < 0 else 1.0 - tail


def bent(z):
    """The argument of the sigmoid in GELU's tanh form."""
    return math.sqrt(8.0 / math.pi) * (z + 0.044715 * z**3)


def bent_slope(z):
    return math.sqrt(8.0 / math.pi) * (1.0 + 3.0 * 0.044715 * z**2)


SELU_ALPHA, SELU_SCALE = 1.6732632423543772, 1.0507009873554805  # Klambauer et al. 2017

CLOSED_FORMS = {
    "identity": (Identity(), lambda z: z, lambda z: 1.0),
    "relu": (ReLU(), lambda z: max(0.0, z), lambda z: float(z > 0)),
    "leaky relu": (LeakyReLU(), lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "leaky relu, slope .3": (LeakyReLU(0.3), lambda z: z if z > 0 else 0.3 * z, lambda z: 1.0 if z > 0 else 0.3),
    "prelu before training": (PReLU(), lambda z: z if z > 0 else 0.25 * z, lambda z: 1.0 if z > 0 else 0.25),
    "leaky relu, slope 0": (LeakyReLU(0.0), lambda z: max(0.0, z), lambda z: float(z > 0)),
    "sigmoid": (Sigmoid(), logistic, lambda z: logistic(z) * logistic(-z)),
    "tanh": (Tanh(), math.tanh, lambda z: 1.0 / math.cosh(z) ** 2),
    "softplus": (Softplus(), softplus, logistic),
    "hard sigmoid": (
        HardSigmoid(),
        lambda z: min(1.0, max(0.0, z / 6 + 0.5)),
        lambda z: float(abs(z) < 3) / 6,
    ),
    "hard tanh": (HardTanh(), lambda z: min(1.0, max(-1.0, z)), lambda z: float(abs(z) < 1)),
    "softsign": (Softsign(), lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "sine": (Sine(), math.sin, math.cos),
    "sine, frequency 3": (Sine(3.0), lambda z: math.sin(3 * z), lambda z: 3 * math.cos(3 * z)),
    "gaussian": (Gaussian(), lambda z: math.exp(-z * z), lambda z: -2 * z * math.exp(-z * z)),
    "relu6": (ReLU6(), lambda z: min(6.0, max(0.0, z)), lambda z: float(0 < z < 6)),
    "selu": (
        SELU(),
        lambda z: SELU_SCALE * (z if z > 0 else SELU_ALPHA * math.expm1(z)),
        lambda z: SELU_SCALE * (1.0 if z > 0 else SELU_ALPHA * math.exp(z)),
    ),
    "celu": (CELU(), lambda z: z if z > 0 else math.expm1(z), lambda z: 1.0 if z > 0 else math.exp(z)),
    "celu, alpha 2.5": (
        CELU(2.5),
        lambda z: z if z > 0 else 2.5 * math.expm1(z / 2.5),
        lambda z: 1.0 if z > 0 else math.exp(z / 2.5),
    ),
    "silu": (SiLU(), lambda z: z * logistic(z), lambda z: logistic(z) * (1 + z * logistic(-z))),
    "gelu": (GELU(), lambda z: z * normal(z), lambda z: normal(z) + z * density(z)),
    "gelu, tanh form": (
        GELUTanh(),
        lambda z: z * logistic(bent(z)),
        lambda z: logistic(bent(z)) * (1 + z * logistic(-bent(z)) * bent_slope(z)),
    ),
    "mish": (
        Mish(),
        lambda z: z * math.tanh(softplus(z)),
        lambda z: math.tanh(softplus(z)) + z * logistic(z) / math.cosh(softplus(z)) ** 2,
    ),
    "elu": (ELU(), lambda z: z if z > 0 else math.expm1(z), lambda z: 1.0 if z > 0 else math.exp(z)),
    "elu, alpha 2.5": (
        ELU(2.5),
        lambda z: z if z > 0 else 2.5 * math.expm1(z),
        lambda z: 1.0 if z > 0 else 2.5 * math.exp(z),
    ),
}
GRID = [-300.0, -30.0, -5.0, -1.0, -0.1, -1e-9, 1e-9, 0.1, 0.5, 1.0, 3.0, 7.5, 30.0, 300.0]


@pytest.mark.parametrize("name", CLOSED_FORMS)
def test_value_and_slope_are_those_of_the_closed_form(name):
    activation, value, slope = CLOSED_FORMS[name]
    np.testing.assert_allclose(activation.f(GRID), [value(z) for z in GRID], rtol=1e-14, atol=0)
    # 1 − a loses digits as a reaches 1; what is left is far below any slope that counts.
    np.testing.assert_allclose(activation.df(GRID), [slope(z) for z in GRID], rtol=1e-13, atol=2e-16)


def test_every_elementwise_activation_has_a_closed_form_here():
    assert {type(form[0]) for form in CLOSED_FORMS.values()} == {p.values[0].__class__ for p in ELEMENTWISE}


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_the_slope_is_what_differences_of_the_value_say(activation):
    z = np.linspace(-6.0, 6.0, 401) + 0.0037  # clear of the kinks by more than the longest step
    step = 1e-3
    coarse = (activation.f(z + step) - activation.f(z - step)) / (2 * step)
    fine = (activation.f(z + step / 2) - activation.f(z - step / 2)) / step
    np.testing.assert_allclose(activation.df(z), (4 * fine - coarse) / 3, rtol=0, atol=1e-11)


def largest(function):
    """The largest value of a function on the line, its peak looked at through ever finer grids."""
    far = np.r_[-1e300, -1e9, np.linspace(-50.0, 50.0, 20_001), 1e9, 1e300, -1e-12, 1e-12]
    z, best, reach = far, -np.inf, 0.005
    while reach > 1e-10:
        values = function(z)
        best = max(best, values.max())
        z = z[values.argmax()] + np.linspace(-reach, reach, 101)
        reach /= 25.0
    return best


@pytest.mark.parametrize("activation", [*ELEMENTWISE, *WITH_PARAMETERS])
def test_steepest_is_the_largest_slope_there_is(activation):
    assert largest(lambda z: np.abs(activation.df(z))) == pytest.approx(activation.steepest, rel=1e-14)


@pytest.mark.parametrize("activation", [*ELEMENTWISE, *WITH_PARAMETERS])
def test_low_and_high_bound_the_values_and_are_approached(activation):
    highest, lowest = largest(activation.f), -largest(lambda z: -activation.f(z))
    assert highest == pytest.approx(activation.high, rel=1e-14) if np.isfinite(activation.high) else highest > 1e200
    assert lowest == pytest.approx(activation.low, rel=1e-14) if np.isfinite(activation.low) else lowest < -1e200


@pytest.mark.parametrize("activation", [GELU(), GELUTanh(), SiLU(), Mish()], ids=lambda choice: choice.title())
def test_a_gate_that_is_nearly_shut_keeps_its_digits(activation):
    _, value, slope = next(form for form in CLOSED_FORMS.values() if form[0] == activation)
    z = [-4.5, -6.0, -9.0, -12.0]
    np.testing.assert_allclose(activation.f(z), [value(point) for point in z], rtol=1e-13, atol=1e-300)
    np.testing.assert_allclose(activation.df(z), [slope(point) for point in z], rtol=2e-13, atol=1e-300)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    ("activation", "middle"),
    [(GELU(), 0.5), (GELUTanh(), 0.5), (SiLU(), 0.5), (Mish(), 0.6)],
    ids=lambda value: value.title() if isinstance(value, Activation) else "",
)
def test_the_slope_at_0_and_beside_it_is_the_gate_itself(activation, middle, dtype):
    beside = np.array([0.0, -0.0, 5e-324, -1e-310, 1e-40, -1e-30, 1e-21, -1e-12], dtype)
    np.testing.assert_allclose(activation.df(beside), middle, rtol=1e-6 if dtype is np.float32 else 1e-11)


@pytest.mark.parametrize(
    ("activation", "mean_square"),
    [
        (Identity(), 1.0),
        (ReLU(), 0.5),
        (LeakyReLU(0.4), 0.5 * (1 + 0.4**2)),
        (SELU(), 1.0),
        (Sine(), 0.5 * (1 - math.exp(-2))),
        (Sine(30.0), 0.5 * (1 - math.exp(-1800))),
        (Gaussian(), 1 / math.sqrt(5)),
        (HardTanh(), 1 - 2 * density(1)),
        (Tanh(), 0.39429449),
        (Sigmoid(), 0.29337904),
    ],
    ids=lambda value: value.title() if isinstance(value, Activation) else "",
)
def test_the_gain_makes_up_for_what_the_activation_takes_from_a_standard_normal(activation, mean_square):
    assert activation.gain == pytest.approx(1 / math.sqrt(mean_square), rel=1e-7)


@pytest.mark.parametrize("activation", EVERY)
def test_weights_scaled_by_the_gain_keep_unit_signals_at_unit_size(activation):
    if not activation.elementwise:
        assert activation.gain == 1.0
        return
    signal = activation.f(np.random.default_rng(0).normal(size=400_000))
    assert activation.gain * np.sqrt(np.mean(signal**2)) == pytest.approx(1.0, rel=0.01)


def jumps(activation):
    z = np.arange(-8.0, 8.0, 0.25)
    return tuple(z[np.abs(activation.df(z + 1e-12) - activation.df(z - 1e-12)) > 1e-6])


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_no_slope_jumps_where_no_kink_is_told(activation):
    assert set(jumps(activation)) <= set(activation.kinks)


@pytest.mark.parametrize(
    "activation",
    [ReLU(), ReLU6(), LeakyReLU(), ELU(2.5), SELU(), HardTanh(), HardSigmoid()],
    ids=lambda choice: choice.title(),
)
def test_the_slope_jumps_at_every_kink_that_is_told(activation):
    assert jumps(activation) == activation.kinks


@pytest.mark.parametrize("activation", EVERY)
def test_float32_gives_float32_near_the_float64_value(activation):
    z = np.linspace(-5, 5, 11)
    single = activation.f(z.astype(np.float32))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, activation.f(z), rtol=2e-6, atol=1e-7)
    np.testing.assert_allclose(activation.df(z.astype(np.float32)), activation.df(z), rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("activation", EVERY)
@pytest.mark.parametrize("z", [[[-1e300, 1e300], [-800.0, 800.0]], [[0.0, -0.0]]], ids=["huge", "zero"])
def test_extreme_inputs_give_finite_slopes_without_a_warning(activation, z):
    with np.errstate(all="warn"):
        assert np.isfinite(activation.df(z)).all()
        assert not np.isnan(activation.f(z)).any()


@pytest.mark.parametrize("activation", EVERY)
@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (1, 1)])
def test_f_and_df_keep_the_shape_of_z(activation, shape):
    z = np.full(shape, 0.3)
    assert activation.f(z).shape == activation.df(z).shape == shape


def test_softmax_shares_one_among_the_units_of_each_sample():
    z = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, math.log(2.0)]])
    shares = Softmax().f(z)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-15)
    np.testing.assert_allclose(shares[1], [0.25, 0.25, 0.5], rtol=1e-15)
    np.testing.assert_allclose(Softmax().f([1.0, 2.0, 3.0]), shares[0], rtol=1e-15)


@given(st.lists(st.floats(-700, 700), min_size=2, max_size=6), st.floats(-300, 300))
def test_softmax_does_not_care_what_is_added_to_all(z, shift):
    np.testing.assert_allclose(Softmax().f(np.array(z) + shift), Softmax().f(z), rtol=1e-9, atol=1e-12)


def test_softmax_carries_an_error_back_through_its_whole_jacobian():
    z, error = np.array([[0.2], [-1.0], [1.5]]), np.array([[0.7], [-0.4], [0.1]])
    a = Softmax().f(z[:, 0])[:, None]
    slope, delta = np.empty_like(z), np.empty_like(z)
    for function, arguments in Softmax().backward(z, a, error, slope, delta):
        function(*arguments)
    jacobian = np.diagflat(a) - a @ a.T
    np.testing.assert_allclose(delta, jacobian @ error, rtol=1e-14)
    np.testing.assert_allclose(Softmax().df(z[:, 0]), np.diag(jacobian), rtol=1e-14)


def test_softmax_is_steepest_where_a_share_is_one_half():
    assert Softmax().df([0.0, 0.0])[0] == Softmax.steepest


def test_a_neuron_is_saturated_below_a_twentieth_of_the_steepest_slope():
    edge = math.atanh(math.sqrt(0.95))  # tanh' = 1 − tanh² = 0.05
    assert saturation_mask(Tanh(), Tanh().df([edge - 1e-6, edge + 1e-6, -edge - 1e-6])).tolist() == [False, True, True]
    assert saturation_mask(ReLU(), ReLU().df([-1.0, 0.0, 1.0])).tolist() == [True, True, False]
    assert saturation_mask(ELU(2.0), np.array([0.09, 0.11])).tolist() == [True, False]


@pytest.mark.parametrize(
    ("name", "said", "edge"),
    [
        ("sigmoid", "next to nothing at |z| > 4.4", 4.4),
        ("hard_sigmoid", "|z| > 3", 3.0),
        ("tanh", "|z| > 2.2", 2.2),
        ("hard_tanh", "|z| > 1", 1.0),
        ("softsign", "beyond |z| = 3.5", 3.5),
        ("gaussian", "|z| > 2.2", 2.2),
        ("elu", "from z = −3 down", -3.0),
        ("selu", "z is below −3", -3.0),
        ("celu", "below z = −3·alpha", -3.0),
        ("softplus", "below z = −2.9", -2.95),
        ("silu", "below −3.9", -3.95),
        ("gelu", "below −2.3", -2.3),
        ("gelu_tanh", "below −2.3", -2.3),
        ("mish", "below −4", -4.0),
    ],
)
def test_where_a_hint_says_that_f_stalls_it_is_saturated_and_not_long_before(name, said, edge):
    activation = Activation.members()[name]()
    assert said in activation.hint()
    slopes = np.array([activation.df(factor * edge) for factor in (0.95, 1.01, 1.5, 3.0)])
    assert saturation_mask(activation, slopes).tolist() == [False, True, True, True]


@pytest.mark.parametrize(("name", "flat"), [("silu", -1.3), ("gelu", -0.75), ("gelu_tanh", -0.75), ("mish", -1.2)])
def test_where_a_hint_says_that_f_is_level_its_slope_changes_sign(name, flat):
    activation = Activation.members()[name]()
    assert f"near z = −{-flat}, where f' is 0" in activation.hint()
    assert activation.df(flat - 0.03) < 0.0 < activation.df(flat + 0.03)
