"""Activations: values, slopes and the facts that other parts rely on."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.engine import ELU, Activation, Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Softplus, Tanh
from bplab.engine.activations import saturation_mask

EVERY = [pytest.param(kind(), id=name) for name, kind in Activation.members().items()]
ELEMENTWISE = [pytest.param(kind(), id=name) for name, kind in Activation.members().items() if kind is not Softmax]


def logistic(z):
    return 1.0 / (1.0 + math.exp(-z)) if z >= 0 else math.exp(z) / (1.0 + math.exp(z))


CLOSED_FORMS = {
    "identity": (Identity(), lambda z: z, lambda z: 1.0),
    "relu": (ReLU(), lambda z: max(0.0, z), lambda z: float(z > 0)),
    "leaky relu": (LeakyReLU(), lambda z: z if z > 0 else 0.01 * z, lambda z: 1.0 if z > 0 else 0.01),
    "leaky relu, slope .3": (LeakyReLU(0.3), lambda z: z if z > 0 else 0.3 * z, lambda z: 1.0 if z > 0 else 0.3),
    "leaky relu, slope 0": (LeakyReLU(0.0), lambda z: max(0.0, z), lambda z: float(z > 0)),
    "sigmoid": (Sigmoid(), logistic, lambda z: logistic(z) * logistic(-z)),
    "tanh": (Tanh(), math.tanh, lambda z: 1.0 / math.cosh(z) ** 2),
    "softplus": (Softplus(), lambda z: math.log1p(math.exp(-abs(z))) + max(0.0, z), logistic),
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


@pytest.mark.parametrize(
    "activation", [*ELEMENTWISE, pytest.param(ELU(2.5), id="elu 2.5"), pytest.param(LeakyReLU(0.4), id="leaky .4")]
)
def test_steepest_is_the_largest_slope_there_is(activation):
    z = np.r_[np.linspace(-40.0, 40.0, 160_001), -1e-12, 1e-12]
    assert np.abs(activation.df(z)).max() == pytest.approx(activation.steepest, rel=1e-9)


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_low_and_high_bound_the_values_and_are_approached(activation):
    values = activation.f(np.r_[np.linspace(-50.0, 50.0, 1001), -1e6, 1e6])
    assert values.min() >= activation.low
    assert values.max() <= activation.high
    assert activation.low == -np.inf or values.min() == pytest.approx(activation.low, abs=1e-9)
    assert activation.high == np.inf or values.max() == pytest.approx(activation.high, abs=1e-9)


def jumps(activation):
    z = np.arange(-4.0, 4.0, 0.25)
    return z[np.abs(activation.df(z + 1e-12) - activation.df(z - 1e-12)) > 1e-6].tolist()


@pytest.mark.parametrize("activation", ELEMENTWISE)
def test_no_slope_jumps_where_no_kink_is_told(activation):
    assert set(jumps(activation)) <= set(activation.kinks)


@pytest.mark.parametrize("activation", [ReLU(), LeakyReLU(), ELU(2.5)], ids=["relu", "leaky relu", "elu 2.5"])
def test_the_rectifiers_have_their_kink_at_0(activation):
    assert jumps(activation) == [0.0]


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
