"""Normalizations, skips, convolutions and pooling beside PyTorch: outputs, gradients, running averages, many updates.

Needs PyTorch (the extra ``compare``). The other network is PyTorch's own functions on one flat vector of the same
numbers, differentiated by its autograd.
"""

import numpy as np
import pytest

from bplab.engine import (
    SGD,
    BatchNorm,
    Conv2D,
    Dense,
    Flatten,
    HalfSquaredError,
    Identity,
    LayerNorm,
    MaxPool,
    MeanPool,
    Network,
    PReLU,
    ReLU,
    RMSNorm,
    Sigmoid,
    Tanh,
    Trainer,
)

torch = pytest.importorskip("torch", reason="PyTorch is not installed: pip install 'bplab[compare]'")
F = torch.nn.functional

TOLERANCE = 1e-9
UPDATES = 200
GENERATOR = np.random.default_rng(7)
FUNCTIONS = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "relu": torch.relu, "identity": lambda z: z}

NORM, BEHIND = BatchNorm(), LayerNorm("after")
NETWORKS = {
    "batch norm before": (16, [Dense(6, Tanh(), normalization=BatchNorm()), Dense(5, ReLU(), normalization=NORM)]),
    "batch norm after": (16, [Dense(6, Tanh(), normalization=BatchNorm("after", 0.3))]),
    "layer norm": (16, [Dense(6, Tanh(), normalization=LayerNorm()), Dense(5, Tanh(), normalization=BEHIND)]),
    "rms norm": (16, [Dense(6, Tanh(), normalization=RMSNorm()), Dense(5, Tanh(), normalization=RMSNorm("after"))]),
    "skips": (16, [Dense(6, Tanh()), Dense(6, Sigmoid(), skip=1), Dense(6, Tanh(), skip=1), Dense(4, Tanh(), skip=0)]),
    "prelu": (16, [Dense(6, PReLU()), Dense(5, PReLU(0.1))]),
    "no biases": (16, [Dense(6, Tanh(), bias=False)]),
    "convolutions": ((1, 4, 4), [Conv2D(3, Tanh(), padding=1), Conv2D(2, PReLU(), 2, 2), Flatten()]),
    "strides": ((4, 2, 2), [Conv2D(3, Tanh(), 2, 2, 1), Dense(5, Tanh())]),
    "max pooling": ((1, 4, 4), [Conv2D(3, Tanh(), padding=1), MaxPool(2), Flatten()]),
    "mean pooling": ((1, 4, 4), [MeanPool(2, 1), Conv2D(2, Tanh(), 2)]),
    "overlapping max pooling": ((1, 4, 4), [MaxPool(2, 1)]),
}  # fmt: skip


def made(name):
    inputs, layers = NETWORKS[name]
    return Network(inputs, [*layers, Dense(3, Identity())], HalfSquaredError(), seed=5)


class Twin:
    """The same network made of PyTorch's functions, on one flat leaf."""

    def __init__(self, network):
        self.network = network
        self.flat = torch.tensor(network.parameters, requires_grad=True)
        self.running = [
            {name: torch.tensor(numbers[name]) for name in ("running_mean", "running_variance") if name in numbers}
            for numbers in network.numbers
        ]

    def parts(self, index):
        place, stretch = self.network.places[index], self.network.layer_stretches[index]
        found, start = {}, stretch.start
        for part in place.parts:
            end = start + int(np.prod(part.shape))
            found[part.name] = self.flat[start:end].reshape(part.shape)
            start = end
        return found

    def __call__(self, x):
        earlier = [x]
        for index, place in enumerate(self.network.places):
            earlier.append(self.layer(index, place, earlier).reshape(len(x), -1))
        return earlier[-1]

    def layer(self, index, place, earlier):
        layer, parts, x = place.layer, self.parts(index), earlier[-1]
        if isinstance(layer, Dense):
            z = x @ parts["matrix"][:-1] + (parts["matrix"][-1] if layer.bias else 0.0)
            return self.around(index, layer, parts, z, earlier)
        images = x.reshape(len(x), *place.inputs) if len(place.inputs) == 3 else x
        if isinstance(layer, Conv2D):
            filters = parts["matrix"][:-1].T.reshape(layer.filters, -1, layer.kernel, layer.kernel)
            z = F.conv2d(images, filters, parts["matrix"][-1], layer.stride, layer.padding)
            return self.activated(layer, parts, z)
        if isinstance(layer, MaxPool):
            return F.max_pool2d(images, layer.size, layer.step)
        return F.avg_pool2d(images, layer.size, layer.step) if isinstance(layer, MeanPool) else images

    def around(self, index, layer, parts, z, earlier):
        norm = layer.normalization
        if norm and norm.place == "before":
            z = self.normalized(index, norm, parts, z)
        a = self.activated(layer, parts, z)
        if norm and norm.place == "after":
            a = self.normalized(index, norm, parts, a)
        if layer.skip is None:
            return a
        source = earlier[layer.skip]
        return a + (source @ parts["projection"] if "projection" in parts else source)

    def activated(self, layer, parts, z):
        if isinstance(layer.activation, PReLU):
            return F.prelu(z, parts["slope"])
        return FUNCTIONS[layer.activation.__struct_config__.tag](z)

    def normalized(self, index, norm, parts, x):
        if isinstance(norm, BatchNorm):
            mean, variance = self.running[index].values()
            return F.batch_norm(x, mean, variance, parts["scale"], parts["shift"], True, norm.momentum, norm.epsilon)
        if isinstance(norm, LayerNorm):
            return F.layer_norm(x, x.shape[1:], parts["scale"], parts["shift"], norm.epsilon)
        return F.rms_norm(x, x.shape[1:], parts["scale"], norm.epsilon)

    def loss(self, x, y):
        return 0.5 * ((self(x) - y) ** 2).sum() / len(x)


def apart(found, expected):
    return np.abs(found - expected).max() / np.abs(expected).max()


@pytest.mark.parametrize("name", NETWORKS)
def test_outputs_and_gradients_are_those_of_pytorch(name, record_property):
    network = made(name)
    network.parameters[...] += GENERATOR.normal(0.0, 0.1, network.parameters.size) * _learned(network)
    x, y = GENERATOR.normal(size=(12, 16)), GENERATOR.normal(size=(12, 3))
    twin, result = Twin(network), network.backprop(x, y)
    loss = twin.loss(torch.tensor(x), torch.tensor(y))
    loss.backward()
    differences = [
        apart(result.outputs[-1], twin(torch.tensor(x)).detach().numpy()),
        abs(result.loss - loss.item()) / loss.item(),
        apart(network.gradient(x, y), twin.flat.grad.numpy()),
    ]
    record_property("relative_difference", max(differences))
    assert max(differences) < TOLERANCE


@pytest.mark.parametrize("name", NETWORKS)
def test_after_two_hundred_updates_numbers_and_running_averages_are_those_of_pytorch(name, record_property):
    network = made(name)
    twin = Twin(network)
    x, y = GENERATOR.normal(size=(12, 16)), np.tanh(GENERATOR.normal(size=(12, 3)))
    trainer = Trainer(network, x, y, SGD(0.02), 4, shuffle=False)
    optimizer = torch.optim.SGD([twin.flat], 0.02)
    for update in range(UPDATES):
        batch = slice(4 * (update % 3), 4 * (update % 3) + 4)
        optimizer.zero_grad()
        twin.loss(torch.tensor(x[batch]), torch.tensor(y[batch])).backward()
        optimizer.step()
        trainer.step()
    learned = _learned(network)
    differences = [apart(network.parameters[learned], twin.flat.detach().numpy()[learned])]
    for numbers, running in zip(network.numbers, twin.running, strict=True):
        differences += [apart(numbers[part], values.numpy()) for part, values in running.items()]
    record_property("relative_difference", max(differences))
    assert max(differences) < TOLERANCE


def _learned(network):
    """True for every number that training moves, in the flat vector."""
    found = np.zeros(network.parameters.size, bool)
    for place, stretch in zip(network.places, network.layer_stretches, strict=True):
        found[stretch.start : stretch.start + place.learned] = place.moving
    return found
