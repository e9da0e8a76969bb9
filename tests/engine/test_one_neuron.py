"""One sigmoid neuron learning to answer 0 to a 1 (Nielsen, Neural Networks and Deep Learning, chapter 3)."""

import math

import numpy as np
import pytest

from bplab.engine import SGD, BinaryCrossEntropy, Dense, HalfSquaredError, Network, Sigmoid, Trainer


class Neuron:
    def __init__(self, weight, bias, loss):
        self.network = Network(1, [Dense(1, Sigmoid())], loss)
        self.network.parameters[:] = weight, bias
        self.trainer = Trainer(self.network, [[1.0]], [[0.0]], SGD(0.15), batch_size=1)

    def after(self, steps):
        """Output, weight and bias after so many steps in all."""
        while self.trainer.updates < steps:
            self.trainer.step()
        return (float(self.network.predict([[1.0]])[0, 0]), *self.network.parameters.tolist())


def digits(values):
    return [round(value, 4) for value in values]


def test_a_neuron_that_starts_well_learns_within_300_steps():
    neuron = Neuron(0.6, 0.9, HalfSquaredError())
    assert digits(neuron.after(0)) == [0.8176, 0.6, 0.9]
    assert digits(neuron.after(300)) == [0.0940, -1.2831, -0.9831]


def test_a_saturated_neuron_stands_on_a_plateau_before_it_learns():
    neuron = Neuron(2.0, 2.0, HalfSquaredError())
    outputs = digits(neuron.after(step)[0] for step in (0, 50, 100, 150, 300))
    assert outputs == [0.9820, 0.9759, 0.9641, 0.9334, 0.2028]
    assert digits(neuron.after(300)[1:]) == [-0.6843, -0.6843]


def test_with_cross_entropy_the_same_neuron_has_no_plateau():
    neuron = Neuron(2.0, 2.0, BinaryCrossEntropy())
    assert digits(neuron.after(step)[0] for step in (50, 300)) == [0.0985, 0.0120]


@pytest.mark.parametrize(
    ("loss", "error"),
    [(HalfSquaredError(), lambda a: a * a * (1 - a)), (BinaryCrossEntropy(), lambda a: a)],
    ids=["half squared error", "cross-entropy"],
)
@pytest.mark.parametrize("start", [(0.6, 0.9), (2.0, 2.0)])
def test_every_step_is_the_one_worked_out_by_hand(loss, error, start):
    neuron = Neuron(*start, loss)
    weight, bias = start
    for step in range(1, 301):
        delta = error(1.0 / (1.0 + math.exp(-(weight + bias))))
        weight, bias = weight - 0.15 * delta, bias - 0.15 * delta
        np.testing.assert_allclose(neuron.after(step)[1:], (weight, bias), rtol=1e-10, atol=0)
