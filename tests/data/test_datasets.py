"""What holds for every dataset there is: a new kind is tested by being defined."""

import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import Csv, Dataset, FileDataset, Idx, Npz, Split
from bplab.data.plane import PlaneDataset
from bplab.engine.choices import from_json, to_json
from bplab.engine.errors import InputError

from .idx_files import write_pair

MEMBERS = Dataset.members()
TOYS = [name for name, kind in MEMBERS.items() if issubclass(kind, PlaneDataset)]
GOLDEN = Path(__file__).parents[1] / "golden" / "dataset_draws.json"


@pytest.fixture(params=MEMBERS)
def dataset(request: pytest.FixtureRequest, tmp_path: Path) -> Dataset:
    """One of each kind; files have 30 samples of three classes."""
    kind = MEMBERS[request.param]
    return FILES[kind](tmp_path) if issubclass(kind, FileDataset) else kind()


def csv_file(folder: Path) -> Csv:
    path = folder / "table.csv"
    rows = [f"{number},{number % 7 - 2.5},{'abc'[number % 3]}" for number in range(30)]
    path.write_text("\n".join(["first,second,kind", *rows]), encoding="utf-8")
    return Csv(path=str(path))


def idx_files(folder: Path) -> Idx:
    images, labels = write_pair(folder)
    return Idx(images=str(images), labels=str(labels))


def npz_file(folder: Path) -> Npz:
    path = folder / "arrays.npz"
    np.savez(path, x=np.arange(30 * 24).reshape(30, 2, 4, 3), y=np.arange(30) % 3)
    return Npz(path=str(path))


FILES = {Csv: csv_file, Idx: idx_files, Npz: npz_file}


@pytest.fixture(params=TOYS)
def toy(request: pytest.FixtureRequest) -> Dataset:
    return MEMBERS[request.param](noise=0.2)


def arrays(split: Split) -> list[np.ndarray]:
    values = [getattr(split, field) for field in Split.__dataclass_fields__]
    return [value for value in values if isinstance(value, np.ndarray)]


def test_the_kinds_are_those_of_the_file_format_in_the_order_of_a_list():
    toys = ["circle", "xor", "gauss", "spiral", "plane", "multi_gauss", "moons", "arms", "blobs", "checkerboard"]
    made = ["parity", "sine", "step", "polynomial"]
    shipped = ["iris", "penguins", "wine", "breast_cancer", "digits"]
    assert list(MEMBERS) == [*toys, "drawn", *made, *shipped, "csv", "idx", "npz"]
    assert toys == TOYS
    assert [name for name, kind in MEMBERS.items() if kind.plane] == [*toys, "drawn"]


def test_description_samples_and_split_tell_the_same_shape(dataset):
    shape, samples, split = dataset.describe(), dataset.load(), dataset.split()
    assert shape.task == samples.task == split.task
    assert shape.class_names == samples.class_names == split.class_names
    assert shape.input_names == split.input_names
    assert shape.image == samples.image == split.image
    assert shape.image is None or np.prod(shape.image) == shape.inputs
    assert shape.inputs == len(shape.input_names) == split.train_inputs.shape[1] == split.test_inputs.shape[1]
    assert samples.inputs.shape == (len(samples.targets), len(samples.input_names))
    assert len(split.train_targets) == len(split.train_inputs)
    assert len(split.test_targets) == len(split.test_inputs)
    assert shape.plane == dataset.plane == (split.train_points is not None) == (split.test_points is not None)


def test_targets_are_class_indices_or_a_column_of_numbers(dataset):
    shape, samples = dataset.describe(), dataset.load()
    if shape.task == "classification":
        assert samples.targets.dtype == np.int64
        assert samples.targets.shape == (len(samples.inputs),)
        assert sorted(set(samples.targets.tolist())) == list(range(shape.classes))
        assert shape.outputs == (1 if shape.classes == 2 else shape.classes)
    else:
        assert samples.targets.dtype == np.float64
        assert samples.targets.shape == (len(samples.inputs), 1)
        assert (shape.classes, shape.outputs) == (0, 1)


def test_every_number_is_finite_and_inputs_are_contiguous_rows_of_float64(dataset):
    split = dataset.split()
    assert all(np.isfinite(array).all() for array in arrays(split))
    for inputs in (split.train_inputs, split.test_inputs):
        assert inputs.dtype == np.float64
        assert inputs.flags.c_contiguous


def test_the_same_fields_give_the_same_bits(dataset):
    again = from_json(to_json(dataset), Dataset)
    assert [a.tobytes() for a in arrays(dataset.split())] == [a.tobytes() for a in arrays(again.split())]


def test_another_seed_gives_another_split(dataset):
    assert dataset.split().train_inputs.tobytes() != replace(dataset, seed=1).split().train_inputs.tobytes()


def test_what_a_split_hands_out_may_be_changed_without_harm_to_the_next(dataset):
    before = dataset.split()
    spoiled = dataset.split()
    for array in arrays(spoiled):
        array.fill(7)
    assert [a.tobytes() for a in arrays(dataset.split())] == [a.tobytes() for a in arrays(before)]


@pytest.mark.parametrize("fraction", [0.0, 0.001, 0.25, 0.5, 0.999])
def test_training_and_test_part_together_are_all_samples_once(dataset, fraction):
    plain = {"standardize": False} if hasattr(dataset, "standardize") else {}
    dataset = replace(dataset, test_fraction=fraction, **plain)
    samples, split = dataset.load(), dataset.split()
    count = len(samples.inputs)
    expected = min(max(int(count * fraction + 0.5), 1), count - 1) if fraction else 0
    assert len(split.test_inputs) == expected
    if dataset.plane:
        train, test = split.train_points, split.test_points
    else:
        train, test = split.train_inputs, split.test_inputs

    def rows(inputs, targets):
        return [(*row, *np.ravel(target)) for row, target in zip(inputs.tolist(), targets, strict=True)]

    parts = rows(train, split.train_targets) + rows(test, split.test_targets)
    assert sorted(parts) == sorted(rows(samples.inputs, samples.targets))


def test_a_larger_test_part_contains_the_smaller_one(toy):
    small = replace(toy, test_fraction=0.2).split().test_points
    large = replace(toy, test_fraction=0.6).split().test_points
    assert set(map(tuple, small)) < set(map(tuple, large))


def test_json_brings_every_field_back(dataset):
    assert from_json(to_json(dataset), Dataset) == dataset


def test_the_json_type_alone_gives_the_defaults(dataset):
    kind = type(dataset)
    assert from_json(json.dumps({"type": kind.__struct_config__.tag}), Dataset) == kind()


def test_an_unknown_key_is_refused(dataset):
    text = json.dumps({**msgspec.to_builtins(dataset), "sample": 3})
    with pytest.raises(InputError, match="unknown field sample"):
        from_json(text, Dataset)


def test_every_kind_has_a_title_and_a_sentence_for_the_tooltip(dataset):
    assert dataset.title()[0].isupper()
    assert len(dataset.title()) <= 30
    assert dataset.summary().endswith(".")
    assert len(dataset.summary()) <= 90


def test_every_field_is_described_and_every_number_bounded(dataset):
    for field in msgspec.inspect.type_info(type(dataset)).fields:
        kind, described = field.type, False
        if isinstance(kind, msgspec.inspect.Metadata):
            kind, described = kind.type, True
        assert described, f"{field.name} has no description"
        if isinstance(kind, msgspec.inspect.IntType | msgspec.inspect.FloatType):
            assert kind.ge is not None, field.name
            assert kind.le is not None or kind.lt is not None, field.name


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("samples", 10**9, "samples: expected int ≤ 1000000"),
        ("samples", 3, "samples: expected int ≥ 4"),
        ("noise", 0.51, "noise: expected float ≤ 0.5"),
        ("noise", float("nan"), "noise: expected float ≥ 0.0"),
        ("test_fraction", 1.0, "test_fraction: expected float < 1.0"),
        ("seed", -1, "seed: expected int ≥ 0"),
        ("features", (), "features: expected array of length ≥ 1"),
    ],
)
def test_a_field_out_of_bounds_is_refused_by_name_before_anything_is_made(toy, field, value, message):
    with pytest.raises(InputError) as caught:
        replace(toy, **{field: value}).load()
    assert str(caught.value) == message
    if value == value:  # JSON has no NaN
        with pytest.raises(InputError) as caught:
            from_json(json.dumps({**msgspec.to_builtins(toy), field: value}), Dataset)
        assert str(caught.value) == message


@pytest.mark.parametrize("kind", ["arms", "blobs"])
@pytest.mark.parametrize("classes", [1, 11])
def test_a_number_of_classes_out_of_bounds_is_refused(kind, classes):
    with pytest.raises(InputError, match="classes: expected int"):
        from_json(json.dumps({"type": kind, "classes": classes}), Dataset)


def test_the_largest_toy_can_be_made(toy):
    split = replace(toy, samples=1_000_000, test_fraction=0.0).split()
    assert split.train_inputs.shape == (1_000_000, 2)
    assert split.test_inputs.shape == (0, 2)


def test_every_toy_draws_the_points_that_saved_experiments_were_made_with():
    """Not one draw may move, or every saved experiment would train on other data."""
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert sorted(golden) == sorted(TOYS)
    for name, expected in golden.items():
        split = MEMBERS[name](samples=8, noise=0.25, seed=3).split()
        for field, values in expected.items():
            np.testing.assert_allclose(getattr(split, field), values, rtol=0, atol=1e-9, err_msg=f"{name}.{field}")
