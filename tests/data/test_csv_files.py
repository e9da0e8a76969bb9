"""Reading one's own tables: what is understood, and what is made of it."""

import csv
import io
import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bplab.data import Csv
from bplab.data.csv_table import read_table
from bplab.data.csv_target import to_samples
from bplab.engine.errors import InputError

IRIS_LIKE = "width,length,kind\n1,2,b\n3,4,a\n5,6,b\n7,8,a\n"


@pytest.fixture
def table(tmp_path):
    """Writes a file, byte for byte, and gives the dataset that reads it."""

    def write(text: str | bytes, **fields: object) -> Csv:
        path = tmp_path / "table.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return Csv(path=str(path), **fields)

    return write


def test_the_last_column_is_the_target_and_words_are_sorted_class_names(table):
    samples = table(IRIS_LIKE).load()
    np.testing.assert_array_equal(samples.inputs, [[1, 2], [3, 4], [5, 6], [7, 8]])
    assert samples.targets.tolist() == [1, 0, 1, 0]
    assert samples.class_names == ("a", "b")
    assert samples.input_names == ("width", "length")


@pytest.mark.parametrize(
    ("target", "names"),
    [("width", ("length", "kind")), (1, ("length", "kind")), (-3, ("length", "kind")), (2, ("width", "kind"))],
)
def test_the_target_is_found_by_name_or_by_number_from_either_end(table, target, names):
    samples = table("width,length,kind\n1,2,3\n2,3,4\n1,2,5\n2,3,6\n", target=target).load()
    assert samples.input_names == names
    assert len(samples.class_names) == 2


def test_a_header_is_detected_by_having_no_number(table):
    assert table(IRIS_LIKE).describe().input_names == ("width", "length")
    assert table("1,2,b\n3,4,a\n5,6,b\n7,8,a\n").describe().input_names == ("column 1", "column 2")


def test_a_header_of_numbers_is_read_when_one_says_so(table):
    dataset = table("2019,2020,2021\n1,2,0.5\n2,3,1.5\n1,2,2.5\n2,3,3.5\n", header=True, target="2021")
    assert dataset.describe().input_names == ("2019", "2020")
    assert len(dataset.load().inputs) == 4


def test_unnamed_columns_are_named_by_their_number(table):
    assert table(",width,kind\n1,2,a\n3,4,b\n5,6,a\n7,8,b\n").describe().input_names == ("column 1", "width")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (IRIS_LIKE, ["width", "length", "kind"]),
        ("1;2;b\n3;4;a\n", ["column 1", "column 2", "column 3"]),
        ("a\tb\nnot a number\tin sight", ["a", "b"]),
    ],
)
def test_the_names_of_all_columns_are_known_from_the_first_record_alone(table, text, names):
    assert table(text).columns() == names


def test_a_header_that_is_none_gives_the_columns_numbers(table):
    assert table(IRIS_LIKE, header=False).columns() == ["column 1", "column 2", "column 3"]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_of_all_systems_are_understood(table, mark, ending):
    text = IRIS_LIKE.replace(",", mark).replace("\n", ending)
    np.testing.assert_array_equal(table(text).load().inputs, [[1, 2], [3, 4], [5, 6], [7, 8]])


@pytest.mark.parametrize(("name", "mark"), [("comma", ","), ("semicolon", ";"), ("tab", "\t")])
def test_a_delimiter_that_is_named_is_used(table, name, mark):
    dataset = table(IRIS_LIKE.replace(",", mark), delimiter=name)
    assert dataset.describe().inputs == 2


def test_a_delimiter_inside_quotes_does_not_mislead_the_detection(table):
    samples = table('1,2,"a; b"\n3,4,"c; d"\n5,6,"a; b"\n7,8,"c; d"\n').load()
    assert samples.class_names == ("a; b", "c; d")


@pytest.mark.parametrize("text", [b"\xef\xbb\xbf" + IRIS_LIKE.encode(), IRIS_LIKE.rstrip("\n"), "\n\n" + IRIS_LIKE])
def test_byte_order_mark_missing_last_line_end_and_blank_lines_do_no_harm(table, text):
    samples = table(text).load()
    assert samples.input_names == ("width", "length")
    assert len(samples.inputs) == 4


def test_spaces_around_cells_do_no_harm(table):
    samples = table('width , length, kind\n 1, 2 , "b"\n3,4, a \n5,6,b\n7,8,a\n').load()
    assert samples.input_names == ("width", "length")
    assert samples.class_names == ("a", "b")


def test_names_are_made_fit_for_a_label_of_one_line(table):
    samples = table('"first\nwidth",kind\n1," a\tb "\n2,"c\n\x1b d"\n3,a  b\n4,c d\n').load()
    assert samples.input_names == ("first width",)
    assert samples.class_names == ("a b", "c d")


@pytest.mark.parametrize(
    ("targets", "task", "names"),
    [
        (["3", "1", "3", "2"], "classification", ("1", "2", "3")),
        (["10", "9", "10", "-1"], "classification", ("-1", "9", "10")),
        (["1.0", "0.0", "1", "0"], "classification", ("0", "1")),
        (["1.5", "0", "1", "0"], "regression", ()),
        ([str(n) for n in range(20)], "classification", tuple(str(n) for n in range(20))),
        ([str(n) for n in range(21)], "regression", ()),
        (["yes", "no", "yes", "no"], "classification", ("no", "yes")),
        (["+", "-", "+", "none"], "classification", ("+", "-", "none")),
    ],
)
def test_the_task_follows_from_the_target_column(table, targets, task, names):
    samples = table("".join(f"{row}.5,{target}\n" for row, target in enumerate(targets))).load()
    assert samples.task == task
    assert samples.class_names == names
    if task == "regression":
        np.testing.assert_array_equal(samples.targets, [[float(target)] for target in targets])
    else:
        values = [names[index] for index in samples.targets]
        expected = [str(int(float(t))) if t not in names else t for t in targets]
        assert values == expected


def test_the_task_can_be_chosen_against_the_guess(table):
    text = "1,0\n2,1\n3,0\n4,1\n"
    assert table(text, task="regression").load().targets.tolist() == [[0.0], [1.0], [0.0], [1.0]]
    assert table("1,0.5\n2,1\n3,0.5\n4,1\n", task="classification").load().class_names == ("0.5", "1")
    assert table("1,0\n2,x\n3,0\n4,x\n", task="classification").load().class_names == ("0", "x")


def test_a_regression_target_stays_in_its_unit_unless_asked_otherwise(table):
    text = "".join(f"{row},{row * 10 + 0.5}\n" for row in range(10))
    plain = table(text, test_fraction=0.0).split()
    assert sorted(plain.train_targets.ravel()) == [row * 10 + 0.5 for row in range(10)]
    scaled = table(text, test_fraction=0.0, standardize_target=True).split()
    assert scaled.train_targets.std() == pytest.approx(1)
    assert scaled.train_targets.mean() == pytest.approx(0)


def test_constant_columns_and_a_constant_target_stay_finite(table):
    text = "".join(f"0.1,{row},2.5\n" for row in range(10))
    split = table(text, task="regression", standardize_target=True).split()
    for array in (split.train_inputs[:, 0], split.test_inputs[:, 0], split.train_targets, split.test_targets):
        assert not array.any()
    assert np.isfinite(split.test_inputs).all()


def test_a_relative_path_is_taken_from_the_working_folder_or_a_given_one(table, tmp_path, monkeypatch):
    expected = table(IRIS_LIKE).load().inputs
    relative = Csv(path="table.csv")
    np.testing.assert_array_equal(relative.resolved(tmp_path).load().inputs, expected)
    assert relative.resolved(tmp_path).resolved(tmp_path / "elsewhere") == relative.resolved(tmp_path)
    monkeypatch.chdir(tmp_path)
    np.testing.assert_array_equal(relative.load().inputs, expected)
    assert Csv().resolved(tmp_path) == Csv()


def test_a_file_is_read_once_and_again_when_it_changes(table, monkeypatch):
    dataset = table(IRIS_LIKE)
    first = dataset.load()
    assert dataset.load().inputs is first.inputs
    Path(dataset.path).write_bytes(IRIS_LIKE.replace("1,2", "9,2").encode())
    os.utime(dataset.path, ns=(0, 0))
    assert dataset.load().inputs[0].tolist() == [9, 2]
    Path(dataset.path).write_bytes((IRIS_LIKE + "1,1,c\n").encode())
    os.utime(dataset.path, ns=(0, 0))
    assert dataset.describe().class_names == ("a", "b", "c")


def test_two_readings_of_one_file_do_not_mix(table):
    dataset = table("1,2,0\n3,4,1\n5,6,0\n7,8,1\n")
    assert dataset.load().task == "classification"
    assert Csv(path=dataset.path, task="regression").load().task == "regression"
    assert Csv(path=dataset.path, target=1).load().input_names == ("column 2", "column 3")


def test_remembered_arrays_cannot_be_changed_by_accident(table):
    for samples in (table(IRIS_LIKE).load(), table("1,2\n3,4\n5,6\n7,8\n", task="regression").load()):
        with pytest.raises(ValueError, match="read-only"):
            samples.inputs[0, 0] = 7
        with pytest.raises(ValueError, match="read-only"):
            samples.targets[0] = 7


numbers = st.floats(-1e100, 1e100, allow_subnormal=True)
words = st.text(st.characters(categories=("L", "N", "P", "S")), max_size=8).map(lambda word: f"<{word}>")


@st.composite
def tables(draw):
    """Inputs, class names and how the file is written."""
    columns = draw(st.integers(1, 4))
    names = draw(st.lists(words, min_size=2, max_size=4, unique=True))
    rows = draw(st.lists(st.lists(numbers, min_size=columns, max_size=columns), min_size=4, max_size=12))
    picks = [names[index % len(names)] for index in range(len(rows))]
    return rows, picks, draw(st.sampled_from(",;\t")), draw(st.sampled_from(["\n", "\r\n"])), draw(st.booleans())


@given(tables())
def test_any_table_written_by_the_csv_module_comes_back_to_the_bit(tmp_path_factory, written):
    rows, picks, delimiter, ending, header = written
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=ending)
    if header:
        writer.writerow([*(f"input {index}" for index in range(len(rows[0]))), "target"])
    writer.writerows([*map(repr, row), pick] for row, pick in zip(rows, picks, strict=True))
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode())
    samples = to_samples(read_table(path, header=header, delimiter=delimiter), "auto")
    assert samples.inputs.tobytes() == np.array(rows).tobytes()
    assert [samples.class_names[index] for index in samples.targets] == picks
    assert list(samples.class_names) == sorted(set(picks))


@given(st.lists(st.tuples(numbers, numbers), min_size=4, max_size=12))
def test_any_finite_table_trains_on_finite_numbers(tmp_path_factory, rows):
    path = tmp_path_factory.getbasetemp() / "finite.csv"
    path.write_text("".join(f"{x!r},{y!r}\n" for x, y in rows), encoding="utf-8")
    table = read_table(path, header=False)
    dataset = Csv(path=str(path), header=False, task="regression", standardize_target=True)
    split = dataset.split()
    assert len(table.inputs) == len(split.train_inputs) + len(split.test_inputs)
    for array in (split.train_inputs, split.test_inputs, split.train_targets, split.test_targets):
        assert np.isfinite(array).all()


csv_like = st.text(st.sampled_from(list('0123456789.eE+-_,;\t"\r\n ab\x00\x1b\u2028ä?')), max_size=200).map(str.encode)


@given(st.binary(max_size=200) | csv_like)
def test_any_bytes_are_read_as_finite_samples_or_refused_in_one_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(content)
    refusal, samples = None, None
    try:
        samples = to_samples(read_table(path), "auto")
    except InputError as error:
        refusal = str(error)
    if samples is None:
        assert refusal.startswith(str(path))
        assert refusal.isprintable()
    else:
        assert np.isfinite(samples.inputs).all()
        assert len(samples.inputs) == len(samples.targets)
        assert all(name.isprintable() for name in (*samples.class_names, *samples.input_names))
