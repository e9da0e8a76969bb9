"""What is blamed for a gradient: in nets held up by one thing, by several, by nothing, and in nets that are done."""

import math
import re

import numpy as np
import pytest

from bplab.engine import (
    BatchNorm,
    BinaryCrossEntropy,
    CrossEntropy,
    HardTanh,
    Identity,
    LayerNorm,
    MeanAbsoluteError,
    MeanSquaredError,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
    gradient_budget,
)
from bplab.lab.explaining import Target, target_spread
from tests.lab.explaining.stalled_nets import (
    WEIGHT,
    Net,
    bias,
    cancelling,
    dead_neuron,
    filters_off,
    first_input_times,
    frozen,
    layer,
    neuron,
    no_input_at_all,
    noise_that_is_fitted,
    off_where_its_input_is,
    skip_past_a_dead_layer,
    targets_times,
)

NORMED = {"normalization": BatchNorm()}
SATURATED = "is saturated: f'(z) is"
CASES = {
    # -- nothing wrong
    "tanh": (lambda: Net(), layer(0), "none", "This layer learns: its gradient is"),
    "tanh, a weight": (lambda: Net(seed=1), WEIGHT, "none", "This weight learns: its gradient is"),
    "tanh, a bias": (lambda: Net(), bias(1), "none", "This bias learns: its gradient is"),
    "deep relu": (lambda: Net(ReLU(), depth=3), layer(0), "none", "learns"),
    "softmax": (lambda: Net(loss=CrossEntropy(), output=Softmax(), outputs=3), layer(1), "none", "learns"),
    "sigmoid": (lambda: Net(Sigmoid(), 1, output=Sigmoid(), loss=BinaryCrossEntropy()), layer(0), "none", "learns"),
    "output": (lambda: Net(loss=MeanSquaredError()), layer(2), "none", "learns"),
    "deep, normalized": (lambda: Net(depth=4, more=NORMED), layer(0), "none", "learns"),
    "filters": (lambda: filters_off(0.1), layer(0), "none", "learns"),
    "skip past a dead layer": (skip_past_a_dead_layer, layer(0), "none", "smallest factor, ∂C/∂a h3, is"),
    "small inputs made up for": (
        lambda: Net(Identity(), scale=1e-2, output=Identity()).times(1, 100), layer(0), "none",
        "its smallest factor, a_in, is 0.00964 of a healthy size",
    ),
    "frozen": (frozen, layer(0), "none", "is frozen, so training leaves it as it is"),
    # -- inputs
    "small inputs": (lambda: Net(scale=1e-4), layer(0), "small_input", "its inputs are small: 9.64e-5 (RMS)"),
    "one small input": (lambda: first_input_times(1e-4), WEIGHT, "small_input", "its input is small: 1.08e-4 (RMS)"),
    "one input of 0": (lambda: first_input_times(0.0), WEIGHT, "small_input", "its input is 0 on all 64 samples"),
    "inputs of 0": (no_input_at_all, neuron(0), "small_input", "its inputs are 0 on all 64 samples"),
    "small outputs before": (lambda: Net().times(0, 1e-4), layer(1), "small_input", "its inputs are small: 7.56e-5"),
    "behind a dead layer": (lambda: Net(ReLU()).bias(1, -99.0), layer(2), "small_input", "0 on all 64 samples"),
    "input off where its neuron is on": (
        off_where_its_input_is, Target("weight", 0, 1, 0), "small_input", "0 on the samples that bring an error",
    ),
    # -- the neuron's own f'
    "saturated tanh": (lambda: Net().bias(0, 5.0), WEIGHT, "saturated_derivative", f"its neuron {SATURATED} 0.00219"),
    "saturated bias": (lambda: Net().bias(0, -6.0), bias(0), "saturated_derivative", "maximum on all 64 samples"),
    "saturated sigmoids": (lambda: Net(Sigmoid()).bias(1, 12.0), layer(1), "saturated_derivative", "its neurons are"),
    "a saturated sigmoid": (lambda: Net(Sigmoid()).bias(1, 12.0), neuron(1, 2), "saturated_derivative", "it is satur"),
    "saturated output": (lambda: Net(output=Sigmoid()).bias(2, -14.0), layer(2), "saturated_derivative", "3.82e-6 of"),
    "saturated by its inputs": (lambda: Net(scale=1e4), layer(0), "saturated_derivative", "all neurons and samples"),
    "f' of 0 by rounding": (lambda: Net(Sigmoid()).bias(0, 2e3), layer(0), "saturated_derivative", "f'(z) is 0 on all"),
    "dead ReLU": (dead_neuron, neuron(0, 1), "dead_unit", "This neuron is dead: f'(z) of its ReLU is 0 on all 64 s"),
    "weight into a dead ReLU": (dead_neuron, WEIGHT, "dead_unit", "weight stands still because its neuron is dead"),
    "dead layer": (lambda: Net(ReLU()).bias(1, -99.0), layer(1), "dead_unit", "This layer is dead: f'(z) of its ReLU"),
    "dead filters": (lambda: filters_off(-50.0), neuron(0, 1), "dead_unit", "is 0 on all 64 samples"),
    "dead hard tanh": (lambda: Net(HardTanh()).bias(0, 50.0), bias(0), "dead_unit", "f'(z) of its hard tanh is 0"),
    # -- what is behind
    "small weights": (lambda: Net().times(2, 1e-3), layer(1), "small_weights", "shrink the error 2,120 times."),
    "small weights far behind": (lambda: Net().times(2, 1e-4), WEIGHT, "small_weights", "most of all those of out."),
    "small weights all along": (
        lambda: Net(Identity(), 5).times(1, 0.1).times(2, 0.1).times(3, 0.1), layer(0), "small_weights", "behind it",
    ),
    "weights of 0": (lambda: Net().times(2, 0.0), WEIGHT, "small_weights", "shrink the error to 0"),
    "deep sigmoids": (lambda: Net(Sigmoid(), 8, 16), layer(0), "vanished_upstream", "the error has vanished before it"),
    "deep sigmoids, a weight": (lambda: Net(Sigmoid(), 8, 16), WEIGHT, "vanished_upstream", "in the layers behind shr"),
    "saturated layer behind": (lambda: Net(depth=3).bias(2, 6.0), layer(0), "vanished_upstream", "most of all in h3."),
    "dead layer behind": (lambda: Net(ReLU()).bias(1, -99.0), layer(0), "vanished_upstream", "shrinks it to 0, in h2."),
    "saturated output behind": (
        lambda: Net(output=Sigmoid()).bias(2, -14.0), layer(0), "vanished_upstream", "most of all in out.",
    ),
    "batch norm of large values": (
        lambda: Net(more=NORMED).times(0, 1e4), layer(0), "vanished_upstream", "batch norm in h1 shrinks the error 6",
    ),
    "layer norm of large values": (
        lambda: Net(more={"normalization": LayerNorm()}).times(0, 1e4), WEIGHT, "vanished_upstream", "layer norm in h1",
    ),
    # -- samples that cancel
    "opposite targets": (cancelling, WEIGHT, "cancelled", "its 128 samples pull in opposite directions"),
    "opposite targets, a layer": (cancelling, layer(0), "cancelled", "< 0.05 % of the pull is left"),
    "a least squares fit": (noise_that_is_fitted, layer(0), "cancelled", "as at a minimum"),
    "bias of a least squares fit": (noise_that_is_fitted, bias(1), "cancelled", "as at a minimum"),
    "bias before batch norm": (lambda: Net(more=NORMED), bias(0), "cancelled", "batch norm takes the mean away"),
    # -- done
    "exact": (lambda: Net().matched(), layer(0), "converged", "an error at the loss of 0 per sample (RMS)"),
    "nearly exact": (lambda: Net().matched(0.01), WEIGHT, "converged", "an error at the loss of 0.0100 per sample"),
    "nearly exact ReLU": (lambda: Net(ReLU(), output=Identity()).matched(0.02), bias(1), "converged", "Nothing"),
    "done and saturated": (lambda: Net().bias(0, 5.0).matched(1e-3), layer(0), "converged", "Nothing is wrong"),
    "mean squared error": (
        lambda: Net(loss=MeanSquaredError(), outputs=3).matched(0.01), layer(2), "converged", "a loss of 1.00e-4",
    ),
    "mean absolute error": (
        lambda: Net(loss=MeanAbsoluteError()).matched(1e-4), layer(0), "converged", "the loss is only 1.00e-4",
    ),
    # -- output against loss
    "entropy of a linear output": (
        lambda: Net(output=Identity(), loss=BinaryCrossEntropy()).bias(2, 8.0), WEIGHT, "output_loss_mismatch",
        "binary cross-entropy is flat where the identity outputs lie",
    ),
    "softmax over one unit": (
        lambda: Net(output=Softmax(), loss=CrossEntropy()), layer(0), "output_loss_mismatch", "is 1 whatever z is",
    ),
    "softmax over one unit, squared": (
        lambda: Net(output=Softmax()), layer(1), "output_loss_mismatch", "a softmax over one unit",
    ),
    # -- too much
    "large inputs": (lambda: Net(ReLU(), scale=1e4, output=Identity()), layer(0), "exploding", "its inputs are 9,640"),
    "large weights": (
        lambda: Net(Identity(), 4, output=Identity()).times(1, 30).times(2, 30).times(3, 30), layer(0), "exploding",
        "the weights behind it enlarge the error 3,530 times",
    ),
    "large targets": (lambda: targets_times(1e4), layer(0), "exploding", "the error at the loss is 10,000, "),
    "overflow": (
        lambda: Net(Identity(), output=Identity()).times(0, 1e308).times(1, 1e308), WEIGHT, "not_finite",
        "from out back the error is no finite number",
    ),
    # -- several things at once: the largest is named
    "saturated, and small inputs": (lambda: Net(scale=1e-2).bias(0, 8.0), layer(0), "saturated_derivative", "f'(z)"),
    "small inputs, and saturated": (lambda: Net(scale=1e-5).bias(0, 4.0), layer(0), "small_input", "9.64e-6 (RMS)"),
    "small weights, and saturated": (
        lambda: Net(depth=3).bias(0, 3.0).times(2, 1e-4), layer(0), "small_weights", "most of all those of h3",
    ),
    "deep sigmoids, and saturated a little": (
        lambda: Net(Sigmoid(), 8, 16).bias(0, 4.0), layer(0), "vanished_upstream", "has vanished",
    ),
    "dead, and no input": (lambda: Net(ReLU(), scale=1e-9).bias(0, -9.0), layer(0), "dead_unit", "dead"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_intended_cause_is_blamed_in_a_sentence_with_its_numbers(name):
    make, target, cause, fragment = CASES[name]
    told = make().told(target)
    assert (told.dominant, fragment in told.sentence) == (cause, True), told.sentence
    assert re.fullmatch(r"[A-Z][^\n]+\.", told.sentence)
    assert "\N{NO-BREAK SPACE}" not in told.sentence


def test_there_are_cases_of_every_cause():
    counts = {cause: sum(case[2] == cause for case in CASES.values()) for *_, cause, _ in CASES.values()}
    assert len(CASES) >= 60
    assert counts == counts | {"none": 12, "converged": 6, "dead_unit": 6, "small_input": 8}
    assert set(counts) == {
        "none", "converged", "small_input", "saturated_derivative", "dead_unit", "small_weights", "vanished_upstream",
        "cancelled", "output_loss_mismatch", "exploding", "not_finite",
    }  # fmt: skip


MARKED = {
    "small inputs": "input",
    "saturated tanh": "derivative",
    "dead ReLU": "derivative",
    "small weights": "weights",
    "small weights far behind": "delta_next",
    "deep sigmoids": "delta_next",
    "batch norm of large values": "normalization",
    "opposite targets": "agreement",
    "exact": "delta_next",
    "large inputs": "input",
    "overflow": None,
}


@pytest.mark.parametrize("name", MARKED)
def test_the_factor_that_the_sentence_is_about_is_marked(name):
    make, target, *_ = CASES[name]
    assert make().told(target).marked == MARKED[name]


# -- every number in a sentence is measured again here, in another way ---------------------------------------


def numbers_in(sentence):
    found = re.findall(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?:e-?\d+)?", sentence)
    return [float(number.replace(",", "")) for number in found]


def rms(values):
    return float(np.sqrt(np.mean(np.asarray(values) ** 2)))


def test_the_share_of_saturated_samples_and_the_slope_on_them_are_true():
    net = Net(seed=1)
    net.network.weights[0][:, 2] *= 2.5
    net.network.biases[0][2] = 7.0
    net.matched(0.1)
    slopes = 1.0 - net.passed.outputs[0][:, 2] ** 2
    low = slopes < 0.05
    assert 0.8 < low.mean() < 1.0
    told = net.told(neuron(0, 2))
    assert told.dominant == "saturated_derivative"
    slope, share, samples = numbers_in(told.sentence)
    assert slope == pytest.approx(rms(slopes[low]), rel=0.01)
    assert (share, samples) == (pytest.approx(100 * low.mean(), rel=0.01), 64)


def test_how_much_an_error_shrinks_behind_is_what_the_budget_says():
    for name, part in (("small weights all along", "weights"), ("deep sigmoids", "derivative")):
        make, target, *_ = CASES[name]
        net = make()
        terms = gradient_budget(net.network, net.passed)
        own = sum(getattr(term, part) for term in terms if part == "weights" or term.layer > target.layer)
        assert numbers_in(net.told(target).sentence)[0] == pytest.approx(10.0**-own, rel=0.01)


def test_the_size_of_an_input_and_of_an_error_at_the_loss_are_true():
    net = first_input_times(1e-4)
    assert numbers_in(net.told(WEIGHT).sentence)[0] == pytest.approx(rms(net.x[:, 0]), rel=0.01)
    net = Net().matched(0.01)
    error, loss = numbers_in(net.told(layer(1)).sentence)
    assert error == pytest.approx(rms(net.network.predict(net.x) - net.y), rel=0.01)
    assert loss == pytest.approx(net.network.evaluate(net.x, net.y), rel=0.01)


def test_what_is_left_of_a_pull_is_true():
    net = cancelling()
    net.y[0] += 0.2
    told = net.told(WEIGHT)
    parts = net.passed.inputs[0][:, 0] * net.passed.deltas[0][:, 1]
    assert told.dominant == "cancelled"
    assert numbers_in(told.sentence)[1] == pytest.approx(100 * abs(parts.sum()) / np.abs(parts).sum(), rel=0.01)


def test_for_one_sample_the_sentence_speaks_of_that_sample():
    saturated, dead, done = Net().bias(0, 5.0), dead_neuron(), Net().matched(0.01)
    assert saturated.told(WEIGHT, 3).sentence.startswith(
        "This weight learns little from this sample because its neuron"
    )
    assert dead.told(neuron(0, 1), 3).sentence == (
        "This neuron learns nothing from this sample because it is saturated: f'(z) is 0."
    )
    assert done.told(WEIGHT, 3).sentence == (
        "Nothing is wrong: this sample is answered already, the error at the loss is only 0.0100."
    )


def test_where_many_little_things_add_up_the_sentence_says_so():
    told = Net(scale=0.15).matched(0.3).told(layer(0))
    assert told.dominant == "small_input"
    assert told.shortfalls.input < 1.0 < 2.0 < told.shortfalls.total
    together = 10.0**told.shortfalls.total
    assert told.sentence.endswith(f"together they make the gradient {together:.0f} times smaller than a healthy one.")
    assert "several" not in Net(scale=1e-4).told(layer(0)).sentence


def test_errors_are_measured_by_how_far_the_targets_spread():
    assert target_spread(np.array([[3.0], [5.0]])) == 1.0
    assert target_spread(np.array([[0.0, 9.0], [0.2, 9.0]])) == pytest.approx(0.1 / math.sqrt(2))
    assert target_spread(np.ones((4, 2))) == 1.0
    net = Net(output=Identity())
    net.y = 1e-3 * net.y + net.network.predict(net.x)
    assert net.told(layer(1), spread=1.0).dominant == "converged"
    assert net.told(layer(1), spread=1e-3).dominant == "none"
    assert targets_times(1e4).told(layer(0), spread=1e4).dominant != "exploding"


def test_shortfalls_are_decades_to_a_healthy_size_and_add_up():
    told = Net(Tanh(), scale=1e-4).told(WEIGHT)
    short = told.shortfalls
    assert short.input == pytest.approx(-math.log10(abs(told.size("input"))))
    parts = (short.input, short.derivative, short.upstream, short.agreement, short.loss)
    assert short.total == pytest.approx(sum(parts))
    for factor in told.factors:
        assert 10.0**-factor.shortfall == pytest.approx(abs(factor.size) / factor.healthy)
