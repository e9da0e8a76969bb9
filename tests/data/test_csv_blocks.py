"""Plain lines are read in blocks: the same table and complaints as cell by cell; a reading can be followed."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bplab.data import CancelledError, Csv, csv_blocks
from bplab.data.csv_blocks import PlainParser
from bplab.data.csv_table import read_table
from bplab.data.csv_target import to_samples
from bplab.data.files import Watch
from bplab.engine.errors import InputError


def outcome(path: Path, **how: object) -> tuple[object, ...]:
    """All that a reading tells, to the bit, or the complaint."""
    try:
        samples = to_samples(read_table(path, **how), "auto")
    except InputError as error:
        return (str(error),)
    return samples.inputs.tobytes(), samples.targets.tobytes(), samples.class_names, samples.input_names


def both_ways(path: Path, block_bytes: int, **how: object) -> tuple[tuple[object, ...], tuple[object, ...], int]:
    """What is read in blocks, what is read record by record, and how many blocks were plain."""
    parse, plain = PlainParser.parse, 0

    def counted(self: PlainParser, text: bytes) -> object:
        nonlocal plain
        rows = parse(self, text)
        plain += rows is not None
        return rows

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_blocks, "BLOCK_BYTES", block_bytes)
        patch.setattr(PlainParser, "parse", counted)
        fast = outcome(path, **how)
        patch.setattr(PlainParser, "parse", lambda self, text: None)
        slow = outcome(path, **how)
    return fast, slow, plain


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.floats(-1e6, 1e6).map("{:.6g}".format),
    st.floats(-1e6, 1e6).map("{:.18e}".format),
    st.integers(-(2**70), 2**70).map(str),
    st.integers(-9, 9).map(str),
)
ODD = (
    *("-0", "-0.0", "+1", ".5", "5.", "007", "1_0", "1e5", "1E+5", "-1e-7", "1e400", "-1e101", "1e-400", "0x10"),
    *("nan", "NaN", "-nan", "inf", "-Infinity", "NA", "?", "null", "true", "None", "", "e", "-", ",", "{}", "[1]"),
    *('"1"', '"1.5"', '""', '"1,5"', '"2\n3"', "1,5", '1"2', "1],[2", "1\r2", "\x00", "\x1b", "\u0661", "\u00e4"),
    *("\u2028", "\ufeff1", "1\u00a0"),
)
odd = st.sampled_from(ODD)
spaces = st.sampled_from(["", "", "", "", " ", "  ", "\t"])
mostly_plain = st.integers(0, 60).flatmap(lambda pick: odd if pick == 37 else numbers)
cells = st.tuples(spaces, mostly_plain, spaces).map("".join)
kinds_of_target = [st.sampled_from(["a", "b", " b ", "c d"]), st.sampled_from(["0", "1", " 2.0"]), numbers, cells]


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, dict[str, object]]:
    """A file that is nearly in order, and how to read it."""
    place = draw(st.integers(0, 2))
    mark = draw(st.sampled_from([",", ",", ";", "\t"]))
    end = draw(st.sampled_from(["\n", "\n", "\r\n", "\r"]))
    target = draw(st.sampled_from(kinds_of_target))
    rows = draw(st.lists(st.tuples(st.tuples(cells, cells), target), min_size=3, max_size=14))
    texts = [mark.join([*inputs[:place], answer, *inputs[place:]]) for inputs, answer in rows]
    if draw(st.integers(0, 9)) == 7:
        texts.insert(draw(st.integers(0, len(texts))), draw(st.sampled_from(["", " ", "1", mark, f"1{mark}2"])))
    if draw(st.booleans()):
        texts.insert(0, mark.join(["first", "second", "third"]))
    text = draw(st.sampled_from(["", "", "\ufeff"])) + end.join(texts) + draw(st.sampled_from([end, end, "", end * 2]))
    content = text.encode() + (b"1,\xe4,2\n" if draw(st.integers(0, 19)) == 7 else b"")
    delimiter = draw(st.sampled_from([None, mark]))
    header = draw(st.sampled_from([None] * 5 + [False]))
    columns = draw(st.sampled_from([(), (), (1,), (3, 2), (1, 2, 3)]))
    return content, {"target": place + 1, "delimiter": delimiter, "header": header, "inputs": columns}


@given(files(), st.sampled_from([1, 16, 64, 2**17]))
@example((b"1,2,a\n3,-0,b\n5,6,a\n7,8,b\n", {}), 16)
@example((b"1;2;a\n1,5;2;b\n3;4;a\n5;6;b\n", {"delimiter": ";"}), 2**17)
@example((b"1;5\n1,5\n3;4\n5;6\n7;8\n", {"delimiter": ";", "header": False}), 2**17)
@example((b"1,2,0\n1,2],[3,4\n5,6,1\n7,8,0\n", {}), 2**17)
@example((b"1,2,a\n3,\xff,b\n5,x,a\n7,8,b\n", {}), 16)
@example((b"1,2,a\n3,x,b\n5,\xff,a\n7,8,b\n", {}), 2**17)
@example((b"1,2,a\n3,\xff,b\n5,6,a\n7,8,b\n", {"inputs": (1,)}), 2**17)
@example((b"1,x,a\n3,,b\n5,[6,a\n7,-0,b\n", {"inputs": (1,)}), 2**17)
@example((b'1,2,a\n3,4,"b\nb"\n5,6,a\n7,8,"b\nb"\n1,oops,a\n', {}), 16)
def test_in_blocks_and_cell_by_cell_are_one_reading(tmp_path_factory, file, block_bytes):
    content, how = file
    path = tmp_path_factory.getbasetemp() / "blocks.csv"
    path.write_bytes(content)
    fast, slow, _ = both_ways(path, block_bytes, **how)
    assert fast == slow


@pytest.mark.parametrize("inputs", [(), (2, 4)])
@pytest.mark.parametrize("target", [1, 3, -1])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_plain_tables_are_read_in_blocks_wherever_the_target_stands(tmp_path, inputs, target, mark, end):
    random = np.random.default_rng(0)
    rows = [[repr(value) for value in row] for row in random.normal(size=(200, 5)).tolist()]
    path = tmp_path / "plain.csv"
    text = end.join(mark.join(row) for row in [list("abcde"), *rows]) + end
    path.write_bytes(text.encode())
    fast, slow, plain = both_ways(path, 1000, target=target, inputs=inputs)
    assert fast == slow
    assert plain >= len(text) // 1100


def test_after_a_line_that_is_not_plain_the_rest_is_read_in_blocks_again(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_text("".join(f'{row}.5,"{row}",{"ab"[row % 2]}\n' if row == 50 else f"{row}.5,{row},a\n"
                            for row in range(100)) + "1,2,b\n", encoding="utf-8")  # fmt: skip
    fast, slow, plain = both_ways(path, 64)
    assert fast == slow
    assert plain > 10


def test_a_line_longer_than_a_block_is_read_at_once(tmp_path):
    path = tmp_path / "wide.csv"
    path.write_text("".join(",".join(["0.25"] * 500) + f",{row % 2}\n" for row in range(6)), encoding="utf-8")
    fast, slow, plain = both_ways(path, 64)
    assert fast == slow
    assert plain == 5  # the first line has been looked at for a header


def test_the_first_fault_of_a_file_is_told_even_where_a_later_line_is_not_text(tmp_path):
    path = tmp_path / "faults.csv"
    path.write_bytes(b"1,2,a\n3,oops,b\n5,6,\xff\n7,8,b\n")
    assert outcome(path) == (f"{path}, line 2, column 2: 'oops' is not a number",)


def test_a_cell_too_long_is_refused_in_a_block_too(tmp_path):
    path = tmp_path / "long.csv"
    path.write_bytes(b"1,2,a\n3,4," + b"b" * 131_073 + b"\n5,6,a\n7,8,b\n")
    fast, slow, _ = both_ways(path, 2**17)
    assert fast == slow
    assert "line 2: a cell has more than 131,072 characters" in str(fast[0])


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "long.csv"
    path.write_text("".join(f"{row},{row / 7},{row % 3}\n" for row in range(20_000)), encoding="utf-8")
    return path


def test_progress_goes_from_nothing_towards_all_in_small_steps(long_file):
    shares: list[float] = []
    Csv(path=str(long_file)).read(progress=shares.append)
    assert shares == sorted(shares)
    assert shares[0] < 0.01
    assert shares[-1] == 1.0
    assert len(shares) >= long_file.stat().st_size // 2**17


def test_a_reading_that_is_cancelled_stops_at_the_next_block_and_leaves_no_trace(long_file):
    asked = 0

    def enough() -> bool:
        nonlocal asked
        asked += 1
        return asked == 3

    with pytest.raises(CancelledError):
        Csv(path=str(long_file)).read(cancelled=enough)
    assert asked == 3
    assert len(Csv(path=str(long_file)).load().inputs) == 20_000


def test_a_file_that_is_remembered_is_neither_read_nor_cancelled(long_file):
    first = Csv(path=str(long_file)).load()
    again = Csv(path=str(long_file), seed=5, standardize=False).read(cancelled=lambda: True)
    assert again is first


def test_a_watch_that_nobody_looks_through_lets_everything_go_on():
    Watch().at(0.5)
