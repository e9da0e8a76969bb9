"""How far to train, with which seed, and the command that does the same in a shell."""

import shlex
from pathlib import Path

import platformdirs
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from bplab.cli import main
from bplab.gui.main_window import MainWindow
from bplab.gui.panels.goal_popup import FIRST_LOSS
from bplab.lab.run import RunState

KEY, LEFT = Qt.Key, Qt.MouseButton.LeftButton


def rest(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: window.session.run is not None and not window.session.is_training)
    window.session.tick()


def clipboard() -> str:
    return QApplication.clipboard().text()


def test_a_run_pauses_by_itself_at_the_end_of_the_epoch_that_was_typed(window: MainWindow, qtbot: QtBot) -> None:
    window.train.to_epoch.trigger()
    popup = window.bar.goals
    assert popup.isVisible()
    assert popup.epoch.box.value() == window.session.experiment.training.epochs
    qtbot.keyClicks(popup.epoch.box, "3")
    qtbot.keyClick(popup.epoch.box, KEY.Key_Return)
    assert not popup.isVisible()
    rest(window, qtbot)
    run = window.session.run
    assert run is not None
    assert (run.epochs, run.state) == (3.0, RunState.PAUSED)
    with qtbot.waitSignal(window.session.refused) as refused:
        window.session.run_to_epoch(3)
    assert refused.args == ["The run is at epoch 3 already; Reset begins it anew."]


def test_a_run_pauses_by_itself_where_the_loss_is_below_the_number_that_was_typed(
    window: MainWindow, qtbot: QtBot
) -> None:
    window.train.to_loss.trigger()
    popup = window.bar.goals
    assert popup.loss.number == FIRST_LOSS
    popup.loss.selectAll()
    qtbot.keyClicks(popup.loss, "0.2")
    qtbot.mouseClick(popup.to_loss, LEFT)
    rest(window, qtbot)
    record = window.session.record
    assert record is not None
    losses = record.column("loss")
    assert losses[-1] < 0.2
    assert (losses[:-1] >= 0.2).all()
    with qtbot.waitSignal(window.session.refused) as refused:
        window.session.run_until_loss(0.3)
    assert "below 0.3 already" in refused.args[0]


def test_what_is_no_loss_is_refused_and_trains_nothing(window: MainWindow, qtbot: QtBot) -> None:
    window.train.to_loss.trigger()
    popup = window.bar.goals
    popup.loss.selectAll()
    with qtbot.waitSignal(window.session.refused) as refused:
        qtbot.keyClicks(popup.loss, "low")
        qtbot.keyClick(popup.loss, KEY.Key_Return)
    assert refused.args == ["Loss to run until: 'low' cannot be used, it must be a finite number"]
    assert popup.isVisible()
    assert window.session.run is None
    popup.close()


def test_the_arrow_beside_play_offers_both_ways(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.mouseClick(window.bar.until, LEFT)
    assert QApplication.activePopupWidget() is window.bar.ways
    assert [action.text() for action in window.bar.ways.actions()] == ["Run to epoch…", "Run until loss…"]
    window.bar.ways.close()


def test_the_seed_is_typed_and_is_one_undo_step(window: MainWindow, qtbot: QtBot) -> None:
    box = window.bar.seed.controls()[0]
    box.selectAll()  # type: ignore[attr-defined]  # a spin box
    qtbot.keyClicks(box, "42")
    qtbot.keyClick(box, KEY.Key_Return)
    assert window.session.experiment.training.seed == 42
    assert window.session.history.undo_label == "Change seed"
    window.train.reset_seed.trigger()
    assert window.bar.seed.controls()[0].value() == 43  # type: ignore[attr-defined]


def test_the_status_line_says_how_far_a_run_is_while_it_trains(window: MainWindow, qtbot: QtBot) -> None:
    window.session.set_tempo("100")
    window.session.play()
    qtbot.waitUntil(lambda: "%" in window.status.left.text())
    window.session.pause()
    rest(window, qtbot)
    assert window.status.left.text() == ""


def test_the_copied_command_makes_the_run_as_far_as_it_went(
    window: MainWindow, qtbot: QtBot, capsys: pytest.CaptureFixture[str]
) -> None:
    window.session.edit_training("Change batch size", batch_size=25)
    window.session.step(30)
    rest(window, qtbot)
    window.train.copy_command.trigger()
    assert clipboard() == "bplab train circle --set training.batch_size=25 --seed 0 --steps 30"
    assert window.statusBar().currentMessage() == f"Copied: {clipboard()}"
    assert main([*shlex.split(clipboard())[1:]]) == 0
    assert "30" in capsys.readouterr().out


def test_a_command_that_starts_otherwise_than_the_run_went_says_so(window: MainWindow, qtbot: QtBot) -> None:
    window.session.step(3)
    rest(window, qtbot)
    window.bar.rate.rate_changed.emit(0.3)
    window.session.step(3)
    rest(window, qtbot)
    window.train.copy_command.trigger()
    assert "learning_rate=0.3" in clipboard()
    assert window.statusBar().currentMessage().endswith("settings changed during the run count from its start there")


def test_an_experiment_that_cannot_be_written_for_the_command_is_refused_in_a_sentence(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setattr(platformdirs, "user_data_path", lambda *_, **__: blocked)
    monkeypatch.setattr("bplab.lab.shell_command.MOST_SETTINGS", -1)
    QApplication.clipboard().setText("before")
    with qtbot.waitSignal(window.session.refused) as refused:
        window.train.copy_command.trigger()
    assert "could not be made" in refused.args[0]
    assert clipboard() == "before"
