"""The session without a window: what an edit does to the run and to the network on view."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from bplab.data import Csv
from bplab.gui.main_window import MainWindow
from bplab.gui.session import Session
from bplab.lab.by_hand import with_rate
from bplab.lab.experiment import Experiment, fitted_to_data
from bplab.lab.problem import Problem
from bplab.lab.run import Run


def table_in(folder: Path) -> Path:
    file = folder / "table.csv"
    file.write_text("a,b,kind\n1,2,x\n3,4,y\n5,6,x\n7,8,y\n9,1,x\n", encoding="utf-8")
    return file


def learnt_from(experiment: Experiment, table: Path) -> Experiment:
    return fitted_to_data(replace(experiment, data=Csv(path=str(table))))


# -- data that is gone --------------------------------------------------------------------------------------


def test_undo_onto_data_that_is_gone_is_refused_by_name_and_changes_nothing(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    first, table = session.experiment, table_in(tmp_path)
    session.edit(learnt_from(first, table), "Open table.csv")
    session.edit(first, "Change data to Circle")
    table.unlink()
    with qtbot.waitSignal(session.refused) as told, qtbot.assertNotEmitted(session.experiment_changed):
        session.undo()
    assert "table.csv" in told.args[0]
    assert session.experiment == first
    assert session.history.undo_label == "Change data to Circle"
    assert session.problem.shape == first.data.describe()


def test_redo_onto_data_that_is_gone_is_refused_and_can_be_done_when_it_is_back(
    session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    first, table = session.experiment, table_in(tmp_path)
    session.edit(learnt_from(first, table), "Open table.csv")
    session.undo()
    table.unlink()
    with qtbot.waitSignal(session.refused):
        session.redo()
    assert session.experiment == first
    table_in(tmp_path)
    session.redo()
    assert isinstance(session.experiment.data, Csv)


# -- the network on view ------------------------------------------------------------------------------------


def test_an_edit_that_leaves_the_network_alone_keeps_what_is_on_view(session: Session) -> None:
    live = session.live
    session.edit_training("Change batch size", batch_size=7)
    assert session.live is live
    assert live.experiment == session.experiment
    session.edit_training("New seed", seed=77)
    assert session.live is not live


def test_what_is_on_view_after_the_end_of_a_run_are_the_first_weights(session: Session, qtbot: QtBot) -> None:
    first = session.live.network.parameters.copy()
    session.step(3)
    qtbot.waitUntil(lambda: session.live.updates == 3)
    session.open(session.experiment)
    assert session.live.updates == 0
    assert (session.live.network.parameters == first).all()


def test_the_inspector_measures_again_while_training_only_when_it_is_due(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, shown, page = window.session, [], window.inspector.page
    window.canvas.select_layer(0)
    session.edit_training("Change epochs", epochs=1_000_000)
    session.play()
    qtbot.waitUntil(lambda: session.live.updates > 0)
    show = page.show_reading
    monkeypatch.setattr(window.inspector._pace, "due", lambda: False)
    monkeypatch.setattr(page, "show_reading", lambda: (shown.append(session.live.updates), show()))
    session.tick()
    assert shown == []
    session.pause()
    assert session.run is not None
    assert session.run.wait_idle(30)
    session.tick()
    assert shown == [session.run.updates]


# -- the learning rate of a run -----------------------------------------------------------------------------


def set_rate(session: Session, rate: float) -> None:
    session.edit(with_rate(session.experiment, rate), "Change learning rate")


def rates_of(session: Session) -> list[float]:
    assert session.record is not None
    return [event.value for event in session.record.events]


def test_a_change_of_name_is_no_change_of_the_learning_rate(session: Session, qtbot: QtBot) -> None:
    session.edit_training("Change epochs", epochs=1_000_000)
    session.play()
    session.edit(replace(session.experiment, name="Rings"), "Change name")
    set_rate(session, 0.2)
    session.edit(replace(session.experiment, name="More rings"), "Change name")
    set_rate(session, 0.1)
    qtbot.waitUntil(lambda: 0.1 in rates_of(session))
    assert rates_of(session)[-1:] == [0.1]
    assert 0.03 not in rates_of(session)
    assert len(rates_of(session)) <= 2


def test_a_run_at_rest_learns_of_another_rate_when_it_goes_on(session: Session, qtbot: QtBot) -> None:
    session.step(3)
    qtbot.waitUntil(lambda: session.live.updates == 3)
    for rate in (0.2, 0.3):
        set_rate(session, rate)
    session.step(2)
    qtbot.waitUntil(lambda: session.live.updates == 5)
    assert session.record is not None
    assert [(event.updates, event.value) for event in session.record.events] == [(3, 0.3)]


def test_the_old_run_has_ended_before_there_is_a_new_one(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    session.edit_training("Change epochs", epochs=1_000_000)
    session.play()
    old, alive = session.run, []

    def build(experiment: Experiment, problem: Problem) -> Run:
        assert old is not None
        alive.append(not old.join(0))
        return Run(experiment, problem)

    monkeypatch.setattr("bplab.gui.session.Run", build)
    session.edit_training("Change batch size", batch_size=7)
    session.play()
    assert session.run is not old
    assert alive == [False]


def test_a_penalty_counts_at_once_while_a_run_is_on_and_is_noted_in_its_record(session: Session, qtbot: QtBot) -> None:
    session.step(10)
    qtbot.waitUntil(lambda: session.run is not None and session.run.wait_idle(0))
    session.edit_training("Change L2", l2=0.01)
    assert not session.edited_since_run
    session.step(10)
    qtbot.waitUntil(lambda: session.run is not None and session.run.wait_idle(0))
    run = session.run
    assert run is not None
    assert run.updates == 20
    assert [(event.updates, event.setting, event.value) for event in run.record.events] == [(10, "l2", 0.01)]
    session.edit_training("Change batch size", batch_size=11)
    assert session.edited_since_run
