"""Input features of points in the plane."""

import numpy as np
import pytest

from bplab.data import FEATURES, Circle, Dataset, Digits, feature_columns, feature_labels
from bplab.engine.choices import from_json
from bplab.engine.errors import InputError


def test_the_features_have_the_names_of_the_file_format_and_labels_for_people():
    labels = {name: feature.label for name, feature in FEATURES.items()}
    assert labels == {
        "x": "x", "y": "y", "x2": "x²", "y2": "y²", "xy": "xy", "sin_x": "sin x", "sin_y": "sin y",
    }  # fmt: skip


def test_every_feature_is_the_formula_it_is_named_after():
    points = np.array([[2.0, -3.0], [0.5, 4.0]])
    (x, y), columns = points.T, feature_columns(points, tuple(FEATURES))
    np.testing.assert_array_equal(columns.T, [x, y, x**2, y**2, x * y, np.sin(x), np.sin(y)])


def test_columns_stand_in_the_order_in_which_features_are_named():
    dataset = Circle(features=("xy", "x"))
    split = dataset.split()
    x, y = split.train_points.T
    np.testing.assert_array_equal(split.train_inputs, np.column_stack((x * y, x)))
    assert split.input_names == dataset.describe().input_names == feature_labels(("xy", "x")) == ("xy", "x")


def test_transform_gives_the_bits_of_the_split():
    dataset = Circle(samples=777, features=tuple(FEATURES))
    split = dataset.split()
    for points, inputs in ((split.train_points, split.train_inputs), (split.test_points, split.test_inputs)):
        assert dataset.transform(points).tobytes() == inputs.tobytes()
        one_by_one = np.concatenate([dataset.transform(points[row : row + 1]) for row in range(len(points))])
        assert one_by_one.tobytes() == inputs.tobytes()


def test_points_in_any_memory_layout_give_the_same_columns():
    points = Circle().load().inputs
    names = tuple(FEATURES)
    assert feature_columns(np.asfortranarray(points), names).tobytes() == feature_columns(points, names).tobytes()


def test_data_outside_the_plane_has_no_transform():
    with pytest.raises(TypeError, match="Handwritten digits: the samples are not points in the plane"):
        Digits().transform(np.zeros((1, 2)))


@pytest.mark.parametrize(
    ("features", "message"),
    [
        ('["x", "z"]', "there is no feature 'z'; known are x, y, x2, y2, xy, sin_x, sin_y"),
        ('["x", "y", "x"]', "the feature 'x' is given twice"),
        ("[]", "features: expected array of length ≥ 1"),
        ('"x"', "features: expected array, got str"),
        ("[1]", "features[0]: expected str, got int"),
    ],
)
def test_bad_features_are_refused_in_one_sentence(features, message):
    with pytest.raises(InputError) as caught:
        from_json(f'{{"type": "spiral", "features": {features}}}', Dataset)
    assert str(caught.value) == message


def test_bad_features_are_refused_in_python_too():
    with pytest.raises(InputError, match="there is no feature 'z'"):
        Circle(features=("x", "z"))
