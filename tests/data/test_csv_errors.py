"""A CSV file that cannot be used gets one sentence with file, line and column."""

import sys
from pathlib import Path

import pytest

from bplab.data import Csv, Dataset, csv_records, csv_rows
from bplab.engine.choices import from_json
from bplab.engine.errors import InputError

GOOD = "1,2,a\n3,4,b\n5,6,a\n7,8,b\n"


@pytest.fixture
def complaint(tmp_path):
    """What is said about a file with this content, its path shortened to FILE."""

    def read(content: str | bytes, **fields: object) -> str:
        path = tmp_path / "table.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(InputError) as caught:
            Csv(path=str(path), **fields).split()
        message = str(caught.value)
        assert message.startswith(str(path))
        assert "\n" not in message
        return message.replace(str(path), "FILE")

    return read


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("abc", "'abc' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ("", "the cell is empty"),
        ("  ", "the cell is empty"),
        ("NA", "'NA' stands for a missing value; fill it in or leave the row out"),
        ("nan", "'nan' stands for a missing value; fill it in or leave the row out"),
        ("-nan", "'-nan' stands for a missing value; fill it in or leave the row out"),
        ("\x1b", "the cell is empty"),
        ("?", "'?' stands for a missing value; fill it in or leave the row out"),
        ("inf", "'inf' is not a finite number"),
        ("-Infinity", "'-Infinity' is not a finite number"),
        ("1e400", "'1e400' is too large; numbers up to 1e+100 can be used"),
        ("-1e101", "'-1e101' is too large; numbers up to 1e+100 can be used"),
        ('"1,5"', "'1,5' is not a number; write a decimal point, not a comma"),
        ("x" * 200, "'" + "x" * 39 + "…' is not a number"),
    ],
)
def test_a_bad_input_cell_is_named_with_line_and_column(complaint, cell, reason):
    header = f"width,length,kind\n{GOOD}9,{cell},a\n"
    assert complaint(header) == f"FILE, line 6, column 2 (length): {reason}"
    bare = f"{GOOD}{cell},9,a\n"
    assert complaint(bare, header=False) == f"FILE, line 5, column 1: {reason}"


def test_columns_are_counted_in_the_file_wherever_the_target_stands(complaint):
    assert complaint(GOOD, target=1) == ("FILE, line 1, column 3: 'a' is not a number; if this row is a header, say so")
    text = "kind,width,length\na,1,2\nb,3,4\na,5,x\nb,7,8\n"
    assert complaint(text, target="kind") == "FILE, line 4, column 3 (length): 'x' is not a number"


def test_a_header_that_holds_a_number_is_guessed_at(complaint):
    assert complaint("year,2020,kind\n" + GOOD) == (
        "FILE, line 1, column 1: 'year' is not a number; if this row is a header, say so"
    )


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "the cell is empty"),
        ("NaN", "'NaN' stands for a missing value; fill it in or leave the row out"),
        ("NA", "'NA' stands for a missing value; fill it in or leave the row out"),
        ("inf", "'inf' is not a finite number"),
        ("1e200", "'1e200' is too large; numbers up to 1e+100 can be used"),
    ],
)
@pytest.mark.parametrize("task", ["auto", "classification", "regression"])
def test_a_missing_or_infinite_target_is_named_with_line_and_column(complaint, task, cell, reason):
    text = f"width,length,weight\n1,2,3\n3,4,5\n5,6,{cell}\n7,8,9\n"
    assert complaint(text, task=task) == f"FILE, line 4, column 3 (weight): {reason}"


def test_a_word_among_numeric_targets_is_named_and_both_remedies_given(complaint):
    assert complaint("1,2.5\n2,3.5\n3,4.5x\n4,5.5\n") == (
        "FILE, line 3, column 2: '4.5x' is not a number, but other targets are; "
        "correct it, or choose classification to read all as names"
    )


def test_a_word_as_the_target_of_a_regression_is_named(complaint):
    assert complaint(GOOD, task="regression") == (
        "FILE, line 1, column 3: 'a' is not a number, as the target of a regression must be"
    )


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("9,9", "line 4, column 3 (kind): the row has 2 cells, but line 1 has 3"),
        ("9", "line 4, column 2 (length): the row has 1 cell, but line 1 has 3"),
        ("9,9,a,9,9", "line 4, column 4: the row has 5 cells, but line 1 has 3"),
    ],
)
def test_a_ragged_row_is_named_at_the_first_cell_too_few_or_too_many(complaint, row, reason):
    assert complaint(f"width,length,kind\n1,2,a\n3,4,b\n{row}\n5,6,a\n7,8,b\n") == f"FILE, {reason}"


def test_lines_are_counted_through_quoted_cells_and_blank_lines(complaint):
    text = 'width,length,kind\n1,2,"two\nlines"\n\n3,4,"three\r\n\r\nlines"\n5,bad,a\n'
    assert complaint(text) == "FILE, line 8, column 2 (length): 'bad' is not a number"


def test_a_cell_after_a_quoted_line_break_in_its_own_row_has_its_own_line(complaint):
    text = 'kind,width,length\n"a\nb",1,2\n"a\nb",3,4\n"c\nd",5,bad\n'
    assert complaint(text, target=1) == "FILE, line 7, column 3 (length): 'bad' is not a number"


def test_too_few_rows_are_counted(complaint):
    assert complaint("width,kind\n1,a\n2,b\n3,a\n") == "FILE: there are 3 rows below the header; at least 4 are needed"
    assert complaint("1,a\n2,b\n") == "FILE: there are 2 rows; at least 4 are needed"
    assert complaint("1,a\n") == "FILE: there is 1 row; at least 4 are needed"


def test_a_table_of_one_column_asks_for_the_delimiter(complaint):
    reason = "there is only one column, but inputs and a target are needed; is the delimiter right?"
    assert complaint("1\n2\n3\n4\n") == f"FILE, line 1: {reason}"
    assert complaint(GOOD, delimiter="tab") == f"FILE, line 1: {reason}"


@pytest.mark.parametrize(("name", "column"), [("a", "column 2 (kind)"), ("7", "column 2")])
def test_one_class_only_is_refused(complaint, name, column):
    header = "width,kind\n" if "kind" in column else ""
    text = header + "".join(f"{row},{name}\n" for row in range(4))
    assert complaint(text) == f"FILE, {column}: every row has the class '{name}'; at least two classes are needed"


def test_a_thousand_and_one_classes_are_too_many(complaint):
    text = "".join(f"{row},name {row}\n" for row in range(1001))
    assert complaint(text) == "FILE, column 2: there are 1,001 classes; at most 1,000 can be told apart"


@pytest.mark.parametrize(
    ("text", "target", "reason"),
    [
        (f"x,y,kind\n{GOOD}", "sort", "line 1: there is no target column 'sort'; columns are x, y, kind"),
        (f"x,x,kind\n{GOOD}", "x", "line 1: columns 1 and 2 are both named 'x'; give the target's number"),
        (GOOD, "kind", "line 1: this is no header, so the target 'kind' cannot be found by name; give its number"),
        (GOOD, 4, "line 1: there is no target column 4; columns are 1 to 3, or -1 for the last"),
        (GOOD, 0, "line 1: there is no target column 0; columns are 1 to 3, or -1 for the last"),
        (GOOD, -4, "line 1: there is no target column -4; columns are 1 to 3, or -1 for the last"),
    ],
)
def test_an_unknown_target_column_is_answered_with_the_known_ones(complaint, text, target, reason):
    assert complaint(text, target=target) == f"FILE, {reason}"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "FILE: the file is empty"),
        (b"\n \n\n", "FILE: the file has only blank lines"),
        (b"\xef\xbb\xbf", "FILE: the file has only blank lines"),
        (b"1,2,a\n3,4,\xe4\n", "FILE, line 2, byte 5: this is not UTF-8 text; save the table as CSV in UTF-8"),
        (GOOD.encode("utf-16"), "FILE, line 1, byte 1: this is not UTF-8 text; save the table as CSV in UTF-8"),
        (GOOD.encode() + b"9,9,\xc3", "FILE, line 5, byte 5: this is not UTF-8 text; save the table as CSV in UTF-8"),
        (b'1,2,a\n3,4,"b\n5,6,a\n', "FILE, line 2: a quotation mark is opened here and never closed"),
        (
            b'1,2,"a"b\n3,4,b\n',
            "FILE, line 1: a closing quotation mark is followed by something other than the delimiter",
        ),
        (
            b"1,2," + b"a" * 200_000 + b"\n",
            "FILE, line 1: a cell has more than 131,072 characters; is a quotation mark left open?",
        ),
    ],
)
def test_a_file_that_is_no_csv_text_is_refused(complaint, content, reason):
    assert complaint(content) == reason


def test_missing_files_and_folders_are_said_to_be_so(tmp_path):
    missing = tmp_path / "missing.csv"
    with pytest.raises(InputError) as caught:
        Csv(path=str(missing)).load()
    assert str(caught.value) == f"{missing}: there is no such file"
    with pytest.raises(InputError) as caught:
        Csv(path=str(tmp_path)).describe()
    assert str(caught.value) == f"{tmp_path}: this is a folder, not a CSV file"
    with pytest.raises(InputError, match="no CSV file has been chosen yet"):
        Csv().load()


def test_a_file_that_may_not_be_read_is_said_to_be_so(tmp_path, monkeypatch):
    path = tmp_path / "table.csv"
    path.write_text(GOOD, encoding="utf-8")

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    for delimiter in ("auto", "comma"):
        with pytest.raises(InputError) as caught:
            Csv(path=str(path), delimiter=delimiter).load()
        assert str(caught.value) == f"{path}: cannot be read: permission denied"


def test_a_path_that_no_file_can_have_is_refused():
    with pytest.raises(InputError, match="cannot be opened: "):
        Csv(path="a\0b.csv").load()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no /dev/zero")
def test_a_device_that_never_ends_is_not_read():
    with pytest.raises(InputError) as caught:
        Csv(path="/dev/zero").load()
    assert str(caught.value) == "/dev/zero: this is not an ordinary file"


def test_a_file_that_is_too_large_is_refused_before_it_is_read(complaint, monkeypatch):
    monkeypatch.setattr(Csv, "max_bytes", 2**20)
    content = GOOD * 200_000
    assert complaint(content) == "FILE: the file has 4 MB; at most 1 MB can be read"


def test_a_table_of_too_many_cells_is_given_up_where_it_goes_beyond(complaint, monkeypatch):
    monkeypatch.setattr(csv_rows, "MAX_VALUES", 9)
    assert complaint(GOOD) == "FILE, line 4: the table goes on beyond 9 cells"


def test_a_row_that_does_not_end_is_given_up(complaint, monkeypatch):
    monkeypatch.setattr(csv_records, "MAX_RECORD_CHARACTERS", 1000)
    reason = "the row has more than 1,000 characters; is this a CSV file?"
    assert complaint("1,2,a\n" + "1," * 600 + "a\n") == f"FILE, line 2: {reason}"
    many_lines = "1,2,a\n" + '"1\n",' * 300 + "a\n"
    assert complaint(many_lines) == f"FILE, line 2: {reason}"


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ('"task": "guess"', "task: invalid enum value 'guess'"),
        ('"header": 1', "header: expected bool | null, got int"),
        ('"target": 1.5', "target: expected int | str, got float"),
        ('"path": 3', "path: expected str, got int"),
        ('"test_fraction": 1', "test_fraction: expected float < 1.0"),
    ],
)
def test_a_wrong_field_is_refused_by_name(field, message):
    with pytest.raises(InputError) as caught:
        from_json(f'{{"type": "csv", {field}}}', Dataset)
    assert str(caught.value) == message


@pytest.mark.parametrize("sign", "\x1c\x1d\x1e\x1f")
@pytest.mark.parametrize("cell", ["1{}", "{}1"])
def test_a_control_character_at_the_edge_of_a_number_is_told(sign, cell, tmp_path):
    path = tmp_path / "table.csv"
    rows = [f"{number},{number * number},{'xy'[number % 2]}" for number in range(7)]
    rows[4] = f"4,{cell.format(sign)},x"
    path.write_text("\n".join(["a,b,c", *rows]), encoding="utf-8")
    with pytest.raises(InputError, match=r"line 6, column 2 \(b\): .* is not a number"):
        Csv(path=str(path)).load()
