"""The chain rule taken apart: factors that multiply, contributions that sum, decades that telescope, shares of one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    Activation,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    GlorotNormal,
    HalfSquaredError,
    HardSigmoid,
    HeNormal,
    Identity,
    InputError,
    LogCosh,
    Loss,
    Network,
    Normal,
    ReLU,
    Sigmoid,
    Sine,
    Softmax,
    StallShares,
    Tanh,
    explain_weight,
    gradient_budget,
    stall_shares,
)

ACTIVATIONS = list(Activation.members().values())
LOSSES = list(Loss.members().values())
SMOOTH = [kind for kind in ACTIVATIONS if not kind().kinks]
EVERY = [pytest.param(kind(), id=name) for name, kind in Activation.members().items()]
EVERY_LOSS = [pytest.param(kind(), id=name) for name, kind in Loss.members().items()]


class Case:
    """A network, a batch and what back-propagation says about them."""

    def __init__(self, network, samples=7, x=None, y=None, seed=0):
        random = np.random.default_rng(seed)
        self.network = network
        self.x = random.normal(size=(samples, network.inputs)) if x is None else np.asarray(x)
        self.y = random.random((len(self.x), network.outputs)) if y is None else np.asarray(y)
        self.passed = network.backprop(self.x, self.y)

    def weights(self):
        """Layer, source and unit of every weight."""
        for layer, weights in enumerate(self.network.weights):
            for source, unit in np.ndindex(weights.shape):
                yield layer, source, unit

    def explain(self, layer, source, unit):
        return explain_weight(self.network, self.passed, layer, source, unit)

    def budget(self):
        return gradient_budget(self.network, self.passed)

    def shares(self, layer):
        return stall_shares(self.network, self.passed, layer)


@st.composite
def cases(draw, hidden=ACTIVATIONS, outputs=ACTIVATIONS, losses=LOSSES, dtypes=("float64",)):
    units = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    kinds = [draw(st.sampled_from(hidden)) for _ in units[:-1]] + [draw(st.sampled_from(outputs))]
    layers = [Dense(n, kind(), Normal(0, 0.8), Normal(0, 0.3)) for n, kind in zip(units, kinds, strict=True)]
    loss, dtype, seed = draw(st.sampled_from(losses))(), draw(st.sampled_from(dtypes)), draw(st.integers(0, 10**6))
    network = Network(draw(st.integers(1, 3)), layers, loss, dtype, seed)
    return Case(network, samples=draw(st.integers(1, 6)), seed=seed)


@settings(max_examples=150)
@given(cases())
def test_the_factors_multiply_and_the_contributions_sum_to_every_gradient(case):
    gradients = case.passed.weight_gradients
    for layer, source, unit in case.weights():
        told = case.explain(layer, source, unit)
        np.testing.assert_array_equal(told.delta, case.passed.deltas[layer][:, unit])
        np.testing.assert_array_equal(told.input, case.passed.inputs[layer][:, source])
        np.testing.assert_allclose(told.derivative * told.error, told.delta, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(told.contributions, told.input * told.derivative * told.error, atol=1e-14)
        size = np.abs(told.contributions).sum()
        assert told.contributions.sum() == pytest.approx(told.gradient, rel=1e-12, abs=1e-14 * size)
        assert told.gradient == pytest.approx(gradients[layer][source, unit], rel=1e-12, abs=1e-14 * size)


@settings(max_examples=60)
@given(cases())
def test_the_error_of_a_hidden_unit_is_gathered_over_the_weights_that_leave_it(case):
    for layer, source, unit in case.weights():
        told = case.explain(layer, source, unit)
        if layer + 1 == len(case.network.layers):
            assert told.weights.shape == (0,)
            assert told.delta_next.shape == (len(case.x), 0)
            continue
        np.testing.assert_array_equal(told.weights, case.network.weights[layer + 1][unit])
        np.testing.assert_array_equal(told.delta_next, case.passed.deltas[layer + 1])
        if case.network.layers[layer].activation.elementwise:
            np.testing.assert_allclose(told.error, told.delta_next @ told.weights, rtol=1e-12, atol=1e-15)
            slopes = case.network.layers[layer].activation.df(case.passed.weighted_inputs[layer])
            np.testing.assert_array_equal(told.derivative, slopes[:, unit])


@settings(max_examples=40)
@given(cases(hidden=SMOOTH, outputs=[Identity, Tanh, Softmax], losses=[HalfSquaredError, LogCosh, CrossEntropy]))
def test_the_gradient_is_what_differences_of_the_loss_say(case):
    # Cross-entropy cuts outputs that are no probabilities, and no difference may cross the cut.
    if isinstance(case.network.loss, CrossEntropy) and not isinstance(case.network.layers[-1].activation, Softmax):
        case = Case(Network(2, [Dense(3, Tanh()), Dense(2, Softmax())], CrossEntropy(), seed=1))
    for layer, source, unit in case.weights():
        weights = case.network.weights[layer]
        here = weights[source, unit]

        def difference(step, weights=weights, place=(source, unit), here=here):
            losses = []
            for moved in (here + step, here - step):
                weights[place] = moved
                losses.append(case.network.evaluate(case.x, case.y))
            weights[place] = here
            return (losses[0] - losses[1]) / (2 * step)

        slope = (4 * difference(5e-4) - difference(1e-3)) / 3
        assert case.explain(layer, source, unit).gradient == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_an_output_computed_from_z_has_no_derivative_in_the_way():
    for output, loss in ((Sigmoid(), BinaryCrossEntropy()), (Softmax(), CrossEntropy())):
        case = Case(Network(2, [Dense(3, Tanh()), Dense(2, output)], loss))
        told = case.explain(1, 0, 1)
        np.testing.assert_array_equal(told.derivative, 1.0)
        np.testing.assert_array_equal(told.error, told.delta)
    squared = Case(Network(2, [Dense(3, Tanh()), Dense(2, Sigmoid())], HalfSquaredError())).explain(1, 0, 1)
    assert squared.derivative.max() <= 0.25


def test_the_error_at_the_output_is_that_of_the_loss():
    case = Case(Network(2, [Dense(3, Tanh()), Dense(2, Tanh())], HalfSquaredError()))
    told = case.explain(1, 2, 1)
    np.testing.assert_allclose(told.error, (case.passed.outputs[1] - case.y)[:, 1] / len(case.x), rtol=1e-12)


def test_explanations_are_in_float64_and_close_to_those_of_float64_in_a_float32_network():
    layers = [Dense(3, Tanh()), Dense(2, Sigmoid())]
    single, double = (Case(Network(2, layers, dtype=dtype)) for dtype in ("float32", "float64"))
    for ours, exact in zip(vars(single.explain(0, 1, 2)).values(), vars(double.explain(0, 1, 2)).values(), strict=True):
        assert np.asarray(ours).dtype == np.float64
        np.testing.assert_allclose(ours, exact, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("place", "sentence"),
    [
        ((2, 0, 0), "there is no layer 3; the network has 2"),
        ((-1, 0, 0), "there is no layer 0; the network has 2"),
        ((0, 2, 0), "layer 1 has no weight 2,0; it is 2 × 3"),
        ((0, 0, 3), "layer 1 has no weight 0,3; it is 2 × 3"),
        ((1, -1, 0), "layer 2 has no weight -1,0; it is 3 × 1"),
    ],
)
def test_a_weight_that_is_not_there_is_refused_in_a_sentence(place, sentence):
    case = Case(Network(2, [Dense(3, Tanh()), Dense(1, Tanh())]))
    with pytest.raises(InputError, match=f"^{sentence}$"):
        case.explain(*place)


def decades(values):
    """log10 of the RMS."""
    values = values.astype(float)
    return math.log10(np.sqrt(np.mean((values / np.abs(values).max()) ** 2))) + math.log10(np.abs(values).max())


def total(terms):
    return sum(term.weights + term.derivative for term in terms)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("loss", EVERY_LOSS)
@pytest.mark.parametrize("hidden", EVERY)
def test_the_budget_adds_up_to_the_whole_change_of_the_error(hidden, loss, dtype):
    layers = [*(Dense(5, hidden, Normal(0, 0.6), Normal(0, 0.3)) for _ in range(4)), Dense(3, Sigmoid())]
    case = Case(Network(3, layers, loss, dtype, seed=2), samples=9)
    first, last = (decades(case.passed.deltas[layer]) for layer in (0, -1))
    assert math.isfinite(first)
    assert [term.layer for term in case.budget()] == [3, 2, 1, 0]
    assert total(case.budget()) == pytest.approx(first - last, abs=1e-12)


@pytest.mark.parametrize("output", EVERY)
@pytest.mark.parametrize("loss", EVERY_LOSS)
def test_the_budget_adds_up_behind_every_output(output, loss):
    case = Case(Network(3, [Dense(5, Tanh()), Dense(4, Tanh()), Dense(3, output)], loss, seed=3), samples=9)
    change = decades(case.passed.deltas[0]) - decades(case.passed.deltas[-1])
    assert total(case.budget()) == pytest.approx(change, abs=1e-12)


def test_each_term_of_the_budget_is_what_it_says():
    case = Case(Network(3, [Dense(5, Sigmoid()), Dense(4, Tanh()), Dense(2, Identity())], seed=1))
    deltas, weights = case.passed.deltas, case.network.weights
    for term in case.budget():
        back = deltas[term.layer + 1] @ weights[term.layer + 1].T
        assert term.weights == pytest.approx(decades(back) - decades(deltas[term.layer + 1]), abs=1e-13)
        assert term.derivative == pytest.approx(decades(deltas[term.layer]) - decades(back), abs=1e-13)


def test_a_chain_of_sigmoids_loses_its_decades_to_the_derivative():
    # Weights 1 and z = 0 everywhere: each layer costs exactly the factor 1/4 of its own f'.
    network = Network(1, [*(Dense(1, Sigmoid()) for _ in range(6)), Dense(1, Identity())])
    for weights, biases in zip(network.weights, network.biases, strict=True):
        weights[...], biases[...] = 1.0, -0.5
    network.biases[0][...] = 0.0
    for term in Case(network, x=[[0.0]], y=[[3.0]]).budget():
        assert term.weights == pytest.approx(0.0, abs=1e-15)
        assert term.derivative == pytest.approx(math.log10(0.25), abs=1e-15)


def test_weights_of_a_tenth_cost_a_decade_each():
    network = Network(1, [Dense(1, Identity()) for _ in range(5)])
    for weights in network.weights:
        weights[...] = 0.1
    for term in Case(network, x=[[1.0]], y=[[3.0]]).budget():
        assert (term.weights, term.derivative) == (pytest.approx(-1.0, abs=1e-14), 0.0)


def test_errors_too_small_to_square_still_have_a_size():
    network = Network(1, [Dense(2, Identity()) for _ in range(4)])
    for weights in network.weights:
        weights[...] = 1e-70
    case = Case(network, x=[[1.0]], y=[[1.0, 1.0]])
    assert 0.0 < np.abs(case.passed.deltas[0]).max() < 1e-200
    assert [term.weights for term in case.budget()] == pytest.approx([math.log10(2e-70)] * 3)


def relu_chain(dead, layers=4):
    """ReLU layers of which one is off on every sample, before a linear output."""
    network = Network(2, [*(Dense(3, ReLU(), HeNormal()) for _ in range(layers)), Dense(1, Identity())], seed=1)
    for index, (weights, biases) in enumerate(zip(network.weights, network.biases, strict=True)):
        weights[...] = np.abs(weights)
        biases[...] = -100.0 if index == dead else 0.1
    return Case(network, x=np.random.default_rng(0).random((6, 2)))


def test_a_dead_layer_costs_everything_and_nothing_is_left_to_lose_before_it():
    terms = relu_chain(dead=2).budget()
    assert [term.layer for term in terms] == [3, 2, 1, 0]
    assert math.isfinite(terms[0].weights + terms[0].derivative)
    assert (math.isfinite(terms[1].weights), terms[1].derivative) == (True, -math.inf)
    assert [(term.weights, term.derivative) for term in terms[2:]] == [(0.0, 0.0)] * 2
    assert total(terms) == -math.inf


def test_weights_of_0_cost_everything_too():
    case = Case(Network(2, [Dense(3, Tanh()), Dense(3, Tanh()), Dense(1, Identity())]))
    case.network.weights[1][...] = 0.0
    case = Case(case.network)
    assert [(term.weights, term.derivative) for term in case.budget()][1] == (-math.inf, 0.0)


def test_without_an_error_nothing_is_lost():
    network = Network(2, [Dense(3, Tanh()), Dense(1, Identity())])
    x = [[1.0, 2.0]]
    case = Case(network, x=x, y=network.predict(x))
    assert total(case.budget()) == 0.0
    assert case.shares(0) == StallShares(0.0, 0.0, 0.0, 1.0)


def test_one_layer_alone_has_no_budget():
    assert Case(Network(2, [Dense(1, Tanh())])).budget() == []


def as_row(shares):
    return [shares.small_input, shares.saturated_derivative, shares.vanished_upstream, shares.nothing_wrong]


@settings(max_examples=150)
@given(cases(dtypes=("float64", "float32")), st.sampled_from([1.0, 0.0, 1e-200, 1e-5, 1e5]))
def test_the_shares_are_shares_of_one(case, scale):
    case = Case(case.network, x=case.x * scale, y=case.y)
    for layer in range(len(case.network.layers)):
        row = as_row(case.shares(layer))
        assert min(row) >= 0.0
        assert sum(row) == pytest.approx(1.0, abs=1e-14)


def cause(shares):
    """What takes more than half; ties and dwarfs have no name."""
    return next((name for name, share in vars(shares).items() if share > 0.5), None)


def deep(activation, layers, weights=None, inputs=4, scale=1.0):
    stack = [*(Dense(6, activation, weights or GlorotNormal()) for _ in range(layers)), Dense(1, Identity())]
    network = Network(inputs, stack, HalfSquaredError(), seed=7)
    x = scale * np.random.default_rng(5).normal(size=(30, inputs))
    return Case(network, x=x, y=np.sin(x[:, :1]) + 2.0)


def test_a_healthy_network_has_nothing_wrong():
    case = deep(Tanh(), 3)
    for layer in range(4):
        assert case.shares(layer).nothing_wrong > 0.9


def test_a_saturated_layer_is_held_up_by_its_own_derivative():
    case = deep(Tanh(), 3)
    case.network.biases[1][...] = 6.0
    case = Case(case.network, x=case.x, y=case.y)
    assert cause(case.shares(1)) == "saturated_derivative"
    assert cause(case.shares(0)) == "vanished_upstream"
    assert cause(case.shares(2)) == "nothing_wrong"


def test_tiny_inputs_hold_up_the_first_layer():
    shares = deep(Tanh(), 1, scale=1e-4).shares(0)
    assert cause(shares) == "small_input"
    assert shares.saturated_derivative == pytest.approx(0.0, abs=1e-6)


def test_in_a_deep_sigmoid_network_the_error_has_vanished_before_it_reaches_the_first_layer():
    case = deep(Sigmoid(), 8)
    assert cause(case.shares(0)) == "vanished_upstream"
    blame = [case.shares(layer).vanished_upstream for layer in range(8)]
    assert blame == sorted(blame, reverse=True)
    assert cause(case.shares(8)) == "nothing_wrong"


def test_a_dead_layer_and_its_neighbours_each_name_their_own_cause():
    case = relu_chain(dead=2)
    assert as_row(case.shares(2)) == [0.0, 1.0, 0.0, 0.0]
    assert as_row(case.shares(1)) == as_row(case.shares(0)) == [0.0, 0.0, 1.0, 0.0]
    shares = Case(case.network, x=np.zeros((2, 2)), y=[[1.0], [1.0]]).shares(0)
    assert as_row(shares) == [0.5, 0.0, 0.5, 0.0]  # nothing comes in from either side


def test_a_layer_behind_a_dead_one_hears_nothing():
    network = relu_chain(dead=2).network
    network.biases[3][...] = 1.0
    assert as_row(Case(network).shares(3)) == [1.0, 0.0, 0.0, 0.0]


def test_inputs_of_0_take_all_the_blame():
    network = Network(2, [Dense(3, Tanh()), Dense(1, Identity())])
    assert as_row(Case(network, x=np.zeros((4, 2)), y=np.ones((4, 1))).shares(0)) == [1.0, 0.0, 0.0, 0.0]


def test_what_is_missing_is_divided_by_decades_and_the_first_decade_is_free():
    network = Network(1, [Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 1.0, 0.0, 1e-4, 0.0
    row = as_row(Case(network, x=[[0.01]], y=[[1.0]]).shares(0))  # 2 decades of input, 4 of the weight behind
    np.testing.assert_allclose(row, [5 / 6 * 2 / 6, 0.0, 5 / 6 * 4 / 6, 1 / 6], rtol=1e-12)


def test_a_surplus_makes_up_for_a_shortfall():
    network = Network(1, [Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 1.0, 0.0, 1e-4, 0.0
    assert as_row(Case(network, x=[[1e4]], y=[[-1.0]]).shares(0)) == [0.0, 0.0, 0.0, 1.0]
    row = as_row(Case(network, x=[[10.0]], y=[[-1.0]]).shares(0))
    np.testing.assert_allclose(row, [0.0, 0.0, 2 / 3, 1 / 3], rtol=1e-12)


@pytest.mark.parametrize("activation", [Tanh(), Sigmoid(), HardSigmoid(), Sine(5.0)], ids=lambda choice: choice.title())
def test_a_derivative_at_its_largest_is_no_shortfall_however_small_or_large_that_is(activation):
    network = Network(1, [Dense(1, activation), Dense(1, Identity())])
    network.parameters[:] = 0.0, 0.0, 1.0, 0.0  # z = 0
    row = as_row(Case(network, x=[[0.01]], y=[[5.0]]).shares(0))
    np.testing.assert_allclose(row, [0.5, 0.0, 0.0, 0.5], rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(
    ("output", "loss", "expected"),
    [
        (Tanh(), HalfSquaredError(), ["vanished_upstream", "saturated_derivative"]),
        (Sigmoid(), HalfSquaredError(), ["vanished_upstream", "saturated_derivative"]),
        (Softmax(), HalfSquaredError(), ["vanished_upstream", "saturated_derivative"]),
        (Sigmoid(), BinaryCrossEntropy(), ["nothing_wrong", "nothing_wrong"]),
        (Softmax(), CrossEntropy(), ["nothing_wrong", "nothing_wrong"]),
    ],
    ids=["tanh", "sigmoid, squared", "softmax, squared", "sigmoid, entropy", "softmax, entropy"],
)
def test_a_saturated_output_stalls_the_whole_network_unless_its_loss_is_the_partner(output, loss, expected):
    network = Network(3, [Dense(5, Tanh()), Dense(2, output)], loss, seed=2)
    network.biases[1][...] = 12.0, -12.0
    case = Case(network, y=np.tile([0.0, 1.0], (7, 1)))
    assert [cause(case.shares(layer)) for layer in (0, 1)] == expected


def test_a_layer_that_is_not_there_has_no_shares():
    with pytest.raises(InputError, match=r"^there is no layer 3; the network has 2$"):
        Case(Network(2, [Dense(3, Tanh()), Dense(1, Tanh())])).shares(2)
