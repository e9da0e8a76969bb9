"""The experiment in readable words."""

from collections.abc import Callable
from typing import Any

from bplab.data import Circle
from bplab.engine import Adam, Dense, LeakyReLU, Momentum, Normal, OwnValues, Tanh
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
