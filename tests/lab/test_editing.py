"""Edits of the layers: what comes out, and the sentence where nothing can."""

import pytest
from msgspec.structs import replace

from bplab.data import Blobs, Circle, Digits, MultiGauss
from bplab.engine import CrossEntropy, Dense, HeNormal, Identity, InputError, ReLU, Sigmoid, Softmax, Tanh
from bplab.engine.layers import MAX_UNITS
from bplab.lab.editing import (
    add_layer,
    add_neuron,
    gap_name,
    layer_name,
    remove_layer,
    remove_neuron,
    set_units,
)
from bplab.lab.experiment import MAX_LAYERS, Experiment, NetworkDesign, TrainingPlan


def circle(*hidden: int) -> Experiment:
    """Two classes in the plane, one output unit."""
    return Experiment(Circle(), NetworkDesign((*(Dense(units, Tanh()) for units in hidden), Dense(1, Tanh()))))


def units_of(experiment: Experiment) -> list[int]:
    return [layer.units for layer in experiment.network.layers]


def test_one_neuron_more_or_less_changes_that_layer_alone() -> None:
    assert units_of(add_neuron(circle(4, 2), 0)) == [5, 2, 1]
    assert units_of(remove_neuron(circle(4, 2), 1)) == [4, 1, 1]


def test_an_edit_leaves_the_experiment_it_started_from_as_it_was() -> None:
    before = circle(4, 2)
    add_layer(before, 1)
    remove_layer(before, 0)
    set_units(before, 0, 9)
    assert before == circle(4, 2)


def test_the_last_neuron_of_a_layer_goes_only_with_the_layer() -> None:
    with pytest.raises(InputError, match="h2 has one neuron left; remove the whole layer instead"):
        remove_neuron(circle(4, 1), 1)


def test_a_layer_has_a_largest_size() -> None:
    with pytest.raises(InputError, match="h1 has 65,536 neurons, the most"):
        add_neuron(circle(MAX_UNITS), 0)


def test_more_parameters_than_fit_are_refused() -> None:
    with pytest.raises(InputError, match="parameters are more than"):
        set_units(circle(MAX_UNITS, 4), 1, 10_000)


def test_two_classes_take_one_or_two_output_units_and_no_more() -> None:
    two = add_neuron(circle(4), 1)
    assert units_of(two) == [4, 2]
    with pytest.raises(InputError, match="two classes need one unit, or one unit each"):
        add_neuron(two, 1)
    with pytest.raises(InputError, match="two classes"):
        remove_neuron(circle(4), 1)


def test_output_units_follow_many_classes() -> None:
    digits = Experiment(
        Digits(), NetworkDesign((Dense(16, ReLU()), Dense(10, Softmax()))), TrainingPlan(CrossEntropy())
    )
    with pytest.raises(InputError, match="10 classes need one unit each"):
        add_neuron(digits, 1)


def test_output_units_follow_the_target_of_a_regression() -> None:
    hills = replace(circle(4), data=MultiGauss())
    with pytest.raises(InputError, match="one target value needs one unit"):
        add_neuron(hills, 1)


def test_a_new_layer_is_made_like_the_hidden_layer_before_it() -> None:
    first, second = Dense(5, ReLU(), HeNormal()), Dense(3, Sigmoid())
    experiment = replace(circle(), network=NetworkDesign((first, second, Dense(1, Tanh()))))
    assert add_layer(experiment, 1).network.layers == (first, first, second, Dense(1, Tanh()))
    assert add_layer(experiment, 2).network.layers == (first, second, second, Dense(1, Tanh()))


def test_a_new_first_layer_is_made_like_the_one_behind_it() -> None:
    first = Dense(5, ReLU(), HeNormal())
    experiment = replace(circle(), network=NetworkDesign((first, Dense(1, Tanh()))))
    assert add_layer(experiment, 0).network.layers == (first, first, Dense(1, Tanh()))


def test_the_first_hidden_layer_of_all_takes_the_initialization_of_the_output() -> None:
    perceptron = replace(circle(), network=NetworkDesign((Dense(1, Sigmoid(), HeNormal()),)))
    assert add_layer(perceptron, 0).network.layers[0] == Dense(4, Sigmoid(), HeNormal())


@pytest.mark.parametrize("activation", [Softmax(), Identity()])
def test_an_output_activation_that_makes_no_hidden_layer_gives_way_to_tanh(activation: object) -> None:
    experiment = Experiment(Blobs(), NetworkDesign((Dense(4, activation),)))
    assert add_layer(experiment, 0).network.layers[0].activation == Tanh()


def test_there_is_a_largest_number_of_layers() -> None:
    with pytest.raises(InputError, match="256 layers, the most that fit"):
        add_layer(circle(*[2] * (MAX_LAYERS - 1)), 3)


def test_a_hidden_layer_can_go_and_the_output_cannot() -> None:
    assert units_of(remove_layer(circle(4, 2), 0)) == [2, 1]
    assert units_of(remove_layer(circle(4), 0)) == [1]
    with pytest.raises(InputError, match="The output layer stays"):
        remove_layer(circle(4), 1)


def test_layers_and_gaps_have_the_names_that_every_view_shows() -> None:
    experiment = circle(4, 2)
    assert [layer_name(experiment, layer) for layer in range(3)] == ["h1", "h2", "out"]
    assert [gap_name(experiment, gap) for gap in range(3)] == ["the inputs", "h1", "h2"]
