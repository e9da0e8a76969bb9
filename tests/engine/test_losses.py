"""Losses: values by hand, stable pairs, and what a mismatched pair does."""

import math

import numpy as np
import pytest

from bplab.engine import (
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    HalfSquaredError,
    Identity,
    Loss,
    MeanSquaredError,
    Network,
    Sigmoid,
    Softmax,
    Tanh,
)

OUTPUTS = np.array([[0.2, 0.7], [0.5, 0.1], [0.9, 0.6]])
TARGETS = np.array([[0.0, 1.0], [1.0, 0.0], [0.25, 0.75]])


def showing(units, activation, loss, dtype="float64"):
    """A network whose z is its input."""
    network = Network(units, [Dense(units, activation)], loss, dtype)
    network.weights[0][...] = np.eye(units)
    return network


def by_hand(loss, outputs, targets):
    total = 0.0
    for a, y in zip(outputs, targets, strict=True):
        pairs = list(zip(a, y, strict=True))
        if isinstance(loss, HalfSquaredError):
            total += 0.5 * sum((p - q) ** 2 for p, q in pairs)
        elif isinstance(loss, MeanSquaredError):
            total += sum((p - q) ** 2 for p, q in pairs) / len(pairs)
        elif isinstance(loss, BinaryCrossEntropy):
            total -= sum(q * math.log(p) + (1 - q) * math.log(1 - p) for p, q in pairs)
        elif isinstance(loss, CrossEntropy):
            total -= sum(q * math.log(p) for p, q in pairs)
    return total / len(outputs)


EVERY = [pytest.param(kind(), id=name) for name, kind in Loss.members().items()]


@pytest.mark.parametrize("loss", EVERY)
def test_a_loss_is_the_mean_of_its_formula_over_the_samples(loss):
    network = showing(2, Identity(), loss)
    expected = by_hand(loss, OUTPUTS, TARGETS)
    assert expected > 0
    assert network.evaluate(OUTPUTS, TARGETS) == pytest.approx(expected, rel=1e-14)
    assert network.backprop(OUTPUTS, TARGETS).loss == network.evaluate(OUTPUTS, TARGETS)


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
    squared = showing(1, Softmax(), HalfSquaredError())
    assert squared.backprop([[-3.0], [8.0]], [[0.0], [1.0]]).deltas[0].ravel().tolist() == [0.0, 0.0]


def test_squared_error_on_a_sigmoid_stalls_where_cross_entropy_does_not():
    z, y = [[8.0]], [[0.0]]
    squared = showing(1, Sigmoid(), HalfSquaredError()).backprop(z, y).deltas[0].item()
    entropy = showing(1, Sigmoid(), BinaryCrossEntropy()).backprop(z, y).deltas[0].item()
    slope = Sigmoid().df(8.0).item()
    assert entropy == pytest.approx(Sigmoid().f(8.0).item())
    assert squared == pytest.approx(entropy * slope, rel=1e-12)


@pytest.mark.parametrize("loss", EVERY)
def test_a_loss_pairs_only_with_its_own_partner(loss):
    partners = [kind for kind in (Identity, Sigmoid, Softmax, Tanh) if loss.pairs_with(kind())]
    assert partners == ([loss.partner] if loss.partner else [])
    assert loss.probabilities == (loss.partner is not None)
