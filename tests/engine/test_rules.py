"""What an update does beside the optimizer's step, each rule written out by hand."""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Adam,
    AdamW,
    BatchNorm,
    Dense,
    DivergenceError,
    HalfSquaredError,
    Identity,
    InputError,
    Lion,
    Momentum,
    Network,
    Normal,
    Optimizer,
    ReLU,
    Rules,
    Tanh,
    Trainer,
)
from bplab.engine.optimizers import base
from bplab.engine.rules import clip_by_norm, shorten_columns

RANDOM = np.random.default_rng(11)
X, Y = RANDOM.normal(size=(8, 3)), RANDOM.normal(size=(8, 2))


def network(dtype="float64"):
    layers = [Dense(4, Tanh(), Normal(0, 0.8), Normal(0, 0.3)), Dense(2, Tanh(), Normal(0, 0.8), Normal(0, 0.3))]
    return Network(3, layers, HalfSquaredError(), dtype, seed=6)


def is_weight(net):
    mask = np.zeros(net.parameters.size, bool)
    for stretch in net.weight_stretches:
        mask[stretch] = True
    return mask


def gradient_of(net):
    """The pure gradient of the loss, flat."""
    seen = net.backprop(X, Y)
    pairs = zip(seen.weight_gradients, seen.bias_gradients, strict=True)
    return np.concatenate([part.ravel() for pair in pairs for part in pair])


def moved(rules, optimizer=None, net=None):
    """Parameters before, the pure gradient there, and parameters after one update of all samples."""
    net = net or network()
    before, gradient = net.parameters.copy(), gradient_of(net)
    Trainer(net, X, Y, optimizer or SGD(0.1), len(X), rules=rules).step()
    return before, gradient, net.parameters


def run(trainer, updates):
    for _ in range(updates):
        trainer.step()


def test_l2_adds_its_strength_times_w_to_weight_gradients_and_nothing_to_those_of_biases():
    w, g, after = moved(Rules(l2=0.3))
    np.testing.assert_allclose(after, w - 0.1 * (g + 0.3 * w * is_weight(network())), rtol=1e-13)


def test_l1_adds_its_strength_with_the_sign_of_w():
    net = network()
    net.weights[0][0, 0] = 0.0
    w, g, after = moved(Rules(l1=0.3), net=net)
    np.testing.assert_allclose(after, w - 0.1 * (g + 0.3 * np.sign(w) * is_weight(net)), rtol=1e-13)


def test_both_penalties_add_up():
    w, g, after = moved(Rules(l1=0.2, l2=0.3))
    penalty = (0.3 * w + 0.2 * np.sign(w)) * is_weight(network())
    np.testing.assert_allclose(after, w - 0.1 * (g + penalty), rtol=1e-13)


def test_the_loss_shown_has_no_penalty_in_it():
    plain, penalized = (Trainer(network(), X, Y, SGD(0.1), len(X), rules=rules) for rules in (Rules(), Rules(l2=5.0)))
    assert plain.step() == penalized.step()


def test_without_a_gradient_l2_shrinks_weights_by_the_same_share_at_every_update():
    net = Network(2, [Dense(3, ReLU()), Dense(1, Identity())], seed=0)
    net.parameters[...] = -1.0  # a dead layer: nothing flows into the weights, the output's bias alone has a gradient
    trainer = Trainer(net, np.ones((4, 2)), np.full((4, 1), -1.0), SGD(0.5), 4, rules=Rules(l2=0.2))
    run(trainer, 7)
    np.testing.assert_allclose(net.weights[0], -((1 - 0.5 * 0.2) ** 7), rtol=1e-14)
    np.testing.assert_array_equal(net.biases[0], -1.0)


@pytest.mark.parametrize("optimizer", [Momentum(0.1), Adam(0.1), AdamW(0.1), Lion(0.1)], ids=lambda it: it.title())
def test_a_penalty_comes_before_the_optimizer_as_if_the_gradient_were_that_of_both(optimizer, monkeypatch):
    monkeypatch.setattr(base, "BLOCK", 5)  # so that stretches of weights begin and end inside of blocks
    net = network()
    w, g, after = moved(Rules(l1=0.1, l2=0.2), optimizer, net)
    penalized = g + (0.2 * w + 0.1 * np.sign(w)) * is_weight(net)
    parameters, slots = w.copy(), np.zeros((optimizer.slots, w.size))
    vectors = base.Vectors(parameters, penalized, slots, net.weight_stretches)
    for function, arguments in optimizer.update(vectors, base.Clock(0.1, net.dtype)):
        function(*arguments)
    np.testing.assert_allclose(after, parameters, rtol=1e-12)


def test_clipping_by_value_bounds_every_number_of_the_gradient():
    w, g, after = moved(Rules(clip_value=0.05))
    assert np.abs(g).min() < 0.05 < np.abs(g).max()
    np.testing.assert_allclose(after, w - 0.1 * np.clip(g, -0.05, 0.05), rtol=1e-13)


def test_clipping_by_norm_shortens_the_whole_gradient_and_keeps_its_direction():
    w, g, after = moved(Rules(clip_norm=0.1))
    length = np.sqrt((g**2).sum())
    assert length > 0.1
    np.testing.assert_allclose(after, w - 0.1 * g * 0.1 / (length + 1e-6), rtol=1e-13)


def test_a_gradient_that_is_short_enough_is_left_alone():
    w, g, after = moved(Rules(clip_norm=1e3, clip_value=1e3))
    np.testing.assert_allclose(after, w - 0.1 * g, rtol=1e-14)


def test_values_are_clipped_first_then_the_norm_and_penalties_come_last():
    w, g, after = moved(Rules(l2=0.3, clip_value=0.05, clip_norm=0.1))
    clipped = np.clip(g, -0.05, 0.05)
    length = np.sqrt((clipped**2).sum())
    assert length > 0.1
    step = clipped * 0.1 / (length + 1e-6) + 0.3 * w * is_weight(network())
    np.testing.assert_allclose(after, w - 0.1 * step, rtol=1e-13)


def test_a_gradient_whose_squares_leave_the_range_of_float32_is_clipped_to_its_length():
    gradients = np.array([3e25, -4e25], np.float32)
    [(clip, _)] = clip_by_norm(gradients, 5.0)
    with np.errstate(over="ignore"):  # as the trainer does
        clip()
    np.testing.assert_allclose(gradients, [3.0, -4.0], rtol=1e-6)


def test_a_gradient_that_is_not_finite_is_left_for_the_trainer_to_find():
    gradients = np.array([1.0, np.inf, 2.0])
    [(clip, _)] = clip_by_norm(gradients, 0.5)
    clip()
    np.testing.assert_array_equal(gradients, [1.0, np.inf, 2.0])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_max_norm_puts_each_units_incoming_weights_back_on_the_ball_and_leaves_shorter_ones(dtype):
    free, bound = network(dtype), network(dtype)
    Trainer(free, X, Y, SGD(0.1), len(X)).step()
    Trainer(bound, X, Y, SGD(0.1), len(X), rules=Rules(max_norm=1.2)).step()
    for before, after in zip(free.weights, bound.weights, strict=True):
        lengths = np.linalg.norm(before.astype(float), axis=0)
        np.testing.assert_array_equal(after[:, lengths <= 1.2], before[:, lengths <= 1.2])
        expected = before / lengths * np.minimum(lengths, 1.2)
        np.testing.assert_allclose(after, expected, rtol=1e-14 if dtype == "float64" else 1e-6)
    lengths = np.concatenate([np.linalg.norm(w, axis=0) for w in free.weights])
    assert lengths.min() < 1.2 < lengths.max()
    for before, after in zip(free.biases, bound.biases, strict=True):
        np.testing.assert_array_equal(after, before)


def test_weights_whose_squares_leave_the_range_of_float32_are_shortened_and_not_lost():
    matrix = np.array([[3e25, 0.0], [4e25, 0.0]], np.float32)
    for function, arguments in shorten_columns([matrix], 10.0):
        function(*arguments)
    np.testing.assert_allclose(matrix, [[6.0, 0.0], [8.0, 0.0]], rtol=1e-6)


def partly_frozen():
    """A network whose first layer, 16 parameters, stays as it was drawn."""
    first = Dense(4, Tanh(), Normal(0, 0.8), Normal(0, 0.3), frozen=True)
    return Network(3, [first, Dense(2, Tanh(), Normal(0, 0.8))], HalfSquaredError(), seed=6)


ALL = Rules(l1=0.1, l2=0.2, max_norm=0.5, clip_value=0.3, clip_norm=0.2)
OPTIMIZERS = [kind() for kind in Optimizer.members().values()]


@pytest.mark.parametrize("rules", [Rules(), ALL], ids=["plain", "all rules"])
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda it: it.title())
def test_frozen_layers_stay_to_the_bit_whatever_the_optimizer_and_the_rules(optimizer, rules):
    net = partly_frozen()
    before = net.parameters.copy()
    trainer = Trainer(net, X, Y, optimizer, 4, rules=rules)
    run(trainer, 6)
    np.testing.assert_array_equal(net.parameters[:16], before[:16])
    assert (net.parameters[16:] != before[16:]).any()


def test_frozen_layers_do_not_count_in_the_length_that_is_clipped():
    net = partly_frozen()
    before, g = net.parameters.copy(), gradient_of(net)
    Trainer(net, X, Y, SGD(0.1), len(X), rules=Rules(clip_norm=0.1)).step()
    length = np.linalg.norm(g[16:])
    np.testing.assert_allclose(net.parameters[16:], before[16:] - 0.1 * g[16:] * 0.1 / (length + 1e-6), rtol=1e-12)


def test_running_averages_scales_and_shifts_know_neither_penalty_nor_ball():
    layers = [Dense(4, Tanh(), normalization=BatchNorm()), Dense(2, Tanh())]
    plain, ruled = (Network(3, layers, HalfSquaredError(), seed=6) for _ in range(2))
    for net in (plain, ruled):
        net.numbers[0]["scale"][...] = 40.0
    Trainer(plain, X, Y, SGD(0.1), len(X)).step()
    Trainer(ruled, X, Y, SGD(0.1), len(X), rules=Rules(l1=0.1, l2=0.2, max_norm=0.01)).step()
    for name in ("scale", "shift", "running_mean", "running_variance"):
        np.testing.assert_allclose(ruled.numbers[0][name], plain.numbers[0][name], rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(ruled.weights[0], axis=0), 0.01, rtol=1e-12)


def test_the_projection_of_a_skip_is_penalized_and_bound_as_weights_are():
    layers = [Dense(4, Tanh()), Dense(2, Tanh(), skip=0)]
    plain, penalized, bound = (Network(3, layers, HalfSquaredError(), seed=6) for _ in range(3))
    before = plain.numbers[1]["projection"].copy()
    for net, rules in ((plain, Rules()), (penalized, Rules(l2=0.2)), (bound, Rules(max_norm=0.01))):
        Trainer(net, X, Y, SGD(0.1), len(X), rules=rules).step()
    after = [net.numbers[1]["projection"] for net in (plain, penalized, bound)]
    np.testing.assert_allclose(after[1], after[0] - 0.1 * 0.2 * before, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(after[2], axis=0), 0.01, rtol=1e-12)


@pytest.mark.parametrize(
    ("rate", "rules"),
    [(1.0, Rules(l2=1e3)), (1.0, Rules(l2=1e3, clip_norm=1.0)), (1e6, Rules(max_norm=2.0))],
    ids=["penalty", "penalty behind clipping", "biases behind max-norm"],
)
def test_a_divergence_under_rules_is_found_and_the_last_finite_weights_are_kept(rate, rules):
    net = Network(3, [Dense(4, Identity()), Dense(2, Identity())], HalfSquaredError(), seed=6)
    trainer = Trainer(net, X, Y, SGD(rate), 4, rules=rules)
    with pytest.raises(DivergenceError) as found:
        run(trainer, 400)
    assert np.isfinite(net.parameters).all()
    assert found.value.step == trainer.updates + 1


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(l2=-1.0), "rules.l2: expected float ≥ 0.0"),
        (Rules(l1=float("nan")), "rules.l1: "),
        (Rules(clip_norm="big"), "rules.clip_norm: expected float, got str"),
        (Rules(max_norm=1e10), "rules.max_norm: expected float ≤ 1000000000.0"),
    ],
)
def test_rules_out_of_their_limits_are_refused_with_their_path(rules, said):
    with pytest.raises(InputError) as refused:
        Trainer(network(), X, Y, rules=rules)
    assert str(refused.value).startswith(said)
