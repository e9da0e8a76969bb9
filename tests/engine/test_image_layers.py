"""Layers for images: what a convolution and pooling compute, by their definitions."""

import numpy as np
import pytest

from bplab.engine import (
    Adam,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HeNormal,
    Identity,
    MaxPool,
    MeanPool,
    Network,
    Normal,
    ReLU,
    Softmax,
    train,
)

GENERATOR = np.random.default_rng(0)


def made(inputs, layers, output=None):
    return Network(inputs, [*layers, output or Dense(3, Identity())], seed=1)


@pytest.mark.parametrize(("kernel", "stride", "padding"), [(3, 1, 0), (3, 1, 1), (2, 2, 0), (3, 2, 1), (4, 3, 2)])
def test_a_convolution_is_the_sum_over_every_window(kernel, stride, padding):
    network = made((2, 5, 6), [Conv2D(3, Identity(), kernel, stride, padding, Normal(), Normal())])
    images = GENERATOR.normal(size=(4, 2, 5, 6))
    found = network.backprop(images.reshape(4, -1), np.zeros((4, 3))).outputs[0].reshape(4, *network.places[0].outputs)
    filters = network.weights[0].T.reshape(3, 2, kernel, kernel)
    padded = np.pad(images, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    for (sample, unit, row, column), value in np.ndenumerate(found):
        top, left = row * stride, column * stride
        window = padded[sample, :, top : top + kernel, left : left + kernel]
        assert value == pytest.approx((window * filters[unit]).sum() + network.biases[0][unit], rel=1e-12)


def test_pooling_takes_the_largest_or_the_mean_of_every_window():
    images = GENERATOR.normal(size=(3, 2, 4, 6))
    windows = images.reshape(3, 2, 2, 2, 3, 2)
    for layer, expected in ((MaxPool(2), windows.max(axis=(3, 5))), (MeanPool(2), windows.mean(axis=(3, 5)))):
        outputs = made((2, 4, 6), [layer]).backprop(images.reshape(3, -1), np.zeros((3, 3))).outputs[0]
        np.testing.assert_allclose(outputs, expected.reshape(3, -1), rtol=1e-12)


def test_among_equals_one_pixel_gets_the_whole_error():
    network = Network((1, 2, 2), [MaxPool(2), Dense(1, Identity(), Normal(1.0, 0.0))])
    step = network.make_pass(1, keeps_errors=True)
    step.layers[0].delta[...] = 5.0
    step.layers[0]._images[...] = step.layers[0].z[...] = 3.0
    error = np.empty((4, 1))
    for function, arguments in step.layers[0].error_of_inputs(error):
        function(*arguments)
    assert error.ravel().tolist() == [5.0, 0.0, 0.0, 0.0]


def test_samples_are_flat_channel_by_channel_and_row_by_row():
    network = made((2, 3, 3), [Flatten()], Dense(18, Identity(), Normal(0.0, 0.0)))
    images = np.arange(18.0).reshape(1, 2, 3, 3)
    assert network.backprop(images.reshape(1, -1), np.zeros((1, 18))).outputs[0].tolist() == [list(range(18))]


def test_a_convolutional_net_learns_to_tell_bars_apart():
    images = np.zeros((40, 1, 5, 5))
    for number, image in enumerate(images):
        row = GENERATOR.integers(5)
        image[0, row, :] = image[0, row, :] + 1 if number % 2 else 0
        image[0, :, row] += 0 if number % 2 else 1
    targets = np.eye(2)[np.arange(40) % 2]
    layers = [Conv2D(4, ReLU(), weights=HeNormal()), MaxPool(3), Flatten(), Dense(2, Softmax())]
    network = Network((1, 5, 5), layers, CrossEntropy(), seed=2)
    for _ in train(network, images.reshape(40, -1), targets, Adam(0.02), 10, 60):
        pass
    assert (network.predict(images.reshape(40, -1)).argmax(1) == targets.argmax(1)).all()
