"""The experiment in readable words."""

from collections.abc import Callable
from typing import Any

from bplab.data import Circle, Digits
from bplab.engine import (
    Adam,
    BatchNorm,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    LeakyReLU,
    MaxPool,
    Momentum,
    Normal,
    OwnValues,
    ReLU,
    Softmax,
    Tanh,
)
from bplab.lab.report import ReportSubject, subject_of
from bplab.lab.report.settings import data_settings, in_words, layer_settings, training_settings
from bplab.lab.runner import Runner


def test_every_field_of_the_experiment_is_told(subject: ReportSubject) -> None:
    data = [line.label for line in data_settings(subject)]
    assert data[0] == "dataset"
    assert len(data) == 1 + len(subject.experiment.data.__struct_fields__)  # type: ignore[attr-defined]
    plan = subject.experiment.training
    assert len(training_settings(subject)) == len(plan.__struct_fields__)
    assert sum(layer.parameters for layer in layer_settings(subject)) == subject.network.parameters.size


def test_a_choice_is_told_with_its_parameters() -> None:
    assert in_words(Momentum(0.05, nesterov=True)) == "momentum (learning rate 0.05, momentum 0.9, nesterov yes)"
    assert in_words(LeakyReLU(0.02)) == "leaky ReLU (slope 0.02)"
    assert in_words(Adam(0.002)).endswith("(learning rate 0.002, beta1 0.9, beta2 0.999, epsilon 1e-8)")
    assert in_words(Tanh()) == "tanh"
    assert in_words(OwnValues(((1.0, 2.5), (3.0, 4.0)))) == "own values (values 1, 2.5; 3, 4)"
    assert in_words(OwnValues()) == "own values (values none)"


def test_a_setting_says_what_its_field_means(build: Callable[..., Any]) -> None:
    layers = [Dense(2, Tanh(), weights=Normal(std=0.5)), Dense(1, Tanh())]
    subject = subject_of(Runner(build(Circle(samples=40, features=("x", "x2", "sin_y")), layers, batch_size=8)))
    told = {line.label: line for line in [*data_settings(subject), *training_settings(subject)]}
    assert (told["batch size"].value, told["batch size"].note) == ("8", "samples per update")
    assert told["features"].value == "x, x², sin y"
    assert told["test fraction"].note.startswith("share of the samples")
    assert layer_settings(subject)[0].weights == "normal (mean 0, std 0.5)"


def test_a_layer_tells_what_is_unusual_about_it_and_an_ordinary_one_nothing(build: Callable[..., Any]) -> None:
    layers = [
        Dense(3, Tanh()),
        Dense(3, Tanh(), normalization=BatchNorm(), dropout=0.2, skip=1, bias=False),
        Dense(2, Tanh(), skip=0, frozen=True),
        Dense(1, Tanh(), skip=1),
    ]
    found = layer_settings(subject_of(Runner(build(Circle(samples=40), layers))))
    assert [layer.extras for layer in found] == [
        "",
        "batch norm (place before, momentum 0.1, epsilon 1e-5); dropout 20 %; skip from h1, added as it is; no bias",
        "skip from inputs, added as it is; frozen",
        "skip from h1, through a learned 3 × 1 projection",
    ]
    assert found[1].biases == "none"


def test_layers_for_images_tell_their_maps_and_windows_and_those_without_weights_have_none(
    build: Callable[..., Any],
) -> None:
    layers = [Conv2D(4, ReLU(), padding=1, frozen=True), MaxPool(), Flatten(), Dense(10, Softmax())]
    found = layer_settings(subject_of(Runner(build(Digits(), layers, loss=CrossEntropy()))))
    assert [(layer.units, layer.activation, layer.extras, layer.weights) for layer in found] == [
        ("4 × 8 × 8", "convolution (activation ReLU, kernel 3, stride 1, padding 1)", "frozen", "Glorot uniform"),
        ("4 × 4 × 4", "max pooling (size 2)", "", "–"),
        ("64", "flatten", "", "–"),
        ("10", "softmax", "", "Glorot uniform"),
    ]
