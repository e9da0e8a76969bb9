"""From a subject to a file on the disk."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bplab.engine import InputError
from bplab.lab.report import ReportSubject, report_page, write_report

NOW = datetime(2025, 3, 14, tzinfo=UTC)


def test_the_file_holds_the_page_as_utf8(subjects: dict[str, ReportSubject], tmp_path: Path) -> None:
    path = tmp_path / "report ü.html"
    write_report(path, subjects["two classes"], NOW)
    assert path.read_bytes().decode("utf-8") == report_page(subjects["two classes"], NOW)
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["report.pdf", "report.docx", "report"])
def test_another_kind_of_file_is_refused_with_what_is_possible(
    name: str, subjects: dict[str, ReportSubject], tmp_path: Path
) -> None:
    with pytest.raises(InputError) as caught:
        write_report(tmp_path / name, subjects["two classes"])
    assert str(caught.value) == f"{name}: a report is a web page; give it a name that ends in .html"
    assert not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_one_sentence_with_the_file(
    subjects: dict[str, ReportSubject], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"^report\.html could not be written: .+$"):
        write_report(tmp_path / "missing" / "report.html", subjects["two classes"])


def test_a_refused_file_leaves_the_old_one_as_it_was(subjects: dict[str, ReportSubject], tmp_path: Path) -> None:
    folder = tmp_path / "report.html"
    folder.mkdir()
    with pytest.raises(InputError, match=r"report\.html"):
        write_report(folder, subjects["two classes"])
    assert folder.is_dir()


def test_nobody_pays_for_charts_before_a_page_is_made() -> None:
    program = "import sys, bplab.lab.report; print(sorted({'matplotlib', 'jinja2'} & set(sys.modules)))"
    root = Path(__file__).parents[3]
    run = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, encoding="utf-8")
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


def test_whoever_watches_is_told_the_share_that_is_done_to_the_end(
    subjects: dict[str, ReportSubject], tmp_path: Path
) -> None:
    shares: list[float] = []
    write_report(tmp_path / "report.html", subjects["two classes"], NOW, shares.append)
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len(set(shares)) > 5


def test_what_the_watch_raises_ends_the_report_and_no_file_is_touched(
    subjects: dict[str, ReportSubject], tmp_path: Path
) -> None:
    def tire(share: float) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_report(tmp_path / "report.html", subjects["two classes"], NOW, tire)
    assert not list(tmp_path.iterdir())
