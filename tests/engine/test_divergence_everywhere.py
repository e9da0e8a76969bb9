"""Whatever the network and the optimizer: a run that leaves the finite numbers ends at that step, by name, in silence.

The reference goes through the same run one update at a time and looks at everything that ``Network.backprop`` knows
before it and at the parameters after it, in the order in which they are computed.
"""

import math
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bplab.engine import (
    GELU,
    SGD,
    Adam,
    Constant,
    Dense,
    DivergenceError,
    ExponentialDecay,
    HalfSquaredError,
    Identity,
    Momentum,
    Network,
    Normal,
    Optimizer,
    ReLU,
    Rules,
    Sine,
    Softplus,
    Trainer,
    check_gradients,
    explain_weight,
    gradient_budget,
    stall_shares,
)
from bplab.engine.probes import Evaluation, Probe, update_ratios

ACTIVATIONS = (ReLU(), Identity(), Softplus(), Sine(), GELU())
OPTIMIZERS = [
    *(pytest.param(kind, id=name) for name, kind in Optimizer.members().items()),
    pytest.param(partial(Momentum, nesterov=True), id="nesterov"),
]
DTYPES = ("float64", "float32")
LARGEST_RATE = 1e6
SIZES = {"float64": (1e3, 1e60, 1e150, 1e300), "float32": (1e3, 1e10, 1e30, 1e38)}
STEPS = 60
SAMPLES, BATCH = 7, 3


class Plan:
    """A plain network and how it is trained; every trainer made from it does the same."""

    def __init__(self, optimizer, dtype, layers, inputs=2, input_size=1.0, seed=0):
        self.optimizer, self.dtype, self.layers, self.inputs, self.seed = optimizer, dtype, layers, inputs, seed
        random = np.random.default_rng([seed, 99])
        self.x = input_size * random.normal(size=(SAMPLES, inputs))
        self.y = random.normal(size=(SAMPLES, layers[-1].units))

    def trainer(self):
        network = Network(self.inputs, self.layers, HalfSquaredError(), self.dtype, self.seed)
        return Trainer(network, self.x, self.y, self.optimizer, BATCH, shuffle=False)

    def batch(self, number):
        """Inputs and targets of update ``number``, from 1."""
        start = (number - 1) % -(-SAMPLES // BATCH) * BATCH
        return self.x[start : start + BATCH], self.y[start : start + BATCH]


def is_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)


def first_lost(seen, trainer):
    """Layer and quantity of the first number that is not finite, by what was seen on the way and what it has left."""
    network, layers = trainer.network, range(len(trainer.network.layers))
    slots = [network.split_by_layer(slot) for slot in trainer.slots]
    lost = [(k + 1, "weighted inputs") for k in layers if not is_finite((seen.weighted_inputs[k], seen.outputs[k]))]
    lost += [(0, "loss")] * (not np.isfinite(seen.loss))
    gradients = seen.weight_gradients, seen.bias_gradients
    lost += [(k + 1, "gradient") for k in reversed(layers) if not is_finite(part[k] for part in gradients)]
    lost += [(k + 1, "weights") for k in layers if not is_finite((network.weights[k], network.biases[k]))]
    lost += [(k + 1, "optimizer's memory") for k in layers if not is_finite(slot[k] for slot in slots)]
    # What the activations forget, as a ReLU forgets −∞, has done no harm: then nothing else is lost.
    return None if {quantity for _, quantity in lost} <= {"weighted inputs"} else lost[0]


def reference(plan, steps):
    """Step, layer and quantity of the first number that is not finite within so many steps, or None."""
    trainer = plan.trainer()
    trainer._calm = math.inf  # it is looked at here, after every step
    for number in range(1, steps + 1):
        seen = trainer.network.backprop(*plan.batch(number))
        if np.isfinite(seen.loss):  # else the trainer would end here
            trainer.step()
        found = first_lost(seen, trainer)
        if found:
            return number, *found
    return None


def train(trainer, steps):
    """Train to the end or to the divergence, which is returned; no floating-point warning may leave the trainer."""
    with np.errstate(all="raise"):
        try:
            for _ in range(steps):
                trainer.step()
            trainer.check_finite()
        except DivergenceError as error:
            return error
    return None


def assert_ends_where_the_reference_does(plan, steps=STEPS):
    trainer = plan.trainer()
    error = train(trainer, steps)
    found = error and (error.step, error.layer, error.quantity)
    assert found == reference(plan, steps)
    assert np.isfinite(trainer.network.parameters).all()
    assert np.isfinite(trainer.slots).all()
    if error:
        assert trainer.updates == error.step - 1
        stopped = plan.trainer()
        for _ in range(error.step - 1):
            stopped.step()
        assert stopped.network.parameters.tobytes() == trainer.network.parameters.tobytes()
        assert stopped.slots.tobytes() == trainer.slots.tobytes()
    return error


plans = {
    "dtype": st.sampled_from(DTYPES),
    "hidden": st.lists(st.tuples(st.integers(1, 5), st.sampled_from(ACTIVATIONS)), max_size=5),
    "output": st.sampled_from(ACTIVATIONS),
    "rate": st.integers(0, 6).map(lambda exponent: 10.0**exponent),
    "weight_size": st.integers(-2, 6).map(lambda exponent: 10.0**exponent),
    "input_size": st.integers(-2, 12).map(lambda exponent: 10.0**exponent),
    "seed": st.integers(0, 1000),
}


@pytest.mark.parametrize("kind", OPTIMIZERS)
@settings(max_examples=40)
@given(**plans)
def test_a_run_of_any_plain_network_ends_at_the_first_number_that_is_not_finite(
    kind, dtype, hidden, output, rate, weight_size, input_size, seed
):
    law = Normal(0.0, weight_size)
    layers = [*(Dense(units, activation, law, law) for units, activation in hidden), Dense(1, output, law)]
    assert_ends_where_the_reference_does(
        Plan(kind(learning_rate=rate), dtype, layers, input_size=input_size, seed=seed)
    )


@pytest.mark.parametrize("kind", OPTIMIZERS)
@pytest.mark.parametrize(("dtype", "depth"), [("float64", 60), ("float32", 8)])
def test_with_every_optimizer_a_deep_linear_network_diverges_at_an_absurd_rate(kind, dtype, depth):
    layers = [Dense(2, Identity()) for _ in range(depth)]
    error = assert_ends_where_the_reference_does(Plan(kind(learning_rate=LARGEST_RATE), dtype, layers))
    assert error is not None
    assert error.step > 1  # its first weights are harmless


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda activation: type(activation).__name__)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("seed", range(3))
def test_behind_every_activation_a_step_that_is_too_long_explodes(activation, dtype, seed):
    layers = [Dense(6, activation), Dense(6, activation), Dense(1, Identity())]
    assert assert_ends_where_the_reference_does(Plan(SGD(1e5), dtype, layers, input_size=3.0, seed=seed))


@pytest.mark.parametrize(("dtype", "size"), [("float64", 1e160), ("float32", 1e20)])
@pytest.mark.parametrize(
    ("activation", "lost"), [(ReLU(), 2), (Identity(), 2), (Softplus(), 2), (GELU(), 2), (Sine(), 0)]
)
def test_activations_that_explode_are_named_with_the_first_layer_that_overflows(activation, lost, dtype, size):
    layers = [*(Dense(2, activation, Constant(1.0)) for _ in range(4)), Dense(1, Identity(), Constant(1.0))]
    network = Network(2, layers, HalfSquaredError(), dtype)
    for weights in network.weights:
        weights *= size
    trainer = Trainer(network, [[1.0, 1.0]], [[0.0]], Adam())
    error = train(trainer, 1)
    # Two layers of such weights are more than the dtype holds; a sine stays within ±1 until the loss is squared.
    assert (error.step, error.layer, error.quantity) == (1, lost, "weighted inputs" if lost else "loss")


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"rules": Rules(l2=1e-3)},
        {"rules": Rules(clip_norm=1e9)},
        {"schedule": ExponentialDecay()},
        {"rules": Rules(l1=1e-3), "schedule": ExponentialDecay()},
    ],
    ids=["plain", "penalty", "clipped", "schedule", "both"],
)
def test_a_step_that_overflows_by_its_rate_alone_is_named_as_the_weights_and_not_as_the_gradient(options):
    network = Network(1, [Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 0.5, 0.0, 0.5, 0.0
    trainer = Trainer(network, [[1.0]], [[-1e140]], SGD(), **options)
    trainer.set_learning_rate(1e300)
    error = train(trainer, 2)
    assert (error.step, error.layer, error.quantity) == (1, 1, "weights")
    assert network.parameters.tolist() == [0.5, 0.0, 0.5, 0.0]
    assert trainer.learning_rate == 1e300


def test_a_gradient_that_overflows_before_any_rate_is_named_as_the_gradient():
    network = Network(1, [Dense(1, Identity()), Dense(1, Identity())])
    network.parameters[:] = 1e-200, 0.0, 1e100, 0.0
    trainer = Trainer(network, [[1e250]], [[0.0]], SGD())
    trainer.set_learning_rate(1e150)  # with it, the gradient of layer 2 overflows, too
    error = train(trainer, 1)
    assert (error.step, error.layer, error.quantity) == (1, 1, "gradient")


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda activation: type(activation).__name__)
@pytest.mark.parametrize(("dtype", "size"), [(dtype, size) for dtype, sizes in SIZES.items() for size in sizes])
def test_whatever_is_measured_in_a_network_that_explodes_is_measured_in_silence(activation, dtype, size):
    network = Network(2, [*(Dense(4, activation) for _ in range(3)), Dense(1, activation)], dtype=dtype, seed=1)
    network.parameters[...] *= size
    random = np.random.default_rng(0)
    x, y = random.normal(size=(9, 2)), random.normal(size=(9, 1))
    halved = network.split_by_layer(network.parameters * network.dtype.type(0.5))
    with np.errstate(over="raise", divide="raise", invalid="raise"):  # of what NumPy warns of by default
        network.predict(x)
        network.evaluate(x, y)
        passed = network.backprop(x, y)
        Probe(network, x, y).read()
        Evaluation(network, x, y).run()
        check_gradients(network, x, y)
        update_ratios(network.split_by_layer(network.parameters), halved)
        gradient_budget(network, passed)
        for layer in range(4):
            stall_shares(network, passed, layer)
            explain_weight(network, passed, layer, 0, 0)
