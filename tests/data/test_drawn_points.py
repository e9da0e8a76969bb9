"""Points drawn by hand: held by the experiment, and as stable as a person who draws them expects."""

import json

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import Arms, Circle, Dataset, Drawn, Gauss, Iris, Plane, Spiral
from bplab.engine.choices import from_builtins, to_json
from bplab.engine.errors import InputError


def parts(data: Drawn) -> tuple[set, set]:
    split = data.split()
    return set(map(tuple, split.train_points.tolist())), set(map(tuple, split.test_points.tolist()))


def grid(count: int) -> tuple[tuple[float, float, int], ...]:
    return tuple((x * 0.5 - 5.0, y * 0.5 - 5.0, (x + y) % 2) for x in range(20) for y in range(20))[:count]


def test_the_samples_are_the_points_in_the_order_in_which_they_were_drawn():
    samples = Drawn(points=((1, -2, 1), (0.25, 4, 0), (-0.0, 0.0, 1))).load()
    assert samples.inputs.tolist() == [[1, -2], [0.25, 4], [0, 0]]
    assert samples.targets.tolist() == [1, 0, 1]
    assert samples.class_names == ("class 1", "class 2")


def test_points_stand_in_the_file_as_x_y_and_class():
    plain = json.loads(to_json(Drawn(points=((1, -2.5, 1), (0, 4, 0)))))
    assert plain["points"] == [[1, -2.5, 1], [0, 4, 0]]
    assert plain["classes"] == ["class 1", "class 2"]


def test_a_new_point_changes_sides_of_at_most_one_other():
    before = Drawn(points=grid(199), test_fraction=0.3)
    after = replace(before, points=(*before.points, (3.3, 3.3, 1)))
    (old_train, old_test), (train, test) = parts(before), parts(after)
    assert len((old_train & test) | (old_test & train)) <= 1


def test_erasing_a_point_in_the_middle_changes_sides_of_at_most_one_other():
    before = Drawn(points=grid(200), test_fraction=0.3)
    after = replace(before, points=before.points[:70] + before.points[71:])
    (old_train, old_test), (train, test) = parts(before), parts(after)
    assert len((old_train & test) | (old_test & train)) <= 1


def test_the_test_part_is_a_fair_share_of_both_classes_and_of_the_plane():
    split = Drawn(points=grid(400), test_fraction=0.25).split()
    assert len(split.test_points) == 100
    assert 30 <= split.test_targets.sum() <= 70
    assert np.abs(split.test_points.mean(axis=0) - split.train_points.mean(axis=0)).max() < 1.0


def test_points_at_the_same_place_are_in_the_same_part():
    twice = grid(40) + grid(40)
    train, test = parts(Drawn(points=twice, test_fraction=0.25))
    assert len(train & test) <= 1


def test_a_class_may_be_without_points():
    shape = Drawn(classes=("a", "b", "c")).describe()
    assert (shape.classes, shape.outputs, shape.class_names) == (3, 3, ("a", "b", "c"))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"points": ((0, 0, 0),)}, "points: expected array of length ≥ 2"),
        ({"points": ((0, 0, 0),) * 4001}, "points: expected array of length ≤ 4000"),
        ({"points": ((0, 0, 0), (101, 0, 0))}, "points[1][0]: expected float ≤ 100.0"),
        ({"points": ((0, 0, 0), (0, float("nan"), 0))}, "points[1][1]: expected float ≥ -100.0"),
        ({"points": ((0, 0, 0), (0, 0, 6))}, "points[1][2]: expected int ≤ 5"),
        ({"points": ((0, 0, 0), (0, 0, -1))}, "points[1][2]: expected int ≥ 0"),
        ({"classes": ("a",)}, "classes: expected array of length ≥ 2"),
        ({"classes": tuple("abcdefg")}, "classes: expected array of length ≤ 6"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_its_place(changes, message):
    with pytest.raises(InputError) as caught:
        from_builtins({"type": "drawn", "points": [[0, 0, 0], [1, 1, 1]], **changes}, Dataset)
    assert str(caught.value) == message


def test_a_place_out_of_bounds_is_refused_before_anything_is_made_of_it():
    with pytest.raises(InputError, match=r"points\[1\]\[0\]: expected float ≤ 100.0"):
        Drawn(points=((0, 0, 0), (1e9, 0, 0))).load()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"points": ((0, 0, 0), (1, 1, 2))}, r"points\[1\]: class 2 of 2, counted from 0"),
        ({"classes": ("a", "a")}, "the name 'a' is given twice"),
        ({"classes": ("a", "b\n")}, "control characters"),
        ({"features": ("z",)}, "there is no feature 'z'"),
    ],
)
def test_points_and_classes_must_fit_each_other(fields, message):
    with pytest.raises(InputError, match=message):
        Drawn(**fields)


@pytest.mark.parametrize("data", [Circle(), Spiral(noise=0.2), Gauss(noise=0.5), Arms(classes=6)])
def test_a_data_set_of_the_plane_becomes_drawn_points_with_its_names_and_features(data):
    data = replace(data, features=("x", "xy"), seed=3, test_fraction=0.4)
    drawn, samples = Drawn.of(data), data.load()
    np.testing.assert_allclose(drawn.load().inputs, samples.inputs, rtol=0, atol=0.0051)
    assert drawn.load().targets.tolist() == samples.targets.tolist()
    assert drawn.classes == samples.class_names
    assert (drawn.features, drawn.seed, drawn.test_fraction) == (("x", "xy"), 3, 0.4)
    assert Drawn.of(drawn) == drawn


def test_of_a_large_data_set_as_many_points_are_taken_as_can_be_drawn():
    drawn = Drawn.of(Circle(samples=50_000))
    assert len(drawn.points) == 4_000
    assert 1_800 < drawn.load().targets.sum() < 2_200


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (Iris(), "Only points in the plane"),
        (Plane(), "only classes can be drawn"),
        (Arms(classes=7), "There are 7 classes; at most 6"),
    ],
)
def test_what_cannot_become_drawn_points_says_why(data, reason):
    assert reason in Drawn.refusal(data)
    with pytest.raises(InputError, match=reason):
        Drawn.of(data)
