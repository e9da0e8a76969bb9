"""Changing an experiment by path."""

import pytest

from bplab.data import Iris
from bplab.engine import SGD, Adam, InputError, LayerNorm, Momentum, ReLU
from bplab.lab.experiment import Experiment, load_experiment
from bplab.lab.overrides import with_overrides


def test_a_number_a_text_and_a_list_are_set(circle: Experiment) -> None:
    changed = with_overrides(
        circle, ["training.optimizer.learning_rate=0.1", "name=Hello, world", 'data.features=["x", "sin_y"]']
    )
    assert changed.training.optimizer.learning_rate == 0.1
    assert (changed.name, changed.data.features) == ("Hello, world", ("x", "sin_y"))  # type: ignore[attr-defined]


def test_a_layer_is_meant_by_its_number(circle: Experiment) -> None:
    changed = with_overrides(circle, ["network.layers[0].units=7"])
    assert [layer.units for layer in changed.network.layers] == [7, 1]


def test_a_choice_is_set_by_its_name_alone_or_with_its_settings(circle: Experiment) -> None:
    changed = with_overrides(
        circle,
        [
            "network.layers[0].activation=relu",
            "training.optimizer=momentum",
            "training.optimizer.momentum=0.5",
        ],
    )
    assert changed.network.layers[0].activation == ReLU()
    assert changed.training.optimizer == Momentum(momentum=0.5)
    assert with_overrides(circle, ["training.optimizer.type=adam"]).training.optimizer == Adam(learning_rate=0.03)
    assert with_overrides(circle, ['data={"type": "iris", "seed": 3}']).data == Iris(seed=3)


def test_what_may_be_absent_is_set_by_its_name_too(circle: Experiment) -> None:
    for text in ("normalization=layer_norm", "normalization.type=layer_norm"):
        layer = with_overrides(circle, [f"network.layers[0].{text}"]).network.layers[0]
        assert layer.normalization == LayerNorm()  # type: ignore[attr-defined]


def test_a_number_may_begin_with_its_point(circle: Experiment) -> None:
    layer = with_overrides(circle, ["network.layers[0].dropout=.5"]).network.layers[0]
    assert layer.dropout == 0.5  # type: ignore[attr-defined]


def test_later_changes_win_and_the_original_stays(circle: Experiment) -> None:
    assert with_overrides(circle, ["training.seed=1", "training.seed=2"]).training.seed == 2
    assert circle.training.seed == 0


def test_no_changes_are_the_same_experiment(circle: Experiment) -> None:
    assert with_overrides(circle, []) == circle


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("x", "x: expected PATH=VALUE, for example training.batch_size=32"),
        ("=3", "(nothing): this is no path; one looks like network.layers[0].units"),
        ("network..layers=3", "network..layers: this is no path; one looks like network.layers[0].units"),
        ("data[-1]=3", "data[-1]: this is no path; one looks like network.layers[0].units"),
        ("training.foo=1", "training: object contains unknown field foo"),
        (
            "training.optimiser.learning_rate=1",
            "training has no 'optimiser'; it has loss, optimizer, batch_size, epochs, shuffle, dtype, seed, schedule, "
            "l1, l2, max_norm, clip_value, clip_norm, early_stopping",
        ),
        ("network.layers[9].units=1", "network.layers[9]: there are only 2, [0] to [1]"),
        ("network.layers.units=3", "network.layers has no settings, so it has no 'units'"),
        ("training[0]=1", "training is no list, so it has no [0]"),
        ("training.batch_size.x=1", "training.batch_size has no settings, so it has no 'x'"),
        ("network.layers[0].units=1000000000", "network.layers[0].units: expected int ≤ 65536"),
        ("training.batch_size=many", "training.batch_size: expected int, got str"),
        (
            "training.optimizer.learning_rate=NaN",
            "training.optimizer.learning_rate: expected a finite number, got NaN",
        ),
        (
            "training.optimizer.learning_rate = -inf",
            "training.optimizer.learning_rate: expected a finite number, got -inf",
        ),
        ("network.layers[0].units=1e999", "network.layers[0].units: expected a finite number, got 1e999"),
        (
            "network.layers[0].activation.type=nan",
            "network.layers[0].activation.type: there is no activation of type 'nan'",
        ),
        ("network.layers=[]", "network.layers: expected array of length ≥ 1"),
    ],
)
def test_what_cannot_be_set_names_its_path(circle: Experiment, assignment: str, said: str) -> None:
    with pytest.raises(InputError) as error:
        with_overrides(circle, [assignment])
    assert str(error.value).partition("; known are ")[0] == said


def test_a_text_may_read_like_a_number_that_is_none(circle: Experiment) -> None:
    assert with_overrides(circle, ["name=NaN"]).name == "NaN"


def test_an_unknown_choice_is_told_with_the_known_ones(circle: Experiment) -> None:
    with pytest.raises(InputError) as error:
        with_overrides(circle, ["network.layers[0].activation=warp"])
    assert str(error.value).startswith(
        "network.layers[0].activation.type: there is no activation of type 'warp'; known are celu, elu, gaussian, "
    )


def test_a_value_nested_without_end_is_refused(circle: Experiment) -> None:
    with pytest.raises(InputError, match=r"^name: expected str of length ≤ 200"):
        with_overrides(circle, ["name=" + "[" * 100_000])


def test_another_type_comes_with_its_own_settings_and_the_rate_that_was_there():
    changed = with_overrides(load_experiment("digits"), ["training.optimizer.type=sgd"])
    assert changed.training.optimizer == SGD(load_experiment("digits").training.optimizer.learning_rate)
