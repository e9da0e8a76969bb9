"""Equations: the symbols of the chain rule and the same line with numbers, which a reader can multiply."""

import math
import re

import numpy as np
import pytest

from bplab.engine import BatchNorm, BinaryCrossEntropy, Dense, HalfSquaredError, Identity, Network, ReLU, Sigmoid, Tanh
from bplab.lab.explaining import (
    Target,
    equations,
    explain,
    explain_bias,
    explain_layer,
    explain_neuron,
    explain_weight,
    unrolled,
)
from bplab.lab.explaining.equations import latex_number, plain_number
from tests.lab.explaining.stalled_nets import Net, skip_past_a_dead_layer

LAYERS = [Dense(4, Tanh()), Dense(3, Sigmoid()), Dense(2, Identity())]


def network_and_pass(layers=LAYERS, loss=None, seed=1):
    network = Network(3, layers, loss or HalfSquaredError(), seed=seed)
    random = np.random.default_rng(2)
    return network, network.backprop(random.normal(size=(5, 3)), random.random((5, network.outputs)))


def value_of(text):
    """Both sides of the last ``=``, worked out from the text."""
    *_, left, right = text.split(" = ")
    readable = left.replace("−", "-").replace("·", "*").replace(",", "")
    assert re.fullmatch(r"[\d.e*+() -]+", readable)
    return eval(readable), float(right.replace("−", "-").replace(",", ""))  # noqa: S307  # digits and signs only


def test_a_weight_over_the_batch_is_written_with_all_its_factors():
    network, passed = network_and_pass()
    gradient, delta = equations(explain_weight(network, passed, 0, 2, 1))
    assert gradient.symbols == "∂C/∂w = Σ a_in · δ = n · |a_in| · |δ| · agreement"
    assert delta.symbols == "δ h1 = f'(z) · Σ w · δ h2, |δ h1| = |f'| · |w| · |δ h2|"
    assert gradient.latex_symbols.startswith(
        r"\frac{\partial C}{\partial w_{3 \, 2}^{(1)}} = \sum a_{3}^{(0)} \cdot \delta_{2}^{(1)} = n \cdot "
    )
    assert delta.latex_symbols.startswith(
        r"\delta_{2}^{(1)} = f'(z_{2}^{(1)}) \cdot \sum_k w_{2 k}^{(2)} \, \delta_k^{(2)}"
    )
    assert gradient.numbers.startswith("∂C/∂w = 5 · ")


def test_for_one_sample_the_sum_over_the_next_layer_is_written_out_where_it_is_short():
    network, passed = network_and_pass()
    gradient, delta = equations(explain_weight(network, passed, 0, 2, 1, sample=3))
    assert (gradient.symbols, delta.symbols) == ("∂C/∂w = a_in · δ", "δ h1 = f'(z) · Σ w · δ h2")
    assert delta.numbers.count(" · ") == 4
    assert delta.numbers.count(" + ") == 2
    wide, passed = network_and_pass([Dense(2, Tanh()), Dense(9, Tanh()), Dense(1, Tanh())])
    _, delta = equations(explain_weight(wide, passed, 0, 2, 1, sample=3))
    assert delta.numbers.count(" · ") == 1


@pytest.mark.parametrize("sample", [None, 3])
@pytest.mark.parametrize(
    "target", [Target("weight", 0, 1, 2), Target("bias", 1, 2), Target("neuron", 0, 3), Target("layer", 1)]
)
def test_the_numbers_as_written_multiply_to_the_result_as_written(target, sample):
    network, passed = network_and_pass()
    told = explain(network, passed, target, sample)
    for equation in (*equations(told), *unrolled(told)):
        if equation.numbers.count(" = ") < 2:
            continue  # only the result
        product, result = value_of(equation.numbers)
        assert product == pytest.approx(result, rel=0.03)


def test_a_delta_unrolls_layer_by_layer_down_to_the_loss():
    network, passed = network_and_pass()
    lines = unrolled(explain_layer(network, passed, 0))
    assert [line.numbers.partition(" = ")[0] for line in lines] == ["|δ h1|", "|δ h2|", "|δ out|"]
    assert lines[1].symbols == "δ h2 = f'(z) · Σ w · δ out, |δ h2| = |f'| · |w| · |δ out|"
    assert lines[-1].symbols == "δ out = ∂C/∂a, |δ out| = |∂C/∂a|"  # the f' of an identity is 1
    results = [line.numbers.rpartition(" = ")[2] for line in lines]
    assert lines[0].numbers.split(" · ")[-1].partition(" = ")[0] == results[1]


def test_what_plays_no_part_is_left_out():
    network, passed = network_and_pass([Dense(3, Tanh()), Dense(1, Sigmoid())], BinaryCrossEntropy())
    gradient, delta = equations(explain_bias(network, passed, 1, 0, sample=2))
    assert (gradient.symbols, delta.symbols) == ("∂C/∂b = δ", "δ out = ∂C/∂a")
    assert gradient.numbers.count("=") == delta.numbers.count("=") == 1


def test_normalizations_and_skips_stand_in_the_equation():
    network, passed = network_and_pass(
        [Dense(4, ReLU(), normalization=BatchNorm()), Dense(4, Tanh(), skip=1), *LAYERS[2:]]
    )
    _, delta = equations(explain_neuron(network, passed, 0, 1))
    assert delta.symbols.startswith("δ h1 = f'(z) · norm · ")
    past = skip_past_a_dead_layer()
    assert equations(past.told(Target("layer", 0)))[1].symbols.endswith("|δ h1| = |f'| · |w| · |∂C/∂a h3|")
    beside, passed = network_and_pass([Dense(4, Tanh()), Dense(4, Tanh()), Dense(4, Tanh(), skip=1), *LAYERS[2:]])
    beside.weights[1][...] *= 9.0
    passed = beside.backprop(passed.inputs[0], passed.outputs[-1] + 1.0)
    assert equations(explain_layer(beside, passed, 0))[1].symbols.startswith("δ h1 = f'(z) · (Σ w · δ h2 + skips), ")


@pytest.mark.filterwarnings("ignore:path is deprecated:DeprecationWarning")  # ziamath's own
def test_every_latex_line_can_be_set():
    ziamath = pytest.importorskip("ziamath")
    lines = []
    dead, normalized = Net(ReLU()).bias(1, -99.0), Net(more={"normalization": BatchNorm()})
    for told in (
        dead.told(Target("weight", 0, 1, 2)),
        dead.told(Target("bias", 0, 1), 3),
        normalized.told(Target("weight", 0, 1, 2), 3),
        normalized.told(Target("neuron", 2, 0)),
        skip_past_a_dead_layer().told(Target("layer", 0)),
    ):
        lines += [*equations(told), unrolled(told)[-1]]
    for text in {text for line in lines for text in (line.latex_symbols, line.latex_numbers)}:
        drawn = ziamath.Latex(text).svg()
        assert "<svg" in drawn


@pytest.mark.parametrize(
    ("value", "plain", "latex"),
    [
        (0.0, "0", "0"),
        (1.0, "1.00", "1.00"),
        (-0.07124, "−0.0712", "{-}0.0712"),
        (9.999, "10.0", "10.0"),
        (31_415.9, "31400", "31400"),
        (2.5e7, "2.50e7", r"2.50 \cdot 10^{7}"),
        (-3.2e-12, "−3.20e-12", r"{-}3.20 \cdot 10^{-12}"),
        (math.inf, "∞", r"\infty"),
        (-math.inf, "−∞", r"{-}\infty"),
        (math.nan, "not a number", r"\mathrm{NaN}"),
    ],
)
def test_numbers_have_three_digits(value, plain, latex):
    assert (plain_number(value), latex_number(value)) == (plain, latex)
