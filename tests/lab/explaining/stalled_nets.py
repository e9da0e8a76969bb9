"""Networks made to be held up by one thing or several, for the tests of what an explanation blames."""

import numpy as np

from bplab.engine import (
    Conv2D,
    Dense,
    Flatten,
    GlorotNormal,
    HalfSquaredError,
    HeNormal,
    Identity,
    Network,
    ReLU,
    Tanh,
)
from bplab.lab.explaining import Target, explain

WEIGHT = Target("weight", 0, unit=1, source=0)


class Net:
    """A network on 64 samples, ready to be spoiled; targets are ±1 where nothing else is said."""

    def __init__(self, hidden=None, depth=2, width=6, output=None, loss=None, outputs=1, scale=1.0, more=None, seed=3):
        hidden, loss = hidden or Tanh(), loss or HalfSquaredError()
        draw = HeNormal() if isinstance(hidden, ReLU) else GlorotNormal()
        layers = [Dense(width, hidden, draw, **(more or {})) for _ in range(depth)]
        self.network = Network(3, [*layers, Dense(outputs, output or Tanh())], loss, seed=seed)
        self.x = scale * np.random.default_rng(0).normal(size=(64, 3))
        sides = np.sign(self.x[:, :1] * self.x[:, 1:2]) * np.ones((64, outputs))
        self.y = (sides + 1.0) / 2.0 if loss.probabilities else sides

    def told(self, target, sample=None, spread=1.0):
        return explain(self.network, self.passed, target, sample, spread=spread)

    @property
    def passed(self):
        return self.network.backprop(self.x, self.y)

    def bias(self, layer, value):
        self.network.biases[layer][...] = value
        return self

    def times(self, layer, factor):
        self.network.weights[layer][...] *= factor
        return self

    def matched(self, off=0.0):
        """Targets that the outputs meet, but for ``off``."""
        self.y = self.network.predict(self.x) + off * np.sign(self.y)
        return self


def layer(number):
    return Target("layer", number)


def neuron(number, unit=0):
    return Target("neuron", number, unit)


def bias(number, unit=0):
    return Target("bias", number, unit)


def dead_neuron():
    net = Net(ReLU())
    net.network.biases[0][1] = -100.0
    return net


def off_where_its_input_is():
    """An input that is 0 on every sample on which the neuron is on."""
    net = Net(ReLU(), depth=1)
    net.x[:, 0] = np.where(np.arange(64) % 2, 0.0, 1.0)
    net.network.weights[0][:, 1] = -50.0, 0.0, 0.0
    net.network.biases[0][1] = 5.0
    return net


def cancelling():
    """Every sample twice, with targets on both sides of the output."""
    net = Net(Tanh(), depth=1, output=Identity())
    net.x = np.repeat(net.x, 2, axis=0)
    net.y = np.tile([[1.0], [-1.0]], (64, 1)) + net.network.predict(net.x)
    return net


def noise_that_is_fitted():
    """A linear net at its least squares, with targets that are half noise."""
    net = Net(Identity(), depth=1, width=2, output=Identity())
    noise = np.random.default_rng(5).normal(size=64)
    inputs = np.column_stack([net.x, np.ones(64)])
    best = np.linalg.lstsq(inputs, noise, rcond=None)[0]
    net.network.weights[0][...] = np.column_stack([best[:3], 0.5 * best[:3]])
    net.network.biases[0][...] = best[3], 0.5 * best[3]
    net.network.weights[1][...] = [[0.8], [0.4]]
    net.y = noise[:, None]
    return net


def first_input_times(factor):
    net = Net()
    net.x[:, 0] *= factor
    return net


def no_input_at_all():
    net = Net()
    net.x[...] = 0.0
    return net


def targets_times(factor):
    net = Net(output=Identity())
    net.y = factor * net.y
    return net


def skip_past_a_dead_layer():
    net = Net(Tanh(), depth=1)
    layers = [Dense(4, Tanh()), Dense(4, ReLU()), Dense(4, Tanh(), skip=1), Dense(1, Identity())]
    net.network = Network(3, layers, seed=1)
    return net.bias(1, -50.0)


def frozen():
    return Net(more={"frozen": True})


def filters_off(share_of_bias):
    """A small net for images whose filters ReLU switches off."""
    net = Net()
    layers = [Conv2D(2, ReLU(), 2), Flatten(), Dense(1, Tanh())]
    net.network = Network((1, 4, 4), layers, seed=2)
    net.x = np.random.default_rng(1).random((64, 16))
    return net.bias(0, share_of_bias)
