"""The experiment: strict JSON, one value, every refusal with its path."""

import json
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Arms, Blobs, Circle, Csv, Dataset, Digits, Gauss, Iris, Moons, MultiGauss, Plane, Spiral, Xor
from bplab.engine import (
    ELU,
    LSUV,
    SGD,
    Activation,
    Adam,
    BatchNorm,
    BinaryCrossEntropy,
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HalfSquaredError,
    HardSigmoid,
    Hinge,
    Identity,
    Initializer,
    InputError,
    LeakyReLU,
    Loss,
    MaxPool,
    Momentum,
    Optimizer,
    OwnValues,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.lab.experiment import (
    Experiment,
    NetworkDesign,
    TrainingPlan,
    example_names,
    experiment_from_json,
    experiment_to_json,
    fitted_to_data,
    load_experiment,
    read_experiment,
)
from bplab.lab.problem import make_problem

TEXT = """{
  "format": "bplab-experiment", "version": 1, "name": "Two circles",
  "data": {"type": "circle", "samples": 500, "noise": 0.0, "test_fraction": 0.5, "seed": 0, "features": ["x", "y"]},
  "network": {"layers": [
    {"units": 4, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}},
    {"units": 1, "activation": {"type": "tanh"}, "weights": {"type": "glorot_uniform"}, "biases": {"type": "zeros"}}]},
  "training": {"loss": {"type": "half_squared_error"}, "optimizer": {"type": "sgd", "learning_rate": 0.03},
    "batch_size": 10, "epochs": 100, "shuffle": true, "dtype": "float64", "seed": 0}
}"""


def changed(path: list[str | int], value: Any) -> str:
    """The text with one value, at ``path``, replaced or added."""
    tree = place = json.loads(TEXT)
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return json.dumps(tree)


def refusal_of(text: str | bytes) -> str:
    with pytest.raises(InputError) as error:
        experiment_from_json(text).checked()
    return str(error.value)


def test_the_documented_json_is_the_experiment_it_says() -> None:
    assert experiment_from_json(TEXT) == Experiment(
        data=Circle(samples=500),
        network=NetworkDesign((Dense(4, Tanh()), Dense(1, Tanh()))),
        training=TrainingPlan(optimizer=SGD(learning_rate=0.03)),
        name="Two circles",
    )


def test_what_has_a_default_may_be_left_out() -> None:
    short = '{"data": {"type": "xor"}, "network": {"layers": [{"units": 1, "activation": {"type": "tanh"}}]}}'
    experiment = experiment_from_json(short)
    assert (experiment.data, experiment.training) == (Xor(), TrainingPlan())
    assert json.loads(experiment_to_json(experiment))["training"]["batch_size"] == 10


def test_json_says_of_a_layer_only_what_is_not_as_usual() -> None:
    plain = json.loads(experiment_to_json(experiment_from_json(TEXT)))
    assert plain == json.loads(TEXT)
    layers = (
        Conv2D(4, ReLU(), stride=2, frozen=True),
        MaxPool(),
        Flatten(),
        Dense(8, ReLU(), normalization=BatchNorm(), dropout=0.25, skip=0, bias=False),
        Dense(10, Softmax()),
    )
    experiment = Experiment(Digits(), NetworkDesign(layers), TrainingPlan(CrossEntropy()))
    text = experiment_to_json(experiment)
    assert [sorted(layer) for layer in json.loads(text)["network"]["layers"]] == [
        ["activation", "biases", "filters", "frozen", "kernel", "stride", "type", "weights"],
        ["size", "type"],
        ["type"],
        ["activation", "bias", "biases", "dropout", "normalization", "skip", "units", "weights"],
        ["activation", "biases", "units", "weights"],
    ]
    assert experiment_from_json(text) == experiment


def test_json_says_of_the_training_what_a_reader_wants_first_and_else_what_is_not_as_usual() -> None:
    written = json.loads(experiment_to_json(experiment_from_json(TEXT)))["training"]
    assert list(written) == ["loss", "optimizer", "batch_size", "epochs", "shuffle", "dtype", "seed"]


def test_layers_for_images_go_where_the_data_has_none() -> None:
    layers = (Conv2D(4, ReLU()), Flatten(), Dense(8, ReLU(), skip=1), Dense(8, ReLU(), skip=3), Dense(10, Softmax()))
    experiment = Experiment(Digits(), NetworkDesign(layers), TrainingPlan(CrossEntropy()))
    assert fitted_to_data(experiment) == experiment
    fitted = fitted_to_data(msgspec.structs.replace(experiment, data=Iris())).checked()
    assert fitted.network.layers[:2] == (Dense(8, ReLU()), Dense(8, ReLU(), skip=1))
    assert len(fitted.network.layers) == 3


def test_json_for_people_puts_format_and_name_first_and_ends_its_last_line() -> None:
    text = experiment_to_json(experiment_from_json(TEXT))
    assert list(json.loads(text)) == ["format", "version", "name", "data", "network", "training"]
    assert text.startswith('{\n  "format": "bplab-experiment",\n')
    assert text.endswith("}\n")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["nmae"], "x", "object contains unknown field nmae"),
        (["training", "momentum"], 0.9, "training: object contains unknown field momentum"),
        (["network", "layers", 1, "unit"], 3, "network.layers[1]: object contains unknown field unit"),
        (["training", "optimizer", "beta"], 3, "training.optimizer: object contains unknown field beta"),
        (["data", "colour"], 3, "data: object contains unknown field colour"),
        (["network", "layers", 1, "units"], "four", "network.layers[1].units: expected int, got str"),
        (["network", "layers", 0, "units"], 4.5, "network.layers[0].units: expected int, got float"),
        (["network", "layers", 0, "units"], True, "network.layers[0].units: expected int, got bool"),
        (["network", "layers", 0, "units"], None, "network.layers[0].units: expected int, got null"),
        (["network", "layers", 1, "units"], 0, "network.layers[1].units: expected int ≥ 1"),
        (["network", "layers", 0, "units"], 10**9, "network.layers[0].units: expected int ≤ 65536"),
        (["network", "layers", 0, "units"], 10**30, "network.layers[0].units: "),
        (["network", "layers"], [], "network.layers: expected array of length ≥ 1"),
        (["network"], [], "network: expected object, got array"),
        (["training", "seed"], -1, "training.seed: expected int ≥ 0"),
        (["training", "epochs"], 0, "training.epochs: expected int ≥ 1"),
        (["training", "dtype"], "float16", "training.dtype: invalid enum value 'float16'"),
        (["training", "shuffle"], 1, "training.shuffle: expected bool, got int"),
        (["training", "optimizer", "learning_rate"], -0.1, "training.optimizer.learning_rate: expected float ≥ 0.0"),
        (["training", "optimizer", "learning_rate"], "x", "training.optimizer.learning_rate: expected float, got str"),
        (["training", "optimizer"], "sgd", "training.optimizer: expected object with a type, got str"),
        (["training", "optimizer"], {}, "training.optimizer: object missing required field type"),
        (["version"], 2, "version: invalid enum value 2"),
        (["format"], "svg", "format: invalid enum value 'svg'"),
        (["name"], "x" * 201, "name: expected str of length ≤ 200"),
    ],
)
def test_what_does_not_belong_is_refused_with_its_path(path: list[str | int], value: Any, said: str) -> None:
    assert refusal_of(changed(path, value)).startswith(said)


@pytest.mark.parametrize("family", ["loss", "optimizer"])
def test_an_unknown_type_is_refused_with_the_known_ones(family: str) -> None:
    said = refusal_of(changed(["training", family], {"type": "nope"}))
    assert said.startswith(f"training.{family}.type: there is no {family} of type 'nope'; known are ")
    for known in {"loss": Loss, "optimizer": Optimizer}[family].members():
        assert known in said


@pytest.mark.parametrize("text", ["", "{", '{"name": NaN}', '{"a": 1} x', "[1, 2]", "null", b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(text: str | bytes) -> None:
    said = refusal_of(text)
    assert said.startswith(("this is not valid JSON: ", "expected object, got "))
    assert "\n" not in said


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_refused(number: str) -> None:
    refused = TEXT.replace('"learning_rate": 0.03', f'"learning_rate": {number}')
    assert refused != TEXT
    assert refusal_of(refused).startswith(("this is not valid JSON", "training.optimizer.learning_rate"))


def test_a_deeply_nested_file_is_refused() -> None:
    assert refusal_of("[" * 100_000).startswith("this is not valid JSON: it is nested too deeply")


def test_more_parameters_than_fit_are_refused_before_they_are_made() -> None:
    layer = {"units": 65_536, "activation": {"type": "tanh"}}
    text = changed(["network", "layers"], [layer, layer, {"units": 1, "activation": {"type": "tanh"}}])
    assert refusal_of(text) == "network: 4,295,294,977 parameters are more than the 200,000,000 that fit"


@pytest.mark.parametrize(
    ("data", "units", "said"),
    [
        (Circle(), 3, "the data has 2 classes, so the last layer needs 1 or 2 units, not 3"),
        (Iris(), 1, "the data has 3 classes, so the last layer needs 3 units, not 1"),
        (Digits(), 3, "the data has 10 classes, so the last layer needs 10 units, not 3"),
        (Plane(), 2, "the data has 1 target value, so the last layer needs 1 unit, not 2"),
    ],
)
def test_an_output_layer_that_does_not_fit_the_data_is_refused(data: Dataset, units: int, said: str) -> None:
    experiment = Experiment(data, NetworkDesign((Dense(2, Tanh()), Dense(units, Tanh()))))
    with pytest.raises(InputError) as error:
        experiment.checked()
    assert str(error.value) == f"network.layers[1].units: {said}"


@pytest.mark.parametrize(
    ("layer", "said"),
    [
        (Dense(1, Tanh(), OwnValues(((1.0,), (2.0,)))), "weights: own values are 2 × 1 numbers, but 3 × 1 are needed"),
        (
            Dense(1, Tanh(), biases=OwnValues(((1.0, 2.0),))),
            "biases: own values are 1 × 2 numbers, but 1 × 1 are needed",
        ),
    ],
)
def test_own_values_that_do_not_fit_are_refused_with_their_path(layer: Dense, said: str) -> None:
    with pytest.raises(InputError) as error:
        Experiment(Circle(), NetworkDesign((Dense(3, Tanh()), layer))).checked()
    assert str(error.value) == f"network.layers[1].{said}"


def members(family: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from([kind() for kind in family.members().values()])


@given(
    data=members(Dataset),
    layers=st.lists(st.builds(Dense, st.integers(1, 99), members(Activation), members(Initializer)), min_size=1),
    training=st.builds(
        TrainingPlan,
        loss=members(Loss),
        optimizer=members(Optimizer),
        batch_size=st.integers(1, 10**6),
        seed=st.integers(0, 2**53 - 1),
        dtype=st.sampled_from(["float32", "float64"]),
    ),
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=50),
)
def test_every_experiment_is_read_back_from_its_json(
    data: Dataset, layers: list[Dense], training: TrainingPlan, name: str
) -> None:
    experiment = Experiment(data, NetworkDesign(tuple(layers)), training, name)
    assert experiment_from_json(experiment_to_json(experiment)) == experiment


# -- fitted to the data --------------------------------------------------------------------------------


def of(data: Dataset, *layers: Dense, loss: Any = None) -> Experiment:
    return Experiment(data, NetworkDesign(layers), TrainingPlan(loss=loss or HalfSquaredError()))


@pytest.mark.parametrize(
    "experiment",
    [
        of(Circle(), Dense(4, Tanh()), Dense(1, Tanh())),
        of(Circle(), Dense(1, Sigmoid()), loss=BinaryCrossEntropy()),
        of(Circle(), Dense(2, Softmax()), loss=CrossEntropy()),
        of(Plane(), Dense(1, Tanh())),
        of(Iris(), Dense(3, Softmax()), loss=CrossEntropy()),
        of(Iris(), Dense(3, Sigmoid())),
    ],
)
def test_what_fits_its_data_stays_as_it_is(experiment: Experiment) -> None:
    assert fitted_to_data(experiment) == experiment


@pytest.mark.parametrize(
    ("experiment", "units", "activation", "loss"),
    [
        (of(Digits(), Dense(1, Tanh())), 10, Softmax(), CrossEntropy()),
        (of(Arms(), Dense(2, Softmax()), loss=CrossEntropy()), 3, Softmax(), CrossEntropy()),
        (of(Gauss(), Dense(10, Softmax()), loss=CrossEntropy()), 2, Softmax(), CrossEntropy()),
        (of(Plane(), Dense(3, Softmax()), loss=CrossEntropy()), 1, Tanh(), HalfSquaredError()),
        (of(MultiGauss(), Dense(1, Sigmoid()), loss=BinaryCrossEntropy()), 1, Tanh(), HalfSquaredError()),
        (of(Plane(), Dense(1, Tanh()), loss=Hinge()), 1, Tanh(), HalfSquaredError()),
        (of(Plane(), Dense(1, HardSigmoid())), 1, Tanh(), HalfSquaredError()),
        (of(Circle(), Dense(1, Softmax()), loss=CrossEntropy()), 1, Sigmoid(), BinaryCrossEntropy()),
    ],
)
def test_another_dataset_gets_an_output_layer_and_loss_that_can_learn_it(
    experiment: Experiment, units: int, activation: Activation, loss: Loss
) -> None:
    fitted = fitted_to_data(experiment).checked()
    last = fitted.network.layers[-1]
    assert (last.units, last.activation, fitted.training.loss) == (units, activation, loss)


@pytest.mark.parametrize("before", [Circle(), Iris(), Digits(), Plane()])
@pytest.mark.parametrize("after", [Xor(), Spiral(), Moons(), Blobs(), Arms(), Iris(), Digits(), MultiGauss()])
def test_going_from_any_dataset_to_any_other_can_be_run(before: Dataset, after: Dataset) -> None:
    start = fitted_to_data(of(before, Dense(3, ReLU()), Dense(1, Tanh())))
    moved = fitted_to_data(msgspec.structs.replace(start, data=after))
    assert moved.checked().network.layers[0] == Dense(3, ReLU())
    assert fitted_to_data(moved) == moved


# -- files ---------------------------------------------------------------------------------------------


def test_an_experiment_file_is_read_and_its_csv_found_beside_it(tmp_path: Path) -> None:
    (tmp_path / "points.csv").write_text("a,b\n1,2\n2,4\n3,7\n4,8\n", encoding="utf-8")
    experiment = of(Csv(path="points.csv", task="regression"), Dense(1, Identity()))
    (tmp_path / "mine.json").write_text(experiment_to_json(experiment), encoding="utf-8")
    data = load_experiment(tmp_path / "mine.json").data
    assert data == Csv(path=str(tmp_path / "points.csv"), task="regression")


@pytest.mark.parametrize(
    ("contents", "said"),
    [
        (b"", "mine.json: this is not valid JSON"),
        (changed(["network", "layers", 1, "units"], 2).replace("circle", "iris").encode(), "mine.json: data"),
        (bytes(5 * 2**20), "mine.json: the file is larger than 4 MB, so it is no experiment"),
    ],
)
def test_a_bad_file_is_named(tmp_path: Path, contents: bytes, said: str) -> None:
    (tmp_path / "mine.json").write_bytes(contents)
    with pytest.raises(InputError) as error:
        read_experiment(tmp_path / "mine.json")
    assert str(error.value).startswith(said)


def test_a_missing_experiment_is_told_with_the_examples_there_are() -> None:
    with pytest.raises(InputError) as error:
        load_experiment("circel")
    assert str(error.value) == (
        f"circel: neither a file nor a built-in example; examples are {', '.join(example_names())}"
    )


def test_a_folder_is_no_experiment(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=tmp_path.name):
        load_experiment(tmp_path)


def test_parameters_of_choices_are_part_of_the_json() -> None:
    experiment = of(Circle(), Dense(2, LeakyReLU(slope=0.2)), Dense(1, ELU(alpha=0.5)))
    plan = msgspec.structs.replace(experiment.training, optimizer=Momentum(momentum=0.8, nesterov=True))
    tree = json.loads(experiment_to_json(msgspec.structs.replace(experiment, training=plan)))
    assert [layer["activation"] for layer in tree["network"]["layers"]] == [
        {"type": "leaky_relu", "slope": 0.2},
        {"type": "elu", "alpha": 0.5},
    ]
    assert tree["training"]["optimizer"]["nesterov"] is True
    assert Adam() != plan.optimizer


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_who_has_divided_the_data_builds_the_network_that_the_data_alone_gives(dtype: Any) -> None:
    iris = load_experiment("iris")
    first = msgspec.structs.replace(iris.network.layers[0], weights=LSUV())
    experiment = msgspec.structs.replace(
        iris,
        network=NetworkDesign((first, *iris.network.layers[1:])),
        training=msgspec.structs.replace(iris.training, dtype=dtype),
    )
    alone, given = experiment.build_network(), experiment.build_network(make_problem(experiment).train_inputs)
    assert np.array_equal(alone.parameters, given.parameters)
    other = experiment.build_network(3.0 * make_problem(experiment).train_inputs)
    assert not np.array_equal(alone.parameters, other.parameters)
