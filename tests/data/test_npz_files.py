"""Arrays in NPZ files: what is read of them, and what is refused before memory is taken."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bplab.data import CancelledError, Npz, npz_file, npz_reader
from bplab.engine.errors import InputError

TABLE = np.arange(20.0).reshape(10, 2)
CLASSES = np.arange(10) % 3


@pytest.fixture
def file(tmp_path):
    """Writes arrays and gives the dataset that reads them."""

    def write(packed: bool = False, fields: dict[str, object] | None = None, **arrays: np.ndarray) -> Npz:
        path = tmp_path / "arrays.npz"
        (np.savez_compressed if packed else np.savez)(path, **arrays)
        return Npz(path=str(path), **(fields or {}))

    return write


def complaint(dataset: Npz) -> str:
    """What is said about the file, its path shortened to FILE."""
    with pytest.raises(InputError) as caught:
        dataset.load()
    message = str(caught.value)
    assert message.startswith(dataset.path)
    assert message.isprintable()
    return message.replace(dataset.path, "FILE")


@pytest.mark.parametrize("packed", [False, True])
def test_inputs_are_rows_of_columns_and_whole_numbers_are_classes(file, packed):
    samples = file(packed, x=TABLE, y=CLASSES * 10 - 10).load()
    np.testing.assert_array_equal(samples.inputs, TABLE)
    np.testing.assert_array_equal(samples.targets, CLASSES)
    assert samples.class_names == ("-10", "0", "10")
    assert samples.input_names == ("column 1", "column 2")
    assert samples.image is None


@pytest.mark.parametrize("shape", [(10,), (10, 1)])
def test_floating_point_targets_are_quantities(file, shape):
    samples = file(x=TABLE, y=np.linspace(0, 1, 10, dtype=np.float32).reshape(shape)).load()
    assert samples.task == "regression"
    np.testing.assert_array_equal(samples.targets, np.linspace(0, 1, 10, dtype=np.float32)[:, None])


def test_true_and_false_are_classes(file):
    samples = file(x=TABLE, y=CLASSES > 0).load()
    assert samples.class_names == ("False", "True")
    np.testing.assert_array_equal(samples.targets, CLASSES > 0)


def test_one_number_for_each_sample_is_one_input_named_as_the_array(file):
    samples = file(x=np.arange(10), y=np.arange(10) / 3).load()
    assert samples.input_names == ("x",)
    np.testing.assert_array_equal(samples.inputs, np.arange(10.0)[:, None])


@pytest.mark.parametrize(
    ("shape", "image"), [((10, 3, 2), (1, 3, 2)), ((10, 1, 3, 2), (1, 3, 2)), ((10, 3, 4, 2), (3, 4, 2))]
)
def test_inputs_of_more_dimensions_are_images_kept_flat_in_row_major_order(file, shape, image):
    values = np.random.default_rng(0).random(shape)
    dataset = file(images=values, labels=CLASSES)
    samples = dataset.load()
    assert samples.image == dataset.describe().image == image
    np.testing.assert_array_equal(samples.inputs.reshape(shape), values)
    np.testing.assert_array_equal(dataset.split().train_inputs.max(axis=1) <= 1, True)
    assert len(samples.input_names) == np.prod(image)
    assert samples.input_names[-1].endswith(f"pixel {image[1]},{image[2]}")


def test_bytes_of_images_become_0_to_1_and_bytes_of_tables_stay(file):
    pixels = np.array([0, 51, 255, 102] * 10, np.uint8)
    assert file(x=pixels.reshape(10, 2, 2), y=CLASSES).load().inputs[0].tolist() == [0, 0.2, 1, 0.4]
    assert file(x=pixels.reshape(10, 4), y=CLASSES).load().inputs[0].tolist() == [0, 51, 255, 102]


def test_tables_are_standardized_on_the_training_part_and_images_never(file):
    table = file(x=TABLE, y=CLASSES).split()
    np.testing.assert_allclose(table.train_inputs.std(axis=0), 1)
    image = file(x=TABLE.reshape(10, 1, 2), y=CLASSES).split()
    assert image.train_inputs.max() > 10


@pytest.mark.parametrize("dtype", [">f8", "<f4", "float16", "int8", ">u2", "bool", "longdouble"])
def test_numbers_of_all_kinds_and_byte_orders_are_read(file, dtype):
    values = (TABLE % 2).astype(dtype)
    samples = file(x=values, y=CLASSES.astype(">i2")).load()
    assert samples.inputs.dtype == np.float64
    np.testing.assert_array_equal(samples.inputs, TABLE % 2)
    np.testing.assert_array_equal(samples.targets, CLASSES)


@pytest.mark.parametrize("samples", [4, 7, 10, 11])
def test_the_first_samples_are_used_in_either_order_of_memory(file, samples):
    for values in (TABLE, np.asfortranarray(TABLE)):
        read = file(x=values, y=CLASSES, fields={"samples": samples}).load()
        np.testing.assert_array_equal(read.inputs, TABLE[:samples])
        np.testing.assert_array_equal(read.targets, CLASSES[:samples])
        assert read.inputs.flags.c_contiguous


@pytest.mark.parametrize(
    ("names", "given", "taken"),
    [
        (["x", "y"], {}, ("x", "y")),
        (["y", "x"], {}, ("x", "y")),
        (["x_train", "y_train", "x_test", "y_test"], {}, ("x_train", "y_train")),
        (["x_train", "y_train", "x_test", "y_test"], {"inputs": "x_test", "targets": "y_test"}, ("x_test", "y_test")),
        (["a", "b"], {}, ("a", "b")),
        (["a", "b"], {"inputs": "b"}, ("b", "a")),
        (["data", "target", "labels"], {"targets": "labels"}, ("data", "labels")),
        (["x", "y", "height"], {"targets": "height"}, ("x", "height")),
        (["x", "y", "wide"], {"inputs": "wide"}, ("wide", "y")),
        (["a", "b", "c"], {"inputs": "c", "targets": "a"}, ("c", "a")),
    ],
)
def test_arrays_are_found_by_the_names_given_or_by_the_usual_ones(file, names, given, taken):
    arrays = {name: np.arange(8) * (place + 1) + 0.5 for place, name in enumerate(names)}
    samples = file(fields=given, **arrays).load()
    np.testing.assert_array_equal(samples.inputs[:, 0], arrays[taken[0]])
    np.testing.assert_array_equal(samples.targets[:, 0], arrays[taken[1]])


def test_of_two_arrays_that_of_more_dimensions_is_the_inputs(file):
    for arrays in ({"one": TABLE, "two": CLASSES}, {"one": CLASSES, "two": TABLE}):
        np.testing.assert_array_equal(file(**arrays).load().inputs, TABLE)


def test_the_names_of_all_arrays_are_told(file):
    assert file(x=TABLE, y=CLASSES, extra=np.zeros(3)).array_names() == ["x", "y", "extra"]


def test_progress_is_told_and_a_cancelled_reading_stops(file, monkeypatch):
    monkeypatch.setattr(npz_reader, "_CHUNK", 40)
    dataset, shares = file(x=TABLE, y=CLASSES), []
    with pytest.raises(CancelledError):
        dataset.read(cancelled=lambda: True)
    dataset.read(progress=shares.append)
    assert shares == [0, 0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    ("arrays", "given", "fault"),
    [
        ({"a": TABLE, "b": CLASSES, "c": CLASSES}, {},
         "FILE: name the arrays of inputs and targets; there are a, b, c"),
        ({"a": TABLE, "b": CLASSES}, {"inputs": "z"}, "FILE: there is no array 'z'; there are a, b"),
        ({"x": TABLE, "y": CLASSES[:9]}, {},
         "FILE, array 'y': the shape is (9,); for 10 inputs it must be (10,) or (10, 1)"),
        ({"x": TABLE, "y": np.zeros((10, 2))}, {},
         "FILE, array 'y': the shape is (10, 2); for 10 inputs it must be (10,) or (10, 1)"),
        ({"x": TABLE[:3], "y": CLASSES[:3]}, {}, "FILE, array 'x': there are 3 samples; at least 4 are needed"),
        ({"x": np.float64(3), "y": np.float64(3)}, {},
         "FILE, array 'x': it has 0 dimensions; inputs have one to four, samples first"),
        ({"x": np.zeros((10, 1, 1, 1, 1)), "y": CLASSES}, {},
         "FILE, array 'x': it has 5 dimensions; inputs have one to four, samples first"),
        ({"x": np.zeros((10, 0)), "y": CLASSES}, {},
         "FILE, array 'x': there are 0 columns; there must be 1 to 65,536"),
        ({"x": np.zeros((10, 0, 2)), "y": CLASSES}, {}, "FILE, array 'x': images of 0 × 2 pixels show nothing"),
        ({"x": np.zeros((4, 3, 256, 256), bool), "y": CLASSES[:4]}, {},
         "FILE, array 'x': images of 256 × 256 pixels in 3 channels are too large; at most 65,536 inputs can be used"),
        ({"x": TABLE * 1j, "y": CLASSES}, {}, "FILE, array 'x': it holds complex128; inputs must be numbers"),
        ({"x": np.array(["a"] * 10), "y": CLASSES}, {}, "FILE, array 'x': it holds <U1; inputs must be numbers"),
        ({"x": TABLE, "y": np.array(["a", "b"] * 5)}, {},
         "FILE, array 'y': it holds <U1; targets must be whole numbers or floating-point numbers"),
        ({"x": TABLE, "y": np.zeros(10, int)}, {},
         "FILE, array 'y': every sample has the class 0; at least two classes are needed"),
        ({"x": np.zeros(1001), "y": np.arange(1001)}, {},
         "FILE, array 'y': there are 1,001 classes; at most 1,000 can be told apart (as floating-point numbers, the "
         "targets would be quantities)"),
        ({"x": np.where(TABLE == 5, np.nan, TABLE), "y": CLASSES}, {},
         "FILE, array 'x': [2, 1] is nan; only finite numbers up to 1e+100 can be used"),
        ({"x": np.where(TABLE == 5, -np.inf, TABLE), "y": CLASSES}, {},
         "FILE, array 'x': [2, 1] is -inf; only finite numbers up to 1e+100 can be used"),
        ({"x": TABLE, "y": np.where(CLASSES == 2, 1e101, CLASSES)}, {},
         "FILE, array 'y': [2, 0] is 1e+101; only finite numbers up to 1e+100 can be used"),
    ],
)  # fmt: skip
def test_arrays_that_cannot_be_used_are_named(file, arrays, given, fault):
    assert complaint(file(fields=given, **arrays)) == fault


class Trap:
    """Unpickling this is noticed."""

    def __reduce__(self):
        return pytest.fail, ("a pickle was opened",)


def test_python_objects_are_refused_and_never_unpickled(file):
    dataset = file(x=np.array([Trap()] * 10), y=CLASSES)
    with pytest.raises(pytest.fail.Exception, match="a pickle was opened"):
        np.load(dataset.path, allow_pickle=True)["x"]
    assert complaint(dataset) == "FILE, array 'x': it holds Python objects, which are never read from a file"


def archive(path: Path, method: int = zipfile.ZIP_DEFLATED, **members: bytes) -> Npz:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return Npz(path=str(path))


def array_bytes(shape: tuple[int, ...], content: bytes = b"", dtype: str = "<f8") -> bytes:
    """An array's header, promising ``shape``, and any content."""
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue() + content


def test_an_array_that_is_not_what_its_header_promises_is_refused_before_memory_is_taken(tmp_path):
    huge = array_bytes((2**40, 2**20), bytes(80))
    good = array_bytes((10,), bytes(80))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        dataset = archive(tmp_path / "huge.npz", method, x=huge, y=good)
        promise = f"the header promises {2**63 + len(huge) - 80:,} bytes"
        assert complaint(dataset) == f"FILE, array 'x': {promise}, but there are {len(huge)}"


def test_more_numbers_than_can_be_kept_are_refused_before_they_are_unpacked(file, monkeypatch):
    monkeypatch.setattr(npz_reader, "MAX_VALUES", 15)
    dataset = file(True, x=TABLE, y=CLASSES)
    assert complaint(dataset) == "FILE, array 'x': 10 × 2 numbers are too many; at most 15 can be used"
    assert len(file(x=TABLE, y=CLASSES, fields={"samples": 7}).load().inputs) == 7


@pytest.mark.parametrize(
    "content",
    [b"", b"\x93NUMPY", b"not an array at all", array_bytes((10,))[:-20], b"\x93NUMPY\x09\x00" + bytes(100)],
)
def test_a_member_that_is_no_array_is_refused(tmp_path, content):
    dataset = archive(tmp_path / "bad.npz", x=content, y=array_bytes((10,), bytes(80)))
    assert complaint(dataset) == "FILE, array 'x': this is not an array as NumPy writes it"


def test_a_header_that_is_python_code_is_not_run(tmp_path):
    code = b"{'descr': '<f8', 'fortran_order': False, 'shape': (__import__('os').abort(),)}"
    header = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(code) + 1) + code + b"\n"
    dataset = archive(tmp_path / "code.npz", x=header, y=array_bytes((10,), bytes(80)))
    assert complaint(dataset) == "FILE, array 'x': this is not an array as NumPy writes it"


def test_a_member_packed_in_another_way_is_refused(tmp_path):
    dataset = archive(tmp_path / "lzma.npz", zipfile.ZIP_LZMA, x=array_bytes((10,), bytes(80)), y=b"")
    assert complaint(dataset) == "FILE, array 'x': it is packed in a way that NumPy does not use"


@pytest.mark.parametrize("content", [b"PK", b"1,2,a\n3,4,b\n" * 10, b"\x89HDF" + bytes(200)])
def test_a_file_that_is_no_archive_is_refused(tmp_path, content):
    path = tmp_path / "none.npz"
    path.write_bytes(content)
    assert complaint(Npz(path=str(path))) == "FILE: this is not an NPZ file, or it is damaged"


def test_an_archive_of_nothing_or_of_too_much_is_refused_by_its_directory(tmp_path):
    assert complaint(archive(tmp_path / "empty.npz")) == "FILE: there is no array in the file"
    many = archive(tmp_path / "many.npz", **{f"a{number}": b"" for number in range(1001)})
    assert complaint(many) == "FILE: there are more than 1,000 arrays in the file"
    long = tmp_path / "long.npz"
    long.write_bytes(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 1, 1, 2**31, 0, 0))
    assert complaint(Npz(path=str(long))) == "FILE: there are more than 1,000 arrays in the file"


def test_a_file_that_is_not_there_or_not_chosen_is_said_to_be_so(tmp_path):
    missing = Npz(path=str(tmp_path / "missing.npz"))
    assert complaint(missing) == "FILE: there is no such file"
    with pytest.raises(InputError, match="no NPZ file has been chosen yet"):
        Npz().load()
    with pytest.raises(InputError, match="this is a folder, not an NPZ file"):
        Npz(path=str(tmp_path)).array_names()


def good_archive() -> bytes:
    stream = io.BytesIO()
    np.savez_compressed(stream, x=TABLE, y=CLASSES)
    return stream.getvalue()


@given(st.integers(0, len(good_archive())), st.binary(max_size=8), st.integers(0, 40))
@example(place=340, noise=b"\x00\x00\x00\x01\x00\x00\x00\x00", cut=8)  # a name with control characters
def test_any_damage_is_read_or_refused_in_one_sentence(tmp_path_factory, place, noise, cut):
    path = tmp_path_factory.getbasetemp() / "damaged.npz"
    content = good_archive()
    path.write_bytes(content[:place] + noise + content[place + cut :])
    refusal, samples = "", None
    try:
        samples = Npz(path=str(path)).load()
    except InputError as error:
        refusal = str(error)
    if samples is None:
        assert refusal.startswith(str(path))
        assert refusal.isprintable()
    else:
        assert np.isfinite(samples.inputs).all()
        assert len(samples.inputs) == len(samples.targets)


def test_one_array_is_not_both_inputs_and_targets(file):
    dataset = file(x=np.arange(8), fields={"inputs": "x", "targets": "x"})
    assert complaint(dataset) == "FILE: name the arrays of inputs and targets; there are x"


def test_the_usual_names_are_pairs_of_different_arrays():
    assert all(one != other for one, other in npz_file.USUAL_NAMES)
