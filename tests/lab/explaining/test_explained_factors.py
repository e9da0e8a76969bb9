"""Displayed factors multiply to the displayed gradient, whatever the network; and differences of the loss agree."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    Activation,
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HalfSquaredError,
    Identity,
    InputError,
    Loss,
    MaxPool,
    Network,
    Normal,
    Normalization,
    PReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.lab.explaining import (
    Target,
    explain,
    explain_bias,
    explain_layer,
    explain_neuron,
    explain_weight,
)

ACTIVATIONS = [kind() for kind in Activation.members().values()]
LOSSES = [kind() for kind in Loss.members().values()]
NORMS = [None, *(kind(place=place) for kind in Normalization.members().values() for place in ("before", "after"))]


def passed_by(network, samples, seed=0):
    random = np.random.default_rng(seed)
    return network.backprop(random.normal(size=(samples, network.inputs)), random.random((samples, network.outputs)))


@st.composite
def cases(draw):
    widths = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    layers = []
    for number, units in enumerate(widths):
        skip = draw(st.one_of(st.none(), st.integers(0, number)))
        norm, kind = draw(st.sampled_from(NORMS)), draw(st.sampled_from(ACTIVATIONS))
        layers.append(Dense(units, kind, Normal(0, 0.8), Normal(0, 0.3), normalization=norm, skip=skip))
    inputs, seed = draw(st.integers(1, 3)), draw(st.integers(0, 10**6))
    network = Network(inputs, layers, draw(st.sampled_from(LOSSES)), seed=seed)
    passed = passed_by(network, draw(st.integers(1, 6)), seed)
    return network, passed, draw(st.one_of(st.none(), st.integers(0, len(passed.output_errors) - 1)))


def all_of(network, layer):
    """Every target in a layer."""
    inputs, units = network.weights[layer].shape
    yield Target("layer", layer)
    for unit in range(units):
        yield Target("neuron", layer, unit)
        yield Target("bias", layer, unit)
        yield from (Target("weight", layer, unit, source) for source in range(inputs))


def check(told):
    product = told.entries * math.prod(factor.size for factor in told.factors)
    assert told.gradient == pytest.approx(product, rel=1e-12)
    assert told.gradient == pytest.approx(
        told.entries * told.size("input") * told.delta * told.size("agreement"), rel=1e-12
    )
    behind = told.path[0].delta_next * told.size("weights") * told.size("normalization")
    assert told.delta == pytest.approx(behind * told.size("derivative"), rel=1e-12)
    steps = math.prod(step.weights * step.derivative * step.normalization for step in told.path)
    assert told.delta == pytest.approx(told.path[-1].delta_next * steps, rel=1e-12)
    assert told.sentence.endswith(".")
    assert told.marked is None or told.marked in {factor.name for factor in told.factors}


@settings(max_examples=150)
@given(cases())
def test_the_factors_multiply_to_every_gradient_over_the_batch_and_for_a_sample(case):
    network, passed, sample = case
    for layer in range(len(network.layers)):
        for target in all_of(network, layer):
            check(explain(network, passed, target, sample))


@settings(max_examples=60)
@given(cases())
def test_the_parts_of_all_samples_sum_to_the_gradient_that_training_follows(case):
    network, passed, _ = case
    for layer, gradients in enumerate(passed.weight_gradients):
        for source, unit in np.ndindex(gradients.shape):
            parts = [
                explain_weight(network, passed, layer, source, unit, sample).gradient
                for sample in range(len(passed.output_errors))
            ]
            size = np.abs(parts).sum()
            assert sum(parts) == pytest.approx(gradients[source, unit], rel=1e-12, abs=1e-14 * size)
            whole = explain_weight(network, passed, layer, source, unit)
            assert whole.gradient == pytest.approx(gradients[source, unit], rel=1e-12, abs=1e-14 * size)
        for unit, expected in enumerate(passed.bias_gradients[layer]):
            size = np.abs(passed.deltas[layer][:, unit]).sum()
            found = explain_bias(network, passed, layer, unit).gradient
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-14 * size)


def test_for_one_sample_the_numbers_are_the_passs_own():
    network = Network(3, [Dense(4, Tanh()), Dense(3, Sigmoid()), Dense(2, Identity())], seed=1)
    passed = passed_by(network, 5)
    told = explain_weight(network, passed, 0, 2, 1, sample=3)
    assert (told.size("input"), told.delta) == (passed.inputs[0][3, 2], passed.deltas[0][3, 1])
    assert told.gradient == told.size("input") * told.delta
    assert told.terms == tuple(zip(network.weights[1][1], passed.deltas[1][3], strict=True))
    total = sum(weight * delta for weight, delta in told.terms)
    assert told.size("weights") * told.size("delta_next") == pytest.approx(total, rel=1e-12)
    assert told.size("derivative") * total == pytest.approx(told.delta, rel=1e-12)
    assert [factor.name for factor in told.factors] == ["input", "derivative", "weights", "delta_next"]


def test_gradients_of_neurons_and_layers_are_rms_values_of_those_of_their_weights():
    network = Network(3, [Dense(4, Tanh()), Dense(2, Tanh())], seed=1)
    passed = passed_by(network, 6)
    gradients = passed.weight_gradients[0]
    neuron = explain_neuron(network, passed, 0, 2)
    assert neuron.gradient == pytest.approx(np.sqrt(np.mean(gradients[:, 2] ** 2)), rel=1e-13)
    assert explain_layer(network, passed, 0).gradient == pytest.approx(np.sqrt(np.mean(gradients**2)), rel=1e-13)
    for told in (neuron, explain_layer(network, passed, 0)):
        assert 0.0 <= told.size("agreement") <= 1.0


@pytest.mark.parametrize("sample", [None, 2])
def test_filters_are_explained_over_all_places(sample):
    layers = [Conv2D(3, Tanh(), 2, padding=1), MaxPool(2), Conv2D(2, PReLU(), 2), Flatten(), Dense(2, Identity())]
    network = Network((2, 6, 6), layers, HalfSquaredError(), seed=2)
    passed = passed_by(network, 4)
    for layer in (0, 2, 4):
        for target in all_of(network, layer):
            check(explain(network, passed, target, sample))
    told = explain_weight(network, passed, 0, 5, 1, sample)
    assert told.entries == 49 * (4 if sample is None else 1)
    assert told.factors[0].units == (1,)  # the second of two channels


@pytest.mark.parametrize("sample", [None, 1])
@pytest.mark.parametrize(
    ("output", "loss"), [(Tanh(), HalfSquaredError()), (Softmax(), CrossEntropy()), (Sigmoid(), HalfSquaredError())]
)
def test_explanations_agree_with_differences_of_the_loss(output, loss, sample):
    layers = [Dense(4, Tanh()), Dense(4, Tanh(), skip=1), Dense(3, output)]
    network = Network(3, layers, loss, seed=5)
    random = np.random.default_rng(1)
    x, y = random.normal(size=(6, 3)), np.eye(3)[random.integers(0, 3, 6)]
    passed = network.backprop(x, y)
    rows, share = (slice(None), 1.0) if sample is None else (slice(sample, sample + 1), 1.0 / len(x))

    def difference(values, place, step):
        here = values[place]
        losses = []
        for moved in (here + step, here - step):
            values[place] = moved
            losses.append(network.evaluate(x[rows], y[rows]) * share)
        values[place] = here
        return (losses[0] - losses[1]) / (2 * step)

    for layer in range(3):
        for target in all_of(network, layer):
            if target.kind not in ("weight", "bias"):
                continue
            values = network.biases[layer] if target.kind == "bias" else network.weights[layer]
            place = target.unit if target.kind == "bias" else (target.source, target.unit)
            slope = (4 * difference(values, place, 5e-4) - difference(values, place, 1e-3)) / 3
            assert explain(network, passed, target, sample).gradient == pytest.approx(slope, rel=1e-6, abs=1e-10)


def test_factors_say_where_they_come_from():
    layers = [Dense(4, Tanh()), Dense(4, Tanh(), normalization=BatchNorm("before")), Dense(2, Tanh())]
    network = Network(3, layers, seed=1)
    passed = passed_by(network, 5)
    told = explain_weight(network, passed, 1, 2, 3)
    assert {factor.name: (factor.layer, factor.units) for factor in told.factors} == {
        "input": (0, (2,)),
        "agreement": (1, (3,)),
        "derivative": (1, (3,)),
        "normalization": (1, (3,)),
        "weights": (2, None),
        "delta_next": (2, None),
    }
    assert explain_layer(network, passed, 0).factors[0].layer == -1
    last = explain_bias(network, passed, 2, 1).factors[-1]
    assert (last.symbol, last.layer, last.units) == ("∂C/∂a", 2, (1,))


@pytest.mark.parametrize(
    ("ask", "sentence"),
    [
        (lambda n, p: explain_weight(n, p, 0, 2, 0), "layer 1 has no weight 2,0; it is 2 × 3"),
        (lambda n, p: explain_weight(n, p, 0, 0, 0, 4), "there is no sample 4; the batch has 0 to 3"),
        (lambda n, p: explain_bias(n, p, 1, 0), "layer 2 has no biases"),
        (lambda n, p: explain_bias(n, p, 0, 3), "layer 1 has no unit 3; its units are 0 to 2"),
        (lambda n, p: explain_neuron(n, p, 2, 0), "there is no layer 3; the network has 2"),
        (lambda n, p: explain_layer(n, p, -1), "there is no layer 0; the network has 2"),
    ],
)
def test_what_is_not_there_is_refused_in_a_sentence(ask, sentence):
    network = Network(2, [Dense(3, Tanh()), Dense(1, Tanh(), bias=False)])
    passed = passed_by(network, 4)
    with pytest.raises(InputError, match=f"^{sentence}$"):
        ask(network, passed)


def test_a_layer_without_weights_has_nothing_to_explain():
    network = Network((1, 4, 4), [MaxPool(2), Flatten(), Dense(1, Identity())])
    with pytest.raises(InputError, match=r"^layer 1 has no weights: it is max pooling$"):
        explain_layer(network, passed_by(network, 2), 0)
