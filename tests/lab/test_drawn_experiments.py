"""Drawn points are data like any other: saved, learned and reported, with outputs that fit the classes."""

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import Csv, Drawn, Spiral
from bplab.engine import Softmax
from bplab.lab.experiment import (
    Experiment,
    experiment_from_json,
    experiment_to_json,
    fitted_to_data,
    load_experiment,
)
from bplab.lab.project import Project
from bplab.lab.report import subject_of
from bplab.lab.report.settings import data_settings
from bplab.lab.runner import train_to_end


def learning(data: Drawn | Csv) -> Experiment:
    circle = load_experiment("circle")
    plan = replace(circle.training, epochs=3)
    return fitted_to_data(replace(circle, data=data, training=plan))


def test_a_project_keeps_the_points_themselves(tmp_path: Path) -> None:
    experiment = learning(Drawn.of(Spiral(samples=60, noise=0.1)))
    assert experiment_from_json(experiment_to_json(experiment)) == experiment
    Project.create(tmp_path / "mine.bplab", experiment).close()
    assert load_experiment(tmp_path / "mine.bplab") == experiment


@pytest.mark.parametrize("classes", [2, 3, 6])
def test_the_output_layer_follows_the_classes_and_they_can_be_learned(classes: int) -> None:
    names = tuple(f"class {number}" for number in range(classes))
    experiment = learning(Drawn(classes=names))  # the later ones have no points yet
    output = experiment.network.layers[-1]
    assert output.units == (1 if classes == 2 else classes)
    assert isinstance(output.activation, Softmax) == (classes > 2)
    runner = train_to_end(experiment)
    assert np.isfinite(runner.trainer.network.parameters).all()


def test_a_class_that_goes_takes_its_output_with_it() -> None:
    three = learning(Drawn(classes=("a", "b", "c")))
    two = fitted_to_data(replace(three, data=Drawn()))
    assert two.network.layers[-1].units == 2
    assert two.checked() == two


def test_two_points_are_enough_to_run() -> None:
    runner = train_to_end(learning(Drawn(points=((-1, 0, 0), (1, 0, 1)), test_fraction=0.5)))
    assert len(runner.problem.train_inputs) == len(runner.problem.test_inputs) == 1


def test_a_report_counts_the_points_and_names_the_columns(tmp_path: Path) -> None:
    told = {line.label: line.value for line in data_settings(subject_of(train_to_end(learning(Drawn()))))}
    assert told["points"] == "24 drawn by hand"
    assert told["classes"] == "class 1, class 2"
    path = tmp_path / "table.csv"
    path.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n", encoding="utf-8")
    for inputs, words in (((), "all others"), (("b",), "b")):
        subject = subject_of(train_to_end(learning(Csv(path=str(path), inputs=inputs))))
        assert {line.label: line.value for line in data_settings(subject)}["inputs"] == words
