"""The shipped tables and digits: that their files are the published data."""

import gzip
import hashlib

import numpy as np
import pytest

from bplab.data import BreastCancer, Digits, Iris, Penguins, Wine
from bplab.resources import resource


def test_iris_has_fifty_flowers_of_each_species():
    samples = Iris().load()
    assert samples.inputs.shape == (150, 4)
    assert np.bincount(samples.targets).tolist() == [50, 50, 50]
    assert samples.class_names == ("setosa", "versicolor", "virginica")


def test_iris_has_the_published_means_and_ranges():
    inputs = Iris().load().inputs
    np.testing.assert_allclose(inputs.mean(axis=0), [5.843, 3.057, 3.758, 1.199], atol=5e-4)
    np.testing.assert_array_equal(inputs.min(axis=0), [4.3, 2.0, 1.0, 0.1])
    np.testing.assert_array_equal(inputs.max(axis=0), [7.9, 4.4, 6.9, 2.5])


def test_iris_has_the_two_flowers_that_are_wrong_in_other_copies():
    inputs = Iris().load().inputs
    assert inputs[34].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert inputs[37].tolist() == [4.9, 3.6, 1.4, 0.1]


def test_iris_is_standardized_unless_one_asks_for_centimetres():
    np.testing.assert_allclose(Iris().split().train_inputs.std(axis=0), 1, atol=1e-14)
    raw = Iris(standardize=False).split()
    assert raw.train_inputs.min() >= 0.1
    assert len(raw.test_inputs) == 45


def test_digits_are_the_1797_pictures_of_the_published_test_part():
    samples = Digits().load()
    assert samples.inputs.shape == (1797, 64)
    assert np.bincount(samples.targets).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert samples.image == (1, 8, 8)
    assert (samples.inputs.min(), samples.inputs.max()) == (0.0, 1.0)
    assert (samples.inputs * 16).sum() == 561718
    first = [0, 0, 5, 13, 9, 1, 0, 0]
    assert (samples.inputs[0, :8] * 16).tolist() == first
    assert samples.targets[:10].tolist() == list(range(10))


def test_digits_describe_themselves_as_images_of_one_channel_and_flowers_as_none():
    assert Digits().describe().image == (1, 8, 8)
    assert Iris().describe().image is None


def test_digits_values_are_those_of_the_source_to_the_byte():
    text = gzip.decompress(resource("datasets", "digits.csv.gz").read_bytes())
    rows = text.partition(b"\n")[2]
    assert hashlib.sha256(rows).hexdigest() == "6ebb3d2fee246a4e99363262ddf8a00a3c41bee6014c373ed9d9216ba7f651b8"


def test_wine_has_the_published_classes_means_and_ranges():
    samples = Wine().load()
    assert samples.inputs.shape == (178, 13)
    assert np.bincount(samples.targets).tolist() == [59, 71, 48]
    assert samples.class_names == ("cultivar 1", "cultivar 2", "cultivar 3")
    assert samples.input_names[0] == "alcohol"
    published = [13.0, 2.34, 2.36, 19.5, 99.7, 2.29, 2.03, 0.36, 1.59, 5.1, 0.96, 2.61, 747]
    np.testing.assert_allclose(samples.inputs.mean(axis=0), published, rtol=0.01)
    assert samples.inputs[:, -1].min() == 278
    assert samples.inputs[:, -1].max() == 1680


def test_breast_cancer_has_the_published_classes_and_ranges_and_malignant_is_the_class_of_one():
    samples = BreastCancer().load()
    assert samples.inputs.shape == (569, 30)
    assert samples.class_names == ("benign", "malignant")
    assert np.bincount(samples.targets).tolist() == [357, 212]
    assert (samples.input_names[0], samples.input_names[10], samples.input_names[20]) == (
        "mean radius", "radius error", "worst radius",
    )  # fmt: skip
    np.testing.assert_array_equal(samples.inputs.min(axis=0)[[0, 3, 23]], [6.981, 143.5, 185.2])
    np.testing.assert_array_equal(samples.inputs.max(axis=0)[[0, 3, 23]], [28.11, 2501.0, 4254.0])


def test_penguins_are_the_342_that_were_measured_with_the_published_means():
    samples = Penguins().load()
    assert samples.inputs.shape == (342, 4)
    assert samples.class_names == ("Adelie", "Chinstrap", "Gentoo")
    assert np.bincount(samples.targets).tolist() == [151, 68, 123]
    np.testing.assert_allclose(samples.inputs.mean(axis=0), [43.92, 17.15, 200.92, 4201.75], atol=0.006)


@pytest.mark.parametrize(
    ("name", "digest"),
    [
        ("wine", "ffb88624783c693d3bf5a54527232f06faeb8697f0b9416624d55362c1f10146"),
        ("breast_cancer", "717a6b5aa1a28a3c0b8feb6ec24422106e0fab22b5171aff3270407dfc8bb384"),
        ("penguins", "651df76369fc1a436a31d45981fbc7549f14ad5fa825355b3d3a3f104510cebd"),
    ],
)
def test_a_table_is_the_file_of_its_source_to_the_byte(name, digest):
    rows = resource("datasets", f"{name}.csv").read_bytes().partition(b"\n")[2]
    assert hashlib.sha256(rows).hexdigest() == digest


@pytest.mark.parametrize("name", ["iris", "digits", "wine", "breast_cancer"])
def test_a_licence_note_stands_beside_the_data(name):
    note = resource("datasets", f"{name}.licence.txt").read_text(encoding="utf-8")
    for word in ("CC BY 4.0", "https://creativecommons.org/licenses/by/4.0", "doi:10.24432/", "Changes"):
        assert word in note


def test_the_note_of_the_penguins_gives_them_to_the_public_and_says_what_was_left_out():
    note = resource("datasets", "penguins.licence.txt").read_text(encoding="utf-8")
    for word in ("CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0", "K. B. Gorman", "two are left out"):
        assert word in note


@pytest.mark.parametrize("kind", [Iris, Penguins, Wine, BreastCancer, Digits])
def test_shared_arrays_cannot_be_changed_by_accident(kind):
    samples = kind().load()
    with pytest.raises(ValueError, match="read-only"):
        samples.inputs[0, 0] = 7
    with pytest.raises(ValueError, match="read-only"):
        samples.targets[0] = 7
