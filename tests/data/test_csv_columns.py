"""Which columns of a table are inputs, and what is seen of a table before it is used."""

import numpy as np
import pytest

from bplab.data import Csv, Dataset
from bplab.engine.choices import from_json, to_json
from bplab.engine.errors import InputError

TEXT = "name,width,length,kind\nAnn,1,2,b\nBob,3,4,a\n\"C, D\",5,6,b\nEve,7,8,a\n"


@pytest.fixture
def table(tmp_path):
    def write(text: str = TEXT, **fields: object) -> Csv:
        path = tmp_path / "table.csv"
        path.write_text(text, encoding="utf-8")
        return Csv(path=str(path), **fields)

    return write


@pytest.mark.parametrize("inputs", [("width", "length"), (2, 3), (3, 2), ("length", 2), (-2, -3), ("width", 3, "kind")])
def test_columns_are_chosen_by_name_or_number_and_stand_as_in_the_file(table, inputs):
    samples = table(inputs=inputs).load()
    assert samples.input_names == ("width", "length")
    np.testing.assert_array_equal(samples.inputs, [[1, 2], [3, 4], [5, 6], [7, 8]])


def test_cells_of_columns_left_out_may_hold_anything(table):
    data = table("a,b,kind\n1,oops,x\n2,,y\n3,\"[1\n2]\",x\n4,nan,y\n", inputs=("a",))
    assert data.load().inputs[:, 0].tolist() == [1, 2, 3, 4]
    assert data.describe().inputs == 1


def test_another_choice_of_columns_is_another_reading_of_the_file(table):
    assert table(inputs=(2,)).load().inputs[0].tolist() == [1]
    assert table(inputs=(3,)).load().inputs[0].tolist() == [2]


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        (("height",), "line 1: there is no input column 'height'; columns are name, width, length, kind"),
        ((5,), "line 1: there is no input column 5; columns are 1 to 4, or -1 for the last"),
        ((0,), "line 1: there is no input column 0; columns are 1 to 4, or -1 for the last"),
        (("width", 2), "line 1: the input column 2 is given twice"),
        (("kind",), "line 1: there is no input column beside the target"),
        (("name", "width"), "line 2, column 1 (name): 'Ann' is not a number"),
    ],
)
def test_a_choice_that_cannot_be_is_told_with_line_and_column(table, inputs, message):
    data = table(inputs=inputs)
    with pytest.raises(InputError) as caught:
        data.load()
    assert str(caught.value) == f"{data.path}, {message}"


def test_files_from_before_columns_could_be_chosen_use_all_of_them(table):
    data = table("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n")
    old = from_json(to_json(data).replace('"inputs": [],', ""), Dataset)
    assert old == data
    assert old.load().input_names == ("a", "b")


def test_a_preview_shows_cells_as_they_stand_and_says_which_columns_cannot_be_inputs(table):
    data = table()
    seen = data.preview()
    assert (seen.names, seen.has_header) == (["name", "width", "length", "kind"], True)
    assert seen.rows[0] == ["Ann", "1", "2", "b"]
    assert [row[0] for row in seen.rows] == ["Ann", "Bob", "C, D", "Eve"]
    assert [bool(text) for text in seen.complaints] == [True, False, False, True]
    assert seen.complaints[0] == f"{data.path}, line 2, column 1 (name): 'Ann' is not a number"


def test_a_preview_reads_no_more_than_it_shows_and_says_what_comes_in_its_way(table):
    text = "a,b\n" + "1,2\n" * 20 + "ragged\n3,4\n"
    assert (len(table(text).preview(rows=20).rows), table(text).preview(rows=20).fault) == (20, "")
    data = table(text)
    seen = data.preview(rows=30)
    assert len(seen.rows) == 20
    assert seen.fault == f"{data.path}, line 22, column 2 (b): the row has 1 cell, but line 1 has 2"


def test_a_preview_without_header_numbers_the_columns(table):
    seen = table("1,2\n3,4\n").preview()
    assert (seen.names, seen.has_header, seen.rows) == (["column 1", "column 2"], False, [["1", "2"], ["3", "4"]])
