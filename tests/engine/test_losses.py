"""Losses: values by hand, stable pairs, and what a mismatched pair does."""

import math

import numpy as np
import pytest

from bplab.engine import (
    Activation,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    Hinge,
    Huber,
    Identity,
    LogCosh,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Network,
    Sigmoid,
    Softmax,
)

OUTPUTS = np.array([[0.2, 0.7], [0.5, 0.1], [0.9, 0.6]])
TARGETS = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]])


def showing(units, activation, loss, dtype="float64"):
    """A network whose z is its input."""
    network = Network(units, [Dense(units, activation)], loss, dtype)
    network.weights[0][...] = np.eye(units)
    return network


def mean_over_units(formula):
    return lambda pairs: sum(formula(p, q) for p, q in pairs) / len(pairs)


def hinge(p, q):
    return max(0.0, 1.0 - p * (1.0 if q >= 0.5 else -1.0))


def huber(delta):
    return lambda p, q: 0.5 * (p - q) ** 2 if abs(p - q) <= delta else delta * (abs(p - q) - 0.5 * delta)


def smoothed(share):
    return lambda pairs: -sum(((1 - share) * q + share / len(pairs)) * math.log(p) for p, q in pairs)


FORMULAS = {
    "half squared error": (HalfSquaredError(), lambda pairs: 0.5 * sum((p - q) ** 2 for p, q in pairs)),
    "mean squared error": (MeanSquaredError(), mean_over_units(lambda p, q: (p - q) ** 2)),
    "mean absolute error": (MeanAbsoluteError(), mean_over_units(lambda p, q: abs(p - q))),
    "huber": (Huber(), mean_over_units(huber(1.0))),
    "huber, delta .35": (Huber(0.35), mean_over_units(huber(0.35))),
    "log cosh": (LogCosh(), mean_over_units(lambda p, q: math.log(math.cosh(p - q)))),
    "hinge": (Hinge(), mean_over_units(hinge)),
    "binary cross-entropy": (
        BinaryCrossEntropy(),
        lambda pairs: -sum(q * math.log(p) + (1 - q) * math.log(1 - p) for p, q in pairs),
    ),
    "cross-entropy": (CrossEntropy(), lambda pairs: -sum(q * math.log(p) for p, q in pairs)),
    "cross-entropy, smoothed": (CrossEntropy(0.3), smoothed(0.3)),
}


def by_hand(loss, outputs, targets):
    formula = next(formula for known, formula in FORMULAS.values() if known == loss)
    return sum(formula(list(zip(a, y, strict=True))) for a, y in zip(outputs, targets, strict=True)) / len(outputs)


EVERY = [pytest.param(loss, id=name) for name, (loss, _) in FORMULAS.items()]


def test_every_loss_has_its_formula_here():
    assert {type(loss) for loss, _ in FORMULAS.values()} == set(Loss.members().values())


@pytest.mark.parametrize("loss", EVERY)
def test_a_loss_is_the_mean_of_its_formula_over_the_samples(loss):
    network = showing(2, Identity(), loss)
    expected = by_hand(loss, OUTPUTS, TARGETS)
    assert expected > 0
    assert network.evaluate(OUTPUTS, TARGETS) == pytest.approx(expected, rel=1e-14)
    assert network.backprop(OUTPUTS, TARGETS).loss == network.evaluate(OUTPUTS, TARGETS)


@pytest.mark.parametrize("loss", EVERY)
@pytest.mark.parametrize("output", [Identity(), Sigmoid(), Softmax()], ids=lambda choice: choice.title())
def test_the_sum_of_a_loss_can_be_asked_for_twice(loss, output):
    step = showing(2, output, loss).make_pass(len(OUTPUTS))
    inputs = np.vstack([OUTPUTS.T, np.ones(len(OUTPUTS))])
    calls, total = step.bind(inputs, np.ascontiguousarray(TARGETS.T))
    for function, arguments in calls:
        function(*arguments)
    assert total() == total() > 0.0


@pytest.mark.parametrize("loss", EVERY)
def test_the_gradient_of_a_loss_is_the_slope_of_its_formula(loss):
    network, step = showing(2, Identity(), loss), 1e-5
    seen = network.backprop(OUTPUTS, TARGETS)
    for place in np.ndindex(OUTPUTS.shape):
        ahead, behind = OUTPUTS.copy(), OUTPUTS.copy()
        ahead[place] += step
        behind[place] -= step
        slope = (by_hand(loss, ahead, TARGETS) - by_hand(loss, behind, TARGETS)) / (2 * step)
        assert seen.output_errors[place] == pytest.approx(slope, rel=1e-8, abs=1e-10)
        assert seen.deltas[0][place] == seen.output_errors[place]


@pytest.mark.parametrize("away", [1e-9, 1e-3, 0.9, 30.0, 1e3, 1e300])
def test_the_logarithm_of_cosh_keeps_its_digits_near_and_far(away):
    if away < 0.01:
        expected = away**2 / 2 * (1 - away**2 / 6 + 2 * away**4 / 45 - 17 * away**6 / 1260)
    else:
        expected = away + math.log1p(math.exp(-2 * away)) - math.log(2)
    network = showing(1, Identity(), LogCosh())
    assert network.evaluate([[away], [-away]], [[0.0], [0.0]]) == pytest.approx(expected, rel=1e-14)
    assert network.backprop([[away]], [[0.0]]).deltas[0].item() == pytest.approx(math.tanh(away), rel=1e-14)


def test_an_outlier_pulls_with_one_force_only_where_it_should():
    pulls = {
        type(loss): showing(1, Identity(), loss).backprop([[1000.0]], [[0.0]]).deltas[0].item()
        for loss in (MeanSquaredError(), MeanAbsoluteError(), Huber(0.5), LogCosh())
    }
    assert pulls == {MeanSquaredError: 2000.0, MeanAbsoluteError: 1.0, Huber: 0.5, LogCosh: 1.0}


def test_what_is_right_and_sure_costs_no_hinge():
    network = showing(1, Identity(), Hinge())
    seen = network.backprop([[1.5], [-2.0], [0.25], [0.25]], [[1.0], [-1.0], [1.0], [-1.0]])
    assert seen.deltas[0].ravel().tolist() == [0.0, 0.0, -0.25, 0.25]
    assert seen.loss == (0.75 + 1.25) / 4


def test_a_hinge_takes_0_and_1_for_the_two_sides():
    network, outputs = showing(2, Identity(), Hinge()), [[0.3, -0.2], [1.4, 0.5]]
    signed, shares = (network.backprop(outputs, targets) for targets in ([[1, -1], [-1, 1]], [[1, 0], [0, 1]]))
    assert signed.loss == shares.loss
    np.testing.assert_array_equal(signed.deltas[0], shares.deltas[0])


def test_smoothing_keeps_the_gradient_from_asking_for_certainty():
    network = showing(4, Softmax(), CrossEntropy(0.2))
    sure = np.log([[0.85, 0.05, 0.05, 0.05]])  # the smoothed target itself
    np.testing.assert_allclose(network.backprop(sure, [[1.0, 0.0, 0.0, 0.0]]).deltas[0], 0.0, atol=1e-15)
    np.testing.assert_array_equal(network.backprop([[9.0, 0, 0, 0]], [[1.0, 0, 0, 0]]).deltas[0] > 0, [[1, 0, 0, 0]])


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("targets", [[0.0, 0.0, 0.0], [1.0, 1.0, 0.0], [0.2, 0.1, 0.3]], ids=["none", "two", "some"])
def test_targets_that_do_not_sum_to_1_are_taken_at_their_word(targets, smoothing):
    z, loss = np.array([0.3, -1.2, 2.0]), CrossEntropy(smoothing)
    network = showing(3, Softmax(), loss)
    seen = network.backprop([z], [targets])
    assert seen.loss == pytest.approx(by_hand(loss, [Softmax().f(z)], [targets]), rel=1e-14, abs=1e-300)
    soft = (1 - smoothing) * np.array(targets) + smoothing / 3
    np.testing.assert_allclose(seen.deltas[0][0], Softmax().f(z) * soft.sum() - soft, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("activation", "loss"), [(Sigmoid(), BinaryCrossEntropy()), (Softmax(), CrossEntropy())])
def test_a_pair_computed_from_z_has_the_value_of_its_formula_and_the_error_a_minus_y(activation, loss):
    z = np.array([[0.3, -1.2, 2.0], [4.0, 0.5, -0.1]])
    targets = np.array([[0.0, 1.0, 0.0], [0.5, 0.25, 0.25]])
    network = showing(3, activation, loss)
    outputs = activation.f(z)
    result = network.backprop(z, targets)
    assert result.loss == pytest.approx(by_hand(loss, outputs, targets), rel=1e-14)
    np.testing.assert_allclose(result.deltas[0], (outputs - targets) / 2, rtol=1e-14, atol=1e-17)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_pair_stays_exact_where_the_outputs_have_saturated(dtype):
    z = np.array([[500.0], [-500.0]])
    wrong = 1.0 - (z > 0)
    network = showing(1, Sigmoid(), BinaryCrossEntropy(), dtype)
    assert network.evaluate(z, wrong) == 500.0
    assert network.backprop(z, wrong).deltas[0].ravel().tolist() == [0.5, -0.5]
    network = showing(2, Softmax(), CrossEntropy(), dtype)
    assert network.evaluate(np.array([[500.0, -500.0]]), np.array([[0.0, 1.0]])) == 1000.0
    assert network.backprop([[500.0, -500.0]], [[0.0, 1.0]]).deltas[0].tolist() == [[1.0, -1.0]]


@pytest.mark.parametrize("classes", [2, 3, 10, 1000])
def test_equal_logits_cost_the_logarithm_of_the_number_of_classes(classes):
    network = showing(classes, Softmax(), CrossEntropy())
    assert network.evaluate(np.zeros((4, classes)), np.eye(classes)[:1].repeat(4, 0)) == pytest.approx(
        math.log(classes)
    )


@pytest.mark.parametrize(
    ("loss", "outside"), [(BinaryCrossEntropy(), [-0.5, 0.0, 1.0, 1.5]), (CrossEntropy(), [-0.5, 0.0, 1.5])]
)
@pytest.mark.parametrize("target", [0.0, 0.3, 1.0])
def test_an_output_outside_the_probabilities_gets_no_gradient(loss, outside, target):
    network = showing(1, Identity(), loss)
    x = np.array(outside)[:, None]
    result = network.backprop(x, np.full_like(x, target))
    assert result.deltas[0].ravel().tolist() == [0.0] * len(outside)
    assert math.isfinite(result.loss)


@pytest.mark.parametrize("loss", [BinaryCrossEntropy(), CrossEntropy()], ids=["binary", "classes"])
def test_an_output_outside_leaves_the_gradient_of_its_neighbours_alone(loss):
    network = showing(2, Identity(), loss)
    delta = network.backprop([[1.5, 0.4]], [[0.0, 1.0]]).deltas[0]
    assert delta[0, 0] == 0.0
    assert delta[0, 1] == pytest.approx(-1 / 0.4, rel=1e-14)


def test_one_softmax_unit_always_answers_1_and_learns_nothing():
    network = showing(1, Softmax(), CrossEntropy())
    assert network.predict([[-3.0], [0.0], [8.0]]).ravel().tolist() == [1.0, 1.0, 1.0]
    for loss in (CrossEntropy(), HalfSquaredError()):
        seen = showing(1, Softmax(), loss).backprop([[-3.0], [8.0]], [[0.0], [1.0]])
        assert seen.deltas[0].ravel().tolist() == [0.0, 0.0]


def test_squared_error_on_a_sigmoid_stalls_where_cross_entropy_does_not():
    z, y = [[8.0]], [[0.0]]
    squared = showing(1, Sigmoid(), HalfSquaredError()).backprop(z, y).deltas[0].item()
    entropy = showing(1, Sigmoid(), BinaryCrossEntropy()).backprop(z, y).deltas[0].item()
    slope = Sigmoid().df(8.0).item()
    assert entropy == pytest.approx(Sigmoid().f(8.0).item())
    assert squared == pytest.approx(entropy * slope, rel=1e-12)


@pytest.mark.parametrize("loss", EVERY)
def test_a_loss_pairs_only_with_its_own_partner(loss):
    partners = [kind for kind in Activation.members().values() if loss.pairs_with(kind())]
    assert partners == ([loss.partner] if loss.partner else [])
    assert loss.probabilities == (loss.partner is not None)
    assert loss.signed == isinstance(loss, Hinge)
