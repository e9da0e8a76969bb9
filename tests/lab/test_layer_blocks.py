"""Several layers at once: what text they are, where they can be put, and the sentence where they cannot."""

import json

import pytest
from msgspec.structs import replace

from bplab.data import Circle
from bplab.engine import Dense, InputError, MaxPool, ReLU, Sigmoid, Tanh
from bplab.lab.experiment import MAX_LAYERS, Experiment, NetworkDesign, load_experiment
from bplab.lab.layer_blocks import (
    change_layers,
    duplicate_layers,
    insert_layers,
    layers_from_json,
    layers_to_json,
    names_of,
    remove_layers,
    set_skip,
)


def network(*hidden: int, skips: dict[int, int] | None = None) -> Experiment:
    layers = [Dense(units, Tanh()) for units in (*hidden, 1)]
    for layer, source in (skips or {}).items():
        layers[layer] = replace(layers[layer], skip=source)
    return Experiment(Circle(samples=20), NetworkDesign(tuple(layers)))


def skips_of(experiment: Experiment) -> list[int | None]:
    return [layer.skip for layer in experiment.network.layers]


def widths(experiment: Experiment) -> list[int]:
    return [layer.units for layer in experiment.network.layers]


def test_layers_read_back_from_their_text_are_the_same() -> None:
    experiment = load_experiment("digits-conv")
    block = layers_from_json(layers_to_json(experiment, range(3)))
    assert block == experiment.network.layers[:3]


def test_a_skip_within_copied_layers_goes_along_and_one_from_outside_stays_behind() -> None:
    experiment = network(4, 4, 4, skips={1: 0, 2: 2})
    block = layers_from_json(layers_to_json(experiment, {1, 2}))
    assert [layer.skip for layer in block] == [None, 1]
    assert skips_of(insert_layers(experiment, 3, block)) == [None, 0, 2, None, 4, None]


def test_layers_put_in_move_the_skips_behind_them() -> None:
    experiment = network(4, 5, skips={1: 1, 2: 2})
    added = insert_layers(experiment, 1, (Dense(7, ReLU()), Dense(8, ReLU())))
    assert widths(added) == [4, 7, 8, 5, 1]
    assert skips_of(added) == [None, None, None, 1, 4]


def test_layers_are_doubled_with_the_skips_between_them() -> None:
    experiment = network(4, 5, 6, skips={1: 0, 2: 1, 3: 3})
    doubled = duplicate_layers(experiment, {0, 2})
    assert widths(doubled) == [4, 5, 6, 4, 6, 1]
    assert skips_of(doubled) == [None, 0, 1, None, 4, 3]
    with pytest.raises(InputError, match="The output layer cannot be doubled"):
        duplicate_layers(experiment, {2, 3})


def test_layers_taken_out_take_the_skips_that_start_at_them() -> None:
    experiment = network(4, 5, 6, skips={2: 1, 3: 3})
    assert skips_of(remove_layers(experiment, {0})) == [None, None, 2]
    assert widths(remove_layers(experiment, {0, 2})) == [5, 1]


def test_what_no_layer_but_one_has_is_changed_in_that_one_alone() -> None:
    experiment = load_experiment("digits-conv")
    everywhere = range(len(experiment.network.layers) - 1)
    changed = change_layers(experiment, everywhere, activation=Sigmoid())
    for before, after in zip(experiment.network.layers, changed.network.layers, strict=True):
        assert after == (replace(before, activation=Sigmoid()) if hasattr(after, "weights") and
                         after is not changed.network.layers[-1] else before)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (" ", "There is no text on the clipboard"),
        ("hello", "The clipboard holds no layers"),
        ("[1, 2]", "The clipboard holds no layers"),
        ('{"format": "bplab-layers", "version": 1, "layers": []}', "layers"),
        ('{"format": "bplab-layers", "version": 1, "layers": [{"units": 0, "activation": {"type": "tanh"}}]}', "units"),
        ('{"format": "bplab-experiment", "version": 1, "layers": []}', "format"),
    ],
)
def test_text_that_is_no_layers_is_refused_in_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence) as refused:
        layers_from_json(text)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("skip", [0, 1, 2])
def test_a_skip_in_text_starts_at_an_earlier_layer_of_that_text(skip: int) -> None:
    text = json.loads(layers_to_json(network(4), {0}))
    text["layers"][0]["skip"] = skip
    with pytest.raises(InputError, match=rf"layers\[0\]\.skip: {skip} is none of the layers before it"):
        layers_from_json(json.dumps(text))


def test_no_more_layers_are_put_in_than_fit() -> None:
    with pytest.raises(InputError, match=f"{MAX_LAYERS} layers at most"):
        insert_layers(network(2), 0, (Dense(2, Tanh()),) * (MAX_LAYERS - 1))


def test_the_output_layer_is_not_taken_out() -> None:
    with pytest.raises(InputError, match="The output layer stays"):
        remove_layers(network(3), {0, 1})


def test_layers_that_cannot_stand_there_are_refused_by_name() -> None:
    with pytest.raises(InputError, match="h1"):
        insert_layers(network(3), 0, (MaxPool(),))


def test_a_skip_runs_from_an_earlier_layer_to_a_later_dense_one() -> None:
    experiment = network(4, 5, 4)
    assert skips_of(set_skip(experiment, 0, 2)) == [None, None, 1, None]
    assert skips_of(set_skip(experiment, -1, 3)) == [None, None, None, 0]
    with pytest.raises(InputError, match="A skip runs forward: h1 does not come after h2"):
        set_skip(experiment, 1, 0)
    with pytest.raises(InputError, match="h3 has a skip from h1 already"):
        set_skip(set_skip(experiment, 0, 2), 0, 2)
    with pytest.raises(InputError, match="only dense layers add a skip"):
        set_skip(load_experiment("digits-conv"), -1, 0)


def test_layers_are_named_together() -> None:
    experiment = network(1, 2, 3, 4, 5)
    assert names_of(experiment, {1}) == "h2"
    assert names_of(experiment, {2, 0}) == "h1 and h3"
    assert names_of(experiment, {0, 1, 5}) == "h1, h2 and out"
    assert names_of(experiment, range(5)) == "5 layers"
