"""Reports made from the window: in the background, with progress, and ended if somebody wishes."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from bplab.gui.main_window import MainWindow
from bplab.gui.reports import ReportProgress, Reports
from bplab.gui.session import Session


def test_a_report_is_made_in_the_background_and_said_when_it_is_there(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.step(50)
    qtbot.waitUntil(lambda: window.session.live.updates == 50)
    file = tmp_path / "rings.html"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "rings"), ""))
    with qtbot.waitSignal(window.reports.written, timeout=30_000) as told:
        window.files.export.trigger()
        assert "Making the report rings.html" in window.statusBar().currentMessage()
    assert told.args == [str(file)]
    assert "<svg" in file.read_text(encoding="utf-8")
    assert str(file) in window.statusBar().currentMessage()


def test_a_network_that_was_never_trained_has_a_report_too(session: Session, qtbot: QtBot, tmp_path: Path) -> None:
    reports = Reports(session)
    with qtbot.waitSignal(reports.written, timeout=30_000):
        reports.export(tmp_path / "first.html")
    reports.close()
    assert (tmp_path / "first.html").is_file()


def test_a_report_that_cannot_be_written_is_one_sentence(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.reports.export(tmp_path / "missing" / "x.html")
    qtbot.waitUntil(lambda: window.notices.topic == "file", timeout=30_000)
    assert "x.html" in window.notices.text.text()
    assert window.statusBar().currentMessage() == ""


def test_a_report_that_breaks_is_no_longer_being_made(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr("bplab.gui.reports.write_report", fail)
    with qtbot.waitSignal(window.reports.broke):
        window.reports.export(tmp_path / "x.html")
        assert window.statusBar().currentMessage() == "Making the report x.html …"
    qtbot.waitUntil(lambda: window.statusBar().currentMessage() == "")


class Slow:
    """Stands in for the writing of a report: half done, it goes on when it may."""

    def __init__(self) -> None:
        self.half, self.may_go_on = threading.Event(), threading.Event()

    def __call__(self, path: Path, subject: object, watch: Callable[[float], None]) -> None:
        watch(0.5)
        self.half.set()
        assert self.may_go_on.wait(20)
        watch(0.75)
        path.write_text("made", encoding="utf-8")


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Slow:
    made = Slow()
    monkeypatch.setattr("bplab.gui.reports.write_report", made)
    return made


def test_a_report_shows_how_far_it_is_until_it_is_there(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, slow: Slow
) -> None:
    progress = window.statusBar().findChild(ReportProgress)
    assert progress is not None
    assert progress.isHidden()
    window.reports.export(tmp_path / "x.html")
    qtbot.waitUntil(lambda: progress.bar.value() == 500)
    assert progress.isVisible()
    slow.may_go_on.set()
    qtbot.waitUntil(progress.isHidden)
    assert (tmp_path / "x.html").is_file()


def test_a_cancelled_report_leaves_the_file_of_that_name_as_it_was(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, slow: Slow
) -> None:
    file = tmp_path / "x.html"
    file.write_text("the one before", encoding="utf-8")
    progress = window.statusBar().findChild(ReportProgress)
    assert progress is not None
    window.reports.export(file)
    assert slow.half.wait(20)
    qtbot.mouseClick(progress.button, Qt.MouseButton.LeftButton)
    assert not progress.button.isEnabled()
    with qtbot.waitSignal(window.reports.cancelled):
        slow.may_go_on.set()
    qtbot.waitUntil(progress.isHidden)
    assert window.statusBar().currentMessage() == "The report x.html is not made"
    assert file.read_text(encoding="utf-8") == "the one before"


def test_after_a_cancelled_report_another_can_be_made(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, slow: Slow
) -> None:
    window.reports.export(tmp_path / "x.html")
    window.reports.cancel()
    with qtbot.waitSignal(window.reports.cancelled):
        slow.may_go_on.set()
    qtbot.waitUntil(lambda: not window.reports.busy)
    with qtbot.waitSignal(window.reports.written):
        window.reports.export(tmp_path / "x.html")


def test_while_one_report_is_made_another_is_refused(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, slow: Slow
) -> None:
    window.reports.export(tmp_path / "x.html")
    with qtbot.waitSignal(window.reports.failed):
        window.reports.export(tmp_path / "y.html")
    progress = window.statusBar().findChild(ReportProgress)
    assert progress is not None
    assert progress.isVisible()
    slow.may_go_on.set()
    qtbot.waitUntil(lambda: (tmp_path / "x.html").is_file())
