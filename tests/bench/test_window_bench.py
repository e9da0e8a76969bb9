"""The window benchmark opens the real window, measures what is painted, and leaves nothing behind."""

import argparse
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from bplab.bench import window as bench
from bplab.gui.session import Session


@pytest.fixture
def arguments(monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """Half a second, with short slices before and after."""
    monkeypatch.setattr(bench, "SLICE_SECONDS", 0.02)
    monkeypatch.setattr(bench, "WARM_UP_MS", 100)
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return parser.parse_args(["--seconds", "0.5", "--json"])


@pytest.mark.window
def test_one_json_object_holds_frames_and_both_speeds(
    qapp: QObject, arguments: argparse.Namespace, capsys: pytest.CaptureFixture[str], own_user_folders: Path
) -> None:
    assert bench.main(arguments) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    assert list(run) == ["shape", "batch", "frames", "steps_per_second", "headless_steps_per_second"]
    assert (run["shape"], run["batch"]) == ("2-8-8-8-1", 32)
    assert 0 < run["frames"]["p50_ms"] <= run["frames"]["p95_ms"] <= run["frames"]["max_ms"]
    assert run["steps_per_second"] > 0
    assert run["headless_steps_per_second"] > 0
    assert not [path for path in own_user_folders.rglob("*") if path.is_file()]


@pytest.mark.window
def test_a_person_reads_three_lines(
    qapp: QObject, arguments: argparse.Namespace, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments.json = False
    assert bench.main(arguments) == 0
    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines()] == ["window", "frames", "training"]


def test_a_frame_ends_only_after_the_paint_that_its_tick_has_caused(session: Session, qtbot: QtBot) -> None:
    painted: list[int] = []

    class View(QWidget):
        def paintEvent(self, event: QEvent) -> None:
            painted.append(len(clock.ends))

    view = View()
    qtbot.addWidget(view)
    clock = bench.FrameClock(session, view)
    view.show()
    qtbot.waitExposed(view)
    painted.clear()
    for number in range(3):
        session.ticked.emit()
        view.update()
        qtbot.waitUntil(lambda expected=number + 1: len(clock.ends) == expected)
    assert painted == [0, 1, 2]
    assert len(clock.intervals()) == 2


def test_a_tick_that_paints_nothing_is_no_frame(session: Session, qtbot: QtBot) -> None:
    view = QWidget()
    qtbot.addWidget(view)
    view.show()
    qtbot.waitExposed(view)
    clock = bench.FrameClock(session, view)
    session.ticked.emit()
    session.ticked.emit()
    view.update()
    qtbot.waitUntil(lambda: bool(clock.ends))
    assert list(clock.ends) == [2]


@pytest.fixture
def session(qapp: QObject) -> Session:
    return Session()
