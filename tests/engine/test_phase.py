"""Phase charts: the line between order and chaos against published points and against fixed points."""

import math

import numpy as np
import pytest

from bplab.engine import Activation, HardTanh, Identity, InputError, ReLU, Sigmoid, Softmax, Tanh, fixed_point
from bplab.engine.phase import phase_chart

ELEMENTWISE = {name: kind() for name, kind in Activation.members().items() if kind.elementwise}


def line_at(chart, bias_spread):
    return float(np.interp(bias_spread, chart.boundary[:, 1], chart.boundary[:, 0]))


@pytest.mark.parametrize(("bias_variance", "weight_variance"), [(0.0, 1.0), (0.05, 1.761), (0.3, 2.505)])
def test_the_line_of_tanh_lies_where_schoenholz_has_it(bias_variance, weight_variance):
    found = line_at(phase_chart(Tanh()), math.sqrt(bias_variance)) ** 2
    assert found == pytest.approx(weight_variance, abs=2e-3)


def test_relu_stands_between_at_weight_variance_2_whatever_the_biases():
    chart = phase_chart(ReLU())
    np.testing.assert_allclose(chart.boundary[:, 0], math.sqrt(2.0), rtol=1e-5)
    assert chart.phase_at(math.sqrt(2.0), 0.4) == "between"
    assert [chart.phase_at(spread) for spread in (1.3, 1.5)] == ["order", "chaos"]


@pytest.mark.parametrize("activation", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_chi1_is_that_of_the_fixed_point_wherever_there_is_one(activation):
    chart, compared = phase_chart(activation), 0
    for weight_spread in (0.5, 1.1, 1.8, 2.6):
        for bias_spread in (0.1, 0.7):
            settled = fixed_point(activation, weight_spread**2, bias_spread**2)
            if settled is not None:
                compared += 1
                assert chart.chi1_at(weight_spread, bias_spread) == pytest.approx(settled.chi1, rel=2e-3)
    assert compared >= 2


@pytest.mark.parametrize("activation", ELEMENTWISE.values(), ids=ELEMENTWISE)
def test_order_lies_on_the_left_of_the_line_and_chaos_on_its_right(activation):
    chart = phase_chart(activation)
    assert len(chart.boundary) == len(chart.bias_spreads)
    for weight_spread, bias_spread in chart.boundary[::15]:
        left, right = (chart.chi1_at(share * weight_spread, bias_spread) for share in (0.97, 1.03))
        assert left < 1.0 < right + 1e-9
        assert chart.phase_at(0.9 * weight_spread, bias_spread) == "order"
        assert chart.phase_at(1.3 * weight_spread, bias_spread) == "chaos"


def test_the_grid_holds_what_is_asked_for_point_by_point():
    chart = phase_chart(HardTanh())
    assert chart.chi1.shape == (len(chart.bias_spreads), len(chart.weight_spreads))
    assert np.isfinite(chart.chi1).all()
    for row, column in ((0, 30), (20, 50), (60, 80)):
        alone = chart.chi1_at(chart.weight_spreads[column], chart.bias_spreads[row])
        assert chart.chi1[row, column] == pytest.approx(alone, rel=1e-12)


def test_the_chart_reaches_as_far_as_a_network_needs_it():
    chart = phase_chart(Identity(), weights_to=7.0, biases_to=4.0)
    assert (chart.weight_spreads[-1], chart.bias_spreads[-1]) == (7.0, 4.0)
    assert phase_chart(Sigmoid()).weight_spreads[-1] > 10.0  # its line begins far out


def test_charts_are_kept_and_cannot_be_written_to():
    chart = phase_chart(Tanh())
    assert phase_chart(Tanh()) is chart
    with pytest.raises(ValueError, match="read-only"):
        chart.chi1[0, 0] = 5.0


def test_softmax_has_no_chart():
    with pytest.raises(InputError, match="there is no phase chart of softmax: its outputs depend on all units"):
        phase_chart(Softmax())
