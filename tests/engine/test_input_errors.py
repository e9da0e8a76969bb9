"""What cannot be used is refused in one sentence that says what and where."""

import re

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    Adam,
    Dense,
    HalfSquaredError,
    InputError,
    LeakyReLU,
    Momentum,
    Network,
    Softmax,
    Tanh,
    Trainer,
    train,
)

X, Y = np.zeros((5, 2)), np.zeros((5, 1))


def net():
    return Network(2, [Dense(3, Tanh()), Dense(1, Tanh())])


def layer(**change):
    return Dense(**({"units": 3, "activation": Tanh()} | change))


NETWORKS = {
    "inputs: expected int ≥ 1": lambda: Network(0, [layer()]),
    "inputs: expected int | array, got float": lambda: Network(2.0, [layer()]),
    "layers: expected array of length ≥ 1": lambda: Network(2, []),
    "layers: expected array, got int": lambda: Network(2, 3),
    "layers[0].units: expected int ≥ 1": lambda: Network(2, [layer(units=0), layer()]),
    "layers[1].units: expected int ≥ 1": lambda: Network(2, [layer(), layer(units=-4)]),
    "layers[1].units: expected int ≤ 65536": lambda: Network(2, [layer(), layer(units=10**9)]),
    "layers[0].units: expected int, got bool": lambda: Network(2, [layer(units=True)]),
    "layers[0].activation: expected object with a type, got str": lambda: Network(2, [layer(activation="tanh")]),
    "layers[0].activation.slope: expected float ≤ 1.0": lambda: Network(2, [layer(activation=LeakyReLU(2.0))]),
    "layers[0].weights.type: there is no initialization of type 'tanh'": lambda: Network(2, [layer(weights=Tanh())]),
    "Tanh is a class; write Tanh()": lambda: Network(2, [layer(activation=Tanh)]),
    "HalfSquaredError is a class; write HalfSquaredError()": lambda: Network(2, [layer()], HalfSquaredError),
    "loss.type: there is no loss of type 'softmax'": lambda: Network(2, [layer()], Softmax()),
    "dtype: invalid enum value 'float16'": lambda: Network(2, [layer()], dtype="float16"),
    "seed: expected int ≥ 0": lambda: Network(2, [layer()], seed=-1),
    "seed: expected int, got str": lambda: Network(2, [layer()], seed="lucky"),
    "this network has 4,295,032,832 parameters; at most 200,000,000 fit": lambda: Network(65536, [layer(units=65536)]),
}

ARRAYS = {
    "inputs have shape (2,); expected (samples, 2)": lambda: net().predict([1.0, 2.0]),
    "inputs have shape (5, 3); expected (samples, 2)": lambda: net().predict(np.zeros((5, 3))),
    "inputs have shape (); expected (samples, 2)": lambda: net().predict(None),
    "inputs are no table of numbers: could not convert string to float": lambda: net().predict([["a", "b"]]),
    "inputs are no table of numbers: setting an array element": lambda: net().evaluate([[1, 2], [3]], [1, 2]),
    "inputs are no table of numbers: int too large": lambda: net().predict([[10**400, 0]]),
    "inputs are complex numbers; expected real ones": lambda: net().predict(X + 1j),
    "targets are complex numbers; expected real ones": lambda: train(net(), X, [1j] * 5),
    "targets are no table of numbers": lambda: net().backprop(X, ["yes"] * 5),
    "targets have shape (5, 2); expected (samples, 1)": lambda: net().backprop(X, np.zeros((5, 2))),
    "there are 5 inputs but 3 targets": lambda: net().evaluate(X, Y[:3]),
    "there are no samples": lambda: net().backprop(X[:0], Y[:0]),
}


def with_value(array, place, value):
    changed = array.copy()
    changed[place] = value
    return changed


TRAINING = {
    "batch_size: expected int ≥ 1": lambda: train(net(), X, Y, batch_size=0),
    "batch_size: expected int, got float": lambda: train(net(), X, Y, batch_size=2.5),
    "epochs: expected int ≥ 0": lambda: train(net(), X, Y, epochs=-1),
    "epochs: expected int, got float": lambda: train(net(), X, Y, epochs=1.5),
    "seed: expected int ≥ 0": lambda: Trainer(net(), X, Y, seed=-1),
    "optimizer: expected object with a type, got str": lambda: train(net(), X, Y, optimizer="sgd"),
    "SGD is a class; write SGD()": lambda: train(net(), X, Y, optimizer=SGD),
    "optimizer.learning_rate: expected float ≥ 0.0": lambda: train(net(), X, Y, SGD(-0.1)),
    "optimizer.learning_rate: expected float, got str": lambda: train(net(), X, Y, SGD("fast")),
    "optimizer.momentum: expected float < 1.0": lambda: train(net(), X, Y, Momentum(0.1, 1.0)),
    "optimizer.epsilon: expected float > 0.0": lambda: train(net(), X, Y, Adam(epsilon=0.0)),
    "inputs[3, 1] is nan; expected a finite number": lambda: train(net(), with_value(X, (3, 1), np.nan), Y),
    "inputs[4, 0] is -inf; expected a finite number": lambda: train(net(), with_value(X, (4, 0), -np.inf), Y),
    "targets[2, 0] is inf; expected a finite number": lambda: train(net(), X, with_value(Y, (2, 0), np.inf)),
    "there are no samples": lambda: train(net(), X[:0], Y[:0]),
}


@pytest.mark.parametrize(("sentence", "attempt"), [*NETWORKS.items(), *ARRAYS.items(), *TRAINING.items()])
def test_bad_input_is_refused_in_a_sentence(sentence, attempt):
    with pytest.raises(InputError, match=f"^{re.escape(sentence)}") as caught:
        attempt()
    assert "\n" not in str(caught.value)
    assert "`" not in str(caught.value)


def test_a_learning_rate_that_is_no_number_is_refused():
    with pytest.raises(InputError, match=r"^optimizer\.learning_rate: expected float ≥ 0\.0$"):
        Trainer(net(), X, Y, SGD(float("nan")))


def test_a_number_too_large_for_float32_is_refused_as_infinite():
    small = Network(2, [Dense(1, Tanh())], dtype="float32")
    with pytest.raises(InputError, match=r"^inputs\[0, 0\] is inf; expected a finite number$"):
        train(small, [[1e300, 0.0]], [0.0])


def test_numbers_of_numpy_are_as_good_as_those_of_python():
    network = Network(np.int64(2), [Dense(np.int32(3), LeakyReLU(np.float64(0.1)))], dtype=np.float32, seed=np.uint8(3))
    assert network.dtype == np.float32
    assert network.layers == (Dense(3, LeakyReLU(0.1)),)
    assert Network(2, [layer()], dtype=np.dtype("float64")).dtype == np.float64
    assert next(train(net(), X, Y, SGD(np.float32(0.5)), batch_size=np.int16(2))).number == 1


def test_an_input_error_is_a_value_error():
    assert issubclass(InputError, ValueError)
