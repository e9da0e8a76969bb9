"""What may stand around a dense layer, and the layers for images: shapes, numbers, modes, exactness."""

import math

import numpy as np
import pytest

from bplab.engine import (
    LSUV,
    SGD,
    Adam,
    AdamW,
    BatchNorm,
    Constant,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HalfSquaredError,
    HeNormal,
    Identity,
    InputError,
    Layer,
    LayerNorm,
    MaxPool,
    MeanPool,
    Network,
    Normal,
    Normalization,
    Optimizer,
    PReLU,
    ReLU,
    RMSNorm,
    Sigmoid,
    Softmax,
    Tanh,
    Trainer,
    check_gradients,
)
from bplab.engine.calls import execute
from bplab.engine.choices import from_json, to_json
from bplab.engine.noise import Noise
from bplab.engine.optimizers import Clock
from bplab.engine.probes import Probe

GENERATOR = np.random.default_rng(0)
X = GENERATOR.normal(size=(9, 16))
CLASSES = np.eye(3)[GENERATOR.integers(0, 3, 9)]
NORMS = [pytest.param(kind(place=place), id=f"{name} {place}")
         for name, kind in Normalization.members().items() for place in ("before", "after")]  # fmt: skip

IMAGE = (1, 4, 4)
NETWORKS = {
    "skip of equal width": (16, [Dense(5, Tanh()), Dense(5, Tanh(), skip=1), Dense(5, ReLU(), skip=1)]),
    "skip over its own layer": (16, [Dense(5, Tanh()), Dense(5, Sigmoid(), skip=1)]),
    "projected skips": (16, [Dense(5, Tanh()), Dense(6, Tanh(), skip=0), Dense(7, Tanh(), skip=1)]),
    "two skips from one layer": (16, [Dense(4, Tanh()), Dense(4, Tanh(), skip=1), Dense(6, Tanh(), skip=1)]),
    "no biases": (16, [Dense(5, Tanh(), bias=False), Dense(4, Sigmoid(), bias=False)]),
    "learned slopes": (16, [Dense(5, PReLU()), Dense(4, PReLU())]),
    "everything at once": (
        16,
        [
            Dense(5, PReLU(), normalization=BatchNorm()),
            Dense(5, PReLU(), normalization=LayerNorm(place="after"), skip=1),
            Dense(4, Tanh(), normalization=RMSNorm(), skip=2, bias=False),
        ],
    ),
    "convolution": (IMAGE, [Conv2D(3, Tanh()), Conv2D(2, Tanh(), kernel=2)]),
    "padding and stride": (IMAGE, [Conv2D(3, Tanh(), padding=1, stride=2), Conv2D(2, PReLU(), kernel=2, padding=1)]),
    "convolution of many channels": ((4, 2, 2), [Conv2D(3, Sigmoid(), kernel=2, bias=False), Flatten()]),
    "pooling": (IMAGE, [Conv2D(3, Tanh(), padding=1), MaxPool(2), MeanPool(2), Flatten()]),
    "overlapping pooling of the inputs": (IMAGE, [MaxPool(2, 1), Conv2D(2, Tanh(), kernel=2), MeanPool(2, 1)]),
    "a skip from images": (IMAGE, [Conv2D(2, Tanh()), Dense(8, Tanh(), skip=1)]),
}


def made(inputs, layers, output=None, loss=None, seed=1, dtype="float64"):
    output = output or Dense(3, Identity())
    return Network(inputs, [*layers, output], loss or HalfSquaredError(), dtype, seed)


def trained(network, updates=5, optimizer=None, **more):
    trainer = Trainer(network, X, CLASSES, optimizer or SGD(0.05), 4, **more)
    for _ in range(updates):
        trainer.step()
    return trainer


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize(
    ("output", "loss"), [(Dense(3, Identity()), HalfSquaredError()), (Dense(3, Softmax()), CrossEntropy())]
)
def test_the_gradient_through_a_normalization_is_the_slope_of_the_loss(norm, output, loss):
    layers = [Dense(5, Tanh(), normalization=norm), Dense(4, Sigmoid(), normalization=norm)]
    network = made(16, layers, output, loss)
    trained(network)  # away from scales of 1 and shifts of 0
    check = check_gradients(network, X, CLASSES)
    assert check.relative_error < 1e-7
    assert check.compared > 4 * check.skipped


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("loss", [HalfSquaredError(), CrossEntropy()])
def test_a_normalized_output_has_the_right_gradient_too(norm, loss):
    network = made(16, [Dense(5, Tanh())], Dense(3, Softmax(), normalization=norm), loss)
    network.numbers[-1]["scale"][...] = 0.3  # outputs that stay inside (0, 1) behind the activation
    if "shift" in network.numbers[-1]:
        network.numbers[-1]["shift"][...] = 0.5
    assert check_gradients(network, X[:, :16], CLASSES).relative_error < 1e-7


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize(
    ("output", "loss"), [(Dense(3, Identity()), HalfSquaredError()), (Dense(3, Softmax()), CrossEntropy())]
)
def test_the_gradient_of_a_network_of_all_kinds_is_the_slope_of_the_loss(name, output, loss):
    network = made(*NETWORKS[name], output, loss)
    trained(network)
    check = check_gradients(network, X, CLASSES)
    assert check.relative_error < 1e-7
    assert check.compared > 4 * check.skipped


@pytest.mark.parametrize("name", NETWORKS)
def test_in_float32_all_kinds_agree_with_float64(name):
    exact, rough = made(*NETWORKS[name]), made(*NETWORKS[name], dtype="float32")
    rough.parameters[...] = exact.parameters
    np.testing.assert_allclose(rough.predict(X), exact.predict(X), rtol=2e-5, atol=2e-5)
    np.testing.assert_allclose(rough.gradient(X, CLASSES), exact.gradient(X, CLASSES), rtol=1e-3, atol=1e-4)
    assert rough.gradient(X, CLASSES).dtype == np.float32


@pytest.mark.parametrize("name", [*NETWORKS, "dropout"])
def test_a_run_that_is_restored_goes_on_to_the_bit(name):
    design = NETWORKS.get(name, (16, [Dense(6, Tanh(), dropout=0.4), Dense(5, Tanh(), normalization=BatchNorm())]))
    network = made(*design)
    trainer = trained(network, 7, Adam(0.01), seed=3)
    state = trainer.state()
    losses = [trainer.step() for _ in range(10)]
    after = network.parameters.copy()
    other = made(*design)
    again = Trainer(other, X, CLASSES, Adam(0.01), 4, seed=3)
    again.restore(state)
    assert [again.step() for _ in range(10)] == losses
    assert np.array_equal(other.parameters, after)


# -- normalization ------------------------------------------------------------------------------------


def test_batch_norm_gives_each_unit_mean_0_and_variance_1_over_the_batch():
    network = made(16, [Dense(5, Identity(), Normal(0.3, 2.0), normalization=BatchNorm(epsilon=1e-12))])
    outputs = network.backprop(X, CLASSES).outputs[0]
    np.testing.assert_allclose(outputs.mean(axis=0), 0.0, atol=1e-12)
    np.testing.assert_allclose(outputs.var(axis=0), 1.0, rtol=1e-9)


def test_layer_norm_gives_each_sample_mean_0_and_variance_1_over_its_units():
    network = made(16, [Dense(50, Identity(), Normal(0.3, 2.0), normalization=LayerNorm(epsilon=1e-12))])
    for outputs in (network.backprop(X, CLASSES).outputs[0],):
        np.testing.assert_allclose(outputs.mean(axis=1), 0.0, atol=1e-12)
        np.testing.assert_allclose(outputs.var(axis=1), 1.0, rtol=1e-9)


def test_rms_norm_gives_each_sample_mean_square_1_and_leaves_its_mean():
    network = made(16, [Dense(50, Identity(), Normal(0.3, 2.0), normalization=RMSNorm(epsilon=1e-12))])
    result = network.backprop(X, CLASSES)
    outputs, z = result.outputs[0], result.weighted_inputs[0]
    np.testing.assert_allclose((outputs**2).mean(axis=1), 1.0, rtol=1e-9)
    np.testing.assert_allclose(outputs, z / np.sqrt((z**2).mean(axis=1, keepdims=True)), rtol=1e-9)


def test_running_averages_move_by_momentum_to_the_mean_and_the_unbiased_variance_of_the_batch():
    network = made(16, [Dense(5, Tanh(), normalization=BatchNorm(momentum=0.25))])
    z = network.backprop(X, CLASSES).weighted_inputs[0]
    trainer = Trainer(network, X, CLASSES, SGD(0.0), len(X))
    trainer.step()
    numbers = network.numbers[0]
    np.testing.assert_allclose(numbers["running_mean"], 0.25 * z.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(numbers["running_variance"], 0.75 + 0.25 * z.var(axis=0, ddof=1), rtol=1e-12)


def test_evaluation_uses_running_averages_and_nothing_of_the_batch():
    network = made(16, [Dense(5, Tanh(), normalization=BatchNorm())])
    trained(network, 50)
    whole = network.predict(X)
    one_by_one = np.vstack([network.predict(x[None]) for x in X])
    np.testing.assert_allclose(whole, one_by_one, rtol=1e-12, atol=1e-14)
    numbers, z = network.numbers[0], X @ network.weights[0] + network.biases[0]
    normal = (z - numbers["running_mean"]) / np.sqrt(numbers["running_variance"] + 1e-5)
    hidden = np.tanh(normal * numbers["scale"] + numbers["shift"])
    np.testing.assert_allclose(whole, hidden @ network.weights[1] + network.biases[1], rtol=1e-12, atol=1e-14)


LOOKS = {
    "predict": lambda network: network.predict(X),
    "evaluate": lambda network: network.evaluate(X, CLASSES),
    "backprop": lambda network: network.backprop(X, CLASSES),
    "gradient": lambda network: network.gradient(X, CLASSES),
    "probe": lambda network: Probe(network, X, CLASSES).read(),
    "gradient check": lambda network: check_gradients(network, X, CLASSES),
}


@pytest.mark.parametrize("look", LOOKS)
def test_no_look_at_a_network_moves_its_running_averages(look):
    network = made(16, [Dense(5, Tanh(), normalization=BatchNorm())])
    before = network.parameters.copy()
    LOOKS[look](network)
    assert np.array_equal(network.parameters, before)


def test_a_batch_of_one_has_no_variance_and_moves_no_average():
    network = made(16, [Dense(5, Tanh(), normalization=BatchNorm())])
    Trainer(network, X[:1], CLASSES[:1], SGD(0.1), 1).step()
    assert not network.numbers[0]["running_mean"].any()
    assert (network.numbers[0]["running_variance"] == 1.0).all()
    assert np.isfinite(network.parameters).all()


@pytest.mark.parametrize("kind", Optimizer.members().values())
def test_no_optimizer_touches_running_averages(kind):
    network = made(16, [Dense(5, Tanh(), normalization=BatchNorm(momentum=0.0))])
    trained(network, 10, kind())
    assert not network.numbers[0]["running_mean"].any()
    assert (network.numbers[0]["running_variance"] == 1.0).all()
    assert (network.numbers[0]["scale"] != 1.0).all()


# -- dropout ------------------------------------------------------------------------------------------


def test_dropout_silences_its_share_in_training_and_keeps_the_mean():
    network = Network(1, [Dense(400, Identity(), Normal(1.0, 0.0), dropout=0.3), Dense(1, Identity())])
    trainer = Trainer(network, np.ones((200, 1)), np.zeros((200, 1)), SGD(0.0), 200)
    trainer.step()
    outputs = trainer._pages.pass_at(0).layers[0].outputs
    assert set(np.unique(outputs)) == {0.0, 1.0 / 0.7}
    share = np.count_nonzero(outputs == 0.0) / outputs.size
    assert abs(share - 0.3) < 4 * math.sqrt(0.3 * 0.7 / outputs.size)  # four standard deviations


def test_an_error_comes_back_through_dropout_only_where_the_unit_was_not_silenced():
    network, targets = Network(3, [Dense(8, Tanh(), dropout=0.4), Dense(1, Identity())]), np.ones((9, 1))
    flat = np.zeros_like(network.parameters)
    step = network.make_pass(9, flat, "training", Noise(3, Clock(0.0, network.dtype)))
    x = np.random.default_rng(1).normal(size=(9, 3))
    execute(step.bind(np.c_[x, np.ones(9)].T, targets.T)[0])
    a = np.tanh(x @ network.weights[0])
    mask = (step.layers[0].outputs.T != 0.0) / 0.6
    assert 0 < np.count_nonzero(mask) < mask.size
    delta = ((a * mask) @ network.weights[1] - 1.0) / 9
    expected = x.T @ (delta @ network.weights[1].T * mask * (1.0 - a**2))
    np.testing.assert_allclose(network.split_by_layer(flat)[0][:-1], expected, rtol=1e-10, atol=1e-14)


def test_masks_differ_from_update_to_update_and_from_layer_to_layer():
    layer = Dense(50, Identity(), Normal(1.0, 0.0), dropout=0.5)
    network = Network(1, [layer, Dense(50, Identity(), Normal(0.02, 0.0), dropout=0.5), Dense(1, Identity())])
    trainer = Trainer(network, np.ones((20, 1)), np.zeros((20, 1)), SGD(0.0), 20)
    masks = []
    for _ in range(3):
        trainer.step()
        masks += [(part.outputs == 0.0).tobytes() for part in trainer._pages.pass_at(0).layers[:2]]
    assert len(set(masks)) == 6


def test_dropout_draws_the_same_for_the_same_seed_and_not_for_another():
    networks = [made(16, [Dense(6, Tanh(), dropout=0.5)]) for _ in range(3)]
    pairs = zip(networks, (1, 1, 2), strict=True)
    runs = [trained(network, 9, seed=seed, shuffle=False).state() for network, seed in pairs]
    assert np.array_equal(runs[0].parameters, runs[1].parameters)
    assert not np.array_equal(runs[0].parameters, runs[2].parameters)


def test_without_training_dropout_does_nothing():
    plain, dropping = (made(16, [Dense(6, Tanh(), dropout=rate)]) for rate in (0.0, 0.8))
    assert np.array_equal(plain.predict(X), dropping.predict(X))
    assert plain.evaluate(X, CLASSES) == dropping.evaluate(X, CLASSES)
    assert np.array_equal(plain.gradient(X, CLASSES), dropping.gradient(X, CLASSES))


# -- skips, biases, frozen layers, learned slopes ------------------------------------------------------


def test_a_skip_adds_the_outputs_of_the_earlier_layer():
    network = made(16, [Dense(5, Tanh()), Dense(5, Tanh(), skip=1), Dense(4, Tanh(), skip=0)])
    w, b = network.weights, network.biases
    first = np.tanh(X @ w[0] + b[0])
    second = np.tanh(first @ w[1] + b[1]) + first
    third = np.tanh(second @ w[2] + b[2]) + X @ network.numbers[2]["projection"]
    np.testing.assert_allclose(network.predict(X), third @ w[3] + b[3], rtol=1e-12)
    assert "projection" not in network.numbers[1]


@pytest.mark.parametrize(("source", "products"), [(0, 10), (1, 11)])
def test_a_projected_skip_costs_three_products_and_from_the_inputs_two(source, products):
    network = Network(16, [Dense(5, Tanh()), Dense(4, Tanh()), Dense(3, Tanh(), skip=source)])
    calls, _ = network.make_pass(2).bind(np.ones((17, 2)), np.ones((3, 2)))
    assert sum(getattr(function, "__name__", "") == "dot" for function, _ in calls) == products


def test_an_error_reaches_the_first_of_fifty_sigmoid_layers_through_skips():
    def reached(skips):
        layers = [Dense(8, Sigmoid()), *(Dense(8, Sigmoid(), skip=k if skips else None) for k in range(1, 50))]
        deltas = made(16, layers).backprop(X, CLASSES).deltas
        return np.abs(deltas[0]).max() / np.abs(deltas[-1]).max()

    assert reached(skips=False) < 1e-12
    assert reached(skips=True) > 1e-3


def test_a_layer_without_bias_keeps_its_biases_at_0():
    network = made(16, [Dense(5, Tanh(), biases=Normal(), bias=False)])
    assert not network.biases[0].any()
    trained(network, 20, AdamW())
    assert not network.biases[0].any()
    assert network.learned == network.parameters.size - 5


@pytest.mark.parametrize("kind", Optimizer.members().values())
def test_a_frozen_layer_stays_as_it_was_drawn_while_the_others_learn(kind):
    network = made(16, [Dense(5, PReLU(), normalization=LayerNorm(), frozen=True), Dense(5, Tanh(), skip=0)])
    before = network.parameters.copy()
    trained(network, 10, kind())
    frozen = network.layer_stretches[0]
    assert np.array_equal(network.parameters[frozen], before[frozen])
    assert not np.array_equal(network.weights[1], network.split_by_layer(before)[1][:-1])
    assert network.gradient(X, CLASSES)[frozen].any()  # shown all the same


def test_prelu_learns_a_slope_for_every_unit_and_leaky_relu_is_prelu_before_training():
    network = made(16, [Dense(5, PReLU(0.1))])
    z = X @ network.weights[0]
    hidden = np.where(z > 0, z, 0.1 * z)
    np.testing.assert_allclose(network.predict(X), hidden @ network.weights[1], rtol=1e-12)
    trained(network, 10)
    assert len(set(network.numbers[0]["slope"])) == 5


def test_lsuv_scales_weights_alone_whatever_the_biases_are():
    biased = [Dense(30, Tanh(), LSUV(), Normal(0.0, 3.0)), Dense(20, ReLU(), LSUV(), Constant(2.0))]
    network = made(16, biased)
    network.fit_initialization(X)
    passed = network.backprop(X, CLASSES)
    spreads = [(z - b).std() for z, b in zip(passed.weighted_inputs[:2], network.biases[:2], strict=True)]
    np.testing.assert_allclose(spreads, 1.0, rtol=1e-12)


# -- as values ----------------------------------------------------------------------------------------


def test_a_layer_without_a_type_is_dense_and_every_layer_goes_through_json_and_back():
    assert from_json('{"units": 3, "activation": {"type": "tanh"}}', Layer) == Dense(3, Tanh())
    for layer in (
        Dense(3, PReLU(), HeNormal(), normalization=BatchNorm("after", 0.2), dropout=0.25, skip=0, bias=False),
        Dense(3, Tanh(), frozen=True),
        Conv2D(4, ReLU(), 5, 2, 1),
        MaxPool(3, 1),
        MeanPool(),
        Flatten(),
    ):
        assert from_json(to_json(layer), Layer) == layer


REFUSED = {
    "layers[0].skip: layer 1 is no earlier layer than 1; 0 stands for the inputs, 1 for the first layer": (
        4,
        lambda: Dense(2, Tanh(), skip=1),
    ),
    "layers[0].type: a convolution needs images, but here come 4 values in a row": (4, lambda: Conv2D(2, Tanh())),
    "layers[0].type: pooling needs images, but here come 3 values in a row": (3, MaxPool),
    "layers[0].kernel: a window of 5 × 5 does not fit into 4 × 4 pixels": (IMAGE, lambda: Conv2D(2, Tanh(), 5)),
    "layers[0].size: a window of 5 × 5 does not fit into 4 × 4 pixels": (IMAGE, lambda: MeanPool(5)),
    "layers[0].dropout: expected float ≤ 0.95": (4, lambda: Dense(2, Tanh(), dropout=1.0)),
    "padding: 3 zeros leave windows of 3 pixels empty": (IMAGE, lambda: Conv2D(2, Tanh(), padding=3)),
    "activation: softmax goes over a whole layer; a convolution's maps need an f of one value": (
        IMAGE,
        lambda: Conv2D(2, Softmax()),
    ),
}


@pytest.mark.parametrize("sentence", REFUSED)
def test_a_layer_that_cannot_stand_there_is_refused_in_a_sentence(sentence):
    inputs, layer = REFUSED[sentence]
    with pytest.raises(InputError) as refused:
        Network(inputs, [layer()])
    assert str(refused.value) == sentence
