"""Edits of the layers: what comes out, and the sentence where nothing can."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from bplab.data import Blobs, Circle, Digits, MultiGauss
from bplab.engine import (
    Conv2D,
    CrossEntropy,
    Dense,
    Flatten,
    HeNormal,
    Identity,
    InputError,
    Layer,
    MaxPool,
    MeanPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from bplab.engine.layers import MAX_UNITS
from bplab.lab.editing import (
    add_layer,
    add_neuron,
    duplicate_layer,
    gap_name,
    layer_name,
    move_layer,
    refusal_in_words,
    remove_layer,
    remove_neuron,
    set_kind,
    set_units,
    skip_choices,
    usual_kind,
)
from bplab.lab.experiment import MAX_LAYERS, Experiment, NetworkDesign, TrainingPlan, load_experiment


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


# -- layers for images ----------------------------------------------------------------------------------


CONV = Conv2D(6, ReLU(), kernel=3, weights=HeNormal())


def images(*hidden: Layer) -> Experiment:
    """Digits of 8 × 8 pixels through ``hidden`` to ten softmax units."""
    return Experiment(Digits(), NetworkDesign((*hidden, Dense(10, Softmax()))), TrainingPlan(CrossEntropy()))


def test_among_layers_for_images_a_convolution_is_usual_and_elsewhere_a_dense_layer() -> None:
    experiment = images(CONV, MaxPool(), Flatten(), Dense(16, ReLU()))
    assert [usual_kind(experiment, gap) for gap in range(5)] == [Conv2D, Conv2D, Conv2D, Dense, Dense]
    assert usual_kind(images(Dense(16, ReLU())), 0) is Dense


def test_a_new_convolution_is_like_the_one_before_it_and_keeps_the_size_of_the_images() -> None:
    experiment = add_layer(images(CONV, MaxPool(), Flatten()), 1)
    assert experiment.network.layers[1] == replace(CONV, padding=1)
    assert [place.outputs for place in experiment.places()][:2] == [(6, 6, 6), (6, 6, 6)]


@pytest.mark.parametrize("kind", [Conv2D, MaxPool, MeanPool, Flatten, Dense])
def test_a_layer_of_any_kind_can_stand_before_images_are_flattened(kind: type[Layer]) -> None:
    added = add_layer(images(CONV, Flatten(), Dense(16, ReLU())), 1, kind)
    assert type(added.network.layers[1]) is kind
    assert added.places()[1].inputs == (6, 6, 6)


def test_a_layer_that_cannot_stand_in_a_gap_is_refused_with_the_name_that_it_would_have() -> None:
    experiment = images(CONV, Flatten(), Dense(16, ReLU()))
    with pytest.raises(InputError, match=r"^h3: pooling needs images, but here come 216 values in a row$"):
        add_layer(experiment, 2, MaxPool)
    with pytest.raises(InputError, match=r"^h2: a convolution needs images, but here come 4 values in a row$"):
        add_layer(images(CONV), 0, Dense)


def test_a_dense_layer_becomes_a_convolution_with_what_both_have() -> None:
    dense = Dense(40, ReLU(), HeNormal(), bias=False, frozen=True, dropout=0.5)
    changed = set_kind(images(dense, Dense(16, ReLU())), 0, Conv2D).network.layers[0]
    assert changed == Conv2D(16, ReLU(), padding=1, weights=HeNormal(), bias=False, frozen=True)
    assert set_kind(images(changed, Dense(16, ReLU())), 0, Dense).network.layers[0].units == 16


def test_softmax_does_not_go_along_to_a_convolution() -> None:
    assert set_kind(images(Dense(4, Softmax())), 0, Conv2D).network.layers[0].activation == ReLU()


def test_one_kind_of_pooling_becomes_the_other_with_its_windows() -> None:
    changed = set_kind(images(CONV, MaxPool(3, 1)), 1, MeanPool)
    assert changed.network.layers[1] == MeanPool(3, 1)


def test_a_kind_that_cannot_stand_there_is_refused_in_a_sentence() -> None:
    experiment = images(CONV, MaxPool(), Flatten(), Dense(16, ReLU()))
    with pytest.raises(InputError, match=r"^h2: pooling needs images, but here come 6 values in a row$"):
        set_kind(experiment, 0, Dense)
    with pytest.raises(InputError, match=r"^h4 finds values in a row already: nothing to flatten"):
        set_kind(experiment, 3, Flatten)
    with pytest.raises(InputError, match=r"^The output layer is dense"):
        set_kind(experiment, 4, MaxPool)
    assert set_kind(experiment, 3, Dense) is experiment


def test_a_refusal_names_the_layer_and_the_field_instead_of_a_path() -> None:
    experiment = images(Conv2D(4, ReLU(), kernel=9), Dense(16, ReLU()))
    with pytest.raises(InputError) as error:
        experiment.checked()
    said = "h1: kernel: a window of 9 × 9 does not fit into 8 × 8 pixels"
    assert refusal_in_words(experiment, error.value) == said
    assert refusal_in_words(experiment, InputError("the file is gone")) == "the file is gone"


# -- skips ----------------------------------------------------------------------------------------------


def skipping(*skips: int | None) -> Experiment:
    """Hidden layers of 4, 4, 3 … units on the circle with these skips."""
    hidden = [Dense(4 if place < 2 else 3, Tanh(), skip=skip) for place, skip in enumerate(skips)]
    return replace(circle(), network=NetworkDesign((*hidden, Dense(1, Tanh()))))


def skips_of(experiment: Experiment) -> list[int | None]:
    return [layer.skip for layer in experiment.network.layers]


def test_a_skip_can_start_at_the_inputs_and_at_every_earlier_layer() -> None:
    choices = skip_choices(skipping(None, None, None), 1)
    assert [(choice.source, choice.name, choice.way, choice.refusal) for choice in choices] == [
        (0, "inputs", "through a learned 2 × 4 projection", ""),
        (1, "h1", "added as it is", ""),
    ]


def test_a_skip_whose_projection_is_too_large_is_refused() -> None:
    wide = replace(circle(), network=NetworkDesign((Dense(60_000, Tanh()), Dense(1, Tanh()), Dense(50_000, Tanh()),
                                                    Dense(1, Tanh()))))  # fmt: skip
    assert "more than fits" in skip_choices(wide, 2)[1].refusal
    assert skip_choices(wide, 2)[2].refusal == ""


def test_skips_follow_their_layers_when_others_come_and_go() -> None:
    experiment = skipping(None, 1, 2)
    assert skips_of(add_layer(experiment, 1)) == [None, None, 1, 3, None]
    assert skips_of(remove_layer(experiment, 0)) == [None, 1, None]


# -- doubling and moving --------------------------------------------------------------------------------------


def test_a_copy_of_a_layer_stands_behind_it_and_skips_still_start_where_they_did() -> None:
    experiment = three_layers()
    doubled = duplicate_layer(experiment, 0)
    first, second, third, output = doubled.network.layers
    assert first == second == experiment.network.layers[0]
    assert third == experiment.network.layers[1]
    assert output.skip == 3


def test_a_moved_layer_takes_its_place_and_skips_follow_their_layers() -> None:
    experiment = three_layers()
    moved = move_layer(experiment, 1, 0)
    assert [layer.units for layer in moved.network.layers] == [6, 5, 1]
    assert moved.network.layers[-1].skip == 1
    assert move_layer(moved, 0, 1) == experiment


def test_a_layer_is_not_moved_behind_one_that_adds_its_outputs() -> None:
    experiment = three_layers()
    second = replace(experiment.network.layers[1], skip=1)
    layers = (experiment.network.layers[0], second, experiment.network.layers[2])
    tied = replace(experiment, network=replace(experiment.network, layers=layers))
    with pytest.raises(InputError, match="h2 adds the outputs of h1 by a skip, so h1 stays before it"):
        move_layer(tied, 0, 1)


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda experiment: move_layer(experiment, 2, 1), "stays last"),
        (lambda experiment: move_layer(experiment, 0, -1), "h1 is the first layer already"),
        (lambda experiment: move_layer(experiment, 1, 2), "h2 is the last hidden layer"),
        (lambda experiment: duplicate_layer(experiment, 2), "cannot be doubled"),
    ],
)
def test_what_cannot_be_moved_or_doubled_is_refused_in_a_sentence(
    edit: Callable[[Experiment], Experiment], sentence: str
) -> None:
    with pytest.raises(InputError, match=sentence):
        edit(three_layers())


def three_layers() -> Experiment:
    """2-5-6-1, the output with a skip from h2."""
    start = load_experiment("circle")
    hidden = start.network.layers[0]
    layers = (replace(hidden, units=5), replace(hidden, units=6), replace(start.network.layers[-1], skip=2))
    return replace(start, network=replace(start.network, layers=layers))
