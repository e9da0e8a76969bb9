"""Whatever the network and the optimizer: a run that leaves the finite numbers ends at that step, by name, in silence.

The reference goes through the same run one update at a time and looks at everything that a pass of its own computes
before it, with the same dropout, and at the parameters after it, in the order in which they are computed.
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
    Conv2D,
    Dense,
    DivergenceError,
    ExponentialDecay,
    Flatten,
    HalfSquaredError,
    Identity,
    MaxPool,
    MeanPool,
    Momentum,
    Network,
    Normal,
    Normalization,
    Optimizer,
    PReLU,
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
from bplab.engine.calls import execute
from bplab.engine.noise import Noise
from bplab.engine.optimizers import Clock
from bplab.engine.passes import with_ones
from bplab.engine.probes import Evaluation, Probe, update_ratios

ACTIVATIONS = (ReLU(), Identity(), Softplus(), Sine(), GELU())
OPTIMIZERS = [
    *(pytest.param(kind, id=name) for name, kind in Optimizer.members().items()),
    pytest.param(partial(Momentum, nesterov=True), id="nesterov"),
]
NORMALIZATIONS, PLACES = st.sampled_from(list(Normalization.members().values())), ("before", "after")
DTYPES = ("float64", "float32")
LARGEST_RATE = 1e6
SIZES = {"float64": (1e3, 1e60, 1e150, 1e300), "float32": (1e3, 1e10, 1e30, 1e38)}
STEPS = 60
SAMPLES, BATCH = 7, 3


class Plan:
    """A network and how it is trained; every trainer made from it does the same."""

    def __init__(self, optimizer, dtype, layers, inputs=2, input_size=1.0, seed=0):
        self.optimizer, self.dtype, self.layers, self.inputs, self.seed = optimizer, dtype, layers, inputs, seed
        random = np.random.default_rng([seed, 99])
        self.x = input_size * random.normal(size=(SAMPLES, math.prod(inputs) if isinstance(inputs, tuple) else inputs))
        self.y = random.normal(size=(SAMPLES, layers[-1].units))

    def trainer(self):
        network = Network(self.inputs, self.layers, HalfSquaredError(), self.dtype, self.seed)
        return Trainer(network, self.x, self.y, self.optimizer, BATCH, shuffle=False)

    def batch(self, number):
        """Inputs and targets of update ``number``, from 1."""
        start = (number - 1) % -(-SAMPLES // BATCH) * BATCH
        return self.x[start : start + BATCH], self.y[start : start + BATCH]


class Seen:
    """What update number ``number`` of a network computes on its way; the network stays as it is."""

    def __init__(self, network, number, x, y):
        before, flat = network.parameters.copy(), np.zeros_like(network.parameters)
        clock = Clock(1.0, network.dtype)
        clock.updates = number - 1
        step = network.make_pass(len(x), flat, "training", Noise(0, clock))
        with np.errstate(all="ignore"):
            calls, total = step.bind(with_ones(x, network.dtype).T, np.ascontiguousarray(y.T, network.dtype))
            execute(calls)
            self.loss = total() / len(x)
        self.values = [(layer.z, layer.outputs) for layer in step.layers]
        self.gradients = [flat[stretch] for stretch in network.layer_stretches]
        network.parameters[...] = before


def is_finite(arrays):
    return all(np.isfinite(array).all() for array in arrays)


def first_lost(seen, trainer):
    """Layer and quantity of the first number that is not finite, by what was seen on the way and what it has left."""
    network, layers = trainer.network, range(len(trainer.network.layers))
    slots = [trainer.slots[:, stretch] for stretch in network.layer_stretches]
    lost = [(k + 1, "weighted inputs") for k in layers if not is_finite(seen.values[k])]
    lost += [(0, "loss")] * (not np.isfinite(seen.loss))
    lost += [(k + 1, "gradient") for k in reversed(layers) if not is_finite([seen.gradients[k]])]
    for k in layers:
        kept = [name.startswith("running") for name in network.numbers[k]]
        for quantity, of in (("weights", False), ("running averages", True)):
            arrays = zip(kept, network.numbers[k].values(), strict=True)
            lost += [(k + 1, quantity)] * (not is_finite(array for is_kept, array in arrays if is_kept == of))
    lost += [(k + 1, "optimizer's memory") for k in layers if not is_finite([slots[k]])]
    # What the activations forget, as a ReLU forgets −∞, has done no harm: then nothing else is lost.
    return None if {quantity for _, quantity in lost} <= {"weighted inputs"} else lost[0]


def reference(plan, steps):
    """Step, layer and quantity of the first number that is not finite within so many steps, or None."""
    trainer = plan.trainer()
    trainer._calm = math.inf  # it is looked at here, after every step
    for number in range(1, steps + 1):
        seen = Seen(trainer.network, number, *plan.batch(number))
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


@st.composite
def stacks(draw):
    """Inputs and layers of every kind: filters and pooling, normalizations, dropout, skips, learned slopes."""
    activations, law = st.sampled_from((*ACTIVATIONS, PReLU())), Normal(0.0, 10.0 ** draw(st.integers(-2, 4)))
    inputs, layers = 2, []
    if draw(st.booleans()):
        inputs = (1, 4, 4)
        layers.append(Conv2D(2, draw(activations), padding=1, weights=law, biases=law))
        layers.append(draw(st.sampled_from((MaxPool(2), MeanPool(2), Flatten()))))
    for _ in range(draw(st.integers(1, 4))):
        layers.append(
            Dense(
                draw(st.integers(1, 5)),
                draw(activations),
                law,
                law,
                normalization=draw(st.none() | st.builds(draw(NORMALIZATIONS), place=st.sampled_from(PLACES))),
                dropout=draw(st.sampled_from((0.0, 0.4))),
                skip=draw(st.none() | st.integers(0, len(layers))),
            )
        )
    return inputs, [*layers, Dense(1, draw(activations), law)]


@pytest.mark.parametrize("kind", OPTIMIZERS)
@settings(max_examples=25)
@given(**{name: plans[name] for name in ("dtype", "rate", "input_size", "seed")}, stack=stacks())
def test_a_run_of_a_network_of_every_kind_of_layer_ends_at_the_first_number_that_is_not_finite(
    kind, dtype, stack, rate, input_size, seed
):
    inputs, layers = stack
    plan = Plan(kind(learning_rate=rate), dtype, layers, inputs, input_size, seed)
    assert_ends_where_the_reference_does(plan, steps=20)


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


EXPLODING = {
    **{
        type(activation).__name__: (2, [Dense(4, activation) for _ in range(3)] + [Dense(1, activation)])
        for activation in ACTIVATIONS
    },
    **{
        f"{name} {place}": (2, [Dense(4, ReLU(), normalization=kind(place=place)), Dense(1, Identity())])
        for name, kind in Normalization.members().items()
        for place in PLACES
    },
    "skips": (2, [Dense(4, ReLU()), Dense(4, PReLU(), skip=1), Dense(3, Sine(), skip=1), Dense(1, GELU())]),
    "images": ((1, 4, 4), [Conv2D(2, PReLU()), MaxPool(2, 1), MeanPool(1), Flatten(), Dense(1, Identity(), skip=1)]),
}


@pytest.mark.parametrize("name", EXPLODING)
@pytest.mark.parametrize(("dtype", "size"), [(dtype, size) for dtype, sizes in SIZES.items() for size in sizes])
def test_whatever_is_measured_in_a_network_that_explodes_is_measured_in_silence(name, dtype, size):
    inputs, layers = EXPLODING[name]
    network = Network(inputs, layers, dtype=dtype, seed=1)
    network.parameters[...] *= size
    random = np.random.default_rng(0)
    x, y = random.normal(size=(9, network.inputs)), random.normal(size=(9, 1))
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
        for layer, weights in enumerate(network.weights):
            stall_shares(network, passed, layer)
            if weights.size:
                explain_weight(network, passed, layer, 0, 0)
