"""The names and signatures that scripts and notebooks rely on."""

import inspect
import typing

import numpy as np
import pytest

import bplab.engine
from bplab.engine import (
    SGD,
    Activation,
    Dense,
    GlorotUniform,
    HalfSquaredError,
    Initializer,
    Layer,
    Loss,
    Network,
    Normalization,
    Optimizer,
    Schedule,
    Step,
    Tanh,
    Zeros,
    train,
)


def test_the_first_script_of_a_notebook_runs():
    x = np.random.default_rng(0).uniform(-1, 1, (30, 2))
    y = np.sign(x[:, :1] * x[:, 1:])

    net = Network(
        inputs=2, layers=[Dense(4, Tanh()), Dense(1, Tanh())], loss=HalfSquaredError(), dtype="float64", seed=0
    )
    assert [w.shape for w in net.weights] == [(2, 4), (4, 1)]
    assert [b.shape for b in net.biases] == [(4,), (1,)]
    assert net.predict(x).shape == (30, 1)
    assert type(net.evaluate(x, y)) is float
    b = net.backprop(x, y)
    assert b.loss == pytest.approx(net.evaluate(x, y), rel=1e-14)
    first_loss, steps = b.loss, []
    for step in train(net, x, y, optimizer=SGD(0.03), batch_size=10, epochs=100, shuffle=False, seed=0):
        steps.append((step.number, step.epoch, step.loss))
    assert steps[0][:2] == (1, 1)
    assert steps[-1][:2] == (300, 100)
    assert all(type(loss) is float for _, _, loss in steps)
    assert net.evaluate(x, y) < first_loss


def test_backprop_gives_every_factor_layer_by_layer():
    net = Network(2, [Dense(4, Tanh()), Dense(1, Tanh())])
    b = net.backprop(np.zeros((5, 2)), np.zeros((5, 1)))
    shapes = {
        name: [array.shape for array in getattr(b, name)] for name in vars(b) if isinstance(getattr(b, name), list)
    }
    assert shapes == {
        "inputs": [(5, 2), (5, 4)],
        "weighted_inputs": [(5, 4), (5, 1)],
        "outputs": [(5, 4), (5, 1)],
        "deltas": [(5, 4), (5, 1)],
        "weight_gradients": [(2, 4), (4, 1)],
        "bias_gradients": [(4,), (1,)],
        "errors": [(5, 4), (5, 1)],
        "activated_errors": [(5, 4), (5, 1)],
        "argument_errors": [(5, 4), (5, 1)],
        "derivatives": [(5, 4), (5, 1)],
    }
    assert type(b.loss) is float
    assert b.output_errors.shape == (5, 1)


def parameters(function):
    return {
        name: None if parameter.default is inspect.Parameter.empty else parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if name != "self"
    }


def test_signatures_are_the_published_ones():
    assert parameters(Network.__init__) == {
        "inputs": None,
        "layers": None,
        "loss": HalfSquaredError(),
        "dtype": "float64",
        "seed": 0,
    }
    assert list(parameters(Dense).items())[:4] == [
        ("units", None), ("activation", None), ("weights", GlorotUniform()), ("biases", Zeros()),
    ]  # fmt: skip
    train_parameters = parameters(train)
    published = ["network", "x", "y", "optimizer", "batch_size", "epochs", "shuffle", "seed"]
    assert list(train_parameters) == [*published, "schedule", "rules", "early_stopping", "validation"]
    assert train_parameters["optimizer"] == SGD()
    assert Step.__struct_fields__ == ("number", "epoch", "loss")


@pytest.mark.parametrize("family", [Activation, Initializer, Layer, Loss, Normalization, Optimizer, Schedule])
def test_every_member_of_a_family_can_be_imported_from_the_engine(family):
    for kind in family.members().values():
        assert getattr(bplab.engine, kind.__name__) is kind
        assert kind.__name__ in bplab.engine.__all__


def test_all_public_names_exist_once_and_are_documented():
    names = bplab.engine.__all__
    assert len(set(names)) == len(names)
    for name in names:
        assert inspect.getdoc(getattr(bplab.engine, name)), name


def test_train_is_a_generator_that_prints_nothing_and_stops_when_not_asked(capsys):
    net = Network(2, [Dense(1, Tanh())])
    before = net.parameters.copy()
    steps = train(net, np.ones((4, 2)), np.zeros((4, 1)), batch_size=1, epochs=5)
    assert isinstance(steps, typing.Iterator)
    np.testing.assert_array_equal(net.parameters, before)
    next(steps), next(steps)
    after_two = net.parameters.copy()
    steps.close()
    np.testing.assert_array_equal(net.parameters, after_two)
    assert (after_two != before).any()
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_train_refuses_what_cannot_be_trained_before_the_first_step_is_asked_for():
    with pytest.raises(ValueError, match="batch_size: expected int ≥ 1"):
        train(Network(2, [Dense(1, Tanh())]), np.ones((4, 2)), np.zeros((4, 1)), batch_size=0)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_weights_and_biases_are_writable_views_of_the_one_flat_vector(dtype):
    net = Network(2, [Dense(3, Tanh()), Dense(1, Tanh())], dtype=dtype)
    assert net.parameters.dtype == dtype
    net.weights[0][...] = np.arange(6).reshape(2, 3)
    net.biases[0][...] = [6, 7, 8]
    net.weights[1][...] = [[9], [10], [11]]
    net.biases[1][0] = 12
    assert net.parameters.tolist() == list(range(13))
    net.parameters[:] = 0
    assert not net.predict([[1.0, 2.0]]).any()


def test_a_network_can_be_trained_in_a_notebook_cell_with_a_list_of_lists():
    net = Network(2, [Dense(3, Tanh()), Dense(1, Tanh())])
    losses = [
        s.loss
        for s in train(net, [[0, 0], [0, 1], [1, 0], [1, 1]], [-1, 1, 1, -1], SGD(0.5), batch_size=4, epochs=2000)
    ]
    assert losses[-1] < 0.05
