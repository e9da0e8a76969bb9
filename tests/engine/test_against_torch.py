"""The engine beside PyTorch: the same numbers forward, back and through hundreds of updates, in float64.

Needs PyTorch (the extra ``compare``). The largest relative difference of each comparison is recorded as the property
``relative_difference``, which ``--junitxml`` writes down.
"""

import numpy as np
import pytest

from bplab.engine import (
    CELU,
    ELU,
    GELU,
    SELU,
    SGD,
    Activation,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    BinaryCrossEntropy,
    CrossEntropy,
    Dense,
    Gaussian,
    GELUTanh,
    GlorotNormal,
    HalfSquaredError,
    HardSigmoid,
    HardTanh,
    Hinge,
    Huber,
    Identity,
    LeakyReLU,
    Lion,
    LogCosh,
    Loss,
    MeanAbsoluteError,
    MeanSquaredError,
    Mish,
    Momentum,
    NAdam,
    Network,
    Normal,
    Optimizer,
    PReLU,
    ReLU,
    ReLU6,
    RMSProp,
    Sigmoid,
    SiLU,
    Sine,
    Softmax,
    Softplus,
    Softsign,
    Tanh,
    Trainer,
)

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'bplab[compare]'")
F = torch.nn.functional

TOLERANCE = 1e-9
"""Largest difference allowed, relative to the largest number of an array."""

ACTIVATIONS = {
    "identity": (Identity(), lambda z: z),
    "sigmoid": (Sigmoid(), torch.sigmoid),
    # torch's own hardsigmoid holds 1/6 in single precision, whatever it is given
    "hard sigmoid": (HardSigmoid(), lambda z: torch.clamp(z / 6 + 0.5, 0, 1)),
    "tanh": (Tanh(), torch.tanh),
    "hard tanh": (HardTanh(), F.hardtanh),
    "softsign": (Softsign(), F.softsign),
    "sine": (Sine(3.0), lambda z: torch.sin(3.0 * z)),
    "gaussian": (Gaussian(), lambda z: torch.exp(-z * z)),
    "relu": (ReLU(), torch.relu),
    "relu6": (ReLU6(), F.relu6),
    "leaky relu": (LeakyReLU(0.2), lambda z: F.leaky_relu(z, 0.2)),
    # what it learns is compared with the layers
    "prelu before training": (PReLU(0.2), lambda z: F.prelu(z, torch.tensor([0.2], dtype=z.dtype))),
    "elu": (ELU(), F.elu),
    "elu, alpha 2.5": (ELU(2.5), lambda z: F.elu(z, 2.5)),
    "selu": (SELU(), F.selu),
    "celu": (CELU(2.5), lambda z: F.celu(z, 2.5)),
    "softplus": (Softplus(), lambda z: F.softplus(z, threshold=1e3)),
    "silu": (SiLU(), F.silu),
    "gelu": (GELU(), F.gelu),
    "gelu, tanh form": (GELUTanh(), lambda z: F.gelu(z, approximate="tanh")),
    "mish": (Mish(), F.mish),
    "softmax": (Softmax(), lambda z: torch.softmax(z, dim=1)),
}


def of_outputs(formula):
    """A loss that torch takes from the outputs, not from z."""
    return lambda z, a, y: formula(a, y)


LOSSES = {
    "half squared error": (HalfSquaredError(), Tanh(), of_outputs(lambda a, y: 0.5 * ((a - y) ** 2).sum(1).mean())),
    "mean squared error": (MeanSquaredError(), Tanh(), of_outputs(F.mse_loss)),
    "mean absolute error": (MeanAbsoluteError(), Tanh(), of_outputs(F.l1_loss)),
    "huber": (Huber(), Identity(), of_outputs(F.huber_loss)),
    "huber, delta .3": (Huber(0.3), Identity(), of_outputs(lambda a, y: F.huber_loss(a, y, delta=0.3))),
    "log cosh": (LogCosh(), Identity(), of_outputs(lambda a, y: torch.log(torch.cosh(a - y)).mean())),
    "hinge": (Hinge(), Identity(), of_outputs(lambda a, y: torch.clamp(1 - (2 * y - 1) * a, min=0).mean())),
    "binary cross-entropy of sigmoid": (
        BinaryCrossEntropy(),
        Sigmoid(),
        lambda z, a, y: F.binary_cross_entropy_with_logits(z, y, reduction="sum") / len(y),
    ),
    "binary cross-entropy of gaussian": (
        BinaryCrossEntropy(),
        Gaussian(),
        of_outputs(lambda a, y: F.binary_cross_entropy(a, y, reduction="sum") / len(y)),
    ),
    "cross-entropy of softmax": (CrossEntropy(), Softmax(), lambda z, a, y: F.cross_entropy(z, y)),
    "cross-entropy of softmax, smoothed": (
        CrossEntropy(0.2),
        Softmax(),
        lambda z, a, y: F.cross_entropy(z, y, label_smoothing=0.2),
    ),
    "cross-entropy of sigmoid": (
        CrossEntropy(),
        Sigmoid(),
        of_outputs(lambda a, y: -(y * torch.log(a)).sum(1).mean()),
    ),
}
TORCH_OF = dict(ACTIVATIONS.values())


class Twin:
    """A network's weights and mathematics once more, in torch."""

    def __init__(self, network, loss):
        self.network, self.loss = network, loss
        self.weights, self.biases = (
            [torch.tensor(array.copy(), requires_grad=True) for array in arrays]
            for arrays in (network.weights, network.biases)
        )

    def forward(self, x):
        """z and a of every layer."""
        seen, a = [], x
        for layer, weights, biases in zip(self.network.layers, self.weights, self.biases, strict=True):
            z = a @ weights + biases
            a = TORCH_OF[layer.activation](z)
            seen.append((z, a))
        return seen

    def cost(self, x, y):
        seen = self.forward(torch.tensor(x))
        return self.loss(*seen[-1], torch.tensor(y)), seen


def difference(ours, theirs):
    """Largest difference, relative to the largest number."""
    theirs = theirs.detach().numpy() if isinstance(theirs, torch.Tensor) else np.asarray(theirs)
    assert np.shape(ours) == theirs.shape
    size = np.abs(theirs).max()
    return float(np.abs(ours - theirs).max() / size) if size else float(np.abs(ours).max())


def worst_of_a_pass(network, loss, x, y):
    """Largest difference in anything that a pass forward and back computes."""
    twin, seen = Twin(network, loss), network.backprop(x, y)
    cost, layers = twin.cost(x, y)
    for z, _ in layers:
        z.retain_grad()
    cost.backward()
    found = [difference(seen.loss, cost)]
    for number, (z, a) in enumerate(layers):
        found += [difference(seen.weighted_inputs[number], z), difference(seen.outputs[number], a)]
        found.append(difference(seen.deltas[number], z.grad))
        found.append(difference(seen.weight_gradients[number], twin.weights[number].grad))
        found.append(difference(seen.bias_gradients[number], twin.biases[number].grad))
    return max(found)


def samples(count=40, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(count, 4)), np.eye(3)[random.integers(0, 3, count)]


def half_squared(z, a, y):
    return 0.5 * ((a - y) ** 2).sum(1).mean()


@pytest.fixture(autouse=True)
def one_thread_and_double_by_default():
    """Threads only slow such small nets down, and torch keeps a scalar of NAdam's in its default precision."""
    dtype, threads = torch.get_default_dtype(), torch.get_num_threads()
    torch.set_default_dtype(torch.float64), torch.set_num_threads(1)
    yield
    torch.set_default_dtype(dtype), torch.set_num_threads(threads)


@pytest.fixture
def agree(request):
    """Asserts that a relative difference is small and notes it."""

    def check(found):
        request.node.user_properties.append(("relative_difference", f"{found:.2e}"))
        assert found <= TOLERANCE

    return check


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_network_of_one_activation_computes_what_torch_computes(name, agree):
    activation = ACTIVATIONS[name][0]
    layers = [Dense(units, activation, Normal(0, 0.7), Normal(0, 0.5)) for units in (6, 5, 3)]
    network = Network(4, layers, HalfSquaredError(), seed=1)
    agree(worst_of_a_pass(network, half_squared, *samples()))


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_far_from_0_an_activation_is_still_that_of_torch(name, agree):
    network = Network(4, [Dense(3, ACTIVATIONS[name][0], Normal(0, 6.0))], HalfSquaredError(), seed=2)
    agree(worst_of_a_pass(network, half_squared, *samples(300)))


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_and_its_gradients_are_those_of_torch(name, agree):
    loss, output, of_torch = LOSSES[name]
    layers = [Dense(6, Tanh(), GlorotNormal(), Normal(0, 0.2)), Dense(3, output, GlorotNormal(), Normal(0, 0.2))]
    agree(worst_of_a_pass(Network(4, layers, loss, seed=3), of_torch, *samples()))


def sgd(kind, **more):
    """Makes a torch optimizer of all parameters in one group."""
    return lambda twin: kind([*twin.weights, *twin.biases], **more)


def adamw(twin):
    """Weights and biases as two groups: biases are never decayed."""
    groups = [{"params": twin.weights, "weight_decay": 0.3}, {"params": twin.biases, "weight_decay": 0.0}]
    return torch.optim.AdamW(groups, lr=0.01)


OPTIMIZERS = {
    "sgd": (SGD(0.1), sgd(torch.optim.SGD, lr=0.1)),
    "momentum": (Momentum(0.03, 0.9), sgd(torch.optim.SGD, lr=0.03, momentum=0.9)),
    "nesterov": (
        Momentum(0.03, 0.9, nesterov=True),
        sgd(torch.optim.SGD, lr=0.03, momentum=0.9, nesterov=True),
    ),
    "adagrad": (Adagrad(0.05), sgd(torch.optim.Adagrad, lr=0.05)),
    "rmsprop": (RMSProp(0.005, 0.95), sgd(torch.optim.RMSprop, lr=0.005, alpha=0.95)),
    "adadelta": (Adadelta(0.8, 0.95), sgd(torch.optim.Adadelta, lr=0.8, rho=0.95)),
    "adam": (Adam(0.01), sgd(torch.optim.Adam, lr=0.01)),
    "adam of another mind": (
        Adam(0.01, 0.8, 0.95, 1e-4),
        sgd(torch.optim.Adam, lr=0.01, betas=(0.8, 0.95), eps=1e-4),
    ),
    "adamw": (AdamW(0.01, weight_decay=0.3), adamw),
    "nadam": (NAdam(0.01), sgd(torch.optim.NAdam, lr=0.01)),
    "nadam, quick warm-up": (
        NAdam(0.01, momentum_decay=0.2),
        sgd(torch.optim.NAdam, lr=0.01, momentum_decay=0.2),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_two_hundred_updates_stay_beside_those_of_torch(name, agree):
    optimizer, make = OPTIMIZERS[name]
    network = Network(4, [Dense(6, Tanh()), Dense(5, Tanh()), Dense(3, Softmax())], CrossEntropy(), seed=4)
    x, y = samples(22)
    twin = Twin(network, LOSSES["cross-entropy of softmax"][2])
    trainer, beside, found = Trainer(network, x, y, optimizer, batch_size=8, shuffle=False), make(twin), []
    for step in range(200):
        rows = slice(start := step % 3 * 8, start + 8)  # batches of 8, 8 and 6
        beside.zero_grad()
        cost, _ = twin.cost(x[rows], y[rows])
        cost.backward()
        beside.step()
        found.append(difference(trainer.step(), cost))
        pairs = zip([*network.weights, *network.biases], [*twin.weights, *twin.biases], strict=True)
        found += [difference(ours, theirs) for ours, theirs in pairs]
    agree(max(found))


def test_every_activation_loss_and_optimizer_is_compared_but_the_one_that_torch_lacks():
    assert {type(activation) for activation, _ in ACTIVATIONS.values()} == set(Activation.members().values())
    assert {type(loss) for loss, _, _ in LOSSES.values()} == set(Loss.members().values())
    assert {type(optimizer) for optimizer, _ in OPTIMIZERS.values()} == set(Optimizer.members().values()) - {Lion}
