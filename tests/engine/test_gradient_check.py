"""The gradient check itself: it finds what is wrong, keeps off the kinks and says how sure it is."""

import math

import msgspec
import numpy as np
import pytest

from bplab.engine import (
    BinaryCrossEntropy,
    Constant,
    Conv2D,
    CrossEntropy,
    Dense,
    GradientCheck,
    HalfSquaredError,
    HeNormal,
    Identity,
    InputError,
    MaxPool,
    Network,
    Normal,
    ReLU,
    Sigmoid,
    Sine,
    Softmax,
    Tanh,
    check_gradients,
)

X = np.random.default_rng(0).normal(size=(8, 2))
Y = np.random.default_rng(1).normal(size=(8, 1))


class Misled(Network):
    """A network whose back-propagation is wrong by a factor in one layer."""

    layer, factor = 0, 1.0

    def gradient(self, x, y):
        result = super().gradient(x, y)
        result[self.layer_stretches[self.layer]] *= self.factor
        return result


def tanh_net(kind=Network, dtype="float64"):
    return kind(2, [Dense(4, Tanh()), Dense(3, Tanh()), Dense(1, Identity())], HalfSquaredError(), dtype, seed=3)


@pytest.mark.parametrize(
    ("factor", "verdict"),
    [(1.0, "good"), (1 + 1e-5, "acceptable"), (1 + 1e-3, "uneasy"), (1.1, "wrong"), (0.0, "wrong")],
)
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_a_wrong_factor_is_found_in_its_layer_and_judged_by_its_size(factor, verdict, layer):
    network = tanh_net(Misled)
    network.layer, network.factor = layer, factor
    check = check_gradients(network, X, Y)
    assert check.verdict == verdict
    if factor != 1.0:
        assert check.layer == layer + 1
        assert check.relative_error == pytest.approx(abs(1 - factor) / max(1.0, factor), rel=1e-2)


@pytest.mark.parametrize(
    ("verdict", "errors"),
    [
        ("good", [0.0, 9e-8]),
        ("acceptable", [1e-7, 1e-4]),
        ("uneasy", [2e-4, 1e-2]),
        ("wrong", [0.02, 1.0, math.inf]),
        ("undecided", [math.nan]),
    ],
)
def test_the_verdict_follows_the_scale_of_cs231n(verdict, errors):
    assert [GradientCheck(error, 1, 10, 0).verdict for error in errors] == [verdict] * len(errors)


def test_a_gradient_that_is_no_number_is_wrong():
    network = tanh_net(Misled)
    network.factor = math.nan
    assert check_gradients(network, X, Y).verdict == "wrong"


def test_a_vanished_layer_is_judged_by_its_own_size():
    layers = [Dense(4, Sigmoid()) for _ in range(8)]
    network = Misled(2, [*layers, Dense(1, Identity())], HalfSquaredError(), seed=0)
    sizes = [np.abs(gradient).max() for gradient in network.backprop(X, Y).weight_gradients]
    assert sizes[0] < 1e-4 * sizes[-1]
    network.factor = 1.05
    assert check_gradients(network, X, Y).layer == 1


def test_steps_shrink_until_no_weighted_input_changes_its_side_of_a_kink():
    # One ReLU neuron at z = 1e-6: the loss is a parabola on one side and flat on the other.
    network = Network(1, [Dense(1, ReLU()), Dense(1, Identity())], HalfSquaredError())
    network.parameters[:] = 1e-6, 0.0, 1.0, 0.0
    check = check_gradients(network, [[1.0]], [[-1.0]])
    assert check.verdict == "good"
    assert check.compared == 12


def test_where_two_values_tie_for_the_largest_stands_a_kink_too():
    filters = Conv2D(1, Identity(), kernel=2, weights=Constant(1.0))
    network = Network((1, 3, 3), [filters, MaxPool(2), Dense(1, Identity(), Constant(1.0))])
    x = [[1.0, 2.0, 3.0, 3.0, 2.0, 1.0, 0.0, 0.0, 0.0]]  # the upper two windows both sum to 8
    found = check_gradients(network, x, [[0.0]], directions=0)
    # Each of the four weights moves the two by different amounts; the biases and the last weight move both alike.
    assert (found.skipped, found.compared) == (4, 3)
    assert found.verdict == "good"


def test_a_direction_that_starts_on_a_kink_is_skipped_not_misjudged():
    network = Network(1, [Dense(1, ReLU()), Dense(1, Identity())], HalfSquaredError())
    network.parameters[:] = 0.0, 0.0, 1.0, 0.5
    check = check_gradients(network, [[1.0]], [[-1.0]])
    assert check.skipped == 6
    assert check.compared == 6
    assert check.verdict == "good"


def test_a_crossed_clip_of_the_loss_shortens_the_step_too():
    network = Network(1, [Dense(1, Identity())], BinaryCrossEntropy())
    network.parameters[:] = 0.5, 0.49  # output .99: the first step would leave (0, 1)
    assert check_gradients(network, [[1.0]], [[0.0]]).verdict == "good"


def test_a_dead_network_agrees_with_its_flat_loss():
    network = Network(2, [Dense(3, ReLU()), Dense(1, Identity())], HalfSquaredError())
    network.biases[0][...] = -100.0
    check = check_gradients(network, X, Y)
    assert check.verdict == "good"
    assert check.skipped == 0


def test_nothing_compared_is_undecided():
    check = check_gradients(Network(40, [Dense(40, Tanh())]), np.zeros((1, 40)), np.zeros((1, 40)), directions=0)
    assert check.verdict == "undecided"
    assert (check.layer, check.compared) == (0, 0)


def test_large_networks_are_checked_along_random_directions_only():
    network = Network(30, [Dense(20, ReLU(), HeNormal()), Dense(5, Softmax())], CrossEntropy(), seed=1)
    random = np.random.default_rng(2)
    check = check_gradients(network, random.normal(size=(40, 30)), np.eye(5)[random.integers(0, 5, 40)], directions=3)
    assert check.compared + check.skipped == 2 * 3
    assert check.verdict == "good"


def test_single_precision_passes_as_what_single_precision_can_show():
    check = check_gradients(tanh_net(dtype="float32"), X, Y)
    assert check.verdict == "acceptable"


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_network_is_left_as_it_was(dtype):
    network = tanh_net(dtype=dtype)
    before = network.parameters.copy()
    check_gradients(network, X, Y)
    assert network.parameters.tobytes() == before.tobytes()


def test_the_same_seed_gives_the_same_check():
    network = Network(2, [Dense(90, Tanh(), Normal(0, 0.1)), Dense(1, Tanh())], HalfSquaredError())
    first = check_gradients(network, X, Y, directions=2, seed=5)
    assert msgspec.structs.asdict(check_gradients(network, X, Y, directions=2, seed=5)) == msgspec.structs.asdict(first)
    assert check_gradients(network, X, Y, directions=2, seed=6) != first


def test_arrays_that_do_not_fit_are_refused_in_a_sentence():
    with pytest.raises(InputError, match=r"inputs have shape \(8, 3\); expected \(samples, 2\)"):
        check_gradients(tanh_net(), np.zeros((8, 3)), Y)


@pytest.mark.parametrize("seed", range(6))
def test_a_rough_loss_is_never_held_against_a_right_gradient(seed):
    layers = [Dense(8, Sine(30.0), Normal(0.0, 5.0)) for _ in range(4)]
    network = Network(2, [*layers, Dense(1, Identity())], HalfSquaredError(), seed=seed)
    x = np.random.default_rng(seed).normal(size=(32, 2))
    assert check_gradients(network, x, np.sin(x[:, :1])).verdict in ("good", "undecided")
