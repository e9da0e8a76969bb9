"""The window benchmark opens the real window with all panels in sight, prints what it found, and leaves nothing."""

import argparse
import json
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, qWarning
from PySide6.QtWidgets import QApplication

from bplab.bench import window as bench
from bplab.bench import window_edits, window_frames, window_moves, window_nets, window_stage

TIMES = ["p50_ms", "p95_ms", "max_ms"]
KINDS = ["learning rate", "batch size", "activation", "undo", "add a neuron", "remove a neuron", "add a layer"]


@pytest.fixture
def arguments(monkeypatch: pytest.MonkeyPatch) -> argparse.Namespace:
    """Everything once, for a moment each."""
    monkeypatch.setattr(window_frames, "HEADLESS_SECONDS", 0.02)
    monkeypatch.setattr(window_frames, "WARM_UP_MS", 100)
    monkeypatch.setattr(window_frames, "TURNS", 1)
    monkeypatch.setattr(window_edits, "SETTLE_MS", 10.0)
    monkeypatch.setattr(window_edits, "SPREAD_MS", 10.0)
    monkeypatch.setattr(window_edits, "WARM_UP_MS", 100)
    monkeypatch.setattr(window_moves, "FRAMES", 4)
    monkeypatch.setattr(window_moves, "REST_MS", 50.0)
    monkeypatch.setattr(bench, "ROUNDS", 1)
    parser = argparse.ArgumentParser()
    bench.add_arguments(parser)
    return parser.parse_args(["--seconds", "0.4", "--json"])


@pytest.fixture
def small_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    """One that trains and one to move, both small."""
    monkeypatch.setattr(bench, "networks", lambda home: ([window_nets.images(home, 6)], [window_nets.spiral(3, 3)]))


@pytest.mark.window
@pytest.mark.usefixtures("small_networks")
def test_one_json_object_holds_frames_speeds_edits_and_moves(
    qapp: QObject, arguments: argparse.Namespace, capfd: pytest.CaptureFixture[str], own_user_folders: Path
) -> None:
    assert bench.main(arguments) == 0
    out, errors = capfd.readouterr()
    assert errors == ""
    result = json.loads(out)
    assert list(result) == ["runs", "canvas"]
    (run,) = result["runs"]
    about = ["shape", "batch", "colour_by", "seconds", "panels"]
    speeds = ["steps_per_second", "headless_steps_per_second", "share"]
    assert list(run) == [*about, "frames", *speeds, "edits"]
    assert [run[name] for name in about[:-1]] == ["784-6-10", 128, "weight gradient", 0.4]
    assert run["panels"] >= 11
    assert list(run["frames"]) == [*TIMES, "gaps"]
    assert list(run["edits"]) == ["count", *TIMES, "by_kind"]
    for times in (run["frames"], run["edits"]):
        assert 0 < times["p50_ms"] <= times["p95_ms"] <= times["max_ms"]
    assert all(run[name] > 0 for name in speeds)
    assert run["edits"]["count"] == 10
    assert list(run["edits"]["by_kind"]) == KINDS
    (canvas,) = result["canvas"]
    assert list(canvas) == ["shape", "zoom", "pan"]
    assert canvas["shape"] == "2-3-3-1"
    for way in ("zoom", "pan"):
        assert list(canvas[way]) == ["fps", "max_ms", "settled_ms"]
        assert 0 < 1000 / canvas[way]["fps"] <= canvas[way]["max_ms"]
    assert not [path for path in own_user_folders.rglob("*") if path.is_file()]


def test_a_person_reads_five_lines_of_each_run_and_one_of_each_canvas() -> None:
    times = {"p50_ms": 32.04, "p95_ms": 35.0, "max_ms": 41.96}
    run = {
        "shape": "2-8-8-8-1",
        "batch": 32,
        "panels": 11,
        "colour_by": "weight gradient",
        "seconds": 10.0,
        "frames": times | {"gaps": 0},
        "steps_per_second": 60000.4,
        "headless_steps_per_second": 80000.0,
        "share": 0.75,
        "edits": times | {"count": 30, "by_kind": {"undo": 20.2, "activation": 30.0}},
    }
    move = {"fps": 61.2, "max_ms": 20.3, "settled_ms": 150.1}
    result = {"runs": [run], "canvas": [{"shape": "2-10×64-1", "zoom": move, "pan": move}]}
    assert bench.as_text(result).splitlines() == [
        "window     2-8-8-8-1, batch 32, 11 panels in sight, coloured by weight gradient, 10 s",
        "frames     p50 32.0 ms   p95 35.0 ms   max 42.0 ms   gaps over 100 ms: 0",
        "training   60,000 steps/s in the window, 80,000 headless (75 %)",
        "edits      p50 32.0 ms   p95 35.0 ms   max 42.0 ms   from key or click to the painted frame, 30 of them",
        "           medians in ms: undo 20, activation 30",
        "canvas     2-10×64-1: zoom 61 fps (slowest 20 ms, sharp after 150 ms), "
        "pan 61 fps (slowest 20 ms, sharp after 150 ms)",
    ]


def test_four_networks_are_measured(tmp_path: Path) -> None:
    trained, moved = bench.networks(tmp_path)
    assert [window_nets.shape_of(one) for one in trained] == ["2-8-8-8-1", "784-128-64-10"]
    assert [window_nets.shape_of(one) for one in moved] == ["2-10×64-1", "784-512-512-10"]


def test_enlarged_images_are_the_small_ones_seen_closer(tmp_path: Path) -> None:
    experiment = window_nets.images(tmp_path, 6)
    large = experiment.data.load().inputs.reshape(-1, 28, 28)
    small = window_nets.Digits().load().inputs.reshape(-1, 8, 8)
    assert large.shape[0] == small.shape[0]
    assert large.min() == 0.0
    assert large.max() == 1.0
    assert abs(large[:, ::2, ::2].mean() - small.mean()) < 0.02


@pytest.mark.window
def test_a_panel_behind_another_one_is_not_in_sight(qapp: QApplication, tmp_path: Path) -> None:
    with window_stage.staged(qapp, window_nets.spiral(3), tmp_path) as stage:
        docks = stage.window.docks
        assert not any(window_stage.hides(dock) for dock in docks.values())
        stage.window.tabifyDockWidget(docks["Loss"], docks["Gradient"])
        docks["Gradient"].raise_()
        qapp.processEvents()
        assert window_stage.hides(docks["Loss"])
        assert not window_stage.hides(docks["Gradient"])


def test_only_the_idle_talk_of_a_stand_in_for_a_screen_is_left_out(
    qapp: QObject, capsys: pytest.CaptureFixture[str]
) -> None:
    with window_stage.without_idle_talk():
        qWarning("This plugin does not support propagateSizeHints()")
        qWarning("something else")
    assert capsys.readouterr().err == "something else\n"


def test_a_window_that_hides_a_panel_gives_one_sentence_and_no_figures(
    qapp: QObject, monkeypatch: pytest.MonkeyPatch, arguments: argparse.Namespace, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object) -> None:
        raise RuntimeError("the window does not show: Loss")

    monkeypatch.setattr(bench, "run_of", refuse)
    assert bench.main(arguments) == 1
    assert capsys.readouterr() == ("", "the window does not show: Loss\n")
