"""The geometry of the toy problems: which facts make each of them what it is."""

import numpy as np
import pytest
from msgspec.structs import replace

from bplab.data import Arms, Blobs, Checkerboard, Circle, Dataset, Gauss, Moons, MultiGauss, Plane, Spiral, Xor
from bplab.data.plane import PlaneDataset

TOYS = [kind for kind in Dataset.members().values() if issubclass(kind, PlaneDataset)]


def points_by_class(dataset: Dataset) -> list[np.ndarray]:
    samples = dataset.load()
    return [samples.inputs[samples.targets == index] for index in range(len(samples.class_names))]


def radius(points: np.ndarray) -> np.ndarray:
    return np.hypot(points[:, 0], points[:, 1])


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    """Clockwise, as an angle grows from the y axis."""
    cos, sin = np.cos(angle), np.sin(angle)
    return points @ np.array([[cos, -sin], [sin, cos]])


@pytest.mark.parametrize("kind", TOYS)
def test_without_noise_points_lie_in_the_picture_of_the_plane(kind):
    assert np.abs(kind(samples=2000).load().inputs).max() <= 6


@pytest.mark.parametrize("kind", [Circle, Gauss, Spiral, Moons, Arms, Blobs])
@pytest.mark.parametrize("samples", [500, 501, 503])
def test_classes_are_as_large_as_each_other_to_within_one(kind, samples):
    sizes = [len(points) for points in points_by_class(kind(samples=samples))]
    assert sum(sizes) == samples
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("kind", [Circle, Xor, Plane, MultiGauss, Checkerboard])
def test_noise_changes_the_targets_of_the_same_points(kind):
    clean, noisy = kind().load(), kind(noise=0.5).load()
    assert clean.inputs.tobytes() == noisy.inputs.tobytes()
    assert not np.array_equal(clean.targets, noisy.targets)


@pytest.mark.parametrize("kind", [Gauss, Spiral, Moons, Arms, Blobs])
def test_noise_moves_the_points_in_proportion_and_leaves_their_classes(kind):
    clean, weak, strong = (kind(noise=noise).load() for noise in (0.0, 0.1, 0.2))
    assert clean.targets.tobytes() == strong.targets.tobytes()
    assert not np.allclose(clean.inputs, weak.inputs)
    if kind is not Gauss:  # there the variance grows in proportion, not the deviation
        np.testing.assert_allclose(strong.inputs - clean.inputs, 2 * (weak.inputs - clean.inputs), atol=1e-12)


def test_circle_is_a_disc_in_a_ring_with_a_gap_between():
    outside, inside = points_by_class(Circle(samples=4000))
    assert radius(inside).max() < 2.5
    assert radius(inside).max() > 2.45
    assert radius(outside).min() >= 3.5
    assert 4.95 < radius(outside).max() <= 5
    assert abs(np.median(radius(inside)) - 1.25) < 0.05  # uniform in the radius, not in the area


def test_circle_with_noise_mislabels_points_within_reach_of_the_border_only():
    noise = 0.1
    samples = Circle(samples=4000, noise=noise).load()
    wrong = samples.targets != (radius(samples.inputs) < 3)
    assert 0 < wrong.mean() < 0.2
    assert np.abs(radius(samples.inputs)[wrong] - 2.5).max() <= 5 * noise * np.sqrt(2)


def test_xor_labels_by_the_sign_of_the_product_and_keeps_off_the_axes():
    samples = Xor(samples=4000).load()
    assert np.array_equal(samples.targets, np.prod(samples.inputs, axis=1) > 0)
    assert np.abs(samples.inputs).min() >= 0.3
    assert 5.2 < np.abs(samples.inputs).max() <= 5.3


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gauss_has_its_centres_at_two_two_and_a_variance_that_noise_raises(noise, variance):
    lower, upper = points_by_class(Gauss(samples=40_000, noise=noise))
    for points, centre in ((lower, -2), (upper, 2)):
        error = np.sqrt(variance / len(points))
        assert np.abs(points.mean(axis=0) - centre).max() < 5 * error
        assert np.abs(points.var(axis=0) / variance - 1).max() < 5 * np.sqrt(2 / len(points))


def test_spiral_arms_are_each_other_turned_by_half_a_turn():
    first, second = points_by_class(Spiral())
    np.testing.assert_allclose(first, -second, atol=1e-12)
    step = 5 / len(second)
    np.testing.assert_allclose(radius(second), np.arange(len(second)) * step, atol=1e-12)
    x, y = second[1:].T
    angle = np.unwrap(np.arctan2(x, y))
    np.testing.assert_allclose(angle[-1] - angle[0], 2 * np.pi * 1.75 * (len(x) - 1) / len(second), rtol=1e-12)


def test_spiral_noise_moves_each_coordinate_by_no_more_than_itself():
    moved = Spiral(noise=0.3).load().inputs - Spiral().load().inputs
    assert 0.29 < np.abs(moved).max() <= 0.3


def test_plane_target_is_a_tenth_of_x_plus_y():
    samples = Plane().load()
    np.testing.assert_allclose(samples.targets[:, 0], samples.inputs.sum(axis=1) / 10, atol=1e-15)


def test_plane_noise_judges_points_up_to_half_the_picture_away():
    samples = Plane(samples=4000, noise=0.5).load()
    error = samples.targets[:, 0] - samples.inputs.sum(axis=1) / 10
    assert 0.5 < np.abs(error).max() <= 0.6


def test_multi_gauss_falls_off_linearly_from_six_alternating_centres():
    samples = MultiGauss(samples=4000).load()
    hills = {(-4, 2.5): 1, (0, 2.5): -1, (4, 2.5): 1, (-4, -2.5): -1, (0, -2.5): 1, (4, -2.5): -1}
    for (x, y), target in zip(samples.inputs, samples.targets[:, 0], strict=True):
        centre = min(hills, key=lambda hill: np.hypot(x - hill[0], y - hill[1]))
        distance = np.hypot(x - centre[0], y - centre[1])
        assert target == pytest.approx(hills[centre] * max(1 - distance / 2, 0), abs=1e-12)


def test_moons_are_half_circles_of_radius_three_that_reach_into_each_other():
    upper, lower = points_by_class(Moons(samples=4000))
    for points, centre, side in ((upper, (-1.5, -0.75), 1), (lower, (1.5, 0.75), -1)):
        np.testing.assert_allclose(radius(points - centre), 3, atol=1e-12)
        assert (side * (points[:, 1] - centre[1])).min() >= 0
    assert upper[:, 0].max() > lower[:, 0].min()
    nearest = np.hypot(*(upper[:, np.newaxis] - lower[np.newaxis]).transpose(2, 0, 1)).min()
    assert nearest > 0.9


@pytest.mark.parametrize("classes", [2, 3, 7, 10])
def test_arms_are_one_arm_turned_evenly_about_the_centre(classes):
    arms = points_by_class(Arms(classes=classes, samples=classes * 40))
    for index, arm in enumerate(arms):
        np.testing.assert_allclose(arm, turned(arms[0], 2 * np.pi * index / classes), atol=1e-12)
    assert radius(arms[0]).min() > 0
    assert radius(arms[0]).max() == pytest.approx(5)


@pytest.mark.parametrize("turns", [0.0, 0.75, 3.0])
def test_arms_make_the_turns_that_are_asked_for(turns):
    arm = points_by_class(Arms(turns=turns, samples=600))[0]
    angle = np.unwrap(np.arctan2(arm[:, 0], arm[:, 1]))
    assert angle[-1] - angle[0] == pytest.approx(2 * np.pi * turns * 199 / 200)


@pytest.mark.parametrize("classes", [2, 5, 10])
def test_blobs_stand_on_a_ring_and_their_nearest_centre_tells_the_class(classes):
    blobs = Blobs(classes=classes, samples=1000 * classes)
    angle = 2 * np.pi * np.arange(classes) / classes
    centres = 4 * np.column_stack((np.sin(angle), np.cos(angle)))
    samples = blobs.load()
    nearest = np.linalg.norm(samples.inputs[:, np.newaxis] - centres, axis=2).argmin(axis=1)
    assert (nearest == samples.targets).mean() > 0.995
    for points, centre in zip(points_by_class(blobs), centres, strict=True):
        assert np.abs(points.mean(axis=0) - centre).max() < 5 * 0.4 / np.sqrt(1000)
        assert np.abs(points.std(axis=0) - 0.4).max() < 5 * 0.4 / np.sqrt(2000)


@pytest.mark.parametrize("squares", [2, 3, 4, 8])
def test_neighbouring_squares_of_a_checkerboard_have_different_classes(squares):
    samples = Checkerboard(squares=squares, samples=4000).load()
    column, row = ((samples.inputs + 6) / 12 * squares).astype(int).T
    assert {column.min(), row.min()} == {0}
    assert {column.max(), row.max()} == {squares - 1}
    np.testing.assert_array_equal(samples.targets, (column + row) % 2)


def test_noise_on_a_checkerboard_mislabels_points_near_the_edges_of_squares_only():
    noise = 0.1
    clean, noisy = (Checkerboard(samples=4000, noise=share).load() for share in (0.0, noise))
    wrong = clean.targets != noisy.targets
    within = clean.inputs[wrong] / 3 % 1  # the place in its square, from edge to edge
    assert 0.05 < wrong.mean() < 0.15
    assert np.minimum(within, 1 - within).min(axis=1).max() <= noise


@pytest.mark.parametrize("kind", [Arms, Blobs])
def test_the_number_of_classes_sets_names_and_output_units(kind):
    shape = kind(classes=5).describe()
    assert (shape.classes, shape.outputs) == (5, 5)
    assert len(set(shape.class_names)) == 5
    assert kind(classes=2).describe().outputs == 1


@pytest.mark.parametrize("kind", [Arms, Blobs])
def test_fewer_samples_than_classes_leave_some_classes_without_a_point(kind):
    samples = kind(classes=10, samples=4).load()
    assert samples.targets.tolist() == [0, 1, 2, 3]
    assert len(samples.class_names) == 10


def test_the_split_of_the_points_does_not_depend_on_the_features():
    plain, rich = Circle(), Circle(features=("sin_x", "xy"))
    assert plain.split().train_points.tobytes() == rich.split().train_points.tobytes()
    assert replace(rich, features=("x", "y")) == plain
